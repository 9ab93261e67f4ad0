"""Adresses du site, et celle de la vue connectée la plus simple : session, compte, deux lettres."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from trpm.acces import connecte


@connecte
def vue_simple(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


urlpatterns = [
    path("banc/vue-simple/", vue_simple, name="banc-vue-simple"),
    path("", include("trpm.urls")),
]
