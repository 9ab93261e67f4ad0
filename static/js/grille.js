// Saisie au clavier et au doigt dans la grille d'une situation. Chaque case s'enregistre seule ; les
// envois d'une même case se suivent dans l'ordre. Sans ce fichier, « Enregistrer la grille » suffit.
(() => {
  "use strict";
  const table = document.querySelector("table.saisie");
  if (!table || !window.htmx) return;
  const codes = table.dataset.codes.trim().split(" ");
  const mentions = table.dataset.mentions.trim().split(" ");
  const etat = document.getElementById("etat-de-saisie");
  const repere = document.getElementById("repere");
  const avis = document.getElementById("avis");
  const clavier = document.querySelector(".clavier");
  const files = new Map();
  const attente = new Map();
  const echecs = new Set();
  let courante = null;

  const champ = (cle) => document.getElementById(cle);
  const vu = (cle) => document.getElementsByName(`vu-${cle}`)[0]?.value ?? "";
  const estCase = (element) => element instanceof HTMLInputElement && element.closest("td.case") !== null;

  // Même règle que `code_saisi` du serveur : un code exact, sinon le début d'une seule mention.
  function lire(texte) {
    const tape = texte.trim().toUpperCase();
    if (!tape) return "";
    const exact = [...codes, ...mentions].find((code) => code.toUpperCase() === tape);
    if (exact) return exact;
    const debut = mentions.filter((mention) => mention.startsWith(tape));
    return debut.length === 1 ? debut[0] : null;
  }

  // Un autre code de niveau commence-t-il par ce qui est tapé ? Alors on attend la suite.
  const aSuivre = (texte) =>
    codes.some((code) => code.length > texte.length && code.toUpperCase().startsWith(texte.toUpperCase()));

  // Ce que la personne voyait dans la case : son propre envoi s'il est encore en route.
  const dernier = (cle) => (echecs.has(cle) ? undefined : attente.get(cle)) ?? vu(cle);

  function enregistrer(cle, texte, montre = dernier(cle)) {
    if (attente.get(cle) === texte && !echecs.has(cle)) return;
    echecs.delete(cle);
    attente.set(cle, texte);
    dire();
    const precedent = files.get(cle) ?? Promise.resolve();
    files.set(cle, precedent.then(() => envoyer(cle, texte, montre)));
  }

  async function envoyer(cle, texte, montre) {
    const td = document.getElementById(`k-${cle}`);
    td.classList.add("attente");
    const valeurs = { case: cle, texte, vu: montre };
    try {
      await htmx.ajax("POST", table.dataset.cellule, { source: td, target: td, swap: "outerHTML", values: valeurs });
    } catch {
      // « htmx:sendError » l'a déjà dit ; l'envoi suivant de cette case doit partir.
    }
  }

  function dire() {
    if (attente.size) etat.textContent = attente.size === 1 ? "1 case à enregistrer…" : `${attente.size} cases à enregistrer…`;
  }

  // --- Ce que répond le serveur -------------------------------------------------------------

  document.body.addEventListener("htmx:configRequest", (evenement) => {
    if (evenement.detail.path !== table.dataset.cellule) return;
    for (const nom of [...evenement.detail.formData.keys()]) {
      if (!["case", "texte", "vu"].includes(nom)) evenement.detail.formData.delete(nom);
    }
  });

  document.body.addEventListener("htmx:beforeSwap", (evenement) => {
    const { xhr, requestConfig } = evenement.detail;
    if (requestConfig?.path !== table.dataset.cellule) return;
    const cle = requestConfig.parameters.case;
    if (xhr.status === 200 && xhr.responseURL.endsWith(table.dataset.cellule)) {
      if (attente.get(cle) === requestConfig.parameters.texte) attente.delete(cle);
      document.getElementById(`avis-${cle}`)?.remove();
      return;
    }
    evenement.detail.shouldSwap = false;
    signaler(cle, xhr.status === 200 ? "Votre session a pris fin : reconnectez-vous dans un autre onglet." : "Le serveur a refusé cette case.");
  });

  document.body.addEventListener("htmx:sendError", (evenement) => {
    if (evenement.detail.requestConfig?.path === table.dataset.cellule) {
      signaler(evenement.detail.requestConfig.parameters.case, "Le serveur ne répond pas.");
    }
  });

  // La case que l'on est en train de remplir ne se redessine pas sous les doigts.
  document.body.addEventListener("htmx:oobBeforeSwap", (evenement) => {
    const cible = evenement.detail.target;
    if (cible?.matches?.("td") && cible.contains(document.activeElement)) evenement.detail.shouldSwap = false;
  });

  function signaler(cle, motif) {
    echecs.add(cle);
    document.getElementById(`k-${cle}`)?.classList.replace("attente", "fautive");
    etat.textContent = `${motif} ${attente.size === 1 ? "1 case n’est pas enregistrée" : `${attente.size} cases ne sont pas enregistrées`} : « Enregistrer la grille » les renverra.`;
  }

  window.addEventListener("beforeunload", (evenement) => {
    if (attente.size) evenement.preventDefault();
  });
  document.getElementById("saisie").addEventListener("submit", () => attente.clear());

  // --- Se déplacer --------------------------------------------------------------------------

  function voisine(element, lignes, colonnes) {
    const td = element.closest("td");
    const rangees = [...table.tBodies[0].rows];
    let ligne = rangees.indexOf(td.parentElement);
    let colonne = td.cellIndex;
    for (;;) {
      ligne += lignes;
      colonne += colonnes;
      if (lignes && ligne >= rangees.length) [ligne, colonne] = [0, colonne + 1];
      if (lignes && ligne < 0) [ligne, colonne] = [rangees.length - 1, colonne - 1];
      const cible = rangees[ligne]?.cells[colonne];
      if (!cible || cible.cellIndex === 0) return null;
      const saisie = cible.querySelector("input:not([type=hidden]), textarea");
      if (saisie) return saisie;
    }
  }

  function aller(element, lignes, colonnes) {
    const cible = voisine(element, lignes, colonnes);
    if (!cible) return;
    cible.focus();
    const td = cible.closest("td");
    td.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function poser(element, texte) {
    const code = lire(texte);
    element.value = code ?? texte;
    if ((code ?? texte) !== dernier(element.id) || echecs.has(element.id)) enregistrer(element.id, code ?? texte);
  }

  // --- Clavier ------------------------------------------------------------------------------

  table.addEventListener("focusin", (evenement) => {
    const element = evenement.target;
    if (!estCase(element)) return;
    courante = element.id;
    element.select();
    repere.textContent = element
      .getAttribute("aria-labelledby")
      .split(" ")
      .map((id) => document.getElementById(id).textContent.trim().replace(/\s+/g, " "))
      .join(" · ");
  });

  table.addEventListener("input", (evenement) => {
    const element = evenement.target;
    if (!estCase(element) || !element.value || aSuivre(element.value) || lire(element.value) === null) return;
    poser(element, element.value);
    aller(element, 1, 0);
  });

  table.addEventListener("change", (evenement) => {
    const element = evenement.target;
    if (element.matches("textarea")) enregistrer(element.id, element.value);
    else if (estCase(element)) poser(element, element.value);
  });

  const pas = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], Enter: [1, 0] };

  table.addEventListener("keydown", (evenement) => {
    const element = evenement.target;
    if (!estCase(element) || evenement.ctrlKey || evenement.altKey || evenement.metaKey) return;
    if (pas[evenement.key]) {
      evenement.preventDefault();
      const [lignes, colonnes] = pas[evenement.key];
      aller(element, evenement.shiftKey ? -lignes : lignes, colonnes);
    } else if (evenement.key === "Delete" || evenement.key === "Backspace") {
      evenement.preventDefault();
      poser(element, "");
    } else if (evenement.key === "Escape") {
      element.value = vu(element.id);
      element.select();
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

  avis.addEventListener("click", (evenement) => {
    const ligne = evenement.target.closest("li[data-case]");
    if (!ligne || !evenement.target.matches("[data-garder], [data-remplacer]")) return;
    const cle = ligne.dataset.case;
    if (evenement.target.matches("[data-remplacer]")) {
      const valeur = (nom) => ligne.querySelector(`[name="${nom}-${cle}"]`).value;
      enregistrer(cle, valeur("voulu"), valeur("present"));
    }
    ligne.remove();
    champ(cle)?.focus();
  });

  // --- Doigt : le clavier de niveaux remplace celui de la tablette ----------------------------

  if (window.matchMedia("(pointer: coarse)").matches) {
    clavier.hidden = false;
    table.addEventListener("focusin", (evenement) => {
      if (estCase(evenement.target)) evenement.target.inputMode = "none";
    }, true);
    table.addEventListener("pointerdown", (evenement) => {
      if (estCase(evenement.target)) evenement.target.inputMode = "none";
    });
  }
  clavier.addEventListener("pointerdown", (evenement) => evenement.preventDefault());
  clavier.addEventListener("click", (evenement) => {
    const bouton = evenement.target.closest("button");
    const element = courante && champ(courante);
    if (!bouton || !element) return;
    poser(element, bouton.dataset.texte);
    if (bouton.dataset.texte) aller(element, 1, 0);
  });
})();
