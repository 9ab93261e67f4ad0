"""Formulaires de l'import d'élèves : le fichier, puis la confirmation de l'aperçu."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import asdict
from typing import Any, cast

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils import timezone

from livret.administration.apercu_import import LIBELLES_LUS, DemandeImport
from livret.administration.forms.colonnes import FichierDesigne
from livret.administration.lecture.fichier import lire
from livret.administration.lecture.resultat import (
    Attendu,
    EnteteLue,
    FichierIllisible,
    FichierLu,
    Lecture,
    LigneEleve,
    RemarqueImport,
)
from livret.administration.lecture.table import LIGNES_MAX, OCTETS_MAX
from livret.administration.models import ColonnesRetenues
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from referentiel.models import Statut
from trpm.champs import DateField, liste
from trpm.textes import entiers

DUREE_APERCU = 60 * 60
JOURS = ("naissance", "sortie")
BORNES = f"CSV, classeur ou XML, {OCTETS_MAX // 2**20} Mo et {LIGNES_MAX:_} lignes au plus.".replace(
    "_", "\xa0"
)
NATURES = ".csv,.txt,.tsv,.xlsx,.xls,.xlsb,.ods,.xml,.zip"
APERCU_CHANGE = (
    "Rien n’a été écrit\xa0: les données ou vos choix ont changé depuis l’aperçu. "
    "Voici l’aperçu à jour\xa0; relisez-le, puis confirmez."
)
PERIME = "Cet aperçu a plus d’une heure ou n’est pas le vôtre : envoyez à nouveau le fichier."


class ImportForm(FichierDesigne):
    genre = ColonnesRetenues.Genre.ELEVES
    donnees = LIBELLES_LUS
    fichier = forms.FileField(
        label="Fichier des élèves",
        help_text=f"{BORNES} Rien n’est écrit avant votre confirmation.",
        widget=forms.FileInput(attrs={"accept": NATURES}),
        error_messages={"empty": "Le fichier est vide.", "required": "Choisissez un fichier."},
    )
    statut = forms.ModelChoiceField(
        Statut.objects.none(),
        label="Statut des nouveaux élèves",
        empty_label=None,
        help_text="Pour les lignes dont le fichier ne dit pas le statut.",
    )
    lu: FichierLu

    def __init__(self, *args: Any, classe: Classe, **options: Any) -> None:
        super().__init__(*args, lieu=classe.etablissement_id, **options)
        self.classe = classe
        statuts = Statut.objects.filter(referentiel=classe.promotion.referentiel_id)
        liste(self, "statut").queryset = statuts
        tenus = Counter(classe.scolarites.values_list("eleve__statut", flat=True))
        self.initial["statut"] = max(tenus, key=lambda pk: tenus[pk]) if tenus else statuts.first()
        if not statuts:
            del self.fields["statut"]

    def clean_fichier(self) -> UploadedFile:
        fichier: UploadedFile = self.cleaned_data["fichier"]
        if fichier.size and fichier.size > OCTETS_MAX:
            raise forms.ValidationError("Le fichier dépasse 8 Mo\xa0: n’exportez que les élèves utiles.")
        try:
            attendu = Attendu(self.classe.nom, self.classe.annee.debut)
            self.lu = lire(fichier.read(), attendu, self.designees())
        except FichierIllisible as faute:
            raise self.refuser(faute) from None
        return fichier

    @property
    def demande(self) -> DemandeImport:
        return DemandeImport(self.lu, self.cleaned_data.get("statut"))


def sceller(demande: DemandeImport, classe: Classe, auteur: Utilisateur) -> str:
    """L'état de l'aperçu, signé, pour cette personne et cette classe : rien n'en reste au serveur."""
    contenu = asdict(demande.fichier)
    for ligne in (une for lecture in contenu["lectures"] for une in lecture["lignes"]):
        ligne |= {jour: ligne[jour] and ligne[jour].isoformat() for jour in JOURS}
    return signing.dumps(
        [contenu, demande.statut and demande.statut.pk], salt=_sel(classe, auteur), compress=True
    )


