"""La fiche du tuteur : la même au bout de son lien, pendant une visite, ou recopiée du papier."""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.forms.models import fields_for_model
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from livret.situation.models.situation import Situation
from livret.tuteur.envoi import ContenuFiche, Page, Signature
from livret.tuteur.models.fiche import FicheTuteur
from livret.tuteur.mots import MOT_PAS_VU, PAS_VU, mots
from livret.tuteur.signature import signature_propre
from referentiel.echelles import niveaux_de_la_grille
from referentiel.models import Competence, Critere, Niveau, Tache
from trpm.fichiers import TAILLE_MAX, FichierRefuse, type_verifie
from trpm.impression.documents import TYPE_PDF, nom_de_fichier
from trpm.impression.images import image_propre

Mode, Canal = FicheTuteur.Mode, FicheTuteur.Canal
INVENTAIRE = [nom for nom in Situation.RUBRIQUES if nom != "moyens"]


@dataclass(frozen=True)
class Reponse:
    """Une réponse possible : notre mot, ce qu'il veut dire, et le niveau auquel il correspond."""

    code: str
    mot: str
    sens: str
    niveau: Niveau | None
    cochee: bool = False


@dataclass(frozen=True)
class QuestionTuteur:
    """Une compétence visée, ou l'un de ses critères, et les réponses que l'on peut y faire."""

    competence: Competence
    nom: str
    reponses: tuple[Reponse, ...]
    fautes: tuple[str, ...] = ()
    critere: Critere | None = None

    @property
    def demande(self) -> Competence | Critere:
        return self.critere or self.competence

    @property
    def choisie(self) -> Reponse | None:
        return next((reponse for reponse in self.reponses if reponse.cochee), None)


def reponses_possibles(grille: int) -> tuple[Reponse, ...]:
    niveaux = niveaux_de_la_grille(grille)
    paires = zip(niveaux, mots([niveau.libelle for niveau in niveaux]), strict=True)
    connues = [Reponse(niveau.code, mot, sens, niveau) for niveau, (mot, sens) in paires]
    return (*connues, Reponse(PAS_VU, *MOT_PAS_VU, None))


