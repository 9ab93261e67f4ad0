// Échelle de compétences au clavier : les flèches vont de case en case, un niveau tapé passe à la suivante.
(() => {
  "use strict";
  const formulaire = document.getElementById("saisie");
  const champs = [...formulaire.querySelectorAll("td.case input")];
  const etat = document.getElementById("etat");
  const aide = etat.textContent;
  const disques = new Map(
    [...document.querySelectorAll(".legende .niveau")]
      .filter((un) => un.querySelector(".niveau-code"))
      .map((un) => [un.querySelector(".niveau-code").textContent.toUpperCase(), un]),
  );
  const LARGEUR = formulaire.querySelectorAll("thead .code").length;

  const changees = () => champs.filter((champ) => champ.value.trim() !== champ.defaultValue).length;

  function dessiner(champ) {
    const td = champ.closest("td");
    const modele = disques.get(champ.value.trim().toUpperCase());
    td.querySelector(".niveau")?.remove();
    td.classList.toggle("fautive", champ.value.trim() !== "" && !modele);
    if (!modele) return;
    const disque = modele.cloneNode(true);
    disque.querySelector(".niveau-libelle")?.remove();
    disque.setAttribute("aria-hidden", "true");
    td.prepend(disque);
  }

  function dire() {
    const nombre = changees();
    etat.textContent = nombre ? `${nombre} case${nombre > 1 ? "s" : ""} à enregistrer.` : aide;
  }

  function aller(champ, pas) {
    const cible = champs[champs.indexOf(champ) + pas];
    if (!cible) return;
    cible.focus();
    cible.select();
  }

  formulaire.addEventListener("input", ({ target: champ }) => {
    if (!champs.includes(champ)) return;
    dessiner(champ);
    dire();
    const tape = champ.value.trim().toUpperCase();
    const suite = [...disques.keys()].some((code) => code.length > tape.length && code.startsWith(tape));
    if (disques.has(tape) && !suite) aller(champ, 1);
  });

  formulaire.addEventListener("keydown", (evenement) => {
    const champ = evenement.target;
    if (evenement.key === "Enter" && (evenement.ctrlKey || evenement.metaKey)) {
      evenement.preventDefault();
      formulaire.requestSubmit();
      return;
    }
    if (!champs.includes(champ)) return;
    const pas = { ArrowUp: -LARGEUR, ArrowDown: LARGEUR, ArrowLeft: -1, ArrowRight: 1, Enter: LARGEUR }[
      evenement.key
    ];
    if (pas === undefined || evenement.altKey) return;
    evenement.preventDefault();
    aller(champ, pas);
  });

  champs.forEach((champ) => champ.addEventListener("focus", () => champ.select()));

  let envoye = false;
  formulaire.addEventListener("submit", () => {
    envoye = true;
  });
  addEventListener("beforeunload", (evenement) => {
    if (!envoye && changees()) evenement.preventDefault();
  });
})();
