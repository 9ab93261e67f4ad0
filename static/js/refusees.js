// Les saisies que le serveur a refusées restent sous les yeux, sur chaque page de la personne, avec l’élève, la
// compétence et la valeur : on les renvoie, on les copie, on les imprime ; rien ne s’efface sans qu’on le dise.
(() => {
  "use strict";
  const { saisies } = window.trpm ?? {};
  const zone = document.getElementById("saisies-refusees");
  if (!saisies || !zone) return;
  // La grille montre elle-même les siennes, près de ses cases.
  const ici = document.querySelector("table.saisie[data-operations]")?.dataset.operations;
  const dire = ({ nom, case: cle, texte, motif }) =>
    `${nom || cle} : ${texte ? `« ${texte} »` : "case vidée"} (${motif ?? "refusée"})`;

  async function copier(refusees) {
    const texte = refusees.map(dire).join("\n");
    try {
      await navigator.clipboard.writeText(texte);
    } catch {
      window.prompt("Copiez ce texte :", texte);
    }
  }

  function imprimer(refusees) {
    const feuille = document.createElement("section");
    feuille.className = "a-imprimer";
    const titre = document.createElement("h1");
    titre.textContent = "Saisies non enregistrées";
    const liste = document.createElement("ul");
    liste.append(
      ...refusees.map((une) => Object.assign(document.createElement("li"), { textContent: dire(une) })),
    );
    feuille.append(titre, liste);
    document.body.append(feuille);
    document.body.classList.add("imprime-les-refusees");
    window.print();
    document.body.classList.remove("imprime-les-refusees");
    feuille.remove();
  }

  function bouton(texte, geste) {
    const un = document.createElement("button");
    Object.assign(un, { type: "button", className: "btn btn-sm btn-outline-secondary", textContent: texte });
    un.addEventListener("click", geste);
    return un;
  }

  function ligne(une) {
    const li = document.createElement("li");
    li.append(
      `${dire(une)} `,
      bouton("Envoyer de nouveau", () => saisies.renvoyer(une)),
      " ",
      bouton("J’ai lu", () => saisies.retirer(une.adresse, une.case, ["refus"])),
    );
    return li;
  }

  function montrer(toutes) {
    const refusees = toutes.filter((une) => une.adresse !== ici);
    zone.hidden = refusees.length === 0;
    if (zone.hidden) return zone.replaceChildren();
    const titre = document.createElement("p");
    titre.textContent = saisies.accord(
      refusees.length,
      "saisie n’est pas enregistrée :",
      "saisies ne sont pas enregistrées :",
    );
    const liste = document.createElement("ul");
    liste.append(...refusees.map(ligne));
    const actions = document.createElement("p");
    actions.append(
      bouton("Copier la liste", () => copier(refusees)),
      " ",
      bouton("Imprimer la liste", () => imprimer(refusees)),
    );
    return zone.replaceChildren(titre, liste, actions);
  }

  document.addEventListener("saisies:compte", ({ detail }) => montrer(detail.refusees));
  saisies.deLEtat("refus").then(montrer);

  window.trpm.refusees = { copier, imprimer };
})();
