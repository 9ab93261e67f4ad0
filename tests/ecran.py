"""Ce qu'une page doit à l'écran qui la montre, quelle que soit sa largeur."""

import time

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PATIENCE = 5.0  # secondes, le temps qu'un navigateur chargé ait posé la page à sa nouvelle largeur

DEPASSENT = """(largeur) => {
  if (document.documentElement.scrollWidth <= largeur) return [];
  const dehors = (e) => e.getBoundingClientRect().right > largeur + 1;
  const dits = [...document.querySelectorAll("body *")].filter(dehors).slice(0, 5);
  return [`plus de ${largeur} px`, ...dits.map((e) => e.outerHTML.slice(0, 120))];
}"""


def accessible(page: Page, dit: object = "") -> None:
    """axe ne trouve aucune faute à `page`, une fois arrivée : un clic n'en attend que les en-têtes."""
    page.wait_for_load_state()
    fautes = Axe().run(page).response["violations"]
    assert not fautes, (dit, [(une["id"], [n["html"] for n in une["nodes"]][:3]) for une in fautes])


def sans_debordement(page: Page, dit: object = "") -> None:
    """Rien ne fait défiler `page` en largeur, une fois posée ; sinon ce qui dépasse est nommé."""
    page.wait_for_load_state()
    ecran, fin = page.viewport_size, time.monotonic() + PATIENCE
    assert ecran
    while (depassent := page.evaluate(DEPASSENT, ecran["width"])) and time.monotonic() < fin:
        page.wait_for_timeout(100)
    assert not depassent, (dit, depassent)
