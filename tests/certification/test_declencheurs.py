"""Ce qui est figé, la base le refuse d'elle-même : SQL nu, sans passer par les modèles."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from certification.declencheurs import GARDES
from certification.models import VersionFigee
from tests.certification.scene import adresse, decider, figer
from trpm.base.declencheurs import Suivi, lever
from trpm.models import Revision

REFUSEES = [
    "UPDATE certification_versionfigee SET contenu = 'autre'",
    "UPDATE certification_versionfigee SET empreinte = 'x'",
    "UPDATE certification_versionfigee SET numero = 7",
    "DELETE FROM certification_versionfigee",
    "UPDATE certification_decision SET motif = 'x' WHERE dossier_id = {dossier}",
    "UPDATE certification_decision SET dossier_id = {dossier} WHERE dossier_id = {autre}",
    "DELETE FROM certification_decision WHERE dossier_id = {dossier}",
    "INSERT INTO certification_decision (dossier_id, competence_id, niveau_id, non_demontree, motif,"
    " auteur_id, modifie_le) SELECT {dossier}, competence_id, niveau_id, non_demontree, motif, auteur_id,"
    " modifie_le FROM certification_decision WHERE dossier_id = {autre}",
    "UPDATE certification_dossier SET note_proposee = 20 WHERE id = {dossier}",
]


def executer(instruction: str) -> None:
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute(instruction)


@pytest.fixture
def fige(monde, camille, dominique) -> VersionFigee:
    decider(monde, camille)
    decider(monde, dominique, "7", C1=1)
    return figer(monde, camille)


@pytest.mark.parametrize("instruction", REFUSEES, ids=lambda texte: texte[:50])
def test_la_base_refuse(fige, dominique, instruction):
    avant = VersionFigee.objects.values().get()
    with pytest.raises(IntegrityError, match="fig"):
        executer(instruction.format(dossier=fige.dossier_id, autre=dominique.pk))
    assert VersionFigee.objects.values().get() == avant


def test_un_dossier_ouvert_reste_modifiable_et_le_fige_se_rouvre_une_fois(president, fige, dominique):
    executer(f"UPDATE certification_decision SET motif = 'x' WHERE dossier_id = {dominique.pk}")
    executer(f"UPDATE certification_dossier SET motif_ecart = 'x' WHERE id = {dominique.pk}")
    president.post(adresse("rouvrir", fige.dossier_id), {"motif": "Erreur."})
    executer(f"UPDATE certification_decision SET motif = 'x' WHERE dossier_id = {fige.dossier_id}")
    with pytest.raises(IntegrityError, match="version figée"):
        executer("UPDATE certification_versionfigee SET motif_reouverture = 'Autre.'")


def test_migrer_les_leve_puis_les_repose(fige):
    call_command("migrate", verbosity=0)
    with pytest.raises(IntegrityError, match="version figée"):
        executer("DELETE FROM certification_versionfigee")
    lever(connection, GARDES)
    executer("UPDATE certification_versionfigee SET empreinte = 'x'")


def test_migrer_leve_un_suivi_qui_n_est_plus_declare(monde, camille):
    """Comme il en reste sur une base d'une version d'avant."""
    ancien = Suivi(
        "certification_decision",
        "commission",
        "SELECT d.commission_id AS cle FROM certification_dossier d WHERE d.id = {ligne}.dossier_id",
    )
    for ordre in ancien.ordres(connection.vendor):
        executer(ordre)
    avant = _comptes(camille)
    decider(monde, camille)
    assert _comptes(camille)[0] != avant[0]
    call_command("migrate", verbosity=0)
    avant = _comptes(camille)
    camille.decisions.all().delete()
    apres = _comptes(camille)
    assert (apres[0] == avant[0], apres[1] == avant[1]) == (True, False)


def _comptes(dossier):
    """De sa commission, de son élève."""
    cles = (("commission", dossier.commission_id), ("eleve", dossier.eleve_id))
    return [list(Revision.objects.filter(genre=genre, cle=cle).values_list("pas")) for genre, cle in cles]
