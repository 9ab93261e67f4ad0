"""Toute date d'un modèle est bornée par ce à quoi elle appartient : une seule liste, lue dans les modèles."""

from collections.abc import Callable
from datetime import date

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction

from certification.models import Commission, Reunion
from livret.models import FicheTuteur, PfmpPrevue, SansCours
from tests import factories
from tests.livret.pfmp.scene import scene
from tests.monde import Ecole, Monde

# Ce que le logiciel date lui-même, au jour où cela se passe : personne ne le tape.
DATES_DU_JOUR = {"livret.AutoEvaluation.date", "livret.Pfmp.annexe_relue_le"}


def _reunion(ecole: Ecole) -> Reunion:
    return Reunion(
        etablissement=ecole.etablissement,
        session=ecole.promotion.session,
        intitule="R",
        date=date(2026, 5, 5),
    )


def _prevue(ecole: Ecole) -> PfmpPrevue:
    return PfmpPrevue(promotion=ecole.promotion, debut=date(2026, 1, 5), fin=date(2026, 1, 11))


def _sans_cours(ecole: Ecole) -> SansCours:
    return SansCours(
        etablissement=ecole.etablissement, libelle="V", debut=date(2026, 1, 5), fin=date(2026, 1, 11)
    )


def _fiche(ecole: Ecole) -> FicheTuteur:
    tenue = scene(ecole)
    return FicheTuteur(pfmp=tenue.camille, tuteur=tenue.tuteur)


BORNEES: dict[str, Callable[[Ecole], models.Model]] = {
    "certification.Commission.date": lambda a: a.commission,
    "certification.Reunion.date": _reunion,
    "livret.Absence.debut": lambda a: scene(a).absence,
    "livret.Absence.fin": lambda a: scene(a).absence,
    "livret.Bilan.date": lambda a: factories.bilan(a.eleves[0], a.enseignant),
    "livret.Bilan.entretien_le": lambda a: factories.bilan(a.eleves[0], a.enseignant),
    "livret.Eleve.naissance": lambda a: a.eleves[0],
    "livret.FicheTuteur.signee_le": _fiche,
    "livret.Periode.debut": lambda a: scene(a).periode,
    "livret.Periode.fin": lambda a: scene(a).periode,
    "livret.PfmpPrevue.debut": _prevue,
    "livret.PfmpPrevue.fin": _prevue,
    "livret.SansCours.debut": _sans_cours,
    "livret.SansCours.fin": _sans_cours,
    "livret.Scolarite.sortie": lambda a: a.eleves[0].scolarites.get(),
    "livret.Sejour.debut": lambda a: scene(a).sejour,
    "livret.Sejour.fin": lambda a: scene(a).sejour,
    "livret.Sequence.debut": lambda a: factories.sequence(a.classe, a.enseignant),
    "livret.Sequence.fin": lambda a: factories.sequence(a.classe, a.enseignant),
    "livret.Situation.debut": lambda a: a.situation,
    "livret.Situation.fin": lambda a: a.situation,
    "livret.Situation.visible_des": lambda a: a.situation,
    "livret.Visite.date": lambda a: scene(a).visite,
}


def dates() -> set[str]:
    """Les champs qui portent un jour, hors historiques ; un instant est toujours écrit par l'horloge."""
    return {
        f"{modele._meta.label}.{champ.name}"
        for modele in apps.get_models()
        if modele._meta.app_label in ("livret", "certification", "referentiel")
        and not modele.__name__.startswith("Historical")
        for champ in modele._meta.concrete_fields
        if type(champ) is models.DateField
    }


def test_chaque_date_a_sa_borne() -> None:
    """Un champ nouveau fait échouer ce test tant qu'il n'est pas dans la liste."""
    assert dates() == set(BORNEES) | DATES_DU_JOUR


def refus(ligne: models.Model) -> str:
    """Ce que dit le contrôle de la ligne ; vide s'il ne dit rien."""
    try:
        ligne.clean()
    except ValidationError as faute:
        return " ".join(faute.messages)
    return ""


@pytest.mark.parametrize("annee", [206, 1906, 2206])
def test_une_annee_mal_tapee_est_refusee_d_une_phrase(monde: Monde, annee: int) -> None:
    muettes = []
    for nom, ligne_de in BORNEES.items():
        champ = nom.rpartition(".")[2]
        if champ == "fin" and annee < 2000:
            continue  # avant son début : c'est la base qui refuse
        with transaction.atomic():
            ligne = ligne_de(monde.a)
            for bout in ("debut", "fin") if champ == "debut" else (champ,):
                setattr(ligne, bout, (getattr(ligne, bout) or date(2026, 3, 3)).replace(year=annee))
            if not (dit := refus(ligne)).endswith((".", "…")):
                muettes.append((nom, dit))
            transaction.set_rollback(True)
    assert muettes == []


@pytest.mark.parametrize(
    ("jour", "admis"),
    [
        ("2025-07-31", False),
        ("2025-08-01", True),
        ("2026-05-05", True),
        ("2026-12-31", True),
        ("2027-01-01", False),
    ],
)
def test_une_commission_se_tient_pour_sa_session(monde: Monde, jour: str, admis: bool) -> None:
    commission = Commission.objects.get(pk=monde.a.commission.pk)
    assert commission.session == 2026
    commission.date = date.fromisoformat(jour)
    phrase = "Une commission de la session 2026 se tient entre le 1er août 2025"
    assert (phrase in refus(commission)) is not admis


@pytest.mark.parametrize(
    ("annee", "admis"), [(2012, False), (2011, True), (2008, True), (1953, True), (1952, False)]
)
def test_un_age_plausible_a_l_entree(monde: Monde, annee: int, admis: bool) -> None:
    eleve = monde.a.eleves[0]
    assert eleve.promotion.session == 2026
    eleve.naissance = date(annee, 6, 1)
    assert ("vérifiez l’année de naissance" in refus(eleve)) is not admis
