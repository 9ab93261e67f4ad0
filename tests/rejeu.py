"""Quels tests PostgreSQL rejoue : de quoi lui faire exécuter chaque forme de requête vue sur SQLite.

Une forme est un ordre SQL sans ses valeurs, avec l'erreur qu'il rend s'il en rend une : c'est ce que l'autre
base peut comprendre autrement. `RELEVE` nomme le fichier où SQLite, en jouant tout, écrit les tests dont
chaque forme est exécutée par assez d'autres ; `REJEU`, celui où PostgreSQL les lit pour s'en passer. Ce qui
ne se voit pas ainsi se rejoue toujours : un test échoué ou sauté, une base sans transaction, une autre
connexion, un autre processus.
"""

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

ASSEZ = 2
"""Combien de tests rejoués exécutent une forme, au moins, s'il y en a autant : leurs données diffèrent."""
NON_REJOUEES = ("imprime", "une_base", "navigateur")
AILLEURS = ("subprocess.Popen", "os.fork", "os.posix_spawn", "sqlite3.connect")
"""Ce que Python annonce quand un test demande à un autre processus, ou par une autre connexion."""
FORMES = "formes"
_LISTES = re.compile(r"%s(?:, %s)+")
_RANGEES = re.compile(r"(\([^()]*\))(?:, \1)+")
_NOMBRES = re.compile(r"\bs\d+_x\d+\b|\b\d+\b")
Vu = tuple[int, Iterable[str]]
"""Combien d'ordres un test exécute, et leurs formes."""


def forme(sql: str, erreur: BaseException | None = None) -> str:
    """La même pour deux ordres que seules leurs valeurs distinguent, ou leur nombre dans une liste."""
    nue = _NOMBRES.sub("0", _RANGEES.sub(r"\1", _LISTES.sub("%s", sql)))
    return blake2b(f"{nue} {type(erreur).__name__}".encode(), digest_size=6).hexdigest()


def superflus(vus: Mapping[str, Vu], toujours: Iterable[str] = ()) -> list[str]:
    """Les tests dont on peut se passer : ceux qui restent, `toujours` compris, exécutent chaque forme `ASSEZ`
    fois, ou autant de fois qu'il y a de tests pour le faire.

    Le plus utile d'abord, à proportion de ce qu'il exécute. Le même relevé rend toujours le même choix."""
    formes = {test: frozenset(siennes) for test, (_, siennes) in vus.items()}
    communes = Counter(une for siennes in formes.values() for une in siennes)
    manquent = {une: min(combien, ASSEZ) for une, combien in communes.items()}
    gardes: set[str] = set()

    def garder(test: str) -> None:
        gardes.add(test)
        for une in formes.get(test, ()):
            manquent[une] -= manquent[une] > 0

    def apport(test: str) -> float:
        return sum(manquent[une] > 0 for une in formes[test]) / (vus[test][0] + 20)

    for test in toujours:
        garder(test)
    file = [(-apport(test), test) for test in formes.keys() - gardes]
    heapify(file)
    while file:
        promis, test = heappop(file)
        apporte = -apport(test)
        if apporte > promis:
            heappush(file, (apporte, test))
        elif apporte:
            garder(test)
    return sorted(formes.keys() - gardes)


@dataclass
class Vie:
    """Ce qu'un test fait de la base, noté là où il tourne."""

    ordres: int = 0
    formes: set[str] = field(default_factory=set)
    ailleurs: bool = False

    def noter(self, executer: Any, sql: str, *suite: Any) -> Any:
        self.ordres += 1
        try:
            rendu = executer(sql, *suite)
        except Exception as erreur:
            self.formes.add(forme(str(sql), erreur))
            raise
        self.formes.add(forme(str(sql)))
        return rendu


class Releve:
    """Noté là où les tests tournent, réuni là où l'on en rend compte."""

    def __init__(self, sortie: Path) -> None:
        self.sortie = sortie
        self.vie = Vie()
        self.vus: dict[str, Vu] = {}
        self.toujours: set[str] = set()
        sys.addaudithook(self._entendre)

    def _entendre(self, quoi: str, _: tuple[Any, ...]) -> None:
        self.vie.ailleurs |= quoi in AILLEURS

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.vie = Vie()
        with connection.execute_wrapper(self.vie.noter):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        rapport = yield
        rejoue = item.get_closest_marker("base") and not any(map(item.get_closest_marker, NON_REJOUEES))
        if rejoue and call.when == "teardown":
            seul = not (self.vie.ailleurs or sans_transaction(item)) and bool(self.vie.ordres)
            rapport.user_properties.append((FORMES, [self.vie.ordres, sorted(self.vie.formes), seul]))
        return rapport

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed":
            self.toujours.add(report.nodeid)
        for nom, valeur in report.user_properties:
            if nom == FORMES:
                ordres, formes, seul = valeur
                self.vus[report.nodeid] = ordres, formes
                if not seul:
                    self.toujours.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not hasattr(session.config, "workerinput"):
            self.sortie.write_text(json.dumps(superflus(self.vus, self.toujours & self.vus.keys())))


def sans_transaction(item: pytest.Item) -> bool:
    marque = item.get_closest_marker("django_db")
    fixtures = getattr(item, "fixturenames", ())
    return bool(marque and marque.kwargs.get("transaction")) or not {
        "transactional_db",
        "live_server",
    }.isdisjoint(fixtures)


class Rejeu:
    def __init__(self, superflus: Iterable[str]) -> None:
        self.superflus = frozenset(superflus)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        otes = [item for item in items if item.nodeid in self.superflus]
        items[:] = [item for item in items if item.nodeid not in self.superflus]
        config.hook.pytest_deselected(items=otes)


def pytest_configure(config: pytest.Config) -> None:
    if sortie := os.environ.get("RELEVE"):
        config.pluginmanager.register(Releve(Path(sortie)))
    if (lu := os.environ.get("REJEU")) and Path(lu).exists():
        config.pluginmanager.register(Rejeu(json.loads(Path(lu).read_text() or "[]")))
