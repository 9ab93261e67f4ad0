"""La page guidée d’un changement de diplôme, et le livret qui en sort, dans un vrai navigateur."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from livret.models import Eleve
from tests import factories
from tests.deux_diplomes import deux_diplomes
from tests.ecran import accessible, sans_debordement
from tests.litanie import adresse

pytestmark = pytest.mark.django_db(transaction=True)
LARGEURS = (390, 820, 1440, 1920) if os.environ.get("CAPTURES") else (390, 1440)


def test_changer_puis_lire_son_livret(page: Page, connecter: Callable, capturer: Callable) -> None:
    lieu = deux_diplomes()
    lieu.en_seconde(C1=1, P2=1)
    lieu.en_seconde(P2=0)
    autre = factories.eleve(lieu.seconde, "ALIZE", "Ana", statut=None)
    factories.dossier(factories.commission(lieu.seconde.promotion, "R1"), autre)
    connecter(page, lieu.admin)
    page.goto(adresse("changement-de-promotion", lieu.seconde.promotion_id))
    page.get_by_label("ZEPHIR").check()
    page.get_by_label("ALIZE").check()
    page.get_by_label("1re 2").check()
    page.get_by_role("button", name="Voir ce qui changerait").click()
    regarder(page, capturer, "changement")
    page.get_by_label("Scolaire sous contrat").check()
    page.get_by_role("button", name="Faire passer 1 élève").click()
    page.get_by_text("1 élève passé en 1re 2").wait_for()
    lieu.en_premiere(C2=2)
    lou = Eleve.objects.get(pk=lieu.lou.pk)
    assert lou.promotion == lieu.premiere.promotion

    connecter(page, lou.utilisateur)
    for nom in ("eleve", "a-prouver", "portfolio"):
        page.goto(adresse(nom, lou.pk))
        regarder(page, capturer, f"changement-{nom}")


def regarder(page: Page, capturer: Callable, nom: str) -> None:
    for largeur in LARGEURS:
        page.set_viewport_size({"width": largeur, "height": 900})
        sans_debordement(page)
        capturer(page, f"{nom}-{largeur}")
    accessible(page)
