// La fiche du tuteur : signer avec le doigt, et ne rien perdre en route. Sans ce fichier, on coche
// « je signe » et l'on garde le brouillon avec son bouton.
(() => {
  "use strict";
  const envoyee = document.getElementById("fiche-envoyee");
  const form = document.getElementById("fiche-tuteur");
  const cle = `fiche-tuteur:${(envoyee ?? form)?.dataset.fiche}`;
  // Reçue par le serveur, la fiche n'a plus rien à faire sur cet appareil.
  if (envoyee) localStorage.removeItem(cle);
  if (!form) return;
  const etat = document.getElementById("etat-brouillon");
  form.classList.add("avec-script");

  // --- La signature ---------------------------------------------------------------------------

  const cadre = document.getElementById("cadre-signature");
  const encre = cadre.getContext("2d");
  const trace = form.elements.signature;
  document.getElementById("signature").hidden = false;
  Object.assign(encre, { lineWidth: 4, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
  if (trace.value) {
    const dessin = new Image();
    dessin.addEventListener("load", () => encre.drawImage(dessin, 0, 0));
    dessin.src = trace.value;
  }
  const point = (evenement) => {
    const bords = cadre.getBoundingClientRect();
    return [
      ((evenement.clientX - bords.left) * cadre.width) / bords.width,
      ((evenement.clientY - bords.top) * cadre.height) / bords.height,
    ];
  };
  cadre.addEventListener("pointerdown", (evenement) => {
    cadre.setPointerCapture(evenement.pointerId);
    encre.beginPath();
    encre.moveTo(...point(evenement));
    encre.lineTo(...point(evenement));
    encre.stroke();
  });
  cadre.addEventListener("pointermove", (evenement) => {
    if (!cadre.hasPointerCapture(evenement.pointerId)) return;
    encre.lineTo(...point(evenement));
    encre.stroke();
  });
  cadre.addEventListener("pointerup", () => {
    trace.value = cadre.toDataURL("image/png");
  });
  document.getElementById("effacer-signature").addEventListener("click", () => {
    encre.clearRect(0, 0, cadre.width, cadre.height);
    trace.value = "";
  });

  // --- Le brouillon : d'abord sur l'appareil, qui l'oublie dès que le serveur l'a ------------------

  const JAMAIS = ["signature", "scan", "je_signe", "csrfmiddlewaretoken", "page", "revision", "rang"];
  let rang = 0;
  let minuterie = null;
  let enRoute = false;
  let aRefaire = false;
  let arrete = false;

  const lire = () => [...new FormData(form)].filter(([nom]) => !JAMAIS.includes(nom));

  function remettre(champs) {
    for (const element of form.elements) {
      if (!element.name || JAMAIS.includes(element.name)) continue;
      const valeurs = champs.filter(([nom]) => nom === element.name).map(([, valeur]) => valeur);
      if (["radio", "checkbox"].includes(element.type)) element.checked = valeurs.includes(element.value);
      else if (element.type !== "submit") element.value = valeurs[0] ?? "";
    }
  }

  function retenir() {
    localStorage.setItem(cle, JSON.stringify({ revision: form.elements.revision.value, champs: lire() }));
  }

  function plusTard(delai) {
    clearTimeout(minuterie);
    minuterie = setTimeout(garder, delai);
  }

  async function garder() {
    if (arrete) return;
    if (enRoute) {
      aRefaire = true;
      return;
    }
    enRoute = true;
    aRefaire = false;
    form.elements.rang.value = ++rang;
    const envoi = new FormData(form);
    for (const nom of ["signature", "scan", "je_signe"]) envoi.delete(nom);
    try {
      const reponse = await fetch(location.href, {
        method: "POST",
        body: envoi,
        headers: { Accept: "application/json" },
      });
      const rendu = await reponse.json();
      etat.textContent = rendu.etat;
      etat.classList.toggle("en-panne", !reponse.ok);
      if (reponse.ok) {
        form.elements.revision.value = rendu.revision;
        if (!aRefaire) localStorage.removeItem(cle);
      } else if (reponse.status !== 422) arrete = true;
    } catch {
      etat.textContent = "Pas de réseau : gardé sur cet appareil, envoyé dès que possible.";
      etat.classList.add("en-panne");
      plusTard(10_000);
    }
    enRoute = false;
    if (aRefaire) plusTard(0);
  }

  function change(evenement) {
    if (JAMAIS.includes(evenement.target.name)) return;
    aRefaire = enRoute;
    retenir();
    plusTard(700);
  }

  form.addEventListener("input", change);
  form.addEventListener("submit", () => {
    clearTimeout(minuterie);
    arrete = true;
    form.elements.rang.value = ++rang;
  });
  window.addEventListener("online", () => localStorage.getItem(cle) && plusTard(0));

  const reste = JSON.parse(localStorage.getItem(cle) ?? "null");
  if (reste?.revision === form.elements.revision.value) {
    remettre(reste.champs);
    plusTard(0);
  } else if (reste) {
    const reprendre = document.createElement("button");
    reprendre.type = "button";
    reprendre.className = "btn btn-outline-secondary";
    reprendre.textContent = "Reprendre le brouillon gardé sur cet appareil";
    reprendre.addEventListener("click", () => {
      remettre(reste.champs);
      reprendre.remove();
      plusTard(0);
    });
    etat.textContent = "La fiche a changé ailleurs depuis votre dernière saisie sur cet appareil.";
    etat.after(reprendre);
  }
})();
