"""Les candidats d'une commission, parmi ceux de la session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from certification.commission.models import Commission
from certification.dossier.models import Dossier
from certification.dossier.unicite import DEJA_DEVANT
from certification.seance.place import refus_de_place, tenue_ailleurs, verrouiller
from livret.models import Eleve, Promotion
from livret.personnes.alphabet import alphabetique
from trpm.base.modification import SansEcraser
from trpm.textes import entier


@dataclass(frozen=True)
class CandidatPossible:
    """Un élève de la session ; `ailleurs` : son dossier devant une autre commission de la même épreuve."""

    eleve: Eleve
    classe: str
    coche: bool
    ailleurs: Dossier | None


class CandidatsForm(SansEcraser, forms.Form):
    """Candidats devant la commission, parmi ceux des promotions de la session dans l'établissement."""

    eleves = forms.ModelMultipleChoiceField(
        queryset=Eleve.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, commission: Commission, *args: Any, **kwargs: Any) -> None:
        self.commission = commission
        self.dossiers = {d.eleve_id: d for d in commission.dossiers.vivants().select_related("eleve")}
        self.ailleurs = tenue_ailleurs(commission)
        kwargs.setdefault("initial", {"eleves": list(self.dossiers)})
        super().__init__(*args, **kwargs)
        self.fields["eleves"].queryset = self.possibles()  # type: ignore[attr-defined]

    def possibles(self) -> QuerySet[Eleve]:
        """Ceux de la session, et ceux qui sont déjà ici, où qu'ils soient inscrits aujourd'hui."""
        de_la_session = Q(
            promotion__session=self.commission.session,
            promotion__referentiel=self.commission.epreuve.referentiel_id,
        )
        return (
            Eleve.objects.filter(
                de_la_session | Q(pk__in=list(self.dossiers)), etablissement=self.commission.etablissement_id
            )
            .select_related("promotion", "option", "statut")
            .prefetch_related("scolarites__classe__annee")
            .order_by("promotion__nom", *alphabetique())
        )

    def groupes(self) -> dict[Promotion, list[CandidatPossible]]:
        """Élèves par promotion, chacun avec sa classe la plus récente et s'il est coché."""
        coches = {str(valeur) for valeur in self["eleves"].value() or ()}
        groupes: dict[Promotion, list[CandidatPossible]] = {}
        for eleve in self.possibles():
            siennes = [une for une in eleve.scolarites.all() if not une.classe.origine]
            derniere = max(siennes, key=lambda une: une.rang, default=None)
            groupes.setdefault(eleve.promotion, []).append(
                CandidatPossible(
                    eleve,
                    derniere.classe.nom if derniere else "",
                    str(eleve.pk) in coches,
                    self.ailleurs.get(eleve.pk),
                )
            )
        return groupes

    def clean_eleves(self) -> list[Eleve]:
        choisis = list(self.cleaned_data["eleves"])
        if prises := [self.ailleurs[eleve.pk] for eleve in choisis if eleve.pk in self.ailleurs]:
            raise ValidationError(refus_de_place(prises))
        if entiere := entier(self.data.get("promotion")):
            libres = self.possibles().filter(promotion=entiere).exclude(pk__in=list(self.ailleurs))
            choisis = list({*choisis, *libres})
        self._refuser_si_entames({eleve.pk for eleve in choisis})
        return choisis

    def _refuser_si_entames(self, choisis: set[int]) -> None:
        retires = [dossier.pk for cle, dossier in self.dossiers.items() if cle not in choisis]
        entames = Dossier.objects.filter(pk__in=retires).entames()
        if noms := ", ".join(str(dossier.eleve) for dossier in entames.select_related("eleve")):
            raise ValidationError(
                f"Le dossier de {noms} porte déjà des décisions : il reste devant la commission. "
                "Indiquez plutôt la situation du candidat dans son dossier."
            )

    def save(self) -> None:
        """À appeler dans une transaction. `ValidationError` : un dossier vient d'être entamé."""
        choisis = {eleve.pk for eleve in self.cleaned_data["eleves"]}
        retires = [dossier.pk for cle, dossier in self.dossiers.items() if cle not in choisis]
        verrous = list(Dossier.objects.select_for_update(of=("self",)).filter(pk__in=retires).order_by("pk"))
        self._refuser_si_entames(choisis)
        for dossier in verrous:
            dossier.delete()
        for cle in sorted(choisis - set(self.dossiers)):
            Dossier.objects.create(commission=self.commission, eleve_id=cle)


def inscrire(forms: Sequence[CandidatsForm]) -> bool:
    """Enregistre les candidats de toutes ces commissions, ou d'aucune ; le premier formulaire dit les refus.

    Les commissions se suivent par épreuve et leurs candidats par numéro : deux inscriptions simultanées
    prennent leurs places dans le même ordre, aucune n'attend l'autre en rond.
    """
    premier, *autres = forms
    refus: list[Any] = [erreur for form in autres for erreur in form.errors.get("eleves", ())]
    if premier.is_valid() and not refus:
        try:
            with transaction.atomic():
                verrouiller(form.commission.pk for form in forms)
                for form in sorted(forms, key=lambda form: form.commission.epreuve_id):
                    form.save()
        except ValidationError as refuse:
            refus = refuse.messages
        except IntegrityError:
            refus = [f"{DEJA_DEVANT} L’inscription vient d’être faite : relisez la liste."]
        else:
            return True
    for erreur in refus:
        premier.add_error("eleves", erreur)
    return False
