// Les décisions des autres membres paraissent pendant que la page est ouverte, sans toucher à ce qui se tape.
(() => {
  "use strict";
  const CADENCE = 8000;
  const page = document.querySelector("[data-fil]");
  if (!page) return;

  const touche = (champ) => {
    if (["radio", "checkbox"].includes(champ.type)) return champ.checked !== champ.defaultChecked;
    if (champ.type === "hidden" || champ.type === "submit") return false;
    return champ.value !== champ.defaultValue;
  };

  // Un champ modifié, ou celui où l’on écrit : ce morceau attend.
  const occupe = (morceau) =>
    morceau.classList.contains("htmx-request") ||
    morceau.querySelector(".htmx-request, .message-error") !== null ||
    morceau.contains(document.activeElement?.closest("input:not([type=radio]), textarea")) ||
    [...morceau.querySelectorAll("input, textarea")].some(touche);

  const remplacer = (neuf) => {
    const ancien = document.getElementById(neuf.id);
    if (!ancien || occupe(ancien)) return;
    const focus = ancien.contains(document.activeElement) ? document.activeElement.id : "";
    const ouverts = [...ancien.querySelectorAll("details")].map((details) => details.open);
    ancien.replaceWith(neuf);
    [...neuf.querySelectorAll("details")].forEach((details, rang) => {
      details.open = ouverts[rang] ?? false;
    });
    htmx.process(neuf);
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
  };

  const vues = () =>
    [...document.querySelectorAll(".ligne [name=lu]")]
      .map((lu) => `${lu.closest(".ligne").id}:${lu.value}`)
      .join(" ");

  const lire = async () => {
    if (document.hidden || document.querySelector(".htmx-request")) return;
    const demande = new URLSearchParams({ vu: page.dataset.fil, vues: vues() });
    const reponse = await fetch(`${page.dataset.adresse}?${demande}`, { redirect: "error" });
    if (reponse.status !== 200 || document.querySelector(".htmx-request")) return;
    const recu = new DOMParser().parseFromString(await reponse.text(), "text/html");
    const morceaux = [...recu.querySelectorAll(".ligne, #note, #acceptation, #barre, #etat")];
    const refuses = morceaux.filter((neuf) => {
      const ancien = document.getElementById(neuf.id);
      return ancien && occupe(ancien);
    });
    morceaux.forEach(remplacer);
    // Un morceau qui attend se redemande au prochain tour.
    if (refuses.length === 0) page.dataset.fil = recu.querySelector("[data-fil]").dataset.fil;
  };

  setInterval(() => lire().catch(() => {}), CADENCE);
})();
