"""Adresses du référentiel."""

from django.urls import path

from referentiel.views import consultation, importation, journal

app_name = "referentiel"
urlpatterns = [
    path("referentiels/", consultation.liste, name="liste"),
    path("referentiels/importer/", importation.deposer, name="importer"),
    path("referentiels/importer/confirmer/", importation.confirmer, name="importer-confirmer"),
    path("referentiels/imports/", journal.imports, name="imports"),
    path("referentiels/imports/<int:pk>/", journal.detail, name="import"),
    path("referentiels/imports/<int:pk>/fichier.json", journal.fichier, name="import-fichier"),
    path("referentiels/imports/<int:pk>/revenir/", journal.revenir, name="import-revenir"),
    path("referentiels/<int:pk>/fichier.json", consultation.exporter, name="exporter"),
    path("referentiels/<int:pk>/<str:option>/", consultation.detail, name="detail"),
    path("referentiels/<int:pk>/<str:option>/matrice/", consultation.matrice, name="matrice"),
    path("referentiels/<int:pk>/<str:option>/poids/", consultation.poids, name="poids"),
    path("referentiels/<int:pk>/<str:option>/identite/", consultation.identite, name="identite"),
]
