"""Adresses de l'administration de l'établissement."""

from django.urls import URLPattern, URLResolver, include, path

from livret.administration.views import (
    changement,
    comptes,
    eleves,
    enseignants,
    entete,
    imports,
)
from livret.administration.views import etablissement as a

_adresses = [
    path("", a.administration, name="administration"),
    path("<int:pk>/", a.etablissement, name="etablissement"),
    path("<int:pk>/identite/", a.etablissement_update, name="etablissement-update"),
    path("<int:pk>/logo/", entete.logo, name="logo"),
    path("<int:pk>/annees/nouvelle/", a.annee_create, name="annee-create"),
    path("<int:pk>/promotions/", a.promotions, name="promotions"),
    path("<int:pk>/promotions/nouvelle/", a.promotion_create, name="promotion-create"),
    path("promotions/<int:pk>/", a.promotion_update, name="promotion-update"),
    path("promotions/<int:pk>/changement/", changement.changement, name="changement-de-promotion"),
    path("promotions/<int:pk>/supprimer/", a.promotion_delete, name="promotion-delete"),
    path("<int:pk>/classes/nouvelle/", a.classe_create, name="classe-create"),
    path("classes/<int:pk>/", eleves.classe_effectif, name="classe-effectif"),
    path("classes/<int:pk>/modifier/", a.classe_update, name="classe-update"),
    path("classes/<int:pk>/supprimer/", a.classe_delete, name="classe-delete"),
    path("classes/<int:pk>/inscrire/", eleves.classe_inscrire, name="classe-inscrire"),
    path("classes/<int:pk>/comptes/", comptes.classe_comptes, name="classe-comptes"),
    path("classes/<int:pk>/import/", imports.eleves_import, name="eleves-import"),
    path("classes/<int:pk>/import/apercu/", imports.eleves_import_apercu, name="eleves-import-apercu"),
    path("classes/<int:pk>/eleves/nouveau/", eleves.eleve_create, name="eleve-create"),
    path("<int:pk>/eleves/", eleves.eleves, name="eleves"),
    path("eleves/<int:pk>/", eleves.eleve_update, name="eleve-update"),
    path("eleves/<int:pk>/parcours/", changement.eleve_parcours, name="eleve-parcours"),
    path("eleves/<int:pk>/supprimer/", eleves.eleve_delete, name="eleve-delete"),
    path("scolarites/<int:pk>/sortie/", eleves.scolarite_sortie, name="scolarite-sortie"),
    path("scolarites/<int:pk>/retour/", eleves.scolarite_retour, name="scolarite-retour"),
    path("scolarites/<int:pk>/supprimer/", eleves.scolarite_delete, name="scolarite-delete"),
    path("<int:pk>/comptes/", comptes.comptes, name="comptes"),
    path("<int:pk>/comptes/nouveau/", comptes.compte_create, name="compte-create"),
    path("<int:pk>/enseignants/import/", enseignants.enseignants_import, name="enseignants-import"),
    path(
        "<int:pk>/enseignants/import/apercu/",
        enseignants.enseignants_confirmer,
        name="enseignants-import-apercu",
    ),
    path("invitations/<int:pk>/", comptes.invitation, name="invitation"),
    path("<int:pk>/comptes/rattacher/", comptes.compte_rattacher, name="compte-rattacher"),
    path("<int:etablissement>/comptes/<int:pk>/", comptes.compte, name="compte"),
    path("<int:etablissement>/comptes/<int:pk>/identite/", comptes.compte_identite, name="compte-identite"),
    path(
        "<int:etablissement>/comptes/<int:pk>/mot-de-passe/",
        comptes.compte_mot_de_passe,
        name="compte-mot-de-passe",
    ),
    path(
        "<int:etablissement>/comptes/<int:pk>/second-facteur/",
        comptes.compte_second_facteur,
        name="compte-second-facteur",
    ),
    path("<int:etablissement>/comptes/<int:pk>/activite/", comptes.compte_activite, name="compte-activite"),
]

administration: list[URLPattern | URLResolver] = [path("administration/", include(_adresses))]
