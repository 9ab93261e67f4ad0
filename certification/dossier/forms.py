"""Ce que la commission saisit sur un dossier. Chaque formulaire porte le jeton de ce que sa page montrait."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from certification.dossier.grille.epreuve import GrilleEpreuve
from certification.dossier.grille.ligne import NON_DEMONTREE, LigneGrille
from certification.dossier.grille.vu import AConfirmer
from certification.dossier.models import Dossier
from certification.dossier.resultats import DossierLu
from certification.dossier.versions import DossierClos, DossierFige
from certification.notation import nombre, note_affichee
from livret.models import Utilisateur
from trpm.dates import heure_dite

CONFLIT = "conflit"
NOTE, OBSERVATIONS = "=note", "=observations"
"""Ce qui se confirme sans être une compétence : aucun code ne contient « = »."""


class FormulaireDossier(forms.Form):
    """Écriture sur un dossier, refusée s'il est figé ou s'il a changé depuis qu'on l'a lu."""

    lu = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, lu: DossierLu, data: Any = None, **kwargs: Any) -> None:
        self.dossier_lu = lu
        self.grille: GrilleEpreuve = lu.grille
        kwargs.setdefault("initial", {}).update(self.enregistre() | {"lu": self.jeton()})
        kwargs.setdefault("auto_id", f"{type(self).__name__}-%s")
        super().__init__(data, **kwargs)

    def enregistre(self) -> dict[str, Any]:
        raise NotImplementedError

    def jeton(self) -> str:
        raise NotImplementedError

    def qui_et_quoi(self) -> str:
        """« Lina Roche a enregistré … à 10 h 42 » : ce qui a changé entre-temps."""
        acte = self.dossier_lu.dossier.history.select_related("history_user").first()
        arretees = [une for une in self.grille.positions if une.arrete_le is not None]
        actes = [(une.arrete_le, une.arrete_par) for une in arretees]
        if acte and acte.history_user:
            actes.append((acte.history_date, acte.history_user.nom_complet))
        quand, auteur = max(actes, default=(None, "Une autre personne"))
        return f"{auteur} a modifié ce dossier{_a(quand)}"

    def clean(self) -> dict[str, Any]:
        if self.dossier_lu.clos:
            raise DossierClos
        if self.dossier_lu.fige:
            raise DossierFige
        if self.cleaned_data.get("lu") != self.jeton() and not self.identique:
            raise ValidationError(
                f"{self.qui_et_quoi()}, après l’ouverture de votre page. Votre saisie n’a rien remplacé : "
                "relisez ce qui est enregistré, puis enregistrez à nouveau si vous la maintenez.",
                code=CONFLIT,
            )
        return self.cleaned_data

    @property
    def identique(self) -> bool:
        """Ce qui est saisi est déjà ce qui est enregistré : il n'y a ni conflit, ni rien à écrire."""
        enregistre = self.enregistre()
        return {champ: self.cleaned_data.get(champ) for champ in enregistre} == enregistre

    @property
    def statut(self) -> int:
        """409 si le dossier a changé ou est figé, 422 si la saisie est à corriger."""
        generales = self.errors.as_data().get("__all__", [])
        conflit = any(e.code == CONFLIT or isinstance(e, DossierFige) for e in generales)
        return 422 if self.dossier_lu.ouvert and not conflit else 409

    def relu(self) -> FormulaireDossier:
        """Le même, ce qui a été tapé gardé, mais avec le jeton de ce qui est maintenant enregistré."""
        if self.is_bound:
            self.data = {**self.data.dict(), self.add_prefix("lu"): self.jeton()}  # type: ignore[attr-defined]
        return self


def incomplete(grille: GrilleEpreuve) -> str:
    """Pourquoi aucune note ne se propose encore."""
    confirmer = [ligne.code for ligne in grille.positions if ligne.a_confirmer]
    arreter = [code for code in grille.a_arreter if code not in confirmer]
    if arreter:
        return f"Arrêtez d’abord un niveau pour {', '.join(arreter)} : l’épreuve est incomplète."
    return f"Confirmez d’abord {', '.join(confirmer)}, ou arrêtez à nouveau."


