"""Mettre en service un second facteur : l'application, la clé d'accès. Celui qu'on vient de prouver vaut pour
cette session."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.http import HttpResponse

from trpm.comptes.connexion import SECOND


class ApplicationForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        champ = self.fields["code"]
        champ.label, champ.help_text = "Code à six chiffres", "Celui que l’application montre maintenant."
        champ.widget.attrs |= {"inputmode": "numeric", "placeholder": ""}


class CleForm(AddWebAuthnForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].label = "Nom de la clé"
        self.fields["name"].help_text = "Pour la reconnaître\xa0: « Téléphone », « Clé USB du bureau »."
        self.fields["passwordless"].label = "Sans mot de passe"
        self.fields[
            "passwordless"
        ].help_text = "Cette clé ouvrira votre compte à elle seule, par l’empreinte, le visage ou le code."


class Application(ActivateTOTPView):
    template_name = "comptes/application.html"

    def form_valid(self, form: Any) -> HttpResponse:
        reponse = super().form_valid(form)
        record_authentication(self.request, form.user, SECOND, type="totp")
        return reponse


class CleNouvelle(AddWebAuthnView):
    template_name = "comptes/cle_nouvelle.html"

    def form_valid(self, form: Any) -> HttpResponse:
        reponse = super().form_valid(form)
        record_authentication(self.request, form.user, SECOND, type="webauthn")
        return reponse
