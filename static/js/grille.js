// Saisie au clavier et au doigt dans la grille d'une situation. Chaque case entre seule dans la file des
// saisies (file.js), qui l'envoie, avec ou sans réseau. Sans ces fichiers, « Enregistrer la grille » suffit.
(() => {
  "use strict";
  const table = document.querySelector("table.saisie");
  if (!table || !window.saisies) return;
  const adresse = table.dataset.operations;
  const codes = table.dataset.codes.trim().split(" ");
  const mentions = table.dataset.mentions.trim().split(" ");
  const etat = document.getElementById("etat-de-saisie");
  const repere = document.getElementById("repere");
  const avis = document.getElementById("avis");
  const clavier = document.querySelector(".clavier");
  // Par case, le dernier changement dont la réponse n'est pas encore affichée : { id, chaine, rang, vu, texte }.
  const enRoute = new Map();
  let courante = null;
  let sansFile = false;

  const champ = (cle) => document.getElementById(cle);
  const vu = (cle) => document.getElementsByName(`vu-${cle}`)[0]?.value ?? "";
  const estCase = (element) => element instanceof HTMLInputElement && element.closest("td.case") !== null;
  const uuid = () =>
    crypto.randomUUID?.() ??
    "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
      (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16),
    );

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

  // Ce que la personne voit dans la case : son propre changement s'il est encore en route.
  const dernier = (cle) => enRoute.get(cle)?.texte ?? vu(cle);

  // --- Vers la file -------------------------------------------------------------------------

  // Tant que la réponse n'est pas là, les changements d'une case se suivent dans une même chaîne : le
  // serveur sait alors que le second ne contredit pas le premier, et qu'un envoi en retard ne compte plus.
  function enregistrer(cle, texte, montre = vu(cle)) {
    const precedente = enRoute.get(cle);
    if (precedente?.texte === texte) return;
    const id = uuid();
    const operation = precedente
      ? { id, chaine: precedente.chaine, rang: precedente.rang + 1, vu: precedente.vu, texte }
      : { id, chaine: id, rang: 0, vu: montre, texte };
    enRoute.set(cle, operation);
    montrer(cle, "attente");
    dessiner(cle, texte);
    dire();
    window.saisies
      .ajouter({ ...operation, case: cle, adresse, page: location.pathname })
      .catch(() => {
        sansFile = true;
        montrer(cle, "fautive");
        etat.textContent = "Cet appareil ne peut pas garder vos saisies : « Enregistrer la grille » les enverra.";
      });
  }

  const ETATS = ["attente", "conflit", "fautive", "enregistree"];

  function montrer(cle, voulu) {
    const td = document.getElementById(`k-${cle}`);
    td?.classList.remove(...ETATS);
    if (voulu) td?.classList.add(voulu);
  }

  // Le disque du niveau, pris au clavier de niveaux, sans attendre la réponse.
  function dessiner(cle, texte) {
    const td = document.getElementById(`k-${cle}`);
    if (!td?.classList.contains("case")) return;
    td.querySelector(".niveau")?.remove();
    td.querySelector(".suggestion")?.remove();
    td.classList.remove("suggeree");
    const modele = [...clavier.querySelectorAll("button")].find((un) => texte && un.dataset.texte === texte);
    const disque = modele?.querySelector(".niveau")?.cloneNode(true);
    if (disque) td.prepend(disque);
  }

  function dire() {
    if (enRoute.size) etat.textContent = enRoute.size === 1 ? "1 case à enregistrer…" : `${enRoute.size} cases à enregistrer…`;
  }

  // --- Ce que répond le serveur -------------------------------------------------------------

  document.addEventListener("saisies:reponse", (evenement) => {
    const { detail } = evenement;
    if (detail.adresse !== adresse) return;
    const finies = new Map();
    for (const resultat of detail.resultats) {
      if (enRoute.has(resultat.case) && enRoute.get(resultat.case).id !== resultat.id) continue;
      finies.set(resultat.case, { ...resultat, texte: enRoute.get(resultat.case)?.texte });
      enRoute.delete(resultat.case);
    }
    for (const [cle, html] of Object.entries(detail.cases)) {
      if (!enRoute.has(cle)) redessiner(cle, html, finies.get(cle));
    }
    for (const [cle, resultat] of finies) terminer(cle, resultat);
    etat.textContent = detail.etat;
    dire();
  });

  function terminer(cle, resultat) {
    document.getElementById(`avis-${cle}`)?.remove();
    const sort = { enregistre: "enregistree", conflit: "conflit", refus: "fautive" }[resultat.resultat];
    montrer(cle, sort);
    if (resultat.resultat === "enregistre") {
      window.saisies.retirer(adresse, cle, ["conflit", "refus"]);
      return;
    }
    if (resultat.resultat === "refus" && champ(cle) && resultat.texte !== undefined) {
      champ(cle).value = resultat.texte;
      champ(cle).setAttribute("aria-invalid", "true");
    }
    aviser(cle, resultat);
  }

  function aviser(cle, { avis: html, motif }) {
    if (html) {
      avis.insertAdjacentHTML("beforeend", html);
      return;
    }
    const ligne = document.createElement("li");
    ligne.id = `avis-${cle}`;
    ligne.className = "message message-error";
    ligne.dataset.case = cle;
    const bouton = document.createElement("button");
    Object.assign(bouton, { type: "button", className: "btn btn-sm btn-outline-secondary", textContent: "J’ai lu" });
    bouton.dataset.garder = "";
    ligne.append(`${nom(cle)} : ${motif ?? ""} `, bouton);
    avis.append(ligne);
  }

  // La case que l'on est en train de remplir garde son champ : rien ne bouge sous les doigts.
  function redessiner(cle, html, resultat) {
    const ancienne = document.getElementById(`k-${cle}`);
    const boite = document.createElement("template");
    boite.innerHTML = html.trim();
    const neuve = boite.content.querySelector("td");
    if (!ancienne || !neuve) return;
    const garde = ancienne.querySelector("input:not([type=hidden]), textarea");
    const frais = neuve.querySelector("input:not([type=hidden]), textarea");
    if (!garde || !frais || garde !== document.activeElement) {
      const dernierEtat = ETATS.find((un) => ancienne.classList.contains(un));
      ancienne.replaceWith(neuve);
      if (dernierEtat && !resultat) neuve.classList.add(dernierEtat);
      return;
    }
    ancienne.className = neuve.className;
    ancienne.title = neuve.title;
    for (const enfant of [...ancienne.childNodes]) if (enfant !== garde) enfant.remove();
    let apres = false;
    for (const enfant of [...neuve.childNodes]) {
      if (enfant === frais) apres = true;
      else if (apres) ancienne.append(enfant);
      else garde.before(enfant);
    }
    if (resultat && garde.value === resultat.texte) garde.value = frais.value;
  }

  document.addEventListener("saisies:arret", (evenement) => {
    etat.textContent = evenement.detail.motif;
  });

  // Ce qui attendait déjà à l'ouverture de la page : à montrer dans les cases, à trancher s'il le faut.
  async function reprendre() {
    for (const une of await window.saisies.toutes()) {
      const { case: cle, adresse: ou, texte } = une;
      if (ou !== adresse) continue;
      if (une.etat !== "attente") {
        document.getElementById(`avis-${cle}`)?.remove();
        montrer(cle, une.etat === "conflit" ? "conflit" : "fautive");
        aviser(cle, une);
        continue;
      }
      const { id, chaine, rang, vu: base } = une;
      const connue = enRoute.get(cle);
      if (connue && connue.chaine !== chaine) continue;
      if (connue && connue.rang >= rang) continue;
      enRoute.set(cle, { id, chaine, rang, vu: base, texte });
      if (champ(cle)) champ(cle).value = texte;
      montrer(cle, "attente");
      dessiner(cle, texte);
    }
    dire();
    window.saisies.envoyer();
  }
  reprendre();

  document.getElementById("saisie").addEventListener("submit", (evenement) => {
    // Chaque case est déjà dans la file : rien à renvoyer, sauf si l'appareil n'a pas pu la tenir.
    if (sansFile) return;
    evenement.preventDefault();
    const { value: bouton } = evenement.submitter ?? {};
    if (bouton === "toutes") {
      for (const une of [...table.querySelectorAll("input[name^='suggere-']")]) {
        poser(champ(une.name.slice("suggere-".length)), une.value);
      }
    } else {
      if (!enRoute.size) etat.textContent = "Tout est enregistré.";
      window.saisies.envoyer();
    }
  });

  function nom(cle) {
    const ids = champ(cle)?.getAttribute("aria-labelledby")?.split(" ") ?? [];
    return ids.map((id) => document.getElementById(id).textContent.trim().replace(/\s+/g, " ")).join(" · ");
  }

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
    if ((code ?? texte) !== dernier(element.id)) enregistrer(element.id, code ?? texte);
  }

  // --- Clavier ------------------------------------------------------------------------------

  table.addEventListener("focusin", (evenement) => {
    const element = evenement.target;
    if (!estCase(element)) return;
    courante = element.id;
    element.select();
    repere.textContent = nom(element.id);
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
      element.value = dernier(element.id);
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
    window.saisies.retirer(adresse, cle, ["conflit", "refus"]);
    montrer(cle, "");
    if (evenement.target.matches("[data-remplacer]")) {
      const valeur = (nom) => ligne.querySelector(`[name="${nom}-${cle}"]`).value;
      champ(cle).value = valeur("voulu");
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
