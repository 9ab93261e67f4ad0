"""Adresses du livret : les pages pédagogiques, puis celles de l'administration de l'établissement."""

from django.urls import URLPattern, URLResolver, path

from livret.urls_administration import administration
from livret.views import classe, eleve, grille, modele, piece, situation

app_name = "livret"

pedagogie: list[URLPattern | URLResolver] = [
    path("classes/", classe.classes, name="classes"),
    path("classes/<int:pk>/", classe.classe, name="classe"),
    path("classes/<int:pk>/competences.xlsx", classe.classe_xlsx, name="classe-xlsx"),
    path("classes/<int:pk>/situations/nouvelle/", situation.situation_create, name="situation-create"),
    path("classes/<int:pk>/a-la-volee/", situation.situation_volee, name="situation-volee"),
    path("situations/<int:pk>/", situation.situation, name="situation"),
    path("situations/<int:pk>/modifier/", situation.situation_update, name="situation-update"),
    path("situations/<int:pk>/dupliquer/", situation.situation_duplicate, name="situation-duplicate"),
    path("situations/<int:pk>/supprimer/", situation.situation_delete, name="situation-delete"),
    path("situations/<int:pk>/etat/", situation.situation_etat, name="situation-etat"),
    path("situations/<int:pk>/retenue/", situation.situation_retenue, name="situation-retenue"),
    path("situations/<int:pk>/grille/", grille.grille, name="grille"),
    path("situations/<int:pk>/pieces/", piece.piece_create, name="piece-create"),
    path("pieces/<int:pk>/", piece.piece, name="piece"),
    path("pieces/<int:pk>/retirer/", piece.piece_delete, name="piece-delete"),
    path("situations/<int:pk>/partager/", modele.modele_create, name="modele-create"),
    path("modeles/", modele.modeles, name="modeles"),
    path("modeles/<int:pk>/", modele.modele, name="modele"),
    path("modeles/<int:pk>/retrait/", modele.modele_retrait, name="modele-retrait"),
    path("situations/<int:pk>/operations/", grille.operations, name="operations"),
    path("eleves/<int:pk>/", eleve.eleve, name="eleve"),
    path("eleves/<int:pk>/livret.pdf", eleve.eleve_pdf, name="eleve-pdf"),
    path("mon-livret/", eleve.mon_livret, name="mon-livret"),
]

urlpatterns = [*pedagogie, *administration]
