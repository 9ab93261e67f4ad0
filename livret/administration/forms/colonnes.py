"""Désigner les colonnes d’un fichier de personnes ; l’établissement les retient à la confirmation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from livret.administration.lecture.entetes import Designees
from livret.administration.lecture.resultat import EnteteLue, FichierIllisible, SansColonnes
from livret.administration.models import ColonnesRetenues

ORDINAIRE = "ordinaire"
"""Le bouton qui relit le fichier sans ce que l'établissement a retenu."""
CHOIX = re.compile(r"colonne-([0-9a-f]{64})-([a-z_]{1,20})")
EN_DOUBLE = "Deux données sont demandées à la même colonne\xa0: chaque colonne n’en dit qu’une."


@dataclass(frozen=True)
class ColonneDesignable:
    nom: str
    dite: str
    rang: int | None


@dataclass(frozen=True)
class ColonnesDeFeuille:
    """Une ligne d'en-tête, et pour chaque donnée la colonne où elle est lue."""

    entete: EnteteLue
    choix: list[ColonneDesignable]


def colonnes_a_montrer(entetes: Iterable[EnteteLue], donnees: Mapping[str, str]) -> list[ColonnesDeFeuille]:
    """Les feuilles aux mêmes intitulés se lisent de la même façon : elles n'en font qu'une."""
    return [
        ColonnesDeFeuille(une, [
            ColonneDesignable(f"colonne-{une.empreinte}-{champ}", dite, une.colonnes.get(champ))
            for champ, dite in donnees.items()
        ])
        for une in {un.empreinte: un for un in entetes}.values()
    ]  # fmt: skip


class FichierDesigne(forms.Form):
    """Un fichier, et les colonnes qu'une personne y désigne, ou avait désignées pour ses pareils."""

    genre: str
    donnees: Mapping[str, str]

    def __init__(self, *args: Any, lieu: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lieu = lieu
        self.a_designer: list[ColonnesDeFeuille] = []

    def designees(self) -> Designees:
        if ORDINAIRE in self.data:
            return {}
        return ColonnesRetenues.de(self.lieu, self.genre) | self._ici()

    def _ici(self) -> dict[str, dict[str, int]]:
        choisies: dict[str, dict[str, int]] = {}
        for nom, rang in self.data.items():
            lu = CHOIX.fullmatch(nom)
            if lu and lu[2] in self.donnees and re.fullmatch(r"\d{1,4}", str(rang)):
                choisies.setdefault(lu[1], {})[lu[2]] = int(str(rang))
        if any(max(Counter(une.values()).values()) > 1 for une in choisies.values()):
            raise forms.ValidationError(EN_DOUBLE)
        return choisies

    def refuser(self, faute: FichierIllisible) -> forms.ValidationError:
        """La phrase du refus ; si des colonnes manquent, de quoi les désigner."""
        if isinstance(faute, SansColonnes):
            self.a_designer = colonnes_a_montrer(faute.entetes, self.donnees)
        return forms.ValidationError(str(faute))
