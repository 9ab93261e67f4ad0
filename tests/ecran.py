"""Ce qu'une page doit à l'écran qui la montre, quelle que soit sa largeur ; et le temps qu'on lui laisse."""

import time
from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PATIENCE = 20.0  # secondes laissées à un navigateur chargé : seul un test qui échoue les attend

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
    assert (ecran := page.viewport_size)
    depassent = jusqu_a(page, DEPASSENT, lambda lus: not lus, ecran["width"])
    assert not depassent, (dit, depassent)


def jusqu_a(page: Page, expression: str, convient: Callable[[Any], object] = bool, donnee: Any = None) -> Any:
    """Ce que vaut une expression, qui peut être une promesse, dès que cela convient ; au bout du compte, ce
    qu'elle vaut encore. `wait_for_function` passerait par eval, que la politique de contenu refuse."""
    fin = time.monotonic() + PATIENCE
    while not convient(lu := page.evaluate(expression, donnee)) and time.monotonic() < fin:
        page.wait_for_timeout(50)
    return lu
