// Où l’on est dans la grille, et comment on en bouge ; sur un téléphone, un élève à la fois.
(() => {
  "use strict";
  const { cases } = window.trpm?.grille ?? {};
  if (!cases) return;
  const { table, champ, estCase, rangees, saisieDe, nom } = cases;
  const seul = document.querySelector(".eleve-seul");
  const etroit = window.matchMedia("(max-width: 40rem)");
  const repere = document.getElementById("repere");
  // Ce que met une page arrivée à mener à son ancre, en millisecondes.
  const ARRIVEE = 500;
  let courante = null;
  // La rangée où l’on est ; la seule à l’écran d’un téléphone.
  let montree = null;
  document.querySelector(".tournee [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  function voisine(element, lignes, colonnes) {
    const td = element.closest("td");
    const toutes = rangees();
    let ligne = toutes.indexOf(td.parentElement);
    let colonne = td.cellIndex;
    for (;;) {
      ligne += lignes;
      colonne += colonnes;
      if (lignes && ligne >= toutes.length) [ligne, colonne] = [0, colonne + 1];
      if (lignes && ligne < 0) [ligne, colonne] = [toutes.length - 1, colonne - 1];
      const cible = toutes[ligne]?.cells[colonne];
      if (!cible || cible.cellIndex === 0) return null;
      const saisie = cible.querySelector("input:not([type=hidden]), textarea");
      if (saisie) return saisie;
    }
  }

  function aller(element, lignes, colonnes) {
    const cible = voisine(element, lignes, colonnes);
    if (!cible) return;
    cible.focus();
    cible.closest("td").scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // Après un niveau : l’élève suivant, ou la case suivante du même élève quand il est seul à l’écran, puis la
  // première de l’élève suivant. Un commentaire ne se prend pas pour une case : on s’arrête à la dernière.
  function suivante(element) {
    const cible = etroit.matches
      ? (caseDe(voisine(element, 0, 1)) ?? premiere(element.closest("tr").nextElementSibling))
      : caseDe(voisine(element, 1, 0));
    if (!cible) return;
    montrerEleve(cible.closest("tr"));
    cible.focus();
    cible.closest("td").scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  const caseDe = (element) => (element && estCase(element) ? element : null);
  const casesDe = (tr) => [...(tr?.querySelectorAll("td.case") ?? [])].map(saisieDe).filter(Boolean);
  const premiere = (tr) => casesDe(tr)[0];

  // La page s’ouvre sur une case : la première (`#saisir`), ou la première vide de cet élève (`#e45`).
  function ouvrirSur(ancre) {
    if (!/^#(saisir|e\d+)$/.test(ancre)) return;
    const tr = ancre === "#saisir" ? rangees()[0] : champ(ancre.slice(1))?.closest("tr");
    const siennes = casesDe(tr);
    montrerEleve(tr);
    const viser = () => {
      (siennes.find((un) => un.value === "") ?? siennes[0])?.focus();
      if (etroit.matches) seul.scrollIntoView();
    };
    viser();
    // Le navigateur mène lui-même à l’ancre, ou quitte la case, quand la page finit d’arriver : on y revient.
    const revenir = () => setTimeout(() => estCase(document.activeElement) || viser());
    table.addEventListener("focusout", revenir);
    window.addEventListener("load", () => {
      setTimeout(() => table.removeEventListener("focusout", revenir), ARRIVEE);
    });
  }

  // --- Un élève à la fois, sur un téléphone ---------------------------------------------------

  function montrerEleve(tr) {
    if (!tr || tr === montree) return;
    montree?.classList.remove("montree");
    montree = tr;
    tr.classList.add("montree");
    // Sans en-tête à l’écran, chaque case dit son code.
    const colonnes = table.tHead.rows[1].cells;
    for (const td of tr.querySelectorAll("td.case")) {
      td.dataset.code = colonnes[td.cellIndex - 1].firstChild.textContent;
    }
    const lignes = rangees();
    const rang = lignes.indexOf(tr);
    const photo = tr.cells[0].querySelector(".portrait");
    const dit = `${tr.cells[0].textContent.trim()} (${rang + 1} sur ${lignes.length})`;
    seul.querySelector("p").replaceChildren(...(photo ? [photo.cloneNode()] : []), dit);
    seul.querySelector("[data-eleve='-1']").disabled = rang === 0;
    seul.querySelector("[data-eleve='1']").disabled = rang === lignes.length - 1;
    table.dispatchEvent(new CustomEvent("grille:eleve"));
  }

  function changerEleve(pas) {
    const cible = rangees()[rangees().indexOf(montree) + pas];
    if (!cible) return;
    const rang = courante ? (champ(courante)?.closest("td")?.cellIndex ?? 1) : 1;
    montrerEleve(cible);
    saisieDe(cible.cells[rang])?.focus({ preventScroll: true });
  }

  function adapter() {
    table.classList.toggle("un-par-un", etroit.matches);
    seul.hidden = !etroit.matches;
  }
  etroit.addEventListener("change", adapter);
  adapter();
  montrerEleve(rangees()[0]);
  seul.addEventListener("click", (evenement) => {
    const choisi = evenement.target.closest("button");
    if (choisi) changerEleve(Number(choisi.dataset.eleve));
  });

  let depart = null;
  table.addEventListener("touchstart", ({ touches }) => (depart = touches.length === 1 ? touches[0] : null), {
    passive: true,
  });
  table.addEventListener(
    "touchend",
    ({ changedTouches: [fin] }) => {
      if (!depart || !etroit.matches) return;
      const [dx, dy] = [fin.clientX - depart.clientX, fin.clientY - depart.clientY];
      if (Math.abs(dx) > 60 && Math.abs(dx) > 2 * Math.abs(dy)) changerEleve(dx < 0 ? 1 : -1);
    },
    { passive: true },
  );

  table.addEventListener("focusin", ({ target }) => {
    montrerEleve(target.closest("tbody tr"));
    if (!estCase(target)) return;
    courante = target.id;
    target.select();
    repere.textContent = nom(target.id);
  });

  window.trpm.grille.deplacement = {
    voisine,
    aller,
    suivante,
    montrerEleve,
    ouvrirSur,
    montree: () => montree,
    // Le champ de la dernière case choisie, s’il est encore là.
    courant: () => courante && champ(courante),
  };
})();
