// Avant le premier trait : la page prend la clarté que demande l’appareil, et en change avec lui.
(() => {
  "use strict";
  const sombre = matchMedia("(prefers-color-scheme: dark)");
  const poser = () => {
    document.documentElement.dataset.bsTheme = sombre.matches ? "dark" : "light";
  };
  poser();
  sombre.addEventListener("change", poser);
})();
