"""Les formulaires de l'ouverture, dans l'ordre : compte, établissement, classes, élèves, équipes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction

from livret.administration.comptes import AccesCompte, changer_roles, identifiants_pris, ouvrir_compte
from livret.administration.forms.comptes import RolesField
from livret.administration.forms.etablissement import UaiField
from livret.administration.import_eleves import apercu, confirmer
from livret.ouverture.eleves_colles import ListeRefusee, demande_de
from livret.ouverture.models import CodeOuverture
from livret.ouverture.parcours import Parcours, parcours_offerts
from livret.ouverture.restauration import CodeField
from livret.personnes.identifiants import base_identifiant, identifiant_libre
from livret.personnes.models.classe import AnneeScolaire, Classe
from livret.personnes.models.compte import Appartenance, Etablissement, Utilisateur
from referentiel.echange.catalogue import catalogue
from referentiel.fichier.importation import importer
from referentiel.fichier.lecture import lire_texte
from referentiel.imports import ImportReferentiel, Provenance
from referentiel.models import Referentiel, Statut
from trpm.champs import liste
from trpm.permissions import Role


class PremierCompteForm(BaseUserCreationForm):
    """Le premier administrateur. Le code se vérifie en dernier, quand tout le reste est bon : un mot de passe
    trop court ne coûte pas un essai."""

    code = CodeField()

    class Meta:
        model = Utilisateur
        fields = ["last_name", "first_name", "email", "username"]
        labels = {
            "last_name": "Nom",
            "first_name": "Prénom",
            "email": "Courriel",
            "username": "Identifiant de connexion",
        }
        help_texts = {"email": "Facultatif\xa0; il permet de changer soi-même un mot de passe oublié."}

    field_order = ["code"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["last_name"].required = self.fields["first_name"].required = True
        self.fields["username"].help_text = "Par exemple prenom.nom."
        self.fields["username"].widget.attrs.pop("autofocus", None)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        if refus := CodeOuverture.refus(self.cleaned_data["code"]):
            self.add_error("code", refus)

    def save(self, commit: bool = True) -> Utilisateur:
        self.instance.is_staff = self.instance.is_superuser = True
        compte: Utilisateur = super().save(commit)
        return compte


class DiplomesField(forms.MultipleChoiceField):
    def __init__(self) -> None:
        super().__init__(
            label="Diplômes préparés",
            choices=lambda: [
                (nom, f"{un.intitule} ({un.code} {un.version}). {un.texte_legal}")
                for nom, un in catalogue().items()
            ],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Cochez au moins un diplôme."},
        )


class EtablissementNeufForm(forms.ModelForm):
    uai = UaiField(
        label="UAI",
        validators=Etablissement.uai.field.validators[:1],
        help_text="Sept chiffres et une lettre, par exemple 0400740M.",
    )
    diplomes = DiplomesField()

    class Meta:
        model = Etablissement
        fields = ["uai", "nom", "ville", "academie", "fuseau"]

    @transaction.atomic
    def ouvrir(self, compte: Utilisateur) -> Etablissement:
        """L'établissement, son premier administrateur, et les diplômes cochés qui manquaient."""
        lieu: Etablissement = self.save()
        Appartenance.objects.create(utilisateur=compte, etablissement=lieu, role=Role.ADMINISTRATEUR)
        for nom in self.cleaned_data["diplomes"]:
            livre = catalogue()[nom]
            if not Referentiel.objects.filter(code=livre.code, version=livre.version).exists():
                origine = ImportReferentiel.Origine.CATALOGUE
                importer(
                    lire_texte(livre.texte),
                    provenance=Provenance(origine, livre.texte, livre.fichier, compte),
                )
        return lieu


class AnneeOuverteForm(forms.Form):
    annee = forms.IntegerField(
        label="Année de rentrée",
        validators=[MinValueValidator(2000), MaxValueValidator(2100)],
        help_text="2026 pour l’année scolaire 2026-2027.",
    )


