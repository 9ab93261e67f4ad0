// Saisie au clavier. Chargé le dernier : c’est lui qui retient l’envoi du formulaire, une fois sûr que tout le
// reste est là. Qu’un de ces fichiers manque, et « Enregistrer la grille » suffit encore.
(() => {
  "use strict";
  const grille = window.trpm?.grille ?? {};
  const { cases, envoi, reponses, barre, deplacement, selection, equipe, gestes, pave, collage } = grille;
  if (!reponses || !barre || !gestes || !pave || !collage) return;
  const { table, codes, champ, estCase, saisieDe, lire, aSuivre, commence } = cases;
  const { etat, enRoute, dernier, enregistrer, poser, ensemble } = envoi;
  const { aller, voisine, courant, ouvrirSur } = deplacement;

  document.getElementById("saisie").addEventListener("submit", (evenement) => {
    // Chaque case est déjà dans la file : rien à renvoyer, sauf si l’appareil n’a pas pu la tenir.
    if (envoi.sansFile()) return;
    evenement.preventDefault();
    if (evenement.submitter?.value === "toutes") {
      const suggerees = [...table.querySelectorAll("input[name^='suggere-']")];
      ensemble(() => suggerees.forEach((une) => poser(champ(une.name.slice("suggere-".length)), une.value)));
    } else {
      if (!enRoute.size) etat.textContent = "Tout est enregistré.";
      window.trpm.saisies.envoyer();
    }
  });

  // --- Touches ----------------------------------------------------------------------------------

  table.addEventListener("input", ({ target: element }) => {
    if (!estCase(element) || !element.value || aSuivre(element.value) || lire(element.value) === null) return;
    if (selection.remplir(element.value)) return;
    equipe.noterEtAvancer(element, element.value);
  });

  table.addEventListener("change", ({ target: element }) => {
    if (element.matches("textarea")) enregistrer(element.id, element.value);
    else if (estCase(element)) poser(element, element.value);
  });

  const raccourcis = { c: "colonne", l: "ligne", p: "precedent", b: "equipe" };

  document.addEventListener("keydown", (evenement) => {
    if (evenement.key === "Enter" && evenement.target.matches("body, main")) {
      evenement.preventDefault();
      (courant() || saisieDe(table.querySelector("tbody td.case:has(input)")))?.focus();
    }
    const ailleurs = evenement.target.matches("textarea, input:not(td.case input)");
    if (ailleurs) return;
    if (evenement.key === "?") {
      evenement.preventDefault();
      const liste = document.getElementById("touches");
      liste.open = !liste.open;
      if (liste.open) liste.scrollIntoView({ block: "nearest" });
      return;
    }
    if (!evenement.ctrlKey && !evenement.metaKey) return;
    const touche = evenement.key.toLowerCase();
    const rejeu = touche === "y" || (touche === "z" && evenement.shiftKey) ? "refaire" : "annuler";
    if (touche !== "y" && touche !== "z") return;
    evenement.preventDefault();
    gestes.faire(rejeu);
  });

  const pas = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], Enter: [1, 0] };

  // Sur un clavier AZERTY, la rangée du haut donne « & », « é »… sans Maj : c’est sa place qui compte.
  const chiffre = ({ code, shiftKey }) => (shiftKey ? undefined : /^Digit(\d)$/.exec(code)?.[1]);

  table.addEventListener("keydown", (evenement) => {
    const element = evenement.target;
    if (!estCase(element) || evenement.ctrlKey || evenement.altKey || evenement.metaKey) return;
    const rangee = chiffre(evenement);
    const raccourci = raccourcis[evenement.key.toLowerCase()];
    if (rangee && !commence(evenement.key) && commence(rangee)) {
      evenement.preventDefault();
      element.setRangeText(rangee, element.selectionStart, element.selectionEnd, "end");
      element.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (raccourci && !codes.some((code) => code.toLowerCase().includes(evenement.key.toLowerCase()))) {
      evenement.preventDefault();
      element.value = dernier(element.id);
      gestes.faire(raccourci);
    } else if (evenement.shiftKey && evenement.key.startsWith("Arrow")) {
      evenement.preventDefault();
      selection.ancrer(element);
      const cible = voisine(element, ...pas[evenement.key]);
      if (!cible || !estCase(cible)) return;
      cible.focus();
      selection.etendre(cible);
    } else if (pas[evenement.key]) {
      evenement.preventDefault();
      selection.deselectionner();
      const [lignes, colonnes] = pas[evenement.key];
      aller(element, evenement.shiftKey ? -lignes : lignes, colonnes);
    } else if (evenement.key === "Delete" || evenement.key === "Backspace") {
      evenement.preventDefault();
      if (!selection.remplir("")) equipe.noter(element, "");
    } else if (evenement.key === "Escape") {
      element.value = dernier(element.id);
      element.select();
      envoi.corriger(element.id);
      selection.deselectionner();
    } else if (evenement.key === " ") {
      evenement.preventDefault();
      const suggeree = document.getElementsByName(`suggere-${element.id}`)[0];
      if (suggeree) poser(element, suggeree.value);
      aller(element, 1, 0);
    }
  });

  table.addEventListener("click", (evenement) => {
    const bouton = evenement.target.closest("button[name=accepter]");
    if (!bouton) return;
    evenement.preventDefault();
    const element = champ(bouton.value);
    poser(element, document.getElementsByName(`suggere-${bouton.value}`)[0].value);
    element.focus();
  });

  document.documentElement.classList.add("saisie-prete");
  ouvrirSur(location.hash);
})();
