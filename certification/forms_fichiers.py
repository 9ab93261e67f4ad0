"""Les fichiers que la certification reçoit : un document à vérifier, un logo."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile

from certification.sceau import TAILLE_MAX
from livret.fichiers import FichierRefuse
from livret.images import ImagePropre, logo_propre

LOGO_MAX = 5 * 1024 * 1024


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
                f"Ce fichier dépasse {TAILLE_MAX // 1024**2}\xa0Mo : un document tiré d’ici est plus léger."
            )
        return fichier


class LogoForm(forms.Form):
    logo = forms.FileField(
        label="Image",
        help_text=f"PNG ou JPEG, {LOGO_MAX // 1024**2}\xa0Mo au plus. L’image est redessinée : ce qu’elle "
        "porte d’autre que ses pixels disparaît.",
        widget=forms.FileInput({"accept": "image/*"}),
        error_messages={"required": "Choisissez une image.", "empty": "Ce fichier est vide."},
    )
    image: ImagePropre

    def clean_logo(self) -> UploadedFile:
        fichier: UploadedFile = self.cleaned_data["logo"]
        if (fichier.size or 0) > LOGO_MAX:
            raise forms.ValidationError(
                f"Cette image dépasse {LOGO_MAX // 1024**2}\xa0Mo : réduisez-la, puis recommencez."
            )
        try:
            self.image = logo_propre(fichier.read(), fichier.name or "image")
        except FichierRefuse as refus:
            raise forms.ValidationError(str(refus)) from None
        return fichier
