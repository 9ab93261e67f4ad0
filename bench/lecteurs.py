"""Des lecteurs demandent tous ensemble la même page de classe à un vrai serveur, chacun dans sa session.

Ils vivent dans ce processus-ci, le serveur dans les siens ; chacun garde sa connexion et redemande dès qu’il
a sa page. Une seconde fois, si la page se date (`ETag`), ils disent ce qu’ils en ont déjà.
"""

import asyncio
import os
import time
from statistics import median, quantiles
from typing import Any

from django.conf import settings
from django.db import connections
from django.urls import reverse

from bench import lycee
from bench.navigateur import JETON, session_ouverte
from bench.processus import MO, memoire_partagee
from bench.serveur import Serveur, gunicorn, processus_conseilles
from bench.tailles import Taille
from livret.models import Utilisateur

Reponse = tuple[int, dict[str, str]]


def mesurer(taille: Taille) -> dict[str, Any]:
    adresse = reverse("livret:classe", args=[lycee.classe_du_banc().pk])
    auteur = Utilisateur.objects.get(username=lycee.ENSEIGNANT)
    sessions = [session_ouverte(auteur) for _ in range(taille.lecteurs)]
    connections.close_all()
    with gunicorn(os.environ, processus=taille.serveurs or processus_conseilles()) as serveur:
        _, entetes = asyncio.run(_lire_une_fois(serveur, adresse, sessions[0], ""))
        date = entetes.get("etag", "")
        lignes = [_lecture("page entière", serveur, adresse, sessions, taille, "")]
        if date:
            lignes.append(_lecture("page qui n’a pas changé", serveur, adresse, sessions, taille, date))
    return {"lignes": lignes}


def _lecture(
    quoi: str, serveur: Serveur, adresse: str, sessions: list[str], taille: Taille, date: str
) -> dict[str, Any]:
    debut = time.perf_counter()
    reponses = asyncio.run(_tous(serveur, adresse, sessions, taille.secondes_de_lecture, date))
    secondes, durees = time.perf_counter() - debut, [duree for _, duree in reponses]
    return {
        "quoi": quoi,
        "par_seconde": len(durees) / secondes,
        "mediane": median(durees),
        "p99": quantiles(durees, n=100)[-1],
        "autres": sum(statut != (304 if date else 200) for statut, _ in reponses),
        "memoire": memoire_partagee(serveur.pid) / MO,
    }


async def _tous(
    serveur: Serveur, adresse: str, sessions: list[str], secondes: float, date: str
) -> list[tuple[int, float]]:
    fin = time.monotonic() + secondes
    lectures = await asyncio.gather(*(_lecteur(serveur, adresse, un, fin, date) for un in sessions))
    return [reponse for lecture in lectures for reponse in lecture]


async def _lecteur(
    serveur: Serveur, adresse: str, session: str, fin: float, date: str
) -> list[tuple[int, float]]:
    """Au moins une lecture ; un serveur qui a fermé la connexion en rouvre une."""
    faites, flux = [], await asyncio.open_connection("127.0.0.1", serveur.port)
    while not faites or time.monotonic() < fin:
        debut = time.perf_counter()
        statut, entetes = await _demander(flux, adresse, session, date)
        faites.append((statut, time.perf_counter() - debut))
        if entetes.get("connection") == "close":
            flux[1].close()
            flux = await asyncio.open_connection("127.0.0.1", serveur.port)
    flux[1].close()
    return faites


async def _lire_une_fois(serveur: Serveur, adresse: str, session: str, date: str) -> Reponse:
    flux = await asyncio.open_connection("127.0.0.1", serveur.port)
    try:
        return await _demander(flux, adresse, session, date)
    finally:
        flux[1].close()


async def _demander(
    flux: tuple[asyncio.StreamReader, asyncio.StreamWriter], adresse: str, session: str, date: str
) -> Reponse:
    lire, ecrire = flux
    deja = f"If-None-Match: {date}\r\n" if date else ""
    temoins = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={JETON}"
    ecrire.write(
        f"GET {adresse} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n{deja}"
        f"Cookie: {temoins}\r\n\r\n".encode()
    )
    premiere, *autres = (await lire.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    entetes = {nom.lower(): valeur.strip() for nom, _, valeur in (un.partition(":") for un in autres)}
    await lire.readexactly(int(entetes.get("content-length", 0)))
    return int(premiere.split()[1]), entetes
