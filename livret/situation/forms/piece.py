"""Joindre un fichier à une situation."""

from __future__ import annotations

from typing import Any

from django import forms

from livret.personnes.models.compte import Utilisateur
from livret.situation.models.piece import PIECES_MAX, PieceJointe
from livret.situation.models.situation import Situation
from trpm.fichiers import (
    ADMIS,
    TAILLE_MAX,
    TYPES,
    FichierRefuse,
    type_verifie,
)
from trpm.impression.documents import nom_de_fichier


class PieceForm(forms.ModelForm):
    class Meta:
        model = PieceJointe
        fields = ["fichier"]
        widgets = {
            "fichier": forms.FileInput({"accept": ",".join(f".{extension}" for extension in TYPES)}),
        }
        help_texts = {"fichier": f"{ADMIS}, {TAILLE_MAX // 1024**2} Mo au plus."}
        error_messages = {
            "fichier": {
                "required": "Choisissez d’abord un fichier.",
                "empty": "Ce fichier est vide.",
                "max_length": "Le nom du fichier est trop long : 150 caractères au plus.",
            }
        }

    def __init__(self, *args: Any, situation: Situation, auteur: Utilisateur, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.situation = situation
        self.instance.auteur = auteur
        self.fields["fichier"].max_length = 150  # type: ignore[attr-defined]

    def clean_fichier(self) -> Any:
        fichier = self.cleaned_data["fichier"]
        nom = nom_de_fichier(fichier.name)
        if self.instance.situation.pieces.count() >= PIECES_MAX:
            raise forms.ValidationError(f"Une situation porte {PIECES_MAX} pièces au plus : retirez-en une.")
        try:
            contenu = fichier.read(TAILLE_MAX + 1)
            self.instance.type_mime = type_verifie(contenu, nom)
        except FichierRefuse as refus:
            raise forms.ValidationError(str(refus)) from None
        fichier.seek(0)
        self.instance.nom, self.instance.taille = nom, fichier.size
        return fichier