def desceller(etat: str, classe: Classe, auteur: Utilisateur) -> tuple[FichierLu, int | None]:
    contenu, statut = signing.loads(etat, salt=_sel(classe, auteur), max_age=DUREE_APERCU)
    return FichierLu(**contenu | {"lectures": [_lecture(lue) for lue in contenu["lectures"]]}), statut


def _lecture(contenu: dict[str, Any]) -> Lecture:
    lignes = [
        LigneEleve(
            **ligne
            | {jour: ligne[jour] and datetime.date.fromisoformat(ligne[jour]) for jour in JOURS}
            | {"coupes": tuple((nom, prenom) for nom, prenom in ligne["coupes"])}
        )
        for ligne in contenu["lignes"]
    ]
    remarques = {
        nom: [RemarqueImport(**remarque) for remarque in contenu[nom]] for nom in ("fautes", "avertissements")
    }
    ecartees = [(nom, prenom) for nom, prenom in contenu["ecartees"]]
    entete = contenu["entete"] and entete_descellee(contenu["entete"])
    return Lecture(**contenu | remarques | {"lignes": lignes, "ecartees": ecartees, "entete": entete})


def entete_descellee(contenu: dict[str, Any]) -> EnteteLue:
    return EnteteLue(**contenu | {"intitules": tuple(contenu["intitules"])})


def _sel(classe: Classe, auteur: Utilisateur) -> str:
    return f"import-eleves:{classe.pk}:{auteur.pk}"


class ConfirmationForm(forms.Form):
    """Ce que l'aperçu renvoie : l'état scellé, les choix et les départs."""

    etat = forms.CharField(error_messages={"required": PERIME})
    empreinte = forms.CharField(required=False)
    sortie = DateField(label="Date de départ", required=False)
    parti = forms.Field(required=False, widget=forms.MultipleHiddenInput)
    demande: DemandeImport

    def __init__(self, *args: Any, classe: Classe, auteur: Utilisateur, **options: Any) -> None:
        super().__init__(*args, **options)
        self.classe, self.auteur = classe, auteur

    def clean_etat(self) -> str:
        try:
            fichier, statut = desceller(self.cleaned_data["etat"], self.classe, self.auteur)
            statuts = Statut.objects.filter(referentiel=self.classe.promotion.referentiel_id)
            self._lu = fichier, None if statut is None else statuts.get(pk=statut)
        except (signing.BadSignature, Statut.DoesNotExist):
            raise forms.ValidationError(PERIME) from None
        return ""

    def clean_sortie(self) -> datetime.date:
        sortie = self.cleaned_data["sortie"] or self.classe.annee.jour_proche(timezone.localdate())
        self.classe.annee.exiger(sortie)
        return sortie

    def clean(self) -> dict[str, Any]:
        if "etat" in self.cleaned_data:
            self.demande = self._demande(*self._lu)
        return self.cleaned_data

    def _demande(self, fichier: FichierLu, statut: Statut | None) -> DemandeImport:
        """Les choix de la page ; ceux d'une autre feuille que celle choisie n'en sont pas."""
        if len(fichier.lectures) > 1:
            feuilles = frozenset(self._coches("feuille"))
            if feuilles != frozenset(self._coches("feuille-vue")):
                return DemandeImport(fichier, statut, feuilles)
        else:
            feuilles = frozenset({fichier.lectures[0].feuille})
        divisions = frozenset(self._coches("division"))
        return DemandeImport(
            fichier, statut, feuilles, divisions, self._prefixes("choix-"), self._prefixes("coupe-")
        )

    def _coches(self, nom: str) -> list[str]:
        return cast(QueryDict, self.data).getlist(nom)

    def _prefixes(self, prefixe: str) -> dict[str, str]:
        return {nom.removeprefix(prefixe): un for nom, un in self.data.items() if nom.startswith(prefixe)}

    def clean_parti(self) -> set[int]:
        return entiers(self.cleaned_data["parti"] or [])
