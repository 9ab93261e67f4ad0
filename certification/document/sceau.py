"""Ce qui relie un document imprimé à ce qui est figé : une adresse, son QR code, une empreinte courte."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from io import BytesIO

from django.utils.safestring import SafeString

from certification.dossier.versions import Verification, VersionFigee
from trpm.base.a_la_demande import ALaDemande
from trpm.garde.reseau import adresse_du_site
from trpm.impression.qr import qr

pypdf = ALaDemande("pypdf")

COURTE = 16
TAILLE_MAX = 20 * 1024 * 1024


@dataclass(frozen=True)
class Sceau:
    adresse: str
    empreinte: str
    dessin: SafeString


SANS_SCEAU = Sceau("", "", SafeString(""))


def sceau(verification: Verification, empreinte: str, site: str = "") -> Sceau:
    """Sans adresse publique connue, l'empreinte reste et le QR code manque."""
    courte = empreinte[:COURTE]
    racine = site or adresse_du_site()
    if not racine:
        return Sceau("", courte, SafeString(""))
    adresse = f"{racine}{verification.get_absolute_url()}?e={courte}"
    return Sceau(adresse, courte, qr(adresse, "Vérifier ce document en ligne"))


class Conformite(Enum):
    INTACTE = "intacte"
    ALTEREE = "altérée"
    AUTRE = "autre"


@dataclass(frozen=True)
class Verdict:
    """Ce que la page de vérification sait dire d'un document, sans nommer personne."""

    conformite: Conformite
    versions: tuple[VersionFigee, ...]
    empreinte: str

    @property
    def conforme(self) -> bool:
        return self.conformite is Conformite.INTACTE

    @property
    def alteree(self) -> bool:
        return self.conformite is Conformite.ALTEREE

    @property
    def derniere(self) -> VersionFigee | None:
        return max(self.versions, key=lambda version: version.figee_le, default=None)


def empreinte_commune(empreintes: list[str]) -> str:
    """Celle d'un document tiré de plusieurs instantanés ; leur ordre n'y fait rien."""
    return sha256("\n".join(sorted(empreintes)).encode()).hexdigest()


def verdict(verification: Verification, lue: str) -> Verdict:
    """`lue` : l'empreinte courte que porte le document ; vide, on ne juge que ce qui est gardé ici."""
    versions: tuple[VersionFigee, ...]
    if verification.version is not None:
        versions, empreinte = (verification.version,), verification.version.empreinte
    else:
        versions = tuple(verification.versions())
        empreinte = empreinte_commune([version.empreinte for version in versions])
    return Verdict(_conformite(versions, empreinte, lue), versions, empreinte)


def _conformite(versions: tuple[VersionFigee, ...], empreinte: str, lue: str) -> Conformite:
    if any(sha256(version.contenu.encode()).hexdigest() != version.empreinte for version in versions):
        return Conformite.ALTEREE
    if not versions or (lue and lue != empreinte[:COURTE]):
        return Conformite.AUTRE
    return Conformite.INTACTE


def donnees_jointes(contenu: bytes) -> list[bytes]:
    """Ce que porte un PDF d'archive, ou le fichier de données lui-même ; rien si l'on n'y lit rien."""
    if contenu.lstrip()[:1] == b"{":
        return [contenu] if _est_json(contenu) else []
    try:
        lecteur = pypdf.PdfReader(BytesIO(contenu))
        return [jointe.content for jointe in lecteur.attachment_list]
    except Exception:  # un PDF altéré fait lever au lecteur ce qu'il veut : rien ne s'y lit
        return []


def _est_json(contenu: bytes) -> bool:
    try:
        json.loads(contenu)
    except (ValueError, RecursionError):
        return False
    return True
