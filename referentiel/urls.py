"""Adresses du référentiel."""

from django.urls import path

from referentiel.views import case, consultation, edition, importation, journal

app_name = "referentiel"
urlpatterns = [
    path("referentiels/", consultation.liste, name="liste"),
    path("referentiels/importer/", importation.deposer, name="importer"),
    path("referentiels/importer/confirmer/", importation.confirmer, name="importer-confirmer"),
    path("referentiels/catalogue/<slug:nom>/", importation.choisir, name="choisir"),
    path("referentiels/modele.xlsx", consultation.modele, name="modele"),
    path("referentiels/imports/", journal.imports, name="imports"),
    path("referentiels/imports/<int:pk>/", journal.detail, name="import"),
    path("referentiels/imports/<int:pk>/fichier.json", journal.fichier, name="import-fichier"),
    path("referentiels/imports/<int:pk>/revenir/", journal.revenir, name="import-revenir"),
    path("referentiels/<int:pk>/fichier.json", consultation.exporter, name="exporter"),
    path("referentiels/<int:pk>/moodle.csv", consultation.exporter_moodle, name="exporter-moodle"),
    path("referentiels/<int:pk>/competences/<str:code>/", consultation.appui, name="appui"),
    path("referentiels/<int:pk>/fichier.xlsx", consultation.exporter_classeur, name="exporter-classeur"),
    path("referentiels/<int:pk>/modifier/", edition.sommaire, name="modifier"),
    path("referentiels/<int:pk>/modifier/diplome/", edition.diplome, name="modifier-diplome"),
    path("referentiels/<int:pk>/modifier/grille/", edition.composer, name="composer"),
    path("referentiels/<int:pk>/modifier/notions/<str:notion>/", edition.modifier, name="modifier-notion"),
    path("referentiels/<int:pk>/<str:option>/", consultation.detail, name="detail"),
    path("referentiels/<int:pk>/<str:option>/matrice/", consultation.matrice, name="matrice"),
    path("referentiels/<int:pk>/<str:option>/poids/", consultation.poids, name="poids"),
    path("referentiels/<int:pk>/<str:option>/identite/", consultation.identite, name="identite"),
    path("ims/case/v1p1/CFDocuments", case.documents, name="case-documents"),
    path("ims/case/v1p1/CFDocuments/<str:identifiant>", case.document, name="case-document"),
    path("ims/case/v1p1/CFPackages/<str:identifiant>", case.paquet, name="case-paquet"),
    path("ims/case/v1p1/CFItems/<str:identifiant>", case.element, name="case-element"),
    path("ims/case/v1p1/CFAssociations/<str:identifiant>", case.association, name="case-association"),
    path("ims/case/v1p1/CFItemAssociations/<str:identifiant>", case.associations, name="case-associations"),
    path("ims/case/v1p1/CFItemTypes/<str:identifiant>", case.type_d_element, name="case-type"),
]
