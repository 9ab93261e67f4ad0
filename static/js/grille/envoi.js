// Chaque case changée entre seule dans la file des saisies (file.js), qui l’envoie, avec ou sans réseau ;
// l’annuler est une saisie comme une autre : elle part par la file et l’historique garde tout.
(() => {
  "use strict";
  const { cases } = window.trpm?.grille ?? {};
  if (!cases) return;
  const { champ, cellule, nom, vu, lire, montrer, dessiner } = cases;
  const adresse = cases.table.dataset.operations;
  const etat = document.getElementById("etat-de-saisie");
  const boutons = { annuler: "[data-geste=annuler]", refaire: "[data-geste=refaire]" };
  // Par case, le dernier changement dont la réponse n’est pas encore affichée : { id, chaine, rang, vu, texte }.
  const enRoute = new Map();
  const faits = [];
  const defaits = [];
  let groupe = null;
  let enRejeu = false;
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
        document.documentElement.classList.remove("saisie-prete");
        montrer(cle, "fautive");
        etat.textContent =
          "Cet appareil ne peut pas garder vos saisies : « Enregistrer la grille » les enverra.";
      });
  }

  function poser(element, texte) {
    const code = lire(texte);
    element.value = code ?? texte;
    if ((code ?? texte) === dernier(element.id)) corriger(element.id);
    else enregistrer(element.id, code ?? texte);
  }

  // La case reporte ce qu’elle portait : le refus de ce qu’on y avait tapé n’a plus d’objet.
  const corriger = (cle) => document.dispatchEvent(new CustomEvent("grille:corrigee", { detail: cle }));

  function dire() {
    document.dispatchEvent(new CustomEvent("grille:saisie"));
    if (enRoute.size) {
      etat.textContent =
        enRoute.size === 1 ? "1 case à enregistrer…" : `${enRoute.size} cases à enregistrer…`;
    }
  }

  // --- Annuler, refaire -----------------------------------------------------------------------

  function retenir(cle, avant) {
    if (enRejeu) return;
    if (groupe) groupe.push({ cle, avant });
    else faits.push([{ cle, avant }]);
    defaits.length = 0;
    montrerLesBoutons();
  }

  function montrerLesBoutons() {
    document.querySelector(boutons.annuler).disabled = faits.length === 0 && !groupe;
    document.querySelector(boutons.refaire).disabled = defaits.length === 0;
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

  // Le dernier geste de cette pile, à l’envers, rangé dans l’autre ; rend le champ de sa première case.
  function rejouer(pile, autre) {
    const geste = pile.pop();
    if (!geste) return null;
    const inverse = [];
    enRejeu = true;
    for (const { cle, avant } of [...geste].reverse()) {
      if (!cellule(cle)) continue;
      inverse.push({ cle, avant: dernier(cle) });
      if (champ(cle)) champ(cle).value = avant;
      enregistrer(cle, avant);
    }
    enRejeu = false;
    if (inverse.length) autre.push(inverse);
    montrerLesBoutons();
    return champ(geste[0].cle);
  }

  const defaire = () => rejouer(faits, defaits);
  const refaire = () => rejouer(defaits, faits);

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
    refaire,
    corriger,
    sansFile: () => sansFile,
  };
})();
