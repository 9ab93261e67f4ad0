"""Ce qui empêche `charger_demo` d'écrire : il le dit et n'écrit rien."""

import pytest
from django.core.management import CommandError, call_command

from livret.models import Etablissement, Utilisateur
from tests import factories

pytestmark = pytest.mark.django_db


def test_sans_referentiel() -> None:
    with pytest.raises(CommandError, match="Importez d’abord le référentiel"):
        call_command("charger_demo")
    assert not Utilisateur.objects.exists()


def test_compte_deja_pris() -> None:
    factories.trpm()
    factories.utilisateur(identifiant="prof")
    with pytest.raises(CommandError, match=r"portent déjà les noms de la démonstration.: prof\."):
        call_command("charger_demo")
    assert not Etablissement.objects.exists()
    assert Utilisateur.objects.count() == 1


def test_une_autre_session_decale_toutes_les_dates(settings) -> None:
    settings.DEMO_PASSWORD = "un-secret-de-demo"
    factories.trpm()
    call_command("charger_demo", session=2028, verbosity=0)
    lycee = Etablissement.objects.get()
    assert sorted(set(lycee.classes.values_list("annee__debut", flat=True))) == [2025, 2026, 2027]
    assert {commission.date.year for commission in lycee.commissions.all()} == {2028}