class DecisionForm(FormulaireDossier):
    niveau = forms.ChoiceField(label="Niveau arrêté", required=False, widget=forms.RadioSelect)
    motif = forms.CharField(label="Motif", required=False, max_length=1000)

    def __init__(self, lu: DossierLu, ligne: LigneGrille, data: Any = None, **kwargs: Any) -> None:
        self.ligne = ligne
        super().__init__(lu, data, auto_id=f"{ligne.code}-%s", **kwargs)
        self.fields["niveau"].choices = [  # type: ignore[attr-defined]
            ("", "À arrêter"),
            *((degre.code, degre.libelle) for degre in lu.grille.regle.echelle.degres),
            (NON_DEMONTREE, "Non démontrée"),
        ]

    def enregistre(self) -> dict[str, Any]:
        return {"niveau": self.ligne.code_arrete(self.grille.regle.echelle), "motif": self.ligne.motif}

    def jeton(self) -> str:
        return self.ligne.jeton

    def qui_et_quoi(self) -> str:
        if not self.ligne.arretee:
            return f"Ce que la page montrait de {self.ligne.code} a changé"
        niveau = (
            "« non démontrée »" if self.ligne.non_demontree else f"le niveau {self.enregistre()['niveau']}"
        )
        return f"{self.ligne.arrete_par} a arrêté {niveau} pour {self.ligne.code}{_a(self.ligne.arrete_le)}"

    def clean(self) -> dict[str, Any]:
        super().clean()
        code, motif = self.cleaned_data.get("niveau"), self.cleaned_data.get("motif")
        if not code and motif and not self.ligne.arretee:
            self.add_error("niveau", "Choisissez le niveau que ce motif explique.")
        if not code or motif:
            return self.cleaned_data
        degre = self.grille.degre(self.ligne.propose)
        if code == NON_DEMONTREE:
            self.add_error("motif", "Dites en quelques mots pourquoi la compétence n’est pas démontrée.")
        elif degre is None:
            self.add_error(
                "motif", "Aucune situation retenue ne propose de niveau : dites d’où vient celui-ci."
            )
        elif code != degre.code:
            self.add_error(
                "motif", f"Le niveau {code} n’est pas le niveau proposé ({degre.code}) : donnez le motif."
            )
        return self.cleaned_data

    def save(self, auteur: Utilisateur) -> None:
        dossier, code = self.dossier_lu.dossier, self.cleaned_data["niveau"]
        if self.identique:
            return
        if not code:
            dossier.desarreter(self.ligne.code)
        else:
            niveau = "" if code == NON_DEMONTREE else code
            vu = self.ligne.vu(self.grille.regle)
            dossier.arreter(self.ligne.code, niveau, self.cleaned_data["motif"], auteur, vu)


class AcceptationForm(FormulaireDossier):
    """Arrêter d'un geste, au niveau proposé, toutes les compétences qui ne le sont pas encore."""

    def enregistre(self) -> dict[str, Any]:
        return {"propositions": self.grille.jeton_propositions}

    def jeton(self) -> str:
        return self.grille.jeton_propositions

    @property
    def acceptables(self) -> list[LigneGrille]:
        return [ligne for ligne in self.grille.positions if ligne.code in self.grille.proposees]

    def save(self, auteur: Utilisateur) -> None:
        for ligne in self.acceptables:
            degre = self.grille.degre(ligne.propose)
            if degre is not None:
                vu = ligne.vu(self.grille.regle)
                self.dossier_lu.dossier.arreter(ligne.code, degre.code, "", auteur, vu)


