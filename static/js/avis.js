// Le lien d’un avis suffit à le couper : la page envoie d’elle-même ce qu’y dit son bouton.
(() => {
  "use strict";
  document.getElementById("arreter")?.submit();
})();
