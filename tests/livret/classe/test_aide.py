"""L'aide : une page par rôle, ouverte à tous ; celle de l'enseignant dit chaque touche de la grille."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from livret.classe.views.aide import PAGES
from livret.models import Etablissement, Responsable
from tests import factories
from tests.litanie import connecte, requetes
from tests.monde import Monde

ADRESSE = "/aide/"


def test_chacun_arrive_sur_la_sienne(monde: Monde) -> None:
    Etablissement.objects.update(familles=True)
    parent = factories.utilisateur(identifiant="parent")
    Responsable.objects.create(compte=parent, eleve=monde.a.eleves[0])
    for qui, page in (
        (monde.a.enseignant, "enseignant"),
        (monde.a.compte_eleve, "eleve"),
        (parent, "famille"),
        (monde.a.president, "commission"),
        (monde.a.administrateur, "administrateur"),
    ):
        titre = f"<h1>{PAGES[page]}</h1>"
        assert titre in connecte(qui).get(ADRESSE).content.decode()
        assert titre in Client().get(f"{ADRESSE}{page}/").content.decode(), "sans compte aussi"
    assert Client().get(f"{ADRESSE}autre/").status_code == 404


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


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.django_db
def test_chaque_page_a_son_image_legere_et_decrite(client: Client, page: str) -> None:
    texte = client.get(reverse("livret:aide", args=[page])).content.decode()
    images = re.findall(r'src="/static/(img/aide/[^"]+)" width="\d+" height="\d+"[^>]* alt="([^"]+)"', texte)
    assert images
    for chemin, dite in images:
        assert (Path(settings.BASE_DIR) / "static" / chemin).stat().st_size < 80_000
        assert len(dite) > 30


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert requetes(lambda: client.get(ADRESSE)) == 3
