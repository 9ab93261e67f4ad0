"""Adresses du site, et celle de la vue connectée la plus simple : session, compte, deux lettres.

L'étalon reste celui du premier relevé : Django y récrivait les requêtes de la session et du compte, que
l'application garde depuis traduites (`trpm/comptes/session.py`). Il les récrit encore, sans les exécuter.
"""

from django.contrib.sessions.models import Session
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone

from livret.models import Utilisateur
from trpm.acces import connecte


@connecte
def vue_simple(request: HttpRequest) -> HttpResponse:
    session = Session.objects.filter(session_key="banc", expire_date__gt=timezone.now())
    for lue in (session, Utilisateur.objects.filter(pk=request.user.pk)):
        lue[:21].query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


urlpatterns = [
    path("banc/vue-simple/", vue_simple, name="banc-vue-simple"),
    path("", include("trpm.urls")),
]
