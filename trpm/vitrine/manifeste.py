"""Ce qui permet de poser le site sur l'écran d'un appareil."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from trpm.acces import public

TAILLES = (192, 512)
CLAIR, ACCENT = "#ffffff", "#1b4b82"


@public
@require_safe
def manifeste(request: HttpRequest) -> HttpResponse:
    """Nom, icônes et couleurs, sans rien de personne : le même pour tous."""
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
        "name": settings.NOM_DU_PRODUIT,
        "short_name": settings.NOM_DU_PRODUIT[:20],
        "lang": "fr",
        "id": reverse("accueil"),
        "start_url": reverse("accueil"),
        "scope": reverse("accueil"),
        "display": "standalone",
        "background_color": CLAIR,
        "theme_color": ACCENT,
        "icons": icones,
    }
    return JsonResponse(contenu, content_type="application/manifest+json")
