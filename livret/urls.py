"""Adresses du livret : les pages pédagogiques, puis celles de l'administration de l'établissement."""

from django.urls import URLPattern, URLResolver, path

from livret.urls_administration import administration
from livret.views import classe, eleve, grille, situation

app_name = "livret"

pedagogie: list[URLPattern | URLResolver] = [
    path("classes/", classe.classes, name="classes"),
    path("classes/<int:pk>/", classe.classe, name="classe"),
    path("classes/<int:pk>/competences.xlsx", classe.classe_xlsx, name="classe-xlsx"),
    path("classes/<int:pk>/situations/nouvelle/", situation.situation_create, name="situation-create"),
    path("situations/<int:pk>/", situation.situation, name="situation"),
    path("situations/<int:pk>/modifier/", situation.situation_update, name="situation-update"),
    path("situations/<int:pk>/supprimer/", situation.situation_delete, name="situation-delete"),
    path("situations/<int:pk>/etat/", situation.situation_etat, name="situation-etat"),
    path("situations/<int:pk>/retenue/", situation.situation_retenue, name="situation-retenue"),
    path("situations/<int:pk>/grille/", grille.grille, name="grille"),
    path("situations/<int:pk>/operations/", grille.operations, name="operations"),
    path("eleves/<int:pk>/", eleve.eleve, name="eleve"),
    path("eleves/<int:pk>/livret.pdf", eleve.eleve_pdf, name="eleve-pdf"),
    path("mon-livret/", eleve.mon_livret, name="mon-livret"),
]

urlpatterns = [*pedagogie, *administration]
