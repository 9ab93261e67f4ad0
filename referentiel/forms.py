"""Le dépôt d'un fichier de référentiel, et le jeton qui porte ce dépôt de l'aperçu à la confirmation."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from referentiel.arrondi import choix
from referentiel.echange.case_recu import est_un_paquet, reprise_de_case
from referentiel.echange.classeur import texte_de_classeur
from referentiel.echange.moodle import reprise_de_csv
from referentiel.echange.ossature import Reprise
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.lecture import (
    TAILLE_MAX,
    Document,
    lire_texte,
    ordonner,
    schema,
    texte_de,
)
from referentiel.imports import ImportReferentiel, Provenance
from referentiel.redaction.edition import NATURES

DUREE_APERCU = 60 * 60
JETON_MAX = 2_400_000
"""Sous la limite de Django pour un champ de formulaire (2,5 Mo)."""
REMARQUES_MAX = 500
"""Ce qui n'a pas trouvé place, montré avec l'aperçu."""
Origine = ImportReferentiel.Origine
FAITS = {Origine.PAGE: "modifié", Origine.RETOUR: "revenu à cet état"}


@dataclass(frozen=True)
class Depot:
    """Le texte d'un référentiel que l'on propose d'importer, et d'où il vient."""

    texte: str
    origine: str = Origine.FICHIER
    nom: str = ""
    remarques: tuple[str, ...] = ()

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
        help_text="Fichier JSON (le nôtre, ou CASE 1.1), classeur modèle, CSV de compétences de Moodle\xa0; "
        "2 Mo au plus. Rien n’est écrit avant votre confirmation.",
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json,.xlsx,.csv"}),
        error_messages={
            "required": "Choisissez un fichier JSON de référentiel.",
            "empty": "Ce fichier est vide. Choisissez un fichier JSON de référentiel.",
        },
    )

    def depot(self) -> Depot:
        """Le fichier déposé, lu ; `FichierInvalide` s'il a des fautes."""
        fichier: UploadedFile = self.cleaned_data["fichier"]
        octets = fichier.read(TAILLE_MAX + 1)
        if octets.startswith(b"PK\x03\x04") and len(octets) <= TAILLE_MAX:
            return Depot(texte_de_classeur(octets), Origine.CLASSEUR, str(fichier.name))
        texte = texte_de(octets)
        if str(fichier.name).lower().endswith(".csv"):
            depot = _repris(reprise_de_csv(texte), Origine.MOODLE, str(fichier.name))
        elif (paquet := _paquet(texte)) is not None:
            depot = _repris(reprise_de_case(paquet), Origine.CASE, str(fichier.name))
        else:
            depot = Depot(texte, nom=str(fichier.name))
        _ = depot.document
        return depot


def _paquet(texte: str) -> dict[str, Any] | None:
    """Le paquet CASE que dit un fichier, si c'en est un."""
    if '"CFDocument"' not in texte:
        return None
    try:
        brut = json.loads(texte)
    except (ValueError, RecursionError):
        return None
    return brut if est_un_paquet(brut) else None


def _repris(reprise: Reprise, origine: str, nom: str) -> Depot:
    texte = ecrire(ordonner(reprise.brut, schema()))
    return Depot(texte, origine, nom, reprise.remarques[:REMARQUES_MAX])


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


class SourceForm(forms.Form):
    """D'où vient ce que l'on écrit : demandé à chaque fois, gardé dans les sources du référentiel."""

    nature = forms.ChoiceField(label="Ce que vaut cette source", choices=NATURES)
    source = forms.CharField(
        label="D’où vient ce texte",
        max_length=500,
        help_text="Par exemple : arrêté du 9 décembre 2020, annexe III, page 24.",
        error_messages={"required": "Dites d’où vient ce que vous écrivez : chaque texte a sa source."},
    )


class GrilleComposeeForm(SourceForm):
    """Les réglages d'une nouvelle version de grille ; ses poids sont à côté."""

    version = forms.CharField(label="Nom de la version", max_length=30, help_text="Par exemple : 2027.")
    intitule = forms.CharField(label="Intitulé imprimé", max_length=200)
    echelle = forms.ChoiceField(label="Échelle de maîtrise")
    nouvelle_echelle = forms.CharField(
        label="Code d’une nouvelle échelle",
        max_length=30,
        required=False,
        help_text="À laisser vide pour garder l’échelle choisie ci-dessus.",
    )
    intitule_echelle = forms.CharField(label="Nom de la nouvelle échelle", max_length=200, required=False)
    arrondi = forms.ChoiceField(label="Arrondi de la note", choices=choix)
    bonus_max = forms.DecimalField(
        label="Bonus maximal (points)",
        min_value=0,
        max_value=20,
        max_digits=4,
        decimal_places=2,
        localize=True,
    )
    seuil_couverture = forms.IntegerField(
        label="Seuil d’alerte de couverture (%)",
        min_value=0,
        max_value=100,
        help_text="0 désactive l’alerte.",
    )
    mention_ponderation = forms.CharField(label="Mention de la pondération", max_length=200, required=False)

    field_order = [
        "version",
        "intitule",
        "mention_ponderation",
        "nature",
        "source",
        "arrondi",
        "bonus_max",
        "seuil_couverture",
        "echelle",
    ]

    def __init__(self, *args: Any, echelles: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["echelle"].choices = echelles  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        lues = super().clean() or {}
        if lues.get("nouvelle_echelle") and not lues.get("intitule_echelle"):
            self.add_error("intitule_echelle", "Donnez son nom à la nouvelle échelle.")
        return lues
