"""Tout ce qui change pour un élève, sur un seul écran : classe, option, établissement, diplôme, statut."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from livret.administration.changement import apercu, changer, inscrire
from livret.administration.forms.changement import ClasseRejointeField
from livret.personnes.models.classe import Classe, Promotion
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from referentiel.models import Option, Statut
from trpm.base.modification import SansEcraser
from trpm.champs import DateField, liste

RESTE, PART = "reste", "part"
PAS_DU_DIPLOME = "Ce choix n’est pas du diplôme de la classe rejointe\xa0: {}."


class AvecDiplomeField(forms.ModelChoiceField):
    def label_from_instance(self, un: Any) -> str:
        dit = f"{un.code} {un.intitule}" if isinstance(un, Option) else un
        return f"{un.referentiel}\xa0: {dit}"


class ParcoursForm(SansEcraser, forms.Form):
    """Ce qui est laissé comme la page le montrait ne change pas."""

    classe = ClasseRejointeField(Classe.objects.none(), label="Classe", empty_label=None)
    option = AvecDiplomeField(Option.objects.none(), label="Option", empty_label=None)
    statut = AvecDiplomeField(Statut.objects.none(), label="Statut", required=False, empty_label="aucun")
    etablissement = forms.ChoiceField(
        label="Établissement",
        choices=[(RESTE, "Reste dans l’établissement"), (PART, "Part dans un autre établissement")],
        widget=forms.RadioSelect,
        help_text="Qui part garde ici tout ce qui est à lui, et l’emporte dans une archive.",
    )
    jour = DateField(label="À compter du", required=False)

    def __init__(self, data: Any = None, *, eleve: Eleve, **options: Any) -> None:
        self.eleve = eleve
        courante = eleve.scolarites.ouvertes().order_by("-classe__annee__debut", "-pk").first()
        depart = {
            "classe": courante and courante.classe_id,
            "option": eleve.option_id,
            "statut": eleve.statut_id,
            "etablissement": RESTE,
        }
        super().__init__(data, **options | {"initial": depart})
        classes = Classe.objects.filter(etablissement=eleve.etablissement_id)
        liste(self, "classe").queryset = classes.select_related(
            "annee", "promotion__referentiel", "promotion__option"
        ).order_by("-annee__debut", "nom")
        promotions = Promotion.objects.filter(etablissement=eleve.etablissement_id)
        siens = {"referentiel__promotions__in": promotions}
        for nom, modele in (("option", Option), ("statut", Statut)):
            choix = modele.objects.filter(**siens).distinct()
            liste(self, nom).queryset = choix.select_related("referentiel")

    def clean(self) -> dict[str, Any]:
        donnees = super().clean() or self.cleaned_data
        if donnees.get("etablissement") == PART or "classe" not in donnees:
            return donnees
        classe, jour = donnees["classe"], donnees.get("jour")
        if jour and not classe.annee.premier_jour <= jour <= classe.annee.dernier_jour:
            self.add_error("jour", f"Cette date n’est pas dans l’année scolaire {classe.annee} de la classe.")
        for nom in ("option", "statut"):
            un = donnees.get(nom)
            if un and un.referentiel_id != classe.promotion.referentiel_id and nom in self.changed_data:
                self.add_error(nom, PAS_DU_DIPLOME.format(classe.promotion.referentiel))
        return donnees

    @transaction.atomic
    def enregistrer(self, par: Utilisateur, le: datetime.datetime) -> bool:
        """Vrai si c'est fait, tout ou rien ; sinon le formulaire dit ce qui l'empêche."""
        try:
            with transaction.atomic():
                self._partir() if self.cleaned_data["etablissement"] == PART else self._rester(par, le)
        except ValidationError as refus:
            self.add_error(None, refus.messages)
            return False
        return True

    def _partir(self) -> None:
        jour = self.cleaned_data["jour"] or timezone.localdate()
        ouvertes = list(self.eleve.scolarites.ouvertes().select_related("classe__annee", "eleve"))
        if not ouvertes:
            self.eleve.actif = False
            self.eleve.save()
        for scolarite in sorted(ouvertes, key=lambda une: une.classe.annee.debut):
            scolarite.sortir(scolarite.classe.annee.jour_proche(jour))
        Eleve.objects.filter(pk=self.eleve.pk).update(actif=False)

    def _rester(self, par: Utilisateur, le: datetime.datetime) -> None:
        classe, option, statut = (self.cleaned_data[nom] for nom in ("classe", "option", "statut"))
        jour = self.cleaned_data["jour"] or classe.annee.jour_proche(timezone.localdate())
        eleve = Eleve.objects.select_for_update(of=("self",)).get(pk=self.eleve.pk)
        if classe.promotion_id != eleve.promotion_id:
            prevu = apercu(eleve.promotion, classe, Eleve.objects.filter(pk=eleve.pk))
            if refus := [f"{un.eleve} est {un.refus}." for un in prevu.refuses]:
                raise ValidationError(refus)
            du_nouveau = (
                statut if statut and statut.referentiel_id == classe.promotion.referentiel_id else None
            )
            (eleve,) = changer(prevu, du_nouveau, jour, par, le)
        elif "classe" in self.changed_data:
            inscrire(eleve, classe, jour)
        self._choisir(eleve, option, statut)

    def _choisir(self, eleve: Eleve, option: Option, statut: Statut | None) -> None:
        """L'option et le statut demandés, par les règles de la fiche (Q14)."""
        ici = eleve.promotion.referentiel_id
        if option.referentiel_id == ici and "option" in self.changed_data:
            eleve.option = option
        if "statut" in self.changed_data and (statut is None or statut.referentiel_id == ici):
            eleve.statut = statut
        eleve.actif = True
        eleve.full_clean()
        eleve.save()
