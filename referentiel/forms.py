"""Le dépôt d'un fichier de référentiel, et le jeton qui porte ce dépôt de l'aperçu à la confirmation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.lecture import (
    TAILLE_MAX,
    Document,
    lire_texte,
    texte_de,
)
from referentiel.imports import ImportReferentiel, Provenance

DUREE_APERCU = 60 * 60
JETON_MAX = 2_400_000
"""Sous la limite de Django pour un champ de formulaire (2,5 Mo)."""
Origine = ImportReferentiel.Origine
FAITS = {Origine.PAGE: "modifié", Origine.RETOUR: "revenu à cet état"}


@dataclass(frozen=True)
class Depot:
    """Le texte d'un référentiel que l'on propose d'importer, et d'où il vient."""

    texte: str
    origine: str = Origine.FICHIER
    nom: str = ""

    @cached_property
    def document(self) -> Document:
        return lire_texte(self.texte)

    @property
    def fait(self) -> str:
        return FAITS.get(Origine(self.origine), "importé")

    @property
    def de_page(self) -> bool:
        return self.origine in FAITS

    def provenance(self, auteur: Any) -> Provenance:
        return Provenance(self.origine, self.texte, self.nom, auteur)


class DepotForm(forms.Form):
    fichier = forms.FileField(
        label="Fichier du référentiel",
        help_text="Fichier JSON en UTF-8, 2 Mo au plus. Rien n’est écrit avant votre confirmation.",
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
        error_messages={
            "required": "Choisissez un fichier JSON de référentiel.",
            "empty": "Ce fichier est vide. Choisissez un fichier JSON de référentiel.",
        },
    )

    def depot(self) -> Depot:
        """Le fichier déposé, lu ; `FichierInvalide` s'il a des fautes."""
        fichier: UploadedFile = self.cleaned_data["fichier"]
        depot = Depot(texte_de(fichier.read(TAILLE_MAX + 1)), nom=str(fichier.name))
        _ = depot.document
        return depot


@dataclass(frozen=True)
class ApercuImport:
    """Ce qui a été montré : le dépôt et l'état de la base à ce moment."""

    depot: Depot
    etat: str


def signer(depot: Depot, etat: str, utilisateur: str) -> str:
    return signing.dumps({"depot": asdict(depot), "etat": etat}, salt=_sel(utilisateur), compress=True)


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
            depot = Depot(**contenu["depot"])
            _ = depot.document
        except (signing.BadSignature, FichierInvalide) as erreur:
            raise forms.ValidationError("Cet aperçu a expiré. Déposez de nouveau le fichier.") from erreur
        self.apercu = ApercuImport(depot, contenu["etat"])
        return jeton


def _sel(utilisateur: str) -> str:
    return f"referentiel.fichier.importation.{utilisateur}"
