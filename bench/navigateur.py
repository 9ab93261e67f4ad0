"""Demande des pages à l’application, dans le processus : WSGI complet, sans réseau ni serveur.

Contrairement au client de test de Django, les signaux de début et de fin de requête sont émis :
les connexions à la base se ferment ou durent comme en service, et le CSRF est vérifié.
"""

import gzip
import json
import sys
import uuid
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.conf import settings
from django.test import Client

from trpm.wsgi import application

JETON = "b" * 32
MAGIE_GZIP = b"\x1f\x8b"


def session_ouverte(compte: Any) -> str:
    """Clé d’une nouvelle session de ce compte."""
    client = Client()
    client.force_login(compte)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@dataclass(frozen=True)
class Reponse:
    statut: int
    contenu: bytes
    """Ce qui est envoyé : compressé, si la réponse l’est."""
    etiquette: str = ""

    @property
    def corps(self) -> str:
        compresse = self.contenu.startswith(MAGIE_GZIP)
        return (gzip.decompress(self.contenu) if compresse else self.contenu).decode()


class ReponseInattendue(Exception):
    """La page n’a pas répondu ce que le banc attend : la mesurer n’aurait pas de sens."""


class Navigateur:
    def __init__(self, session: str) -> None:
        self.application = application
        temoins = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: JETON}
        self.environ = {
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "QUERY_STRING": "",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": "; ".join(f"{nom}={valeur}" for nom, valeur in temoins.items()),
            "HTTP_X_CSRFTOKEN": JETON,
            "HTTP_ACCEPT_ENCODING": "gzip",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }

    def lire(self, chemin: str, **entetes: str) -> Reponse:
        lieu, _, question = chemin.partition("?")
        demande = {"REQUEST_METHOD": "GET", "PATH_INFO": lieu, "QUERY_STRING": question}
        return self._demander({**demande, **entetes}, b"")

    def envoyer(self, chemin: str, personne: int, *operations: dict[str, str]) -> Reponse:
        """Envoi d’opérations, comme le fait la grille ; chacune reçoit un identifiant."""
        nommees = [{"id": str(uuid.uuid4()), **operation} for operation in operations]
        corps = json.dumps({"personne": personne, "operations": nommees}).encode()
        entetes = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": chemin,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(corps)),
        }
        return self._demander(entetes, corps)

    def _demander(self, entetes: dict[str, str], corps: bytes) -> Reponse:
        statuts: list[str] = []
        recus: dict[str, str] = {}

        def start_response(statut: str, entetes: list[tuple[str, str]], exc_info: Any = None) -> Any:
            statuts.append(statut)
            recus.update(entetes)

        environ = {**self.environ, **entetes, "wsgi.input": BytesIO(corps)}
        reponse = self.application(environ, start_response)
        contenu = b"".join(reponse)
        reponse.close()
        return Reponse(int(statuts[0].split()[0]), contenu, recus.get("ETag", ""))
