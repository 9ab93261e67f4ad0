"""Ce que la commission saisit. Chaque formulaire porte le jeton de ce que sa page montrait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.dateformat import time_format

from certification.grille import NON_DEMONTREE, GrilleEpreuve, LigneGrille
from certification.models import Commission, Dossier, DossierFige, Membre, Reunion
from certification.notation import nombre, note_affichee
from certification.resultats import DossierLu
from livret.bilan import Echelle
from livret.models import Appartenance, Eleve, Etablissement, Promotion, Utilisateur
from referentiel.models import Epreuve, Grille
from trpm.permissions import Action, Role

CONFLIT = "conflit"
ACCEDENT = (Role.MEMBRE, Role.PRESIDENT)
HEURE = r"G \h i"


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
        actes = [
            (ligne.arrete_le, ligne.arrete_par) for ligne in self.grille.lignes if ligne.arrete_le is not None
        ]
        if acte and acte.history_user:
            actes.append((acte.history_date, acte.history_user.nom_complet))
        quand, auteur = max(actes, default=(None, "Une autre personne"))
        return f"{auteur} a modifié ce dossier{_a(quand)}"

    def clean(self) -> dict[str, Any]:
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
        return 409 if conflit or self.dossier_lu.fige else 422

    def relu(self) -> FormulaireDossier:
        """Le même, ce qui a été tapé gardé, mais avec le jeton de ce qui est maintenant enregistré."""
        if self.is_bound:
            self.data = {**self.data.dict(), self.add_prefix("lu"): self.jeton()}  # type: ignore[attr-defined]
        return self


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
            return f"Une autre personne a retiré le niveau arrêté pour {self.ligne.code}"
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
            dossier.arreter(self.ligne.code, niveau, self.cleaned_data["motif"], auteur)


class AcceptationForm(FormulaireDossier):
    """Arrêter d'un geste, au niveau proposé, toutes les compétences qui ne le sont pas encore."""

    def enregistre(self) -> dict[str, Any]:
        return {"propositions": self.grille.jeton_propositions}

    def jeton(self) -> str:
        return self.grille.jeton_propositions

    @property
    def acceptables(self) -> list[LigneGrille]:
        return [ligne for ligne in self.grille.lignes if not ligne.arretee and ligne.propose is not None]

    def save(self, auteur: Utilisateur) -> None:
        for ligne in self.acceptables:
            degre = self.grille.degre(ligne.propose)
            if degre is not None:
                self.dossier_lu.dossier.arreter(ligne.code, degre.code, "", auteur)


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
            restantes = ", ".join(self.grille.a_arreter)
            raise ValidationError(f"Arrêtez d’abord un niveau pour {restantes} : l’épreuve est incomplète.")
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

    def _calculee(self) -> Decimal | None:
        return self.grille.calculee_avec(Fraction(self.cleaned_data.get("bonus") or 0))

    def save(self) -> None:
        dossier = self.dossier_lu.dossier
        dossier.note_proposee = self.cleaned_data["note_proposee"]
        dossier.motif_ecart = self.cleaned_data["motif_ecart"]
        dossier.bonus = self.cleaned_data.get("bonus", dossier.bonus)
        dossier.save()


class ObservationsForm(FormulaireDossier):
    observations = forms.CharField(
        label="Observations de la commission",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Imprimées sur la grille.",
    )

    def enregistre(self) -> dict[str, Any]:
        return {"observations": self.grille.observations}

    def jeton(self) -> str:
        return self.grille.jeton_observations

    def save(self) -> None:
        self.dossier_lu.dossier.observations = self.cleaned_data["observations"]
        self.dossier_lu.dossier.save()


