"""Formulaires de l'import d'enseignants : le fichier, puis la confirmation de l'aperçu."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from livret.administration.enseignants.lecture import (
    DITS,
    LectureEnseignants,
    LigneEnseignant,
    lire_enseignants,
)
from livret.administration.forms.colonnes import FichierDesigne
from livret.administration.forms.imports import BORNES, DUREE_APERCU, NATURES, PERIME, entete_descellee
from livret.administration.lecture.resultat import FichierIllisible, RemarqueImport
from livret.administration.lecture.table import OCTETS_MAX
from livret.administration.models import ColonnesRetenues
from livret.personnes.models.compte import Etablissement, Utilisateur

COMPTES_MAX = 40
TROP = (
    f"Au plus {COMPTES_MAX} comptes à la fois\xa0: décochez-en, confirmez, puis envoyez de nouveau le "
    "fichier pour les autres."
)


class EnseignantsForm(FichierDesigne):
    genre = ColonnesRetenues.Genre.ENSEIGNANTS
    donnees = DITS
    fichier = forms.FileField(
        label="Fichier des enseignants",
        help_text=f"{BORNES} Rien n’est écrit avant votre confirmation.",
        widget=forms.FileInput(attrs={"accept": NATURES}),
        error_messages={"empty": "Le fichier est vide.", "required": "Choisissez un fichier."},
    )
    lue: LectureEnseignants

    def clean_fichier(self) -> UploadedFile:
        fichier: UploadedFile = self.cleaned_data["fichier"]
        if fichier.size and fichier.size > OCTETS_MAX:
            raise forms.ValidationError(
                "Le fichier dépasse 8 Mo\xa0: n’exportez que la liste des enseignants."
            )
        try:
            self.lue = lire_enseignants(fichier.read(), self.designees())
        except FichierIllisible as faute:
            raise self.refuser(faute) from None
        return fichier


def sceller_enseignants(lecture: LectureEnseignants, lieu: Etablissement, auteur: Utilisateur) -> str:
    """L'aperçu, signé, pour cette personne et cet établissement : rien n'en reste au serveur."""
    return signing.dumps(asdict(lecture), salt=_sel(lieu, auteur), compress=True)


def _sel(lieu: Etablissement, auteur: Utilisateur) -> str:
    return f"import-enseignants:{lieu.pk}:{auteur.pk}"


class ConfirmationEnseignantsForm(forms.Form):
    """Ce que l'aperçu renvoie : l'état scellé, les lignes cochées, les réponses."""

    etat = forms.CharField(error_messages={"required": PERIME})
    empreinte = forms.CharField(required=False)
    lecture: LectureEnseignants

    def __init__(self, *args: Any, lieu: Etablissement, auteur: Utilisateur, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lieu, self.auteur = lieu, auteur

    def clean_etat(self) -> str:
        try:
            contenu = signing.loads(
                self.cleaned_data["etat"], salt=_sel(self.lieu, self.auteur), max_age=DUREE_APERCU
            )
        except signing.BadSignature:
            raise forms.ValidationError(PERIME) from None
        self.lecture = LectureEnseignants(**contenu | {
            "lignes": [LigneEnseignant(**un | {"roles": tuple(un["roles"])}) for un in contenu["lignes"]],
            "fautes": [RemarqueImport(**un) for un in contenu["fautes"]],
            "avertissements": [RemarqueImport(**un) for un in contenu["avertissements"]],
            "entetes": [entete_descellee(un) for un in contenu["entetes"]],
        })  # fmt: skip
        return ""

    @property
    def retenus(self) -> set[str]:
        return set(cast(QueryDict, self.data).getlist("retenu"))

    @property
    def choix(self) -> dict[str, str]:
        return {nom.removeprefix("choix-"): un for nom, un in self.data.items() if nom.startswith("choix-")}
