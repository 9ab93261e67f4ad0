"""Entreprises, tuteurs, périodes d'une classe, séjours, absences, visites et annexe pédagogique."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from livret.personnes.identifiants import plie, siret_normalise
from livret.personnes.models import (
    Classe,
    Eleve,
    Etablissement,
    Utilisateur,
)
from livret.pfmp.models import (
    Absence,
    Entreprise,
    EntrepriseQuerySet,
    Periode,
    Pfmp,
    Sejour,
    Tuteur,
    Visite,
)
from livret.pfmp.suivi import Annexe, annexes_proposees
from livret.synthese.ligne import LigneLivret
from livret.synthese.livrets import Livret
from referentiel.models import Competence, Tache
from trpm.champs import DateField, liste
from trpm.textes import entiers

# --- Le carnet d'adresses ------------------------------------------------------------------------


class SiretField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return siret_normalise(super().to_python(value) or "")


class EntrepriseForm(forms.ModelForm):
    siret = SiretField(
        label="SIRET",
        required=False,
        validators=Entreprise.siret.field.validators[:1],
        help_text=Entreprise.siret.field.help_text,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    autre = forms.BooleanField(
        label="C’est une autre entreprise : l’ajouter quand même", required=False, widget=forms.HiddenInput
    )

    class Meta:
        model = Entreprise
        fields = ["etablissement", "nom", "siret", "secteur", "adresse", "code_postal", "ville", "telephone"]

    def __init__(self, *args: Any, etablissements: Iterable[Etablissement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.semblables: list[Entreprise] = []
        choix = list(etablissements)
        liste(self, "etablissement").queryset = Etablissement.objects.filter(
            pk__in=[lieu.pk for lieu in choix]
        )
        if len(choix) == 1 or self.instance.pk:
            del self.fields["etablissement"]
            self.instance.etablissement = self.instance.etablissement if self.instance.pk else choix[0]

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"etablissement"}  # type: ignore[misc]

    def clean_siret(self) -> str | None:
        return self.cleaned_data["siret"] or None

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        lieu = champs.get("etablissement") or getattr(self.instance, "etablissement", None)
        if lieu:
            self._chercher_les_doubles(lieu.entreprises.exclude(pk=self.instance.pk), champs)
        return champs

    def _chercher_les_doubles(self, carnet: EntrepriseQuerySet, champs: dict[str, Any]) -> None:
        """Le même SIRET est refusé ; le même nom se confirme."""
        if siret := champs.get("siret"):
            self.semblables = list(carnet.filter(siret=siret))
        if self.semblables or champs.get("autre") or "nom" not in champs:
            return
        nom = plie(champs["nom"])
        homonymes = [entreprise for entreprise in carnet if plie(entreprise.nom) == nom]
        if homonymes and not (self.instance.pk and "nom" not in self.changed_data):
            self.semblables = homonymes
            self.fields["autre"].widget = forms.CheckboxInput()
            self.add_error("nom", "Une entreprise du carnet porte déjà ce nom.")


class TuteurForm(forms.ModelForm):
    class Meta:
        model = Tuteur
        fields = ["nom", "fonction", "courriel", "telephone"]
        help_texts = {
            "courriel": "Vu de l’équipe et de l’administration seulement.",
            "telephone": "Vu de l’équipe et de l’administration seulement.",
        }

    def __init__(self, *args: Any, entreprise: Entreprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.entreprise = entreprise

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"entreprise"}  # type: ignore[misc]


# --- Où va l'élève -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Une entreprise, et le tuteur si l'on sait lequel."""

    entreprise: int
    tuteur: int | None


def places(etablissement: Etablissement) -> dict[str, tuple[str, str, Place]]:
    """Ce que l'on peut choisir dans une liste : clé, entreprise, libellé. Deux requêtes."""
    choix: dict[str, tuple[str, str, Place]] = {}
    for entreprise in etablissement.entreprises.prefetch_related("tuteurs"):
        for tuteur in entreprise.tuteurs.all():
            libelle = f"{entreprise.nom} : {tuteur.nom}"
            choix[f"t{tuteur.pk}"] = (str(entreprise), libelle, Place(entreprise.pk, tuteur.pk))
        libelle = f"{entreprise.nom} : tuteur à préciser"
        choix[f"e{entreprise.pk}"] = (str(entreprise), libelle, Place(entreprise.pk, None))
    return choix


