"""Adresses du référentiel."""

from django.urls import path

from referentiel import views

app_name = "referentiel"
urlpatterns = [
    path("referentiels/", views.liste, name="liste"),
    path("referentiels/importer/", views.deposer, name="importer"),
    path("referentiels/importer/confirmer/", views.confirmer, name="importer-confirmer"),
    path("referentiels/<int:pk>/fichier.json", views.exporter, name="exporter"),
    path("referentiels/<int:pk>/<str:option>/", views.detail, name="detail"),
    path("referentiels/<int:pk>/<str:option>/matrice/", views.matrice, name="matrice"),
    path("referentiels/<int:pk>/<str:option>/poids/", views.poids, name="poids"),
    path("referentiels/<int:pk>/<str:option>/identite/", views.identite, name="identite"),
]
