"""« Mot de passe oublié » : la même réponse, dans le même temps, que l'adresse soit connue ou non."""

import smtplib
from collections.abc import Iterator
from threading import Thread
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.forms import PasswordResetForm
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac

from trpm.courriel import journal
from trpm.garde.reseau import adresse_client
from trpm.textes import une_ligne

UNE_HEURE = 60 * 60
PAR_ADRESSE, PAR_APPAREIL = 3, 20
"""Demandes entendues en une heure pour une même adresse de courriel, et depuis une même adresse réseau."""
FIL = "mot-de-passe-oublie"


class DemandeForm(PasswordResetForm):
    """Écrit toujours un courriel, à la personne ou à personne, et l'envoie sans faire attendre la page."""

    def save(self, **options: Any) -> None:  # type: ignore[override]
        appareil = adresse_client(options["request"])
        adresse = self.cleaned_data["email"].lower()
        # Les deux comptent toujours : un refus ne dit pas lequel est atteint.
        admises = [_admise(appareil, PAR_APPAREIL), _admise(adresse, PAR_ADRESSE)]
        if all(admises):
            super().save(**options)

    def get_users(self, email: str) -> Iterator[Any]:
        connus = list(super().get_users(email))
        yield from connus or [get_user_model()(pk=0, username="personne")]

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        objet = une_ligne(render_to_string(subject_template_name, context).strip())
        message = EmailMessage(objet, render_to_string(email_template_name, context), from_email, [to_email])
        Thread(target=_envoyer, args=(message,), name=FIL).start()


def _admise(qui: str, combien: int) -> bool:
    cle = f"{FIL}-{salted_hmac(FIL, qui).hexdigest()}"
    cache.add(cle, 0, UNE_HEURE)
    return cache.incr(cle) <= combien


def _envoyer(message: EmailMessage) -> None:
    if not any(message.to):
        return
    try:
        message.send()
    except (OSError, smtplib.SMTPException):
        journal.exception("Courriel non envoyé")
