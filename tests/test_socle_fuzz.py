"""Aucune valeur ne fait tomber une page : chaque adresse et chaque formulaire, par rôle, avec ce qui fâche.

Le tirage part d’une graine fixe et compte un nombre fixe de demandes ; `make fuzz` les joue toutes, plusieurs
fois (FUZZ=nombre de tours, FUZZ_GRAINE=première graine).
"""

import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.monde import Monde
from tests.test_droits import ROLES, TABLE, Adresse
from trpm.permissions import Role

TOURS = int(os.environ.get("FUZZ", "0"))
GRAINE = int(os.environ.get("FUZZ_GRAINE", "2026"))
PAGES = 60
FORMULAIRE = "application/x-www-form-urlencoded"
FACHEUX = [
    "\0",
    "avant\0après",
    "²",
    "٣",
    "9" * 18,
    "9" * 20,
    "9" * 5000,
    "-9223372036854775809",
    "32767",
    "0",
    "-1",
    "1e400",
    "NaN",
    "9999-12-31",
    "0001-01-01",
    "31/12/9999",
    "\ud800",
    "\ufffe\uffff",
    "\x07\x1b[31m\x85",
    "nom\r\nBcc: x@example.fr",
    "e\u0301lève",
    "\u202eesrever",
    "👩‍🔧",
    "=1+1",
    "[" * 3000,
    "{}",
    "x" * 20_000,
]
PARAMETRES = ["q", "page", "classe", "eleve", "situation", "poste", "tour", "semestre", "version", "demande"]
PARAMETRES += ["modele", "case", "detaillee", "semaine", "voix", "voir", "e", "next", "suite", "session"]
CORPS = [
    ("application/json", b"[" * 200_000),
    ("application/json", b'{"personne": 1, "operations": ' + b"[" * 100_000),
    ("application/json", b'{"a": "\\ud800"}'),
    ("application/json", b"\xff\xfe{\x00"),
    ("application/json", b'{"personne": ' + b"9" * 5000 + b', "operations": [{}]}'),
    (f"{FORMULAIRE}; charset=utf-16", "nom=é".encode("utf-16")),
    (f"{FORMULAIRE}; charset=idna", b"nom=a"),
    (
        "multipart/form-data; boundary=x; charset=utf-16",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n',
    ),
    ("multipart/form-data", b"--"),
]
PUBLIQUES = [
    "/connexion/",
    "/mot-de-passe/oublie/",
    "/mot-de-passe/nouveau/MQ/abc-def/",
    "/fiche/",
    "/fiche/1/secret/",
    "/verification/inconnu/",
    "/sante/",
]


@dataclass
class Formulaire:
    action: str
    champs: dict[str, list[str]] = field(default_factory=dict)


