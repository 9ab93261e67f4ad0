"""Adresses du site ; celles du métier sont dans les applications."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLResolver, include, path
from django.urls.resolvers import RoutePattern

from trpm import views
from trpm.accueil import views as accueil
from trpm.comptes.adresses import adresses
from trpm.conservation import views as conservation
from trpm.echanges import views as echanges
from trpm.journal import views as journal
from trpm.vitrine import charte, legal, manifeste

handler400 = "trpm.garde.erreurs.demande_refusee"
handler403 = "trpm.garde.erreurs.acces_refuse"
handler429 = "trpm.garde.erreurs.trop_d_essais"
handler404 = "trpm.garde.erreurs.introuvable"
handler500 = "trpm.garde.erreurs.panne"


class AdressesALaDemande(URLResolver):
    """Celles d’un module qui ne s’importe que si l’une s’ouvre ou s’écrit : l’interface des programmes tient
    à elle seule un dixième du démarrage et de la mémoire. Un espace de noms dit à Django où les chercher ; il
    n’a pas à les connaître pour écrire les autres."""

    def _populate(self) -> None:
        pass


# L’accès technique passe par la même connexion, second facteur compris.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", accueil.accueil, name="accueil"),
    path("", include("livret.urls")),
    path("compteurs/", accueil.compteurs, name="compteurs"),
    path("chercher/", accueil.chercher, name="chercher"),
    path("avis/", accueil.avis, name="avis"),
    path("avis/arreter/<str:jeton>/", accueil.avis_arreter, name="avis-arreter"),
    AdressesALaDemande(RoutePattern("api/v1/"), "trpm.echanges.api", app_name="api-v1", namespace="api-v1"),
    path("calendrier/", echanges.abonnements, name="abonnements"),
    path("calendrier/<str:secret>.ics", echanges.calendrier, name="calendrier"),
    path("jetons/", echanges.jetons, name="jetons"),
    path("jetons/<int:pk>/retirer/", echanges.jeton_retrait, name="jeton-retrait"),
    path("nouveautes/", accueil.nouveautes, name="nouveautes"),
    path("deconnexion/", views.deconnexion, name="deconnexion"),
    path("", include(adresses)),
    path("sante/", views.sante, name="sante"),
    path("hors-ligne/", views.hors_ligne, name="hors-ligne"),
    path("service-worker.js", views.service_worker, name="service-worker"),
    path("manifeste.webmanifest", manifeste.manifeste, name="manifeste"),
    path("couleurs/<slug:couleur>.css", manifeste.couleurs, name="couleurs"),
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
    path("administration/<int:pk>/journal/", journal.journal, name="journal"),
    path("mon-journal/", journal.mon_journal, name="mon-journal"),
    path("administration/eleves/<int:pk>/donnees.zip", conservation.donnees_eleve, name="donnees-eleve"),
    path(
        "administration/<int:etablissement>/comptes/<int:pk>/donnees.zip",
        conservation.donnees_compte,
        name="donnees-compte",
    ),
    path("administration/tuteurs/<int:pk>/donnees.zip", conservation.donnees_tuteur, name="donnees-tuteur"),
    path("admin-technique/", admin.site.urls),
    path("", include("referentiel.urls")),
    path("", include("certification.urls")),
]
