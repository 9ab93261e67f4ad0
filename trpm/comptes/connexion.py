"""Entrer : le mot de passe, puis le second facteur de qui en a un."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, perform_password_login
from allauth.account.models import Login
from allauth.account.signals import password_changed
from allauth.account.views import ReauthenticateView
from django.conf import settings
from django.contrib.auth import views as auth
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse

SECOND, MOT_DE_PASSE, ANNUAIRE = "mfa", "password", "annuaire"
SORTIE = "annuaire-sortie"


class Connexion(auth.LoginView):
    """Le formulaire de Django, que django-axes surveille ; la suite est celle de django-allauth."""

    redirect_authenticated_user = True

    def get_context_data(self, **contexte: Any) -> dict[str, Any]:
        return super().get_context_data(annuaires=annuaires(), **contexte)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        compte: Any = form.get_user()
        entree = Login(user=compte, redirect_url=self.get_success_url())
        return perform_password_login(self.request, {"username": compte.username}, entree)


class Redire(ReauthenticateView):
    """Redire qui l'on est : par son mot de passe, ou par l'annuaire d'où l'on vient."""

    template_name = "comptes/redire.html"

    def get_context_data(self, **contexte: Any) -> dict[str, Any]:
        venus = annuaires() if ANNUAIRE in venu_par(self.request) else []
        return super().get_context_data(annuaires=venus, **contexte)


class ChangementDeMotDePasse(auth.PasswordChangeView):
    """Les autres sessions se ferment ; celle-ci continue, et reste listée."""

    def form_valid(self, form: Any) -> HttpResponse:
        reponse = super().form_valid(form)
        password_changed.send(sender=type(form.user), request=self.request, user=form.user)
        return reponse


def annuaires() -> list[tuple[str, str]]:
    """Les annuaires allumés : le nom de leur adresse, et comment les nommer."""
    allumes = {"connexion-ent": settings.CAS_SERVEUR, "connexion-oidc": settings.OIDC_EMETTEUR}
    noms = {"connexion-ent": settings.CAS_NOM, "connexion-oidc": settings.OIDC_NOM}
    return [(adresse, noms[adresse]) for adresse, serveur in allumes.items() if serveur]


def venu_par(request: HttpRequest) -> set[str]:
    """Les preuves données dans cette session : mot de passe, second facteur, annuaire. Aucune requête."""
    return {un["method"] for un in get_authentication_records(request, request.user)}
