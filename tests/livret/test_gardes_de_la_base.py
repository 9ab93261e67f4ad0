"""Un bilan validé, une fiche de tuteur validée : la base les garde d'elle-même, SQL nu compris."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from livret.declencheurs import GARDES
from livret.models import AvisTuteur, Bilan, FicheTuteur
from tests import factories
from tests.livret.tuteur.scene import (
    Accueil,
    accueil,
    stage,
    trace,
)
from tests.livret.tuteur.test_fiche_tuteur import remplie, valider
from tests.monde import Monde
from trpm.base.declencheurs import lever, poser

__all__ = ["stage"]

BILAN_REFUSE = [
    "UPDATE livret_bilan SET appreciation = 'autre' WHERE id = {valide}",
    "UPDATE livret_bilan SET contenu = '', empreinte = '' WHERE id = {valide}",
    "UPDATE livret_bilan SET etat = 'entretien', valide_le = NULL, valide_par_id = NULL WHERE id = {valide}",
    "UPDATE livret_bilan SET eleve_id = eleve_id WHERE id = {valide}",
    "DELETE FROM livret_bilan WHERE id = {valide}",
]
FICHE_REFUSEE = [
    "UPDATE livret_fichetuteur SET points_forts = 'autre' WHERE id = {validee}",
    "UPDATE livret_fichetuteur SET signataire = 'autre' WHERE id = {validee}",
    "UPDATE livret_fichetuteur SET signature = (SELECT signature FROM livret_fichetuteur WHERE id = {autre})"
    " WHERE id = {validee}",
    "UPDATE livret_fichetuteur SET etat = 'envoyee', situation_id = NULL, validee_le = NULL,"
    " validee_par_id = NULL WHERE id = {validee}",
    "DELETE FROM livret_fichetuteur WHERE id = {validee}",
    "UPDATE livret_avistuteur SET niveau_id = NULL WHERE fiche_id = {validee}",
    "UPDATE livret_avistuteur SET fiche_id = {autre} WHERE fiche_id = {validee}",
    "UPDATE livret_avistuteur SET fiche_id = {validee} WHERE fiche_id = {autre}",
    "DELETE FROM livret_avistuteur WHERE fiche_id = {validee}",
    "INSERT INTO livret_avistuteur (fiche_id, competence_id) SELECT {validee}, competence_id"
    " FROM livret_avistuteur WHERE fiche_id = {autre}",
    "DELETE FROM livret_fichetuteur_taches WHERE fichetuteur_id = {validee}",
    "UPDATE livret_fichetuteur_taches SET fichetuteur_id = {autre} WHERE fichetuteur_id = {validee}",
    "INSERT INTO livret_fichetuteur_taches (fichetuteur_id, tache_id) SELECT {validee}, id"
    " FROM referentiel_tache WHERE id NOT IN (SELECT tache_id FROM livret_fichetuteur_taches)",
]


def executer(instruction: str) -> None:
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute(instruction)


@pytest.fixture
def bilan(monde: Monde) -> Bilan:
    return factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")


@pytest.fixture
def fiches(monde: Monde, stage: Accueil) -> dict[str, int]:
    """Une fiche validée, signature tracée et tâche comprises ; une autre, seulement envoyée."""
    tache = stage.pfmp.taches.first().pk
    remplie(stage, signature=trace(), taches=[tache])
    valider(monde, stage)
    assert stage.relue().etat == "validee"
    autre = accueil(monde.a, 1)
    remplie(autre, signature=trace(), taches=[tache])
    return {"validee": stage.fiche.pk, "autre": autre.fiche.pk}


@pytest.mark.parametrize("instruction", BILAN_REFUSE, ids=lambda texte: texte[:45])
def test_la_base_refuse_de_toucher_un_bilan_valide(bilan: Bilan, instruction: str) -> None:
    avant = Bilan.objects.values().get()
    with pytest.raises(IntegrityError, match="Ce bilan est validé"):
        executer(instruction.format(valide=bilan.pk))
    assert Bilan.objects.values().get() == avant


def test_un_bilan_en_cours_change_et_un_valide_se_corrige(monde: Monde, bilan: Bilan) -> None:
    autre = factories.bilan(monde.a.eleves[1], monde.a.enseignant, "entretien")
    executer(f"UPDATE livret_bilan SET appreciation = 'Relue.' WHERE id = {autre.pk}")
    assert Bilan.objects.get(pk=autre.pk).appreciation == "Relue."
    correction = bilan.corriger("Une faute.", monde.a.enseignant)
    executer(f"UPDATE livret_bilan SET appreciation = 'Corrigée.' WHERE id = {correction.pk}")
    assert (correction.numero, Bilan.objects.get(pk=correction.pk).appreciation) == (2, "Corrigée.")
    executer(f"DELETE FROM livret_bilan WHERE id = {correction.pk}")
    assert bilan.history.filter(etat="valide").count() == 1


@pytest.mark.parametrize("instruction", FICHE_REFUSEE, ids=lambda texte: texte[:60])
def test_la_base_refuse_de_toucher_une_fiche_validee(fiches: dict[str, int], instruction: str) -> None:
    avant = contenu(fiches["validee"])
    with pytest.raises(IntegrityError, match="Cette fiche de tuteur est validée"):
        executer(instruction.format(**fiches))
    assert contenu(fiches["validee"]) == avant


def contenu(fiche: int) -> tuple[object, ...]:
    lue = FicheTuteur.objects.values().get(pk=fiche)
    taches = FicheTuteur.taches.through.objects.filter(fichetuteur=fiche)
    signature = bytes(lue.pop("signature"))
    return lue, signature, list(AvisTuteur.objects.filter(fiche=fiche).values()), list(taches.values())


def test_une_fiche_envoyee_se_rend_encore(monde: Monde, fiches: dict[str, int]) -> None:
    envoyee = FicheTuteur.objects.get(pk=fiches["autre"])
    envoyee.rendre()
    envoyee.avis.all().delete()
    envoyee.taches.clear()
    assert FicheTuteur.objects.get(pk=envoyee.pk).etat == "brouillon"


def test_retirer_les_liens_d_une_fiche_validee(monde: Monde, stage: Accueil, fiches: dict[str, int]) -> None:
    assert stage.relue().retirer_les_liens(monde.a.enseignant, timezone.now()) == 1


def test_migrer_les_leve_puis_les_repose(bilan: Bilan) -> None:
    call_command("migrate", verbosity=0)
    with pytest.raises(IntegrityError, match="Ce bilan est validé"):
        executer("DELETE FROM livret_bilan")
    lever(connection, GARDES)
    executer("UPDATE livret_bilan SET convenu = 'x'")
    poser(connection, GARDES)
    with pytest.raises(IntegrityError, match="Ce bilan est validé"):
        executer("UPDATE livret_bilan SET convenu = 'y'")