class ClasseNeuveForm(forms.Form):
    """Une classe : son nom, ce que l'on y prépare, et l'année du cycle, qui dit la session d'examen."""

    nom = forms.CharField(label="Nom", max_length=40)
    parcours = forms.ChoiceField(label="Diplôme et option")
    niveau = forms.ChoiceField(label="Année du cycle")

    def __init__(self, *args: Any, offerts: dict[str, Parcours], **options: Any) -> None:
        super().__init__(*args, **options)
        self.offerts = offerts
        niveaux = dict.fromkeys(un for offert in offerts.values() for un in offert.annees)
        choix = {
            "parcours": [(cle, un.dit) for cle, un in offerts.items()],
            "niveau": [(un, un) for un in niveaux],
        }
        for nom, valeurs in choix.items():
            self.fields[nom].choices = [("", "à choisir"), *valeurs]  # type: ignore[attr-defined]
        for champ in self.fields.values():
            genre = "form-control" if isinstance(champ, forms.CharField) else "form-select"
            champ.widget.attrs["class"] = genre

    def clean(self) -> dict[str, Any]:
        donnees = super().clean() or self.cleaned_data
        offert = self.offerts.get(donnees.get("parcours", ""))
        if offert and donnees.get("niveau") and donnees["niveau"] not in offert.annees:
            attendues = ", ".join(offert.annees)
            self.add_error("niveau", f"Le cycle de ce diplôme compte ces années\xa0: {attendues}.")
        return donnees


class ClassesNeuvesFormSet(forms.BaseFormSet):
    def __init__(self, *args: Any, etablissement: Etablissement, **options: Any) -> None:
        self.etablissement = etablissement
        offerts = {un.cle: un for un in parcours_offerts()}
        super().__init__(*args, **options | {"form_kwargs": {"offerts": offerts}})

    @property
    def ecrites(self) -> list[ClasseNeuveForm]:
        return [un for un in self.forms if un.has_changed()]

    def clean(self) -> None:
        noms = [un.cleaned_data["nom"] for un in self.ecrites if un.cleaned_data.get("nom")]
        if len(noms) > len(set(noms)):
            raise forms.ValidationError("Deux classes portent le même nom.")

    @transaction.atomic
    def ouvrir(self, debut: int) -> list[Classe]:
        """Les classes de cette année, et les promotions qu'elles supposent. Une classe du même nom, cette
        année-là, reste ce qu'elle était."""
        annee, _ = AnneeScolaire.objects.get_or_create(debut=debut)
        return [
            un.offerts[un.cleaned_data["parcours"]].classe(
                self.etablissement, annee, un.cleaned_data["nom"], un.cleaned_data["niveau"]
            )
            for un in self.ecrites
        ]


ClassesNeuves: Any = forms.formset_factory(ClasseNeuveForm, formset=ClassesNeuvesFormSet, extra=6, max_num=30)


class ListesForm(forms.Form):
    """Pour chaque classe, une liste tapée ou collée ; une liste vide laisse la classe comme elle est."""

    def __init__(self, *args: Any, classes: Iterable[Classe], **options: Any) -> None:
        super().__init__(*args, **options)
        self.classes = list(classes)
        for classe in self.classes:
            self.fields[f"liste_{classe.pk}"] = forms.CharField(
                label=f"Élèves de {classe}",
                required=False,
                widget=forms.Textarea(attrs={"rows": 8, "class": "form-control", "form": "listes"}),
            )

    def lignes(self) -> list[tuple[Classe, forms.BoundField]]:
        return [(classe, self[f"liste_{classe.pk}"]) for classe in self.classes]

    @transaction.atomic
    def inscrire(self, auteur: Utilisateur) -> int:
        """Toutes les listes, ou aucune : une ligne douteuse se dit à côté de la sienne."""
        inscrits = 0
        for classe in self.classes:
            if texte := self.cleaned_data[f"liste_{classe.pk}"]:
                try:
                    inscrits += self._inscrire(classe, texte, auteur)
                except ListeRefusee as refus:
                    self.add_error(f"liste_{classe.pk}", refus.messages)
        if self.errors:
            transaction.set_rollback(True)
        return inscrits

    def _inscrire(self, classe: Classe, texte: str, auteur: Utilisateur) -> int:
        statut = Statut.objects.filter(referentiel=classe.promotion.referentiel_id).first()
        demande = demande_de(texte, classe, statut)
        prevu = apercu(classe, demande)
        if douteuses := ListeRefusee.de(prevu):
            raise ListeRefusee(douteuses)
        confirmer(classe, demande, prevu.empreinte, (), classe.annee.premier_jour, auteur)
        return len(prevu.nouveaux)


