"""Adresses du référentiel."""

from django.urls import path

from referentiel.views import consultation, edition, importation, journal

app_name = "referentiel"
urlpatterns = [
    path("referentiels/", consultation.liste, name="liste"),
    path("referentiels/importer/", importation.deposer, name="importer"),
    path("referentiels/importer/confirmer/", importation.confirmer, name="importer-confirmer"),
    path("referentiels/modele.xlsx", consultation.modele, name="modele"),
    path("referentiels/imports/", journal.imports, name="imports"),
    path("referentiels/imports/<int:pk>/", journal.detail, name="import"),
    path("referentiels/imports/<int:pk>/fichier.json", journal.fichier, name="import-fichier"),
    path("referentiels/imports/<int:pk>/revenir/", journal.revenir, name="import-revenir"),
    path("referentiels/<int:pk>/fichier.json", consultation.exporter, name="exporter"),
    path("referentiels/<int:pk>/fichier.xlsx", consultation.exporter_classeur, name="exporter-classeur"),
    path("referentiels/<int:pk>/modifier/", edition.sommaire, name="modifier"),
    path("referentiels/<int:pk>/modifier/grille/", edition.composer, name="composer"),
    path("referentiels/<int:pk>/modifier/notions/<str:notion>/", edition.modifier, name="modifier-notion"),
    path("referentiels/<int:pk>/<str:option>/", consultation.detail, name="detail"),
    path("referentiels/<int:pk>/<str:option>/matrice/", consultation.matrice, name="matrice"),
    path("referentiels/<int:pk>/<str:option>/poids/", consultation.poids, name="poids"),
    path("referentiels/<int:pk>/<str:option>/identite/", consultation.identite, name="identite"),
]
