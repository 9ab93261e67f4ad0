// Les cases de la grille d’une situation : où elles sont, ce qu’elles portent, ce que veut dire ce qu’on y tape.
(() => {
  "use strict";
  const table = document.querySelector("table.saisie");
  if (!table || !window.trpm?.saisies) return;
  const codes = table.dataset.codes.trim().split(" ");
  const mentions = table.dataset.mentions.trim().split(" ");
  const ETATS = ["attente", "conflit", "fautive", "enregistree"];

  const champ = (cle) => document.getElementById(cle);
  // Une remarque (`rd12-45`) n’a pas de champ : elle est posée sur une case (`d12-45`), qui la porte.
  const hote = (cle) => cle.replace(/^r/, "");
  const cellule = (cle) => champ(hote(cle))?.closest("td") ?? null;
  // Ce que la case portait quand le serveur l’a dessinée.
  const vu = (cle) =>
    hote(cle) === cle
      ? (champ(cle)?.dataset.vu ?? champ(cle)?.defaultValue ?? "")
      : (document.getElementById(`m-${hote(cle)}`)?.dataset.remarque ?? "");
  const estCase = (element) => element instanceof HTMLInputElement && element.closest("td.case") !== null;
  const rangees = () => [...table.tBodies[0].rows];
  const saisieDe = (td) => td?.querySelector("input:not([type=hidden])") ?? null;

  function nom(cle) {
    const ids = champ(hote(cle))?.getAttribute("aria-labelledby")?.split(" ") ?? [];
    const remarque = hote(cle) === cle ? [] : ["remarque"];
    const mots = ids.map((id) => document.getElementById(id).textContent.trim().replace(/\s+/g, " "));
    return [...mots, ...remarque].join(" · ");
  }

  // Même règle que `code_saisi` du serveur : un code exact, sinon le début d’une seule mention.
  function lire(texte) {
    const tape = texte.trim().toUpperCase();
    if (!tape) return "";
    const exact = [...codes, ...mentions].find((code) => code.toUpperCase() === tape);
    if (exact) return exact;
    const debut = mentions.filter((mention) => mention.startsWith(tape));
    return debut.length === 1 ? debut[0] : null;
  }

  // Un autre code de niveau commence-t-il par ce qui est tapé ? Alors on attend la suite.
  const aSuivre = (texte) =>
    codes.some((code) => code.length > texte.length && code.toUpperCase().startsWith(texte.toUpperCase()));

  // Un niveau ou une mention commence-t-il ainsi ?
  const commence = (texte) =>
    [...codes, ...mentions].some((code) => code.toUpperCase().startsWith(texte.toUpperCase()));

  function montrer(cle, voulu) {
    const td = cellule(cle);
    td?.classList.remove(...ETATS);
    if (voulu) td?.classList.add(voulu);
  }

  const symboles = new Map(
    [...document.querySelectorAll(".clavier [data-symbole]")].map((un) => [
      un.dataset.texte,
      `niveau-${un.dataset.symbole}`,
    ]),
  );

  // Le disque du niveau, sans attendre la réponse.
  function dessiner(cle, texte) {
    const td = cellule(cle);
    if (!td?.classList.contains("case")) return;
    td.querySelector(".suggestion")?.remove();
    td.classList.remove("suggeree", ...symboles.values());
    if (symboles.has(texte)) td.classList.add(symboles.get(texte));
  }

  window.trpm.grille = {
    cases: {
      table,
      codes,
      ETATS,
      champ,
      cellule,
      vu,
      estCase,
      rangees,
      saisieDe,
      nom,
      lire,
      aSuivre,
      commence,
      montrer,
      dessiner,
    },
  };
})();