def cle_place(sejour: Sejour) -> str:
    return f"t{sejour.tuteur_id}" if sejour.tuteur_id else f"e{sejour.entreprise_id}"


class PlaceField(forms.TypedChoiceField):
    """Entreprise et tuteur en une seule liste, groupée par entreprise."""

    def __init__(
        self, connues: dict[str, tuple[str, str, Place]], vides: list[tuple[str, str]], **options: Any
    ) -> None:
        groupes: dict[str, list[tuple[str, str]]] = {}
        for cle, (entreprise, libelle, _) in connues.items():
            groupes.setdefault(entreprise, []).append((cle, libelle))
        super().__init__(
            choices=[*vides, *groupes.items()],
            coerce=lambda cle: connues[cle][2] if cle in connues else cle,
            empty_value=None,
            widget=forms.Select({"class": "form-select"}),
            **options,
        )


# --- La PFMP d'une classe ------------------------------------------------------------------------

NE_PART_PAS = "non"


@dataclass(frozen=True)
class LignePlacement:
    """Une ligne du tableau de placement : un élève, sa place ou ses séjours, son référent."""

    eleve: Eleve
    pfmp: Pfmp | None
    sejours: tuple[Sejour, ...]
    place: forms.BoundField | None
    referent: forms.BoundField


class ReferentField(forms.ModelChoiceField):
    def label_from_instance(self, compte: Any) -> str:
        return compte.nom_complet


class PeriodeForm(forms.ModelForm):
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
        self.eleves = list(
            Eleve.objects.filter(Q(pk__in=presents.values("pk")) | Q(pk__in=self.pfmps)).select_related(
                "promotion", "option"
            )
        )
        connues = places(classe.etablissement)
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
        self, eleve: Eleve, connues: dict[str, tuple[str, str, Place]], equipe: list[Utilisateur]
    ) -> None:
        pfmp = self.pfmps.get(eleve.pk)
        if pfmp is None or (pfmp.modifiable and not pfmp.sejours.all()):
            vides = [("", "pas encore d’entreprise")]
            if pfmp is None:
                vides.append((NE_PART_PAS, "ne part pas"))
            self.fields[f"place_{eleve.pk}"] = PlaceField(
                connues,
                vides,
                label=f"Entreprise et tuteur de {eleve}",
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
        placees = {eleve.pk for eleve in self.eleves if isinstance(champs.get(f"place_{eleve.pk}"), Place)}
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
        annexes = annexes_proposees(nouvelles) if nouvelles else {}
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
        if isinstance(place, Place):
            Sejour(
                pfmp=pfmp,
                entreprise_id=place.entreprise,
                tuteur_id=place.tuteur,
                debut=self.instance.debut,
                fin=self.instance.fin,
            ).save()


# --- Dans une PFMP -------------------------------------------------------------------------------


class DansPfmp(forms.ModelForm):
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
            places(self.pfmp.eleve.etablissement),
            [("", "choisir…")],
            label="Entreprise et tuteur",
            error_messages={"required": "Choisissez une entreprise du carnet."},
            initial=cle_place(self.instance) if self.instance.pk else "",
        )
        self.order_fields(["place", "debut", "fin"])

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        if isinstance(place := champs.get("place"), Place):
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


# --- L'annexe pédagogique ------------------------------------------------------------------------


@dataclass(frozen=True)
class Cochable:
    """Une case de l'annexe ; `ligne` dit où en est l'élève de cette compétence."""

    pk: int
    code: str
    intitule: str
    coche: bool
    ligne: LigneLivret | None = None


class AnnexeForm(forms.ModelForm):
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
            raise ValidationError("Cochez au moins une compétence : c’est elle que le tuteur évaluera.")
        return competences
