"""L'accueil compte « à confirmer » tout changement de ce que couvrait une décision (Q48)."""

import datetime
from collections.abc import Callable

import pytest

from certification.models import Dossier
from certification.seance.a_faire import decisions
from certification.seance.touches import touches
from livret.models import Situation, Utilisateur
from referentiel.models import Grille, ImportReferentiel
from tests import factories
from tests.certification.scene import decider
from tests.monde import Monde

JOUR = datetime.date(2026, 3, 16)
CONFIRMER = [("1 dossier à confirmer", "Confirmer")]


def dites(user: Utilisateur) -> list[tuple[str, str]]:
    return [(ligne.texte, ligne.acte) for ligne in decisions(user, JOUR)]


def _plus_retenue(dossier: Dossier, situation: Situation) -> None:
    situation.retenue, situation.retenue_motif = False, "Panne."
    situation.save()


def _autre_decision(dossier: Dossier, situation: Situation) -> None:
    """La note est proposée ; un niveau qu'elle comptait change ensuite, sans que le livret bouge."""
    decision = dossier.decisions.get(competence__code="C1")
    decision.niveau, decision.motif = factories.niveau(dossier.commission.grille.referentiel, 1), "À l’oral."
    decision.save()


def _bonus(dossier: Dossier, situation: Situation) -> None:
    Grille.objects.filter(pk=dossier.commission.grille_id).update(bonus_max=2)
    dossier.bonus = 1
    dossier.save()


def _autre_regle(dossier: Dossier, situation: Situation) -> None:
    """Un référentiel réimporté ou retouché : la règle change, et l'import se note."""
    diplome = dossier.commission.grille.referentiel
    diplome.grilles.update(arrondi="centieme")
    ImportReferentiel.objects.create(
        referentiel=diplome, code=diplome.code, version=diplome.version, origine="fichier", fichier="{}"
    )


def _autre_grille(dossier: Dossier, situation: Situation) -> None:
    commission = dossier.commission
    autre = Grille.objects.get(pk=commission.grille_id)
    poids, autre.pk, autre.version, autre.ordre = list(autre.poids.all()), None, "2", 2
    autre.save()
    for un in poids:
        un.pk, un.grille = None, autre
        un.save()
    commission.grille = autre
    commission.save()


@pytest.mark.parametrize("changer", [_plus_retenue, _autre_decision, _bonus, _autre_regle, _autre_grille])
def test_tout_ce_que_couvrait_une_decision_est_a_confirmer(
    monde: Monde, changer: Callable[[Dossier, Situation], None]
) -> None:
    """Q48 : la matière, la règle, une autre décision ou le candidat."""
    dossier = monde.a.dossiers[0]
    monde.a.dossiers[1].delete()
    decider(monde, dossier)
    assert dites(monde.a.membre) == []
    assert touches((dossier.pk,)) == []
    changer(Dossier.objects.get(pk=dossier.pk), monde.a.situation)
    assert dites(monde.a.membre) == CONFIRMER
