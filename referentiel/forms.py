"""Le dépôt d'un fichier de référentiel, et le jeton qui porte ce fichier de l'aperçu à la confirmation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.lecture import (
    TAILLE_MAX,
    Document,
    lire_octets,
    lire_texte,
)

DUREE_APERCU = 60 * 60
JETON_MAX = 2_400_000
"""Sous la limite de Django pour un champ de formulaire (2,5 Mo)."""


class DepotForm(forms.Form):
    fichier = forms.FileField(
        label="Fichier du référentiel",
        help_text="Fichier JSON en UTF-8, 2 Mo au plus. Rien n’est écrit avant votre confirmation.",
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
        error_messages={
            "required": "Choisissez un fichier JSON de référentiel.",
            "empty": "Ce fichier est vide. Choisissez un fichier JSON de référentiel.",
        },
    )

    def document(self) -> Document:
        """Le document déposé ; `FichierInvalide` s'il a des fautes."""
        fichier: UploadedFile = self.cleaned_data["fichier"]
        return lire_octets(fichier.read(TAILLE_MAX + 1))


@dataclass(frozen=True)
class ApercuImport:
    """Ce qui a été montré : le texte du fichier et l'état de la base à ce moment."""

    document: Document
    etat: str


def signer(texte: str, etat: str, utilisateur: str) -> str:
    return signing.dumps({"texte": texte, "etat": etat}, salt=_sel(utilisateur), compress=True)


class ConfirmationImportForm(forms.Form):
    """Le contenu est relu et revalidé : la signature prouve seulement d'où vient l'aperçu."""

    jeton = forms.CharField(widget=forms.HiddenInput, max_length=JETON_MAX)

    def __init__(self, *args: Any, utilisateur: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.utilisateur = utilisateur
        self.apercu: ApercuImport | None = None

    def clean_jeton(self) -> str:
        jeton = str(self.cleaned_data["jeton"])
        try:
            contenu = signing.loads(jeton, salt=_sel(self.utilisateur), max_age=DUREE_APERCU)
            self.apercu = ApercuImport(lire_texte(contenu["texte"]), contenu["etat"])
        except (signing.BadSignature, FichierInvalide) as erreur:
            raise forms.ValidationError("Cet aperçu a expiré. Déposez de nouveau le fichier.") from erreur
        return jeton


def _sel(utilisateur: str) -> str:
    return f"referentiel.fichier.importation.{utilisateur}"
