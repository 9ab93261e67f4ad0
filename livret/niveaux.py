"""Niveaux de maîtrise : meilleur niveau, suggestion, situation retenue. Module pur.

Un niveau est ici sa valeur entière dans l'échelle ; `None` veut dire « inconnu », jamais zéro.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from trpm.base.instantane import FACULTATIF


@dataclass(frozen=True)
class Preuve:
    """Un niveau démontré, avec l'acte qui le prouve.

    `valeur` est dans l'échelle de qui le lit ; `origine` dit le niveau tel qu'il a été donné, quand c'est
    dans une autre échelle.
    """

    competence: str
    valeur: int
    date: datetime.date
    situation: str
    lieu: str
    evaluateur: str
    situation_id: int = 0
    nature: str = ""
    retenue: bool = True
    motif_retenue: str = ""
    origine: str = field(default="", metadata=FACULTATIF)


def meilleure(preuves: Iterable[Preuve]) -> Preuve | None:
    """Preuve du meilleur niveau démontré ; à niveau égal, la plus récente.

    « L'équipe […] retiendra le meilleur niveau de maîtrise démontré au cours des différentes
    situations d'évaluation proposées » (DOMAINE.md, section 5) : ni moyenne, ni dernier niveau.
    """
    return max(preuves, key=_rang, default=None)


def meilleures(preuves: Iterable[Preuve]) -> dict[str, Preuve]:
    """Meilleure preuve de chaque compétence, par code ; une compétence sans preuve est absente."""
    par_competence: dict[str, list[Preuve]] = {}
    for preuve in preuves:
        par_competence.setdefault(preuve.competence, []).append(preuve)
    return {code: max(groupe, key=_rang) for code, groupe in par_competence.items()}


def suggestion(niveaux: Mapping[str, int], poids: Mapping[str, Fraction] | None = None) -> int | None:
    """Niveau suggéré d'une compétence d'après ses détails évalués (Q7).

    `niveaux` : rang du niveau dans l'échelle, par code de détail, sans les non évalués ; les rangs et non
    les valeurs, qui ne se suivent pas toujours. `poids` : égaux par défaut.
    Rend le rang de leur moyenne pondérée arrondie au plus proche, les moitiés vers le bas ; `None` sans
    détail.
    """
    if not niveaux:
        return None
    if poids is None:
        return _moitie_vers_le_bas(sum(niveaux.values()), len(niveaux))
    facteurs = {code: poids.get(code, Fraction(1)) for code in niveaux}
    total = sum(facteurs.values(), Fraction(0))
    if total == 0:
        return None
    somme = sum((facteurs[code] * niveau for code, niveau in niveaux.items()), Fraction(0))
    return _moitie_vers_le_bas(somme, total)


def _moitie_vers_le_bas(somme: Fraction | int, total: Fraction | int) -> int:
    """`somme / total`, à l'entier le plus proche. Des entiers suffisent quand les poids sont égaux."""
    return -((total - 2 * somme) // (2 * total))


def code_saisi(texte: str, niveaux: Iterable[str], mentions: Iterable[str]) -> str | None:
    """Code de niveau ou de mention désigné par ce qui a été tapé ; vide pour une case vide.

    Les majuscules ne comptent pas ; le début d'une mention suffit s'il n'en désigne qu'une
    (« n » pour NE, « a » pour ABS). `None` : rien de tel dans l'échelle.
    """
    tape = texte.strip().upper()
    if not tape:
        return ""
    mentions = list(mentions)
    for code in (*niveaux, *mentions):
        if code.upper() == tape:
            return code
    commencent = [mention for mention in mentions if mention.startswith(tape)]
    return commencent[0] if len(commencent) == 1 else None


MENTIONS = {"NE": "non évalué", "ABS": "absent", "DISP": "dispensé"}
"""Ce qui s'écrit à la place d'un niveau, et ne compte jamais."""


def touches_des_mentions(niveaux: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Ce qu'il suffit de taper pour chaque mention dans une échelle, et son sens.

    Le plus court début qui n'est ni un niveau, ni le début d'un niveau : « N » le plus souvent, « NE » si
    l'échelle a un niveau « NA », « AB » si elle a un niveau « A ».
    """
    codes = [code.upper() for code in niveaux]
    touches = []
    for mention, sens in MENTIONS.items():
        debuts = (mention[:longueur] for longueur in range(1, len(mention)))
        libres = (debut for debut in debuts if not any(code.startswith(debut) for code in codes))
        touche = next((une for une in libres if code_saisi(une, codes, MENTIONS) == mention), mention)
        touches.append((touche, sens))
    return tuple(touches)


def est_retenue(
    *,
    certificative: bool,
    date: datetime.date,
    session: int,
    decision: bool | None,
    depuis: datetime.date | None = None,
) -> bool:
    """Une situation compte-t-elle pour la certification ? (Q8, Q9)

    Sans décision de l'équipe : oui si elle est certificative et se situe dans l'année civile de
    la session, ou avant, à partir du jour `depuis` que dit le référentiel. Une décision explicite
    l'emporte dans les deux sens.
    """
    if decision is not None:
        return decision
    debut = depuis or datetime.date(session, 1, 1)
    return certificative and debut <= date <= datetime.date(session, 12, 31)


def _rang(preuve: Preuve) -> tuple[int, datetime.date, int]:
    return preuve.valeur, preuve.date, preuve.situation_id
