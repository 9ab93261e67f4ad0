from django.urls import path

from certification.views import commissions, documents, dossiers

app_name = "certification"
urlpatterns = [
    path("commissions/", commissions.liste, name="commissions"),
    path("commissions/nouvelle/", commissions.creation, name="commission-create"),
    path("commissions/<int:pk>/", commissions.detail, name="commission"),
    path("commissions/<int:pk>/modifier/", commissions.modification, name="commission-update"),
    path("commissions/<int:pk>/candidats/", commissions.candidats, name="commission-candidats"),
    path("commissions/<int:pk>/figer/", commissions.figement, name="figer-tous"),
    path("commissions/<int:pk>/documents.pdf", documents.lot, name="lot"),
    path("commissions/<int:pk>/grilles.xlsx", documents.classeur, name="classeur"),
    path("dossiers/<int:pk>/", dossiers.detail, name="dossier"),
    path("dossiers/<int:pk>/niveaux/<str:code>/", dossiers.decision, name="decision"),
    path("dossiers/<int:pk>/niveaux/", dossiers.acceptation, name="acceptation"),
    path("dossiers/<int:pk>/note/", dossiers.proposition, name="proposition"),
    path("dossiers/<int:pk>/observations/", dossiers.observations, name="observations"),
    path("dossiers/<int:pk>/situation/", dossiers.situation, name="situation-candidat"),
    path("dossiers/<int:pk>/figer/", dossiers.figement, name="figer"),
    path("dossiers/<int:pk>/rouvrir/", dossiers.reouverture, name="rouvrir"),
    path("dossiers/<int:pk>/grille.pdf", documents.grille_pdf, name="grille-pdf"),
    path("dossiers/<int:pk>/dossier.pdf", documents.dossier_pdf, name="dossier-pdf"),
    path("dossiers/<int:pk>/grille.xlsx", documents.grille_xlsx, name="grille-xlsx"),
]
