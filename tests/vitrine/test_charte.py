"""Tout composant de la feuille commune est dans la charte, ou dit pourquoi il n’y est pas."""

import re
from pathlib import Path

from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

FEUILLES = ("site.css", "niveaux.css")
BANDEAU = "le bandeau, que montre chaque page de qui est connecté"
FEUILLE_DE_PAPIER = "ne se voit qu’imprimé"
UNE_SEULE_PAGE = "ne sert qu’à une page, que regarde son propre test"
AILLEURS = {
    **dict.fromkeys(
        ("attend", "cloche", "compte", "compte-menu", "compte-nom", "compteurs", "en-attente", "loupe"),
        BANDEAU,
    ),
    **dict.fromkeys(("genre-trouve", "rubriques", "trouvailles", "trouver"), BANDEAU),
    **dict.fromkeys(("a-imprimer", "au-papier", "imprime-les-refusees"), FEUILLE_DE_PAPIER),
    **dict.fromkeys(("cle-a-taper", "codes-de-secours", "portrait", "qr", "qr-a-lire"), UNE_SEULE_PAGE),
    **dict.fromkeys(("etroite", "large"), "la largeur d’une page, que la charte n’a pas"),
    "dessin": "le fond blanc d’un graphique, la nuit : test_sombre_navigateur",
    "niveau-trois_quarts": "une échelle à cinq degrés ; la charte montre celle du diplôme",
}


def composants() -> set[str]:
    """Les classes que la feuille commune met en forme."""
    noms: set[str] = set()
    for feuille in FEUILLES:
        css = (Path(settings.BASE_DIR) / "static" / "css" / feuille).read_text()
        css = re.sub(r'/\*.*?\*/|url\([^)]*\)|"[^"]*"', "", css, flags=re.S)
        for selecteur in re.findall(r"([^{}]+)\{", css):
            noms |= set(re.findall(r"\.([a-z][\w-]*)", selecteur))
    return noms


@override_settings(DEBUG=True)
def test_la_charte_montre_chaque_composant(client: Client, db: None) -> None:
    page = client.get(reverse("charte")).content.decode()
    montres = {classe for une in re.findall(r'class="([^"]*)"', page) for classe in une.split()}
    assert composants() - montres == set(AILLEURS)
