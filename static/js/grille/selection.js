// Plusieurs cases choisies, à la souris, au doigt ou avec Maj : un niveau les remplit toutes.
(() => {
  "use strict";
  const { cases, envoi, deplacement } = window.trpm?.grille ?? {};
  if (!envoi || !deplacement) return;
  const { table, rangees, saisieDe } = cases;
  const { poser, ensemble, dire, etat } = envoi;
  const bouton = document.querySelector("[data-geste=selection]");
  let ancre = null;

  const choisies = () => [...table.querySelectorAll("td.choisie")].map(saisieDe).filter(Boolean);
  const enSelection = () => bouton.getAttribute("aria-pressed") === "true";

  const bornes = (un, deux) => [Math.min(un, deux), Math.max(un, deux)];

  function vider() {
    for (const td of table.querySelectorAll("td.choisie")) td.classList.remove("choisie");
  }

  function deselectionner() {
    ancre = null;
    vider();
  }

  function ancrer(element) {
    ancre ??= element;
  }

  function etendre(vers) {
    ancrer(deplacement.courant());
    const [un, deux] = [ancre.closest("td"), vers.closest("td")];
    const lignes = rangees();
    const [haut, bas] = bornes(lignes.indexOf(un.parentElement), lignes.indexOf(deux.parentElement));
    const [gauche, droite] = bornes(un.cellIndex, deux.cellIndex);
    vider();
    for (const tr of lignes.slice(haut, bas + 1)) {
      for (const td of [...tr.cells].slice(gauche, droite + 1)) {
        td.classList.toggle("choisie", saisieDe(td) !== null);
      }
    }
  }

  function basculer() {
    const actif = !enSelection();
    bouton.setAttribute("aria-pressed", String(actif));
    deselectionner();
    etat.textContent = actif ? "Touchez les cases à remplir, puis un niveau." : "";
  }

  // Rend vrai si un niveau vient d’être posé sur toute la sélection.
  function remplir(texte) {
    const cibles = choisies();
    if (cibles.length === 0) return false;
    ensemble(() => cibles.forEach((un) => poser(un, texte)));
    deselectionner();
    if (enSelection()) basculer();
    dire();
    return true;
  }

  table.addEventListener("pointerdown", (evenement) => {
    const td = evenement.target.closest("td.case");
    if (!td || !saisieDe(td)) return;
    if (enSelection()) {
      evenement.preventDefault();
      td.classList.toggle("choisie");
    } else if (evenement.shiftKey && deplacement.courant()) {
      evenement.preventDefault();
      etendre(saisieDe(td));
    } else {
      deselectionner();
    }
  });

  window.trpm.grille.selection = { deselectionner, ancrer, etendre, basculer, remplir };
})();
