"""L'aide est ouverte à tout connecté et dit chaque touche de la grille."""

import re
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from tests.litanie import connecte, requetes, statuts
from tests.monde import Monde

ADRESSE = "/aide/"


def test_droits(monde: Monde) -> None:
    assert set(statuts(monde, ADRESSE).values()) == {200}


def test_chaque_touche_est_dite(monde: Monde) -> None:
    """Ici et sous « ? » de la grille : la même liste, et aucun raccourci du script n'y manque."""
    client = connecte(monde.a.enseignant)
    script = (Path(settings.BASE_DIR) / "static/js/grille/clavier.js").read_text()
    (raccourcis,) = re.findall(r"const raccourcis = \{ (.+) \};", script)
    lettres = [lettre.upper() for lettre in re.findall(r"(\w): ", raccourcis)]
    assert lettres == ["C", "L", "P", "B"]
    grille = client.get(reverse("livret:grille", args=[monde.a.situation.pk])).content.decode()
    aide = client.get(ADRESSE).content.decode()
    touches = ("N", "A", "D", "Suppr", "Espace", "Entrée", "Échap", "Maj", "Ctrl", "R", "F", "?")
    for touche in [*lettres, *touches]:
        assert f"<kbd>{touche}</kbd>" in aide, touche
        assert f"<kbd>{touche}</kbd>" in grille, touche
    assert f'href="{ADRESSE}"' in grille.split("<main")[1].split("</main>")[0]
    assert f'href="{ADRESSE}"' in grille.split("<footer")[1]
    assert "Bien maîtrisé" in grille.split('id="touches"')[1].split("</dl>")[0]


def test_l_image_est_legere(monde: Monde) -> None:
    page = connecte(monde.a.compte_eleve).get(ADRESSE).content.decode()
    assert 'src="/static/img/grille.webp"' in page
    assert (Path(settings.BASE_DIR) / "static/img/grille.webp").stat().st_size < 80_000


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert requetes(lambda: client.get(ADRESSE)) == 3
