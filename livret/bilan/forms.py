"""Préparer les bilans d'une classe, écrire un bilan à plusieurs, corriger un bilan validé.

Chaque champ porte le jeton de ce que la page montrait : on n'écrit que ce que la personne a changé, et
ce qu'un collègue a changé entre-temps se dit sans que rien ne soit remplacé.
"""

from __future__ import annotations

import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError

from livret.bilan.models import Bilan, BilanValide
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from trpm.base.concurrence import jeton
from trpm.dates import date_dite, heure_dite
from trpm.textes import sans_retour_chariot

JOUR = "%Y-%m-%d"
CONFLIT = "conflit"
TEXTES = ("appreciation", "objectifs")
ENTRETIEN = ("entretien_le", "entretien_avec", "enseignant_present", "eleve_present", "convenu")
MOTS = ("mots",)


class PreparationForm(forms.Form):
    semestre = forms.TypedChoiceField(label="Semestre", coerce=int)
    date = forms.DateField(
        label="Date du bilan",
        widget=forms.DateInput({"type": "date"}, format=JOUR),
        help_text="Ne comptent que les situations faites jusqu’à ce jour.",
    )

    def __init__(self, *args: Any, classe: Classe, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.classe = classe
        self.fields["semestre"].choices = [  # type: ignore[attr-defined]
            (rang, f"semestre {rang} sur {len(classe.cycle.semestres)}")
            for rang in classe.cycle.semestres_de(classe.niveau)
        ]

    def clean_date(self) -> datetime.date:
        jour: datetime.date = self.cleaned_data["date"]
        self.classe.annee.exiger(jour)
        return jour


class BilanForm(forms.ModelForm):
    class Meta:
        model = Bilan
        fields = [*TEXTES, *MOTS, *ENTRETIEN]
        widgets = {
            "appreciation": forms.Textarea({"rows": 5}),
            "objectifs": forms.Textarea({"rows": 3}),
            "mots": forms.Textarea({"rows": 3}),
            "convenu": forms.Textarea({"rows": 2}),
            "entretien_le": forms.DateInput({"type": "date"}, format=JOUR),
        }
        help_texts = {"mots": "Recueillis par vous si l’élève ne les écrit pas lui-même."}

    def __init__(
        self, data: Any = None, *, bilan: Bilan, champs: tuple[str, ...], passage: bool = False
    ) -> None:
        self.enregistre = {champ: _brute(getattr(bilan, champ)) for champ in self.Meta.fields}
        self.page = jeton(bilan.etat, bilan.empreinte)
        self.passage = passage
        self.deja_valide = bilan.valide
        self.par_l_eleve = champs == MOTS
        self.intacts: set[str] = set()
        super().__init__(data, instance=bilan)
        # À la réception, ce que portait la page, même si l'état du bilan n'en montre plus autant.
        montres = champs if data is None else [champ for champ in self.Meta.fields if f"lu_{champ}" in data]
        for champ in self.Meta.fields:
            if champ not in montres:
                del self.fields[champ]
        self.champs = tuple(montres)
        for champ in self.champs:
            self._porter_jeton(champ, jeton(self.enregistre[champ]))
        self._porter_jeton("page", self.page)
        if "entretien_avec" in self.fields:
            equipe = Utilisateur.objects.filter(pk__in=bilan.classe.equipe.values("pk"))
            dejas = Utilisateur.objects.filter(pk=bilan.entretien_avec_id or 0)
            choix = self.fields["entretien_avec"]
            choix.queryset = (equipe | dejas).order_by("last_name", "first_name")  # type: ignore[attr-defined]
            choix.label_from_instance = lambda un: un.nom_complet  # type: ignore[attr-defined]
        if self.par_l_eleve and "mots" in self.fields:
            mots = self.fields["mots"]
            mots.label, mots.help_text, mots.widget.attrs["rows"] = "Mes mots", "", 6
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = self._disposition()

    def _porter_jeton(self, nom: str, valeur: str) -> None:
        self.fields[f"lu_{nom}"] = forms.CharField(widget=forms.HiddenInput, required=False, initial=valeur)

    def _disposition(self) -> Layout:
        textes = [champ for champ in (*TEXTES, *MOTS) if champ in self.champs]
        dispo = Layout(*textes, *(f"lu_{champ}" for champ in (*self.champs, "page")))
        if "convenu" in self.champs:
            dispo.append(
                Fieldset(
                    "Entretien",
                    Div(
                        Field("entretien_le", wrapper_class="col-md-5"),
                        Field("entretien_avec", wrapper_class="col-md-7"),
                        css_class="row",
                    ),
                    Div("enseignant_present", "eleve_present", css_class="presences"),
                    "convenu",
                )
            )
        return dispo

    def clean_entretien_le(self) -> datetime.date | None:
        jour: datetime.date | None = self.cleaned_data["entretien_le"]
        if jour:
            self.instance.classe.annee.exiger(jour)
        return jour

    def clean(self) -> dict[str, Any]:
        donnees: dict[str, Any] = super().clean() or self.cleaned_data
        if self.deja_valide:
            raise BilanValide
        for champ in self.champs:
            if champ not in self.errors:
                donnees[champ] = self._tranche(champ, donnees.get(champ))
        if self.passage and not self.errors and self._depassee(donnees):
            raise ValidationError(
                f"{self._qui()}, après l’ouverture de votre page. L’état n’a pas changé : relisez ce qui est "
                "maintenant enregistré, puis recommencez.",
                code=CONFLIT,
            )
        return donnees

    def _post_clean(self) -> None:
        """Ce qui a permis d'arriver à cet état ne s'efface pas tant qu'on y est."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors and (manques := self.instance.manques(self.instance.etat)):
            etat = self.instance.get_etat_display()
            self.add_error(None, f"Un bilan «\xa0{etat}\xa0» demande encore\xa0: {' ; '.join(manques)}.")

    def _tranche(self, champ: str, voulu: Any) -> Any:
        """Ce qu'il faut écrire dans ce champ : ce qui a été changé ici, sinon ce qui est en base."""
        if isinstance(voulu, str):
            voulu = sans_retour_chariot(voulu)
        la, lu, ici = self.enregistre[champ], self.cleaned_data.get(f"lu_{champ}"), _brute(voulu)
        if ici == la or jeton(ici) == lu:
            self.intacts.add(champ)
            return getattr(self.instance, champ)
        faute = ""
        if champ == "mots" and not self.par_l_eleve and self.instance.mots_de_sa_main:
            faute = f"L’élève a écrit ses mots lui-même : « {la} ». Ils ne se récrivent pas à sa place."
        elif lu != jeton(la):
            faute = (
                f"{self._qui()}, après l’ouverture de votre page. Est maintenant enregistré : "
                f"« {self._dit(champ)} ». Votre saisie n’a rien remplacé ; enregistrez de nouveau si vous la "
                "maintenez."
            )
        if faute:
            self.add_error(champ, ValidationError(faute, code=CONFLIT))
        return voulu

    def _depassee(self, donnees: dict[str, Any]) -> bool:
        """La page ne montrait plus ce qui est enregistré : on ne change pas l'état de ce qu'on n'a pas lu."""
        return donnees.get("lu_page") != self.page or any(
            donnees.get(f"lu_{champ}") != jeton(self.enregistre[champ]) for champ in self.champs
        )

    def _qui(self) -> str:
        acte = self.instance.history.select_related("history_user").first()
        qui = acte.history_user.nom_complet if acte and acte.history_user else "Une autre personne"
        quand = heure_dite(acte.history_date) if acte else ""
        return f"{qui} a modifié ce bilan à {quand}" if quand else f"{qui} a modifié ce bilan"

    def _dit(self, champ: str) -> str:
        valeur = getattr(self.instance, champ)
        if isinstance(valeur, bool):
            return "coché" if valeur else "non coché"
        if isinstance(valeur, datetime.date):
            return date_dite(valeur)
        return valeur.nom_complet if isinstance(valeur, Utilisateur) else str(valeur or "rien")

    @property
    def statut(self) -> int:
        """409 si le bilan a changé ou est validé, 422 si la saisie est à corriger."""
        fautes = [faute for liste in self.errors.as_data().values() for faute in liste]
        depasse = any(faute.code == CONFLIT or isinstance(faute, BilanValide) for faute in fautes)
        return 409 if depasse else 422

    def relu(self) -> BilanForm:
        """Le même : ce qui a été tapé est gardé, le reste et les jetons sont ceux de maintenant."""
        la = self.enregistre
        donnees = {nom: valeur for nom, valeur in self.data.items() if nom not in self.intacts}
        donnees |= {champ: _postee(la[champ]) for champ in self.intacts if la[champ]}
        donnees |= {f"lu_{champ}": jeton(la[champ]) for champ in self.champs}
        self.data = donnees | {"lu_page": self.page}
        return self

    def tape(self) -> list[tuple[str, str]]:
        """Les textes tapés, quand le bilan n'a plus de champ où les remettre."""
        return [
            (str(self.fields[champ].label), self.data[champ])
            for champ in self.champs
            if self.data.get(champ, "").strip() and champ in (*TEXTES, *MOTS, "convenu")
        ]

    def enregistrer(self, auteur: Utilisateur) -> bool:
        """Écrit ce qui a changé ; faux si rien n'avait changé."""
        ici, la = self.cleaned_data, self.enregistre
        changes = [champ for champ in self.champs if _brute(ici[champ]) != la[champ]]
        if "mots" in changes:
            self.instance.mots_par = auteur if self.instance.mots else None
        if changes:
            self.instance.save()
        return bool(changes)


def _brute(valeur: Any) -> Any:
    return getattr(valeur, "pk", valeur)


def _postee(valeur: Any) -> str:
    """La même valeur, comme un navigateur l'enverrait."""
    return "on" if valeur is True else str(valeur)


def champs_de(bilan: Bilan) -> tuple[str, ...]:
    """Ce que l'équipe écrit à cet état."""
    if bilan.etat == Bilan.Etat.BROUILLON:
        return TEXTES
    mots = () if bilan.mots_de_sa_main else MOTS
    return (*TEXTES, *mots, *ENTRETIEN)


class CorrectionForm(forms.Form):
    motif = forms.CharField(
        label="Pourquoi le corriger ?",
        max_length=300,
        error_messages={"required": "Dites en quelques mots pourquoi ce bilan se corrige."},
    )
