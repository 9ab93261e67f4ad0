"""Un mauvais fichier de personnes est refusé avec sa phrase, et rien n'est écrit ; un fichier démesuré, sans
prendre de mémoire."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

from tests.livret.administration.fichiers import envoi
from tests.livret.administration.mauvais import GROS, PETITS
from tests.livret.administration.test_import_eleves import Import, etat_de_la_base, ici
from trpm.journal.models import ActeNote

__all__ = ["ici"]

VIDE = "Le fichier est vide."
IMAGE = "Ce fichier est une image ou une vidéo\xa0: envoyez la liste elle-même."
HTML = "Ce fichier est une page web (HTML)"
ARCHIVE = "Ce fichier est une archive\xa0: décompressez-la"
WORD = "Ce fichier est un document Word\xa0: copiez sa liste dans un tableur."
CLASSEUR = "Ce classeur est abîmé ou n’en est pas un\xa0: enregistrez-le à nouveau en .xlsx."
TEXTE = "Ce fichier n’est ni un CSV ni un classeur"
ZIP = "Cette archive n’est ni un classeur ni un export SIECLE"
XML = "Ce fichier XML est abîmé\xa0: exportez-le à nouveau depuis SIECLE."
ENTITES = "Ce fichier XML définit ses propres entités, SIECLE n’en écrit pas\xa0: il est refusé."
DEUX = "Il manque les colonnes «\xa0Nom\xa0» et «\xa0Prénom\xa0»."
LIGNES = "Le fichier compte plus de 3\xa0000 lignes"
LOURD = "Ce fichier contient trop de données\xa0: n’y gardez que la liste des élèves."
PHRASES = {
    **dict.fromkeys(("vide", "blancs", "marque seule", "zéros"), VIDE),
    **dict.fromkeys(("octets quelconques", "zip vide"), TEXTE),
    **dict.fromkeys(("png", "jpeg", "gif", "webp", "vidéo"), IMAGE),
    **dict.fromkeys(("html", "table html"), HTML),
    **dict.fromkeys(("gzip", "7z", "rar"), ARCHIVE),
    **dict.fromkeys(("word zippé", "word ancien"), WORD),
    **dict.fromkeys(("xls abîmé", "zip coupé", "xlsx abîmé", "document d'une autre suite"), CLASSEUR),
    **dict.fromkeys(("zip sans liste", "zip de deux xml"), ZIP),
    **dict.fromkeys(("xml coupé", "xml mal fermé", "xml d'un jeu inconnu"), XML),
    **dict.fromkeys(("xml à entités", "xml à fichier"), ENTITES),
    **dict.fromkeys(("csv sans intitulés", "csv des notes", "classeur sans liste", "une phrase"), DEUX),
    **dict.fromkeys(("classeur vide", "deux feuilles sans liste"), "Le fichier ne contient aucune ligne."),
    "pdf": "Ce fichier est un PDF\xa0: demandez à votre logiciel un export CSV ou xlsx",
    "rtf": "Ce fichier est un texte mis en forme (RTF)",
    "page archivée": "Ce fichier est une page web archivée",
    "sqlite": "Ce fichier est une base de données\xa0: exportez-en la liste en CSV.",
    "zip de trop d'entrées": LOURD,
    "classeur XML 2003": "Ce fichier est un classeur XML 2003",
    "xml d'autre chose": "Ce fichier XML n’est pas un export d’élèves de SIECLE",
    "xml sans élève": "Cet export de SIECLE ne contient aucun élève",
    "csv sans prénom": "Il manque la colonne «\xa0Prénom\xa0».",
    "csv sans nom": "Il manque la colonne «\xa0Nom\xa0».",
}
DEMESURES = {
    **dict.fromkeys(("csv d'un million de lignes", "texte de seize bits"), LIGNES),
    **dict.fromkeys(("xml d'un million d'élèves", "xml d'un million de divisions"), LIGNES),
    **dict.fromkeys(("xml d'autres balises", "xml profond"), LOURD),
    **dict.fromkeys(("xml d'un million d'attributs", "zip qui enfle", "classeur qui enfle"), LOURD),
    "classeur d'un million de lignes": LOURD,
    "csv d'une seule ligne": "Le fichier CSV est illisible à partir de la ligne 2.",
    "csv trop lourd": "Le fichier dépasse 8 Mo",
}


def test_la_table_est_entiere() -> None:
    assert set(PHRASES) == set(PETITS)
    assert set(DEMESURES) == set(GROS)
    assert len(PETITS) >= 40


def test_chacun_a_sa_phrase_et_rien_n_est_ecrit(ici: Import) -> None:
    """Pas même au journal : un import refusé n'est pas un changement."""
    avant = etat_de_la_base(), ActeNote.objects.count()
    rendues = {}
    for nom, contenu in PETITS.items():
        reponse = ici.fichier(envoi(contenu, "liste.xlsx")).reponse
        assert reponse.status_code == 200, nom
        rendues[nom] = reponse.context["form"].errors["fichier"][0]
    inattendues = {nom: rendue for nom, rendue in rendues.items() if not rendue.startswith(PHRASES[nom])}
    assert inattendues == {}
    assert (etat_de_la_base(), ActeNote.objects.count()) == avant


@pytest.mark.parametrize("nom", sorted(GROS))
def test_un_fichier_demesure_est_refuse_sans_prendre_de_memoire(nom: str) -> None:
    """Dans un processus neuf, dont on lit le sommet de mémoire : moins de 200 Mo."""
    lu = subprocess.run(
        [sys.executable, "-m", "tests.livret.administration.mesurer"],
        input=GROS[nom],
        capture_output=True,
        check=True,
        cwd=settings.BASE_DIR,
    )
    mesure = json.loads(lu.stdout)
    assert mesure["dit"].startswith(DEMESURES[nom])
    assert mesure["mo"] < 200
