// Coller des niveaux venus d’un tableur : de haut en bas et vers la droite, depuis la case où l’on est.
// Tout ou rien : une valeur qui n’est pas un niveau, ou plus de lignes que d’élèves, et rien n’est collé.
(() => {
  "use strict";
  const { cases, envoi, deplacement } = window.trpm?.grille ?? {};
  if (!envoi || !deplacement) return;
  const { table, estCase, rangees, saisieDe, lire, nom } = cases;
  const { etat, poser, ensemble } = envoi;

  const blanc = /^[\s\u00A0\u202F\uFEFF]+|[\s\u00A0\u202F\uFEFF]+$/g;
  // Une copie de tableur finit par un saut de ligne ; une case entre guillemets en contient parfois un.
  function lignesDe(texte) {
    const lignes = texte.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
    return lignes.map((ligne) =>
      ligne.split("\t").map((un) => un.replace(blanc, "").replace(/^"(.*)"$/, "$1")),
    );
  }

  // Un tableur écrit parfois « 3,0 » ou « 3.00 » ce que l’échelle écrit « 3 ».
  const niveau = (texte) => lire(texte) ?? lire(texte.replace(/^(\d+)[.,]0+$/, "$1"));

  // Rend pourquoi rien ne se colle, ou la liste des cases et de leur niveau.
  function preparer(depart, lignes) {
    const td = depart.closest("td");
    const toutes = rangees();
    const rang = toutes.indexOf(td.parentElement);
    if (lignes.length > toutes.length - rang) {
      return `${lignes.length} lignes à coller, mais ${toutes.length - rang} élèves à partir de celui-ci.`;
    }
    const paires = [];
    for (const [bas, valeurs] of lignes.entries()) {
      for (const [droite, valeur] of valeurs.entries()) {
        const cible = toutes[rang + bas].cells[td.cellIndex + droite];
        if (valeur === "") continue;
        if (!cible?.classList.contains("case")) return "Plus de colonnes à coller que la grille n’en compte.";
        const champ = saisieDe(cible);
        const code = niveau(valeur);
        if (code === null) return `« ${valeur} » (ligne ${bas + 1}) n’est pas un niveau de l’échelle.`;
        if (!champ) return `Ligne ${bas + 1} : cette case n’attend pas de niveau pour cet élève.`;
        paires.push([champ, code]);
      }
    }
    return paires.length ? paires : "Rien à coller.";
  }

  table.addEventListener("paste", (evenement) => {
    const element = evenement.target;
    if (!estCase(element)) return;
    evenement.preventDefault();
    const paires = preparer(element, lignesDe(evenement.clipboardData.getData("text/plain")));
    if (typeof paires === "string") {
      etat.textContent = `Rien n’est collé. ${paires}`;
      return;
    }
    ensemble(() => paires.forEach(([champ, code]) => poser(champ, code)));
    const [dernier] = paires.at(-1);
    etat.textContent = `${paires.length} ${paires.length > 1 ? "niveaux collés" : "niveau collé"}, jusqu’à ${nom(dernier.id)}.`;
  });

  window.trpm.grille.collage = {};
})();
