"""Les adresses d'un compte : celles dont ce site se sert, et aucune autre de django-allauth, dont les noms
(`account_…`, `mfa_…`) sont gardés là où la bibliothèque les appelle."""

from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp.views import DeactivateTOTPView
from allauth.mfa.webauthn import views as cles
from allauth.usersessions.views import ListUserSessionsView
from django.conf import settings
from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path, reverse_lazy

from trpm.acces import connecte, public
from trpm.comptes.bienvenue import bienvenue
from trpm.comptes.connexion import ChangementDeMotDePasse, Connexion, Redire
from trpm.comptes.second_facteur import Application, CleNouvelle
from trpm.garde.mot_de_passe import DemandeForm

FACTEURS = reverse_lazy("mfa_index")

_mot_de_passe = [
    path(
        "",
        connecte(
            ChangementDeMotDePasse.as_view(
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

_second_facteur = [
    path("", connecte(mfa.IndexView.as_view(template_name="comptes/second_facteur.html")), name="mfa_index"),
    path("application/", connecte(Application.as_view()), name="mfa_activate_totp"),
    path(
        "application/retirer/",
        connecte(DeactivateTOTPView.as_view(template_name="comptes/application_retirer.html")),
        name="mfa_deactivate_totp",
    ),
    path("cles/nouvelle/", connecte(CleNouvelle.as_view()), name="mfa_add_webauthn"),
    path(
        "cles/<int:pk>/retirer/",
        connecte(
            cles.RemoveWebAuthnView.as_view(template_name="comptes/cle_retirer.html", success_url=FACTEURS)
        ),
        name="mfa_remove_webauthn",
    ),
    path(
        "codes/",
        connecte(codes.ViewRecoveryCodesView.as_view(template_name="comptes/codes.html")),
        name="mfa_view_recovery_codes",
    ),
    path(
        "codes/nouveaux/",
        connecte(codes.GenerateRecoveryCodesView.as_view(template_name="comptes/codes_nouveaux.html")),
        name="mfa_generate_recovery_codes",
    ),
]

_redire = [
    path(
        "",
        connecte(Redire.as_view()),
        name="account_reauthenticate",
    ),
    path(
        "code/",
        connecte(mfa.ReauthenticateView.as_view(template_name="comptes/redire_code.html")),
        name="mfa_reauthenticate",
    ),
    path(
        "cle/",
        connecte(cles.ReauthenticateWebAuthnView.as_view(template_name="comptes/redire_cle.html")),
        name="mfa_reauthenticate_webauthn",
    ),
]

_connexion = public(Connexion.as_view())

adresses: list[URLPattern | URLResolver] = [
    path("connexion/", _connexion, name="connexion"),
    path("connexion/", _connexion, name="account_login"),
    path(
        "connexion/second-facteur/",
        public(mfa.AuthenticateView.as_view(template_name="comptes/code.html")),
        name="mfa_authenticate",
    ),
    path("connexion/cle/", public(cles.LoginWebAuthnView.as_view()), name="mfa_login_webauthn"),
    path("bienvenue/<str:jeton>/", bienvenue, name="bienvenue"),
    path("mot-de-passe/", include(_mot_de_passe)),
    path("confirmer/", include(_redire)),
    path("mon-compte/second-facteur/", include(_second_facteur)),
    path(
        "mon-compte/sessions/",
        connecte(
            ListUserSessionsView.as_view(
                template_name="comptes/sessions.html", success_url=reverse_lazy("sessions")
            )
        ),
        name="sessions",
    ),
    # Un annuaire éteint n’a pas d’adresse, et sa bibliothèque n’est pas chargée.
    *(path("", include(f"trpm.comptes.annuaires.{nom}")) for nom in settings.ANNUAIRES),
]