class PropositionForm(FormulaireDossier):
    """La note que la commission propose : pré-remplie avec la note calculée, jamais à sa place (Q5)."""

    note_proposee = forms.DecimalField(
        label="Note proposée", min_value=0, max_value=20, decimal_places=2, localize=True
    )
    bonus = forms.DecimalField(label="Bonus (points)", min_value=0, decimal_places=2, localize=True)
    motif_ecart = forms.CharField(
        label="Motif de l’écart avec la note calculée",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, lu: DossierLu, data: Any = None, **kwargs: Any) -> None:
        super().__init__(lu, data, **kwargs)
        if not self.grille.regle.bonus_max:
            del self.fields["bonus"]
        note = self.initial["note_proposee"]
        self.initial["note_proposee"] = _court(self.grille.calculee if note is None else note)

    def enregistre(self) -> dict[str, Any]:
        enregistre = {"note_proposee": self.grille.note_proposee, "motif_ecart": self.grille.motif_ecart}
        if self.grille.regle.bonus_max:
            enregistre["bonus"] = self.dossier_lu.dossier.bonus
        return enregistre

    def jeton(self) -> str:
        return self.grille.jeton_note

    def clean_note_proposee(self) -> Decimal:
        note: Decimal = self.cleaned_data["note_proposee"]
        arrondi = self.grille.regle.arrondi
        if not arrondi.admet(note):
            voisine = nombre(arrondi.voisine(note))
            raise ValidationError(
                f"{nombre(note)} n’est pas un {arrondi.graduation} : proposez par exemple {voisine}."
            )
        return note

    def clean_bonus(self) -> Decimal:
        bonus: Decimal = self.cleaned_data["bonus"]
        maximum = self.grille.regle.bonus_max
        if bonus > maximum:
            raise ValidationError(f"La grille admet un bonus de {nombre(maximum)} points au plus.")
        return bonus

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.grille.a_evaluer:
            raise ValidationError(f"Aucune note ne se propose pour ce candidat : {self.grille.texte_note}.")
        if self.grille.a_arreter:
            raise ValidationError(incomplete(self.grille))
        note, calculee = self.cleaned_data.get("note_proposee"), self._calculee()
        if note is not None and calculee is not None and note != calculee:
            if not self.cleaned_data.get("motif_ecart"):
                self.add_error(
                    "motif_ecart",
                    f"La note proposée n’est pas la note calculée ({note_affichee(calculee)}) : "
                    "donnez le motif.",
                )
        elif note is not None:
            self.cleaned_data["motif_ecart"] = ""
        return self.cleaned_data

    @property
    def points(self) -> Fraction:
        """Le bonus saisi."""
        return Fraction(self.cleaned_data.get("bonus") or 0)

    def _calculee(self) -> Decimal | None:
        return self.grille.calculee_avec(self.points)

    def save(self) -> None:
        dossier = self.dossier_lu.dossier
        dossier.bonus = self.cleaned_data.get("bonus", dossier.bonus)
        note, motif = self.cleaned_data["note_proposee"], self.cleaned_data["motif_ecart"]
        dossier.proposer(note, motif, self.grille.vu_note(self.points))


class ObservationsForm(FormulaireDossier):
    observations = forms.CharField(
        label="Observations de la commission",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Imprimées sur la grille.",
    )

    def __init__(self, lu: DossierLu, data: Any = None, **kwargs: Any) -> None:
        super().__init__(lu, data, **kwargs)
        if suspendues := self.grille.observations_a_confirmer:
            self.initial["observations"] = suspendues.texte

    def enregistre(self) -> dict[str, Any]:
        return {"observations": self.grille.observations}

    def jeton(self) -> str:
        return self.grille.jeton_observations

    def save(self) -> None:
        self.dossier_lu.dossier.observer(self.cleaned_data["observations"], self.grille.vu_observations())


