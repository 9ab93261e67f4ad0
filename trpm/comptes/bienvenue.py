"""Le lien d'une invitation : qui le reçoit choisit son mot de passe, une fois, dans les quinze jours."""

from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import SetPasswordForm
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.csrf import csrf_exempt

from trpm.acces import discret, public

SEL = "bienvenue"
DUREE = timedelta(days=15)


def lien_de_bienvenue(compte: Any, site: str) -> str:
    """L'adresse à remettre ; elle meurt dès que le mot de passe n'est plus celui d'aujourd'hui."""
    jeton = signing.dumps([compte.pk, _empreinte(compte)], salt=SEL)
    return site + reverse("bienvenue", args=[jeton])


def _empreinte(compte: Any) -> str:
    return salted_hmac(SEL, compte.password).hexdigest()[:20]


def _invite(jeton: str) -> Any:
    try:
        pk, empreinte = signing.loads(jeton, salt=SEL, max_age=DUREE)
    except (signing.BadSignature, ValueError):
        return None
    compte: Any = get_user_model().objects.filter(pk=pk, is_active=True, provisoire=True).first()
    return compte if compte and constant_time_compare(empreinte, _empreinte(compte)) else None


@public
@csrf_exempt  # sans provenance, un navigateur dit « Origin: null » ; le secret de l'adresse suffit
@discret
def bienvenue(request: HttpRequest, jeton: str) -> HttpResponse:
    compte = _invite(jeton)
    if compte is None:
        return render(request, "comptes/bienvenue_perdue.html", status=410)
    form = SetPasswordForm(compte, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        form.save()
        entree = Login(user=compte, redirect_url=reverse("accueil"))
        return perform_password_login(request, {"username": compte.username}, entree)
    return render(request, "comptes/bienvenue.html", {"form": form, "invite": compte})
