// Les nombres de l’en-tête arrivent après la page, et ne se redemandent pas avant une minute, sauf après un envoi.
(() => {
  "use strict";
  const place = document.getElementById("compteurs");
  const CLE = "trpm-compteurs";
  const APRES = 1200;
  if (!place) return;

  const perime = () => sessionStorage.setItem(CLE, "relire");
  document.addEventListener("submit", perime);
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail?.requestConfig?.verb !== "get") perime();
  });
  if (location.pathname.endsWith("/grille/")) perime();
  if ("lus" in place.dataset) {
    sessionStorage.removeItem(CLE);
    return;
  }

  setTimeout(async () => {
    if (!navigator.onLine || document.hidden) return;
    const cache = sessionStorage.getItem(CLE) ? "reload" : "default";
    try {
      const reponse = await fetch(place.dataset.adresse, { cache, headers: { "X-Requested-With": "fetch" } });
      if (!reponse.ok || reponse.redirected) return;
      const texte = await reponse.text();
      if (!place.contains(document.activeElement)) place.innerHTML = texte;
      sessionStorage.removeItem(CLE);
    } catch {
      // Sans réseau, les liens restent, sans leurs nombres.
    }
  }, APRES);
})();
