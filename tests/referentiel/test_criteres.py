"""Une grille à critères : lue, refusée, importée, exportée à l'octet, figée dès qu'elle sert."""

import copy
import json
from pathlib import Path

import pytest
from django.urls import reverse

from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.importation import importer, previsualiser
from referentiel.fichier.lecture import lire, lire_texte
from referentiel.models import Competence, Critere, Detaillee, Referentiel
from tests import factories
from tests.litanie import connecte
from tests.referentiel.texte import rangees
from trpm.permissions import Role

FICHIER = Path(__file__).with_name("criteres.json")
BRUT = json.loads(FICHIER.read_text(encoding="utf-8"))


def modifie(*modifications):
    """Le fichier, avec des couples (chemin, valeur) ; `...` retire."""
    brut = copy.deepcopy(BRUT)
    for chemin, valeur in modifications:
        ici = brut
        for pas in chemin[:-1]:
            ici = ici[pas]
        if valeur is ...:
            del ici[chemin[-1]]
        else:
            ici[chemin[-1]] = valeur
    return ecrire(brut)


def fautes(texte: str) -> list[tuple[str, str]]:
    with pytest.raises(FichierInvalide) as refus:
        lire_texte(texte)
    return [(faute.pointeur, faute.message.replace("\xa0", " ")) for faute in refus.value.fautes]


C2 = ("grilles", 1, "criteres", 1, "criteres")

