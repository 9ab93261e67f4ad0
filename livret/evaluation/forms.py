"""Le fichier d'une trace : reçu, reconnu, nettoyé."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django import forms
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from livret.evaluation.trace import Trace
from trpm.fichiers import (
    ADMIS,
    TAILLE_MAX,
    TYPES,
    FichierRefuse,
    est_heif,
    type_reconnu,
    type_verifie,
)
from trpm.impression.documents import nom_de_fichier
from trpm.impression.images import image_propre

NOM_MAX = 150


class FichierDeTraceForm(forms.ModelForm):
    """Une photo ou un fichier, reçu, reconnu et nettoyé ; ou seulement quelques mots."""

    photo = forms.FileField(
        label="Prendre une photo",
        required=False,
        max_length=NOM_MAX,
        widget=forms.FileInput({"accept": "image/*", "capture": "environment"}),
    )

    class Meta:
        model = Trace
        fields = ["fichier", "texte", "au_dossier"]
        widgets = {
            "fichier": forms.FileInput(
                {"accept": ",".join(["image/*", *(f".{extension}" for extension in TYPES)])}
            ),
            "texte": forms.Textarea({"rows": 2}),
        }
        labels = {
            "fichier": "ou choisir une image, un fichier",
            "texte": "Légende (facultative)",
            "au_dossier": "Imprimer dans le dossier de l’épreuve",
        }
        help_texts = {"fichier": f"{ADMIS}, {TAILLE_MAX // 1024**2}\xa0Mo au plus."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.champ("fichier").max_length = NOM_MAX
        for champ in self.fields.values():
            champ.error_messages["max_length"] = f"Le nom du fichier est trop long : {NOM_MAX} caractères."
            champ.error_messages["empty"] = "Ce fichier est vide."

    def champ(self, nom: str) -> Any:
        return self.fields[nom]

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or {}
        photo, fichier = champs.get("photo"), champs.get("fichier")
        if photo and fichier:
            self.add_error("fichier", "Une preuve à la fois : gardez la photo ou le fichier.")
        elif recu := photo or fichier:
            self._recevoir(recu)
        return champs

    def _recevoir(self, recu: UploadedFile) -> None:
        nom = nom_de_fichier(recu.name or "")
        contenu = recu.read(TAILLE_MAX + 1)
        try:
            self._garder(contenu, nom)
        except FichierRefuse as refus:
            self.add_error("fichier", str(refus))

    def _garder(self, contenu: bytes, nom: str) -> None:
        """Une image est redessinée ; tout autre fichier est gardé tel quel, une fois reconnu."""
        trace = self.instance
        if len(contenu) <= TAILLE_MAX and (est_heif(contenu) or _est_image(contenu)):
            image = image_propre(contenu, nom)
            nom, contenu, trace.type_mime = image.nommee(nom), image.contenu, image.type_mime
            trace.largeur, trace.hauteur = image.largeur, image.hauteur
            trace.miniature = ContentFile(image.miniature, nom)
        else:
            trace.type_mime = type_verifie(contenu, nom)
        trace.nom, trace.taille, trace.empreinte = nom, len(contenu), sha256(contenu).hexdigest()
        self.cleaned_data["fichier"] = ContentFile(contenu, nom)


def _est_image(contenu: bytes) -> bool:
    return (type_reconnu(contenu) or "").startswith("image/")
