// Les phrases de la personne, reprises d'un geste là où elle écrit, et celle qu'elle vient d'écrire gardée.
(() => {
  "use strict";
  const phrases = document.getElementById("phrases");
  const mots = document.getElementById("volet-mots");
  const garder = document.getElementById("garder-phrase");
  if (!phrases || !mots || !garder) return;

  phrases.addEventListener("click", ({ target }) => {
    const choisie = target.closest("[data-phrase]");
    if (!choisie) return;
    const avant = mots.value.slice(0, mots.selectionStart);
    const blanc = avant && !/\s$/.test(avant) ? " " : "";
    mots.setRangeText(blanc + choisie.textContent, mots.selectionStart, mots.selectionEnd, "end");
    mots.focus();
    mots.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Le passage sélectionné, sinon tout le texte.
  garder.addEventListener("click", () => {
    const choisi = mots.value.slice(mots.selectionStart, mots.selectionEnd).trim();
    const envoi = { source: "#phrases", target: "#phrases", values: { texte: choisi || mots.value } };
    window.htmx.ajax("POST", garder.dataset.adresse, envoi).catch(() => {
      document.getElementById("volet-etat").textContent =
        "Pas de réseau : la phrase n’est pas ajoutée à votre banque.";
    });
  });
})();
