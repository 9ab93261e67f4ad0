"""Préparer une situation : le formulaire, ses tâches, ses compétences."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Fieldset, Layout
from django import forms
from django.db.models import Q, QuerySet
from django.utils.text import capfirst

from livret.annee import cours, ramene, rentree, semestre_du_cycle
from livret.personnes.models.classe import Classe
from livret.personnes.models.eleve import Eleve
from livret.situation.forms.arbre import (
    BrancheCompetence,
    BrancheEpreuve,
    ItemCoche,
    Prevue,
    coches_lus,
    item_coche,
)
from livret.situation.models.situation import Situation, intitule_a_la_volee
from livret.situation.visees import groupes_coches
from referentiel.models import (
    Activite,
    Competence,
    Detaillee,
    Poids,
    Tache,
)
from trpm.base.modification import SansEcraser
from trpm.champs import DateField, liste
from trpm.textes import pluriel

JOUR = "%Y-%m-%d"
REGLAGES = ("debut", "fin", "semestre", "nature", "lieu", "entreprise", "tuteur", "groupe")
RIEN_A_NOTER = "Cochez au moins une compétence ou l’un de ses détails."


def _repliables(titre: str, ouvert: str, champs: list[Any]) -> list[Any]:
    """Des champs que l'on déplie ; `ouvert` : la méthode du formulaire qui dit s'ils le sont déjà."""
    debut = (
        f'<details class="branche repliable"{{% if form.{ouvert} %}} open{{% endif %}}>'
        f"<summary>{titre}</summary><div>"
    )
    return [HTML(debut), *champs, HTML("</div></details>")]


def options_de(classe: Classe) -> set[int]:
    """Options présentes dans la classe : celle de la promotion et celles de ses élèves."""
    eleves = Eleve.objects.presents(classe)
    return {classe.promotion.option_id, *eleves.values_list("option_id", flat=True)}


class SituationForm(SansEcraser, forms.ModelForm):
    class Meta:
        model = Situation
        fields = [
            "intitule",
            "nature",
            "debut",
            "fin",
            "semestre",
            "groupe",
            "lieu",
            "entreprise",
            "tuteur",
            "taches",
            "competences",
            "detaillees",
            "description",
            *Situation.RUBRIQUES,
        ]
        widgets = {
            "nature": forms.RadioSelect,
            "lieu": forms.RadioSelect,
            "debut": forms.DateInput({"type": "date"}, format=JOUR),
            "fin": forms.DateInput({"type": "date"}, format=JOUR),
            "description": forms.Textarea({"rows": 4}),
            **{nom: forms.Textarea({"rows": 3}) for nom in Situation.RUBRIQUES},
        }

    def __init__(self, *args: Any, classe: Classe, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.classe = classe
        self.omis: list[str] = []
        self.groupe_omis = self.eleve_omis = ""
        self.precoche = False
        self.noter = False
        self.instance.classe = classe
        self._offrir_les_choix()
        self._adapter_les_champs()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = self._disposition()

    def _offrir_les_choix(self) -> None:
        classe, referentiel = self.classe, self.classe.promotion.referentiel_id
        options = Q(option__isnull=True) | Q(option__in=options_de(classe))
        taches = Tache.objects.filter(options, activite__referentiel=referentiel)
        self._offrir(
            "taches",
            taches.select_related("activite", "option").order_by("activite__ordre", "ordre", "pk"),
        )
        self._offrir("competences", Competence.objects.filter(referentiel=referentiel))
        self._offrir(
            "detaillees",
            Detaillee.objects.filter(options, competence__referentiel=referentiel).select_related("option"),
        )
        groupes = classe.groupes.filter(Q(archive_le__isnull=True) | Q(pk=self.instance.groupe_id))
        self._offrir("groupe", groupes)

    def _adapter_les_champs(self) -> None:
        if self.instance.eleve_id:
            self.fields.pop("groupe", None)
        if "groupe" in self.fields:
            self.fields["groupe"].empty_label = "Toute la classe"  # type: ignore[attr-defined]
            self.fields["groupe"].help_text = "Les groupes se composent depuis la page de la classe."
        if not (self.initial.get("moyens") or self.data.get("moyens")):
            self.fields.pop("moyens", None)
        if "tuteur" in self.fields:
            self.fields["tuteur"].label = capfirst(str(self.classe.mot_tuteur))
        if "semestre" in self.fields:
            self.fields["semestre"].required = False
            self.fields["semestre"].help_text += " Vide : déduit de la date et du niveau de la classe."

    def _disposition(self) -> Layout:
        rubriques = [nom for nom in Situation.RUBRIQUES if nom in self.fields]
        return Layout(
            "intitule",
            Div(
                Fieldset("Compétences visées", Field("detaillees", template="livret/situation/_arbre.html")),
                Fieldset("Tâches confiées", Field("taches", template="livret/situation/_taches.html")),
                css_class="vises",
            ),
            *_repliables("Date, lieu, nature, élèves visés", "reglages_ouverts", self._reglages()),
            *_repliables(
                "Dossier du candidat et inventaire",
                "dossier_ouvert",
                [
                    "description",
                    HTML('<h2 class="h3">Inventaire mis à la disposition des candidats</h2>'),
                    Div(*(Field(nom, wrapper_class="col-md-6") for nom in rubriques), css_class="row"),
                ],
            ),
        )

    def _reglages(self) -> list[Any]:
        return [
            Div(
                Field("debut", wrapper_class="col-6 col-md-4"),
                Field("fin", wrapper_class="col-6 col-md-4"),
                Field("semestre", wrapper_class="col-md-4"),
                css_class="row",
            ),
            Div(
                Field("nature", wrapper_class="col-md-6"),
                Field("lieu", wrapper_class="col-md-6"),
                css_class="row",
            ),
            Div(
                Field("entreprise", wrapper_class="col-md-6"),
                Field("tuteur", wrapper_class="col-md-6"),
                css_class="row champs-entreprise",
            ),
            *(["groupe"] if "groupe" in self.fields else []),
        ]

    def reglages_ouverts(self) -> bool:
        """Qui modifie les voit ; qui crée les trouve remplis, repliés."""
        return bool(self.instance.pk) or any(nom in self.errors for nom in REGLAGES)

    def dossier_ouvert(self) -> bool:
        noms = ["description", *(nom for nom in Situation.RUBRIQUES if nom in self.fields)]
        return any(nom in self.errors or self[nom].value() for nom in noms)

    def _choix(self, nom: str) -> QuerySet[Any]:
        return self.fields[nom].queryset  # type: ignore[attr-defined]

    def _offrir(self, nom: str, choix: QuerySet[Any]) -> None:
        if nom in self.fields:
            self.fields[nom].queryset = choix  # type: ignore[attr-defined]

    # --- Ce que montrent les arbres -----------------------------------------------------------

    def _coches(self, nom: str) -> set[int]:
        return coches_lus(self[nom].value() or ()) if nom in self.fields else set()

    def activites(self) -> list[tuple[Activite, str, list[ItemCoche]]]:
        """Tâches groupées par activité, avec l'intitulé de celle-ci dans l'option de la promotion."""
        coches = self._coches("taches")
        groupes: dict[int, tuple[Activite, str, list[ItemCoche]]] = {}
        for tache in self._choix("taches").prefetch_related("activite__intitules"):
            activite = tache.activite
            groupe = groupes.setdefault(
                activite.pk, (activite, activite.intitule_pour(self.classe.promotion.option), [])
            )
            groupe[2].append(item_coche(tache, coches))
        return list(groupes.values())

    def epreuves(self) -> list[BrancheEpreuve]:
        """Compétences et détails groupés par épreuve, ce qui est coché et ce que les tâches suggèrent."""
        competences, detaillees = self._coches("competences"), self._coches("detaillees")
        suggestions = self.suggestions()
        details: dict[int, list[ItemCoche]] = {}
        for detaillee in self._choix("detaillees"):
            details.setdefault(detaillee.competence_id, []).append(item_coche(detaillee, detaillees))
        epreuves: dict[str, BrancheEpreuve] = {}
        rattachements = self._epreuves_des_competences()
        for competence in self._choix("competences"):
            code, intitule = rattachements.get(competence.pk, ("", "Hors épreuve"))
            branche = BrancheCompetence(
                item_coche(competence, competences),
                tuple(details.get(competence.pk, ())),
                suggestions.get(competence.pk, ""),
            )
            epreuves.setdefault(code, BrancheEpreuve(code, intitule, [])).competences.append(branche)
        return sorted(epreuves.values(), key=lambda epreuve: (not epreuve.code, epreuve.code))

    def taches_cochees(self) -> bool:
        return bool(self._coches("taches"))

    def _epreuves_des_competences(self) -> dict[int, tuple[str, str]]:
        poids = (
            Poids.objects.filter(epreuve__referentiel=self.classe.promotion.referentiel_id)
            .order_by("-epreuve__ordre")
            .values_list("competence_id", "epreuve__code", "epreuve__intitule")
        )
        return {competence: (code, intitule) for competence, code, intitule in poids}

    def suggestions(self) -> dict[int, str]:
        """Compétences que mobilisent les tâches cochées, et le code des activités qui les suggèrent."""
        suggerees: dict[int, list[str]] = {}
        for activite, competence in (
            Activite.competences.through.objects.filter(activite__taches__in=self._coches("taches"))
            .values_list("activite__code", "competence_id")
            .order_by("activite__ordre", "activite_id")
            .distinct()
        ):
            suggerees.setdefault(competence, []).append(activite)
        return {competence: ", ".join(codes) for competence, codes in suggerees.items()}

    def prevue(self) -> Prevue | None:
        """La grille que donnerait ce qui est coché, avant d'ouvrir la situation ; rien si rien ne l'est."""
        if self.instance.pk or "intitule" not in self.fields:
            return None
        competences = self._coches("competences") or set()
        detaillees = self._choix("detaillees").filter(pk__in=self._coches("detaillees"))
        if not competences and not detaillees:
            competences = set(self.suggestions())
        visees = self._choix("competences").filter(pk__in=competences)
        groupes = groupes_coches(detaillees, visees, self.classe.promotion.grille_id)
        eleves = Eleve.objects.presents(self.classe)
        if groupe := next(iter(coches_lus([self["groupe"].value()])), None):
            eleves = eleves.filter(groupes=groupe)
        return Prevue(groupes, list(eleves)) if groupes else None

    # --- Ce qui est vérifié -------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        if champs.get("lieu") == Situation.Lieu.ENTREPRISE:
            for nom, motif in (
                ("entreprise", "Nommez l’entreprise où se déroule la situation."),
                ("tuteur", f"Nommez {self.classe.mot_tuteur.le} qui a évalué avec vous."),
            ):
                if nom not in self.errors and not champs.get(nom):
                    self.add_error(nom, motif)
        else:
            champs["entreprise"] = champs["tuteur"] = ""
        if not champs.get("semestre") and champs.get("debut"):
            champs["semestre"] = semestre_du_jour(self.classe, champs["debut"])
        if champs.get("semestre") and champs["semestre"] not in self.classe.cycle.semestres:
            dernier = len(self.classe.cycle.semestres)
            self.add_error("semestre", f"Le cycle de cette classe compte {dernier} semestres.")
        if "competences" in champs and "detaillees" in champs:
            champs["competences"] = self._competences_visees(champs)
            if self.noter and not champs["competences"]:
                self.add_error("detaillees", RIEN_A_NOTER)
            self._refuser_les_retraits(champs)
        return champs

    def _competences_visees(self, champs: dict[str, Any]) -> QuerySet[Competence]:
        """Une compétence dont un détail est coché est visée ; à noter sur-le-champ et n'ayant coché que des
        tâches, on note ce qu'elles mobilisent."""
        parents = {detaillee.competence_id for detaillee in champs["detaillees"]}
        cochees = {competence.pk for competence in champs["competences"]}
        if self.noter and not parents | cochees:
            cochees = set(self.suggestions())
        return self._choix("competences").filter(pk__in=parents | cochees)

    def _refuser_les_retraits(self, champs: dict[str, Any]) -> None:
        """Un élément qui porte des niveaux ne se retire pas (Q38)."""
        if not self.instance.pk:
            return
        self._refuser(
            self._portees("detaillee", self.instance.observations),
            {detaillee.pk for detaillee in champs["detaillees"]},
        )
        self._refuser(
            self._portees("competence", self.instance.evaluations),
            {competence.pk for competence in champs["competences"]},
        )

    def _portees(self, item: str, saisies: Any) -> list[tuple[str, int]]:
        """Codes et clés des items qui portent un niveau, une remarque ou une preuve."""
        liees = (saisies, self.instance.remarques, self.instance.traces)
        lignes = (
            une.filter(**{f"{item}__isnull": False}).values_list(f"{item}__code", item) for une in liees
        )
        return [ligne for groupe in lignes for ligne in groupe]

    def _refuser(self, portees: Iterable[tuple[str, int]], gardees: set[int]) -> None:
        retirees: dict[str, int] = {}
        for code, pk in portees:
            if pk not in gardees:
                retirees[code] = retirees.get(code, 0) + 1
        for code, nombre in sorted(retirees.items()):
            saisies = f"{nombre} saisie{pluriel(nombre)}"
            self.add_error(
                "detaillees",
                f"{code} porte {saisies} et ne peut pas être retirée : recochez-la, ou effacez-les d’abord.",
            )


