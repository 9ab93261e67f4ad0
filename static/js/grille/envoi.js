// Chaque case changée entre seule dans la file des saisies (file.js), qui l’envoie, avec ou sans réseau ;
// l’annuler est une saisie comme une autre : elle part par la file et l’historique garde tout.
(() => {
  "use strict";
  const { cases } = window.trpm?.grille ?? {};
  if (!cases) return;
  const { champ, cellule, nom, vu, lire, montrer, dessiner } = cases;
  const adresse = cases.table.dataset.operations;
  const etat = document.getElementById("etat-de-saisie");
  const annulation = document.querySelector("[data-geste=annuler]");
  // Par case, le dernier changement dont la réponse n’est pas encore affichée : { id, chaine, rang, vu, texte }.
  const enRoute = new Map();
  const faits = [];
  let groupe = null;
  let enAnnulation = false;
  let sansFile = false;

  const { uuid } = window.trpm.saisies;

  // Ce que la personne voit dans la case : son propre changement s’il est encore en route.
  const dernier = (cle) => enRoute.get(cle)?.texte ?? vu(cle);

  // Tant que la réponse n’est pas là, les changements d’une case se suivent dans une même chaîne : le
  // serveur sait alors que le second ne contredit pas le premier, et qu’un envoi en retard ne compte plus.
  function enregistrer(cle, texte, montre = vu(cle)) {
    const precedente = enRoute.get(cle);
    if (precedente?.texte === texte) return;
    const id = uuid();
    const operation = precedente
      ? { id, chaine: precedente.chaine, rang: precedente.rang + 1, vu: precedente.vu, texte }
      : { id, chaine: id, rang: 0, vu: montre, texte };
    retenir(cle, dernier(cle));
    enRoute.set(cle, operation);
    montrer(cle, "attente");
    dessiner(cle, texte);
    dire();
    window.trpm.saisies
      .ajouter({ ...operation, case: cle, nom: nom(cle), adresse, page: location.pathname + location.search })
      .catch(() => {
        sansFile = true;
        montrer(cle, "fautive");
        etat.textContent =
          "Cet appareil ne peut pas garder vos saisies : « Enregistrer la grille » les enverra.";
      });
  }

  function poser(element, texte) {
    const code = lire(texte);
    element.value = code ?? texte;
    if ((code ?? texte) !== dernier(element.id)) enregistrer(element.id, code ?? texte);
  }

  function dire() {
    if (enRoute.size) {
      etat.textContent =
        enRoute.size === 1 ? "1 case à enregistrer…" : `${enRoute.size} cases à enregistrer…`;
    }
  }

  // --- Annuler --------------------------------------------------------------------------------

  function retenir(cle, avant) {
    if (enAnnulation) return;
    if (groupe) groupe.push({ cle, avant });
    else faits.push([{ cle, avant }]);
    annulation.disabled = false;
  }

  // Ce que fait ce geste s’annule d’un coup ; rend combien de cases il a changées.
  function ensemble(geste) {
    groupe = [];
    geste();
    if (groupe.length) faits.push(groupe);
    const nombre = groupe.length;
    groupe = null;
    return nombre;
  }

  // Rend le champ de la première case du geste annulé, s’il est là.
  function defaire() {
    const geste = faits.pop();
    if (!geste) return null;
    enAnnulation = true;
    for (const { cle, avant } of [...geste].reverse()) {
      if (!cellule(cle)) continue;
      if (champ(cle)) champ(cle).value = avant;
      enregistrer(cle, avant);
    }
    enAnnulation = false;
    annulation.disabled = faits.length === 0;
    return champ(geste[0].cle);
  }

  window.trpm.grille.envoi = {
    adresse,
    etat,
    enRoute,
    dernier,
    enregistrer,
    poser,
    dire,
    ensemble,
    defaire,
    sansFile: () => sansFile,
  };
})();
