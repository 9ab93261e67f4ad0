// Ctrl S enregistre ; quitter la page par un lien avec un texte non enregistré demande confirmation.
(() => {
  "use strict";
  const formulaires = [...document.querySelectorAll("main form[method=post]")];
  const etat = () => formulaires.map((un) => new URLSearchParams(new FormData(un)).toString()).join("\n");
  const depart = etat();
  let envoi = false;

  document.addEventListener("submit", () => {
    envoi = true;
  });
  window.addEventListener("beforeunload", (evenement) => {
    if (!envoi && etat() !== depart) evenement.preventDefault();
  });
  document.addEventListener("keydown", (evenement) => {
    if (!(evenement.ctrlKey || evenement.metaKey) || evenement.key.toLowerCase() !== "s") return;
    const formulaire = document.activeElement.form ?? formulaires[0];
    if (!formulaire) return;
    evenement.preventDefault();
    formulaire.requestSubmit();
  });
})();
