// Les réponses 409 (le dossier a changé) et 422 (saisie à corriger) remplacent la ligne, comme les autres.
document.addEventListener("htmx:beforeSwap", (evenement) => {
  if ([409, 422].includes(evenement.detail.xhr.status)) {
    evenement.detail.shouldSwap = true;
    evenement.detail.isError = false;
  }
});

// Un motif tapé avant le niveau attend le niveau : rien n’est envoyé tant qu’aucun n’est choisi.
document.addEventListener("htmx:configRequest", (evenement) => {
  const formulaire = evenement.target;
  if (formulaire.matches(".ligne form") && !formulaire.querySelector("[name=niveau]:checked")) {
    evenement.preventDefault();
  }
});

// Sur une touche de niveau, taper le code d’un autre niveau l’arrête (« n » pour non démontrée).
document.addEventListener("keydown", (evenement) => {
  const touche = evenement.target;
  if (!touche.matches(".touche input") || evenement.ctrlKey || evenement.altKey || evenement.metaKey) return;
  const code = evenement.key.toLowerCase() === "n" ? "ND" : evenement.key;
  const voulue = [...touche.form.elements.niveau].find((autre) => autre.value === code);
  if (!voulue) return;
  evenement.preventDefault();
  voulue.focus();
  voulue.click();
});

document.documentElement.classList.add("avec-script");
