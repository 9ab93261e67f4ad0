"""Dans une PFMP : séjours, absences, visites et annexe pédagogique."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from livret.personnes.models.compte import Utilisateur
from livret.pfmp.forms.entreprise import (
    PlaceEntreprise,
    PlaceField,
    cle_place,
    places,
)
from livret.pfmp.models.pfmp import Pfmp
from livret.pfmp.models.sejour import Absence, Sejour, Visite
from livret.synthese.ligne import LigneLivret
from livret.synthese.livrets import Livret
from referentiel.models import Competence, Tache
from trpm.base.modification import SansEcraser
from trpm.champs import DateField
from trpm.textes import entiers


class ReferentField(forms.ModelChoiceField):
    def label_from_instance(self, compte: Any) -> str:
        return compte.nom_complet


class DansPfmp(SansEcraser, forms.ModelForm):
    """Formulaire d'un objet d'une PFMP ; une date hors de l'année ou d'un séjour s'explique ici."""

    def __init__(self, *args: Any, pfmp: Pfmp, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pfmp = pfmp
        self.instance.pfmp = pfmp


class SejourForm(DansPfmp):
    debut = DateField(label="Du")
    fin = DateField(label="Au")

    class Meta:
        model = Sejour
        fields = ["debut", "fin", "rattrapage", "jours_par_semaine", "jours"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = PlaceField(
            places(self.pfmp.eleve.etablissement, self.pfmp.mot_tuteur),
            [("", "choisir…")],
            label=f"Entreprise et {self.pfmp.mot_tuteur}",
            error_messages={"required": "Choisissez une entreprise du carnet."},
            initial=cle_place(self.instance) if self.instance.pk else "",
        )
        self.order_fields(["place", "debut", "fin"])

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        if isinstance(place := champs.get("place"), PlaceEntreprise):
            self.instance.entreprise_id, self.instance.tuteur_id = place.entreprise, place.tuteur
        return champs


class AbsenceForm(DansPfmp):
    debut = DateField(label="Du")
    fin = DateField(label="Au", required=False, help_text="Vide : le même jour.")
    jours = forms.DecimalField(
        label="Jours manqués",
        localize=True,
        max_digits=4,
        decimal_places=1,
        min_value=0,
        help_text=Absence.jours.field.help_text,
    )

    class Meta:
        model = Absence
        fields = ["debut", "fin", "jours", "justifiee", "rattrapee"]

    def clean_fin(self) -> datetime.date | None:
        return self.cleaned_data["fin"] or self.cleaned_data.get("debut")


class VisiteForm(DansPfmp):
    date = DateField(label="Date", help_text="À venir : la visite est prévue ; passée : elle est faite.")
    par = ReferentField(Utilisateur.objects.none(), label="Enseignant")

    class Meta:
        model = Visite
        fields = ["date", "par", "nature", "compte_rendu"]
        widgets = {"nature": forms.RadioSelect, "compte_rendu": forms.Textarea({"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        equipe = self.pfmp.periode.classe.equipe.values("pk")
        deja = Q(pk=self.instance.par_id) if self.instance.pk else Q()
        self.fields["par"].queryset = Utilisateur.objects.filter(Q(pk__in=equipe) | deja).order_by(  # type: ignore[attr-defined]
            "last_name", "first_name"
        )


@dataclass(frozen=True)
class Cochable:
    """Une case de l'annexe ; `ligne` dit où en est l'élève de cette compétence."""

    pk: int
    code: str
    intitule: str
    coche: bool
    ligne: LigneLivret | None = None


class AnnexeForm(SansEcraser, forms.ModelForm):
    class Meta:
        model = Pfmp
        fields = ["activites", "taches", "competences"]
        widgets = {"activites": forms.Textarea({"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        eleve = self.instance.eleve
        version = eleve.promotion.referentiel_id
        self.taches = list(
            Tache.objects.filter(
                Q(option__isnull=True) | Q(option=eleve.option_id), activite__referentiel=version
            )
            .select_related("activite")
            .prefetch_related("activite__intitules")
            .order_by("activite__ordre", "ordre", "pk")
        )
        self.fields["taches"].queryset = Tache.objects.filter(pk__in=[tache.pk for tache in self.taches])  # type: ignore[attr-defined]
        self.fields["competences"].queryset = Competence.objects.filter(referentiel=version)  # type: ignore[attr-defined]

    def _coches(self, nom: str) -> set[int]:
        return entiers(getattr(valeur, "pk", valeur) for valeur in self[nom].value() or ())

    def par_activite(self) -> list[tuple[str, str, list[Cochable], bool]]:
        """Code et intitulé de l'activité, ses tâches, et si l'une est cochée."""
        coches = self._coches("taches")
        groupes: dict[int, tuple[str, str, list[Cochable]]] = {}
        for tache in self.taches:
            activite = tache.activite
            intitule = activite.intitule_pour(self.instance.eleve.option)
            groupe = groupes.setdefault(activite.pk, (activite.code, intitule, []))
            groupe[2].append(Cochable(tache.pk, tache.code, tache.intitule, tache.pk in coches))
        return [(*groupe, any(une.coche for une in groupe[2])) for groupe in groupes.values()]

    def par_epreuve(self, livret: Livret) -> list[tuple[str, str, list[Cochable]]]:
        coches = self._coches("competences")
        pks = dict(self.fields["competences"].queryset.values_list("code", "pk"))  # type: ignore[attr-defined]
        return [
            (
                code,
                intitule,
                [
                    Cochable(pks[ligne.code], ligne.code, ligne.intitule, pks[ligne.code] in coches, ligne)
                    for ligne in lignes
                ],
            )
            for code, intitule, lignes in livret.par_epreuve
        ]

    def clean_competences(self) -> Any:
        competences = self.cleaned_data["competences"]
        if not competences:
            raise ValidationError(
                "Cochez au moins une compétence\xa0: c’est elle qui s’évaluera en entreprise."
            )
        return competences
