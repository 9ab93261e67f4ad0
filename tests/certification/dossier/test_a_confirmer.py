"""Une décision vaut pour ce que son auteur voyait ; que cela change, et elle est à confirmer (Q48)."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from openpyxl import load_workbook

from certification.document import classeurs, tables, tirage
from certification.document.genres import DOCUMENTS
from certification.document.releves import releve
from certification.dossier.figement import figer, figer_tous
from certification.dossier.forms import NOTE as LA_NOTE
from certification.dossier.forms import OBSERVATIONS
from certification.dossier.grille.vu import (
    ANCIEN,
    CompetenceVueParLAuteur,
    NiveauVu,
    NoteVue,
    PreuveVue,
    niveau_change,
    note_change,
)
from certification.models import Decision, Dossier
from livret.models import Situation
from tests import factories
from tests.certification.scene import (
    REFUS,
    adresse,
    arreter,
    decider,
    lu,
    statuts,
)
from trpm.base.instantane import ecrire
from trpm.impression.documents import table_csv

# L’annexe raconte les actes, ceux d’avant compris : la note ne s’y lit pas.
RECIT = "origine"


def relire(dossier: Dossier) -> Dossier:
    return Dossier.objects.get(pk=dossier.pk)


def nouvelle_preuve(monde, dossier: Dossier, code: str, valeur: int, **champs: object) -> Situation:
    situation = factories.situation(
        monde.a.classe, monde.a.enseignant, **{"intitule": "Réglage de mai"} | champs
    )
    factories.evaluation(situation, dossier.eleve, code, valeur)
    return situation


def sorties(dossier: Dossier) -> dict[str, str]:
    """Tout ce qui sort d’un dossier, en texte ; l’origine de la note dit aussi les actes passés."""
    vu = lu(dossier)
    classeur = load_workbook(BytesIO(classeurs.grille(vu)))
    return {
        **{genre: tirage.html(vu, genre) for genre in DOCUMENTS if genre != RECIT},
        "bordereau": str(releve([vu]).lignes()),
        "classeur": str([[case.value for case in rang] for page in classeur for rang in page.iter_rows()]),
        "csv": table_csv(tables.notes([vu])).decode("utf-8-sig"),
    }


# --- Une note, un niveau, des observations ----------------------------------------------------


def test_une_note_ne_survit_pas_aux_niveaux_dont_elle_vient(monde, president, camille):
    for code, valeur in {"C1": 2, "C2": 3}.items():
        factories.decision(camille, code, monde.a.membre, valeur)
    factories.note(camille, "16.5", "Progrès constants.")
    assert lu(camille).figeable
    arreter(camille, "C1", "3", "Vu en mai.", monde.a.membre)
    grille = lu(camille).grille

    assert (grille.etat, grille.texte_note, str(grille.calculee)) == ("à confirmer", "à confirmer", "20.0")
    assert (grille.note_proposee, grille.motif_ecart, grille.ecart) == (None, "", False)
    assert grille.obstacles() == (
        "Note proposée à confirmer : la note calculée était 15, elle est 20 ; C1 était à 2, il est à 3.",
    )
    with pytest.raises(ValidationError) as refus:
        figer(camille, monde.a.president)
    assert refus.value.messages == [*grille.obstacles()]
    assert figer_tous([camille], monde.a.president).figes == ()
    page = president.get(camille.get_absolute_url()).content.decode()
    assert "la note calculée était 15, elle est 20" in page
    for nom, texte in sorties(camille).items():
        assert "16,5" not in texte.replace("16.5", "16,5"), nom
        assert "Progrès constants." not in texte, nom


def test_un_niveau_abaisse_ne_survit_pas_a_une_nouvelle_preuve(monde, camille):
    arreter(camille, "C1", "0", "Fait par un autre.", monde.a.membre)
    factories.decision(camille, "C2", monde.a.membre, 3)
    factories.note(camille, "5")
    assert lu(camille).grille.etat == "décidé"
    nouvelle_preuve(monde, camille, "C1", 3)
    grille = lu(camille).grille
    ligne = grille.ligne("C1")

    assert (grille.etat, ligne.arretee, ligne.valeur, ligne.motif) == ("à confirmer", False, 3, "")
    assert (ligne.a_confirmer.texte, ligne.a_confirmer.motif) == ("niveau 0", "Fait par un autre.")
    assert ligne.a_confirmer.changements == (
        "C1 était à 2, il est à 3",
        "« Réglage de mai » donne maintenant un niveau retenu, 3",
    )
    assert (str(grille.calculee), grille.note_proposee) == ("20.0", None)
    for nom, texte in sorties(camille).items():
        assert "Fait par un autre." not in texte, nom


def test_une_non_demontree_ne_survit_pas_a_une_preuve(monde, dominique):
    factories.decision(dominique, "C2", monde.a.membre)
    nouvelle_preuve(monde, dominique, "C2", 2)
    ligne = lu(dominique).grille.ligne("C2")
    assert (ligne.non_demontree, ligne.valeur, ligne.a_confirmer.texte) == (False, 2, "non démontrée")
    assert ligne.a_confirmer.changements[0] == "C2 n’avait pas de niveau, il est à 2"


def test_des_observations_valent_pour_les_niveaux_que_l_on_voyait(monde, camille):
    factories.observations(camille, "Candidat fragile en préparation.")
    for code, valeur in {"C1": 2, "C2": 3}.items():
        factories.decision(camille, code, monde.a.membre, valeur)
    assert lu(camille).grille.observations == "Candidat fragile en préparation."
    nouvelle_preuve(monde, camille, "C1", 3)
    grille = lu(camille).grille
    assert (grille.observations, grille.etat) == ("", "à confirmer")
    assert grille.observations_a_confirmer.changements == (
        "la note calculée était 15, elle est 20",
        "C1 était à 2, il est à 3",
    )
    for nom, texte in sorties(camille).items():
        assert "fragile" not in texte, nom


CHANGEMENTS: dict[str, tuple[Callable, str]] = {
    "la situation n’est plus retenue": (
        lambda m: Situation.objects.update(retenue=False, retenue_motif="Panne."),
        "la situation « Étude de gamme A » n’est plus retenue",
    ),
    "le niveau est effacé": (
        lambda m: m.a.eleves[0].evaluations.filter(competence__code="C1").delete(),
        "la situation « Étude de gamme A » ne donne plus de niveau",
    ),
    "la grille a une autre version": (
        lambda m: m.referentiel.grilles.update(version="2026"),
        "la grille était ",
    ),
    "l’échelle a un code changé": (
        lambda m: m.referentiel.echelles.get().niveaux.filter(valeur=1).update(code="I"),
        "les niveaux de l’échelle ont changé",
    ),
}


@pytest.mark.parametrize("nom", CHANGEMENTS)
def test_tout_ce_que_l_on_voyait_compte(monde, camille, nom):
    changer, attendu = CHANGEMENTS[nom]
    decider(monde, camille)
    changer(monde)
    assert attendu in str(lu(camille).grille.ligne("C1").a_confirmer)


@pytest.mark.parametrize(
    ("changer", "attendu"),
    [
        (
            lambda m: m.referentiel.grilles.get().poids.filter(competence__code="C2").update(valeur=3),
            "la note calculée était 15, elle est 17 ; le poids de C2 était 1, il est 3",
        ),
        (lambda m: m.referentiel.grilles.update(arrondi="centieme"), "l’arrondi était "),
    ],
)
def test_la_note_tient_aussi_a_la_regle(monde, camille, changer, attendu):
    decider(monde, camille)
    changer(monde)
    assert attendu in str(lu(camille).grille.note_a_confirmer)


@pytest.mark.parametrize(
    "changer",
    [
        lambda m: Situation.objects.update(intitule="Étude de gamme renommée"),
        lambda m: m.referentiel.echelles.get().niveaux.update(libelle="Autre libellé"),
        lambda m: m.a.eleves[0].observations.all().delete(),
        lambda m: nouvelle_preuve(m, m.a.dossiers[0], "C1", 3, nature="formative"),
        lambda m: nouvelle_preuve(m, m.a.dossiers[1], "C1", 3),
    ],
)
def test_ce_que_la_decision_ne_tient_pas_ne_la_remet_pas_en_cause(monde, camille, changer):
    decider(monde, camille)
    changer(monde)
    assert (lu(camille).grille.a_confirmer, lu(camille).grille.etat) == ((), "décidé")


def test_ce_qui_revient_comme_avant_vaut_a_nouveau(monde, camille):
    decider(monde, camille)
    Situation.objects.update(retenue=False, retenue_motif="Panne.")
    assert lu(camille).grille.note_proposee is None
    Situation.objects.update(retenue=None, retenue_motif="")
    assert (lu(camille).grille.etat, lu(camille).grille.note_proposee) == ("décidé", Decimal(15))


def test_un_dossier_rouvert_est_a_confirmer_si_le_livret_a_change(monde, camille):
    decider(monde, camille)
    version = figer(camille, monde.a.president)
    nouvelle_preuve(monde, camille, "C1", 3)
    assert lu(camille).grille.note_proposee == Decimal(15)
    version.rouvrir("Une preuve de plus.", monde.a.president, version.figee_le)
    assert lu(camille).etat == "à confirmer"


# --- Confirmer, ou refaire --------------------------------------------------------------------


def confirmer(client, dossier: Dossier, quoi: str, jeton: str | None = None):
    grille = lu(dossier).grille
    jetons = {LA_NOTE: grille.jeton_note, OBSERVATIONS: grille.jeton_observations}
    jeton = jeton or jetons.get(quoi) or grille.ligne(quoi).jeton
    return client.post(adresse("confirmer", dossier.pk, quoi), {"lu": jeton})


def test_qui_confirme(monde, camille):
    arreter(camille, "C1", "0", "Fait par un autre.", monde.a.membre)
    nouvelle_preuve(monde, camille, "C1", 3)
    donnees = {"lu": lu(camille).grille.ligne("C1").jeton}
    assert statuts(monde, adresse("confirmer", camille.pk, "C1"), "post", donnees) == {
        **REFUS,
        "membre": 302,
        "president": 409,
        "membre d’une autre commission": 404,
    }
    ligne = lu(camille).grille.ligne("C1")
    assert (ligne.a_confirmer, ligne.niveau_arrete, ligne.motif) == (None, 0, "Fait par un autre.")
    assert ligne.arrete_par == monde.a.membre.nom_complet


def test_confirmer_les_niveaux_rend_la_note_puis_l_on_fige(monde, membre, camille):
    arreter(camille, "C1", "0", "Fait par un autre.", monde.a.membre)
    factories.decision(camille, "C2", monde.a.membre, 3)
    factories.note(camille, "5.5", "Soin.")
    factories.observations(camille, "Dossier soigné.")
    nouvelle_preuve(monde, camille, "C1", 3)
    refus = confirmer(membre, camille, LA_NOTE)
    assert (refus.status_code, refus.context["refus"]) == (422, ["Arrêtez ou confirmez d’abord C1."])
    assert confirmer(membre, camille, "C1").status_code == 302
    grille = lu(camille).grille
    assert (grille.note_proposee, grille.observations, grille.etat) == (
        Decimal("5.5"),
        "Dossier soigné.",
        "décidé",
    )


def test_confirmer_une_note_la_tient_avec_son_motif(monde, membre, camille):
    decider(monde, camille)
    factories.note(camille, "16.5", "Progrès constants.")
    arreter(camille, "C1", "3", "Vu en mai.", monde.a.membre)
    assert confirmer(membre, camille, LA_NOTE).status_code == 302
    grille = lu(camille).grille
    assert (grille.texte_note, grille.motif_ecart, grille.etat) == (
        "16,5\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}20",
        "Progrès constants.",
        "décidé",
    )


def test_ce_qui_s_ecarte_maintenant_demande_un_motif(monde, membre, camille):
    decider(monde, camille)
    nouvelle_preuve(monde, camille, "C1", 3)
    page = membre.get(camille.get_absolute_url()).content.decode()
    attendu = "Le niveau 2 n’est pas le niveau proposé : arrêtez-le avec un motif, ou un autre."
    assert (attendu in page, adresse("confirmer", camille.pk, "C1") in page) == (True, False)
    refus = confirmer(membre, camille, "C1")
    assert (refus.status_code, refus.context["refus"]) == (422, [attendu])
    arreter(camille, "C1", "3", "", monde.a.membre)
    refus = confirmer(membre, camille, LA_NOTE)
    assert refus.context["refus"] == [
        "Ce n’est pas la note calculée : proposez-la avec un motif, ou une autre."
    ]


def test_refaire_vaut_confirmer(monde, membre, camille):
    decider(monde, camille)
    nouvelle_preuve(monde, camille, "C1", 3)
    donnees = {"niveau": "2", "motif": "Vu à l’oral.", "lu": lu(camille).grille.ligne("C1").jeton}
    assert membre.post(adresse("decision", camille.pk, "C1"), donnees).status_code == 302
    ligne = lu(camille).grille.ligne("C1")
    assert (ligne.niveau_arrete, ligne.motif, ligne.a_confirmer) == (2, "Vu à l’oral.", None)


def test_les_observations_a_confirmer_ne_se_perdent_pas(monde, membre, camille):
    factories.observations(camille, "Candidat fragile.")
    nouvelle_preuve(monde, camille, "C1", 3)
    page = membre.get(camille.get_absolute_url()).content.decode()
    assert "Candidat fragile.</textarea>" in page
    assert confirmer(membre, camille, OBSERVATIONS).status_code == 302
    assert lu(camille).grille.observations == "Candidat fragile."


def test_accepter_les_niveaux_proposes_ne_defait_pas_une_decision_a_confirmer(monde, membre, camille):
    arreter(camille, "C1", "0", "Fait par un autre.", monde.a.membre)
    nouvelle_preuve(monde, camille, "C1", 3)
    donnees = {"lu": lu(camille).grille.jeton_propositions}
    membre.post(adresse("acceptation", camille.pk), donnees)
    grille = lu(camille).grille
    assert (grille.ligne("C1").a_confirmer.texte, grille.ligne("C2").niveau_arrete) == ("niveau 0", 3)


@pytest.mark.parametrize("quoi", ["C1", LA_NOTE, OBSERVATIONS])
def test_rien_a_confirmer_se_dit(monde, membre, camille, quoi):
    decider(monde, camille)
    reponse = confirmer(membre, camille, quoi)
    assert (reponse.status_code, reponse.context["refus"]) == (409, ["Il n’y a rien à confirmer."])
    assert membre.post(adresse("confirmer", camille.pk, "C9"), {"lu": "x"}).status_code == 404


# --- Ce que la page montrait ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "donnees"),
    [
        ("decision", {"niveau": "2"}),
        ("acceptation", {}),
        ("proposition", {"note_proposee": "15"}),
        ("observations", {"observations": "Candidat fragile."}),
        ("confirmer", {}),
    ],
)
def test_une_preuve_arrivee_depuis_la_page_arrete_le_geste(monde, membre, camille, nom, donnees):
    """L’auteur n’a pas vu la nouvelle preuve : sa décision ne peut pas en porter l’empreinte."""
    if nom == "proposition":
        decider(monde, camille, "15.5")
    if nom == "confirmer":
        decider(monde, camille)
        nouvelle_preuve(monde, camille, "C1", 1)
    grille = lu(camille).grille
    jetons = {
        "acceptation": grille.jeton_propositions,
        "proposition": grille.jeton_note,
        "observations": grille.jeton_observations,
    }
    jeton = jetons.get(nom, grille.ligne("C1").jeton)
    nouvelle_preuve(monde, camille, "C1", 3)
    args = [camille.pk, "C1"] if nom in ("decision", "confirmer") else [camille.pk]
    assert membre.post(adresse(nom, *args), donnees | {"lu": jeton}).status_code == 409
    assert not lu(camille).grille.ligne("C1").arretee
    assert relire(camille).observations == ""


# --- Avant que l'on garde ce que voyait l'auteur ----------------------------------------------


@pytest.fixture
def ancien(monde, camille) -> Dossier:
    decider(monde, camille)
    Decision.objects.update(vu=ANCIEN)
    Dossier.objects.filter(pk=camille.pk).update(vu_note=ANCIEN, vu_observations=ANCIEN)
    return relire(camille)


def test_une_decision_ancienne_vaut_si_elle_dit_encore_ce_qui_est_propose(ancien):
    assert (lu(ancien).grille.etat, lu(ancien).grille.a_confirmer) == ("décidé", ())


def test_une_decision_ancienne_qui_s_ecarte_est_a_confirmer(monde, ancien):
    Decision.objects.filter(competence__code="C1").update(motif="Vu en mai.")
    Dossier.objects.filter(pk=ancien.pk).update(observations="Fragile.")
    assert lu(ancien).grille.a_confirmer == (
        "Niveau de C1 à confirmer : ce que son auteur voyait n’a pas été gardé.",
        "Note proposée à confirmer : ce que son auteur voyait n’a pas été gardé.",
        "Observations à confirmer : ce que son auteur voyait n’a pas été gardé.",
    )


def test_une_decision_ancienne_que_la_proposition_contredit_est_a_confirmer(monde, ancien):
    nouvelle_preuve(monde, ancien, "C1", 3)
    assert lu(ancien).grille.etat == "à confirmer"


# --- La base ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("modele", "champs"),
    [
        (Decision, {"vu": ""}),
        (Dossier, {"vu_note": ""}),
        (Dossier, {"observations": "Fragile.", "vu_observations": ""}),
    ],
)
def test_la_base_refuse_une_decision_sans_ce_qu_elle_voyait(monde, camille, modele, champs):
    decider(monde, camille)
    with pytest.raises(IntegrityError, match="vue"), transaction.atomic():
        modele.objects.update(**champs)


# --- Les mots ---------------------------------------------------------------------------------

ECHELLE = (("0", 0), ("1", 1), ("2", 2), ("3", 3))
TOUR, GAMME = PreuveVue(1, 2, "Tour"), PreuveVue(2, 1, "Gamme")
NIVEAU = NiveauVu("C8", "TRPM 1, 2024", ECHELLE, 2, (TOUR, GAMME))
LIGNES = (
    CompetenceVueParLAuteur("C8", Fraction(3), 2, "arrêté"),
    CompetenceVueParLAuteur("C9", Fraction(1), None, ""),
)
NOTE = NoteVue("à évaluer", "TRPM 1, 2024", ECHELLE, "au demi-point", Fraction(0), Decimal("13.5"), LIGNES)


@pytest.mark.parametrize(
    ("apres", "mots"),
    [
        (NIVEAU, ()),
        (NiveauVu("C8", "TRPM 1, 2024", ECHELLE, 2, (PreuveVue(1, 2, "Autre nom"), GAMME)), ()),
        (NiveauVu("C8", "TRPM 1, 2024", ECHELLE, 2, (TOUR,)), ("la situation « Gamme » n’est plus retenue",)),
        (
            NiveauVu("C8", "TRPM 1, 2024", ECHELLE, None, ()),
            (
                "C8 était à 2, il n’a plus de niveau",
                "la situation « Tour » ne donne plus de niveau",
                "la situation « Gamme » n’est plus retenue",
            ),
        ),
        (
            NiveauVu("C8", "TRPM 1, 2026", ECHELLE, 2, (TOUR, GAMME)),
            ("la grille était TRPM 1, 2024, elle est TRPM 1, 2026",),
        ),
    ],
)
def test_ce_qui_a_change_sous_un_niveau_se_dit(apres, mots):
    assert niveau_change(ecrire(NIVEAU), apres, evident=False, ecartees={2}) == mots


@pytest.mark.parametrize(
    ("champs", "mots"),
    [
        ({}, ()),
        ({"calculee": None}, ("la note calculée était 13,5, elle est incomplète",)),
        ({"bonus": Fraction(1, 2)}, ("le bonus était 0, il est 0,5",)),
        ({"candidat": "dispensé"}, ("le candidat était « à évaluer », il est « dispensé »",)),
        ({"lignes": LIGNES[:1]}, ("C9 n’est plus de l’épreuve",)),
        (
            {"lignes": (*LIGNES, CompetenceVueParLAuteur("D1", Fraction(1), 1, ""))},
            ("D1 est entrée dans l’épreuve",),
        ),
        (
            {"lignes": (CompetenceVueParLAuteur("C8", Fraction(3), 0, "non démontrée"), LIGNES[1])},
            ("C8 était à 2, il est à 0", "C8 était arrêté, maintenant non démontrée"),
        ),
    ],
)
def test_ce_qui_a_change_sous_une_note_se_dit(champs, mots):
    apres = NoteVue(**{nom: getattr(NOTE, nom) for nom in NOTE.__dataclass_fields__} | champs)
    assert note_change(ecrire(NOTE), apres, evident=False) == mots
