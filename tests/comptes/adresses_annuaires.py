"""Les adresses du site, les deux annuaires allumés."""

from django.urls import include, path

from trpm.urls import (
    handler400,
    handler403,
    handler404,
    handler429,
    handler500,
)
from trpm.urls import urlpatterns as du_site

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500"]

urlpatterns = [
    *du_site,
    path("", include("trpm.comptes.annuaires.cas")),
    path("", include("trpm.comptes.annuaires.oidc")),
]
