"""Chaque page du site, une fois rendue, remise telle quelle à un navigateur, sans base derrière elle.

Rendre les pages par le client de Django laisse défaire ce que chacune demande de bâtir ; les remettre d'un
serveur de fichiers laisse le navigateur garder feuilles et scripts d'une page à l'autre.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from certification.models import AccesJury, Verification
from livret.classe.views.aide import PAGES as AIDE
from tests import factories
from tests.livret.tuteur.scene import accueil
from tests.monde import Ecole, Monde
from tests.test_droits import ROLES, TABLE, Adresse, Essai, Sessions, sans_suite, version_figee
from trpm.accueil.avis import jeton_d_arret
from trpm.comptes.bienvenue import lien_de_bienvenue
from trpm.permissions import Role

INVISIBLE = re.compile(r'<input type="hidden"[^>]*>|<section id="saisies-refusees".*?</section>')
"""Ce qui change d'une demande à l'autre, ou selon le rôle, et ne se voit pas."""
MOTS, NOMBRES = re.compile(r">[^<]*[^<\s][^<]*<"), re.compile(r"\d+")
SANS_PAGE = {
    *(f"referentiel:case-{un}" for un in ("association", "associations", "document", "documents")),
    *(f"referentiel:case-{un}" for un in ("element", "paquet", "type")),
    *("certification:jury-archive", "certification:jury-dossier", "certification:jury-grille"),
    *(
        "calendrier",
        "deconnexion",
        "livret:ouverture-restaurer",
        "livret:tuteur-fiche-pdf",
        "couleurs",
        "manifeste",
        "sante",
        "service-worker",
    ),
    *("mfa_authenticate", "mfa_login_webauthn"),  # entre deux étapes : test_comptes_navigateur
    "charte",  # en développement seulement : test_charte_navigateur la tient aux quatre tailles
}
"""Les adresses publiques qui ne rendent aucune page."""
ENVOYEES = {"avis-arreter"}
"""Une page qui s'envoie d'elle-même : on ne lit que ce qui en revient."""


@dataclass(frozen=True)
class PageServie:
    nom: str
    role: str
    chemin: str
    corps: bytes
    entete: bool = False
    """Personne n'a encore vu l'en-tête de ce rôle."""


def la_mienne(nom: str, *args: object) -> Callable[[Ecole], list[str]]:
    return lambda ecole: [reverse(nom, args=args)]


def _nouveau(ecole: Ecole) -> list[str]:
    """Le lien lu en premier change d'adresse ; le second, usé, dit quoi faire."""
    qui = urlsafe_base64_encode(force_bytes(ecole.enseignant.pk))
    jetons = (default_token_generator.make_token(ecole.enseignant), "use-1")
    return [reverse("mot-de-passe-nouveau", args=[qui, jeton]) for jeton in jetons]


def _bienvenue(ecole: Ecole) -> list[str]:
    neuf = factories.utilisateur(etablissement=ecole.etablissement, identifiant="neuf")
    neuf.set_unusable_password()
    neuf.save()
    return [lien_de_bienvenue(neuf, ""), reverse("bienvenue", args=["perdu"])]


def _jury(ecole: Ecole) -> list[str]:
    version_figee(ecole)
    maintenant = timezone.now()
    lien = AccesJury.creer(
        ecole.commission, "Mme Jury", ecole.president, maintenant, maintenant + timedelta(days=7)
    )
    return [reverse("certification:jury", args=[lien.acces.pk, cle]) for cle in (lien.jeton, "x" * 40)]


def _verifier(ecole: Ecole) -> list[str]:
    version_figee(ecole)
    page = reverse("certification:verifier", args=[Verification.objects.latest("pk").jeton])
    return [page, f"{page}?e={'0' * 16}", reverse("certification:verifier", args=["x" * 22])]


def _tuteur(ecole: Ecole) -> list[str]:
    lien = accueil(ecole).acces
    return [lien.chemin, reverse("livret:tuteur-fiche", args=[lien.lien.pk, "x" * 40])]


PAGES_PUBLIQUES: dict[str, Callable[[Ecole], list[str]]] = {
    **{nom: la_mienne(nom) for nom in ("accessibilite", "connexion", "donnees", "hors-ligne", "mentions")},
    **{nom: la_mienne(nom) for nom in ("mot-de-passe-oublie", "mot-de-passe-envoye", "livret:tuteur-code")},
    "account_login": la_mienne("account_login"),
    "avis-arreter": lambda ecole: [reverse("avis-arreter", args=[jeton_d_arret(ecole.enseignant)])],
    "bienvenue": _bienvenue,
    "certification:jury": _jury,
    "certification:verifier": _verifier,
    "livret:aide": lambda ecole: [reverse("livret:aide", args=[page]) for page in AIDE],
    "livret:ouverture-installation": la_mienne("livret:ouverture-installation"),
    "livret:tuteur-fiche": _tuteur,
    "mot-de-passe-nouveau": _nouveau,
}


