"""Qui change de promotion, pour quelle classe, et à compter de quand."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from livret.personnes.models.classe import Classe, Promotion
from livret.personnes.models.eleve import Eleve, Scolarite
from referentiel.models import Statut
from trpm.champs import DateField, liste


class ElevesQuiChangentField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, eleve: Any) -> str:
        return f"{eleve} ({eleve.classe_actuelle})" if eleve.classe_actuelle else str(eleve)


class ClasseRejointeField(forms.ModelChoiceField):
    """La classe dit la promotion, donc le diplôme et l'option : on ne choisit qu'une fois."""

    def label_from_instance(self, classe: Any) -> str:
        promotion = classe.promotion
        option = f", {promotion.option.mention}" if promotion.option.mention else ""
        return f"{classe}, {classe.annee}\xa0: {promotion} ({promotion.referentiel}{option})"


class ChangementForm(forms.Form):
    """`statut` : celui des élèves dont le nouveau diplôme ne connaît pas le statut ; `apercu` : l'empreinte
    de ce que la page montrait."""

    eleves = ElevesQuiChangentField(
        Eleve.objects.none(), label="Élèves", error_messages={"required": "Cochez au moins un élève."}
    )
    classe = ClasseRejointeField(
        Classe.objects.none(), label="Classe rejointe", empty_label=None, widget=forms.RadioSelect
    )
    jour = DateField(label="À compter du", required=False)
    statut = forms.ModelChoiceField(Statut.objects.none(), required=False, empty_label=None)
    apercu = forms.CharField(required=False)

    def __init__(self, data: Any = None, *, promotion: Promotion, **options: Any) -> None:
        super().__init__(data, **options)
        siennes = Scolarite.objects.filter(eleve=OuterRef("pk"), classe__origine="")
        derniere = siennes.order_by("-classe__annee__debut", "-pk")
        siens = Eleve.objects.filter(promotion=promotion, actif=True)
        liste(self, "eleves").queryset = siens.annotate(
            classe_actuelle=Subquery(derniere.values("classe__nom")[:1])
        )
        autres = Classe.objects.filter(etablissement=promotion.etablissement_id).exclude(promotion=promotion)
        liste(self, "classe").queryset = autres.select_related(
            "annee", "promotion__referentiel", "promotion__option"
        ).order_by("-annee__debut", "nom")
        liste(self, "statut").queryset = Statut.objects.filter(
            referentiel__promotions__in=Promotion.objects.filter(etablissement=promotion.etablissement_id)
        ).distinct()

    def clean(self) -> dict[str, Any]:
        donnees = super().clean() or self.cleaned_data
        classe, jour = donnees.get("classe"), donnees.get("jour")
        if classe and jour and not classe.annee.premier_jour <= jour <= classe.annee.dernier_jour:
            self.add_error(
                "jour", f"Cette date n’est pas dans l’année scolaire {classe.annee} de la classe rejointe."
            )
        statut = donnees.get("statut")
        if classe and statut and statut.referentiel_id != classe.promotion.referentiel_id:
            self.add_error("statut", "Ce statut n’est pas du nouveau diplôme.")
        return donnees

    def a_compter_du(self) -> datetime.date:
        """Le jour donné ; à défaut aujourd'hui, ramené dans l'année de la classe."""
        jour: datetime.date | None = self.cleaned_data["jour"]
        return jour or self.cleaned_data["classe"].annee.jour_proche(timezone.localdate())
