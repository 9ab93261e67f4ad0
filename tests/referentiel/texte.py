"""Lire une page comme une personne : le texte, les lignes d'une table."""

import re
from html.parser import HTMLParser

from django.http import HttpResponse


class _Lecteur(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rangees: list[list[str]] = []
        self.textes: list[str] = []
        self.dans_cellule = False

    def handle_starttag(self, balise, attributs):
        if balise == "tr":
            self.rangees.append([])
        elif balise in ("td", "th") and self.rangees:
            self.rangees[-1].append("")
            self.dans_cellule = True
        self.textes.append(" ")

    def handle_endtag(self, balise):
        if balise in ("td", "th"):
            self.dans_cellule = False

    def handle_data(self, donnees):
        self.textes.append(donnees)
        if self.dans_cellule:
            self.rangees[-1][-1] += donnees


def _lire(reponse: HttpResponse) -> _Lecteur:
    lecteur = _Lecteur()
    lecteur.feed(reponse.content.decode())
    return lecteur


def _serre(texte: str) -> str:
    return re.sub(r"\s+", " ", texte.replace("\u00a0", " ")).strip()


def texte(reponse: HttpResponse) -> str:
    """Le texte d'une page, pied de page mis à part."""
    return _serre("".join(_lire(reponse).textes)).partition(" Livret TRPM, logiciel libre")[0]


def rangees(reponse: HttpResponse) -> list[list[str]]:
    """Les cellules de chaque ligne de table, espaces réduits."""
    return [[_serre(cellule) for cellule in rangee] for rangee in _lire(reponse).rangees]