def _page(reponse: HttpResponse) -> bytes:
    """Le corps d'une page entière ; rien d'un fragment, d'un PDF ou d'un classeur."""
    corps = reponse.getvalue() if "text/html" in reponse.headers.get("Content-Type", "") else b""
    return corps if b"<html" in corps else b""


def _charpente(html: str) -> str:
    """Éléments, classes, attributs : un autre nom au même endroit n'est pas une autre page."""
    return NOMBRES.sub("0", MOTS.sub(">·<", INVISIBLE.sub("", html)))


def pages_de(monde: Monde, sessions: Sessions, partie: str) -> Iterator[PageServie]:
    """Les pages d'une application, pour chaque rôle qui les ouvre et les voit autrement ; l'en-tête, qui
    dépend du rôle, se voit au moins une fois pour chacun."""
    entetes: set[Role] = set()
    with sans_suite():
        _remplir(monde.a)
        for adresse in TABLE:
            if adresse.methode == "get" and application(adresse.nom) == partie:
                yield from _par_role(monde, sessions, adresse, entetes)
    for nom, chemins in PAGES_PUBLIQUES.items():
        if application(nom) == partie:
            with sans_suite() as client:
                for chemin in chemins(monde.a):
                    reponse = client.post(chemin) if nom in ENVOYEES else client.get(chemin, follow=True)
                    assert _page(reponse), nom
                    yield PageServie(nom, "sans compte", chemin, _page(reponse))


def _remplir(ecole: Ecole) -> None:
    """De quoi remplir les pages que le monde des tests laisserait vides."""
    premier, second = ecole.eleves
    sequence = factories.sequence(ecole.classe, ecole.enseignant, evaluees=["C1.1"], detaillees=["C2.1"])
    sequence.situations.add(ecole.situation)
    factories.echelle_attendue(ecole.promotion, ecole.enseignant, {"C1": {1: 1, 6: 3}, "C2": {1: 3}})
    factories.autoevaluation(premier, "C1", 3)
    factories.demande(second, ecole.classe)
    factories.bilan(second, ecole.enseignant, "prepare")
    factories.trace_d_eleve(premier, ecole.compte_eleve, au_dossier=True)


def application(nom: str) -> str:
    return nom.rpartition(":")[0] or "trpm"


def _par_role(monde: Monde, sessions: Sessions, adresse: Adresse, entetes: set[Role]) -> Iterator[PageServie]:
    vues: set[str] = set()
    with sans_suite():
        essai = Essai.de(monde, sessions, adresse)
        for role in (un for un in ROLES if adresse.attendues[un] == 200):
            with sans_suite() as client:
                essai.entrer(client, monde.a.comptes[role])
                corps = _page(essai.demander(client, essai.ici))
            if not corps:
                return
            contenu = _charpente(corps.decode().partition("<main")[2])
            if contenu not in vues or role not in entetes:
                yield PageServie(adresse.nom, role, essai.ici, corps, role not in entetes)
            vues.add(contenu)
            entetes.add(role)


# --- Servir -----------------------------------------------------------------------------------


@cache
def _statique(chemin: str) -> tuple[bytes, str]:
    if chemin == AXE_SERVI:
        return Axe().axe_script.encode(), "text/javascript"
    lieu = finders.find(chemin.removeprefix(settings.STATIC_URL)) if "/static/" in chemin else None
    return (Path(lieu).read_bytes(), mimetypes.guess_type(lieu)[0] or "text/plain") if lieu else (b"", "")


AXE_SERVI = "/axe.js"
SCRIPT = f'<script src="{AXE_SERVI}"></script></body>'.encode()


class Serveur(ThreadingHTTPServer):
    """Une seule page à la fois, à son adresse, et les fichiers qu'elle demande."""

    page: PageServie | None = None

    def poser(self, page: PageServie) -> str:
        self.page = page
        return f"http://127.0.0.1:{self.server_port}{page.chemin}"


class Reponse(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Serveur

    def do_GET(self) -> None:
        page = self.server.page
        if page and self.path == page.chemin:
            self._rendre(page.corps.replace(b"</body>", SCRIPT), "text/html; charset=utf-8", "no-store")
        else:
            corps, nature = _statique(self.path.partition("?")[0])
            self._rendre(corps, nature, "max-age=600")

    def _rendre(self, corps: bytes, nature: str, garder: str) -> None:
        self.send_response(200 if nature else 404)
        for nom, valeur in (
            ("Content-Type", nature or "text/plain"),
            ("Content-Length", str(len(corps))),
            ("Cache-Control", garder),
        ):
            self.send_header(nom, valeur)
        self.end_headers()
        self.wfile.write(corps)

    def log_message(self, *_: object) -> None:
        """Rien."""


@contextmanager
def serveur() -> Iterator[Serveur]:
    with Serveur(("127.0.0.1", 0), Reponse) as ouvert:
        Thread(target=ouvert.serve_forever, daemon=True).start()
        yield ouvert
        ouvert.shutdown()