class SituationCandidatForm(FormulaireDossier):
    """Situation du candidat devant l'épreuve (Q13)."""

    mode = forms.ChoiceField(
        label="Mode de l’épreuve pour ce candidat",
        choices=[("", "À dire"), *Dossier.Mode.choices],
        required=False,
        help_text="Le référentiel ne le dit pas. Aucune note n’est proposée avant.",
    )
    situation = forms.ChoiceField(label="Situation devant l’épreuve", choices=Dossier.Situation)
    note_conservee = forms.DecimalField(
        label="Note conservée", required=False, min_value=0, max_value=20, decimal_places=2, localize=True
    )
    session_conservee = forms.IntegerField(
        label="Obtenue à la session", required=False, min_value=2000, max_value=2100
    )

    def __init__(self, lu: DossierLu, data: Any = None, **kwargs: Any) -> None:
        super().__init__(lu, data, **kwargs)
        if not self.grille.modalite.a_dire:
            del self.fields["mode"]

    def enregistre(self) -> dict[str, Any]:
        dit = {"mode": self.dossier_lu.dossier.mode} if self.grille.modalite.a_dire else {}
        return dit | {
            "situation": self.grille.situation,
            "note_conservee": self.grille.note_conservee,
            "session_conservee": self.grille.session_conservee,
        }

    def jeton(self) -> str:
        return self.grille.jeton_situation

    def clean(self) -> dict[str, Any]:
        super().clean()
        conservee = self.cleaned_data.get("situation") == Dossier.Situation.NOTE_CONSERVEE
        for champ, demande in {
            "note_conservee": "Donnez la note conservée.",
            "session_conservee": "Donnez la session où elle a été obtenue.",
        }.items():
            if not conservee:
                self.cleaned_data[champ] = None
            elif champ not in self.errors and self.cleaned_data.get(champ) is None:
                self.add_error(champ, demande)
        return self.cleaned_data

    def save(self) -> None:
        """Hors « à évaluer », la note proposée disparaît du dossier ; l'historique la garde."""
        dossier = self.dossier_lu.dossier
        for champ, valeur in self.cleaned_data.items():
            if champ != "lu":
                setattr(dossier, champ, valeur)
        if dossier.situation == Dossier.Situation.A_EVALUER:
            dossier.save()
        else:
            dossier.proposer(None)


class DecisionAConfirmerForm(FormulaireDossier):
    """Maintenir une décision dont la matière a changé ; sans formulaire, il n'y a rien à confirmer."""

    def __init__(self, lu: DossierLu, quoi: str, data: Any = None, **kwargs: Any) -> None:
        """`quoi` : le code d'une compétence, « note » ou « observations »."""
        self.quoi, self.ligne = quoi, lu.grille.ligne(quoi)
        super().__init__(lu, data, auto_id=f"confirmer-{quoi}-%s", **kwargs)

    def enregistre(self) -> dict[str, Any]:
        return {"suspendue": self.suspendue}

    def jeton(self) -> str:
        if self.ligne:
            return self.ligne.jeton
        return self.grille.jeton_note if self.quoi == NOTE else self.grille.jeton_observations

    @property
    def suspendue(self) -> AConfirmer | None:
        if self.ligne:
            return self.ligne.a_confirmer
        grille = self.grille
        return {NOTE: grille.note_a_confirmer, OBSERVATIONS: grille.observations_a_confirmer}.get(self.quoi)

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.suspendue is None:
            raise ValidationError("Il n’y a rien à confirmer.", code=CONFLIT)
        if self.suspendue.refus:
            raise ValidationError(self.suspendue.refus)
        return self.cleaned_data

    def save(self, auteur: Utilisateur) -> None:
        dossier = self.dossier_lu.dossier
        if self.ligne:
            dossier.confirmer(self.quoi, auteur, self.ligne.vu(self.grille.regle))
        elif self.quoi == NOTE:
            dossier.proposer(dossier.note_proposee, dossier.motif_ecart, self.grille.vu_note())
        else:
            dossier.observer(dossier.observations, self.grille.vu_observations())


class ReouvertureForm(forms.Form):
    motif = forms.CharField(
        label="Motif de la réouverture", widget=forms.Textarea(attrs={"rows": 2}), max_length=1000
    )


def _a(quand: Any) -> str:
    return f" à {heure_dite(quand)}" if quand else ""


def _court(note: Decimal | None) -> Decimal | None:
    """13,5 plutôt que 13,50, comme la note s'affiche."""
    return note if note is None or note * 10 % 1 else note.quantize(Decimal("0.1"))
