"""Formulaires des comptes : en ouvrir un, en rattacher un, changer ses rôles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from livret.administration.comptes import identifiants_pris
from livret.personnes.identifiants import base_identifiant, identifiant_libre
from livret.personnes.models.compte import Appartenance, Utilisateur
from trpm.base.modification import SansEcraser
from trpm.courriel import courriel_regle

INCONNU = (
    "Aucun compte d’adulte en service ne porte exactement l’identifiant « {} ». "
    "Demandez-le à la personne, ou créez-lui un compte."
)


class RolesField(forms.MultipleChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            label="Rôles dans l’établissement",
            choices=Appartenance.ROLES,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Cochez au moins un rôle."},
            **options,
        )


class CompteForm(forms.ModelForm):
    """Compte d'un adulte ; sans identifiant donné, il se déduit du nom."""

    username = forms.CharField(
        label="Identifiant",
        required=False,
        max_length=150,
        validators=[Utilisateur.username_validator],
        help_text="Vide : prenom.nom.",
    )
    roles = RolesField()
    inviter = forms.BooleanField(
        label="Envoyer l’invitation à cette adresse",
        required=False,
        help_text="La personne y trouve un lien, valable quinze jours, pour choisir son mot de passe.",
    )

    class Meta:
        model = Utilisateur
        fields = ["last_name", "first_name", "email", "username"]
        labels = {"last_name": "Nom", "first_name": "Prénom", "email": "Courriel"}
        help_texts = {"email": "Facultatif ; il permet de changer soi-même un mot de passe oublié."}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["last_name"].required = self.fields["first_name"].required = True
        if not courriel_regle():
            del self.fields["inviter"]

    def clean(self) -> dict[str, Any]:
        donnees = super().clean() or self.cleaned_data
        if "username" in donnees and {"first_name", "last_name"} <= donnees.keys():
            self._fixer_identifiant(donnees)
        if donnees.get("inviter") and not donnees.get("email") and "email" not in self.errors:
            self.add_error("email", "Donnez l’adresse où envoyer l’invitation.")
        return donnees

    def _fixer_identifiant(self, donnees: dict[str, Any]) -> None:
        voulu = donnees["username"]
        base = voulu or base_identifiant(donnees["first_name"], donnees["last_name"])
        pris = identifiants_pris([base])
        if voulu and voulu.casefold() in pris:
            self.add_error("username", f"L’identifiant « {voulu} » est déjà pris ; choisissez-en un autre.")
        donnees["username"] = voulu or identifiant_libre(base, pris)


class RattachementForm(forms.Form):
    """Donne un rôle ici à une personne qui a déjà un compte ailleurs."""

    identifiant = forms.CharField(
        label="Identifiant exact", max_length=150, help_text="Celui avec lequel la personne se connecte."
    )
    roles = RolesField()
    compte: Utilisateur

    def clean_identifiant(self) -> str:
        identifiant: str = self.cleaned_data["identifiant"]
        # Un compte d'élève, sans rôle ou technique ne se rattache pas : ce serait s'en emparer.
        trouve = Utilisateur.objects.filter(
            username=identifiant,
            is_active=True,
            is_staff=False,
            is_superuser=False,
            appartenances__isnull=False,
            eleve__isnull=True,
        ).first()
        if trouve is None:
            raise forms.ValidationError(INCONNU.format(identifiant))
        self.compte = trouve
        return identifiant


class RolesForm(SansEcraser, forms.Form):
    roles = RolesField(required=False)


class IdentiteForm(SansEcraser, forms.ModelForm):
    class Meta:
        model = Utilisateur
        fields = ["last_name", "first_name", "email", "annuaire"]
        labels = {"last_name": "Nom", "first_name": "Prénom", "email": "Courriel"}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not settings.ANNUAIRES:
            del self.fields["annuaire"]
