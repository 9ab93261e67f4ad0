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

// Toute la décision se prend au clavier ; la page liste les touches sous « ? ».
const lignes = () => [...document.querySelectorAll(".ligne")];
const ligneDe = (element) => element.closest(".ligne");
const cible = (ligne) => ligne.querySelector(".touche input:checked") ?? ligne.querySelector(".touche input") ?? ligne;

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

const aArreter = () => lignes().find((ligne) => !ligne.querySelector(".touche input:checked")) ?? lignes()[0];

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
  d: (element) => basculer((ligneDe(element) ?? aArreter())?.querySelector("details")),
  m: (element) => ligneDe(element)?.querySelector("[name=motif]")?.focus(),
  a: () => document.querySelector("#acceptation button")?.click(),
  g: () => document.querySelector("#note [name=note_proposee]")?.focus(),
  p: () => document.querySelector(".voisins [rel=prev]")?.click(),
  s: () => document.querySelector(".voisins [rel=next]")?.click(),
};

document.addEventListener("keydown", (evenement) => {
  const element = evenement.target;
  if (evenement.ctrlKey || evenement.altKey || evenement.metaKey) return;
  if (element.matches("textarea, select, input:not([type=radio])")) {
    if (evenement.key === "Escape") aller(ligneDe(element) ?? aArreter());
    return;
  }
  const nom = evenement.key.length === 1 ? evenement.key.toLowerCase() : evenement.key;
  const ligne = ligneDe(element);
  if (ligne && element.matches(".touche input") && arreter(ligne, nom === "n" ? "ND" : evenement.key)) {
    evenement.preventDefault();
  } else if (gestes[nom] && !(nom === "Enter" && element.closest("a, button, summary, form"))) {
    evenement.preventDefault();
    gestes[nom](element);
  }
});

document.documentElement.classList.add("avec-script");
