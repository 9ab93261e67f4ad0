"""La fiche d'une séquence, ses semaines, et les PFMP prévues."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout
from django import forms
from django.db.models import Q
from django.http import QueryDict

from livret.annee import cours, entree, ramene
from livret.personnes.models.classe import Classe, Promotion
from livret.progression.calendrier import lundi
from livret.progression.models.sequence import (
    PfmpPrevue,
    SansCours,
    Sequence,
    poser,
)
from livret.situation.models.situation import Situation
from referentiel.models import (
    Activite,
    Competence,
    Detaillee,
    Tache,
)
from trpm.dates import date_dite
from trpm.textes import entier, entiers

JOUR = "%Y-%m-%d"


@dataclass(frozen=True)
class ItemTravaille:
    """Une ligne de l'arbre : travaillée, évaluée, ou rien."""

    pk: int
    code: str
    intitule: str
    option: str
    travaille: bool
    evalue: bool


@dataclass(frozen=True)
class Branche:
    """Une activité et ses tâches, ou une compétence et ses détaillées."""

    code: str
    intitule: str
    tete: ItemTravaille | None
    items: tuple[ItemTravaille, ...]

    @property
    def cochees(self) -> int:
        return sum(item.travaille for item in (*self.items, *((self.tete,) if self.tete else ())))


@dataclass(frozen=True)
class SituationsDeClasse:
    """Les situations d'une classe : identifiant, nom, cochée ou non."""

    classe: Classe
    situations: tuple[tuple[int, str, bool], ...]

    @property
    def cochees(self) -> int:
        return sum(cochee for _, _, cochee in self.situations)


class SequenceForm(forms.ModelForm):
    class Meta:
        model = Sequence
        fields = [
            "intitule",
            "nature",
            "classe",
            "debut",
            "fin",
            "description",
            "taches",
            "taches_evaluees",
            "competences",
            "competences_evaluees",
            "detaillees",
            "detaillees_evaluees",
            "situations",
        ]
        widgets = {
            "nature": forms.RadioSelect,
            "debut": forms.DateInput({"type": "date"}, format=JOUR),
            "fin": forms.DateInput({"type": "date"}, format=JOUR),
            "description": forms.Textarea({"rows": 10}),
            "situations": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, promotion: Promotion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.promotion = self.instance.promotion = promotion
        options = Q(option__isnull=True) | Q(option=promotion.option_id)
        referentiel = promotion.referentiel_id
        taches = Tache.objects.filter(options, activite__referentiel=referentiel)
        choix: dict[str, Any] = {
            "taches": taches.select_related("activite", "option").order_by("activite__ordre", "ordre", "pk"),
            "competences": Competence.objects.filter(referentiel=referentiel),
            "detaillees": Detaillee.objects.filter(
                options, competence__referentiel=referentiel
            ).select_related("option"),
        }
        for nom, tous in choix.items():
            for champ in (nom, f"{nom}_evaluees"):
                self.fields[champ].queryset = tous  # type: ignore[attr-defined]
        self.fields["classe"].queryset = promotion.classes.select_related("annee")  # type: ignore[attr-defined]
        self.fields["classe"].empty_label = "toute la promotion"  # type: ignore[attr-defined]
        situations = Situation.objects.filter(classe__promotion=promotion).select_related("classe")
        self.fields["situations"].queryset = situations.order_by("debut", "pk")  # type: ignore[attr-defined]
        self.fields["situations"].label_from_instance = _situation  # type: ignore[attr-defined]
        for nom in ("debut", "fin"):
            self.fields[nom].help_text = "Un jour de la semaine choisie ; elle est prise entière."
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            "intitule",
            Div(
                Field("nature", wrapper_class="col-md-6"),
                Field("classe", wrapper_class="col-md-6"),
                css_class="row",
            ),
            Div(Field("debut", wrapper_class="col-6"), Field("fin", wrapper_class="col-6"), css_class="row"),
            "description",
            Fieldset("Tâches", Field("taches", template="livret/progression/_taches_sequence.html")),
            Fieldset("Compétences", Field("detaillees", template="livret/progression/_arbre_sequence.html")),
            Fieldset(
                "Évaluation", Field("situations", template="livret/progression/_situations_sequence.html")
            ),
        )

    # --- Ce que montrent les arbres -----------------------------------------------------------

    def _cochees(self, nom: str) -> set[int]:
        valeurs = self[nom].value() or ()
        return entiers(getattr(valeur, "pk", valeur) for valeur in valeurs)

    def _items(self, nom: str) -> list[tuple[Any, ItemTravaille]]:
        travailles, evalues = self._cochees(nom), self._cochees(f"{nom}_evaluees")
        return [
            (
                element,
                ItemTravaille(
                    element.pk,
                    element.code,
                    element.intitule,
                    element.option.code if getattr(element, "option", None) else "",
                    element.pk in travailles | evalues,
                    element.pk in evalues,
                ),
            )
            for element in self.fields[nom].queryset  # type: ignore[attr-defined]
        ]

    def activites(self) -> list[Branche]:
        groupes: dict[Activite, list[ItemTravaille]] = {}
        for tache, item in self._items("taches"):
            groupes.setdefault(tache.activite, []).append(item)
        intitules = {
            activite.pk: activite.intitule_pour(self.promotion.option)
            for activite in Activite.objects.filter(
                referentiel=self.promotion.referentiel_id
            ).prefetch_related("intitules")
        }
        return [
            Branche(activite.code, intitules[activite.pk], None, tuple(items))
            for activite, items in groupes.items()
        ]

    def branches(self) -> list[Branche]:
        details: dict[int, list[ItemTravaille]] = {}
        for detaillee, item in self._items("detaillees"):
            details.setdefault(detaillee.competence_id, []).append(item)
        return [
            Branche(item.code, item.intitule, item, tuple(details.get(competence.pk, ())))
            for competence, item in self._items("competences")
        ]

    def situations_par_classe(self) -> list[SituationsDeClasse]:
        """Celles que la séquence peut évaluer, la classe la plus récente d'abord, les dernières en tête."""
        cochees = self._cochees("situations")
        groupes: dict[Classe, list[tuple[int, str, bool]]] = {}
        for une in reversed(self.fields["situations"].queryset):  # type: ignore[attr-defined]
            groupes.setdefault(une.classe, []).append((une.pk, _situation(une), une.pk in cochees))
        return [SituationsDeClasse(classe, tuple(siennes)) for classe, siennes in groupes.items()]

    # --- Ce qui est vérifié -------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """Ce qui est évalué est travaillé ; une compétence dont un détail est coché l'est aussi."""
        champs = super().clean() or self.cleaned_data
        debut, fin = champs.get("debut"), champs.get("fin")
        if debut and fin and lundi(fin) < lundi(debut):
            self.add_error("fin", "La dernière semaine ne peut pas précéder la première.")
        if self.errors:
            return champs
        for suite in ("_evaluees", ""):
            parents = {detaillee.competence_id for detaillee in champs[f"detaillees{suite}"]}
            cochees = {competence.pk for competence in champs[f"competences{suite}"]}
            champs[f"competences{suite}"] = self._parmi("competences", parents | cochees)
        for nom in ("taches", "competences", "detaillees"):
            cles = {un.pk for un in (*champs[nom], *champs[f"{nom}_evaluees"])}
            champs[nom] = self._parmi(nom, cles)
        return champs

    def _parmi(self, nom: str, cles: set[int]) -> Any:
        return self.fields[nom].queryset.filter(pk__in=cles)  # type: ignore[attr-defined]


