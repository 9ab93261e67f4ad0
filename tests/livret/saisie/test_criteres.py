"""La grille d'une situation dont les critères sont les colonnes."""

import json
import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from livret.models import Evaluation, Observation, Situation
from livret.saisie.deduction import rang_suggere
from livret.situation.colonnes import ColonneVisee
from tests.ecole_a_criteres import EcoleACriteres, ecole_a_criteres
from tests.litanie import connecte

CRITERES = ("K1", "K2", "K3", "K4", "K5", "K6")


@pytest.fixture
def ecole(db: None) -> EcoleACriteres:
    return ecole_a_criteres()


def envoyer(ecole: EcoleACriteres, situation: Situation, *saisies: tuple[str, str, str]) -> HttpResponse:
    operations = [
        {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{code}, {texte}, {vu}")),
            "case": ecole.case(code),
            "texte": texte,
            "vu": vu,
        }
        for code, texte, vu in saisies
    ]
    return connecte(ecole.professeur).post(
        reverse("livret:operations", args=[situation.pk]),
        json.dumps({"personne": ecole.professeur.pk, "operations": operations}),
        content_type="application/json",
    )


def niveaux() -> dict[str, str]:
    vus: dict[str, Any] = {une.detaillee.code: str(une) for une in Observation.objects.all()}
    return vus | {une.competence.code: str(une) for une in Evaluation.objects.all()}


def test_les_criteres_se_notent_et_le_niveau_de_la_competence_les_suit(ecole):
    situation = ecole.situation()
    page = connecte(ecole.professeur).get(reverse("livret:grille", args=[situation.pk])).content.decode()
    assert [code for code in ("K1", "K2", "K3", "K4", "K5", "K6") if ecole.case(code) in page] == [
        "K1",
        "K2",
        "K3",
        "K4",
    ]
    assert f'<output id="{ecole.case("C1")}"' in page

    reponse = envoyer(ecole, situation, ("K1", "4", ""), ("K2", "3", ""), ("K3", "ABS", ""), ("K4", "a", ""))
    assert set(reponse.json()["cases"]) == {ecole.case(code) for code in ("K1", "K2", "K3", "K4", "C1", "C2")}
    assert niveaux() == {"K1": "4", "K2": "3", "C1": "3", "K3": "ABS", "K4": "ABS", "C2": "ABS"}
    assert Evaluation.history.filter(history_user=ecole.professeur, competence__code="C1").count() == 1

    envoyer(ecole, situation, ("K1", "4", ""), ("K2", "3", ""))
    assert (Observation.history.count(), Evaluation.history.count()) == (4, 2)

    envoyer(ecole, situation, ("K2", "4", "3"), ("K3", "", "ABS"))
    assert (niveaux()["C1"], "C2" in niveaux()) == ("4", False)


def test_le_niveau_d_une_competence_ne_se_tape_pas_a_cote_de_ses_criteres(ecole):
    reponse = envoyer(ecole, ecole.situation(), ("C1", "4", ""), ("K5", "4", ""))
    assert [un["motif"].replace("\xa0", " ") for un in reponse.json()["resultats"]] == [
        "Le niveau de C1 se lit d’après ses critères : notez-les.",
        "Cette compétence détaillée n’est pas visée par la situation.",
    ]
    assert niveaux() == {}


def test_un_critere_d_une_autre_option_ne_concerne_pas_l_eleve(ecole):
    situation = ecole.situation("C3")
    page = connecte(ecole.professeur).get(reverse("livret:grille", args=[situation.pk])).content.decode()
    assert page.count(">hors option<") == 1
    envoyer(ecole, situation, ("K6", "4", ""), ("K7", "3", ""))
    assert niveaux() == {"K6": "4", "K7": "3", "C3": "3"}


def test_un_detail_plus_fin_efface_son_parent_et_les_poids_comptent():
    parent, fils, autre = (
        ColonneVisee("d", pk, code, "", poids=poids, parent_id=de)
        for pk, code, poids, de in ((1, "C1.1", 1, None), (2, "C1.1.1", 3, 1), (3, "C1.2", 1, None))
    )
    assert rang_suggere({parent: 0, fils: 3, autre: 1}) == 2  # (3 × 3 + 1) / 4 = 2,5, vers le bas
    assert rang_suggere({parent: 0, autre: 1}) == 0  # 0,5 aussi
    assert rang_suggere({}) is None
