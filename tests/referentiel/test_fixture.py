"""Le référentiel livré, confronté à des tables recopiées des textes officiels."""

from collections import Counter
from fractions import Fraction

import pytest

from referentiel.fichier.comparaison import fiches
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.lecture import Document, lire
from tests.factories import FICHIER_TRPM

COMPETENCES = {
    "C1": ("Rechercher une information dans une documentation technique, en local ou à distance", 2, 2),
    "C2": ("Formuler et transmettre des informations, communiquer sous forme écrite et orale", 6, 6),
    "C3": ("S’impliquer dans un environnement professionnel", 5, 5),
    "C4": (
        "Interpréter et vérifier les données de définition de tout ou partie d’un ensemble ou d’un produit "
        "mécanique ou d’un outillage",
        6,
        6,
    ),
    "C5": (
        "Préparer la réalisation de tout ou partie d’un ensemble ou d’un produit mécanique ou d’un outillage",
        8,
        8,
    ),
    "C6": ("Configurer et régler les postes de travail", 4, 4),
    "C7": ("Mettre en œuvre un moyen de réalisation", 3, 3),
    "C8": ("Exploiter un planning de réalisation ou de maintenance", 5, 5),
    "C9": ("Assembler les éléments de tout ou partie d’un ensemble mécanique", 3, 4),
    "C10": ("Contrôler et suivre une production ou un outillage", 6, 6),
    "C11": ("Effectuer la maintenance des moyens de production ou de l’outillage", 5, 5),
    "C12": (
        "Appliquer les procédures relatives à la qualité, à la sécurité et au respect de l’environnement",
        4,
        4,
    ),
}
"""Intitulé, nombre de détaillées en RSP, nombre en RMO."""

POIDS = {
    ("E2", "RSP"): {"C1": 9, "C4": 10, "C5": 16},
    ("E2", "RMO"): {"C1": 9, "C4": 13, "C5": 15},
    ("E31", "RSP"): {"C6": 22, "C7": 12, "C8": 7, "C9": 6},
    ("E31", "RMO"): {"C6": 11, "C7": 7, "C8": 6, "C9": 15},
    ("E32", "RSP"): {"C2": 6, "C3": 8, "C10": 12, "C11": 7, "C12": 9},
    ("E32", "RMO"): {"C2": 6, "C3": 8, "C10": 11, "C11": 10, "C12": 12},
}
COEFFICIENTS = {"E2": (5, 5), "E3": (14, 14), "E31": (7, 5), "E32": (5, 7)}
MODES = {
    "BC01": ("CCF", "ponctuel pratique", "CCF"),
    "BC02": ("CCF", "ponctuel pratique", "CCF"),
    "BC03": ("CCF", "ponctuel oral et pratique", "CCF"),
    "BC04": ("CCF", "ponctuel écrit et pratique", "CCF"),
    "BC05": ("CCF", "ponctuel écrit et pratique", "CCF"),
    "BC06": ("ponctuel écrit", "ponctuel écrit", "CCF"),
    "BC07": ("ponctuel écrit", "ponctuel écrit", "CCF"),
    "BC08": ("CCF", "ponctuel oral", "CCF"),
    "BC09": ("ponctuel écrit", "ponctuel écrit", "CCF"),
    "BC10": ("ponctuel écrit", "ponctuel écrit", "CCF"),
    "BC11": ("CCF", "ponctuel écrit", "CCF"),
    "BC12": ("CCF", "ponctuel pratique", "CCF"),
    "BC13": ("ponctuel oral", "ponctuel oral", "ponctuel oral"),
    "BC14": ("oral et pratique", None, "oral et pratique"),
    "BC15": ("ponctuel pratique", "ponctuel pratique", "ponctuel pratique"),
}
VARIANTES = {
    ("C7.3", "RSP"): "Vérifier la conformité aux spécifications de fabrication",
    ("C7.3", "RMO"): "Effectuer les retouches nécessaires, vérifier le résultat produit",
    ("C9.4", "RMO"): "Effectuer les corrections",
    ("C10.4", "RSP"): "Vérifier la conformité du produit réalisé",
    ("C10.4", "RMO"): "Vérifier la conformité de l’outillage assemblé",
    ("C11.4", "RSP"): "Effectuer la maintenance des moyens de réalisation en appliquant les procédures",
    ("C11.4", "RMO"): "Effectuer la maintenance des outillages en appliquant les procédures",
}
STATUTS = {
    "Scolaire public ou privé sous contrat": "R1",
    "Scolaire privé hors contrat": "R2",
    "Apprentissage habilité": "R1",
    "Apprentissage non habilité": "R2",
    "Formation continue en établissement public habilité": "R3",
    "Formation continue en établissement public": "R1",
    "Formation continue en établissement privé": "R2",
    "Enseignement à distance": "R2",
    "Trois ans d’activité professionnelle": "R2",
}
ACTIVITES = {
    "A1": ("RNCP35697BC01", ["C1", "C4", "C5"], 8, 8, 0),
    "A2": ("RNCP35697BC02", ["C6", "C7", "C8", "C9"], 8, 8, 2),
    "A3": ("RNCP35697BC03", ["C2", "C3", "C10", "C11", "C12"], 7, 7, 2),
}
"""Bloc, compétences, tâches en RSP, tâches en RMO, tâches dont l'intitulé varie."""


@pytest.fixture(scope="module")
def trpm() -> Document:
    return lire(FICHIER_TRPM)


def test_mise_en_forme_canonique(trpm):
    assert ecrire(trpm.brut) == FICHIER_TRPM.read_text(encoding="utf-8")


