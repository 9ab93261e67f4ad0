"""Un serveur CAS 3.0, assez pour éprouver le protocole : tickets d'un seul usage, liés à leur service."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

ENTETE = '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">'


class Muet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None: ...


@dataclass
class ServeurCas:
    """`personne` est qui vient de s'y connecter ; `reponse` remplace ce que dit la vérification."""

    adresse: str = ""
    personne: str = "ent-42"
    attributs: dict[str, list[str]] = field(default_factory=dict)
    reponse: bytes | None = None
    tickets: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    demandes: list[str] = field(default_factory=list)
    numeros: Iterator[int] = field(default_factory=count)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        chemin, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        self.demandes.append(f"{chemin}?{query}")
        lus = {nom: valeurs[0] for nom, valeurs in parse_qs(query).items()}
        if chemin == "/cas/login":
            ticket = f"ST-{next(self.numeros)}-secret"
            self.tickets[ticket] = (lus["service"], self.personne, lus.get("renew") == "true")
            retour = f"{lus['service']}?{urlencode({'ticket': ticket})}"
            start_response("302 Found", [("Location", retour)])
            return [b""]
        if chemin == "/cas/p3/serviceValidate":
            start_response("200 OK", [("Content-Type", "application/xml; charset=utf-8")])
            return [self.reponse if self.reponse is not None else self._verification(lus)]
        start_response("200 OK" if chemin == "/cas/logout" else "404 Not Found", [])
        return [b""]

    def _verification(self, lus: dict[str, str]) -> bytes:
        service, personne, de_nouveau = self.tickets.pop(lus["ticket"], ("", "", False))
        if service != lus["service"] or (lus.get("renew") and not de_nouveau):
            faute = '<cas:authenticationFailure code="INVALID_TICKET">non</cas:authenticationFailure>'
            return f"{ENTETE}{faute}</cas:serviceResponse>".encode()
        dits = "".join(
            f"<cas:{nom}>{une}</cas:{nom}>" for nom, toutes in self.attributs.items() for une in toutes
        )
        return (
            f"{ENTETE}<cas:authenticationSuccess><cas:user>{personne}</cas:user>"
            f"<cas:attributes>{dits}</cas:attributes></cas:authenticationSuccess></cas:serviceResponse>"
        ).encode()


@contextmanager
def serveur_cas() -> Iterator[ServeurCas]:
    serveur = ServeurCas()
    with make_server("127.0.0.1", 0, serveur, handler_class=Muet) as http:
        serveur.adresse = f"http://127.0.0.1:{http.server_port}/cas/"
        fil = Thread(target=http.serve_forever, daemon=True)
        fil.start()
        yield serveur
        http.shutdown()
        fil.join()
