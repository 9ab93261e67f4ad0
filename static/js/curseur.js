// Les plis du livret s’ouvrent sur ce que l’adresse nomme. Le curseur de date dit le jour qu’il montre pendant qu’on le déplace ; htmx redessine au relâchement.
(() => {
  "use strict";
  // Un lien vers une compétence déplie ce qui la contient.
  const deplier = () => {
    const cible = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!cible) return;
    for (let pli = cible.closest("details"); pli; pli = pli.parentElement.closest("details")) pli.open = true;
    cible.scrollIntoView();
  };
  window.addEventListener("hashchange", deplier);
  deplier();
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
