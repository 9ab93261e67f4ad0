"""Le banc d'essai se lance en entier et imprime chaque ligne ; ses durées ne sont jamais vérifiées."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from bench.chronometre import durees, rapport
from bench.processus import memoire_partagee
from bench.tableau import fois, nombre, tableau
from bench.tailles import RAPIDE

NOMBRE = r"[0-9\u202f]+(?:,[0-9]+)?"
PAGES = [
    "vue connectée la plus simple",
    "tableau de bord (3 élèves)",
    "grille (3 × 12)",
    "page de l’élève",
    "commission (3 dossiers)",
    "tableau de bord inchangé (3 élèves)",
    "accueil",
    "avancement (3 candidats)",
    "avancement (5 candidats)",
    "une case enregistrée",
    "une case, puis la commission (3 dossiers)",
    "une case, puis l’accueil",
]
SAISIES = {
    "grille (3 × 69)": 5,
    "grille (4 × 57)": 5,
    "première grille (3 × 69)": 3,
    "une case, puis la grille (3 × 69)": 3,
    "une case vide remplie": 3,
    "une case changée": 3,
    "3 × 4, en lots du navigateur": 3,
    "3 × 4, un envoi par colonne": 3,
    "3 × 4, un envoi par case": 3,
}
CALCULS = [
    "vue connectée la plus simple",
    "meilleurs niveaux, une requête",
    "livrets complets, avec leurs preuves",
]
DOCUMENTS = [
    "3 grilles PDF, 1 processus",
    "3 grilles PDF, 2 processus",
    "3 dossiers PDF, 1 processus",
    "3 dossiers PDF, 2 processus",
    "3 dossiers × 3 épreuves en fond, 1 ouvrier",
    "3 dossiers × 3 épreuves en fond, 2 ouvriers",
    "3 grilles xlsx → PDF, un appel de LibreOffice",
    "3 bilans PDF, 1 processus",
    "3 bilans PDF, 2 processus",
    "3 bilans xlsx → PDF, un appel de LibreOffice",
]


@pytest.mark.long
@pytest.mark.skipif(connection.vendor != "sqlite", reason="le passage rapide du banc ne mesure que SQLite")
def test_un_passage_rapide_imprime_chaque_ligne():
    """Un seul test pour tout le passage : il dure, et chaque processus de tests le referait."""
    passage = subprocess.run(
        [sys.executable, "-m", "bench", "--rapide", "--sqlite"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (passage.returncode, passage.stderr) == (0, "")
    entete, *parties = [partie.splitlines() for partie in re.split(r"\n(?=\d+\. )", passage.stdout)]
    assert entete[1] == "Passage rapide : il vérifie que le banc fonctionne, ses chiffres ne mesurent rien."
    assert len(parties) == 10
    pages(parties[0])
    saisies(parties[1])
    calculs(parties[2])
    lots_de_documents(parties[3])
    ecritures_simultanees(parties[4])
    charge(parties[5])
    lecture(parties[6])
    etendue(parties[7])
    ecole(parties[8])
    depart(parties[9])


def chiffres(partie: list[str], debut: str) -> list[list[str]]:
    """Les nombres qui suivent ce libellé, pour chaque ligne qui le porte."""
    return [
        re.findall(NOMBRE, ligne.strip().removeprefix(debut))
        for ligne in partie
        if ligne.strip().startswith(debut)
    ]


def pages(partie: list[str]) -> None:
    for page in PAGES:
        assert [len(ligne) for ligne in chiffres(partie, page)] == [5], page


def saisies(partie: list[str]) -> None:
    """Durée, rapport, requêtes ; et, pour une page, ses deux poids."""
    for saisie, nombres in SAISIES.items():
        assert [len(ligne) for ligne in chiffres(partie, saisie)] == [nombres], saisie
    (touches,) = (ligne for ligne in partie if ligne.startswith("  Touches"))
    assert touches in (
        "  Touches pour noter 12 cases (3 élèves) au clavier : 12",
        "  Touches : Chromium est introuvable",
    )


def calculs(partie: list[str]) -> None:
    for calcul in CALCULS:
        assert [len(ligne) for ligne in chiffres(partie, calcul)] == [2], calcul
    for page in ("page de classe", "grille", "page de l’élève", "à prouver", "une case enregistrée"):
        assert [len(ligne) for ligne in chiffres(partie, page)] == [3], page
    titres = [ligne for ligne in partie if "1\u202f000 évaluations" in ligne]
    plans = [ligne for ligne in partie if ligne.startswith("  EXPLAIN : ")]
    assert len(titres) == 1
    assert plans == ["  EXPLAIN : evaluation_meilleur"]


def lots_de_documents(partie: list[str]) -> None:
    """Chaque lot a sa ligne, ou dit ce qui manque pour le produire."""
    for document in DOCUMENTS:
        mesurees = [ligne for ligne in partie if re.match(rf"  {re.escape(document)}.*× {NOMBRE}$", ligne)]
        manques = [ligne for ligne in partie if ligne.startswith(f"  {document} : ")]
        assert len(mesurees) + len(manques) == 1, document


def ecritures_simultanees(partie: list[str]) -> None:
    """Avec nos réglages, rien n'est refusé ni perdu : ce n'est pas une durée, cela se vérifie."""
    (projet,) = chiffres(partie, "réglages du projet")
    assert projet[2:] == ["15", "15", "0", "0", "0"]
    assert [len(ligne) for ligne in chiffres(partie, "options par défaut de Django")] == [7]


def charge(partie: list[str]) -> None:
    """Rien de perdu, rien de doublé, aucune base verrouillée : cela non plus n'est pas une durée."""
    lignes = [
        re.findall(NOMBRE, ligne)[-3:] for ligne in partie if re.match(r"  (SQLite|PostgreSQL) ", ligne)
    ]
    assert lignes == [["0", "0", "0"]]


