// L'appareil n'a pas donné la clé d'accès : la page le dit, au lieu de la seule console.
(() => {
  "use strict";

  document.addEventListener("allauth.error", (evenement) => {
    evenement.preventDefault();
    document.getElementById("cle-refusee")?.removeAttribute("hidden");
  });
})();
