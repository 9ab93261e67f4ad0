"""Les fichiers que la certification reçoit : un document à vérifier, une archive à relire."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile

from certification.document.sceau import TAILLE_MAX
from trpm.base.archive import piege

ARCHIVE_MAX = 64 * 1024 * 1024


class FichierAVerifierForm(forms.Form):
    fichier = forms.FileField(
        label="Fichier à comparer",
        help_text="Un PDF d’archive, ou le fichier de données qu’il porte. Il n’est pas conservé.",
        widget=forms.FileInput({"accept": ".pdf,.json"}),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide."},
    )

    def clean_fichier(self) -> UploadedFile:
        fichier: UploadedFile = self.cleaned_data["fichier"]
        if (fichier.size or 0) > TAILLE_MAX:
            raise forms.ValidationError(
                f"Ce fichier dépasse {TAILLE_MAX // 1024**2}\xa0Mo : un document tiré d’ici est plus léger."
            )
        return fichier


class ArchiveForm(forms.Form):
    fichier = forms.FileField(
        label="Archive signée",
        help_text=f"Le zip d’une commission, {ARCHIVE_MAX // 1024**2}\xa0Mo au plus. Il n’est pas conservé, "
        "et rien n’est écrit.",
        widget=forms.FileInput({"accept": ".zip,application/zip"}),
        error_messages={"required": "Choisissez une archive.", "empty": "Ce fichier est vide."},
    )
    cle = forms.CharField(
        label="Empreinte de la clé attendue",
        required=False,
        max_length=60,
        help_text="Si l’archive vient d’une autre installation, ou d’avant un changement de clé\xa0: celle "
        "que l’établissement a notée.",
    )
    octets: bytes

    def clean_fichier(self) -> UploadedFile:
        fichier: UploadedFile = self.cleaned_data["fichier"]
        if (fichier.size or 0) > ARCHIVE_MAX:
            raise forms.ValidationError(
                f"Ce fichier dépasse {ARCHIVE_MAX // 1024**2}\xa0Mo\xa0: relisez-le sur le serveur, avec les "
                "commandes verifier_archive et lire_archive."
            )
        self.octets = fichier.read()
        if refus := piege(self.octets, ARCHIVE_MAX):
            raise forms.ValidationError(refus)
        return fichier

    def clean_cle(self) -> str:
        """Recopiée à la main : les blancs et les majuscules ne comptent pas."""
        serree = "".join(self.cleaned_data["cle"].lower().split())
        return " ".join(serree[rang : rang + 4] for rang in range(0, len(serree), 4))
