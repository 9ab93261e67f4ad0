"""Ajouter une preuve : une photo prise à l'instant, un fichier, quelques mots."""

from __future__ import annotations

from typing import Any

from django import forms

from livret.evaluation.forms import FichierDeTraceForm
from livret.evaluation.trace import Trace
from livret.saisie.grille import CaseSaisie, GrilleDeSaisie
from livret.situation.colonnes import DETAILLEE

TRACES_MAX = 30


class TraceForm(FichierDeTraceForm):
    """`grille` est celle du seul élève concerné ; `case` en désigne une case, ou rien pour la fiche."""

    case = forms.ChoiceField(label="Sur", required=False)

    field_order = ["photo", "fichier", "texte", "case", "au_dossier"]

    def __init__(self, *args: Any, grille: GrilleDeSaisie, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        (self.ligne,) = grille.lignes
        self.instance.situation, self.instance.eleve = grille.situation, self.ligne.eleve
        self.cases = {case.colonne.cle: case for case in self.ligne.cases if case.colonne and case.concernee}
        self.champ("case").choices = [("", "Toute la fiche"), *map(_choix, self.cases.values())]
        invalide = "Cette case n’est pas dans la grille de cet élève."
        self.champ("case").error_messages["invalid_choice"] = invalide

    def clean(self) -> dict[str, Any]:
        champs = super().clean()
        self._viser(champs.get("case", ""))
        traces = Trace.objects.gardees().filter(situation=self.instance.situation, eleve=self.ligne.eleve)
        if traces.count() >= TRACES_MAX:
            raise forms.ValidationError(f"Une fiche porte {TRACES_MAX} preuves au plus : retirez-en une.")
        return champs

    def _viser(self, cle: str) -> None:
        colonne = self.cases[cle].colonne if cle in self.cases else None
        if colonne and colonne.genre == DETAILLEE:
            self.instance.detaillee_id = colonne.pk
        elif colonne:
            self.instance.competence_id = colonne.pk


def _choix(case: CaseSaisie) -> tuple[str, str]:
    colonne = case.colonne
    return (colonne.cle, f"{colonne.code} {colonne.intitule}") if colonne else ("", "")
