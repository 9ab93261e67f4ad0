// Ce que l’appareil garde pour travailler sans réseau, et ce qu’il efface quand on part.
(() => {
  "use strict";
  if (!window.trpm?.saisies) return;
  const { personne, accord, vider, envoyer, toutes } = window.trpm.saisies;

  // --- Quitter ------------------------------------------------------------------------------

  // À la déconnexion, la file et les grilles gardées s’effacent de l’appareil.
  const sortie = document.getElementById("deconnexion");
  sortie?.addEventListener("submit", async (evenement) => {
    evenement.preventDefault();
    await Promise.race([envoyer(), new Promise((tenir) => setTimeout(tenir, 3000))]);
    const restent = (await toutes()).length;
    const phrase = accord(
      restent,
      "saisie n’est pas enregistrée et sera perdue",
      "saisies ne sont pas enregistrées et seront perdues",
    );
    if (
      restent &&
      !window.confirm(`${phrase} si vous vous déconnectez maintenant. Se déconnecter quand même ?`)
    ) {
      return;
    }
    await vider();
    await oublierLesGrilles();
    sortie.submit();
  });

  async function oublierLesGrilles(saufLesMiennes = false) {
    if (!window.caches) return;
    for (const nom of await caches.keys()) {
      if (nom.startsWith("grilles-") && !(saufLesMiennes && nom === `grilles-${personne}`)) {
        await caches.delete(nom);
      }
    }
  }

  // --- Sans réseau --------------------------------------------------------------------------

  // La page est déjà là quand le service s’installe : on lui demande de la garder, avec ses fichiers.
  async function installer() {
    if (!navigator.serviceWorker) return;
    await navigator.serviceWorker.register("/service-worker.js");
    const service = await navigator.serviceWorker.ready;
    await oublierLesGrilles(true);
    if (!document.querySelector("table.saisie[data-operations]")) return;
    const fichiers = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map(
      (un) => un.href || un.src,
    );
    // Avec la grille d’un poste, celles des autres postes et des autres tours.
    const voisines = [...document.querySelectorAll(".tournee a")].map((un) => un.href);
    service.active.postMessage({ garder: location.href, voisines, fichiers, personne });
    direCeQuiEstGarde();
  }

  // Une fois par appareil, sous la grille : rien ne bouge au-dessus du doigt.
  function direCeQuiEstGarde() {
    const DIT = "trpm-sans-reseau-dit";
    if (localStorage.getItem(DIT)) return;
    const conseil = document.createElement("p");
    conseil.className = "conseil garde";
    conseil.setAttribute("role", "note");
    conseil.append(
      "Cet appareil garde les grilles que vous ouvrez et les niveaux qui n’ont pas pu partir, pour travailler " +
        "sans réseau. Tout s’efface quand vous vous déconnectez. ",
    );
    const lu = document.createElement("button");
    lu.type = "button";
    lu.className = "btn btn-outline-secondary";
    lu.textContent = "J’ai compris";
    lu.addEventListener("click", () => {
      localStorage.setItem(DIT, "oui");
      conseil.remove();
    });
    conseil.append(lu);
    document.getElementById("contenu").append(conseil);
  }

  installer().catch(() => {
    // Sans service (navigation privée, adresse sans https), la file suffit tant que la page reste ouverte.
  });
})();