def test_identite(trpm):
    identite = trpm.brut["identite"]
    assert identite["rncp"] == {
        "fiche": "RNCP35697",
        "debut_parcours": "2021-09-01",
        "echeance": "2025-09-01",
    }
    assert identite["premiere_session"] == 2024
    assert [code["code"] for code in identite["nsf"]] == ["251", "250"]
    assert [code["code"] for code in identite["rome"]] == ["H2903", "H2901"]
    assert [code["code"] for code in identite["formacodes"]] == ["31632", "23681", "31624", "23076"]
    assert [code["code"] for code in identite["remplace"]] == ["RNCP422", "RNCP792", "RNCP420"]
    assert trpm.brut["options"] == [
        {"code": "RSP", "intitule": "réalisation et suivi de productions", "code_scolarite": "40025014"},
        {"code": "RMO", "intitule": "réalisation et maintenance des outillages"},
    ]


def test_competences(trpm):
    def nombre(competence, option):
        return sum(detail.get("option") in (None, option) for detail in competence["detaillees"])

    lues = {
        competence["code"]: (competence["intitule"], nombre(competence, "RSP"), nombre(competence, "RMO"))
        for competence in trpm.brut["competences"]
    }
    assert lues == COMPETENCES
    assert sum(rsp for _, rsp, _ in lues.values()) == 57
    assert sum(rmo for _, _, rmo in lues.values()) == 58
    assert sum(len(competence["detaillees"]) for competence in trpm.brut["competences"]) == 61


def test_natures(trpm):
    transversales = [c["code"] for c in trpm.brut["competences"] if c["nature"] == "transversale"]
    assert transversales == ["C1", "C2", "C3"]


def test_variantes_par_option(trpm):
    lues = {
        (detail["code"], detail["option"]): detail["intitule"]
        for competence in trpm.brut["competences"]
        for detail in competence["detaillees"]
        if "option" in detail
    }
    assert lues == VARIANTES


@pytest.mark.parametrize(("epreuve", "option"), POIDS)
def test_poids(trpm, epreuve, option):
    lus = trpm.poids("livree-1", epreuve, option)
    assert lus == {code: Fraction(valeur) for code, valeur in POIDS[epreuve, option].items()}
    assert list(lus) == list(POIDS[epreuve, option])


def test_une_epreuve_parente_n_evalue_rien(trpm):
    assert trpm.poids("livree-1", "E3", "RSP") == {}


@pytest.mark.parametrize("epreuve", COEFFICIENTS)
def test_coefficients(trpm, epreuve):
    lus = (trpm.coefficient(epreuve, "RSP"), trpm.coefficient(epreuve, "RMO"))
    assert lus == COEFFICIENTS[epreuve]


def test_modes_par_voie(trpm):
    lus = {}
    for bloc in trpm.brut["blocs"]:
        formes = {modalite["voie"]: modalite["forme"] for modalite in bloc["modalites"]}
        lus[bloc["code"].removeprefix("RNCP35697")] = tuple(formes.get(voie) for voie in ("R1", "R2", "R3"))
    assert lus == MODES


def test_le_ccf_est_celui_des_formes(trpm):
    modalites = [modalite for bloc in trpm.brut["blocs"] for modalite in bloc["modalites"]]
    assert [m["ccf"] for m in modalites] == [m["forme"] == "CCF" for m in modalites]


def test_durees_des_ponctuels(trpm):
    durees = {
        (bloc["unite"], modalite["voie"]): modalite["duree"]
        for bloc in trpm.brut["blocs"]
        for modalite in bloc["modalites"]
        if "duree" in modalite
    }
    assert durees == {("U2", "R2"): "3 h 30 min", ("U31", "R2"): "4 h", ("U32", "R2"): "4 h"}


def test_statuts(trpm):
    assert {statut["intitule"]: statut["voie"] for statut in trpm.brut["statuts"]} == STATUTS


def test_activites_et_taches(trpm):
    lues = {}
    for activite in trpm.brut["activites"]:
        taches = activite["taches"]
        codes = Counter(tache["code"] for tache in taches)
        lues[activite["code"]] = (
            activite["bloc"],
            activite["competences"],
            sum(tache.get("option") in (None, "RSP") for tache in taches),
            sum(tache.get("option") in (None, "RMO") for tache in taches),
            sum(nombre == 2 for nombre in codes.values()),
        )
    assert lues == ACTIVITES


def test_grille_livree(trpm):
    grille = trpm.grille_par_defaut
    assert [(niveau.valeur, niveau.libelle) for niveau in grille.niveaux] == [
        (0, "Non maîtrisé"),
        (1, "Insuffisamment maîtrisé"),
        (2, "Partiellement maîtrisé"),
        (3, "Bien maîtrisé"),
    ]
    assert (grille.niveau_max, grille.arrondi, grille.bonus_max, grille.seuil_couverture) == (
        3,
        "demi_superieur",
        0,
        50,
    )
    assert grille.mention_ponderation == "pondération : référentiel, tableau de pondération option RSP/RMO"
    assert "non officielle" in grille.intitule


def test_chaque_groupe_nomme_sa_source(trpm):
    groupes = {source["groupe"]: source["nature"] for source in trpm.brut["sources"]}
    sans_source = set(trpm.brut) - set(groupes) - {"format", "code", "version", "intitule", "sources"}
    assert sans_source == set()
    assert groupes["semaines_pfmp"] == "hypothese"
    assert groupes["grilles"] == "defaut"


def test_nombre_de_fiches(trpm):
    genres = Counter(str(cle[0]) for cle in fiches(trpm.brut))
    assert (genres["detaillee"], genres["tache"], genres["poids"], genres["modalite"]) == (61, 27, 24, 44)
