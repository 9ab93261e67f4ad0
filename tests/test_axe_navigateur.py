"""Chaque page, pour chaque rôle qui l'ouvre, à quatre tailles et de nuit : axe-core n'y trouve aucune faute.

Les pages sont celles de la table des droits, et les publiques : une adresse nouvelle y est d'office, ou fait
échouer `test_aucune_page_ne_manque`. Une page est chargée une fois, puis redimensionnée. Un rôle n'est rejoué
que si sa page diffère ; une taille, que si rien de ce que lisent les règles n'y est comme à une taille déjà
jouée : ce qui est affiché et comment, les couleurs, ce qui défile, la place des cibles trop petites. Le reste
du document ne dépend pas de la largeur.

À chaque taille aussi : rien ne déborde, un seul défilement de haut en bas (la grille de saisie garde le
sien : élèves et compétences y restent en vue ensemble), aucun onglet caché, aucune table plus étroite que
son cadre.
"""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, expect
from pytest_django import DjangoDbBlocker

from tests.monde import Monde
from tests.pages_servies import PAGES_PUBLIQUES, SANS_PAGE, application, pages_de, serveur
from tests.test_droits import PUBLIQUES, TABLE, Sessions

TAILLES = {1440: 900, 390: 844, 820: 1180, 1920: 1080}
PARTIES = {"trpm": 20, "referentiel": 15, "livret": 75, "certification": 30}
"""Par application, un minimum de pages : une table lue de travers n'en jouerait aucune."""
TOUTES = {"rules": {"target-size": {"enabled": True}}}
DE_NUIT = {"runOnly": ["color-contrast", "link-in-text-block"]}
JOUER = """async ([neuve, regles]) => {
  // Ce que la page refait d'elle-même à une autre largeur, elle ne le fait qu'à l'image suivante.
  await new Promise(requestAnimationFrame);
  // Une barre qui suit le défilement recouvre toujours quelque chose : elle est jugée à sa place.
  const barres = document.querySelectorAll("main :is(.barre-collante, .actions-collantes)");
  for (const une of barres) une.style.position = "static";
  for (const repli of document.querySelectorAll("main details:not([name])")) repli.open = true;
  const actives = "main :is(a[href], button, input, select, summary, textarea)";
  const cibles = [...document.querySelectorAll(actives)];
  const places = new Map(cibles.map((e) => [e, e.getBoundingClientRect()]));
  const ecart = (de, a, x) => Math.max(de - x, 0, x - a);
  const loin = (r, x, y) => Math.hypot(ecart(r.left, r.right, x), ecart(r.top, r.bottom, y));
  const serree = (e, r) => r.width && Math.min(r.width, r.height) < 24 && cibles.some((une) => {
    const autre = places.get(une);
    return une !== e && autre.width && loin(autre, (r.left + r.right) / 2, (r.top + r.bottom) / 2) < 24;
  });
  const lu = [...document.querySelectorAll("main, main *")].map((e) => {
    if (!e.checkVisibility({visibilityProperty: true})) return "";
    const s = getComputedStyle(e), place = places.get(e);
    const defile = s.overflowX !== "visible" && e.scrollWidth > e.clientWidth;
    return [s.display, s.color, s.backgroundColor, defile, place && serree(e, place)].join();
  }).join("|");
  window.deja ??= new Set();
  neuve ||= !deja.has(lu);
  deja.add(lu);
  const vue = (e) => e.checkVisibility();
  const defilent = [...document.querySelectorAll("main *")].filter((e) => {
    const s = getComputedStyle(e);
    return vue(e) && !(e instanceof HTMLTextAreaElement) && /auto|scroll/.test(s.overflowY)
      && s.maxHeight !== "none" && !e.matches(".prevue *, .grille-cadre:has(> .saisie)");
  });
  const plein = document.querySelector(".cadre-plein");
  const courte = document.documentElement.scrollHeight <= innerHeight + 1;
  if (plein && innerWidth > 640 && !courte) defilent.push(plein);
  const caches = [...document.querySelectorAll("nav")].filter((e) => e.scrollWidth > e.clientWidth + 1);
  const etroites = [...document.querySelectorAll(":is(.defilant, .grille-cadre) > table")].filter(
    (e) => vue(e) && e.offsetWidth < e.parentElement.clientWidth - 2,
  );
  const dit = neuve ? await axe.run(document, {
    preload: false, resultTypes: ["violations"], selectors: false, ...regles,
  }) : {violations: []};
  return [
    neuve,
    [
      ...(document.documentElement.scrollWidth > innerWidth ? ["déborde"] : []),
      ...defilent.map((e) => `défile dans la page : ${e.className}`),
      ...caches.map((e) => `onglets cachés : ${e.ariaLabel}`),
      ...etroites.map((e) => `table plus étroite que son cadre : ${e.className}`),
    ],
    dit.violations.map((v) => `${v.id} : ${v.nodes.map((n) => n.html).join(" ; ")}`),
  ];
}"""


@pytest.fixture
def monde(monde_du_fichier: Monde, db: None) -> Monde:
    return monde_du_fichier


@pytest.fixture(scope="module")
def sessions(monde_du_fichier: Monde, django_db_blocker: DjangoDbBlocker) -> Sessions:
    ouvertes = {}
    with django_db_blocker.unblock():
        for compte in monde_du_fichier.a.comptes.values():
            client = Client()
            client.force_login(compte)
            ouvertes[compte.pk] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return ouvertes


def test_aucune_page_ne_manque() -> None:
    assert set(PAGES_PUBLIQUES) | SANS_PAGE == PUBLIQUES
    assert not set(PAGES_PUBLIQUES) & SANS_PAGE
    assert {application(nom) for nom in {*PUBLIQUES, *(adresse.nom for adresse in TABLE)}} == set(PARTIES)


@pytest.mark.long
@pytest.mark.parametrize("partie", PARTIES)
def test_aucune_faute_a_aucune_taille(
    monde: Monde, sessions: Sessions, new_context: Callable[..., BrowserContext], partie: str
) -> None:
    contexte = new_context(locale="fr-FR", reduced_motion="reduce", service_workers="block")
    onglet, fautes, jouees = contexte.new_page(), [], 0
    erreurs: list[str] = []
    onglet.on("pageerror", lambda erreur: erreurs.append(str(erreur)))
    with serveur() as ouvert:
        for page in pages_de(monde, sessions, partie):
            jouees += 1
            onglet.set_viewport_size({"width": 1440, "height": 900})
            onglet.goto(ouvert.poser(page))
            for large, haut in TAILLES.items():
                onglet.set_viewport_size({"width": large, "height": haut})
                _, deborde, dites = onglet.evaluate(JOUER, [page.entete, TOUTES])
                fautes += [(page.nom, page.role, large, dite) for dite in deborde + dites]
            onglet.emulate_media(color_scheme="dark")
            expect(onglet.locator("html")).to_have_attribute("data-bs-theme", "dark")
            *_, dites = onglet.evaluate(JOUER, [page.entete, DE_NUIT])
            fautes += [(page.nom, page.role, "de nuit", dite) for dite in dites]
            onglet.emulate_media(color_scheme="light")
    assert fautes == []
    assert erreurs == []
    assert jouees >= PARTIES[partie]