def semestre_du_jour(classe: Classe, jour: datetime.date) -> int:
    return semestre_du_cycle(classe.cycle, classe.niveau, jour, classe.etablissement.second_semestre)


class VoleeForm(SituationForm):
    """Évaluer sans rien préparer : ce que l'on observe, et rien d'autre ; la situation naît ouverte, datée du
    jour, ou du jour que l'on dit quand l'année scolaire de la classe n'est pas celle-ci."""

    debut = DateField(label="Observé le", required=False)
    qui = forms.ChoiceField(
        label="Qui évaluez-vous\xa0?",
        error_messages={"required": "Choisissez un élève, ou toute la classe."},
    )

    class Meta(SituationForm.Meta):
        fields = ["competences", "detaillees"]

    def __init__(
        self,
        *args: Any,
        classe: Classe,
        jour: datetime.date,
        eleves: Iterable[Eleve] | None = None,
        **kwargs: Any,
    ) -> None:
        """`eleves` : parmi qui demander lequel on évalue, quand la page d'où l'on vient ne le dit pas."""
        super().__init__(*args, classe=classe, **kwargs)
        self.eleves = {str(eleve.pk): eleve for eleve in eleves or ()}
        if eleves is None:
            del self.fields["qui"]
        else:
            noms = list(self.eleves.items())
            liste(self, "qui").choices = [("", "Choisissez"), *noms, ("classe", "Toute la classe")]
        self.instance.etat = Situation.Etat.OUVERTE
        arbre = Field("detaillees", template="livret/situation/_arbre.html")
        self.du_jour = rentree(jour) == classe.annee.debut
        if self.du_jour:
            del self.fields["debut"]
            self._dater(jour)
        else:
            self.initial["debut"] = ramene(jour, *cours(classe.annee.debut))
            self.fields["debut"].help_text = f"Dans l’année scolaire {classe.annee}, celle de cette classe."
            self._dater(self.initial["debut"])
        champs = [nom for nom in ("qui", "debut") if nom in self.fields]
        self.helper.layout = Layout(*champs, arbre)

    def _dater(self, jour: datetime.date) -> None:
        self.instance.debut = self.instance.fin = jour
        self.instance.semestre = semestre_du_jour(self.classe, jour)

    @property
    def eleve(self) -> Eleve | None:
        """L'élève choisi ici ; rien pour toute la classe."""
        return self.eleves.get(self.cleaned_data.get("qui", ""))

    def clean_debut(self) -> datetime.date | None:
        if jour := self.cleaned_data["debut"]:
            self.classe.annee.exiger(jour)
            self._dater(jour)
        return jour

    def clean(self) -> dict[str, Any]:
        champs = super().clean()
        if not self.errors and not champs["competences"]:
            self.add_error("detaillees", RIEN_A_NOTER)
        return champs

    def save(self, commit: bool = True) -> Situation:
        self.instance.intitule = intitule_a_la_volee(self.classe, self.instance.debut)
        return super().save(commit)
