"""Un fichier sans ligne part ; celui qu’une ligne tient, ou qu’un dépôt en cours vient de poser, reste."""

import datetime

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import FileField
from django.utils import timezone

from livret.models import PieceJointe, Trace
from tests import factories
from tests.livret.transfert.test_accueil import deposee
from tests.livret.transfert.test_transfert import PHOTO, depart, partant
from tests.monde import Monde
from tests.test_fichiers_s3 import seau
from trpm.conservation.orphelins import DOSSIERS, oter_les_orphelins
from trpm.sauvegarde.prendre import tous_les_fichiers
from trpm.taches.horaires import HORAIRES

__all__ = ["seau"]
pytestmark = pytest.mark.django_db


@pytest.fixture(params=["disque", "seau"])
def rangement(request: pytest.FixtureRequest, settings, tmp_path) -> None:
    """Des fichiers à soi : un dossier, ou un seau S3."""
    if request.param == "seau":
        request.getfixturevalue("seau")
    settings.MEDIA_ROOT = tmp_path


def apres(jours: float) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(days=jours)


def perdus(monde: Monde) -> set[str]:
    """Une preuve et une archive de transfert déposées, dont la transaction n’aboutit pas."""
    avant = set(tous_les_fichiers())
    with transaction.atomic():
        factories.trace(monde.a.situation, monde.a.eleves[0], PHOTO)
        deposee(monde, depart(monde.a.eleves[1], monde))
        transaction.set_rollback(True)
    return set(tous_les_fichiers()) - avant


def test_ce_que_rien_ne_tient_part_au_bout_d_un_jour(rangement: None, monde: Monde) -> None:
    partant(monde)
    deposee(monde, depart(monde.a.eleves[0], monde))
    tenus = set(tous_les_fichiers())
    orphelins = perdus(monde)
    assert (len(tenus) >= 2, {nom.split("/")[0] for nom in orphelins}) == (True, {"traces", "transferts"})
    assert oter_les_orphelins(apres(0.9)) == 0, "une transaction peut encore les prendre"
    assert oter_les_orphelins(apres(1.1)) == len(orphelins)
    assert set(tous_les_fichiers()) == tenus


def test_ce_qui_n_est_pas_a_l_application_reste(rangement: None) -> None:
    default_storage.save("autre/notes.txt", ContentFile(b"a nous"))
    assert oter_les_orphelins(apres(30)) == 0
    assert default_storage.exists("autre/notes.txt")


def test_tout_ce_qui_se_depose_est_range_dans_un_dossier_surveille() -> None:
    """Une table nouvelle y range ses fichiers, ou ajoute son dossier."""
    ranges = {
        champ.generate_filename(None, "x").split("/")[0]
        for modele in apps.get_models()
        for champ in modele._meta.concrete_fields
        if isinstance(champ, FileField) and callable(champ.upload_to)
    }
    assert ranges | {"lots"} == set(DOSSIERS)
    assert {PieceJointe, Trace} <= set(apps.get_models())


def test_la_nuit_le_fait() -> None:
    assert "trpm.conservation.orphelins.cette_nuit" in {un.fonction for un in HORAIRES}
