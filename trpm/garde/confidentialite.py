"""Ce qui ne se garde ni ne s'écrit : les pages d'une personne, les secrets d'une adresse."""

import logging
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

# Ce que l'on cherche, qui peut être un nom ; le secret d'un tuteur, d'un jury, d'un calendrier, d'une
# invitation et d'un mot de passe à refaire ; et tout ce qui a l'allure d'un secret de 256 bits, où qu'il soit
# cité (référent, adresse échappée, message).
_SECRETS = re.compile(
    r"(?P<chemin>[?&]q=|(?:fiche|jury)/[0-9]+/|calendrier/|bienvenue/|mot-de-passe/nouveau/[^/\s]+/)[^/&\s\"'<>?#]+|(?<![\w-])[\w-]{43}(?![\w-])",
    re.ASCII | re.IGNORECASE,
)
ADRESSE_SECRETE = re.compile(r"/(?:(?:fiche|jury)/[0-9]+/|calendrier/[^/]+\.ics)", re.ASCII)


def masque(texte: str) -> str:
    return _SECRETS.sub(lambda lu: f"{lu['chemin'] or ''}[secret]", texte)


class SansSecret(logging.Filter):
    """Récrit un message et sa trace avant tout journal ; ne retient rien."""

    _trace = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            record.msg, record.args = masque(record.getMessage()), ()
        except (TypeError, ValueError):
            record.msg, record.args = masque(str(record.msg)), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = self._trace.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = masque(record.exc_text)
        return True


def taire_les_secrets(*noms: str) -> None:
    """Pour les journaux que ces réglages ne tiennent pas : ceux du serveur d'application."""
    for nom in noms:
        logging.getLogger(nom).addFilter(SansSecret())


class PagesPriveesMiddleware:
    """Une page qui dépend d'une session ne se garde nulle part ; celle qu’ouvre un secret non plus."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        reponse = self.get_response(request)
        if "Cookie" in reponse.get("Vary", "") or reponse.status_code >= 400:
            reponse.headers.setdefault("Cache-Control", "private, no-store")
        if ADRESSE_SECRETE.match(request.path_info):
            reponse["Cache-Control"] = "private, no-store"
            reponse["Referrer-Policy"] = "no-referrer"
            reponse["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return reponse
