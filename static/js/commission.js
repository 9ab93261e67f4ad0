// La décision d’une commission, ligne à ligne, et son clavier.
(() => {
  "use strict";
  // Les réponses 409 (le dossier a changé) et 422 (saisie à corriger) remplacent la ligne, comme les autres.
  document.addEventListener("htmx:beforeSwap", (evenement) => {
    if ([409, 422].includes(evenement.detail.xhr.status)) {
      evenement.detail.shouldSwap = true;
      evenement.detail.isError = false;
    }
  });

  // Une décision part à la fois, dans l’ordre des gestes : la dernière réponse reçue est aussi la plus récente.
  // Ce qui a été saisi pendant l’attente se retrouve dans la ligne que la réponse remplace, et part à son tour.
  const attente = []; // codes des lignes dont la saisie attend son tour
  const minutees = new Set(); // celles que htmx enverra dans un instant
  let partie = null; // celle dont la réponse n’est pas encore venue
  let ensuite = null; // le geste qui attend que tout soit enregistré

  const formulaireDe = (code) => document.getElementById(code)?.querySelector("form");
  const saisie = (formulaire) => ({
    niveau: formulaire.querySelector("[name=niveau]:checked")?.value,
    motif: formulaire.elements.motif.value,
  });
  const enregistree = (formulaire) => ({
    niveau: formulaire.querySelector("[name=niveau][checked]")?.value,
    motif: formulaire.elements.motif.defaultValue,
  });
  const memes = (une, autre) => une.niveau === autre.niveau && une.motif === autre.motif;

  const quandToutEstEnregistre = (geste) => {
    if (partie || attente.length || minutees.size) ensuite = geste;
    else geste();
  };

  // Un formulaire à peine posé, htmx ne le tient pas encore : sans lui, l’envoi quitterait la page.
  const envoyer = (formulaire) => {
    if (!formulaire) return;
    htmx.process(formulaire);
    formulaire.requestSubmit();
  };

  const suivante = () => {
    while (!partie && attente.length) envoyer(formulaireDe(attente.shift()));
    if (partie || minutees.size || !ensuite) return;
    const geste = ensuite;
    ensuite = null;
    geste();
  };

  document.addEventListener("change", ({ target }) => {
    const formulaire = target.closest(".ligne form");
    if (formulaire && saisie(formulaire).niveau !== undefined) minutees.add(ligneDe(formulaire).id);
  });

  // Un motif tapé avant le niveau attend le niveau : rien n’est envoyé tant qu’aucun n’est choisi.
  document.addEventListener("htmx:confirm", (evenement) => {
    const formulaire = evenement.target;
    if (!formulaire.matches(".ligne form")) return;
    const code = ligneDe(formulaire).id;
    minutees.delete(code);
    if (saisie(formulaire).niveau === undefined) evenement.preventDefault();
    else if (partie) {
      evenement.preventDefault();
      if (!attente.includes(code)) attente.push(code);
    }
  });

  // La page dit ce qu’elle montre : la réponse rafraîchit aussi les lignes qu’une autre personne a changées.
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    detail.parameters.vues = [...document.querySelectorAll(".ligne [name=lu]")]
      .map((lu) => `${ligneDe(lu).id}:${lu.value}`)
      .join(" ");
  });

  document.addEventListener("htmx:beforeRequest", ({ target }) => {
    partie = { code: ligneDe(target).id, envoyee: saisie(target) };
  });

  document.addEventListener("htmx:beforeSwap", () => {
    const formulaire = formulaireDe(partie.code);
    partie.tapee = saisie(formulaire);
    partie.curseur =
      document.activeElement === formulaire.elements.motif && formulaire.elements.motif.selectionEnd;
  });

  // Une ligne où l’on est en train de choisir ne se remplace pas sous les doigts.
  document.addEventListener("htmx:oobBeforeSwap", (evenement) => {
    const formulaire = evenement.target.matches(".ligne") && evenement.target.querySelector("form");
    if (formulaire && !memes(saisie(formulaire), enregistree(formulaire))) {
      evenement.detail.shouldSwap = false;
    }
  });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const { code, envoyee, tapee, curseur } = partie;
    const formulaire = formulaireDe(code);
    partie = null;
    if (!tapee) dire(formulaire, "Non enregistré : le serveur n’a pas répondu comme prévu. Recommencez.");
    else if (formulaire && !memes(tapee, envoyee)) {
      reprendre(formulaire, tapee, envoyee, curseur, detail.xhr.status);
    }
    suivante();
  });

  // Un conflit attend un choix : ce qui a été saisi revient à l’écran, mais ne part pas de lui-même.
  const reprendre = (formulaire, tapee, envoyee, curseur, statut) => {
    const { motif } = formulaire.elements;
    const code = ligneDe(formulaire).id;
    minutees.delete(code);
    for (const touche of formulaire.querySelectorAll("[name=niveau]")) {
      touche.checked = touche.value === tapee.niveau;
    }
    motif.value = tapee.motif;
    if (statut === 409) {
      if (attente.includes(code)) attente.splice(attente.indexOf(code), 1);
    } else if (curseur !== false && tapee.niveau === envoyee.niveau) {
      motif.setSelectionRange(curseur, curseur);
      motif.addEventListener("blur", () => envoyer(formulaire), { once: true });
    } else if (!attente.includes(code)) attente.push(code);
  };

  const dire = (formulaire, phrase) => {
    const alerte = document.createElement("p");
    alerte.className = "message message-error";
    alerte.setAttribute("role", "alert");
    alerte.textContent = phrase;
    formulaire.querySelector(":scope > .message")?.remove();
    formulaire.querySelector("fieldset").before(alerte);
    formulaire.querySelector("button").classList.remove("sans-script");
  };

  // Toute la décision se prend au clavier ; la page liste les touches sous « ? ».
  const lignes = () => [...document.querySelectorAll(".ligne")];
  const ligneDe = (element) => element.closest(".ligne");
  const cible = (ligne) =>
    ligne.querySelector(".touche input:checked") ?? ligne.querySelector(".touche input") ?? ligne;

  const aller = (ligne) => {
    if (!ligne) return;
    if (cible(ligne) === ligne) ligne.tabIndex = -1;
    cible(ligne).focus({ preventScroll: true });
    ligne.scrollIntoView({ block: "nearest" });
  };

  const voisine = (element, pas) => {
    const toutes = lignes();
    const courante = ligneDe(element);
    return courante ? toutes[toutes.indexOf(courante) + pas] : toutes[pas > 0 ? 0 : toutes.length - 1];
  };

  const aArreter = () =>
    lignes().find((ligne) => !ligne.querySelector(".touche input:checked")) ?? lignes()[0];

  // Le niveau proposé s’arrête et l’on passe à la suite ; un autre attend son motif.
  const arreter = (ligne, code) => {
    const voulue = [...ligne.querySelectorAll(".touche input")].find((touche) => touche.value === code);
    if (!voulue) return false;
    voulue.focus();
    voulue.click();
    if (code === ligne.dataset.propose) aller(voisine(voulue, 1));
    return true;
  };

  const basculer = (details) => {
    if (!details) return;
    details.open = !details.open;
    if (details.open) details.scrollIntoView({ block: "nearest" });
  };

  const gestes = {
    "?": () => basculer(document.getElementById("touches")),
    Enter: () => aller(aArreter()),
    ArrowDown: (element) => aller(voisine(element, 1)),
    ArrowUp: (element) => aller(voisine(element, -1)),
    d: (element) => basculer((ligneDe(element) ?? aArreter())?.querySelector(".details-ligne")),
    c: (element) => ligneDe(element)?.querySelector(".a-confirmer button")?.click(),
    m: (element) => ligneDe(element)?.querySelector("[name=motif]")?.focus(),
    a: () => quandToutEstEnregistre(() => document.querySelector("#acceptation button")?.click()),
    g: () => document.querySelector("#note [name=note_proposee]")?.focus(),
    p: () => quandToutEstEnregistre(() => document.querySelector(".voisins [rel=prev]")?.click()),
    s: () => quandToutEstEnregistre(() => document.querySelector(".voisins [rel=next]")?.click()),
  };

  // Sur un clavier AZERTY, la touche du chiffre donne « & », « é »… : c’est sa place qui compte.
  const chiffre = ({ code, key }) => /^Digit(\d)$/.exec(code)?.[1] ?? key;

  document.addEventListener("keydown", (evenement) => {
    const element = evenement.target;
    if (evenement.ctrlKey || evenement.altKey || evenement.metaKey) return;
    if (element.matches("textarea, select, input:not([type=radio])")) {
      if (evenement.key === "Escape") aller(ligneDe(element) ?? aArreter());
      return;
    }
    const nom = evenement.key.length === 1 ? evenement.key.toLowerCase() : evenement.key;
    const ligne = ligneDe(element);
    if (
      ligne &&
      element.matches(".touche input") &&
      arreter(ligne, nom === "n" ? "ND" : chiffre(evenement))
    ) {
      evenement.preventDefault();
    } else if (gestes[nom] && !(nom === "Enter" && element.closest("a, button, summary, form"))) {
      evenement.preventDefault();
      gestes[nom](element);
    }
  });

  document.documentElement.classList.add("avec-script");
})();
