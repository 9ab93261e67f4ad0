// Placer une classe : recopier vers le bas, ouvrir l’ajout d’une entreprise depuis une ligne, compter les jours.
// Sans ce fichier, chaque liste se choisit une à une et l’ajout se déplie à la main.
(() => {
  "use strict";
  const form = document.getElementById("placement");
  const dit = document.getElementById("recopie");
  const cases = [...form.querySelectorAll("[data-colonne]")];
  const NEUVE = "+";

  function recopier(bloc) {
    const choix = bloc.querySelector("select");
    const suite = cases.slice(cases.indexOf(bloc) + 1);
    const vides = suite
      .filter((une) => une.dataset.colonne === bloc.dataset.colonne)
      .map((une) => une.querySelector("select"))
      .filter((un) => !un.value && !un.disabled);
    for (const un of vides) un.value = choix.value;
    const s = vides.length > 1 ? "s" : "";
    dit.textContent = `Recopié sur ${vides.length} ligne${s}.`;
    choix.focus();
  }

  for (const bloc of cases) {
    const choix = bloc.querySelector("select");
    const quoi = bloc.dataset.colonne === "place" ? "l’entreprise" : "le référent";
    const eleve = bloc.closest("li").querySelector(".nom").firstChild.textContent.trim();
    const bouton = document.createElement("button");
    bouton.type = "button";
    bouton.className = "btn btn-outline-secondary recopier";
    bouton.title = "Recopier sur les lignes vides du dessous";
    bouton.setAttribute("aria-label", `Recopier vers le bas ${quoi} de ${eleve}`);
    bouton.textContent = "↓";
    const montrer = () => {
      bouton.disabled = !choix.value || choix.disabled;
    };
    bouton.addEventListener("click", () => recopier(bloc));
    choix.after(bouton);
    choix.addEventListener("change", montrer);
    montrer();
    if (bloc.dataset.colonne === "place") choix.add(new Option("nouvelle entreprise…", NEUVE), 1);
  }

  form.addEventListener("change", ({ target }) => {
    if (target.value !== NEUVE || !target.name.startsWith("place_")) return;
    target.value = "";
    document.getElementById("nouvelle").open = true;
    document.getElementById("id_nouvelle-pour").value = target.name.slice("place_".length);
    document.getElementById("id_nouvelle-nom").focus();
  });

  const [debut, fin] = ["debut", "fin"].map((nom) => form.elements[nom]);
  const duree = document.getElementById("duree");
  const jour = new Intl.DateTimeFormat("fr-FR", { weekday: "long", timeZone: "UTC" });

  function compter() {
    const [du, au] = [debut, fin].map((un) => new Date(`${un.value}T00:00:00Z`));
    if (Number.isNaN(du.getTime()) || Number.isNaN(au.getTime())) {
      duree.textContent = "";
      return;
    }
    if (au < du) {
      duree.textContent = "Le dernier jour précède le premier : vérifiez les dates.";
      return;
    }
    if ((au - du) / 86_400_000 > 400) return;
    let jours = 0;
    for (let un = du.getTime(); un <= au.getTime(); un += 86_400_000) {
      if (![0, 6].includes(new Date(un).getUTCDay())) jours += 1;
    }
    const s = jours > 1 ? "s" : "";
    duree.textContent = `Du ${jour.format(du)} au ${jour.format(au)} : ${jours} jour${s} du lundi au vendredi.`;
  }
  for (const un of [debut, fin]) un.addEventListener("change", compter);
  compter();
})();
