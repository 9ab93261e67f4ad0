"""Une échelle et ses degrés, tels qu'on les montre et les compare. Module pur."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Degre:
    """Niveau de l'échelle tel qu'on le montre ; `rang` et `maximum` choisissent le symbole."""

    code: str
    valeur: int
    libelle: str
    symbole: str
    maximum: int


def codes_a_dire(niveaux: Iterable[tuple[str, int]]) -> dict[int, str]:
    """Le code de chaque valeur d'une échelle dont un code chiffré n'est pas sa valeur ; sinon rien."""
    lus = [(code, valeur) for code, valeur in niveaux]
    if all(not code.isdecimal() or int(code) == valeur for code, valeur in lus):
        return {}
    return {valeur: code for code, valeur in lus}


@dataclass(frozen=True)
class Echelle:
    degres: tuple[Degre, ...]

    @property
    def maximum(self) -> int:
        return max((degre.valeur for degre in self.degres), default=0)

    def degre(self, valeur: int | None) -> Degre | None:
        return None if valeur is None else self._par_valeur.get(valeur)

    @cached_property
    def _par_valeur(self) -> dict[int, Degre]:
        return {degre.valeur: degre for degre in reversed(self.degres)}

    @property
    def valeurs_a_dire(self) -> bool:
        """Un code chiffré n'est pas sa valeur (1 à 4 valués 0 à 3) : à côté d'un calcul, elle se dit."""
        return bool(codes_a_dire((degre.code, degre.valeur) for degre in self.degres))

    @property
    def codes_a_dire(self) -> dict[int, str]:
        return codes_a_dire((degre.code, degre.valeur) for degre in self.degres)

    @property
    def codes_longs(self) -> bool:
        """Un code de trois à cinq signes demande une colonne plus large que « 3 » ou « ND »."""
        return any(len(degre.code) > 2 for degre in self.degres)

    @property
    def codes(self) -> list[str]:
        return [degre.code for degre in self.degres]