FAUTES = [
    (
        [(("grilles", 1, "positionne"), ...)],
        "/grilles/1/criteres",
        "Cette grille positionne des compétences : retirez ses critères, "
        "ou écrivez « \"positionne\": \"criteres\" ».",
    ),
    (
        [(("grilles", 1, "criteres", 1), ...)],
        "/grilles/1",
        "La compétence « C2 » n’a pas de critère dans cette grille, qui en positionne. "
        "Donnez-lui-en un au moins.",
    ),
    (
        [(("grilles", 1, "poids", 1), ...)],
        "/grilles/1/criteres/2/competence",
        "La compétence « C3 » ne pèse dans aucune épreuve de cette grille : ses critères ne "
        "compteraient pas. "
        "Retirez-les, ou donnez-lui un poids.",
    ),
    (
        [((*C2, 0, "poids"), 0), ((*C2, 1, "poids"), 0), ((*C2, 2, "option"), "OB"), ((*C2, 2, "poids"), 1)],
        "/grilles/1/criteres/1/criteres",
        "La compétence « C2 » n’a aucun critère évalué pour l’option OA. "
        "Donnez un poids à l’un d’eux au moins.",
    ),
    (
        [((*C2, 1, "poids"), ...)],
        "/grilles/1/criteres/1/criteres/1",
        "Ce critère n’a pas de poids alors que d’autres du même élément en ont un. "
        "Donnez un poids à tous, ou à aucun.",
    ),
    (
        [((*C2, 0, "code"), "K1")],
        "/grilles/1/criteres/1/criteres/0/code",
        "Le critère « K1 » existe déjà ligne 85 sans option. Si les deux relèvent d’options différentes, "
        "indiquez l’option de chacun ; sinon, changez ce code.",
    ),
    (
        [((*C2, 0, "code"), "C3")],
        "/grilles/1/criteres/1/criteres/0/code",
        "« C3 » est le code d’une compétence (ligne 39). Donnez un autre code à ce critère.",
    ),
    (
        [((*C2, 0, "poids"), 0.00001)],
        "/grilles/1/criteres/1/criteres/0/poids",
        "Valeur reçue : 1e-05. Arrondissez-la à 4 décimales au plus.",
    ),
    (
        [(("competences", 0, "detaillees", 0, "poids"), 1)],
        "/competences/0/detaillees/0/poids",
        "« C1.1 » a des détails : ce sont eux qui pèsent. Retirez ce poids.",
    ),
    (
        [(("competences", 0, "detaillees", 1, "poids"), ...)],
        "/competences/0/detaillees/1",
        "Cette compétence détaillée n’a pas de poids alors que d’autres du même élément en ont un. "
        "Donnez un poids à tous, ou à aucun.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("modifications", "ou", "phrase"), FAUTES)
def test_fautes_dites_a_leur_place(modifications, ou, phrase):
    dites = fautes(modifie(*modifications))
    assert [(pointeur, message) for pointeur, message in dites if pointeur == ou] == [(ou, phrase)]


def test_l_import_redonne_le_fichier_a_l_octet_et_ne_melange_pas_details_et_criteres(db):
    importer(lire(FICHIER))
    diplome = Referentiel.objects.get(code="CRITERES")
    texte = ContenuReferentiel(diplome).texte()
    assert texte == FICHIER.read_text(encoding="utf-8")
    assert not previsualiser(lire_texte(texte))
    assert [une.code for une in Detaillee.objects.all()] == ["C1.1", "C1.1.1", "C1.1.2", "C1.2"]
    assert [une.code for une in Competence.objects.get(code="C2").detaillees.all()] == []
    assert sorted(une.code for une in Critere.objects.all()) == [
        "K1",
        "K2",
        "K3",
        "K4",
        "K5",
        "K6",
        "K6",
        "K7",
    ]


def test_des_criteres_en_service_ne_bougent_plus(db):
    lycee, diplome = factories.etablissement(), factories.a_criteres()
    professeur = factories.utilisateur(Role.ENSEIGNANT, etablissement=lycee)
    classe = factories.classe(factories.promotion(lycee, diplome, "OA"), [professeur])
    factories.observation(factories.situation(classe, professeur, ["C1"]), factories.eleve(classe), "K1", 3)
    chemin = ("grilles", 1, "criteres", 0, "criteres")
    suite = BRUT["grilles"][1]["criteres"][0]["criteres"]
    trois = [
        {**suite[0], "poids": 0.5},
        {**suite[1], "intitule": "Critère deux"},
        {"code": "K9", "intitule": "x", "poids": 1},
    ]
    changements = previsualiser(lire_texte(modifie((chemin, trois))))
    assert [(une.nom, une.champ, bool(une.refus)) for une in changements.lignes] == [
        ("critère 2 C1 K9", "", True),
        ("critère 2 C1 K1", "poids", True),
        ("critère 2 C1 K2", "intitule", False),
    ]
    retrait = previsualiser(lire_texte(modifie((chemin, suite[1:]))))
    assert [(une.nom, une.touche) for une in retrait.refus] == [
        ("critère 2 C1 K1", "1 observation, 1 promotion")
    ]
    positionne = previsualiser(
        lire_texte(modifie((("grilles", 1, "positionne"), ...), (("grilles", 1, "criteres"), ...)))
    )
    assert ("grille 2", "positionne") in [(une.nom, une.champ) for une in positionne.refus]


def test_la_page_des_poids_montre_les_criteres(db):
    lycee, diplome = factories.etablissement(), factories.a_criteres()
    client = connecte(factories.utilisateur(Role.ADMINISTRATEUR, etablissement=lycee))
    adresse = reverse("referentiel:poids", args=[diplome.pk, "OA"])
    lues = [rangee for rangee in rangees(client.get(f"{adresse}?grille=2")) if rangee[0][:1] == "K"]
    assert lues[:2] == [["K1 Critère 1", "0,4", "40,00 % de C1"], ["K2 Critère 2", "0,6", "60,00 % de C1"]]
    assert ["K5 Critère 5", "0", "non évalué, la grille le déclare"] in lues
    assert ["K6 Critère 6 de A", "", "50,00 % de C3"] in lues
    autres = rangees(client.get(f"{adresse}?grille=1"))
    assert not [rangee for rangee in autres if rangee and rangee[0][:1] == "K"]
