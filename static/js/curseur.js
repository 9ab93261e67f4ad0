// Le curseur de date dit le jour qu’il montre pendant qu’on le déplace ; htmx redessine au relâchement.
(() => {
  "use strict";
  for (const curseur of document.querySelectorAll("#curseur input[type=range]")) {
    const format = new Intl.DateTimeFormat("fr-FR", {
      day: "numeric",
      month: "long",
      year: "numeric",
      timeZone: "UTC",
    });
    const dire = () => {
      const jour = new Date(`${curseur.dataset.debut}T00:00:00Z`);
      jour.setUTCDate(jour.getUTCDate() + 7 * Number(curseur.value));
      const fin = new Date(`${curseur.dataset.fin}T00:00:00Z`);
      const texte = format
        .format(curseur.value === curseur.max || jour > fin ? fin : jour)
        .replace(/^1 /, "1er ");
      document.getElementById("semaine-jour").value = texte;
      curseur.setAttribute("aria-valuetext", texte);
    };
    curseur.addEventListener("input", dire);
    dire();
    for (const bouton of document.querySelectorAll("#curseur [data-sans-script]")) bouton.hidden = true;
  }
})();
