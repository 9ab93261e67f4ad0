"""Préparer une commission : ses épreuves, ses membres, ses candidats."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from certification.commission.models import Commission, Membre, Reunion
from certification.dossier.models import Dossier
from livret.models import (
    Appartenance,
    Eleve,
    Etablissement,
    Promotion,
    Utilisateur,
)
from referentiel.models import Epreuve, Grille
from trpm.permissions import Action, Role
from trpm.textes import entier

ACCEDENT = (Role.MEMBRE, Role.PRESIDENT)


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
        if entiere := entier(self.data.get("promotion")):
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


def _restreindre(form: forms.ModelForm, champ: str, choix: QuerySet[Any, Model]) -> None:
    form.fields[champ].queryset = choix  # type: ignore[attr-defined]


def _deja(commission: Commission) -> bool:
    return Commission.objects.filter(
        etablissement=commission.etablissement_id,
        session=commission.session,
        epreuve=commission.epreuve_id,
        intitule=commission.intitule,
    ).exists()
