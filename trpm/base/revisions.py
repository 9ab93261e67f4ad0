"""Ce qui a changé : un compteur par chose, que la base avance d'elle-même à chaque écriture.

Une page ne change pas tant que ses compteurs ne changent pas. Chaque application déclare ses `Suivi` : quelle
table fait avancer quelle chose. Le pas est tiré au sort : une base rétablie, ou une transaction défaite, ne
redonne pas à un autre contenu le compte d'un contenu d'avant.

Sur PostgreSQL, chaque écriture prend un compteur de la chose que personne ne tient, ou en ajoute un : deux
saisies ne s'attendent jamais ici, et le compte de la chose est leur somme. Un `REPLACE` de SQLite, un
`TRUNCATE` de PostgreSQL et une session en mode « replica » n'y passent pas : l'application n'en fait pas.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar
from weakref import WeakSet

from django.db import connection, models
from django.db.models import QuerySet, Sum

from trpm.base.declencheurs import REVISIONS
from trpm.base.preparees import Preparee

P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
DUREE = 3600
"""Secondes : une séance de saisie, ou de commission."""
SOMME = f"SELECT COALESCE(SUM(r.pas), 0) FROM {REVISIONS} r"  # noqa: S608 (aucune saisie)
"""Le compte de ce que choisit la suite, où `r` est un compteur."""
_TOUTES: WeakSet[Reserve[Any, Any]] = WeakSet()


class Revision(models.Model):
    """Un compteur d'une chose ; elle en a plusieurs si l'on y écrit à plusieurs à la fois."""

    class Genre(models.TextChoices):
        COMMUNE = "commune", "tout ce que partagent les établissements"
        CLASSE = "classe", "une classe"
        ELEVE = "eleve", "un élève"
        COMMISSION = "commission", "une commission"

    genre = models.CharField("genre", max_length=10, choices=Genre)
    cle = models.BigIntegerField("clé")
    pas = models.BigIntegerField("compte")

    class Meta:
        verbose_name = "révision"
        indexes = [models.Index(fields=["genre", "cle"], name="revision_de")]

    def __str__(self) -> str:
        return f"{self.genre} {self.cle} : {self.pas}"


def revision(genre: str, cle: int, eleves: str) -> str:
    """Le compte d'une chose et de ses élèves ; `eleves` : le `SELECT` qui les dit, où `%s` est la clé.

    Les quatre parts restent à part : elles ne font que croître, leur somme pourrait se retrouver. À lire
    avant le contenu : un contenu plus neuf que son compte sera relu, jamais l'inverse. Une requête.
    """
    somme = f"{SOMME} WHERE r.genre ="
    classes = f"SELECT s.classe_id FROM livret_scolarite s WHERE s.eleve_id IN ({eleves})"  # noqa: S608
    with connection.cursor() as curseur:
        curseur.execute(
            f"SELECT ({somme} 'commune'), ({somme} %s AND r.cle = %s), "
            f"({somme} 'eleve' AND r.cle IN ({eleves})), ({somme} 'classe' AND r.cle IN ({classes}))",
            [genre, cle, cle, cle],
        )
        return "-".join(str(int(part)) for part in curseur.fetchone())


@Preparee
def _commune() -> QuerySet[Revision, Any]:
    return Revision.objects.filter(genre=Revision.Genre.COMMUNE).values_list("genre").annotate(Sum("pas"))


def oublier_tout() -> None:
    """Vide toutes les réserves de ce processus."""
    for reserve in list(_TOUTES):
        reserve.vider()


@dataclass(slots=True)
class _Gardee(Generic[T]):
    revision: Hashable
    valeur: T
    servie: float


class Reserve(Generic[K, T]):
    """Ce qu'un processus garde de ce qu'il a composé : chaque valeur va avec sa révision, lue avant elle. Une
    autre révision, et la valeur ne sert plus.

    `poids` : ce qu'une valeur prend de la `place` ; les moins demandées s'en vont les premières. Ce que nul
    n'a demandé depuis `DUREE` s'en va aussi, dès que l'on demande autre chose : il ne reste rien ici d'un
    élève qu'un autre processus a effacé.
    """

    def __init__(self, place: int, poids: Callable[[T], int] = lambda _: 1) -> None:
        self.place, self.poids = place, poids
        self._verrou = Lock()
        self._gardees: OrderedDict[K, _Gardee[T]] = OrderedDict()
        self._prise = 0
        _TOUTES.add(self)

    def connues(self, revisions: Mapping[K, Hashable]) -> dict[K, T]:
        """De ces choses, celles qui sont gardées à cette révision."""
        connues, maintenant = {}, time.monotonic()
        with self._verrou:
            for cle, revision in revisions.items():
                gardee = self._gardees.get(cle)
                if gardee and gardee.revision == revision:
                    gardee.servie = maintenant
                    self._gardees.move_to_end(cle)
                    connues[cle] = gardee.valeur
            self._borner(maintenant)
        return connues

    def garder(self, revisions: Mapping[K, Hashable], valeurs: Mapping[K, T]) -> None:
        maintenant = time.monotonic()
        with self._verrou:
            for cle, valeur in valeurs.items():
                if ancienne := self._gardees.pop(cle, None):
                    self._prise -= self.poids(ancienne.valeur)
                self._gardees[cle] = _Gardee(revisions[cle], valeur, maintenant)
                self._prise += self.poids(valeur)
            self._borner(maintenant)

    def _borner(self, maintenant: float) -> None:
        """Le dernier demandé est le dernier de la suite."""
        while self._gardees:
            gardee = next(iter(self._gardees.values()))
            if self._prise <= self.place and gardee.servie > maintenant - DUREE:
                return
            self._gardees.popitem(last=False)
            self._prise -= self.poids(gardee.valeur)

    def vider(self) -> None:
        with self._verrou:
            self._gardees.clear()
            self._prise = 0


_COMMUNES: list[Reserve[Hashable, Any]] = []


def oublier_le_commun() -> None:
    """Ce que les fonctions `gardee` gardent dans ce processus."""
    for reserve in _COMMUNES:
        reserve.vider()


def gardee(place: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Garde ce que rend une fonction qui ne lit que ce que partagent les établissements : une requête tant
    que rien n'y change. `place` : combien un processus en garde. Qui les reçoit n'y change rien."""

    def decorateur(lire: Callable[P, T]) -> Callable[P, T]:
        reserve: Reserve[Hashable, T] = Reserve(place)
        _COMMUNES.append(reserve)

        @wraps(lire)
        def lue(*cles: P.args, **options: P.kwargs) -> T:
            demande = (cles, *options.items())
            revisions: dict[Hashable, Hashable] = {demande: tuple(_commune())}
            connues = reserve.connues(revisions)
            if demande not in connues:
                connues[demande] = lire(*cles, **options)
                reserve.garder(revisions, connues)
            return connues[demande]

        return lue

    return decorateur
