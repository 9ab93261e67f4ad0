"""Plusieurs enseignants saisissent à la fois : combien d’écritures, combien de refus de la base."""

import logging
import multiprocessing
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from threading import Barrier
from typing import Any

from django.core.signals import got_request_exception
from django.db import connections
from django.urls import reverse

from bench import lycee
from bench.navigateur import Navigateur, session_ouverte
from bench.tailles import Taille
from livret.models import Observation

VERROUILLEE = "database is locked"
PATIENCE = 120


ENREGISTREE = '"resultat": "enregistre"'


@dataclass(frozen=True)
class Mission:
    """Ce qu’un enseignant a à saisir : sa situation, ses cases."""

    session: str
    auteur: int
    situation: int
    adresse: str
    cases: tuple[str, ...]
    nombre: int


@dataclass(frozen=True)
class Rendu:
    debut: float
    fin: float
    enregistrees: int
    verrouillees: int
    autres: tuple[str, ...]
    attendu: dict[str, str]


depart: Barrier


def mesurer(taille: Taille) -> dict[str, Any]:
    missions = _missions(taille)
    connections.close_all()
    contexte = multiprocessing.get_context("fork")
    barriere = contexte.Barrier(len(missions))
    with ProcessPoolExecutor(
        len(missions), mp_context=contexte, initializer=_attendre_a, initargs=(barriere,)
    ) as equipe:
        rendus = list(equipe.map(_saisir, missions))
    secondes = max(rendu.fin for rendu in rendus) - min(rendu.debut for rendu in rendus)
    enregistrees = sum(rendu.enregistrees for rendu in rendus)
    return {
        "demandees": len(missions) * taille.cases_par_ecrivain,
        "enregistrees": enregistrees,
        "verrouillees": sum(rendu.verrouillees for rendu in rendus),
        "autres": sorted({autre for rendu in rendus for autre in rendu.autres}),
        "perdues": sum(map(_ecarts, missions, rendus)),
        "secondes": secondes,
        "par_seconde": enregistrees / secondes,
    }


def _missions(taille: Taille) -> list[Mission]:
    """Un enseignant, une session et une situation vierge par écrivain."""
    classe = lycee.classe_du_banc()
    detaillees = lycee.detaillees_de(classe)[: taille.items]
    eleves = list(classe.scolarites.values_list("eleve_id", flat=True))
    cases = tuple(f"d{detaillee.pk}-{eleve}" for eleve in eleves for detaillee in detaillees)
    missions = []
    for rang in range(taille.ecrivains):
        auteur = lycee.compte(f"ecrivain-{rang}", classe.etablissement)
        classe.equipe.add(auteur)
        situation = lycee.situation_vierge(classe, auteur, detaillees)
        missions.append(
            Mission(
                session_ouverte(auteur),
                auteur.pk,
                situation.pk,
                reverse("livret:operations", args=[situation.pk]),
                cases,
                taille.cases_par_ecrivain,
            )
        )
    return missions


def _attendre_a(barriere: Barrier) -> None:
    global depart
    depart = barriere


def _saisir(mission: Mission) -> Rendu:
    """Envoie ses cases l’une après l’autre ; note ce qui devrait être en base."""
    fautes: list[str] = []

    def noter(sender: object, **details: object) -> None:
        fautes.append(str(sys.exception()))

    # Une écriture refusée se compte ; sa trace au journal noierait le relevé.
    logging.disable(logging.CRITICAL)
    got_request_exception.connect(noter, weak=False)
    navigateur = Navigateur(mission.session)
    attendu: dict[str, str] = {}
    enregistrees = 0
    depart.wait(PATIENCE)
    debut = time.monotonic()
    for case, texte in _gestes(mission):
        donnees = {"case": case, "texte": texte, "vu": attendu.get(case, "")}
        if ENREGISTREE in navigateur.envoyer(mission.adresse, mission.auteur, donnees).corps:
            attendu[case] = texte
            enregistrees += 1
    fin = time.monotonic()
    verrouillees = fautes.count(VERROUILLEE)
    autres = tuple(faute for faute in fautes if faute != VERROUILLEE)
    return Rendu(debut, fin, enregistrees, verrouillees, autres, attendu)


def _gestes(mission: Mission) -> Iterator[tuple[str, str]]:
    """Ses cases en boucle ; le niveau change à chaque passage, si bien que chaque envoi écrit."""
    tours = ((case, str(tour % 4)) for tour in cycle(range(4)) for case in mission.cases)
    return islice(tours, mission.nombre)


def _ecarts(mission: Mission, rendu: Rendu) -> int:
    """Cases dont la base ne porte pas ce que la page a dit enregistré."""
    presentes = {
        f"d{observation.detaillee_id}-{observation.eleve_id}": observation.niveau.code
        for observation in Observation.objects.filter(
            situation=mission.situation, niveau__isnull=False
        ).select_related("niveau")
        if observation.niveau
    }
    return len(set(rendu.attendu.items()) - set(presentes.items()))
