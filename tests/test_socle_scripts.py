"""Les scripts : courts, tous servis par une page, et sans autre nom commun que « trpm »."""

import re
from pathlib import Path

import pytest
from django.conf import settings

RACINE = Path(settings.BASE_DIR)
SCRIPTS = {
    chemin.relative_to(RACINE / "static").as_posix(): chemin.read_text()
    for chemin in sorted((RACINE / "static/js").rglob("*.js"))
}
CITE = re.compile(r"<script src=\"{% static '(js/[^']+)' %}\"(?: defer)?></script>")
DONNEES = re.compile(r'<script [^>]*type="application/json">')
DE_PAQUET = re.compile(r"<script src=\"{% static '(?!js/)[^']+' %}\" defer></script>")
CITES = [
    nom for gabarit in (RACINE / "templates").rglob("*.html") for nom in CITE.findall(gabarit.read_text())
]


def test_les_pages_ne_citent_que_des_scripts_qui_existent_et_les_citent_tous() -> None:
    assert set(CITES) == set(SCRIPTS)


def test_aucune_balise_n_echappe_a_cette_lecture() -> None:
    pages = "".join(gabarit.read_text() for gabarit in (RACINE / "templates").rglob("*.html"))
    """Ceux d’un paquet installé, et des données que rien n’exécute, ne sont pas à nous."""
    autres = len(DONNEES.findall(pages)) + len(DE_PAQUET.findall(pages))
    assert (pages.count("<script") - autres, pages.count("static 'js/")) == (len(CITES), len(CITES))


@pytest.mark.parametrize("nom", SCRIPTS)
def test_un_script_tient_en_deux_cent_cinquante_lignes(nom: str) -> None:
    assert len(SCRIPTS[nom].splitlines()) <= 250


@pytest.mark.parametrize("nom", SCRIPTS)
def test_un_script_ne_laisse_rien_hors_de_son_espace_de_noms(nom: str) -> None:
    """Une seule fonction en mode strict, aussitôt appelée ; de « window », seul « trpm » s’écrit."""
    texte = SCRIPTS[nom]
    dehors = [ligne for ligne in texte.splitlines() if ligne and not ligne.startswith(("//", " "))]
    assert dehors == ["(() => {", "})();"]
    assert '(() => {\n  "use strict";\n' in texte
    poses = re.findall(r"\b(?:window|globalThis|self)\.(\w+)\s*[?|&]{0,2}=(?![=>])", texte)
    assert set(poses) <= {"trpm"}
    assert not re.search(r"\b(?:window|globalThis|self)\s*(?:\[|,|\))", texte)
