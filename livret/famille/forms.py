"""Inviter un responsable légal : une personne nouvelle, ou le compte qu'elle a déjà ici."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q

from livret.administration.comptes import AccesCompte, identifiants_pris, ouvrir_compte
from livret.famille.models import Responsable
from livret.personnes.identifiants import base_identifiant, identifiant_libre
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from trpm.courriel import courriel_regle

INCONNU = "Aucun adulte de l’établissement, ni responsable d’un autre élève, ne porte cet identifiant."


class ResponsableForm(forms.Form):
    last_name = forms.CharField(label="Nom", max_length=150, required=False)
    first_name = forms.CharField(label="Prénom", max_length=150, required=False)
    email = forms.EmailField(
        label="Courriel", required=False, help_text="Facultatif\xa0: l’invitation se remet aussi sur papier."
    )
    identifiant = forms.CharField(
        label="Ou l’identifiant d’un compte de l’établissement",
        max_length=150,
        required=False,
        help_text="Pour la même personne, déjà responsable d’un autre élève.",
    )

    def __init__(self, *args: Any, eleve: Eleve, **options: Any) -> None:
        super().__init__(*args, **options)
        self.eleve = eleve
        self.connu: Utilisateur | None = None

    def clean(self) -> dict[str, Any]:
        donnees = super().clean() or self.cleaned_data
        if identifiant := donnees.get("identifiant"):
            self.connu = self._connus().filter(username=identifiant).first()
            if self.connu is None:
                self.add_error("identifiant", INCONNU)
            elif Responsable.objects.filter(compte=self.connu, eleve=self.eleve).exists():
                self.add_error("identifiant", "Cette personne est déjà responsable de cet élève.")
        elif not (donnees.get("last_name") and donnees.get("first_name")):
            self.add_error(None, "Donnez le nom et le prénom, ou un identifiant.")
        return donnees

    def _connus(self) -> Any:
        """Un adulte d'ici : jamais un élève, un compte technique, ni quelqu'un d'un autre établissement."""
        ici = self.eleve.etablissement_id
        attaches = Q(appartenances__etablissement=ici) | Q(enfants__eleve__etablissement=ici)
        adultes = Utilisateur.objects.filter(
            attaches, is_active=True, is_staff=False, is_superuser=False, eleve__isnull=True
        )
        return adultes.distinct()

    @property
    def par_courriel(self) -> bool:
        return bool(self.cleaned_data["email"]) and courriel_regle()

    @transaction.atomic
    def save(self) -> AccesCompte | None:
        """Ce qu'il faut remettre ; rien quand la personne a déjà son compte."""
        acces, compte = None, self.connu
        if compte is None:
            noms = {nom: self.cleaned_data[nom] for nom in ("last_name", "first_name", "email")}
            base = base_identifiant(noms["first_name"], noms["last_name"])
            compte = Utilisateur(username=identifiant_libre(base, identifiants_pris([base])), **noms)
            acces = ouvrir_compte(compte, self.eleve.etablissement, ())
        Responsable.objects.create(compte=compte, eleve=self.eleve)
        return acces
