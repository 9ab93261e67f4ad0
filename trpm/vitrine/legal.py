"""Les pages que la loi demande à tout site public, remplies par les réglages de l'exploitant.

Sources : loi n° 2004-575 du 21 juin 2004 (mentions), règlement (UE) 2016/679 (données personnelles),
loi n° 2005-102 du 11 février 2005, article 47 (accessibilité). Rien n'y est affirmé d'une installation que
son exploitant n'ait écrit : un réglage vide se dit.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from trpm.acces import public
from trpm.conservation.regles import regles


@public
@require_safe
def mentions(request: HttpRequest) -> HttpResponse:
    return render(request, "vitrine/mentions.html", {"dit": settings.MENTIONS})


@public
@require_safe
def donnees(request: HttpRequest) -> HttpResponse:
    return render(
        request, "vitrine/donnees.html", {"dit": settings.MENTIONS, "durees": regles().durees.values()}
    )


@public
@require_safe
def accessibilite(request: HttpRequest) -> HttpResponse:
    return render(request, "vitrine/accessibilite.html", {"dit": settings.MENTIONS})