def _situation(situation: Situation) -> str:
    return f"{situation.intitule}, {date_dite(situation.fin)}"


def initial_lu(demande: QueryDict, promotion: Promotion, jour: datetime.date) -> dict[str, Any]:
    """Ce que l'adresse propose : une détaillée à travailler, une classe, une semaine."""
    premier, _ = cours(entree(promotion.referentiel.cycle, promotion.session))
    debut = ramene(lundi(jour), premier, datetime.date(promotion.session, 6, 1))
    initial: dict[str, Any] = {"debut": lundi(debut), "fin": lundi(debut) + datetime.timedelta(days=18)}
    if (classe := entier(demande.get("classe"))) is not None:
        initial["classe"] = classe
    if (detaillee := entier(demande.get("detaillee"))) is not None:
        initial["detaillees"] = [detaillee]
        initial["competences"] = list(
            Competence.objects.filter(referentiel=promotion.referentiel_id, detaillees=detaillee).values_list(
                "pk", flat=True
            )
        )
    return initial


class PoseForm(forms.Form):
    """Déplacer ou étirer : les deux semaines voulues, et la pose que la personne avait sous les yeux."""

    debut = forms.DateField()
    fin = forms.DateField()
    vue = forms.IntegerField(min_value=0)

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        if not self.errors and lundi(champs["fin"]) < lundi(champs["debut"]):
            raise forms.ValidationError("La dernière semaine ne peut pas précéder la première.")
        return champs


DATES = {nom: forms.DateInput({"type": "date"}, format=JOUR) for nom in ("debut", "fin")}


class SemainesForm(forms.ModelForm):
    """Des semaines entières, données par un jour de la première et un de la dernière."""

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        debut, fin = champs.get("debut"), champs.get("fin")
        if debut and fin and lundi(fin) < lundi(debut):
            self.add_error("fin", "La dernière semaine ne peut pas précéder la première.")
        return champs


class PfmpPrevueForm(SemainesForm):
    class Meta:
        model = PfmpPrevue
        fields = ["debut", "fin"]
        widgets = DATES

    def __init__(self, *args: Any, promotion: Promotion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.promotion = promotion


class SansCoursForm(SemainesForm):
    """Saisies depuis la progression d'une promotion, dans ses trois années ; elles valent pour toutes."""

    prefix = "sans-cours"

    class Meta:
        model = SansCours
        fields = ["libelle", "debut", "fin"]
        widgets = DATES

    def __init__(self, *args: Any, promotion: Promotion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.promotion = promotion
        self.instance.etablissement = promotion.etablissement

    def clean(self) -> dict[str, Any]:
        champs = super().clean()
        if not self.errors:
            poser(self.promotion, champs["debut"], champs["fin"])
        return champs
