"""Entrer : le mot de passe, puis le second facteur de qui en a un."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, perform_password_login
from allauth.account.models import Login
from allauth.account.signals import password_changed
from django.contrib.auth import views as auth
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse

SECOND, MOT_DE_PASSE = "mfa", "password"


class Connexion(auth.LoginView):
    """Le formulaire de Django, que django-axes surveille ; la suite est celle de django-allauth."""

    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        compte: Any = form.get_user()
        entree = Login(user=compte, redirect_url=self.get_success_url())
        return perform_password_login(self.request, {"username": compte.username}, entree)


class ChangementDeMotDePasse(auth.PasswordChangeView):
    """Les autres sessions se ferment ; celle-ci continue, et reste listée."""

    def form_valid(self, form: Any) -> HttpResponse:
        reponse = super().form_valid(form)
        password_changed.send(sender=type(form.user), request=self.request, user=form.user)
        return reponse


def venu_par(request: HttpRequest) -> set[str]:
    """Les preuves données dans cette session : mot de passe, second facteur, annuaire. Aucune requête."""
    return {un["method"] for un in get_authentication_records(request, request.user)}
