"""Le logo que l'on reçoit pour l'en-tête des documents."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile

from trpm.fichiers import FichierRefuse
from trpm.impression.images import ImagePropre, logo_propre

LOGO_MAX = 5 * 1024 * 1024


class LogoForm(forms.Form):
    logo = forms.FileField(
        label="Image",
        help_text=f"PNG ou JPEG, {LOGO_MAX // 1024**2}\xa0Mo au plus. L’image est redessinée : ce qu’elle "
        "porte d’autre que ses pixels disparaît.",
        widget=forms.FileInput({"accept": "image/*"}),
        error_messages={"required": "Choisissez une image.", "empty": "Ce fichier est vide."},
    )
    image: ImagePropre

    def clean_logo(self) -> UploadedFile:
        fichier: UploadedFile = self.cleaned_data["logo"]
        if (fichier.size or 0) > LOGO_MAX:
            raise forms.ValidationError(
                f"Cette image dépasse {LOGO_MAX // 1024**2}\xa0Mo : réduisez-la, puis recommencez."
            )
        try:
            self.image = logo_propre(fichier.read(), fichier.name or "image")
        except FichierRefuse as refus:
            raise forms.ValidationError(str(refus)) from None
        return fichier
