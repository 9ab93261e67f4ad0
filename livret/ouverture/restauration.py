"""Reprendre une installation d'une sauvegarde, dès la première page : le code du serveur, puis le fichier."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from livret.ouverture.annonce import oublier
from livret.ouverture.models import CodeOuverture
from trpm.sauvegarde.coffre import SauvegardeRefusee
from trpm.sauvegarde.prendre import SUFFIXE
from trpm.sauvegarde.retablir import restaurer

OCTETS_MAX = 512 * 2**20
TROP_GROSSE = (
    "Ce fichier dépasse 512 Mo\xa0: déposez-le sur le serveur, dans le dossier des sauvegardes, puis "
    "choisissez-le dans la liste."
)
RIEN = "Choisissez une sauvegarde\xa0: un fichier d’ici, ou l’une de celles du serveur."
LES_DEUX = "Choisissez l’un ou l’autre\xa0: un fichier d’ici, ou une sauvegarde du serveur."


class CodeField(forms.CharField):
    def __init__(self, label: str = "Code d’ouverture", widget: forms.Widget | None = None) -> None:
        muet = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(label=label, max_length=40, widget=widget or forms.TextInput(attrs=muet))


class CodeForm(forms.Form):
    """Le code seul : il ouvre la page qui montre les sauvegardes du serveur, et servira encore."""

    code = CodeField("Code donné par le serveur")
    dit_a: str | None = "code"

    def clean(self) -> dict[str, Any]:
        """En dernier : un fichier oublié ne coûte pas un essai."""
        if not self.errors and (refus := CodeOuverture.refus(self.cleaned_data["code"], garder=True)):
            self.add_error(self.dit_a, refus)
        return self.cleaned_data


class RestaurationForm(CodeForm):
    code = CodeField(widget=forms.HiddenInput())
    dit_a = None  # un champ caché ne montre pas le sien
    fichier = forms.FileField(
        label="Un fichier de cet appareil",
        required=False,
        help_text=f"Son nom finit d’ordinaire par {SUFFIXE}\xa0; 512 Mo au plus.",
        error_messages={"empty": "Ce fichier est vide."},
    )
    choix = forms.ChoiceField(
        label="Ou une sauvegarde du serveur", required=False, choices=lambda: sauvegardes_du_serveur()
    )
    phrase = forms.CharField(
        label="Phrase de passe",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Celle qui a chiffré la sauvegarde\xa0; vide si elle ne l’est pas.",
    )

    def clean_fichier(self) -> UploadedFile | None:
        fichier: UploadedFile | None = self.cleaned_data["fichier"]
        if fichier and fichier.size and fichier.size > OCTETS_MAX:
            raise forms.ValidationError(TROP_GROSSE)
        return fichier

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            choisies = [un for un in ("fichier", "choix") if self.cleaned_data.get(un)]
            if len(choisies) != 1:
                self.add_error("fichier", LES_DEUX if choisies else RIEN)
        return super().clean()

    def reprendre(self) -> datetime.datetime | None:
        """Quand fut prise la sauvegarde rétablie ; rien si rien n'a changé, et le formulaire dit pourquoi.
        Hors de toute transaction : la base s'échange tout entière."""
        code = self.cleaned_data["code"]
        if refus := CodeOuverture.refus(code):
            self.add_error(None, refus)
            return None
        try:
            with self._chemin() as chemin:
                entete = restaurer(chemin, self.cleaned_data["phrase"] or settings.SAUVEGARDES_PHRASE)
        except (SauvegardeRefusee, OSError) as faute:
            CodeOuverture.rendre(code)
            dit = str(faute) if isinstance(faute, SauvegardeRefusee) else _panne(faute)
            self.add_error(None, dit)
            return None
        ContentType.objects.clear_cache()
        oublier()
        return datetime.datetime.fromisoformat(entete["prise_le"])

    @contextmanager
    def _chemin(self) -> Iterator[Path]:
        fichier = self.cleaned_data["fichier"]
        if not fichier:
            yield Path(settings.SAUVEGARDES) / self.cleaned_data["choix"]
        elif hasattr(fichier, "temporary_file_path"):
            yield Path(fichier.temporary_file_path())
        else:
            with tempfile.NamedTemporaryFile() as copie:
                copie.writelines(fichier.chunks())
                copie.flush()
                yield Path(copie.name)


def _panne(faute: OSError) -> str:
    return (
        f"Le serveur n’a pas pu préparer cette sauvegarde\xa0: {faute.strerror}. Vérifiez la place du disque."
    )


def sauvegardes_du_serveur() -> list[tuple[str, str]]:
    """Celles du dossier des sauvegardes, la dernière d'abord."""
    lues = sorted(Path(settings.SAUVEGARDES).glob(f"*{SUFFIXE}"), reverse=True)
    return [("", "aucune"), *((un.name, f"{un.name} ({filesizeformat(un.stat().st_size)})") for un in lues)]
