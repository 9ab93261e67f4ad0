// {% load static %}
// Sans réseau : les grilles ouvertes une fois, et les fichiers du site, rien d'autre. Une grille gardée
// porte le nom de la personne qui l'a ouverte ; elle disparaît dès qu'une autre, ou personne, est connectée.
"use strict";
const FICHIERS = "fichiers-1";
const SANS_RESEAU = "{% url 'hors-ligne' %}";
const GRILLE = /^\/situations\/\d+\/grille\/$/;
const CONNEXION = "{% url 'connexion' %}";
const STATIQUE = new URL("{% get_static_prefix %}", self.location.origin).pathname;

self.addEventListener("install", (evenement) => {
  evenement.waitUntil(garderLaPageSansReseau().then(() => self.skipWaiting()));
});
self.addEventListener("activate", (evenement) => evenement.waitUntil(self.clients.claim()));

// La page sans réseau et ce qui l’habille ; à défaut, le navigateur montrera la sienne.
async function garderLaPageSansReseau() {
  try {
    const reponse = await fetch(SANS_RESEAU);
    const liens = (await reponse.clone().text()).matchAll(/(?:href|src)="([^"]+\.(?:css|svg|js)[^"]*)"/g);
    await (await caches.open(FICHIERS)).put(SANS_RESEAU, reponse);
    await Promise.all([...liens].map(([, lien]) => fichier(new Request(lien))));
  } catch {
    // Hors ligne dès l’installation.
  }
}

async function autrePage(requete) {
  try {
    return await fetch(requete);
  } catch (faute) {
    const sansReseau = await (await caches.open(FICHIERS)).match(SANS_RESEAU);
    if (sansReseau) return sansReseau;
    throw faute;
  }
}

// Une grille a pour clé son chemin ; celle d'un poste à un tour, son chemin et ce poste et ce tour.
function cle(adresse) {
  const { pathname, searchParams } = new URL(adresse, self.location.origin);
  if (!GRILLE.test(pathname)) return "";
  const poste = searchParams.get("poste");
  return poste ? `${pathname}?poste=${poste}&tour=${searchParams.get("tour") ?? 1}` : pathname;
}

async function gardee(adresse) {
  for (const nom of await caches.keys()) {
    const trouvee = nom.startsWith("grilles-") && (await (await caches.open(nom)).match(adresse));
    if (trouvee) return trouvee;
  }
  return null;
}

async function oublier(sauf = "") {
  const noms = await caches.keys();
  await Promise.all(
    noms.filter((nom) => nom.startsWith("grilles-") && nom !== sauf).map((nom) => caches.delete(nom)),
  );
}

async function garderGrille(requete, reponse) {
  const personne = reponse.headers.get("X-Personne");
  if (!reponse.ok || reponse.redirected || !personne) return;
  await oublier(`grilles-${personne}`);
  await (await caches.open(`grilles-${personne}`)).put(requete, reponse);
}

async function grille(evenement) {
  const adresse = cle(evenement.request.url);
  try {
    const reponse = await fetch(evenement.request);
    const copie = reponse.clone();
    evenement.waitUntil(garderGrille(adresse, copie));
    return reponse;
  } catch (faute) {
    // À défaut de la grille d'un poste, la grille entière de la situation.
    const trouvee = (await gardee(adresse)) ?? (await gardee(new URL(evenement.request.url).pathname));
    if (trouvee) return trouvee;
    const sansReseau = await (await caches.open(FICHIERS)).match(SANS_RESEAU);
    if (sansReseau) return sansReseau;
    throw faute;
  }
}

async function fichier(requete) {
  const boite = await caches.open(FICHIERS);
  try {
    const reponse = await fetch(requete);
    if (reponse.ok) await boite.put(requete, reponse.clone());
    return reponse;
  } catch (faute) {
    const garde = await boite.match(requete);
    if (garde) return garde;
    throw faute;
  }
}

self.addEventListener("fetch", (evenement) => {
  const adresse = new URL(evenement.request.url);
  if (evenement.request.method !== "GET" || adresse.origin !== self.location.origin) return;
  if (adresse.pathname.startsWith(STATIQUE)) evenement.respondWith(fichier(evenement.request));
  else if (evenement.request.mode !== "navigate") return;
  else if (GRILLE.test(adresse.pathname)) evenement.respondWith(grille(evenement));
  else {
    if (adresse.pathname === CONNEXION) evenement.waitUntil(oublier());
    evenement.respondWith(autrePage(evenement.request));
  }
});

self.addEventListener("message", (evenement) => {
  const { garder, voisines = [], fichiers } = evenement.data ?? {};
  const ici = garder && cle(garder);
  if (!ici) return;
  evenement.waitUntil(
    (async () => {
      await garderGrille(ici, await fetch(ici, { credentials: "same-origin" }));
      await Promise.all(fichiers.map((adresse) => fichier(adresse)));
      evenement.source.postMessage({ gardee: ici });
      for (const autre of voisines.map(cle)) {
        if (autre && !(await gardee(autre))) {
          await garderGrille(autre, await fetch(autre, { credentials: "same-origin" }));
        }
      }
    })(),
  );
});
