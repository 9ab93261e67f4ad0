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
  const faits = [];
  let groupe = null;
  let enAnnulation = false;
  let ancre = null;
  document.querySelector(".tournee [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  // La rangée où l'on est ; la seule à l'écran d'un téléphone.
  let montree = null;

  const champ = (cle) => document.getElementById(cle);
  // Une remarque (`rd12-45`) n'a pas de champ : elle est posée sur une case (`d12-45`), qui la porte.
  const hote = (cle) => cle.replace(/^r/, "");
  const cellule = (cle) => champ(hote(cle))?.closest("td") ?? null;
  // Ce que la case portait quand le serveur l'a dessinée.
  const vu = (cle) =>
    hote(cle) === cle
      ? (champ(cle)?.dataset.vu ?? champ(cle)?.defaultValue ?? "")
      : (document.getElementById(`m-${hote(cle)}`)?.dataset.remarque ?? "");
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
    retenir(cle, dernier(cle));
    enRoute.set(cle, operation);
    montrer(cle, "attente");
    dessiner(cle, texte);
    dire();
    window.saisies
      .ajouter({ ...operation, case: cle, adresse, page: location.pathname + location.search })
      .catch(() => {
        sansFile = true;
        montrer(cle, "fautive");
        etat.textContent = "Cet appareil ne peut pas garder vos saisies : « Enregistrer la grille » les enverra.";
      });
  }

  const ETATS = ["attente", "conflit", "fautive", "enregistree"];

  function montrer(cle, voulu) {
    const td = cellule(cle);
    td?.classList.remove(...ETATS);
    if (voulu) td?.classList.add(voulu);
  }

  const symboles = new Map(
    [...clavier.querySelectorAll("[data-symbole]")].map((un) => [un.dataset.texte, `niveau-${un.dataset.symbole}`]),
  );

  // Le disque du niveau, sans attendre la réponse.
  function dessiner(cle, texte) {
    const td = cellule(cle);
    if (!td?.classList.contains("case")) return;
    td.querySelector(".suggestion")?.remove();
    td.classList.remove("suggeree", ...symboles.values());
    if (symboles.has(texte)) td.classList.add(symboles.get(texte));
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
    const ancienne = cellule(cle);
    const boite = document.createElement("template");
    boite.innerHTML = html.trim();
    const neuve = boite.content.querySelector("td");
    if (!ancienne || !neuve) return;
    const garde = ancienne.querySelector("input:not([type=hidden]), textarea");
    const frais = neuve.querySelector("input:not([type=hidden]), textarea");
    if (!garde || !frais || garde !== document.activeElement) {
      const dernierEtat = ETATS.find((un) => ancienne.classList.contains(un));
      if (ancienne.dataset.code) neuve.dataset.code = ancienne.dataset.code;
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
    const memes = resultat && garde.value === resultat.texte;
    garde.name = frais.name;
    garde.defaultValue = frais.defaultValue;
    delete garde.dataset.vu;
    garde.removeAttribute("aria-invalid");
    if (memes) garde.value = frais.value;
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
      const suggerees = [...table.querySelectorAll("input[name^='suggere-']")];
      ensemble(() => suggerees.forEach((une) => poser(champ(une.name.slice("suggere-".length)), une.value)));
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

  // Après un niveau : l'élève suivant, ou la case suivante du même élève quand il est seul à l'écran.
  const suivante = (element) => (etroit.matches ? aller(element, 0, 1) : aller(element, 1, 0));

  function poser(element, texte) {
    const code = lire(texte);
    element.value = code ?? texte;
    if ((code ?? texte) !== dernier(element.id)) enregistrer(element.id, code ?? texte);
  }

  // --- Annuler, remplir, sélectionner -------------------------------------------------------

  const gestes = document.querySelector(".gestes");
  const bouton = (geste) => gestes.querySelector(`[data-geste="${geste}"]`);
  gestes.hidden = false;

  // Une annulation est une saisie comme une autre : elle part par la file et l'historique garde tout.
  function retenir(cle, avant) {
    if (enAnnulation) return;
    if (groupe) groupe.push({ cle, avant });
    else faits.push([{ cle, avant }]);
    bouton("annuler").disabled = false;
  }

  function ensemble(geste) {
    groupe = [];
    geste();
    if (groupe.length) faits.push(groupe);
    const nombre = groupe.length;
    groupe = null;
    return nombre;
  }

  function annuler() {
    const dernierFait = faits.pop();
    if (!dernierFait) return;
    enAnnulation = true;
    for (const { cle, avant } of dernierFait.reverse()) {
      if (!cellule(cle)) continue;
      if (champ(cle)) champ(cle).value = avant;
      enregistrer(cle, avant);
    }
    enAnnulation = false;
    bouton("annuler").disabled = faits.length === 0;
    const cible = champ(dernierFait.at(-1).cle);
    if (cible) montrerEleve(cible.closest("tr"));
    cible?.focus();
  }

  const rangees = () => [...table.tBodies[0].rows];
  const saisieDe = (td) => td?.querySelector("input:not([type=hidden])") ?? null;

  // Seules les cases vides se remplissent ; un niveau de compétence ne se déduit pas d'un détail (Q6).
  function remplir(cibles, texte) {
    const vides = cibles.filter((un) => un && dernier(un.id) === "");
    const nombre = ensemble(() => vides.forEach((un) => poser(un, texte)));
    const portees = cibles.filter(Boolean).length - nombre;
    const suite = portees ? `, ${portees} déjà ${portees === 1 ? "portée laissée" : "portées laissées"}` : "";
    etat.textContent = nombre ? `${nombre} case${nombre > 1 ? "s" : ""} à enregistrer${suite}…` : "Aucune case vide à remplir.";
  }

  const remplissages = {
    colonne(element) {
      const rang = element.closest("td").cellIndex;
      remplir(rangees().map((tr) => saisieDe(tr.cells[rang])).filter((un) => un !== element), dernier(element.id));
    },
    ligne(element) {
      const officielle = element.closest("td").classList.contains("officielle");
      const cases = [...element.closest("tr").cells].filter(
        (td) => td.classList.contains("case") && td.classList.contains("officielle") === officielle,
      );
      remplir(cases.map(saisieDe).filter((un) => un !== element), dernier(element.id));
    },
    precedent(element) {
      const ligne = element.closest("tr");
      const avant = ligne.previousElementSibling;
      if (!avant) {
        etat.textContent = "C’est le premier élève de la classe.";
        return;
      }
      const paires = [...ligne.cells].map((td, rang) => [saisieDe(td), saisieDe(avant.cells[rang])]);
      const utiles = paires.filter(([ici, la]) => ici && la && dernier(ici.id) === "" && dernier(la.id) !== "");
      const nombre = ensemble(() => utiles.forEach(([ici, la]) => poser(ici, dernier(la.id))));
      if (!nombre) etat.textContent = "Rien à reprendre de l’élève précédent.";
    },
  };

  function faire(geste) {
    const element = courante && champ(courante);
    if (geste === "annuler") annuler();
    else if (geste === "selection") basculerSelection();
    else if (geste === "equipe") associer(montree, !montree.classList.contains("membre-de-l-equipe"));
    else if (!element || !estCase(element)) etat.textContent = "Choisissez d’abord une case.";
    else if (geste !== "precedent" && dernier(element.id) === "") etat.textContent = "Mettez d’abord un niveau dans cette case.";
    else remplissages[geste](element);
  }

  gestes.addEventListener("pointerdown", (evenement) => evenement.preventDefault());
  gestes.addEventListener("click", (evenement) => {
    const choisi = evenement.target.closest("button");
    if (choisi) faire(choisi.dataset.geste);
  });

  function choisies() {
    return [...table.querySelectorAll("td.choisie")].map(saisieDe).filter(Boolean);
  }

  function deselectionner() {
    ancre = null;
    for (const td of table.querySelectorAll("td.choisie")) td.classList.remove("choisie");
  }

  function etendre(vers) {
    ancre ??= champ(courante);
    const [un, deux] = [ancre.closest("td"), vers.closest("td")];
    const lignes = rangees();
    const rangs = [lignes.indexOf(un.parentElement), lignes.indexOf(deux.parentElement)].sort((a, b) => a - b);
    const colonnes = [un.cellIndex, deux.cellIndex].sort((a, b) => a - b);
    for (const td of table.querySelectorAll("td.choisie")) td.classList.remove("choisie");
    for (const tr of lignes.slice(rangs[0], rangs[1] + 1)) {
      for (const td of [...tr.cells].slice(colonnes[0], colonnes[1] + 1)) td.classList.toggle("choisie", saisieDe(td) !== null);
    }
  }

  function basculerSelection() {
    const actif = bouton("selection").getAttribute("aria-pressed") !== "true";
    bouton("selection").setAttribute("aria-pressed", String(actif));
    deselectionner();
    etat.textContent = actif ? "Touchez les cases à remplir, puis un niveau." : "";
  }
  const enSelection = () => bouton("selection").getAttribute("aria-pressed") === "true";

  // Rend vrai si un niveau vient d'être posé sur toute la sélection.
  function poserSurLaSelection(texte) {
    const cibles = choisies();
    if (cibles.length === 0) return false;
    ensemble(() => cibles.forEach((un) => poser(un, texte)));
    deselectionner();
    if (enSelection()) basculerSelection();
    dire();
    return true;
  }

  table.addEventListener("pointerdown", (evenement) => {
    const td = evenement.target.closest("td.case");
    if (!td || !saisieDe(td)) return;
    if (enSelection()) {
      evenement.preventDefault();
      td.classList.toggle("choisie");
    } else if (evenement.shiftKey && courante) {
      evenement.preventDefault();
      etendre(saisieDe(td));
    } else {
      deselectionner();
    }
  });

  // --- Noter ensemble un binôme, une équipe --------------------------------------------------

  const bandeau = document.querySelector(".equipe");
  const equipe = () => rangees().filter((tr) => tr.classList.contains("membre-de-l-equipe"));
  const nomDe = (tr) => tr.cells[0].textContent.trim();
  const coche = (tr) => tr.querySelector(".membre input");

  for (const tr of rangees()) {
    const etiquette = document.createElement("label");
    etiquette.className = "membre";
    const boite = Object.assign(document.createElement("input"), { type: "checkbox", autocomplete: "off" });
    boite.setAttribute("aria-label", `Noter ensemble : ${nomDe(tr)}`);
    boite.addEventListener("change", () => associer(tr, boite.checked));
    etiquette.append(boite);
    tr.cells[0].prepend(etiquette);
  }

  function associer(tr, membre) {
    tr.classList.toggle("membre-de-l-equipe", membre);
    coche(tr).checked = membre;
    direEquipe();
  }

  function direEquipe(laissees = []) {
    const membres = equipe();
    bandeau.hidden = membres.length === 0;
    const portent = laissees.map((un) => `${nomDe(un.closest("tr"))} (« ${dernier(un.id)} »)`);
    const suite = portent.length ? ` Déjà ${portent.length === 1 ? "portée, laissée" : "portées, laissées"} : ${portent.join(", ")}.` : "";
    const noms = membres.map(nomDe).join(", ");
    const phrase = membres.length === 1 ? `Notés ensemble : ${noms} et… cochez un autre élève.` : `Notés ensemble : ${noms}.${suite}`;
    const dite = bandeau.querySelector("p");
    if (dite.textContent !== phrase) dite.textContent = phrase;
    bouton("equipe").setAttribute("aria-pressed", String(montree !== null && membres.includes(montree)));
  }

  bandeau.querySelector("button").addEventListener("click", () => equipe().forEach((tr) => associer(tr, false)));

  // Pose un niveau ; chez un membre de l'équipe, pose aussi celui des autres, là où rien d'autre n'est porté.
  // Rend vrai si l'équipe est notée : on passe alors à la compétence suivante, pas à l'élève suivant.
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
    direEquipe(laissees);
    return true;
  }

  const noterEtAvancer = (element, texte) => (noter(element, texte) ? aller(element, 0, 1) : suivante(element));

  // --- Un élève à la fois, sur un téléphone --------------------------------------------------

  const seul = document.querySelector(".eleve-seul");
  const etroit = window.matchMedia("(max-width: 40rem)");

  function montrerEleve(tr) {
    if (!tr || tr === montree) return;
    montree?.classList.remove("montree");
    montree = tr;
    tr.classList.add("montree");
    // Sans en-tête à l'écran, chaque case dit son code.
    const colonnes = table.tHead.rows[1].cells;
    for (const td of tr.querySelectorAll("td.case")) td.dataset.code = colonnes[td.cellIndex - 1].firstChild.textContent;
    const lignes = rangees();
    const rang = lignes.indexOf(tr);
    seul.querySelector("p").textContent = `${tr.cells[0].textContent.trim()} (${rang + 1} sur ${lignes.length})`;
    seul.querySelector("[data-eleve='-1']").disabled = rang === 0;
    seul.querySelector("[data-eleve='1']").disabled = rang === lignes.length - 1;
    direEquipe();
  }

  function changerEleve(pas) {
    const cible = rangees()[rangees().indexOf(montree) + pas];
    if (!cible) return;
    const rang = courante ? (champ(courante)?.closest("td")?.cellIndex ?? 1) : 1;
    montrerEleve(cible);
    saisieDe(cible.cells[rang])?.focus({ preventScroll: true });
  }

  function adapter() {
    table.classList.toggle("un-par-un", etroit.matches);
    seul.hidden = !etroit.matches;
  }
  etroit.addEventListener("change", adapter);
  adapter();
  montrerEleve(rangees()[0]);
  table.addEventListener("focusin", (evenement) => montrerEleve(evenement.target.closest("tbody tr")));
  seul.addEventListener("click", (evenement) => {
    const choisi = evenement.target.closest("button");
    if (choisi) changerEleve(Number(choisi.dataset.eleve));
  });

  let depart = null;
  table.addEventListener("touchstart", ({ touches }) => (depart = touches.length === 1 ? touches[0] : null), { passive: true });
  table.addEventListener("touchend", ({ changedTouches: [fin] }) => {
    if (!depart || !etroit.matches) return;
    const [dx, dy] = [fin.clientX - depart.clientX, fin.clientY - depart.clientY];
    if (Math.abs(dx) > 60 && Math.abs(dx) > 2 * Math.abs(dy)) changerEleve(dx < 0 ? 1 : -1);
  }, { passive: true });

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
    if (poserSurLaSelection(element.value)) return;
    noterEtAvancer(element, element.value);
  });

  table.addEventListener("change", (evenement) => {
    const element = evenement.target;
    if (element.matches("textarea")) enregistrer(element.id, element.value);
    else if (estCase(element)) poser(element, element.value);
  });

  const raccourcis = { c: "colonne", l: "ligne", p: "precedent", b: "equipe" };

  document.addEventListener("keydown", (evenement) => {
    if (evenement.key === "Enter" && evenement.target.matches("body, main")) {
      evenement.preventDefault();
      (courante ? champ(courante) : saisieDe(table.querySelector("tbody td.case:has(input)")))?.focus();
    }
    const ailleurs = evenement.target.matches("textarea, input:not(td.case input)");
    if (ailleurs) return;
    if (evenement.key === "?") {
      evenement.preventDefault();
      const liste = document.getElementById("touches");
      liste.open = !liste.open;
      if (liste.open) liste.scrollIntoView({ block: "nearest" });
    } else if (evenement.key.toLowerCase() === "z" && (evenement.ctrlKey || evenement.metaKey) && !evenement.shiftKey) {
      evenement.preventDefault();
      annuler();
    }
  });

  const pas = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], Enter: [1, 0] };

  table.addEventListener("keydown", (evenement) => {
    const element = evenement.target;
    if (!estCase(element) || evenement.ctrlKey || evenement.altKey || evenement.metaKey) return;
    const raccourci = raccourcis[evenement.key.toLowerCase()];
    if (raccourci && !codes.some((code) => code.toLowerCase().includes(evenement.key.toLowerCase()))) {
      evenement.preventDefault();
      element.value = dernier(element.id);
      faire(raccourci);
    } else if (evenement.shiftKey && evenement.key.startsWith("Arrow")) {
      evenement.preventDefault();
      ancre ??= element;
      const cible = voisine(element, ...pas[evenement.key]);
      if (!cible || !estCase(cible)) return;
      cible.focus();
      etendre(cible);
    } else if (pas[evenement.key]) {
      evenement.preventDefault();
      deselectionner();
      const [lignes, colonnes] = pas[evenement.key];
      aller(element, evenement.shiftKey ? -lignes : lignes, colonnes);
    } else if (evenement.key === "Delete" || evenement.key === "Backspace") {
      evenement.preventDefault();
      if (!poserSurLaSelection("")) noter(element, "");
    } else if (evenement.key === "Escape") {
      element.value = dernier(element.id);
      element.select();
      deselectionner();
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
      if (champ(cle)) champ(cle).value = valeur("voulu");
      enregistrer(cle, valeur("voulu"), valeur("present"));
    }
    ligne.remove();
    champ(cle)?.focus();
  });

  // Une remarque suit la même file que les niveaux ; son volet est dans traces.js.
  window.grille = { enregistrer, dernier, nom, cellule };

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
    const choisi = evenement.target.closest("button");
    const element = courante && champ(courante);
    if (!choisi || poserSurLaSelection(choisi.dataset.texte) || !element) return;
    if (choisi.dataset.texte) noterEtAvancer(element, choisi.dataset.texte);
    else noter(element, "");
  });
})();
