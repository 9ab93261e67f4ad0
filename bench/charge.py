"""Test de charge : des enseignants enregistrent des cases tous ensemble, sur un vrai serveur.

Trois enseignants par situation, chacun ses colonnes : ils se disputent le verrou de la situation sans
jamais se contredire. Chacun repart dès qu’il a sa réponse, sans réfléchir ni attendre.
"""

import http.client
import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from statistics import quantiles
from typing import Any

from django.conf import settings
from django.db import connections
from django.urls import reverse

from bench import lycee
from bench.navigateur import JETON, session_ouverte
from bench.saisies import SUITE, cases
from bench.serveur import Serveur, gunicorn, processus_conseilles
from bench.tailles import Taille
from livret.models import Observation, Operation, Situation

VERROUILLEE = "database is locked"
PAR_SITUATION = 3
COLONNES = 4


@dataclass
class Enseignant:
    """Ce qu’il note, ce qu’on lui a répondu."""

    personne: int
    temoins: str
    situation: int
    cases: list[str]
    montre: dict[str, str] = field(default_factory=dict)
    durees: list[float] = field(default_factory=list)
    fautes: list[str] = field(default_factory=list)

    def saisir(self, serveur: Serveur, depart: threading.Barrier, secondes: float) -> None:
        adresse = reverse("livret:operations", args=[self.situation])
        depart.wait()
        fin = time.monotonic() + secondes
        for case in cycle(self.cases):
            if time.monotonic() >= fin:
                return
            vu = self.montre.get(case, "")
            debut = time.perf_counter()
            faute = self._envoyer(serveur, adresse, {"case": case, "texte": SUITE[vu], "vu": vu})
            self.durees.append(time.perf_counter() - debut)
            if faute:
                self.fautes.append(faute)
            else:
                self.montre[case] = SUITE[vu]

    def _envoyer(self, serveur: Serveur, adresse: str, operation: dict[str, str]) -> str:
        corps = {"personne": self.personne, "operations": [{"id": str(uuid.uuid4()), **operation}]}
        entetes = {"Cookie": self.temoins, "X-CSRFToken": JETON, "Content-Type": "application/json"}
        liaison = http.client.HTTPConnection("localhost", serveur.port, timeout=120)
        try:
            liaison.request("POST", adresse, json.dumps(corps), entetes)
            reponse = liaison.getresponse()
            texte = reponse.read().decode()
        except OSError as faute:
            return str(faute)
        finally:
            liaison.close()
        return "" if '"resultat": "enregistre"' in texte else f"{reponse.status} {texte[:200]}"


def mesurer(taille: Taille) -> dict[str, Any]:
    enseignants = list(_enseignants(taille))
    connections.close_all()
    depart = threading.Barrier(len(enseignants) + 1)
    with gunicorn(os.environ, processus=taille.serveurs or processus_conseilles()) as serveur:
        fils = [
            threading.Thread(target=un.saisir, args=(serveur, depart, taille.secondes_de_charge))
            for un in enseignants
        ]
        for fil in fils:
            fil.start()
        depart.wait()
        debut = time.perf_counter()
        for fil in fils:
            fil.join()
        secondes = time.perf_counter() - debut
        journal = serveur.journal()
    durees = sorted(duree for un in enseignants for duree in un.durees)
    fautes = [faute for un in enseignants for faute in un.fautes]
    faites = len(durees) - len(fautes)
    return {
        "faites": faites,
        "par_seconde": faites / secondes,
        "p95": quantiles(durees, n=20)[-1],
        "perdues": sum(map(_perdues, enseignants)),
        "doublees": _ecrites() - faites,
        "verrouillees": journal.count(VERROUILLEE) + sum(VERROUILLEE in faute for faute in fautes),
        "autres": sorted(set(fautes)),
    }


def _enseignants(taille: Taille) -> Iterator[Enseignant]:
    classe = lycee.classe_du_banc()
    eleves = list(classe.situations.earliest("pk").eleves())
    detaillees = lycee.detaillees_de(classe)[: PAR_SITUATION * COLONNES]
    for rang in range(taille.enseignants):
        compte = lycee.compte(f"charge-{rang}", classe.etablissement)
        classe.equipe.add(compte)
        place = rang % PAR_SITUATION
        if place == 0:
            situation = lycee.situation_vierge(classe, compte, detaillees)
            Situation.objects.filter(pk=situation.pk).update(intitule="Charge")
        colonnes = detaillees[place * COLONNES : (place + 1) * COLONNES]
        temoins = (
            f"{settings.SESSION_COOKIE_NAME}={session_ouverte(compte)}; {settings.CSRF_COOKIE_NAME}={JETON}"
        )
        yield Enseignant(compte.pk, temoins, situation.pk, cases(colonnes, eleves))


def _perdues(enseignant: Enseignant) -> int:
    """Cases dont la base ne porte pas ce que le serveur a dit enregistré."""
    portees = Observation.objects.filter(situation=enseignant.situation, niveau__isnull=False)
    presentes = {
        f"d{d}-{e}": code for d, e, code in portees.values_list("detaillee", "eleve", "niveau__code")
    }
    return len(set(enseignant.montre.items()) - set(presentes.items()))


def _ecrites() -> int:
    """Écritures en base : chaque changement laisse une trace dans l’historique, et une opération."""
    traces = Observation.history.filter(situation__intitule="Charge").count()
    operations = Operation.objects.filter(situation__intitule="Charge", ecrite=True).count()
    return max(traces, operations)
