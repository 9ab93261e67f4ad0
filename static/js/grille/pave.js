// Au doigt : le pavé de niveaux remplace le clavier de l’appareil. Il agit dès que le doigt le touche, sans
// attendre qu’il se lève : deux touches rapprochées comptent toutes deux, et rien ne s’égare si la page bouge.
(() => {
  "use strict";
  const { cases, deplacement, selection, equipe } = window.trpm?.grille ?? {};
  if (!deplacement || !selection || !equipe) return;
  const { table, estCase } = cases;
  const pave = document.querySelector(".clavier");
  // Le clic qui suit une touche du doigt arrive dans ce délai, en millisecondes.
  const SUITE = 1000;
  let appui = -SUITE;

  if (window.matchMedia("(pointer: coarse)").matches) {
    const taire = ({ target }) => {
      if (estCase(target)) target.inputMode = "none";
    };
    pave.hidden = false;
    table.addEventListener("focusin", taire, true);
    table.addEventListener("pointerdown", taire);
  }

  function presser(bouton) {
    const element = deplacement.courant();
    const { texte } = bouton.dataset;
    if (selection.remplir(texte) || !element) return;
    if (texte) equipe.noterEtAvancer(element, texte);
    else equipe.noter(element, "");
  }

  const touche = ({ target }) => target.closest("button[data-texte]");

  pave.addEventListener("pointerdown", (evenement) => {
    evenement.preventDefault();
    const bouton = touche(evenement);
    if (!bouton || evenement.button !== 0) return;
    appui = evenement.timeStamp;
    presser(bouton);
  });
  // Au clavier ou par une aide technique : un clic sans appui.
  pave.addEventListener("click", (evenement) => {
    const bouton = touche(evenement);
    if (bouton && evenement.timeStamp - appui > SUITE) presser(bouton);
  });

  window.trpm.grille.pave = {};
})();
