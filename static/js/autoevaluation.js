// Chaque réponse part dès qu’elle est choisie. Ce qui n’a pas pu partir attend, sur la page et dans
// l’onglet, et repart au retour du réseau : rien n’est perdu. Sans ce script, « Enregistrer » suffit.
(() => {
  "use strict";
  const formulaire = document.getElementById("autoevaluation");
  const etat = document.getElementById("etat-envoi");
  const cle = `autoevaluation ${location.pathname}${location.search}`;
  const attente = new Map(JSON.parse(sessionStorage.getItem(cle) || "[]"));
  let envoi = false;

  const garder = () => {
    if (attente.size) sessionStorage.setItem(cle, JSON.stringify([...attente]));
    else sessionStorage.removeItem(cle);
  };

  const dire = (texte, faute = false) => {
    etat.textContent = texte;
    etat.classList.toggle("en-faute", faute);
  };

  async function partir() {
    if (envoi || !attente.size) return;
    envoi = true;
    const lot = new Map(attente);
    const corps = new FormData();
    corps.set("csrfmiddlewaretoken", formulaire.elements.csrfmiddlewaretoken.value);
    for (const [nom, valeur] of lot) corps.set(nom, valeur);
    try {
      const reponse = await fetch(location.href, {
        method: "POST",
        body: corps,
        headers: { Accept: "application/json" },
      });
      if (reponse.redirected || ![200, 422].includes(reponse.status)) throw new Error(String(reponse.status));
      const { heure, repondues, refus } = await reponse.json();
      for (const [nom, valeur] of lot) if (attente.get(nom) === valeur) attente.delete(nom);
      garder();
      const fautes = Object.values(refus);
      dire(
        fautes.length
          ? fautes.join(" ")
          : `Enregistré à ${heure}, ${repondues} réponse${repondues > 1 ? "s" : ""}`,
        fautes.length > 0,
      );
      envoi = false;
      partir();
    } catch {
      envoi = false;
      const s = attente.size > 1 ? "s" : "";
      dire(`Pas encore enregistré : ${attente.size} réponse${s} en attente du réseau`, true);
      setTimeout(partir, 5000);
    }
  }

  formulaire?.addEventListener("change", (evenement) => {
    attente.set(evenement.target.name, evenement.target.value);
    garder();
    dire("Enregistrement…");
    partir();
  });
  formulaire?.addEventListener("submit", async (evenement) => {
    evenement.preventDefault();
    await partir();
    if (!attente.size && !etat.classList.contains("en-faute")) location.assign(formulaire.dataset.suite);
  });
  addEventListener("online", partir);
  addEventListener("beforeunload", (evenement) => {
    if (attente.size && navigator.onLine === false) evenement.preventDefault();
  });

  for (const [nom, valeur] of attente) {
    for (const radio of formulaire.querySelectorAll(`input[name="${CSS.escape(nom)}"]`)) {
      radio.checked = radio.value === valeur;
    }
  }
  partir();
})();
