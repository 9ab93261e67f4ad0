"""Ce que l'élève pense de lui n'entre dans aucune note : la certification ne lit pas cette table."""

from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certification.dossier.resultats import dossiers_lus
from certification.models import Dossier
from tests import factories
from tests.monde import Monde


def notes(monde: Monde) -> list[object]:
    dossiers = Dossier.objects.filter(commission=monde.a.commission)
    return [
        (lu.dossier.eleve.nom, lu.grille.note, [(ligne.code, ligne.propose) for ligne in lu.grille.lignes])
        for lu in dossiers_lus(dossiers)
    ]


def test_une_autoevaluation_ne_change_aucune_note(monde: Monde) -> None:
    avant = notes(monde)
    for eleve in monde.a.eleves:
        for code in ("C1", "C2", "C3"):
            factories.autoevaluation(eleve, code, 3)
        factories.autoevaluation(eleve, "C1", 3, situation=monde.a.situation)
    assert notes(monde) == avant


def test_la_certification_ne_lit_pas_cette_table(monde: Monde) -> None:
    client = Client()
    client.force_login(monde.a.president)
    dossier = monde.a.dossiers[0]
    pages = [
        dossier.get_absolute_url(),
        monde.a.commission.get_absolute_url(),
        *(reverse(f"certification:{nom}", args=[dossier.pk]) for nom in ("dossier-pdf", "grille-xlsx")),
    ]
    with CaptureQueriesContext(connection) as requetes:
        for page in pages:
            assert client.get(page).status_code == 200
    assert [requete["sql"] for requete in requetes if "autoevaluation" in requete["sql"]] == []
    modules = Path(settings.BASE_DIR, "certification").rglob("*.py")
    nommant = [m.name for m in modules if "demo" not in m.parts and "AutoEvaluation" in m.read_text("utf-8")]
    assert nommant == []