class SituationForm(FormulaireDossier):
    """Situation du candidat devant l'épreuve (Q13)."""

    situation = forms.ChoiceField(label="Situation devant l’épreuve", choices=Dossier.Situation)
    note_conservee = forms.DecimalField(
        label="Note conservée", required=False, min_value=0, max_value=20, decimal_places=2, localize=True
    )
    session_conservee = forms.IntegerField(
        label="Obtenue à la session", required=False, min_value=2000, max_value=2100
    )

    def enregistre(self) -> dict[str, Any]:
        return {
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
        if dossier.situation != Dossier.Situation.A_EVALUER:
            dossier.note_proposee, dossier.motif_ecart = None, ""
        dossier.save()


class ReouvertureForm(forms.Form):
    motif = forms.CharField(
        label="Motif de la réouverture", widget=forms.Textarea(attrs={"rows": 2}), max_length=1000
    )


# --- Préparer ---------------------------------------------------------------------------------


class CommissionForm(forms.ModelForm):
    """`autres`, à la création : les épreuves de la même réunion. `ensemble`, ensuite : tout y reporter."""

    autres = forms.ModelMultipleChoiceField(
        label="Autres épreuves de la même réunion",
        queryset=Epreuve.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Une commission par épreuve, avec les mêmes membres et les mêmes candidats.",
    )
    ensemble = forms.BooleanField(
        label="Reporter la date, le lieu, les membres et les présences à toute la réunion",
        required=False,
        initial=True,
    )

    class Meta:
        model = Commission
        fields = ["etablissement", "session", "epreuve", "grille", "intitule", "date", "lieu"]
        widgets = {"date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, user: Utilisateur, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lieux = user.etablissements(Action.PREPARER_COMMISSION)
        epreuves = Epreuve.objects.filter(
            referentiel__promotions__etablissement__in=lieux, poids__isnull=False
        ).distinct()
        grilles = Grille.objects.filter(referentiel__promotions__etablissement__in=lieux).distinct()
        _restreindre(self, "etablissement", Etablissement.objects.filter(pk__in=lieux))
        _restreindre(self, "epreuve", epreuves.select_related("referentiel"))
        _restreindre(self, "grille", grilles.select_related("referentiel"))
        self.fields["grille"].required = False
        self.fields["grille"].help_text = "La plus récente du référentiel si vous ne choisissez pas."
        self.fields["intitule"].required = False
        self.fields["intitule"].help_text = "Par défaut : « Commission » suivi de l’épreuve et de la session."
        self.fields["epreuve"].label_from_instance = lambda e: f"{e.code} {e.intitule} ({e.referentiel})"  # type: ignore[attr-defined]
        self.fields["autres"].label_from_instance = self.fields["epreuve"].label_from_instance  # type: ignore[attr-defined]
        _restreindre(self, "autres", epreuves.select_related("referentiel"))
        del self.fields["autres" if self.instance.pk else "ensemble"]
        if self.instance.pk and not self.instance.reunion_id:
            del self.fields["ensemble"]
        if len(lieux) == 1:
            self.initial["etablissement"] = next(iter(lieux))
            self.fields["etablissement"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        epreuve, session = champs.get("epreuve"), champs.get("session")
        if epreuve and not champs.get("grille"):
            champs["grille"] = epreuve.referentiel.grilles.first()
        if epreuve and session and not champs.get("intitule"):
            champs["intitule"] = f"Commission {epreuve.code}, session {session}"
        for autre in champs.get("autres") or ():
            if autre == epreuve:
                self.add_error("autres", f"{autre.code} est déjà l’épreuve de la commission.")
            elif epreuve and autre.referentiel_id != epreuve.referentiel_id:
                self.add_error("autres", f"{autre.code} n’est pas du même référentiel que {epreuve.code}.")
            elif _deja(self._soeur(champs, autre)):
                self.add_error("autres", f"Cette commission existe déjà pour {autre.code} et cette session.")
        return champs

    def _soeur(self, champs: dict[str, Any], epreuve: Epreuve) -> Commission:
        return Commission(
            etablissement=champs.get("etablissement"),
            session=champs.get("session") or 0,
            epreuve=epreuve,
            grille=champs.get("grille"),
            intitule=self.data.get("intitule")
            or f"Commission {epreuve.code}, session {champs.get('session')}",
            date=champs.get("date") or timezone.localdate(),
            lieu=champs.get("lieu", ""),
        )

    def reunir(self) -> None:
        """À appeler une fois la commission et ses membres enregistrés."""
        commission: Commission = self.instance
        if autres := self.cleaned_data.get("autres"):
            codes = ", ".join(epreuve.code for epreuve in (commission.epreuve, *autres))
            commission.reunion = Reunion.objects.create(
                etablissement=commission.etablissement,
                session=commission.session,
                intitule=f"Réunion {codes}, session {commission.session}",
                date=commission.date,
                lieu=commission.lieu,
            )
            commission.save()
            for epreuve in autres:
                soeur = self._soeur(self.cleaned_data, epreuve)
                soeur.reunion = commission.reunion
                soeur.save()
        if commission.reunion and (autres or self.cleaned_data.get("ensemble")):
            commission.reunion.date, commission.reunion.lieu = commission.date, commission.lieu
            commission.reunion.save()
            for soeur in commission.soeurs():
                soeur.sieger_comme(commission)


class MembreForm(forms.ModelForm):
    present = forms.TypedChoiceField(
        label="Présence",
        required=False,
        choices=[("", "à constater"), ("oui", "présent"), ("non", "absent")],
        coerce=lambda valeur: valeur == "oui",
        empty_value=None,
    )

    class Meta:
        model = Membre
        fields = ["utilisateur", "nom", "qualite", "present"]

    def __init__(
        self, *args: Any, comptes: QuerySet[Utilisateur], ont_acces: set[int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _restreindre(self, "utilisateur", comptes)
        self.fields["utilisateur"].label_from_instance = lambda compte: (  # type: ignore[attr-defined]
            compte.nom_complet + ("" if compte.pk in ont_acces else " (accès à donner)")
        )
        self.fields["utilisateur"].empty_label = "sans compte"  # type: ignore[attr-defined]
        self.fields["nom"].required = False
        self.initial["present"] = {True: "oui", False: "non"}.get(self.instance.present, "")

    def clean(self) -> dict[str, Any]:
        champs = super().clean() or self.cleaned_data
        if not champs.get("nom"):
            if champs.get("utilisateur"):
                champs["nom"] = champs["utilisateur"].nom_complet
            elif not champs.get("DELETE"):
                self.add_error("nom", "Donnez un nom, ou choisissez un compte.")
        return champs


class MembresFormSet(forms.BaseInlineFormSet):
    """Comptes proposés : l'équipe de l'établissement, et ceux qui siègent déjà ici.

    Un compte sans rôle de commission n'y accède que si l'on coche « donner l'accès ».
    """

    ACCES = "donner_acces"

    def __init__(self, *args: Any, user: Utilisateur, **kwargs: Any) -> None:
        instance: Commission = kwargs["instance"]
        lieux = user.etablissements(Action.PREPARER_COMMISSION)
        ici = [instance.etablissement_id] if instance.pk else lieux
        equipe = [role.value for role in (Role.ENSEIGNANT, *ACCEDENT)]
        comptes = Utilisateur.objects.filter(
            Q(appartenances__role__in=equipe, appartenances__etablissement__in=ici, is_active=True)
            | Q(commissions__commission=instance.pk or 0)
        ).distinct()
        self.ont_acces = _ont_acces(ici)
        form_kwargs = {
            "comptes": comptes.order_by("last_name", "first_name"),
            "ont_acces": {compte for compte, _ in self.ont_acces},
        }
        super().__init__(*args, form_kwargs=form_kwargs, **kwargs)

    @property
    def donne_acces(self) -> bool:
        return bool(self.is_bound and self.data.get(self.ACCES))

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            if form.has_changed() and not self.donne_acces and (compte := self._sans_acces(form)):
                form.add_error(
                    "utilisateur",
                    f"{compte.nom_complet} n’a pas encore accès aux commissions : cochez « Donner l’accès », "
                    "ou inscrivez cette personne sans compte.",
                )

    def _sans_acces(self, form: forms.ModelForm) -> Utilisateur | None:
        champs = getattr(form, "cleaned_data", {})
        compte: Utilisateur | None = champs.get("utilisateur")
        if compte is None or champs.get("DELETE"):
            return None
        return None if (compte.pk, self.instance.etablissement_id) in self.ont_acces else compte

    def donner_acces(self) -> list[Utilisateur]:
        """Accorde le rôle de membre, et lui seul, à ceux qui en ont besoin ; rend qui l'a reçu."""
        recus = []
        for form in self.forms if self.donne_acces else ():
            if compte := self._sans_acces(form):
                Appartenance.objects.get_or_create(
                    utilisateur=compte, etablissement=self.instance.etablissement, role=Role.MEMBRE.value
                )
                recus.append(compte)
        return recus


MembreFormSet = forms.inlineformset_factory(
    Commission, Membre, form=MembreForm, formset=MembresFormSet, extra=3, can_delete=True
)


class CandidatsForm(forms.Form):
    """Candidats devant la commission, parmi ceux des promotions de la session dans l'établissement."""

    eleves = forms.ModelMultipleChoiceField(
        queryset=Eleve.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, commission: Commission, *args: Any, **kwargs: Any) -> None:
        self.commission = commission
        self.dossiers = {d.eleve_id: d for d in commission.dossiers.select_related("eleve")}
        kwargs.setdefault("initial", {"eleves": list(self.dossiers)})
        super().__init__(*args, **kwargs)
        self.fields["eleves"].queryset = self.possibles()  # type: ignore[attr-defined]

    def possibles(self) -> QuerySet[Eleve]:
        return (
            Eleve.objects.filter(
                etablissement=self.commission.etablissement_id,
                promotion__session=self.commission.session,
                promotion__referentiel=self.commission.epreuve.referentiel_id,
            )
            .select_related("promotion", "option", "statut")
            .prefetch_related("scolarites__classe__annee")
            .order_by("promotion__nom", "nom", "prenom", "pk")
        )

    def groupes(self) -> dict[Promotion, list[tuple[Eleve, str, bool]]]:
        """Élèves par promotion, chacun avec sa classe la plus récente et s'il est coché."""
        coches = {str(valeur) for valeur in self["eleves"].value() or ()}
        groupes: dict[Promotion, list[tuple[Eleve, str, bool]]] = {}
        for eleve in self.possibles():
            classes = [scolarite.classe for scolarite in eleve.scolarites.all()]
            classe = max(classes, key=lambda classe: classe.annee.debut, default=None)
            groupes.setdefault(eleve.promotion, []).append(
                (eleve, classe.nom if classe else "", str(eleve.pk) in coches)
            )
        return groupes

    def clean_eleves(self) -> list[Eleve]:
        choisis = list(self.cleaned_data["eleves"])
        if (entiere := self.data.get("promotion", "")).isdecimal():
            choisis = list({*choisis, *self.possibles().filter(promotion=entiere)})
        retires = [d for cle, d in self.dossiers.items() if cle not in {eleve.pk for eleve in choisis}]
        entames = Dossier.objects.filter(pk__in=[dossier.pk for dossier in retires]).entames()
        if noms := ", ".join(str(dossier.eleve) for dossier in entames.select_related("eleve")):
            raise ValidationError(
                f"Le dossier de {noms} porte déjà des décisions : il reste devant la commission. "
                "Indiquez plutôt la situation du candidat dans son dossier."
            )
        return choisis

    def save(self) -> None:
        choisis = {eleve.pk for eleve in self.cleaned_data["eleves"]}
        for cle, dossier in self.dossiers.items():
            if cle not in choisis:
                dossier.delete()
        for eleve in self.cleaned_data["eleves"]:
            if eleve.pk not in self.dossiers:
                Dossier.objects.create(commission=self.commission, eleve=eleve)


def _ont_acces(lieux: Iterable[int]) -> set[tuple[int, int]]:
    """Les (compte, établissement) qui peuvent déjà siéger."""
    return set(
        Appartenance.objects.filter(
            etablissement__in=lieux, role__in=[role.value for role in ACCEDENT]
        ).values_list("utilisateur_id", "etablissement_id")
    )


def _deja(commission: Commission) -> bool:
    return Commission.objects.filter(
        etablissement=commission.etablissement_id,
        session=commission.session,
        epreuve=commission.epreuve_id,
        intitule=commission.intitule,
    ).exists()


def _restreindre(form: forms.ModelForm, champ: str, choix: QuerySet[Any, Model]) -> None:
    form.fields[champ].queryset = choix  # type: ignore[attr-defined]


def _a(quand: Any) -> str:
    return f" à {time_format(timezone.localtime(quand), HEURE)}" if quand else ""


def _court(note: Decimal | None) -> Decimal | None:
    """13,5 plutôt que 13,50, comme la note s'affiche."""
    return note if note is None or note * 10 % 1 else note.quantize(Decimal("0.1"))


class CorrespondanceForm(forms.Form):
    """Le degré que LSL Pro attend pour chaque niveau : visible, et modifiable (Q39)."""

    def __init__(self, echelle: Echelle | None, defaut: Mapping[int | None, str], data: Any = None) -> None:
        ecrits = data if data and any(nom.startswith("niveau-") for nom in data) else None
        super().__init__(ecrits)
        for degre in echelle.degres if echelle else ():
            self.fields[f"niveau-{degre.valeur}"] = forms.CharField(
                label=f"Niveau {degre.code}, {degre.libelle}", max_length=10, initial=defaut[degre.valeur]
            )
        self.fields["niveau-"] = forms.CharField(label="Non évaluée", max_length=10, initial=defaut[None])
        self.valeurs = {
            f"niveau-{degre.valeur}": degre.valeur for degre in (echelle.degres if echelle else ())
        }

    def degres(self) -> dict[int | None, str]:
        return {self.valeurs.get(nom): texte for nom, texte in self.cleaned_data.items()}
