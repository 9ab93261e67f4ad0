// Le volet d'une case : sa remarque, les phrases de la personne, ses preuves. La remarque entre dans la file
// des saisies comme un niveau, donc aussi sans réseau ; une photo, elle, demande le réseau.
(() => {
  "use strict";
  const volet = document.getElementById("volet");
  const { cases, envoi, reponses } = window.trpm?.grille ?? {};
  if (!volet || !reponses) return;
  const mots = document.getElementById("volet-mots");
  const etat = document.getElementById("volet-etat");
  const preuves = document.getElementById("preuves");
  const { table } = cases;
  const codes = table.dataset.codes.toLowerCase();
  let courant = null;
  let hote = null;

  const estCommentaire = (element) => element.id.startsWith("commentaire-");
  const cleDesMots = () => (estCommentaire(hote) ? hote.id : `r${hote.id}`);

  table.addEventListener("focusin", ({ target }) => {
    if (target.matches("td.case input:not([type=hidden]), td.commentaire textarea")) courant = target;
  });

  const vers = { r: "mots", f: "preuves", h: "historique" };
  const auDoigt = window.matchMedia("(pointer: coarse)");

  function ouvrir(but) {
    const element = courant && document.getElementById(courant.id);
    if (!element) {
      document.getElementById("etat-de-saisie").textContent = "Choisissez d’abord une case.";
      return;
    }
    hote = element;
    const [colonne, eleve] = hote.id.split("-");
    const fiche = volet.dataset.fiche.replace("/eleves/0/", `/eleves/${eleve}/`);
    const vue = estCommentaire(hote) ? "" : colonne;
    document.getElementById("volet-titre").textContent = cases.nom(hote.id);
    document.getElementById("volet-legende").textContent = estCommentaire(hote)
      ? "Commentaire"
      : "Remarque sur cette case";
    document.getElementById("volet-fiche").href = fiche;
    mots.value = estCommentaire(hote) ? hote.value : envoi.dernier(cleDesMots());
    etat.textContent = "";
    preuves.textContent = "Chargement des preuves…";
    volet.showModal();
    // Le clavier d'une tablette ne se déplie pas avant que l'on touche le texte.
    if (but === "mots" && !auDoigt.matches) mots.focus();
    if (!navigator.onLine) sansReseau();
    else {
      const chargement = window.htmx.ajax("GET", `${fiche}?case=${vue}`, {
        source: "#preuves",
        target: "#preuves",
      });
      chargement.then(() => viser(but), sansReseau);
    }
  }

  // Sauf si la personne écrit déjà.
  function viser(but) {
    if (but === "mots" || document.activeElement === mots) return;
    const historique = document.getElementById("historique");
    historique.open = but === "historique";
    const vise = historique.open ? historique.firstElementChild : preuves.querySelector("input[name=photo]");
    vise?.focus();
    vise?.scrollIntoView({ block: "nearest" });
  }

  function sansReseau() {
    preuves.textContent =
      "Pas de réseau : une photo ou un fichier s’ajoutera à son retour. La remarque, elle, s’enregistre.";
  }
  volet.addEventListener("htmx:sendError", ({ detail }) => {
    if (detail.requestConfig.verb === "get") sansReseau();
    else {
      dire(
        "Pas de réseau : la preuve n’est pas partie. Gardez-la sur l’appareil et recommencez à son retour.",
      );
    }
  });
  volet.addEventListener("htmx:responseError", () => {
    dire("Le serveur n’a pas pu répondre : rechargez la page si cela se répète.");
  });

  function dire(phrase) {
    etat.textContent = phrase;
  }

  function garder() {
    const cle = cleDesMots();
    const texte = mots.value.trim();
    if (texte === envoi.dernier(cle)) return;
    if (estCommentaire(hote)) hote.value = texte;
    envoi.enregistrer(cle, texte);
  }

  mots.addEventListener("change", garder);
  volet.addEventListener("close", () => {
    garder();
    document.getElementById(hote.id)?.focus();
  });

  document.addEventListener("saisies:reponse", ({ detail }) => {
    if (!volet.open) return;
    const resultat = detail.resultats.find((un) => un.case === cleDesMots());
    if (!resultat) return;
    dire(
      resultat.resultat === "enregistre"
        ? detail.etat
        : "Ce texte n’est pas enregistré : fermez ce volet, le choix est en haut de la grille.",
    );
  });

  // Une preuve ajoutée ou retirée se voit aussitôt dans sa case, derrière le volet. Ce que l’ouverture du volet
  // a lu n’y va pas : une remarque a pu s’enregistrer depuis.
  preuves.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.requestConfig.verb === "get") return;
    const modele = preuves.querySelector("template");
    const td = modele && cases.cellule(modele.dataset.cle);
    if (!td) return;
    td.querySelector(".signe")?.remove();
    td.append(modele.content.cloneNode(true));
  });

  for (const bouton of document.querySelectorAll("[data-volet]")) {
    bouton.addEventListener("click", (evenement) => {
      evenement.stopPropagation();
      ouvrir(bouton.dataset.volet);
    });
  }

  table.addEventListener(
    "keydown",
    (evenement) => {
      const touche = evenement.key.toLowerCase();
      if (!vers[touche] || evenement.ctrlKey || evenement.metaKey || !evenement.target.id) return;
      const commentaire = estCommentaire(evenement.target);
      if (commentaire !== evenement.altKey || (!commentaire && codes.includes(touche))) return;
      evenement.preventDefault();
      evenement.stopPropagation();
      ouvrir(vers[touche]);
    },
    true,
  );
})();
