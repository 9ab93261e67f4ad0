"""Adresses du site ; celles du métier sont dans les applications."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path, reverse_lazy

from trpm import views
from trpm.acces import connecte, public
from trpm.accueil import views as accueil
from trpm.conservation import views as conservation
from trpm.echanges import api
from trpm.echanges import views as echanges
from trpm.garde.mot_de_passe import DemandeForm
from trpm.vitrine import charte, legal, manifeste

handler400 = "trpm.garde.erreurs.demande_refusee"
handler403 = "trpm.garde.erreurs.acces_refuse"
handler404 = "trpm.garde.erreurs.introuvable"
handler500 = "trpm.garde.erreurs.panne"


mot_de_passe = [
    path(
        "",
        connecte(
            auth.PasswordChangeView.as_view(
                template_name="registration/mot_de_passe.html",
                success_url=reverse_lazy("mot-de-passe-change"),
            )
        ),
        name="mot-de-passe",
    ),
    path(
        "change/",
        connecte(auth.PasswordChangeDoneView.as_view(template_name="registration/mot_de_passe_change.html")),
        name="mot-de-passe-change",
    ),
    path(
        "oublie/",
        public(
            auth.PasswordResetView.as_view(
                form_class=DemandeForm,
                template_name="registration/mot_de_passe_oublie.html",
                email_template_name="registration/mot_de_passe_courriel.txt",
                subject_template_name="registration/mot_de_passe_objet.txt",
                success_url=reverse_lazy("mot-de-passe-envoye"),
            )
        ),
        name="mot-de-passe-oublie",
    ),
    path(
        "oublie/envoye/",
        public(auth.PasswordResetDoneView.as_view(template_name="registration/mot_de_passe_envoye.html")),
        name="mot-de-passe-envoye",
    ),
    path(
        "nouveau/<uidb64>/<token>/",
        public(
            auth.PasswordResetConfirmView.as_view(
                template_name="registration/mot_de_passe_nouveau.html",
                success_url=reverse_lazy("connexion"),
            )
        ),
        name="mot-de-passe-nouveau",
    ),
]

urlpatterns = [
    path("", accueil.accueil, name="accueil"),
    path("compteurs/", accueil.compteurs, name="compteurs"),
    path("chercher/", accueil.chercher, name="chercher"),
    path("avis/", accueil.avis, name="avis"),
    path("avis/arreter/<str:jeton>/", accueil.avis_arreter, name="avis-arreter"),
    path("api/v1/", include(api.adresses)),
    path("calendrier/", echanges.abonnements, name="abonnements"),
    path("calendrier/<str:secret>.ics", echanges.calendrier, name="calendrier"),
    path("jetons/", echanges.jetons, name="jetons"),
    path("jetons/<int:pk>/retirer/", echanges.jeton_retrait, name="jeton-retrait"),
    path("nouveautes/", accueil.nouveautes, name="nouveautes"),
    path("connexion/", public(auth.LoginView.as_view(redirect_authenticated_user=True)), name="connexion"),
    path("deconnexion/", views.deconnexion, name="deconnexion"),
    path("mot-de-passe/", include(mot_de_passe)),
    path("sante/", views.sante, name="sante"),
    path("hors-ligne/", views.hors_ligne, name="hors-ligne"),
    path("service-worker.js", views.service_worker, name="service-worker"),
    path("manifeste.webmanifest", manifeste.manifeste, name="manifeste"),
    path("mentions-legales/", legal.mentions, name="mentions"),
    path("donnees-personnelles/", legal.donnees, name="donnees"),
    path("accessibilite/", legal.accessibilite, name="accessibilite"),
    path("charte/", charte.charte, name="charte"),
    path("administration/<int:pk>/echanges/", echanges.etablissement, name="echanges"),
    path(
        "administration/<int:pk>/echanges/etablissement.zip",
        echanges.etablissement_zip,
        name="etablissement-zip",
    ),
    path("administration/<int:pk>/donnees/", conservation.conservation, name="conservation"),
    path("administration/eleves/<int:pk>/donnees.zip", conservation.donnees_eleve, name="donnees-eleve"),
    path(
        "administration/<int:etablissement>/comptes/<int:pk>/donnees.zip",
        conservation.donnees_compte,
        name="donnees-compte",
    ),
    path("administration/tuteurs/<int:pk>/donnees.zip", conservation.donnees_tuteur, name="donnees-tuteur"),
    path("admin-technique/", admin.site.urls),
    path("", include("referentiel.urls")),
    path("", include("livret.urls")),
    path("", include("certification.urls")),
]
