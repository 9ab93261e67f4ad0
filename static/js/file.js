// La file des saisies : chaque case changée y entre avant de partir, et n'en sort qu'avec la réponse du
// serveur. Elle vit dans IndexedDB : ni un rechargement, ni une coupure, ni un redémarrage ne la vident.
// Elle appartient à la personne qui a ouvert la page ; ne part que ce qu'elle a saisi elle-même, et seule une
// réponse faite à elle en fait sortir quelque chose : ni la page d'un autre, ni une panne ne refuse une saisie.
(() => {
  "use strict";
  const personne = Number(document.documentElement.dataset.personne);
  const compteur = document.getElementById("saisies-en-attente");
  if (!personne || !compteur || !window.indexedDB) return; // qui n’évalue pas n’a pas de file
  const LOT = 100;
  const REPRISES = [2000, 5000, 15000, 30000];
  const ARRETS = {
    reseau: ["reseau", "Pas de réseau : vos saisies restent sur cet appareil et partiront à son retour."],
    session: ["session", "Votre session a pris fin : vos saisies sont gardées ici, et partiront ensuite."],
    personne: [
      "session",
      "Une autre personne s’est connectée, ou la page a vieilli : vos saisies restent ici.",
    ],
    serveur: ["serveur", "Le serveur n’a pas enregistré : vos saisies restent sur cet appareil."],
  };
  const canal = "BroadcastChannel" in window ? new BroadcastChannel("saisies") : null;
  let echecs = 0;
  let minuterie = null;
  let envoiEnCours = null;
  let relancer = false;

  const uuid = () =>
    crypto.randomUUID?.() ??
    "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
      (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16),
    );
  const annoncer = (nom, detail) => document.dispatchEvent(new CustomEvent(nom, { detail }));
  const arreter = ([genre, motif]) => annoncer("saisies:arret", { genre, motif });

  // --- La base ------------------------------------------------------------------------------
  const promesse = (requete) =>
    new Promise((tenir, rompre) => {
      requete.addEventListener("success", () => tenir(requete.result));
      requete.addEventListener("error", () => rompre(requete.error));
    });

  const ouverture = (() => {
    const requete = indexedDB.open("saisies", 1);
    requete.addEventListener("upgradeneeded", () => {
      requete.result
        .createObjectStore("operations", { keyPath: "ordre", autoIncrement: true })
        .createIndex("personne", "personne");
    });
    return promesse(requete);
  })();

  async function magasin(mode, geste) {
    const base = await ouverture;
    const transaction = base.transaction("operations", mode);
    const fini = new Promise((tenir, rompre) => {
      transaction.addEventListener("complete", () => tenir());
      for (const fin of ["abort", "error"]) {
        transaction.addEventListener(fin, () => rompre(transaction.error));
      }
    });
    const rendu = geste(transaction.objectStore("operations"));
    const valeur = rendu instanceof IDBRequest ? await promesse(rendu) : rendu;
    await fini;
    return valeur;
  }

  const toutes = () => magasin("readonly", (store) => store.index("personne").getAll(personne));
  const deLEtat = async (etat) => (await toutes()).filter((une) => une.etat === etat);

  // --- Ce qu'en font les pages ----------------------------------------------------------------

  async function ajouter(operation) {
    await magasin("readwrite", (store) => store.add({ ...operation, personne, etat: "attente" }));
    await compter();
    envoyer();
  }

  async function retirer(adresse, cle, etats) {
    const visees = (await toutes()).filter(
      (une) => une.adresse === adresse && une.case === cle && etats.includes(une.etat),
    );
    if (visees.length) {
      await magasin("readwrite", (store) => {
        for (const une of visees) store.delete(une.ordre);
      });
    }
    await compter();
  }

  // Une saisie refusée repart comme une neuve : le serveur la jugera de nouveau.
  async function renvoyer(refusee) {
    const id = uuid();
    const saisie = { ...refusee, avis: undefined, motif: undefined, valeur: undefined };
    await magasin("readwrite", (store) => store.put({ ...saisie, id, chaine: id, rang: 0, etat: "attente" }));
    await compter();
    return envoyer();
  }

  async function vider() {
    const miennes = await toutes();
    await magasin("readwrite", (store) => {
      for (const une of miennes) store.delete(une.ordre);
    });
  }

  // --- Le compteur --------------------------------------------------------------------------
  const accord = (nombre, un, plusieurs) => (nombre === 1 ? `1 ${un}` : `${nombre} ${plusieurs}`);

  async function compter() {
    const miennes = await toutes();
    const attente = miennes.filter((une) => une.etat === "attente").length;
    const aTrancher = miennes.filter((une) => une.etat !== "attente");
    const phrases = [];
    if (attente) phrases.push(accord(attente, "saisie en attente", "saisies en attente"));
    if (aTrancher.length) phrases.push(accord(aTrancher.length, "saisie à revoir", "saisies à revoir"));
    compteur.hidden = phrases.length === 0;
    const texte = phrases.join(", ");
    if (compteur.textContent !== texte) compteur.textContent = texte;
    const ou = (aTrancher[0] ?? miennes[0])?.page;
    if (ou) compteur.href = ou;
    annoncer("saisies:compte", { refusees: miennes.filter((une) => une.etat === "refus") });
    return attente;
  }

  // --- L'envoi ------------------------------------------------------------------------------
  const jeton = () =>
    document.cookie
      .split("; ")
      .find((une) => une.startsWith("csrftoken="))
      ?.slice(10) ?? "";

  function envoyer() {
    if (envoiEnCours) {
      relancer = true;
      return envoiEnCours;
    }
    clearTimeout(minuterie);
    const seul = navigator.locks ? (geste) => navigator.locks.request("saisies", geste) : (geste) => geste();
    envoiEnCours = seul(toutEnvoyer)
      .catch(() => arreter(ARRETS.serveur))
      .finally(() => {
        envoiEnCours = null;
        if (relancer) {
          relancer = false;
          envoyer();
        }
      });
    return envoiEnCours;
  }

  async function toutEnvoyer() {
    for (;;) {
      const attente = await deLEtat("attente");
      if (!attente.length) return;
      const adresse = attente[0].adresse;
      const lot = attente.slice(0, LOT);
      const autre = lot.findIndex((une) => une.adresse !== adresse);
      const empechement = await envoyerLot(adresse, autre < 0 ? lot : lot.slice(0, autre));
      if (empechement) {
        arreter(empechement);
        reprendrePlusTard();
        return;
      }
      echecs = 0;
    }
  }

  // Rend pourquoi il faut s'arrêter ; rien si le lot est traité.
  async function envoyerLot(adresse, lot) {
    let reponse;
    try {
      reponse = await fetch(adresse, {
        method: "POST",
        credentials: "same-origin",
        redirect: "manual",
        headers: { "Content-Type": "application/json", "X-CSRFToken": jeton() },
        body: JSON.stringify({
          personne,
          operations: lot.map(({ id, case: cle, texte, vu, chaine, rang }) => ({
            id,
            case: cle,
            texte,
            vu,
            chaine,
            rang,
          })),
        }),
      });
    } catch {
      return ARRETS.reseau;
    }
    if (reponse.type === "opaqueredirect") {
      return ARRETS.session;
    }
    const rendu = await reponse.json().catch(() => null);
    if (reponse.status === 404 && rendu?.personne === personne) {
      await marquer(lot, () => ({ etat: "refus", motif: rendu.faute }));
      annoncer("saisies:refus", { adresse });
      return null;
    }
    if (reponse.status === 403 || reponse.status === 404 || reponse.status === 409) {
      return ARRETS.personne;
    }
    if (!reponse.ok || !Array.isArray(rendu?.resultats)) {
      return ARRETS.serveur;
    }
    const parId = new Map(rendu.resultats.map((un) => [un.id, un]));
    const jugees = lot.filter((une) => parId.has(une.id));
    if (!jugees.length) return ARRETS.serveur;
    await marquer(jugees, (une) => {
      const { resultat, avis, motif, valeur } = parId.get(une.id);
      return resultat === "enregistre" ? null : { etat: resultat, avis, motif, valeur };
    });
    annoncer("saisies:reponse", { adresse, lot, ...rendu });
    canal?.postMessage("change");
    return null;
  }

  // Ce qui est enregistré sort de la file ; un conflit ou un refus y reste jusqu'à ce que la personne tranche.
  async function marquer(lot, sort) {
    await magasin("readwrite", (store) => {
      for (const une of lot) {
        const suite = sort(une);
        if (suite) store.put({ ...une, ...suite });
        else store.delete(une.ordre);
      }
    });
    await compter();
  }

  function reprendrePlusTard() {
    clearTimeout(minuterie);
    minuterie = setTimeout(envoyer, REPRISES[Math.min(echecs++, REPRISES.length - 1)]);
  }

  window.addEventListener("online", () => {
    echecs = 0;
    envoyer();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") envoyer();
  });
  canal?.addEventListener("message", compter);

  window.trpm = {
    saisies: { personne, accord, uuid, ajouter, retirer, renvoyer, vider, envoyer, toutes, deLEtat },
  };
  compter().then(envoyer);
})();
