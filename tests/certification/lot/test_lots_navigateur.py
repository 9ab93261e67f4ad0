"""La barre d'un lot avance sans que l'on recharge, et la page reste accessible."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from certification.lot import tirages
from tests.certification.scene import adresse
from tests.ecran import accessible
from tests.monde import Monde
from tests.ouvrage import toutes_les_taches, une_tache

pytestmark = pytest.mark.django_db(transaction=True)


def test_la_barre_avance_seule(
    monde: Monde, telephone: Page, connecter: Callable, capturer, monkeypatch, settings, tmp_path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(tirages, "produire", lambda tirage: b"%PDF")
    connecter(telephone, monde.a.president)
    telephone.goto(adresse("commission", monde.a.commission.pk))
    telephone.get_by_role("button", name="Grilles d’évaluation").click()
    expect(telephone.get_by_role("status")).to_contain_text("0 sur 3")
    une_tache()
    expect(telephone.get_by_role("status")).to_contain_text("1 sur 3")
    toutes_les_taches()
    expect(telephone.get_by_role("link", name="Télécharger en un PDF")).to_be_visible()
    accessible(telephone)
    capturer(telephone, "commission-lot")
    telephone.get_by_role("button", name="Effacer les fichiers").click()
    expect(telephone.get_by_role("status")).to_contain_text("effacé")
    expect(telephone.get_by_role("link", name="Télécharger en un PDF")).to_have_count(0)