def lecture(partie: list[str]) -> None:
    """Toute réponse est celle qu'on attend ; les durées et la mémoire, elles, ne se vérifient pas."""
    (entiere,) = chiffres(partie, "page entière")
    assert (len(entiere), entiere[3]) == (5, "0")
    assert [un[3] for un in chiffres(partie, "page qui n’a pas changé")] in ([], ["0"])


def etendue(partie: list[str]) -> None:
    """Trois pages, chacune à deux tailles."""
    for page in ("page de classe", "page du livret", "PDF du livret"):
        assert [len(ligne) for ligne in chiffres(partie, page)] == [3], page


def ecole(partie: list[str]) -> None:
    """Quatre pages d'un établissement."""
    for page in (
        "avancement (9 dossiers)",
        "harmonisation",
        "commission (3 dossiers)",
        "recherche (9 élèves)",
    ):
        assert [len(ligne) for ligne in chiffres(partie, page)] == [5], page


def depart(partie: list[str]) -> None:
    """Une base bâtie, une application chargée ; puis ce que l'on peut conclure."""
    (ligne,) = (ligne for ligne in partie if ligne.startswith("  SQLite"))
    assert len(re.findall(NOMBRE, ligne)[-3:]) == 3
    assert re.match(rf"Machine (occupée|tranquille) \(autre chose en prenait {NOMBRE}\xa0%\)", partie[-1])


def test_le_chronometre_interroge_chaque_geste_a_chaque_tour():
    passages = []
    releves = durees({"a": lambda: passages.append("a"), "b": lambda: passages.append("b")}, RAPIDE)
    assert passages[:4] == ["a", "a", "b", "b"]
    assert {nom: len(tours) for nom, tours in releves.items()} == {"a": 1, "b": 1}


def test_le_rapport_est_la_mediane_des_rapports_de_chaque_tour():
    releves = {"page": [2.0, 30.0, 9.0], "étalon": [1.0, 10.0, 2.0]}
    assert rapport(releves, "page", "étalon") == 3.0


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="ce système n’a pas de /proc")
def test_la_memoire_compte_la_descendance():
    seul = memoire_partagee(os.getpid())
    with subprocess.Popen(
        [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(30)"], stdout=subprocess.PIPE
    ) as enfant:
        enfant.stdout.readline()
        avec, lui = memoire_partagee(os.getpid()), memoire_partagee(enfant.pid)
        enfant.kill()
    assert lui > 1_000_000
    assert avec >= seul + lui // 2


@pytest.mark.parametrize(
    ("valeur", "decimales", "attendu"),
    [(1234567, 0, "1\u202f234\u202f567"), (2.5, 2, "2,50"), (0, 0, "0")],
)
def test_un_nombre_s_ecrit_a_la_francaise(valeur, decimales, attendu):
    assert nombre(valeur, decimales) == attendu


@pytest.mark.parametrize(
    ("valeur", "attendu"), [(0.256, "× 0,26"), (12.34, "× 12,3"), (1234.5, "× 1\u202f234")]
)
def test_un_rapport_a_trois_chiffres(valeur, attendu):
    assert fois(valeur) == attendu


def test_un_tableau_aligne_ses_colonnes():
    assert tableau(("", "ms"), [("page", "1"), ("longue page", "1000")]).splitlines() == [
        "                 ms",
        "  page            1",
        "  longue page  1000",
    ]
