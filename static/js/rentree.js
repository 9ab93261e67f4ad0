// « Tout cocher » : une colonne entière d’une table d’élèves.
(() => {
  "use strict";

  for (const bouton of document.querySelectorAll("[data-cocher]")) {
    bouton.hidden = false;
    bouton.addEventListener("click", () => {
      const table = bouton.closest("[data-issues]");
      for (const choix of table.querySelectorAll(`input[value="${bouton.dataset.cocher}"]`)) {
        choix.checked = true;
      }
    });
  }
})();
