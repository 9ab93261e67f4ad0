"""Une rubrique de l'inventaire. Module pur."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rubrique:
    intitule: str
    moyens: tuple[str, ...]
