"""Ce qu'une page doit à l'écran qui la montre, quelle que soit sa largeur."""

import time

from playwright.sync_api import Page

PATIENCE = 5.0  # secondes, le temps qu'un navigateur chargé ait posé la page à sa nouvelle largeur

DEPASSENT = """(largeur) => {
  if (document.documentElement.scrollWidth <= largeur) return [];
  const dehors = (e) => e.getBoundingClientRect().right > largeur + 1;
  const dits = [...document.querySelectorAll("body *")].filter(dehors).slice(0, 5);
  return [`plus de ${largeur} px`, ...dits.map((e) => e.outerHTML.slice(0, 120))];
}"""


def sans_debordement(page: Page, dit: object = "") -> None:
    """Rien ne fait défiler `page` en largeur, dès qu'elle est posée ; sinon ce qui dépasse est nommé."""
    page.wait_for_load_state()  # cliquer n'attend que les en-têtes de la page suivante : elle peut être vide
    ecran, fin = page.viewport_size, time.monotonic() + PATIENCE
    assert ecran
    while (depassent := page.evaluate(DEPASSENT, ecran["width"])) and time.monotonic() < fin:
        page.wait_for_timeout(100)
    assert not depassent, (dit, depassent)
