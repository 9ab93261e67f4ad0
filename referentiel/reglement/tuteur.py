"""Le mot d'un diplôme pour qui suit un élève en entreprise, dans une phrase. Module pur.

Le référentiel donne un nom (« maître d’apprentissage ») ; l'article, l'élision et le pluriel s'en déduisent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_FEMININ = re.compile(r"(trice|esse|euse|sonne|ante|ente|ée)$")
_VOYELLE = re.compile(r"[aeiouyàâéèêëîïôû]", re.IGNORECASE)
_COMPLEMENT = re.compile(r"\s+(?:d[’']|de\b|du\b|des\b|en\b|à\b|au\b|pour\b)|\s+\(", re.IGNORECASE)


@dataclass(frozen=True)
class MotTuteur:
    mot: str

    @classmethod
    def de_plusieurs(cls, mots: Iterable[str]) -> MotTuteur:
        """Les mots de plusieurs diplômes, chacun une fois : « tuteur ou maître d’apprentissage »."""
        return cls(" ou ".join(dict.fromkeys(mots)) or "tuteur")

    def __str__(self) -> str:
        return self.mot

    @property
    def feminin(self) -> bool:
        return bool(_FEMININ.search(self.mot.split()[0]))

    @property
    def elide(self) -> bool:
        return bool(_VOYELLE.match(self.mot))

    @property
    def le(self) -> str:
        return f"l’{self.mot}" if self.elide else f"{'la' if self.feminin else 'le'} {self.mot}"

    @property
    def un(self) -> str:
        return f"{'une' if self.feminin else 'un'} {self.mot}"

    @property
    def aucun(self) -> str:
        return f"{'aucune' if self.feminin else 'aucun'} {self.mot}"

    @property
    def du(self) -> str:
        return f"de {self.le}" if self.elide or self.feminin else f"du {self.mot}"

    @property
    def au(self) -> str:
        return f"à {self.le}" if self.elide or self.feminin else f"au {self.mot}"

    @property
    def de(self) -> str:
        return f"d’{self.mot}" if self.elide else f"de {self.mot}"

    @property
    def pluriel(self) -> str:
        return " ou ".join(map(_pluriel, self.mot.split(" ou ")))


def _pluriel(nom: str) -> str:
    """Le nom et ses adjectifs ; ce qui les complète ne change pas."""
    complement = _COMPLEMENT.search(nom)
    fin = complement.start() if complement else len(nom)
    return " ".join(map(_au_pluriel, nom[:fin].split())) + nom[fin:]


def _au_pluriel(mot: str) -> str:
    if mot.endswith(("s", "x", "z")):
        return mot
    return f"{mot[:-2]}aux" if mot.endswith("al") else f"{mot}s"
