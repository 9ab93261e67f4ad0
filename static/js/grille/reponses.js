// Ce que répond le serveur à chaque saisie, montré dans sa case ; un conflit ou un refus attend un choix.
(() => {
  "use strict";
  const { cases, envoi } = window.trpm?.grille ?? {};
  if (!envoi) return;
  const { saisies } = window.trpm;
  const { champ, cellule, nom, montrer, dessiner, ETATS } = cases;
  const { adresse, etat, enRoute, enregistrer, dire } = envoi;
  const avis = document.getElementById("avis");
  const GESTES = [
    ["renvoyer", "Envoyer de nouveau"],
    ["copier", "Copier"],
    ["imprimer", "Imprimer"],
    ["garder", "J’ai lu"],
  ];

  document.addEventListener("saisies:reponse", ({ detail }) => {
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

  // Un refus de tout l’envoi : la situation n’est plus là, ou plus à soi.
  document.addEventListener("saisies:refus", async ({ detail }) => {
    if (detail.adresse !== adresse) return;
    for (const une of await saisies.deLEtat("refus")) {
      if (une.adresse !== adresse) continue;
      enRoute.delete(une.case);
      terminer(une.case, { resultat: "refus", ...une });
    }
    etat.textContent = "Ces saisies sont refusées : voyez pourquoi au-dessus de la grille.";
  });

  document.addEventListener("grille:corrigee", ({ detail: cle }) => {
    if (!cellule(cle)?.classList.contains("fautive")) return;
    document.getElementById(`avis-${cle}`)?.remove();
    champ(cle)?.removeAttribute("aria-invalid");
    montrer(cle, "");
    saisies.retirer(adresse, cle, ["refus"]);
  });

  function terminer(cle, resultat) {
    document.getElementById(`avis-${cle}`)?.remove();
    const sort = { enregistre: "enregistree", conflit: "conflit", refus: "fautive" }[resultat.resultat];
    montrer(cle, sort);
    if (resultat.resultat === "enregistre") {
      saisies.retirer(adresse, cle, ["conflit", "refus"]);
      return;
    }
    if (resultat.resultat === "refus" && champ(cle) && resultat.texte !== undefined) {
      champ(cle).value = resultat.texte;
      champ(cle).setAttribute("aria-invalid", "true");
    }
    aviser(cle, resultat);
  }

  function aviser(cle, { avis: html, motif, texte }) {
    if (html) {
      avis.insertAdjacentHTML("beforeend", html);
      return;
    }
    const ligne = document.createElement("li");
    ligne.id = `avis-${cle}`;
    ligne.className = "message message-error";
    ligne.dataset.case = cle;
    ligne.append(`${nom(cle)} : ${motif ?? ""} ${texte ? `Vous aviez tapé « ${texte} ».` : ""}`);
    for (const [geste, mots] of GESTES) {
      const bouton = document.createElement("button");
      Object.assign(bouton, {
        type: "button",
        className: "btn btn-sm btn-outline-secondary",
        textContent: mots,
      });
      bouton.dataset[geste] = "";
      ligne.append(" ", bouton);
    }
    avis.append(ligne);
  }

  // La case que l’on est en train de remplir garde son champ : rien ne bouge sous les doigts.
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

  avis.addEventListener("click", async ({ target }) => {
    const ligne = target.closest("li[data-case]");
    if (!ligne || !target.matches("[data-renvoyer], [data-copier], [data-imprimer]")) return;
    const cle = ligne.dataset.case;
    const refusees = (await saisies.deLEtat("refus")).filter(
      (une) => une.adresse === adresse && une.case === cle,
    );
    if (target.matches("[data-copier]")) window.trpm.refusees.copier(refusees);
    else if (target.matches("[data-imprimer]")) window.trpm.refusees.imprimer(refusees);
    else {
      ligne.remove();
      for (const une of refusees) await saisies.renvoyer(une);
      reprendre();
    }
  });

  avis.addEventListener("click", (evenement) => {
    const ligne = evenement.target.closest("li[data-case]");
    if (!ligne || !evenement.target.matches("[data-garder], [data-remplacer]")) return;
    const cle = ligne.dataset.case;
    saisies.retirer(adresse, cle, ["conflit", "refus"]);
    montrer(cle, "");
    if (evenement.target.matches("[data-remplacer]")) {
      const valeur = (genre) => ligne.querySelector(`[name="${genre}-${cle}"]`).value;
      if (champ(cle)) champ(cle).value = valeur("voulu");
      enregistrer(cle, valeur("voulu"), valeur("present"));
    }
    ligne.remove();
    champ(cle)?.focus();
  });

  // Ce qui attendait déjà à l’ouverture de la page : à montrer dans les cases, à trancher s’il le faut.
  async function reprendre() {
    for (const une of await saisies.toutes()) {
      const { case: cle, adresse: ou, texte } = une;
      if (ou !== adresse) continue;
      if (une.etat !== "attente") {
        document.getElementById(`avis-${cle}`)?.remove();
        montrer(cle, une.etat === "conflit" ? "conflit" : "fautive");
        aviser(cle, une);
        continue;
      }
      const { id, chaine, rang, vu } = une;
      const connue = enRoute.get(cle);
      if (connue && connue.chaine !== chaine) continue;
      if (connue && connue.rang >= rang) continue;
      enRoute.set(cle, { id, chaine, rang, vu, texte });
      if (champ(cle)) champ(cle).value = texte;
      montrer(cle, "attente");
      dessiner(cle, texte);
    }
    dire();
    saisies.envoyer();
  }
  reprendre();

  window.trpm.grille.reponses = {};
})();
