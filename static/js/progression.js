// Déplacer et étirer les séquences, à la souris et au clavier. Le serveur enregistre chaque pose et rend le
// calendrier ; sans ce fichier, les boutons de la fiche et les dates du formulaire font la même chose.
(() => {
  "use strict";
  const etat = document.getElementById("etat-progression");
  const JOUR = 86400000;
  const decale = (iso, semaines) =>
    new Date(Date.parse(`${iso}T00:00:00Z`) + 7 * semaines * JOUR).toISOString().slice(0, 10);
  let suite = Promise.resolve();
  let glissee = false;

  // Un refus (422) ou un conflit (409) rend lui aussi le calendrier tel qu'il est.
  document.addEventListener("htmx:beforeSwap", (evenement) => {
    if ([409, 422].includes(evenement.detail.xhr.status)) {
      evenement.detail.shouldSwap = true;
      evenement.detail.isError = false;
    }
  });
  document.addEventListener("htmx:sendError", () => {
    dire("Le serveur ne répond pas : ce déplacement n’est pas enregistré.", true);
  });
  document.addEventListener("htmx:responseError", () => {
    dire("Le serveur a refusé : ce déplacement n’est pas enregistré. Rechargez la page.", true);
  });

  function dire(texte, refus) {
    etat.textContent = texte;
    etat.classList.toggle("refus", refus);
  }

  // Sans identifiant : htmx recopierait sur la nouvelle barre le style de l’ancienne, que la CSP refuse.
  const trouver = (adresse) => document.querySelector(`.barre-sequence[data-poser="${adresse}"]`);

  // Les poses partent l'une après l'autre : chacune se calcule sur ce que le serveur vient de rendre.
  function poser(adresse, avant, apres) {
    suite = suite
      .then(async () => {
        const barre = trouver(adresse);
        if (!barre) return;
        const { debut, fin, vue } = barre.dataset;
        const cadre = barre.closest(".calendrier-cadre");
        const rang = [...document.querySelectorAll(".calendrier-cadre")].indexOf(cadre);
        const defile = cadre.scrollLeft;
        barre.classList.add("en-envoi");
        await htmx.ajax("POST", adresse, {
          target: "#calendrier",
          swap: "outerHTML",
          values: { debut: decale(debut, avant), fin: decale(fin, apres), vue },
        });
        const { dit, refus } = document.getElementById("calendrier").dataset;
        if (dit) dire(dit, Boolean(refus));
        document.querySelectorAll(".calendrier-cadre")[rang].scrollLeft = defile;
        trouver(adresse)?.focus({ preventScroll: true });
      })
      .catch(() => {});
  }

  document.addEventListener("keydown", (evenement) => {
    const barre = evenement.target.closest?.(".barre-sequence[data-poser]");
    const pas = { ArrowLeft: -1, ArrowRight: 1 }[evenement.key];
    if (!barre || !pas || evenement.altKey || evenement.ctrlKey || evenement.metaKey) return;
    evenement.preventDefault();
    poser(barre.dataset.poser, evenement.shiftKey ? 0 : pas, pas);
  });

  document.addEventListener("pointerdown", (depart) => {
    const barre = depart.target.closest(".barre-sequence[data-poser]");
    if (!barre || depart.button !== 0 || depart.pointerType === "touch") return;
    const etire = depart.target.matches(".poignee");
    const largeur = barre.closest("table").querySelector(".semaine").getBoundingClientRect().width;
    const taille = barre.getBoundingClientRect().width;
    let semaines = 0;
    glissee = false;

    function bouger(evenement) {
      const ecart = evenement.clientX - depart.clientX;
      if (Math.abs(ecart) > 4) glissee = true;
      if (!glissee) return;
      semaines = Math.round(ecart / largeur);
      barre.classList.add("en-main");
      if (etire) barre.style.width = `${Math.max(largeur, taille + semaines * largeur)}px`;
      else barre.style.transform = `translateX(${semaines * largeur}px)`;
    }
    function finir(evenement) {
      document.removeEventListener("pointermove", bouger);
      document.removeEventListener("pointerup", finir);
      document.removeEventListener("pointercancel", finir);
      barre.classList.remove("en-main");
      barre.style.width = barre.style.transform = "";
      if (evenement.type === "pointerup" && semaines) {
        poser(barre.dataset.poser, etire ? 0 : semaines, semaines);
      }
    }
    document.addEventListener("pointermove", bouger);
    document.addEventListener("pointerup", finir);
    document.addEventListener("pointercancel", finir);
  });

  // Lâcher une séquence que l'on vient de glisser n'ouvre pas sa fiche.
  document.addEventListener(
    "click",
    (evenement) => {
      if (glissee && evenement.target.closest(".barre-sequence")) evenement.preventDefault();
      glissee = false;
    },
    true,
  );
})();
