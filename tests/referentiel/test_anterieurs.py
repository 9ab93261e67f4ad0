"""Les diplômes antérieurs : ce à quoi leurs compétences répondent ici, du fichier à la page."""

import json
from pathlib import Path

import pytest
from django.urls import reverse

from referentiel.anterieurs import reponses
from referentiel.echange.classeur import classeur_de, texte_de_classeur
from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.importation import importer, previsualiser
from referentiel.fichier.lecture import lire_texte, ordonner, schema
from referentiel.models import Referentiel
from tests import factories
from tests.litanie import connecte
from trpm.permissions import Role

DEMO = Path(__file__).with_name("demo.json")
ANTERIEURS = [
    {
        "diplome": "REMI",
        "version": "2019",
        "source": "Conseil d’enseignement",
        "repondent": [
            {"code": "P1", "competences": ["CP01", "CP02"]},
            {"code": "P2", "competences": ["CP02"]},
        ],
    },
    {"diplome": "REMI", "repondent": [{"code": "P1", "competences": ["CP02"]}]},
]


def fichier(anterieurs: object = ANTERIEURS) -> str:
    brut = json.loads(DEMO.read_text())
    dit = brut if anterieurs is None else brut | {"anterieurs": anterieurs}
    return ecrire(ordonner(dit, schema()))


def test_une_version_l_emporte_sur_toutes():
    assert reponses(ANTERIEURS, "REMI", "2019") == {"P1": ("CP01", "CP02"), "P2": ("CP02",)}
    assert reponses(ANTERIEURS, "REMI", "2026") == {"P1": ("CP02",)}
    assert reponses(ANTERIEURS, "MELEC", "2019") == {}


@pytest.mark.django_db
def test_l_export_rend_le_fichier_a_l_octet():
    importer(lire_texte(fichier()))
    referentiel = Referentiel.objects.get()
    rendu = ContenuReferentiel(referentiel).texte()
    assert json.loads(rendu)["anterieurs"] == ANTERIEURS
    assert not previsualiser(lire_texte(rendu))
    importer(lire_texte(rendu))
    assert ContenuReferentiel(Referentiel.objects.get()).texte() == rendu


@pytest.mark.django_db
def test_un_fichier_qui_n_en_dit_rien_ne_change_pas_ce_qui_est_la():
    importer(lire_texte(fichier()))
    importer(lire_texte(fichier(None)))
    assert Referentiel.objects.get().anterieurs == ANTERIEURS
    importer(lire_texte(fichier([])))
    assert Referentiel.objects.get().anterieurs == []


@pytest.mark.django_db
def test_ils_se_declarent_meme_quand_le_referentiel_sert():
    importer(lire_texte(fichier(None)))
    factories.promotion(factories.etablissement(), Referentiel.objects.get(), "BOIS")
    changements = previsualiser(lire_texte(fichier()))
    assert [(ligne.champ, ligne.refus) for ligne in changements.lignes] == [("anterieurs", "")]


def test_le_classeur_garde_tout():
    brut = json.loads(fichier())
    assert texte_de_classeur(classeur_de(brut)) == fichier()


@pytest.mark.parametrize(
    ("anterieurs", "phrase"),
    [
        (
            [{"diplome": "REMI", "repondent": [{"code": "P1", "competences": ["CP9"]}]}],
            "« CP9 » ne désigne aucune compétence du fichier. Codes déclarés : « CP01 »",
        ),
        (
            [{"diplome": "DEMO", "version": "1", "repondent": [{"code": "P1", "competences": ["CP01"]}]}],
            "C’est le diplôme du fichier lui-même. Retirez-le des antérieurs.",
        ),
        ([ANTERIEURS[0], ANTERIEURS[0]], "« REMI » est déjà donné ligne"),
        (
            [{"diplome": "REMI", "repondent": [{"code": "P1", "competences": ["CP01"]}] * 2}],
            "La compétence antérieure « P1 » existe déjà ligne",
        ),
    ],
)
def test_ce_qui_n_a_pas_de_sens_est_refuse(anterieurs, phrase):
    with pytest.raises(FichierInvalide) as refus:
        lire_texte(fichier(anterieurs))
    assert any(phrase in faute.message.replace("\xa0", " ") for faute in refus.value.fautes)


@pytest.mark.django_db
def test_la_page_d_identite_les_montre():
    importer(lire_texte(fichier()))
    referentiel = Referentiel.objects.get()
    lecteur = connecte(factories.utilisateur(Role.ENSEIGNANT, etablissement=factories.etablissement()))
    page = lecteur.get(reverse("referentiel:identite", args=[referentiel.pk, "BOIS"])).content.decode()
    assert "<td>P1</td><td>CP01, CP02</td>" in page
