"""Les membres d'une commission, avec ou sans compte."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from certification.commission.models import Commission, Membre
from certification.seance.forms.choix import restreindre
from livret.models import Appartenance, Promotion, Utilisateur
from livret.personnes.alphabet import alphabetique
from referentiel.models import Referentiel
from referentiel.reglement.commission import QualiteDeMembre, ReglesCommission
from trpm.permissions import Action, Role

ACCEDENT = (Role.MEMBRE, Role.PRESIDENT)


class MembreForm(forms.ModelForm):
    qualite = forms.ChoiceField(label="Qualité")
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
        self,
        *args: Any,
        comptes: QuerySet[Utilisateur],
        ont_acces: set[int],
        qualites: dict[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        sienne = {self.instance.qualite: self.instance.qualite} if self.instance.qualite else {}
        choix = [("", "---------"), *(sienne | qualites).items()]
        self.fields["qualite"].choices = choix  # type: ignore[attr-defined]
        restreindre(self, "utilisateur", comptes)
        self.fields["utilisateur"].label_from_instance = lambda compte: (  # type: ignore[attr-defined]
            compte.nom_complet + ("" if compte.pk in ont_acces else " (accès à donner)")
        )
        self.fields["utilisateur"].empty_label = "sans compte"  # type: ignore[attr-defined]
        self.fields["nom"].required = False
        if self.instance.pk:
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
        self.qualites = qualites_offertes(instance, lieux)
        form_kwargs = {
            "comptes": comptes.order_by(*alphabetique(champs=("last_name", "first_name"))),
            "ont_acces": {compte for compte, _ in self.ont_acces},
            "qualites": {une.code: une.intitule for une in self.qualites},
        }
        super().__init__(*args, form_kwargs=form_kwargs, **kwargs)

    @property
    def attendues(self) -> list[str]:
        """Qui le texte nomme, pour l'épreuve de la commission si elle est connue."""
        epreuve = self.instance.epreuve.code if self.instance.epreuve_id else ""
        return [
            une.attendue for une in self.qualites if une.attendue and (not epreuve or une.manque(epreuve))
        ]

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


def qualites_offertes(commission: Commission, lieux: Iterable[int]) -> list[QualiteDeMembre]:
    """Celles que donne le référentiel de la commission ; tant qu'elle n'a pas d'épreuve, toutes celles
    des diplômes préparés ici."""
    if commission.epreuve_id:
        regles = [commission.regles]
    else:
        prepares = Referentiel.objects.filter(
            promotions__in=Promotion.objects.filter(etablissement__in=lieux)
        ).distinct()
        regles = [referentiel.regles for referentiel in prepares] or [ReglesCommission.des({})]
    return list(dict.fromkeys(une for regle in regles for une in regle.qualites))


def _ont_acces(lieux: Iterable[int]) -> set[tuple[int, int]]:
    """Les (compte, établissement) qui peuvent déjà siéger."""
    return set(
        Appartenance.objects.filter(
            etablissement__in=lieux, role__in=[role.value for role in ACCEDENT]
        ).values_list("utilisateur_id", "etablissement_id")
    )