class FicheForm(forms.Form):
    """`envoi` : tout ce qui manque est une faute ; sinon c'est un brouillon, et rien n'est exigé."""

    activites = forms.CharField(
        label="Ce que l’élève a fait chez vous",
        max_length=3000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    taches = forms.ModelMultipleChoiceField(Tache.objects.none(), required=False, label="Tâches prévues")
    points_forts = forms.CharField(
        label="Ses points forts", max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )
    signataire = forms.CharField(label="Vos nom et prénom", max_length=150, required=False)
    je_signe = forms.BooleanField(label="Je signe cette fiche", required=False)
    signature = forms.CharField(required=False, widget=forms.HiddenInput)
    page = forms.UUIDField(widget=forms.HiddenInput)
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    rang = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict | None = None,
        *,
        fiche: FicheTuteur,
        envoi: bool = False,
    ) -> None:
        self.fiche, self.envoi = fiche, envoi
        self.avis = fiche.niveaux_dits() if fiche.pk else {}
        super().__init__(data, files, initial=self._initial())
        self.fields["taches"].queryset = fiche.pfmp.taches.all()  # type: ignore[attr-defined]
        self.competences = list(fiche.competences())
        self.reponses = reponses_possibles(fiche.pfmp.periode.classe.promotion.grille_id)
        choix = [(reponse.code, reponse.mot) for reponse in self.reponses]
        self.demandes = self._demandes()
        for nom in self.demandes:
            self.fields[nom] = forms.ChoiceField(
                choices=choix, required=envoi, error_messages={"required": "Choisissez une réponse."}
            )

    def _initial(self) -> dict[str, Any]:
        fiche = self.fiche
        return {
            "activites": fiche.activites,
            "points_forts": fiche.points_forts,
            "taches": list(fiche.taches.values_list("pk", flat=True)) if fiche.pk else [],
            "signataire": fiche.signataire or fiche.tuteur.nom,
            "page": uuid.uuid4(),
            "revision": fiche.revision,
        }

    def _demandes(self) -> dict[str, tuple[Competence, Critere | None]]:
        """Ce qui est demandé, par nom de champ : les critères d'une compétence, ou elle-même."""
        criteres: dict[int, list[Critere]] = defaultdict(list)
        for critere in self.fiche.criteres():
            criteres[critere.competence_id].append(critere)
        demandes: dict[str, tuple[Competence, Critere | None]] = {}
        for competence in self.competences:
            siens = criteres[competence.pk]
            demandes |= {f"d{critere.pk}": (competence, critere) for critere in siens}
            if not siens:
                demandes[f"c{competence.pk}"] = (competence, None)
        return demandes

    @cached_property
    def questions(self) -> list[QuestionTuteur]:
        """Ce qui est demandé, et la réponse déjà donnée ou en train de l'être."""
        codes = {reponse.niveau.pk if reponse.niveau else None: reponse.code for reponse in self.reponses}
        questions = []
        for nom, (competence, critere) in self.demandes.items():
            if self.is_bound:
                donnee = self.data.get(nom, "")
            else:
                cle = competence.pk, critere.pk if critere else 0
                donnee = codes[self.avis[cle]] if cle in self.avis else ""
            reponses = tuple(
                Reponse(une.code, une.mot, une.sens, une.niveau, une.code == donnee) for une in self.reponses
            )
            fautes = tuple(map(str, self.errors.get(nom, ()))) if self.is_bound else ()
            questions.append(QuestionTuteur(competence, nom, reponses, fautes, critere))
        return questions

    @property
    def manques(self) -> list[tuple[str, str]]:
        """Ce qui empêche de signer, et l'ancre du champ où le réparer, dans l'ordre de la page."""
        ancres = {nom: f"q-{nom}" for nom in self.demandes} | {"signature": "titre-signature"}
        ordre = ["canal", "activites", *self.demandes, "points_forts"]
        ordre += ["signataire", "date", "scan", "signature"]
        noms = {nom: f"{demande[1] or demande[0]}" for nom, demande in self.demandes.items()}
        return [
            (ancres.get(nom, f"id_{nom}"), f"{noms[nom]}\xa0: {faute}" if nom in noms else str(faute))
            for nom in ordre
            for faute in self.errors.get(nom, ())
        ]

    @property
    def taches_a_cocher(self) -> list[tuple[Tache, bool]]:
        cochees = {str(pk) for pk in self["taches"].value() or ()}
        return [(tache, str(tache.pk) in cochees) for tache in self.fields["taches"].queryset]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        if not self.envoi:
            return champs
        if not champs.get("activites") and not champs.get("taches"):
            self.add_error("activites", "Dites en quelques mots ce que l’élève a fait.")
        if not champs.get("signataire"):
            self.add_error("signataire", "Écrivez votre nom : il accompagne la signature.")
        self._signer(champs)
        return champs

    def _signer(self, champs: dict[str, Any]) -> None:
        self.dessin: bytes | None = None
        if dessin := champs.get("signature"):
            try:
                self.dessin = signature_propre(dessin)
            except FichierRefuse as refus:
                self.add_error("signature", str(refus))
        elif not self._signee_autrement(champs):
            self.add_error("signature", "Signez dans le cadre, ou cochez « je signe ».")

    def _signee_autrement(self, champs: dict[str, Any]) -> bool:
        return bool(champs.get("je_signe"))

    @property
    def contenu(self) -> ContenuFiche:
        champs = self.cleaned_data
        niveaux = {une.code: une.niveau.pk if une.niveau else None for une in self.reponses}
        return ContenuFiche(
            champs["activites"].replace("\r\n", "\n"),
            champs["points_forts"].replace("\r\n", "\n"),
            frozenset(tache.pk for tache in champs["taches"]),
            {
                (competence.pk, critere.pk if critere else 0): niveaux[code]
                for nom, (competence, critere) in self.demandes.items()
                if (code := champs.get(nom))
            },
        )

    @property
    def venue(self) -> Page:
        champs = self.cleaned_data
        return Page(str(champs["page"]), champs["revision"], champs.get("rang"))

    @property
    def champs(self) -> dict[str, Any]:
        """Ce que la fiche garde aussi, hors de ce que dit le tuteur."""
        return {"signataire": self.cleaned_data["signataire"], "canal": Canal.LIEN, "saisie_par": None}

    @property
    def mode(self) -> str:
        return Mode.TRACE if self.dessin else Mode.COCHE

    def signee_le(self) -> datetime.date:
        return timezone.localdate()

    @property
    def nom_et_signature(self) -> Signature:
        return Signature(self.cleaned_data["signataire"], self.mode, self.signee_le(), self.dessin)


