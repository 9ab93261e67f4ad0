"""Adresses du site ; celles du métier sont dans les applications."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, reverse_lazy
from django.views.decorators.cache import never_cache

from trpm import accueil
from trpm.acces import connecte, public


@public
@never_cache
def sante(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@public
@never_cache
def service_worker(request: HttpRequest) -> HttpResponse:
    """Servi à la racine, car un tel service ne régit que les adresses placées sous la sienne."""
    return render(request, "service-worker.js", content_type="text/javascript; charset=utf-8")


mot_de_passe = [
    path(
        "",
        connecte(
            auth.PasswordChangeView.as_view(
                template_name="registration/mot_de_passe.html",
                success_url=reverse_lazy("mot-de-passe-change"),
            )
        ),
        name="mot-de-passe",
    ),
    path(
        "change/",
        connecte(auth.PasswordChangeDoneView.as_view(template_name="registration/mot_de_passe_change.html")),
        name="mot-de-passe-change",
    ),
    path(
        "oublie/",
        public(
            auth.PasswordResetView.as_view(
                template_name="registration/mot_de_passe_oublie.html",
                email_template_name="registration/mot_de_passe_courriel.txt",
                subject_template_name="registration/mot_de_passe_objet.txt",
                success_url=reverse_lazy("mot-de-passe-envoye"),
            )
        ),
        name="mot-de-passe-oublie",
    ),
    path(
        "oublie/envoye/",
        public(auth.PasswordResetDoneView.as_view(template_name="registration/mot_de_passe_envoye.html")),
        name="mot-de-passe-envoye",
    ),
    path(
        "nouveau/<uidb64>/<token>/",
        public(
            auth.PasswordResetConfirmView.as_view(
                template_name="registration/mot_de_passe_nouveau.html",
                success_url=reverse_lazy("connexion"),
            )
        ),
        name="mot-de-passe-nouveau",
    ),
]

urlpatterns = [
    path("", accueil.accueil, name="accueil"),
    path("connexion/", public(auth.LoginView.as_view(redirect_authenticated_user=True)), name="connexion"),
    path("deconnexion/", public(auth.LogoutView.as_view()), name="deconnexion"),
    path("mot-de-passe/", include(mot_de_passe)),
    path("sante/", sante, name="sante"),
    path("service-worker.js", service_worker, name="service-worker"),
    path("admin-technique/", admin.site.urls),
    path("", include("referentiel.urls")),
    path("", include("livret.urls")),
    path("", include("certification.urls")),
]
