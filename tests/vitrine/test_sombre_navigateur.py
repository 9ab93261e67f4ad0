"""De nuit, les pages restent lisibles : axe-core mesure chaque contraste."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.ecran import accessible
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)


def test_les_pages_de_nuit(monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable) -> None:
    ecole = monde.a
    tour = {
        ecole.enseignant: [
            ecole.classe.get_absolute_url(),
            ecole.eleves[0].get_absolute_url(),
            reverse("livret:grille", args=[ecole.situation.pk]),
            reverse("livret:couverture", args=[ecole.classe.pk]),
            reverse("livret:progression", args=[ecole.promotion.pk]),
            reverse("livret:echelle", args=[ecole.promotion.pk]),
        ],
        ecole.president: [ecole.commission.get_absolute_url(), ecole.dossiers[0].get_absolute_url()],
    }
    for qui, adresses in tour.items():
        page = ouvrir_page({"width": 1440, "height": 900}, color_scheme="dark")
        connecter(page, qui)
        for adresse in adresses:
            page.goto(adresse)
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 23, 30)"
            accessible(page, adresse)
