// Une session qui finit pendant qu’on écrit ne fait rien perdre : ce qui part reste, le temps de la réponse, dans
// cet onglet, et revient dans le formulaire si la personne a dû se reconnecter. À elle seule : une autre l’efface.
(() => {
  "use strict";
  const CLE = "brouillon";
  const personne = document.documentElement.dataset.personne;
  const TUS = new Set(["csrfmiddlewaretoken", "next"]);
  const gardable = (element) =>
    element.name && !TUS.has(element.name) && !/^(?:file|password|submit)$/.test(element.type);

  document.addEventListener("submit", ({ target }) => {
    if (!personne || target.method !== "post" || target.id === "deconnexion") return;
    if (target.querySelector("[type=password]")) return;
    const champs = [...target.elements].filter(gardable);
    const valeurs = champs
      .filter((un) => !/^(?:checkbox|radio)$/.test(un.type) || un.checked)
      .flatMap((un) =>
        un.selectedOptions ? [...un.selectedOptions].map((o) => [un.name, o.value]) : [[un.name, un.value]],
      );
    const brouillon = { personne, page: location.pathname, action: target.action, valeurs };
    try {
      sessionStorage.setItem(CLE, JSON.stringify(brouillon));
    } catch {
      // Trop gros pour l’onglet, ou mémoire interdite : rien ne se garde, l’envoi part quand même.
    }
  });

  function lu() {
    try {
      return JSON.parse(sessionStorage.getItem(CLE));
    } catch {
      return null;
    }
  }

  function remplir(formulaire, valeurs) {
    for (const element of [...formulaire.elements].filter(gardable)) {
      const siennes = valeurs.filter(([nom]) => nom === element.name).map(([, valeur]) => valeur);
      if (/^(?:checkbox|radio)$/.test(element.type)) {
        element.checked = siennes.includes(element.value);
      } else if (element.options) {
        for (const option of element.options) option.selected = siennes.includes(option.value);
      } else if (element.type !== "hidden" && siennes.length) {
        element.value = siennes[0];
      }
    }
  }

  const brouillon = lu();
  const adresse = new URL(location.href);
  if (!personne || !brouillon) return;
  sessionStorage.removeItem(CLE);
  if (!adresse.searchParams.has("reprise") || brouillon.personne !== personne) return;
  const formulaire = [...document.forms].find(
    (un) => un.method === "post" && sansReprise(un.action) === sansReprise(brouillon.action),
  );
  if (!formulaire) return;
  remplir(formulaire, brouillon.valeurs);
  const avis = document.createElement("p");
  avis.className = "message message-warning";
  avis.textContent =
    "Votre session avait pris fin : rien n’était enregistré. Voici ce que vous aviez écrit, à relire et à envoyer de nouveau.";
  document.getElementById("messages")?.append(avis);
  adresse.searchParams.delete("reprise");
  history.replaceState(null, "", adresse);

  function sansReprise(lien) {
    const url = new URL(lien, location.href);
    url.searchParams.delete("reprise");
    return url.href;
  }
})();
