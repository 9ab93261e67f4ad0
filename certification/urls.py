from django.urls import path

from certification.document.views import (
    documents,
    exports,
    origine,
    verification,
    versions,
)
from certification.dossier import views as dossiers
from certification.epinglage import views as epinglage
from certification.inspection import views as inspection
from certification.jury.views import acces, lecture
from certification.lot.views import archives, lots
from certification.seance.views import (
    candidats,
    cloture,
    commissions,
    session,
)

app_name = "certification"
urlpatterns = [
    path("commissions/", commissions.liste, name="commissions"),
    path("commissions/nouvelle/", commissions.creation, name="commission-create"),
    path("commissions/avancement/<int:etablissement>/<int:session>/", session.session, name="cockpit"),
    path(
        "commissions/avancement/<int:etablissement>/<int:session>/harmonisation/",
        session.harmonisation,
        name="harmonisation",
    ),
    path("commissions/archives/relire/", archives.relecture, name="archive-relire"),
    path("reunions/<int:pk>/", session.reunion, name="reunion"),
    path("commissions/<int:pk>/", commissions.detail, name="commission"),
    path("commissions/<int:pk>/modifier/", commissions.modification, name="commission-update"),
    path("commissions/<int:pk>/supprimer/", cloture.suppression, name="commission-delete"),
    path("commissions/<int:pk>/clore/", cloture.cloture, name="commission-cloture"),
    path("commissions/<int:pk>/candidats/", candidats.candidats, name="commission-candidats"),
    path("commissions/<int:pk>/candidats/<int:dossier>/deplacer/", candidats.deplacement, name="deplacement"),
    path("commissions/<int:pk>/figer/", commissions.figement, name="figer-tous"),
    path("commissions/<int:pk>/lots/", lots.creation, name="lot-create"),
    path(
        "commissions/avancement/<int:etablissement>/<int:session>/cyclades/",
        exports.cyclades,
        name="cyclades",
    ),
    path("administration/promotions/<int:pk>/grille/", epinglage.grille, name="mise-en-service"),
    path(
        "administration/promotions/<int:pk>/grille/revenir/", epinglage.retour, name="mise-en-service-retour"
    ),
    path("classes/<int:pk>/lsl-pro/", exports.lsl, name="lsl"),
    path("lots/<int:pk>/", lots.lot, name="lot"),
    path("lots/<int:pk>/retirer/", lots.retrait, name="lot-retrait"),
    path("lots/<int:pk>/fichier/", lots.fichier, name="lot-fichier"),
    path("lots/<int:pk>/documents.zip", lots.dossier_zip, name="lot-zip"),
    path(
        "commissions/<int:pk>/proces-verbal.pdf",
        documents.releve,
        {"document": "proces-verbal"},
        name="proces-verbal",
    ),
    path("commissions/<int:pk>/bordereau.pdf", documents.releve, {"document": "bordereau"}, name="bordereau"),
    path("commissions/<int:pk>/convocations.pdf", documents.convocations, name="convocations"),
    path(
        "reunions/<int:pk>/proces-verbal.pdf",
        documents.releve_de_reunion,
        {"document": "proces-verbal"},
        name="reunion-proces-verbal",
    ),
    path(
        "reunions/<int:pk>/bordereau.pdf",
        documents.releve_de_reunion,
        {"document": "bordereau"},
        name="reunion-bordereau",
    ),
    path(
        "reunions/<int:pk>/convocations.pdf",
        documents.convocations_de_reunion,
        name="reunion-convocations",
    ),
    path("commissions/<int:pk>/grilles.xlsx", documents.classeur, name="classeur"),
    path("dossiers/<int:pk>/", dossiers.detail, name="dossier"),
    path("dossiers/<int:pk>/fil/", dossiers.fil, name="fil"),
    path("dossiers/<int:pk>/niveaux/<str:code>/", dossiers.decision, name="decision"),
    path("dossiers/<int:pk>/niveaux/", dossiers.acceptation, name="acceptation"),
    path("dossiers/<int:pk>/note/", dossiers.proposition, name="proposition"),
    path("dossiers/<int:pk>/observations/", dossiers.observations, name="observations"),
    path("dossiers/<int:pk>/confirmer/<str:quoi>/", dossiers.confirmation, name="confirmer"),
    path("dossiers/<int:pk>/situation/", dossiers.situation, name="situation-candidat"),
    path("dossiers/<int:pk>/figer/", dossiers.figement, name="figer"),
    path("dossiers/<int:pk>/rouvrir/", dossiers.reouverture, name="rouvrir"),
    path("dossiers/<int:pk>/versions/<int:numero>/", versions.detail, name="version"),
    path(
        "dossiers/<int:pk>/versions/<int:numero>/grille.pdf",
        versions.tiree,
        {"genre": "grilles"},
        name="version-grille",
    ),
    path(
        "dossiers/<int:pk>/versions/<int:numero>/dossier.pdf",
        versions.tiree,
        {"genre": "dossiers"},
        name="version-dossier",
    ),
    path("dossiers/<int:pk>/grille.pdf", documents.tire, {"genre": "grilles"}, name="grille-pdf"),
    path("dossiers/<int:pk>/dossier.pdf", documents.tire, {"genre": "dossiers"}, name="dossier-pdf"),
    path("dossiers/<int:pk>/bilan.pdf", documents.tire, {"genre": "bilans"}, name="bilan-pdf"),
    path("dossiers/<int:pk>/synthese.pdf", documents.tire, {"genre": "syntheses"}, name="synthese-pdf"),
    path("dossiers/<int:pk>/preuves/<int:trace>/", documents.preuve, name="preuve"),
    path("dossiers/<int:pk>/origine/", origine.detail, name="origine"),
    path("dossiers/<int:pk>/origine.pdf", documents.tire, {"genre": "origine"}, name="origine-pdf"),
    path("dossiers/<int:pk>/grille.xlsx", documents.grille_xlsx, name="grille-xlsx"),
    path("inspection/", inspection.liste, name="inspection"),
    path(
        "inspection/<int:etablissement>/<int:session>/", inspection.situations, name="inspection-situations"
    ),
    path(
        "inspection/<int:etablissement>/<int:session>/situations.pdf",
        inspection.situations_pdf,
        name="inspection-pdf",
    ),
    path("commissions/<int:pk>/jury/", acces.liste, name="jury-acces"),
    path("acces-du-jury/<int:pk>/retirer/", acces.retrait, name="jury-retrait"),
    path("jury/<int:pk>/<str:jeton>/", lecture.jury, name="jury"),
    path("jury/<int:pk>/<str:jeton>/archive.zip", lecture.jury_archive, name="jury-archive"),
    path(
        "jury/<int:pk>/<str:jeton>/versions/<int:cle>/grille.pdf",
        lecture.jury_document,
        {"genre": "grilles"},
        name="jury-grille",
    ),
    path(
        "jury/<int:pk>/<str:jeton>/versions/<int:cle>/dossier.pdf",
        lecture.jury_document,
        {"genre": "dossiers"},
        name="jury-dossier",
    ),
    path("verification/<str:jeton>/", verification.verifier, name="verifier"),
]