class Formulaires(HTMLParser):
    """Les formulaires envoyés d’une page, et les valeurs que leurs champs offrent."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.lus: list[Formulaire] = []
        self._dans: Formulaire | None = None
        self._liste = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributs: list[tuple[str, str | None]]) -> None:
        lus = {nom: valeur or "" for nom, valeur in attributs}
        if tag == "form":
            self._dans = Formulaire(lus.get("action", ""))
            if lus.get("method", "").lower() == "post":
                self.lus.append(self._dans)
        if self._dans is None:
            return
        if tag in ("input", "textarea", "select", "button") and lus.get("name"):
            self._liste = lus["name"]
            self._dans.champs.setdefault(lus["name"], []).append(lus.get("value", ""))
        elif tag == "option" and self._liste:
            self._dans.champs[self._liste].append(lus.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._dans = None


class Banc:
    """Joue des demandes, chacune défaite ensuite ; retient celles auxquelles le site ne sait que dire."""

    def __init__(self, graine: int) -> None:
        self.hasard = random.Random(graine)
        self.pannes: list[str] = []
        self.jouees = 0

    def jouer(self, client: Client, methode: str, adresse: str, corps: bytes = b"", nature: str = FORMULAIRE):
        chemin, _, parametres = adresse.partition("?")
        with transaction.atomic():
            recue: HttpResponse = client.generic(
                methode, chemin, corps, content_type=nature, QUERY_STRING=parametres
            )
            page = recue.content.decode(errors="replace") if not recue.streaming else ""
            transaction.set_rollback(True)
        self.jouees += 1
        if recue.status_code >= 500:
            faute = getattr(recue, "exc_info", None)
            self.pannes.append(f"{methode} {adresse[:200]} {corps[:300]!r} : {faute and faute[1]!r:.200}")
        return recue, page

    def visiter(self, client: Client, adresse: str, lisible: bool = True) -> None:
        if lisible:
            recue, page = self.jouer(client, "GET", adresse)
            if "html" in recue.get("Content-Type", "") and recue.status_code == 200:
                for formulaire in Formulaires(page).lus:
                    self.remplir(client, adresse, formulaire)
        else:
            self.jouer(client, "POST", adresse, self.encode({un: self.facheux() for un in PARAMETRES}))
        nature, corps = self.hasard.choice(CORPS)
        self.jouer(client, "POST", adresse, corps, nature)
        self.jouer(
            client, "GET", f"{adresse}?{self.encode({un: self.facheux() for un in PARAMETRES}).decode()}"
        )
        for autre in self.adresses_impossibles(adresse):
            self.jouer(client, "GET" if lisible else "POST", autre)

    def remplir(self, client: Client, page: str, formulaire: Formulaire) -> None:
        action = urlsplit(formulaire.action)
        adresse = action.path or page.partition("?")[0]
        if adresse == reverse("deconnexion"):
            return
        for part in (1.0, 0.1):
            valeurs = {
                nom: self.facheux() if self.hasard.random() < part else self.hasard.choice(offertes)
                for nom, offertes in formulaire.champs.items()
            }
            self.jouer(client, "POST", f"{adresse}?{action.query}", self.encode(valeurs))

    def facheux(self) -> str:
        return self.hasard.choice(FACHEUX)

    def encode(self, valeurs: dict[str, str]) -> bytes:
        return urlencode(valeurs, errors="surrogatepass").encode()

    def adresses_impossibles(self, adresse: str) -> Iterator[str]:
        nombre = self.hasard.choice(["9" * 19, "9" * 20, "9" * 5000, "0", "32768", str(2**63)])
        if (neuve := re.sub(r"\d+", nombre, adresse)) != adresse:
            yield neuve
        dernier = self.hasard.choice(["\0", "\ufffe", "²", "\x1b"])
        yield re.sub(r"[^/]+/?$", f"{dernier}/", adresse)


OUVERTES: list[tuple[Adresse | str, Role | None]] = [(adresse, None) for adresse in PUBLIQUES]
RESERVEES: list[tuple[Adresse | str, Role | None]] = [
    (une, role) for une in TABLE for role in ROLES if une.attendues[role] != 403 or role == Role.ELEVE
]


def parcourir(monde: Monde, banc: Banc, choisies: list[tuple[Adresse | str, Role | None]]) -> None:
    for adresse, role in choisies:
        with transaction.atomic():
            client = Client(raise_request_exception=False)
            if role:
                client.force_login(monde.a.comptes[role])
            if isinstance(adresse, str):
                banc.visiter(client, adresse)
            else:
                arguments = adresse.arguments(monde.a) if adresse.arguments else []
                banc.visiter(client, reverse(adresse.nom, args=arguments), adresse.methode == "get")
            transaction.set_rollback(True)


@pytest.fixture
def monde(monde_du_fichier: Monde, db: None) -> Monde:
    return monde_du_fichier


@pytest.mark.long
def test_aucune_valeur_ne_fait_tomber_une_page(monde: Monde) -> None:
    banc = Banc(GRAINE)
    parcourir(monde, banc, OUVERTES + banc.hasard.sample(RESERVEES, PAGES))
    assert banc.pannes == []
    assert banc.jouees > 4 * PAGES


@pytest.mark.skipif(not TOURS, reason="le parcours entier se joue par « make fuzz »")
@pytest.mark.parametrize("tour", range(TOURS))
def test_parcours_entier(monde: Monde, tour: int) -> None:
    banc = Banc(GRAINE + tour)
    parcourir(monde, banc, OUVERTES + RESERVEES)
    print(f"graine {GRAINE + tour} : {banc.jouees} demandes")
    assert banc.pannes == []
