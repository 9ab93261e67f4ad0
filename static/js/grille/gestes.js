// Les gestes de la barre : annuler, refaire, remplir une colonne ou une ligne, reprendre l’élève précédent.
(() => {
  "use strict";
  const { cases, envoi, deplacement, selection, equipe } = window.trpm?.grille ?? {};
  if (!selection || !equipe) return;
  const { estCase, rangees, saisieDe } = cases;
  const { etat, dernier, poser, ensemble, defaire, refaire } = envoi;
  const barre = document.querySelector(".gestes");

  // Seules les cases vides se remplissent ; un niveau de compétence ne se déduit pas d’un détail (Q6).
  function remplir(cibles, texte) {
    const vides = cibles.filter((un) => un && dernier(un.id) === "");
    const nombre = ensemble(() => vides.forEach((un) => poser(un, texte)));
    const portees = cibles.filter(Boolean).length - nombre;
    const suite = portees ? `, ${portees} déjà ${portees === 1 ? "portée laissée" : "portées laissées"}` : "";
    etat.textContent = nombre
      ? `${nombre} case${nombre > 1 ? "s" : ""} à enregistrer${suite}…`
      : "Aucune case vide à remplir.";
  }

  const remplissages = {
    colonne(element) {
      const rang = element.closest("td").cellIndex;
      remplir(
        rangees()
          .map((tr) => saisieDe(tr.cells[rang]))
          .filter((un) => un !== element),
        dernier(element.id),
      );
    },
    ligne(element) {
      const officielle = element.closest("td").classList.contains("officielle");
      const voisines = [...element.closest("tr").cells].filter(
        (td) => td.classList.contains("case") && td.classList.contains("officielle") === officielle,
      );
      remplir(
        voisines.map(saisieDe).filter((un) => un !== element),
        dernier(element.id),
      );
    },
    precedent(element) {
      const ligne = element.closest("tr");
      const avant = ligne.previousElementSibling;
      if (!avant) {
        etat.textContent = "C’est le premier élève de la classe.";
        return;
      }
      const paires = [...ligne.cells].map((td, rang) => [saisieDe(td), saisieDe(avant.cells[rang])]);
      const utiles = paires.filter(
        ([ici, la]) => ici && la && dernier(ici.id) === "" && dernier(la.id) !== "",
      );
      const nombre = ensemble(() => utiles.forEach(([ici, la]) => poser(ici, dernier(la.id))));
      if (!nombre) etat.textContent = "Rien à reprendre de l’élève précédent.";
    },
  };

  function rejouer(geste) {
    const cible = geste();
    if (!cible) return;
    deplacement.montrerEleve(cible.closest("tr"));
    cible.focus();
  }

  function faire(geste) {
    const element = deplacement.courant();
    if (geste === "annuler") rejouer(defaire);
    else if (geste === "refaire") rejouer(refaire);
    else if (geste === "selection") selection.basculer();
    else if (geste === "equipe") equipe.basculer(deplacement.montree());
    else if (!element || !estCase(element)) etat.textContent = "Choisissez d’abord une case.";
    else if (geste !== "precedent" && dernier(element.id) === "") {
      etat.textContent = "Mettez d’abord un niveau dans cette case.";
    } else remplissages[geste](element);
  }

  barre.hidden = false;
  barre.addEventListener("pointerdown", (evenement) => evenement.preventDefault());
  barre.addEventListener("click", (evenement) => {
    const choisi = evenement.target.closest("button");
    if (choisi?.dataset.geste) faire(choisi.dataset.geste);
  });

  window.trpm.grille.gestes = { faire };
})();
