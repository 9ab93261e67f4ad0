// Noter ensemble un binôme, une équipe : un niveau posé chez l’un l’est chez tous.
(() => {
  "use strict";
  const { cases, envoi, deplacement } = window.trpm?.grille ?? {};
  if (!envoi || !deplacement) return;
  const { table, rangees, saisieDe, lire } = cases;
  const { dernier, poser, ensemble } = envoi;
  const { aller, suivante, montree } = deplacement;
  const bandeau = document.querySelector(".equipe");
  const bouton = document.querySelector("[data-geste=equipe]");

  const membre = (tr) => tr.classList.contains("membre-de-l-equipe");
  const equipe = () => rangees().filter(membre);
  const nomDe = (tr) => tr.cells[0].textContent.trim();

  for (const tr of rangees()) {
    const etiquette = document.createElement("label");
    etiquette.className = "membre";
    const boite = Object.assign(document.createElement("input"), { type: "checkbox", autocomplete: "off" });
    boite.setAttribute("aria-label", `Noter ensemble : ${nomDe(tr)}`);
    boite.addEventListener("change", () => associer(tr, boite.checked));
    etiquette.append(boite);
    tr.cells[0].prepend(etiquette);
  }

  function associer(tr, avec) {
    tr.classList.toggle("membre-de-l-equipe", avec);
    tr.querySelector(".membre input").checked = avec;
    dire();
  }

  function dire(laissees = []) {
    const membres = equipe();
    bandeau.hidden = membres.length === 0;
    const portent = laissees.map((un) => `${nomDe(un.closest("tr"))} (« ${dernier(un.id)} »)`);
    const suite = portent.length
      ? ` Déjà ${portent.length === 1 ? "portée, laissée" : "portées, laissées"} : ${portent.join(", ")}.`
      : "";
    const noms = membres.map(nomDe).join(", ");
    const phrase =
      membres.length === 1
        ? `Notés ensemble : ${noms} et… cochez un autre élève.`
        : `Notés ensemble : ${noms}.${suite}`;
    const dite = bandeau.querySelector("p");
    if (dite.textContent !== phrase) dite.textContent = phrase;
    bouton.setAttribute("aria-pressed", String(montree() !== null && membre(montree())));
  }

  dire();
  table.addEventListener("grille:eleve", () => dire());
  bandeau
    .querySelector("button")
    .addEventListener("click", () => equipe().forEach((tr) => associer(tr, false)));

  // Pose un niveau ; chez un membre de l’équipe, pose aussi celui des autres, là où rien d’autre n’est porté.
  // Rend vrai si l’équipe est notée : on passe alors à la compétence suivante, pas à l’élève suivant.
  function noter(element, texte) {
    const membres = equipe();
    if (membres.length < 2 || !membres.includes(element.closest("tr"))) {
      poser(element, texte);
      return false;
    }
    const rang = element.closest("td").cellIndex;
    const egales = ["", dernier(element.id), lire(texte) ?? texte];
    const cibles = membres.map((tr) => saisieDe(tr.cells[rang])).filter(Boolean);
    const laissees = cibles.filter((un) => un !== element && !egales.includes(dernier(un.id)));
    ensemble(() => cibles.filter((un) => !laissees.includes(un)).forEach((un) => poser(un, texte)));
    dire(laissees);
    return true;
  }

  const noterEtAvancer = (element, texte) =>
    noter(element, texte) ? aller(element, 0, 1) : suivante(element);

  window.trpm.grille.equipe = {
    noter,
    noterEtAvancer,
    basculer: (tr) => associer(tr, !membre(tr)),
  };
})();
