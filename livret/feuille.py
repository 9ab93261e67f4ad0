"""La feuille d'une situation : ses élèves, ses colonnes et ce que porte chaque case, lus une fois.

La saisie la juge et l'écrit (`saisie.py`), la grille la montre (`grille.py`). Elle ne porte que ce que
l'une et l'autre demandent : une classe entière compte deux mille cases.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, TextField, Value

from livret.bilan import niveaux_en_vigueur
from livret.models import (
    Eleve,
    Evaluation,
    Fiche,
    ModeleSituation,
    Observation,
    Remarque,
    Situation,
    Trace,
    Utilisateur,
)
from referentiel.models import Niveau

DETAILLEE, COMPETENCE, COMMENTAIRE = "d", "c", "commentaire"
SUR_DETAILLEE, SUR_COMPETENCE = "rd", "rc"
REMARQUES = (SUR_DETAILLEE, SUR_COMPETENCE)
TOUS = frozenset({DETAILLEE, COMPETENCE, COMMENTAIRE})


class Case(NamedTuple):
    """Adresse d'une case : `d12-45` (détaillée 12, élève 45), `c3-45` (compétence) ou `commentaire-45`.

    `rd12-45` et `rc3-45` : la remarque posée sur l'une ou l'autre de ces cases.
    """

    genre: str
    item: int
    eleve: int

    def __str__(self) -> str:
        return f"{self.genre}{self.item or ''}-{self.eleve}"

    @property
    def est_remarque(self) -> bool:
        return self.genre in REMARQUES

    @property
    def hote(self) -> Case:
        """La case que l'on voit : pour une remarque, celle où elle est posée."""
        return Case(self.genre.removeprefix("r"), self.item, self.eleve)


class Presente(NamedTuple):
    """Ce que porte une case : code de niveau, mention, commentaire ou remarque ; par qui, et quand."""

    pk: int
    texte: str
    auteur: str
    modifie_le: datetime.datetime
    valeur: int | None = None


@dataclass(frozen=True)
class Colonne:
    genre: str
    pk: int
    code: str
    intitule: str
    option_id: int | None = None
    option: str = ""

    @cached_property
    def cle(self) -> str:
        return f"{self.genre}{self.pk}"

    @property
    def officielle(self) -> bool:
        return self.genre == COMPETENCE

    def concerne(self, option_id: int) -> bool:
        return self.option_id is None or self.option_id == option_id


@dataclass(frozen=True)
class Groupe:
    """Une compétence visée : ses détails visés, puis son niveau, que la grille d'un poste peut omettre."""

    detaillees: tuple[Colonne, ...]
    competence: Colonne
    positionnee: bool = True

    @cached_property
    def colonnes(self) -> tuple[Colonne, ...]:
        return (*self.detaillees, self.competence) if self.positionnee else self.detaillees


@dataclass(frozen=True)
class Feuille:
    """`presentes` se met à jour à mesure que l'on écrit ; le reste ne change pas.

    `preuves` : combien de preuves porte une case, ou la fiche d'un élève.
    """

    situation: Situation
    niveaux: list[Niveau]
    eleves: dict[int, Eleve]
    groupes: tuple[Groupe, ...]
    presentes: dict[Case, Presente]
    preuves: Counter[Case]

    @cached_property
    def colonnes(self) -> dict[tuple[str, int], Colonne]:
        return {(une.genre, une.pk): une for groupe in self.groupes for une in groupe.colonnes}


def lire(situation: Situation, eleves: Iterable[int] | None = None, genres: frozenset[str] = TOUS) -> Feuille:
    """Feuille entière, ou ce qu'il en faut pour des cases de ces genres, chez ces élèves.

    Un nombre de requêtes qui ne dépend ni des élèves ni des compétences.
    """
    concernes = situation.eleves().select_related("option")
    retenus = {un.pk: un for un in (concernes if eleves is None else concernes.filter(pk__in=eleves))}
    genres = frozenset(genre.removeprefix("r") for genre in genres)
    if positions := genres & {DETAILLEE, COMPETENCE}:
        # Un détail et le niveau de sa compétence se montrent ensemble : l'un suggère l'autre (Q7).
        genres |= {DETAILLEE, COMPETENCE}
    niveaux = niveaux_en_vigueur(situation.classe.promotion.referentiel_id) if positions else []
    presentes, preuves = _presentes(situation, retenus, genres, niveaux)
    return Feuille(
        situation,
        niveaux,
        retenus,
        groupes_vises(situation, cochees=COMPETENCE in positions) if positions else (),
        presentes,
        preuves,
    )


