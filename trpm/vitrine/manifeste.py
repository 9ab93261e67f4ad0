"""Ce qui permet de poser le site sur l'écran d'un appareil ; et la couleur qu'il y prend."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from trpm.acces import public
from trpm.base.couleurs import ACCENT, feuille, palette

TAILLES = (192, 512)
CLAIR = "#ffffff"


@public
@require_safe
def manifeste(request: HttpRequest) -> HttpResponse:
    """Nom, icônes et couleurs : ceux de l'établissement de qui le demande, à défaut de l'installation."""
    maison = getattr(request.user, "maison", None)
    icones = [
        {
            "src": static(f"img/icone-{taille}.png"),
            "sizes": f"{taille}x{taille}",
            "type": "image/png",
            "purpose": "any maskable",
        }
        for taille in TAILLES
    ]
    contenu = {
        "name": f"{settings.NOM_DU_PRODUIT} · {maison.nom}" if maison else settings.NOM_DU_PRODUIT,
        "short_name": settings.NOM_DU_PRODUIT[:20],
        "lang": "fr",
        "id": reverse("accueil"),
        "start_url": reverse("accueil"),
        "scope": reverse("accueil"),
        "display": "standalone",
        "background_color": CLAIR,
        "theme_color": palette(maison.couleur if maison else ACCENT)["jour"]["--accent"],
        "icons": icones,
    }
    reponse = JsonResponse(contenu, content_type="application/manifest+json")
    patch_cache_control(reponse, private=True)
    return reponse


@public
@require_safe
def couleurs(request: HttpRequest, couleur: str) -> HttpResponse:
    """La feuille d'une couleur, qui ne dit rien d'autre ; elle ne change jamais."""
    if not re.fullmatch(r"[0-9a-f]{6}", couleur):
        raise Http404
    reponse = HttpResponse(feuille(f"#{couleur}"), content_type="text/css; charset=utf-8")
    patch_cache_control(reponse, public=True, max_age=31_536_000, immutable=True)
    return reponse
