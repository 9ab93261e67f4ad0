// Chercher d’où que l’on soit : Ctrl K, les flèches, Entrée, Échap. Sans script, le champ mène à sa page.
(() => {
  "use strict";
  const ATTENTE = 150;
  const champs = [...document.querySelectorAll("[data-trouver]")].map(brancher);

  document.addEventListener("keydown", (evenement) => {
    if (!(evenement.ctrlKey || evenement.metaKey) || evenement.altKey || evenement.shiftKey) return;
    if (evenement.key.toLowerCase() !== "k") return;
    const champ = champs.findLast((un) => un.offsetParent !== null);
    const loupe = document.querySelector(".loupe");
    evenement.preventDefault();
    if (champ) {
      champ.focus();
      champ.select();
    } else loupe?.click();
  });

  function brancher(formulaire) {
    const champ = formulaire.querySelector("input[type=search]");
    const liste = document.createElement("div");
    liste.id = `${champ.id}-liste`;
    liste.className = "trouvailles";
    liste.role = "listbox";
    liste.ariaLabel = "Trouvés";
    liste.hidden = true;
    const dit = document.createElement("p");
    dit.className = "visually-hidden";
    dit.ariaLive = "polite";
    formulaire.append(liste, dit);
    for (const [nom, valeur] of [
      ["role", "combobox"],
      ["aria-autocomplete", "list"],
      ["aria-controls", liste.id],
      ["aria-expanded", "false"],
    ]) {
      champ.setAttribute(nom, valeur);
    }

    let minuterie = 0;
    let demande = null;
    const options = () => [...liste.querySelectorAll("[role=option]")];
    const active = () => liste.querySelector("[aria-selected=true]");

    function fermer() {
      clearTimeout(minuterie);
      demande?.abort();
      liste.hidden = true;
      champ.setAttribute("aria-expanded", "false");
      champ.removeAttribute("aria-activedescendant");
    }

    function choisir(option) {
      active()?.setAttribute("aria-selected", "false");
      option.setAttribute("aria-selected", "true");
      champ.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }

    async function chercher() {
      const texte = champ.value.trim();
      if (!texte) return fermer();
      demande?.abort();
      demande = new AbortController();
      const adresse = `${formulaire.action}?q=${encodeURIComponent(texte)}&champ=${champ.id}`;
      try {
        const reponse = await fetch(adresse, {
          headers: { "X-Requested-With": "fetch" },
          signal: demande.signal,
        });
        if (!reponse.ok || reponse.redirected) return;
        liste.innerHTML = await reponse.text();
      } catch {
        return;
      }
      const nombre = options().length;
      liste.hidden = false;
      champ.setAttribute("aria-expanded", "true");
      champ.removeAttribute("aria-activedescendant");
      dit.textContent = nombre ? `${nombre} trouvé${nombre > 1 ? "s" : ""}` : "Rien de tel";
      if (nombre) choisir(options()[0]);
    }

    champ.addEventListener("input", () => {
      clearTimeout(minuterie);
      minuterie = setTimeout(chercher, ATTENTE);
    });
    champ.addEventListener("keydown", (evenement) => {
      const toutes = options();
      const rang = toutes.indexOf(active());
      if (evenement.key === "Escape" && !liste.hidden) {
        evenement.preventDefault();
        fermer();
      } else if (liste.hidden || !toutes.length) {
        return;
      } else if (evenement.key === "ArrowDown" || evenement.key === "ArrowUp") {
        evenement.preventDefault();
        const pas = evenement.key === "ArrowDown" ? 1 : -1;
        choisir(toutes[(rang + pas + toutes.length) % toutes.length]);
      } else if (evenement.key === "Enter" && active()) {
        evenement.preventDefault();
        location.assign(active().href);
      }
    });
    formulaire.addEventListener("focusout", ({ relatedTarget }) => {
      if (!formulaire.contains(relatedTarget)) fermer();
    });
    liste.addEventListener("mousedown", (evenement) => evenement.preventDefault());
    return champ;
  }
})();
