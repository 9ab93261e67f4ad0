"""Ce que voyait qui a décidé, gardé avec sa décision, et ce qui a changé depuis. Module pur.

Une décision vaut pour exactement ce que son auteur avait sous les yeux (Q48). Que cela change, et elle est
« à confirmer » : elle ne compte plus, ne sort sur aucun document et ne se fige pas.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from certification.notation import nombre
from trpm.base import instantane

ANCIEN = "{}"
"""Ce que porte une décision prise avant que l'on garde ce qu'elle voyait."""

NON_GARDE = "ce que son auteur voyait n’a pas été gardé"

Vu = TypeVar("Vu", "NiveauVu", "NoteVue")


@dataclass(frozen=True)
class AConfirmer:
    """Une décision qui ne vaut plus tant qu'on ne l'a pas confirmée ou refaite.

    `texte` : ce qu'elle dit. `refus` : pourquoi la confirmer ne suffit pas, si c'est le cas.
    """

    texte: str
    motif: str
    changements: tuple[str, ...]
    refus: str = ""
    par: str = ""
    le: datetime.datetime | None = None

    def __str__(self) -> str:
        return " ; ".join(self.changements)


@dataclass(frozen=True)
class PreuveVue:
    """Une situation retenue et le niveau qu'elle donnait ; son intitulé sert à la nommer, il peut changer."""

    situation: int
    niveau: int
    intitule: str = field(compare=False)


@dataclass(frozen=True)
class NiveauVu:
    """Ce que voit qui arrête le niveau d'une compétence, ou la dit non démontrée."""

    competence: str
    regle: str
    echelle: tuple[tuple[str, int], ...]
    propose: int | None
    preuves: tuple[PreuveVue, ...]


@dataclass(frozen=True)
class CompetenceVueParLAuteur:
    """Une compétence dans la note ; `decision` : « arrêté », « non démontrée », ou rien."""

    competence: str
    poids: Fraction
    niveau: int | None
    decision: str


@dataclass(frozen=True)
class NoteVue:
    """Ce que voit qui propose une note, ou observe. `candidat` : sa situation devant l'épreuve."""

    candidat: str
    regle: str
    echelle: tuple[tuple[str, int], ...]
    arrondi: str
    bonus: Fraction
    calculee: Decimal | None
    lignes: tuple[CompetenceVueParLAuteur, ...]


def niveau_change(
    avant: str, apres: NiveauVu, *, evident: bool, ecartees: Collection[int]
) -> tuple[str, ...]:
    """Ce qui a changé depuis une décision de niveau, en mots ; vide si elle vaut toujours.

    `avant` : ce qu'elle garde. `evident` : ancienne et sans motif, elle ne pouvait dire que le niveau
    proposé, et le dit encore. `ecartees` : les situations qui ne sont plus retenues.
    """
    if avant == ANCIEN:
        return () if evident else (NON_GARDE,)
    vu = instantane.relire(NiveauVu, avant)
    return () if vu == apres else tuple(_niveau_change(vu, apres, ecartees))


def note_change(avant: str, apres: NoteVue, *, evident: bool) -> tuple[str, ...]:
    """Ce qui a changé depuis une note proposée ou des observations, en mots ; vide si elles valent encore."""
    if avant == ANCIEN:
        return () if evident else (NON_GARDE,)
    vu = instantane.relire(NoteVue, avant)
    return () if vu == apres else tuple(_note_change(vu, apres))


def _niveau_change(avant: NiveauVu, apres: NiveauVu, ecartees: Collection[int]) -> Iterator[str]:
    yield from _regle_change(avant, apres)
    codes = {valeur: code for code, valeur in (*avant.echelle, *apres.echelle)}
    if avant.propose != apres.propose:
        yield _passage(apres.competence, avant.propose, apres.propose, codes)
    anciennes = {preuve.situation: preuve for preuve in avant.preuves}
    for preuve in apres.preuves:
        ancienne = anciennes.pop(preuve.situation, None)
        if ancienne is None:
            yield f"« {preuve.intitule} » donne maintenant un niveau retenu, {codes[preuve.niveau]}"
        elif ancienne.niveau != preuve.niveau:
            yield (
                f"« {preuve.intitule} » donnait {codes[ancienne.niveau]}, elle donne {codes[preuve.niveau]}"
            )
    for ancienne in anciennes.values():
        perdue = "n’est plus retenue" if ancienne.situation in ecartees else "ne donne plus de niveau"
        yield f"la situation « {ancienne.intitule} » {perdue}"


def _note_change(avant: NoteVue, apres: NoteVue) -> Iterator[str]:
    if avant.candidat != apres.candidat:
        yield f"le candidat était « {avant.candidat} », il est « {apres.candidat} »"
        return
    yield from _regle_change(avant, apres)
    if avant.calculee != apres.calculee:
        yield f"la note calculée était {_note(avant.calculee)}, elle est {_note(apres.calculee)}"
    codes = {valeur: code for code, valeur in (*avant.echelle, *apres.echelle)}
    anciennes = {ligne.competence: ligne for ligne in avant.lignes}
    for ligne in apres.lignes:
        yield from _ligne_change(anciennes.pop(ligne.competence, None), ligne, codes)
    yield from (f"{code} n’est plus de l’épreuve" for code in anciennes)
    if avant.arrondi != apres.arrondi:
        yield f"l’arrondi était {avant.arrondi}, il est {apres.arrondi}"
    if avant.bonus != apres.bonus:
        yield f"le bonus était {nombre(avant.bonus)}, il est {nombre(apres.bonus)}"


def _ligne_change(
    avant: CompetenceVueParLAuteur | None, apres: CompetenceVueParLAuteur, codes: dict[int, str]
) -> Iterable[str]:
    code = apres.competence
    if avant is None:
        yield f"{code} est entrée dans l’épreuve"
        return
    if avant.poids != apres.poids:
        yield f"le poids de {code} était {nombre(avant.poids)}, il est {nombre(apres.poids)}"
    if avant.niveau != apres.niveau:
        yield _passage(code, avant.niveau, apres.niveau, codes)
    if avant.decision != apres.decision:
        decision = apres.decision or "à arrêter"
        yield f"{code} était {avant.decision or 'à arrêter'}, maintenant {decision}"


def _regle_change(avant: Vu, apres: Vu) -> Iterator[str]:
    if avant.regle != apres.regle:
        yield f"la grille était {avant.regle}, elle est {apres.regle}"
    if avant.echelle != apres.echelle:
        yield "les niveaux de l’échelle ont changé"


def _passage(code: str, avant: int | None, apres: int | None, codes: dict[int, str]) -> str:
    if avant is None:
        return f"{code} n’avait pas de niveau, il est à {codes[apres or 0]}"
    if apres is None:
        return f"{code} était à {codes[avant]}, il n’a plus de niveau"
    return f"{code} était à {codes[avant]}, il est à {codes[apres]}"


def _note(note: Decimal | None) -> str:
    return "incomplète" if note is None else nombre(note)
