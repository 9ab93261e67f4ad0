"""Ne pas refaire une page de classe que le navigateur a déjà, si rien de ce qu'elle montre n'a changé.

L'étiquette scelle tout ce dont la page dépend : la révision de la classe, qui regarde et ses rôles,
l'adresse demandée, le jeton de sa session, la demi-heure (donc le jour, sous tous les fuseaux), la version du
code et ce que l'installation dit d'elle. Elle ne se donne qu'avec une page permise et ne se contrefait pas :
la présenter, rien n'ayant changé, prouve que la page l'est encore. Une réponse 304 n'écrit rien de plus au
journal que la page, qui n'y écrit rien : lire une classe ne se note pas.

Le corps, lui, ne se garde pas sur le serveur : il porte un jeton et un numéro d'envoi tirés à chaque réponse.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.crypto import salted_hmac

from livret.classe.revision import revision_de_classe
from livret.personnes.requete import Requete

SEL = "livret.classe.condition"
CODE = ("certification", "livret", "referentiel", "static", "templates", "trpm")
DUREE = 1800


def etiquette(request: Requete, classe: int) -> str:
    """À prendre avant de lire la page ; vide si elle ne se redemande pas : un message attend d'être lu, ou ce
    n'est pas une lecture. Une requête."""
    jeton = request.META.get("CSRF_COOKIE")
    if request.method not in ("GET", "HEAD") or not jeton or len(get_messages(request)):
        return ""
    parts = (
        revision_de_classe(classe),
        request.user.vu_par_les_pages,
        request.get_full_path(),
        jeton,
        int(timezone.now().timestamp() // DUREE),
        version_du_code(),
    )
    return f'W/"{salted_hmac(SEL, repr(parts), algorithm="sha256").hexdigest()[:32]}"'


def etiquetee(reponse: HttpResponse, marque: str) -> HttpResponse:
    """La page, que son navigateur seul peut garder, et qu'il redemandera chaque fois."""
    if marque and reponse.status_code in (200, 304):
        reponse["ETag"] = marque
        reponse["Cache-Control"] = "private, no-cache"
    return reponse


def inchangee(request: Requete, marque: str) -> HttpResponse | None:
    """La réponse 304, si le navigateur présente cette étiquette."""
    reponse: HttpResponseBase | None = get_conditional_response(request, etag=marque) if marque else None
    return etiquetee(reponse, marque) if isinstance(reponse, HttpResponse) else None


@cache
def version_du_code() -> str:
    """Condensé des dates du code, des gabarits, des fichiers servis, et des réglages que la page montre."""
    fichiers = sorted(un for nom in CODE for un in (settings.BASE_DIR / nom).rglob("*") if un.is_file())
    manifeste = Path(settings.STATIC_ROOT) / "staticfiles.json"
    poses = [*fichiers, settings.BASE_DIR / "requirements.txt", *([manifeste] if manifeste.exists() else [])]
    etats = [(str(un), un.stat().st_size, un.stat().st_mtime_ns) for un in poses if un.suffix != ".pyc"]
    dits = (settings.NOM_DU_PRODUIT, settings.ADRESSE_DU_CODE, settings.STATIC_URL)
    return sha256(repr((etats, dits)).encode()).hexdigest()
