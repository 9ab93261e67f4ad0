"""Une entreprise mise au carnet depuis le tableau de placement, sans le quitter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db import transaction

from livret.pfmp.forms.entreprise import EntrepriseForm
from livret.pfmp.models.entreprise import Entreprise, Tuteur
from referentiel.reglement.tuteur import MotTuteur

AU_CARNET, A_TOUS = "", "tous"


class EntrepriseSurPlaceForm(EntrepriseForm):
    """`eleves` : ceux à qui l'on peut la donner, par clé et nom."""

    siret = None  # type: ignore[assignment]
    tuteur = forms.CharField(max_length=150, required=False)
    courriel = forms.EmailField(label="Son courriel", required=False)
    pour = forms.ChoiceField(label="Pour", required=False)

    class Meta:
        model = Entreprise
        fields = ["etablissement", "nom", "ville"]

    def __init__(
        self, *args: Any, mot: MotTuteur, eleves: Iterable[tuple[int, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, prefix="nouvelle", use_required_attribute=False, **kwargs)
        self.fields["nom"].label = "Nom de l’entreprise"
        self.fields["tuteur"].label = f"Nom {mot.du}"
        self.fields["pour"].choices = [  # type: ignore[attr-defined]
            (AU_CARNET, "seulement le carnet"),
            (A_TOUS, "tous les élèves encore sans entreprise"),
            *((str(pk), nom) for pk, nom in eleves),
        ]

    def clean(self) -> dict[str, Any]:
        champs = super().clean()
        if champs.get("courriel") and not champs.get("tuteur"):
            self.add_error("tuteur", "À qui est ce courriel\xa0? Écrivez aussi le nom.")
        return champs

    @transaction.atomic
    def ajouter(self) -> str:
        """Écrit l'entreprise, et qui y suivra l'élève ; rend sa clé dans la liste des places."""
        entreprise = self.save()
        if not (nom := self.cleaned_data["tuteur"]):
            return f"e{entreprise.pk}"
        tuteur = Tuteur(entreprise=entreprise, nom=nom, courriel=self.cleaned_data["courriel"])
        tuteur.full_clean()
        tuteur.save()
        return f"t{tuteur.pk}"

    def places_remplies(self, cle: str, garde: dict[str, str]) -> dict[str, str]:
        """Ce que la page avait, la nouvelle place en plus pour qui on l'a voulue."""
        pour = self.cleaned_data["pour"]
        if pour == A_TOUS:
            vides = {nom: cle for nom, valeur in garde.items() if nom.startswith("place_") and not valeur}
            return garde | vides
        return garde | ({f"place_{pour}": cle} if pour else {})
