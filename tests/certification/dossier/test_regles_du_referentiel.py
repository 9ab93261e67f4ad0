"""Quelles situations comptent, selon ce que dit le référentiel : dans le livret et en commission."""

import datetime
from typing import Any

import pytest

from livret.models import Eleve
from livret.synthese.livrets import livrets
from referentiel.models import Referentiel
from tests import factories
from tests.certification.scene import lu
from tests.monde import Monde


def regler(monde: Monde, **regles: Any) -> None:
    Referentiel.objects.filter(pk=monde.a.promotion.referentiel_id).update(commission=regles)


@pytest.mark.parametrize(("retenues", "niveau"), [("session", 2), ("cycle", 3)])
def test_une_preuve_d_une_annee_anterieure_compte_selon_le_referentiel(
    monde: Monde, retenues: str, niveau: int
) -> None:
    """Camille a C1 au niveau 2 l'année de la session, et au niveau 3 l'année d'avant."""
    regler(monde, situations={"retenues": retenues})
    jours = {"debut": datetime.date(2025, 3, 3), "fin": datetime.date(2025, 3, 7), "semestre": 4}
    ancienne = factories.situation(monde.a.classe, monde.a.enseignant, ["C1"], intitule="Avant", **jours)
    factories.evaluation(ancienne, monde.a.eleves[0], "C1", 3)

    grille = lu(monde.a.dossiers[0]).grille
    assert grille.ligne("C1").propose == niveau
    dits = [une.intitule for une in grille.situations_retenues]
    assert ("Avant" in dits) == (retenues == "cycle")

    eleve = Eleve.objects.select_related("promotion__referentiel", "option").get(pk=monde.a.eleves[0].pk)
    (ligne,) = [une for une in livrets([eleve])[0].lignes if une.code == "C1"]
    comptees = {preuve.situation: preuve.retenue for preuve in ligne.preuves}
    assert comptees["Avant"] == (retenues == "cycle")
