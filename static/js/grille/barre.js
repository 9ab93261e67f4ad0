// La barre qui reste en vue : ce qui est enregistré, ce qui empêche de l’être et qu’y faire, combien d’élèves
// sont notés, publier une fois tout parti.
(() => {
  "use strict";
  const { cases, envoi, reponses } = window.trpm?.grille ?? {};
  if (!reponses) return;
  const { rangees, saisieDe } = cases;
  const { etat, enRoute, dernier } = envoi;
  const barre = document.querySelector(".barre");
  const avis = document.getElementById("avis");
  const compte = document.getElementById("notes");
  const suites = {
    session: document.getElementById("se-reconnecter"),
    reseau: document.getElementById("sans-reseau"),
  };

  function proposer(genre) {
    for (const [nom, lien] of Object.entries(suites)) lien.hidden = nom !== genre;
    barre.classList.toggle("arretee", genre !== "");
  }

  document.addEventListener("saisies:arret", ({ detail }) => {
    etat.textContent = detail.motif;
    proposer(detail.genre);
  });
  document.addEventListener("saisies:reponse", () => proposer(""));
  window.addEventListener("offline", () => {
    etat.textContent = "Hors réseau : vos saisies restent sur cet appareil.";
    proposer("reseau");
  });
  window.addEventListener("online", () => {
    if (!suites.reseau.hidden) etat.textContent = "Réseau retrouvé.";
    proposer("");
  });

  // --- Combien d’élèves sont notés --------------------------------------------------------------

  const note = (tr) =>
    [...tr.querySelectorAll("td.case")].some((td) => {
      const champ = saisieDe(td);
      return champ !== null && dernier(champ.id) !== "";
    });

  function compter() {
    const lignes = rangees();
    const notes = lignes.filter(note).length;
    const texte = `${notes}/${lignes.length} ${notes > 1 ? "notés" : "noté"}`;
    if (compte.firstChild.textContent !== texte) compte.firstChild.textContent = texte;
  }
  document.addEventListener("grille:saisie", compter);
  compter();

  // --- Publier, clore ---------------------------------------------------------------------------

  // Ce qui vient d’être tapé part d’abord ; un refus, un conflit ou l’absence de réseau retient le passage.
  let passage = null;
  const retenir = (phrase) => {
    passage = null;
    etat.textContent = phrase;
  };

  barre.addEventListener("submit", (evenement) => {
    if (!enRoute.size) return;
    evenement.preventDefault();
    passage = evenement.submitter;
    window.trpm.saisies.envoyer();
  });
  document.addEventListener("saisies:arret", ({ detail }) => {
    if (passage) retenir(`La situation n’a pas changé d’état. ${detail.motif}`);
  });
  document.addEventListener("saisies:reponse", () => {
    if (!passage || enRoute.size) return;
    const bouton = passage;
    if (avis.children.length) retenir("La situation n’a pas changé d’état : une saisie est à revoir.");
    else bouton.form.requestSubmit(bouton);
  });

  window.trpm.grille.barre = {};
})();
