"""Les doublons d'avant : la migration passe, garde le dossier figé ou le plus avancé, et n'efface rien."""

import json

import pytest

from tests.base_neuve import jouer

MIGRER = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
BATIR = """
from tests import factories
from tests.certification.scene import decider, figer
from tests.monde import deux_ecoles
monde = deux_ecoles()
for dossier, note in zip(monde.a.dossiers, ("15", "7")):
    decider(monde, dossier, note, C1=2, C2=3)
figer(monde, monde.a.dossiers[0])
"""
RECULER = """
call_command("migrate", "certification", "0007", verbosity=0)
"""
DOUBLER = """
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from certification.declencheurs import GARDES
from trpm.base.declencheurs import lever
lever(connection, GARDES)
etat = MigrationExecutor(connection).loader.project_state(("certification", "0007_lot_recto_verso"))
avant = etat.apps
commission = avant.get_model("certification", "Commission").objects.order_by("pk").first()
siens = avant.get_model("certification", "Dossier").objects.filter(commission=commission)
dossiers = list(siens.order_by("pk"))
commission.pk, commission.intitule = None, "Seconde"
commission.save()
for dossier in dossiers:
    dossier.pk, dossier.commission, dossier.note_proposee = None, commission, None
    dossier.save()
"""
LIRE = """
import json
from certification.models import Dossier
print(json.dumps(list(
    Dossier.objects.filter(commission__etablissement__nom="Lycée A").order_by("pk").values_list(
        "commission__intitule", "eleve__prenom", "epreuve__code", "motif_cloture"
    )
)))
"""


@pytest.mark.long
def test_des_doublons_d_avant_aucun_ne_se_perd(neuve: str) -> None:
    suite = MIGRER + BATIR + RECULER + DOUBLER + MIGRER + LIRE
    lu = jouer(neuve, suite)
    motif = "Doublon\xa0: le dossier qui compte est devant «\xa0Commission EP1 A\xa0»."
    assert json.loads(lu) == [
        ["Commission EP1 A", "Camille", "EP1", ""],
        ["Commission EP1 A", "Dominique", "EP1", ""],
        ["Seconde", "Camille", "EP1", motif],
        ["Seconde", "Dominique", "EP1", motif],
    ]