def groupes_vises(vise: Situation | ModeleSituation, *, cochees: bool = True) -> tuple[Groupe, ...]:
    """Les compétences dont un détail est visé et, si on les veut, celles qui sont visées sans détail."""
    competences: dict[int, tuple[int, Colonne]] = {}
    detaillees: dict[int, list[Colonne]] = defaultdict(list)
    lignes = vise.detaillees.order_by("ordre", "pk").values_list(
        "pk",
        "code",
        "intitule",
        "option_id",
        "option__code",
        "competence_id",
        "competence__code",
        "competence__intitule",
        "competence__ordre",
    )
    for pk, code, intitule, option_id, option, de, de_code, de_intitule, ordre in lignes:
        detaillees[de].append(Colonne(DETAILLEE, pk, code, intitule, option_id, option or ""))
        competences.setdefault(de, (ordre, Colonne(COMPETENCE, de, de_code, de_intitule)))
    if cochees:
        for pk, code, intitule, ordre in vise.competences.values_list("pk", "code", "intitule", "ordre"):
            competences.setdefault(pk, (ordre, Colonne(COMPETENCE, pk, code, intitule)))
    return tuple(
        Groupe(tuple(detaillees[pk]), colonne)
        for pk, (_, colonne) in sorted(competences.items(), key=lambda une: (une[1][0], une[0]))
    )


_TABLES: dict[str, tuple[Any, str]] = {
    DETAILLEE: (Observation, "detaillee_id"),
    COMPETENCE: (Evaluation, "competence_id"),
    COMMENTAIRE: (Fiche, ""),
}


def _presentes(
    situation: Situation, eleves: Iterable[int], genres: frozenset[str], niveaux: Iterable[Niveau]
) -> tuple[dict[Case, Presente], Counter[Case]]:
    """Une requête par table, une pour les auteurs : joindre leurs noms à deux mille lignes coûterait plus."""
    filtre = {"situation": situation, "eleve__in": list(eleves)}
    commun = ("pk", "eleve_id", "auteur_id", "modifie_le")
    positions = {
        genre: list(modele.objects.filter(**filtre).values_list(*commun, item, "niveau_id", "mention"))
        for genre, (modele, item) in _TABLES.items()
        if item and genre in genres
    }
    mots, preuves = _mots_et_preuves(filtre, fiches=COMMENTAIRE in genres)
    auteurs = _noms({ligne[2] for lignes in (*positions.values(), mots.values()) for ligne in lignes})
    portes = _niveaux({ligne[5] for lignes in positions.values() for ligne in lignes} - {None}, niveaux)
    presentes = {
        case: Presente(pk, texte, auteurs[auteur], le) for case, (pk, texte, auteur, le) in mots.items()
    }
    for genre, lignes in positions.items():
        for pk, eleve, auteur, le, item, niveau, mention in lignes:
            code, valeur = portes[niveau] if niveau else (mention, None)
            presentes[Case(genre, item, eleve)] = Presente(pk, code, auteurs[auteur], le, valeur)
    return presentes, preuves


def _mots_et_preuves(
    filtre: dict[str, Any], *, fiches: bool
) -> tuple[dict[Case, tuple[int, str, int, datetime.datetime]], Counter[Case]]:
    """Commentaires et remarques (pk, texte, auteur, quand), et les preuves de chaque case. Une requête."""
    commun = ("detaillee_id", "competence_id", "pk", "eleve_id", "auteur_id")
    sans_case = (Value(None, BigIntegerField()), Value(None, BigIntegerField()))
    remarques = Remarque.objects.filter(**filtre).order_by()
    autres: list[Any] = [
        Trace.objects.gardees()
        .filter(**filtre)
        .order_by()
        .values_list(*commun, "creee_le", Value("", TextField()), Value("", TextField()))
    ]
    if fiches:
        ecrites = Fiche.objects.filter(**filtre).order_by()
        autres.append(
            ecrites.values_list(
                *sans_case, *commun[2:], "modifie_le", "commentaire", Value("commentaire", TextField())
            )
        )
    mots, preuves = {}, Counter[Case]()
    for detaillee, competence, pk, eleve, auteur, le, texte, genre in remarques.values_list(
        *commun, "modifie_le", "texte", Value("r", TextField())
    ).union(*autres, all=True):
        vise = DETAILLEE if detaillee else COMPETENCE if competence else COMMENTAIRE
        case = Case(vise, detaillee or competence or 0, eleve)
        if not genre:
            preuves[case] += 1
        else:
            mots[case._replace(genre=f"r{vise}") if genre == "r" else case] = (pk, texte, auteur, le)
    return mots, preuves


def _noms(auteurs: set[int]) -> dict[int, str]:
    comptes = Utilisateur.objects.only("first_name", "last_name", "username")
    return {un.pk: un.nom_complet for un in comptes.filter(pk__in=auteurs)} if auteurs else {}


def _niveaux(portes: set[int], en_vigueur: Iterable[Niveau]) -> dict[int, tuple[str, int]]:
    """Code et valeur ; un niveau d'une échelle qui n'est plus en vigueur se relit."""
    connus = {un.pk: un for un in en_vigueur}
    if autres := portes - set(connus):
        connus |= Niveau.objects.in_bulk(list(autres))
    return {pk: (un.code, un.valeur) for pk, un in connus.items()}