IDENTITE = {"last_name", "first_name", "email"}


class PersonneForm(forms.Form):
    """Une personne de l'équipe : qui, où elle enseigne, et ce qu'elle fait d'autre dans l'établissement."""

    last_name = forms.CharField(label="Nom", max_length=150)
    first_name = forms.CharField(label="Prénom", max_length=150)
    email = forms.EmailField(label="Courriel", required=False)
    roles = RolesField()
    classes = forms.ModelMultipleChoiceField(
        Classe.objects.none(), label="Évalue en", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, classes: Any, **options: Any) -> None:
        depart = {"roles": [Role.ENSEIGNANT.value], "classes": [une.pk for une in classes]}
        super().__init__(*args, **options | {"initial": depart})
        liste(self, "classes").queryset = classes
        for nom in IDENTITE:
            self.fields[nom].widget.attrs["class"] = "form-control"

    def has_changed(self) -> bool:
        """Sans nom ni prénom ni courriel, la ligne est vide, quoi qu'on y ait coché."""
        return bool(IDENTITE & set(self.changed_data))

    def clean(self) -> dict[str, Any]:
        donnees = super().clean() or self.cleaned_data
        if donnees.get("classes") and Role.ENSEIGNANT not in donnees.get("roles", ()):
            self.add_error("roles", "Évaluer une classe demande le rôle d’enseignant.")
        return donnees


class EquipesFormSet(forms.BaseFormSet):
    @property
    def ecrits(self) -> list[PersonneForm]:
        return [un for un in self.forms if un.has_changed()]

    @transaction.atomic
    def ouvrir(self, lieu: Etablissement) -> list[AccesCompte]:
        donnees = [un.cleaned_data for un in self.ecrits]
        bases = [base_identifiant(un["first_name"], un["last_name"]) for un in donnees]
        pris = identifiants_pris(bases) if bases else set()
        return [
            self._ouvrir(un, identifiant_libre(base, pris), lieu)
            for un, base in zip(donnees, bases, strict=True)
        ]

    def _ouvrir(self, donnees: dict[str, Any], identifiant: str, lieu: Etablissement) -> AccesCompte:
        noms = {nom: donnees[nom] for nom in IDENTITE}
        compte = Utilisateur(username=identifiant, **noms)
        acces = ouvrir_compte(compte, lieu, donnees["roles"])
        compte.classes.add(*donnees["classes"])
        return acces


Equipes: Any = forms.formset_factory(PersonneForm, formset=EquipesFormSet, extra=5, max_num=40)


class MoiForm(forms.Form):
    """Les classes que la personne qui ouvre l'établissement évalue elle-même."""

    miennes = forms.ModelMultipleChoiceField(
        Classe.objects.none(),
        label="J’évalue moi-même en",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, classes: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        liste(self, "miennes").queryset = classes

    def prendre(self, compte: Utilisateur, lieu: Etablissement) -> None:
        if not (miennes := self.cleaned_data["miennes"]):
            return
        tenus = compte.appartenances.filter(etablissement=lieu).values_list("role", flat=True)
        changer_roles(compte, lieu, {*tenus, Role.ENSEIGNANT.value})
        compte.classes.add(*miennes)
