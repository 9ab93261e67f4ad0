"""Toute date d'un modèle est bornée par ce à quoi elle appartient : une seule liste, lue dans les modèles."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction

import certification
import livret
import referentiel
import trpm
from certification.jury.forms import AccesJuryForm
from certification.models import Commission, Reunion
from livret.administration.forms.changement import ChangementForm
from livret.administration.forms.etablissement import SortieForm
from livret.administration.forms.imports import ConfirmationForm
from livret.administration.forms.parcours import ParcoursForm
from livret.bilan.forms import PreparationForm
from livret.models import Classe, FicheTuteur, PfmpPrevue, SansCours
from tests import factories
from tests.litanie import adresse, connecte
from tests.livret.pfmp.scene import scene
from tests.monde import Ecole, Monde
from trpm.echanges.forms import JetonForm

# Ce que le logiciel date lui-même, au jour où cela se passe : personne ne le tape.
DATES_DU_JOUR = {
    "livret.AutoEvaluation.date",
    "livret.Pfmp.annexe_relue_le",
    "livret.Pfmp.relancee_le",
    "livret.Utilisateur.avis_le",
}
# Ce que seul un formulaire écrit, et borne.
PAR_UN_FORMULAIRE = {"livret.ChangementDePromotion.jour": "ChangementForm.jour"}


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
    assert dates() == set(BORNEES) | DATES_DU_JOUR | set(PAR_UN_FORMULAIRE)
    assert set(PAR_UN_FORMULAIRE.values()) <= set(BORNES_PAR_LE_FORMULAIRE)


# --- Les formulaires ----------------------------------------------------------------------------------

# Une date tapée qui n'est pas un champ du modèle que le formulaire écrit : celui où elle arrive.
VERS_UN_MODELE = {
    "PoseForm.debut": "livret.Sequence.debut",
    "PoseForm.fin": "livret.Sequence.fin",
    "SaisieForm.date": "livret.FicheTuteur.signee_le",
}

# Ce que l’on cherche, sans rien écrire : une date trop ancienne ne trouve rien.
POUR_CHERCHER = {"JournalForm.au", "JournalForm.du"}


def _classe_d_une_autre(ecole: Ecole) -> Classe:
    return factories.classe(factories.promotion(ecole.etablissement, ecole.promotion.referentiel))


BORNES_PAR_LE_FORMULAIRE: dict[str, Callable[[Ecole, str], forms.BaseForm]] = {
    "AccesJuryForm.jusqu_au": lambda a, jour: AccesJuryForm({"destinataire": "Jury", "jusqu_au": jour}),
    "ChangementForm.jour": lambda a, jour: ChangementForm(
        {"classe": _classe_d_une_autre(a).pk, "jour": jour}, promotion=a.promotion
    ),
    "ConfirmationForm.sortie": lambda a, jour: ConfirmationForm(
        {"sortie": jour}, classe=a.classe, auteur=a.administrateur
    ),
    "JetonForm.jusqu_au": lambda a, jour: JetonForm({"jusqu_au": jour}),
    "ParcoursForm.jour": lambda a, jour: ParcoursForm(
        {"classe": a.classe.pk, "etablissement": "reste", "jour": jour}, eleve=a.eleves[0]
    ),
    "PreparationForm.date": lambda a, jour: PreparationForm({"date": jour}, classe=a.classe),
    "SortieForm.sortie": lambda a, jour: SortieForm({"sortie": jour}, scolarite=a.eleves[0].scolarites.get()),
}


A_NOUS = ("livret.", "certification.", "referentiel.", "trpm.")


def formulaires(classe: type = forms.BaseForm) -> Iterator[type]:
    for une in classe.__subclasses__():
        yield une
        yield from formulaires(une)


def dates_tapees() -> dict[str, str]:
    """Chaque date d'un formulaire, et le champ de modèle qu'elle remplit ; vide sans modèle."""
    for paquet in (livret, certification, referentiel, trpm):
        for module in pkgutil.walk_packages(paquet.__path__, f"{paquet.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith(("wsgi", "settings")):
                importlib.import_module(module.name)
    lues = {}
    for une in {un for un in formulaires() if hasattr(un, "base_fields")}:
        modele = getattr(getattr(une, "_meta", None), "model", None)
        du_modele = {champ.name for champ in modele._meta.fields} if modele else set()
        for nom, champ in une.base_fields.items():
            if isinstance(champ, forms.DateField | forms.DateTimeField) and une.__module__.startswith(A_NOUS):
                lues[f"{une.__name__}.{nom}"] = f"{modele._meta.label}.{nom}" if nom in du_modele else ""
    return lues


def test_chaque_date_d_un_formulaire_a_sa_borne() -> None:
    """Une date nouvelle, de modèle ou non, fait échouer ce test tant que sa borne n'est pas dite."""
    lues = dates_tapees()
    assert {champ for champ in lues.values() if champ} <= set(BORNEES)
    sans_modele = {nom for nom, champ in lues.items() if not champ}
    assert sans_modele == {*VERS_UN_MODELE, *BORNES_PAR_LE_FORMULAIRE, *POUR_CHERCHER}
    assert set(VERS_UN_MODELE.values()) <= set(BORNEES)


@pytest.mark.parametrize("jour", ["0206-03-03", "1906-03-03", "2106-03-03", "2206-03-03"])
def test_le_formulaire_refuse_une_annee_mal_tapee(monde: Monde, jour: str) -> None:
    muets = []
    for nom, formulaire in BORNES_PAR_LE_FORMULAIRE.items():
        form = formulaire(monde.a, jour)
        form.is_valid()
        dits = form.errors.get(nom.rpartition(".")[2], [])
        if not any(dit.endswith(".") for dit in dits):
            muets.append((nom, dits))
    assert muets == []


@pytest.mark.parametrize("jour", ["2206-03-03", "9999-12-31"])
def test_une_publication_ne_s_annonce_pas_hors_du_cycle(monde: Monde, jour: str) -> None:
    """Ce jour-là se tape hors de tout formulaire."""
    url = adresse("situation-etat", monde.a.situation.pk)
    page = connecte(monde.a.enseignant).post(url, {"etat": "publiee", "visible_des": jour}, follow=True)
    assert "Choisissez un jour entre la rentrée de la classe" in page.content.decode()
    monde.a.situation.refresh_from_db()
    assert monde.a.situation.etat == "ouverte"


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
