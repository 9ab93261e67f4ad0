"""Les bilans et les PFMP qu'un élève a apportés : lus de l'archive, jamais présentés comme d'ici."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from livret.bilan.contenu import BilanFige
from livret.transfert.models import TransfertRecu


@dataclass(frozen=True)
class BilanRecu:
    contenu: BilanFige
    numero: int
    valide_le: datetime.datetime | None
    valide_par: str
    intact: bool


@dataclass(frozen=True)
class SejourRecu:
    entreprise: str
    ville: str
    tuteur: str
    debut: datetime.date
    fin: datetime.date
    jours: int
    rattrapage: bool


@dataclass(frozen=True)
class PfmpRecue:
    periode: str
    classe: str
    activites: str
    sejours: tuple[SejourRecu, ...]
    absences: Decimal


@dataclass(frozen=True)
class ApportLu:
    """Un transfert, et ce qui s'en lit ici."""

    recu: TransfertRecu
    bilans: tuple[BilanRecu, ...]
    pfmp: tuple[PfmpRecue, ...]


def apport(recu: TransfertRecu) -> ApportLu:
    return ApportLu(
        recu,
        tuple(bilan_recu(un) for un in recu.lignes.get("bilans", [])),
        tuple(pfmp_recue(une) for une in recu.lignes.get("pfmp", [])),
    )


def bilan_recu(dit: dict[str, Any]) -> BilanRecu:
    valide = dit["valide_le"]
    return BilanRecu(
        BilanFige.depuis_json(dit["contenu"]),
        dit["numero"],
        datetime.datetime.fromisoformat(valide) if valide else None,
        dit["valide_par"],
        sha256(dit["contenu"].encode()).hexdigest() == dit["empreinte"],
    )


def pfmp_recue(dite: dict[str, Any]) -> PfmpRecue:
    sejours = tuple(
        SejourRecu(
            **{nom: un[nom] for nom in ("entreprise", "ville", "tuteur", "jours", "rattrapage")},
            debut=datetime.date.fromisoformat(un["debut"]),
            fin=datetime.date.fromisoformat(un["fin"]),
        )
        for un in dite["sejours"]
    )
    absences = sum((Decimal(une["jours"]) for une in dite["absences"]), Decimal(0))
    classe = f"{dite['classe']['nom']}, {dite['classe']['annee']}-{dite['classe']['annee'] + 1}"
    return PfmpRecue(dite["periode"], classe, dite["activites"], sejours, absences)
