"""Le fichier des règles dit tout : aucun modèle, aucun champ de texte, n'y échappe."""

import datetime

import pytest
from django.apps import apps
from django.db import models

from livret.models import Eleve, Tuteur, Utilisateur
from trpm.conservation.lignes import (
    comptes_de,
    de_l_eleve,
    declarant,
    modeles_regles,
    origine,
    suivies,
)
from trpm.conservation.regles import (
    DEBUTS,
    EFFACE,
    LIGNE,
    SUITES,
    lues,
    plus_tard,
    regles,
)

TEXTES = (
    models.CharField,
    models.TextField,
    models.FileField,
    models.BinaryField,
    models.JSONField,
    models.GenericIPAddressField,
)
A_DIRE = "dites dans trpm/conservation/regles.toml ce qu’il garde de personnel, pourquoi et combien de temps"
TOUS = apps.get_models(include_auto_created=True)


def sources() -> list[type[models.Model]]:
    return [modele for modele in apps.get_models() if origine(modele) is modele]


@pytest.mark.parametrize("modele", TOUS, ids=lambda un: un._meta.label)
def test_chaque_modele_a_sa_regle(modele: type[models.Model]) -> None:
    """Une table de liens et un historique suivent celle du modèle dont ils dépendent."""
    assert regles().de(origine(modele)._meta.label), f"{modele._meta.label} : {A_DIRE}"


@pytest.mark.parametrize("modele", sources(), ids=lambda un: un._meta.label)
def test_chaque_champ_de_texte_est_dit_personnel_ou_neutre(modele: type[models.Model]) -> None:
    regle = regles().de(modele._meta.label)
    if modele._meta.label not in regles().modeles:
        return  # toute son application est dite sans personne
    textes = {
        champ.name
        for champ in modele._meta.concrete_fields
        if isinstance(champ, TEXTES) and not champ.choices and not champ.is_relation
    }
    dits = {*regle.personnel, *regle.neutre}
    assert textes <= dits, f"{modele._meta.label} : {A_DIRE}"
    assert dits <= {champ.name for champ in modele._meta.concrete_fields}
    assert not {*regle.personnel} & {*regle.neutre}


@pytest.mark.parametrize("modele", sources(), ids=lambda un: un._meta.label)
def test_un_lien_vers_un_eleve_ou_un_tuteur_est_suivi(modele: type[models.Model]) -> None:
    regle = regles().de(modele._meta.label)
    cibles = {champ.related_model for champ in modele._meta.concrete_fields if champ.is_relation}
    assert Eleve not in cibles or regle.de_l_eleve
    assert Tuteur not in cibles or regle.tuteur


def test_aucune_application_dite_sans_personne_ne_mene_a_une_personne() -> None:
    for modele in sources():
        if modele._meta.label not in regles().modeles:
            assert not comptes_de(modele), f"{modele._meta.label} : {A_DIRE}"


def test_rien_n_y_est_de_trop() -> None:
    noms = {modele._meta.label for modele in TOUS}
    assert set(regles().modeles) <= noms
    assert set(regles().applications) <= {modele._meta.app_label for modele in TOUS}


def test_chaque_duree_dit_d_ou_elle_part_et_ou_elle_mene() -> None:
    for duree in regles().durees.values():
        assert duree.debut in DEBUTS
        assert duree.ensuite in SUITES
        assert bool(duree.duree) == (duree.debut != "aucun")
        assert duree.pourquoi
        assert not duree.reglable or duree.annees


def test_une_ligne_datee_dit_sa_date() -> None:
    for regle in regles().modeles.values():
        assert bool(regle.date or regle.terme) == (regle.duree.debut == LIGNE)


@pytest.mark.django_db
def test_chaque_chemin_mene_a_une_personne() -> None:
    for un in modeles_regles():
        lignes = de_l_eleve(un.modele, [0])
        assert lignes is None or not lignes.exists()
        if un.regle.tuteur:
            assert not suivies(un.modele, "tuteur", [0]).exists()


def test_les_attaches_d_un_compte_le_nomment_d_abord() -> None:
    """L'anonymisation ôte une ligne par son premier lien vers un compte."""
    attaches = [un for un in modeles_regles() if un.regle.duree.code == "attache"]
    assert len(attaches) >= 9
    for un in attaches:
        premier = un.modele._meta.get_field(comptes_de(un.modele)[0])
        assert premier.related_model is Utilisateur
        assert premier.name in ("utilisateur", "auteur", "user")


def test_un_modele_sans_regle_se_voit() -> None:
    """Le contrôle peut échouer : une règle ôtée, son modèle n'en a plus."""
    reste = lues(
        '[durees.livret]\ntitre="L"\npourquoi="P"\ndebut="depart"\nduree="5 ans"\nensuite="effacé"\n'
        '[modeles."livret.Eleve"]\nduree="livret"\nqui={ eleve="pk" }\n[applications]\n'
    )
    assert reste.de("livret.Eleve").duree.ensuite == EFFACE
    assert reste.de("livret.Bilan") is None
    assert declarant(Eleve.groupes.through)._meta.label == "livret.Groupe"


@pytest.mark.parametrize(
    ("depuis", "mois", "attendu"),
    [("2024-02-29", 12, "2025-02-28"), ("2026-08-31", 6, "2027-02-28"), ("2026-12-15", 1, "2027-01-15")],
)
def test_une_duree_se_compte_en_mois_du_calendrier(depuis: str, mois: int, attendu: str) -> None:
    jour = datetime.date.fromisoformat
    assert plus_tard(jour(depuis), mois) == jour(attendu)


def test_cinq_ans_apres_le_depart_ou_les_annees_reglees() -> None:
    duree = regles().durees["livret"]
    assert duree.terme(datetime.date(2026, 7, 31)) == datetime.date(2031, 7, 31)
    assert duree.terme(datetime.date(2026, 7, 31), 2) == datetime.date(2028, 7, 31)
    assert duree.dite == "5 ans après le départ de l’élève"
    assert regles().durees["passage"].terme(datetime.date(2026, 7, 31)) == datetime.date(2026, 8, 7)
