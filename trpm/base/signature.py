"""La clé qui signe les archives de cette installation."""

from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from trpm.base import archive as enveloppe


def cle() -> Any:
    """La clé réglée ; à défaut une clé tirée de la clé secrète de l'installation."""
    graine = bytes.fromhex(settings.CLE_ARCHIVE)
    return enveloppe.cle(graine or salted_hmac("trpm.base.archive", "ed25519", algorithm="sha256").digest())


def empreinte_de_la_cle() -> str:
    return enveloppe.empreinte(cle().public_key())