class SaisieForm(FicheForm):
    """La même, dans les mains d'un enseignant : avec le tuteur, ou d'après le papier revenu signé."""

    canal = forms.ChoiceField(
        label="Comment",
        choices=[
            (Canal.VISITE, "ensemble, pendant la visite"),
            (Canal.PAPIER, "d’après la fiche papier"),
        ],
        widget=forms.RadioSelect,
    )
    date = forms.DateField(
        label="Signée le",
        widget=forms.DateInput({"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
        required=False,
    )
    scan = forms.FileField(
        label="Photo ou PDF de la fiche papier",
        required=False,
        widget=forms.FileInput({"accept": ".pdf,image/*", "class": "form-control"}),
        help_text=f"Facultatif. PDF ou photo, {TAILLE_MAX // 1024**2} Mo au plus.",
    )

    def _initial(self) -> dict[str, Any]:
        canal = Canal.VISITE if self.fiche.canal == Canal.LIEN else self.fiche.canal
        return super()._initial() | {"canal": canal, "date": self.fiche.signee_le or timezone.localdate()}

    def clean_date(self) -> datetime.date:
        jour = self.cleaned_data["date"] or timezone.localdate()
        self.fiche.exiger_signature(jour)
        return jour

    def clean_scan(self) -> dict[str, Any]:
        """Un PDF tel quel, une photo redessinée ; rien si rien n'a été choisi."""
        recu = self.cleaned_data["scan"]
        if not recu:
            return {}
        recu.seek(0)
        nom, contenu = nom_de_fichier(recu.name), recu.read(TAILLE_MAX + 1)
        try:
            type_mime = type_verifie(contenu, nom)
            if type_mime.startswith("image/"):
                image = image_propre(contenu, nom)
                contenu, type_mime, nom = image.contenu, image.type_mime, image.nommee(nom)
            elif type_mime != TYPE_PDF:
                raise FichierRefuse(f"« {nom} » n’est ni un PDF ni une photo.")
        except FichierRefuse as refus:
            raise ValidationError(str(refus)) from None
        return {"scan": ContentFile(contenu, nom), "scan_nom": nom[-150:], "scan_type": type_mime}

    @property
    def champs(self) -> dict[str, Any]:
        lus = self.cleaned_data
        return super().champs | {"canal": lus["canal"], "signee_le": lus["date"]} | lus["scan"]

    def _signee_autrement(self, champs: dict[str, Any]) -> bool:
        return super()._signee_autrement(champs) or champs.get("canal") == Canal.PAPIER

    @property
    def mode(self) -> str:
        if self.dessin:
            return Mode.TRACE
        return Mode.PAPIER if self.cleaned_data["canal"] == Canal.PAPIER else Mode.COCHE

    def signee_le(self) -> datetime.date:
        return self.cleaned_data["date"]


class ValidationForm(forms.Form):
    """Jamais certificative par accident : il faut la choisir, et le confirmer."""

    nature = forms.ChoiceField(
        label="Nature de la situation",
        choices=Situation.Nature.choices,
        initial=Situation.Nature.FORMATIVE,
        widget=forms.RadioSelect,
    )
    confirmation = forms.BooleanField(
        label="Si elle est certificative : je confirme que ces niveaux peuvent compter pour l’examen",
        required=False,
    )
    publier = forms.BooleanField(label="Publier tout de suite à l’élève", required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones: dict[str, forms.Widget | type[forms.Widget]] = {
            nom: forms.Textarea({"rows": 2}) for nom in INVENTAIRE
        }
        self.fields |= fields_for_model(Situation, fields=INVENTAIRE, widgets=zones)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            "nature",
            "confirmation",
            "publier",
            "revision",
            Fieldset(
                "Inventaire mis à la disposition de l’élève (pièce 2 du dossier), facultatif",
                Div(*(Field(nom, wrapper_class="col-md-6") for nom in INVENTAIRE), css_class="row"),
            ),
        )

    @property
    def inventaire(self) -> dict[str, str]:
        return {nom: self.cleaned_data[nom] for nom in INVENTAIRE}

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        if champs.get("nature") == Situation.Nature.CERTIFICATIVE and not champs.get("confirmation"):
            self.add_error("confirmation", "Une situation certificative se confirme en cochant cette case.")
        return champs
