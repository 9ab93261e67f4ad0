"""Adresses du livret : les pages pédagogiques, puis celles de l'administration de l'établissement."""

from django.urls import URLPattern, URLResolver

app_name = "livret"

pedagogie: list[URLPattern | URLResolver] = []

administration: list[URLPattern | URLResolver] = []

urlpatterns = [*pedagogie, *administration]
