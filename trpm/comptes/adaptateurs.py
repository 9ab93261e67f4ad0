"""Ce que la maison demande à django-allauth : aucune inscription, ses phrases, des secrets chiffrés."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from trpm.comptes.session import QUI_OUVRE
from trpm.garde.reseau import adresse_client
from trpm.impression.qr import qr

FERME = "Ce compte est désactivé\xa0: demandez à l’administrateur de votre établissement."
DITS = {
    "mfa/messages/totp_activated.txt": "L’application d’authentification est en service.",
    "mfa/messages/totp_deactivated.txt": "L’application d’authentification est retirée.",
    "mfa/messages/recovery_codes_generated.txt": "Vos codes de secours sont prêts\xa0: imprimez-les.",
    "mfa/messages/webauthn_added.txt": "La clé d’accès est ajoutée.",
    "mfa/messages/webauthn_removed.txt": "La clé d’accès est retirée.",
    "usersessions/messages/sessions_logged_out.txt": "Vos autres sessions sont fermées.",
}
TROP = "Trop d’essais\xa0: attendez quelques minutes, puis recommencez."


class AdaptateurDesComptes(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_password": "Ce mot de passe n’est pas le vôtre.",
        "rate_limited": TROP,
        "too_many_login_attempts": TROP,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        user.backend = QUI_OUVRE
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:
        """Le ticket de l'ENT suit la session qu'il a ouverte : l'ENT pourra la fermer."""
        reponse = super().post_login(request, user, **options)
        if tickets := [un["ticket"] for un in get_authentication_records(request, user) if "ticket" in un]:
            lignes = UserSession.objects.filter(session_key=request.session.session_key)
            lignes.update(data={"ticket": tickets[-1]})
        return reponse

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        messages.error(request, FERME)
        return redirect("connexion")

    def get_client_ip(self, request: HttpRequest) -> str:
        return adresse_client(request)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Ce que la maison dit ; le reste se tait."""
        if dit := message or DITS.get(message_template or ""):
            messages.add_message(request, level, dit, extra_tags=extra_tags)


class AdaptateurDuSecondFacteur(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_generate_recovery_codes": "Activez d’abord un second facteur.",
        "incorrect_code": "Ce code n’est pas le bon, ou il vient de changer\xa0: tapez le suivant.",
        "rate_limited": TROP,
    }

    def _get_site_name(self) -> str:
        return settings.NOM_DU_PRODUIT

    def get_totp_label(self, user: Any) -> str:
        return user.username

    def build_totp_svg(self, url: str) -> str:
        return qr(url, "QR code à lire avec l’application d’authentification")

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        return f"Clé {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def encrypt(self, text: str) -> str:
        return _coffre().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Vide quand `SECRET_KEY` a changé : aucun code n'est plus bon, on retire le facteur du compte."""
        try:
            return _coffre().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return ""


def _coffre() -> Fernet:
    cle = hashlib.sha256(f"second-facteur\x1f{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(cle))
