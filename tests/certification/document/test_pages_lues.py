"""Chaque document passe par le lecteur rapide, et l’arbre est celui du lecteur du HTML."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.certification.scene import adresse
from tests.litanie import connecte
from tests.monde import Monde
from tests.test_socle_lecture import verifier
from trpm.impression import lecture

pytestmark = pytest.mark.imprime
PAR_DOSSIER = ["grille-pdf", "dossier-pdf", "bilan-pdf", "synthese-pdf", "origine-pdf"]
PAR_COMMISSION = ["proces-verbal", "bordereau", "convocations"]


@pytest.fixture
def lues(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Les pages que la mise en page reçoit."""
    recues: list[str] = []
    arbre = lecture.arbre
    monkeypatch.setattr(lecture, "arbre", lambda page: recues.append(page) or arbre(page))
    return recues


@pytest.mark.parametrize("nom", PAR_DOSSIER + PAR_COMMISSION)
def test_chaque_document_de_la_commission_est_bien_forme(
    president: Client, camille, lues: list[str], nom: str
) -> None:
    cle = camille.commission_id if nom in PAR_COMMISSION else camille.pk
    assert president.get(adresse(nom, cle)).status_code == 200
    verifier(lues)


def test_le_livret_est_bien_forme(monde: Monde, lues: list[str]) -> None:
    connecte(monde.a.enseignant).get(reverse("livret:eleve-pdf", args=[monde.a.eleves[0].pk]))
    verifier(lues)
