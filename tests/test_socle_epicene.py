"""Une phrase vaut pour chacun sans parenthèse : ni « né(e) le », ni « 3 faute(s) »."""

import re
from pathlib import Path

import pytest
from django.conf import settings

RACINE = Path(settings.BASE_DIR)
DOSSIERS = ("templates", "livret", "certification", "referentiel", "trpm", "static/js", "static/css")
GENRES = {".html", ".txt", ".py", ".js", ".css", ".json", ".toml"}
PARENTHESE = re.compile(r"[a-zà-ÿ]\((?:e|es|ne|nes|s|x|le|ère|euse|rice|trice|se)\)")
RAISONNEES = {
    "templates/livret/administration/import.html": {"«&nbsp;Né(e) le&nbsp;»"},  # un titre de fichier reçu
}


def fautes(chemin: Path) -> list[str]:
    gardees = RAISONNEES.get(str(chemin.relative_to(RACINE)), set())
    texte = chemin.read_text()
    for une in gardees:
        assert une in texte, f"{une} n’est plus dans {chemin}"
        texte = texte.replace(une, "")
    return [ligne.strip() for ligne in texte.splitlines() if PARENTHESE.search(_phrases(ligne, chemin))]


def _phrases(ligne: str, chemin: Path) -> str:
    """D’un programme, ce qui est entre guillemets : un appel « f(e) » n’est pas une phrase."""
    if chemin.suffix not in (".py", ".js"):
        return ligne
    return " ".join(re.sub(r"\{[^}]*\}", "", un) for un in re.findall(r'"[^"]*"|`[^`]*`', ligne))


def test_aucune_parenthese_de_genre_ni_de_nombre() -> None:
    lus = [un for d in DOSSIERS for un in (RACINE / d).rglob("*") if un.suffix in GENRES]
    assert len(lus) > 500
    assert {str(un.relative_to(RACINE)): dites for un in lus if (dites := fautes(un))} == {}


@pytest.mark.parametrize("phrase", ["Vous êtes convoqué(e).", "3 faute(s) dans", "Né(e) le", "un(e) élève"])
def test_la_faute_se_voit(phrase: str) -> None:
    assert PARENTHESE.search(phrase)
