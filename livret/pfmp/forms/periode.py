"""La PFMP d'une classe : la période, et la place de chacun."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q

from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.pfmp.forms.entreprise import PlaceEntreprise, PlaceField, places
from livret.pfmp.models.pfmp import Periode, Pfmp
from livret.pfmp.models.sejour import Sejour
from livret.pfmp.suivi import Annexe, annexes_proposees
from trpm.base.modification import SansEcraser
from trpm.champs import DateField

NE_PART_PAS = "non"


@dataclass(frozen=True)
class LignePlacement:
    """Une ligne du tableau de placement : un élève, sa place ou ses séjours, son référent."""

    eleve: Eleve
    pfmp: Pfmp | None
    sejours: tuple[Sejour, ...]
    place: forms.BoundField | None
    referent: forms.BoundField


class PeriodeForm(SansEcraser, forms.ModelForm):
    """Les mêmes dates pour tous, l'entreprise et le référent élève par élève."""

    debut = DateField(label="Du")
    fin = DateField(label="Au")

    class Meta:
        model = Periode
        fields = ["intitule", "debut", "fin"]

    def __init__(self, *args: Any, classe: Classe, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.classe = classe
        self.avant = (self.instance.debut, self.instance.fin)
        self.pfmps = self._pfmps()
        presents = Eleve.objects.presents(classe)
        for nom in ("debut", "fin"):
            bornes = {"min": classe.annee.premier_jour, "max": classe.annee.dernier_jour}
            self.fields[nom].widget.attrs |= {cle: jour.isoformat() for cle, jour in bornes.items()}
        self.eleves = list(
            Eleve.objects.filter(Q(pk__in=presents.values("pk")) | Q(pk__in=self.pfmps)).select_related(
                "promotion", "option"
            )
        )
        connues = places(classe.etablissement, classe.mot_tuteur)
        equipe = list(classe.equipe.order_by("last_name", "first_name"))
        for eleve in self.eleves:
            self._ajouter(eleve, connues, equipe)

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"classe"}  # type: ignore[misc]

    def _pfmps(self) -> dict[int, Pfmp]:
        if not self.instance.pk:
            return {}
        pfmps = self.instance.pfmps.select_related("referent").prefetch_related(
            "sejours__entreprise", "sejours__tuteur"
        )
        return {pfmp.eleve_id: pfmp for pfmp in pfmps}

    def _ajouter(
        self, eleve: Eleve, connues: dict[str, tuple[str, str, PlaceEntreprise]], equipe: list[Utilisateur]
    ) -> None:
        pfmp = self.pfmps.get(eleve.pk)
        if pfmp is None or (pfmp.modifiable and not pfmp.sejours.all()):
            vides = [("", "pas encore d’entreprise")]
            if pfmp is None:
                vides.append((NE_PART_PAS, "ne part pas"))
            self.fields[f"place_{eleve.pk}"] = PlaceField(
                connues,
                vides,
                label=f"Entreprise et {self.instance.classe.mot_tuteur} de {eleve}",
                required=False,
                initial=NE_PART_PAS if self.instance.pk and pfmp is None else "",
            )
        referents = {compte.pk: compte for compte in equipe}
        if pfmp and pfmp.referent:
            referents[pfmp.referent_id] = pfmp.referent  # type: ignore[index]
        self.fields[f"referent_{eleve.pk}"] = forms.TypedChoiceField(
            choices=[("", "à désigner"), *((pk, compte.nom_complet) for pk, compte in referents.items())],
            coerce=lambda pk: referents[int(pk)],
            empty_value=None,
            label=f"Enseignant référent de {eleve}",
            required=False,
            widget=forms.Select({"class": "form-select"}),
            disabled=pfmp is not None and not pfmp.modifiable,
            initial=pfmp.referent_id if pfmp else "",
        )

    def lignes(self) -> list[LignePlacement]:
        return [
            LignePlacement(
                eleve,
                pfmp := self.pfmps.get(eleve.pk),
                tuple(pfmp.sejours.all()) if pfmp else (),
                self[f"place_{eleve.pk}"] if f"place_{eleve.pk}" in self.fields else None,
                self[f"referent_{eleve.pk}"],
            )
            for eleve in self.eleves
        ]

    @property
    def sans_place(self) -> list[tuple[int, str]]:
        """Les élèves à qui une entreprise peut encore être choisie."""
        return [(eleve.pk, str(eleve)) for eleve in self.eleves if f"place_{eleve.pk}" in self.fields]

    @property
    def champs_communs(self) -> list[forms.BoundField]:
        return [self[nom] for nom in self.Meta.fields]

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        debut, fin = champs.get("debut"), champs.get("fin")
        if debut and fin and debut <= fin:
            self._refuser_les_croisements(champs, debut, fin)
        return champs

    def _refuser_les_croisements(
        self, champs: dict[str, Any], debut: datetime.date, fin: datetime.date
    ) -> None:
        """Dit, élève par élève, quel séjour croise ces dates. Une requête pour toute la classe."""
        placees = {
            eleve.pk for eleve in self.eleves if isinstance(champs.get(f"place_{eleve.pk}"), PlaceEntreprise)
        }
        croises = (
            Sejour.objects.filter(pfmp__eleve__in=placees, debut__lte=fin, fin__gte=debut)
            .exclude(pfmp__etat=Pfmp.Etat.ANNULEE)
            .select_related("pfmp", "entreprise")
        )
        for sejour in croises:
            self.add_error(f"place_{sejour.pfmp.eleve_id}", f"Déjà en entreprise à ces dates : {sejour}.")

    @transaction.atomic
    def save(self, commit: bool = True) -> Periode:
        """Écrit la période, ses PFMP et leurs premiers séjours : tout, ou rien."""
        periode = super().save(commit)
        nouvelles = [
            eleve
            for eleve in self.eleves
            if eleve.pk not in self.pfmps and self.cleaned_data[f"place_{eleve.pk}"] != NE_PART_PAS
        ]
        annexes = annexes_proposees(nouvelles, periode.classe) if nouvelles else {}
        for eleve in self.eleves:
            if eleve.pk in self.pfmps:
                self._mettre_a_jour(self.pfmps[eleve.pk])
            elif eleve.pk in annexes:
                self._creer(eleve, annexes[eleve.pk])
        return periode

    def _creer(self, eleve: Eleve, annexe: Annexe) -> None:
        pfmp = Pfmp(periode=self.instance, eleve=eleve, referent=self.cleaned_data[f"referent_{eleve.pk}"])
        pfmp.save()
        pfmp.competences.set(annexe.competences)
        pfmp.taches.set(annexe.taches)
        self._placer(pfmp)

    def _mettre_a_jour(self, pfmp: Pfmp) -> None:
        """Le référent, la place si elle manquait ; un séjour aux dates de la période les suit."""
        if not pfmp.modifiable:
            return
        if pfmp.referent != (referent := self.cleaned_data[f"referent_{pfmp.eleve_id}"]):
            pfmp.referent = referent
            pfmp.save()
        dates = (self.instance.debut, self.instance.fin)
        for sejour in pfmp.sejours.all():
            if dates != self.avant == (sejour.debut, sejour.fin):
                sejour.debut, sejour.fin = dates
                sejour.save()
        self._placer(pfmp)

    def _placer(self, pfmp: Pfmp) -> None:
        place = self.cleaned_data.get(f"place_{pfmp.eleve_id}")
        if isinstance(place, PlaceEntreprise):
            Sejour(
                pfmp=pfmp,
                entreprise_id=place.entreprise,
                tuteur_id=place.tuteur,
                debut=self.instance.debut,
                fin=self.instance.fin,
            ).save()
