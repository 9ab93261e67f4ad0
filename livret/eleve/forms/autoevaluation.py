"""S'auto-évaluer : un niveau par compétence, ou rien."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.http import QueryDict

from livret.eleve.autoevaluation import AutoEvaluation
from livret.eleve.suivi import Avis, LigneSuivi, SuiviEleve
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation
from referentiel.echelle import Degre
from referentiel.echelles import niveaux_de_la_grille


@dataclass(frozen=True)
class QuestionEleve:
    """Une compétence, les réponses possibles et celle que l'élève a donnée."""

    champ: str
    code: str
    intitule: str
    choix: tuple[tuple[Degre, bool], ...]
    avant: Avis | None
    erreurs: list[str]

    @property
    def sans_reponse(self) -> bool:
        return not any(choisi for _, choisi in self.choix)


class AutoEvaluationForm(forms.Form):
    """Sur tout le référentiel à une date, ou sur ce que vise une situation publiée.

    Un champ absent de l'envoi ne change rien : l'appareil peut n'envoyer que ce qui vient de changer.
    """

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        eleve: Eleve,
        suivi: SuiviEleve,
        date: datetime.date,
        situation: Situation | None = None,
    ) -> None:
        super().__init__(data)
        self.eleve, self.suivi, self.date, self.situation = eleve, suivi, date, situation
        competences = eleve.promotion.referentiel.competences.all()
        if situation:
            competences = situation.competences_visees()
        self.competences = {competence.code: competence for competence in competences}
        self.deja = {
            une.competence_id: une
            for une in AutoEvaluation.objects.filter(
                eleve=eleve, **({"situation": situation} if situation else {"situation": None, "date": date})
            ).select_related("niveau")
        }
        degres = suivi.livret.echelle.degres
        for une in self._lignes():
            self.fields[self._champ(une)] = forms.ChoiceField(
                required=False,
                choices=[("", "Sans réponse"), *((degre.code, degre.libelle) for degre in degres)],
                error_messages={
                    "invalid_choice": f"{une.ligne.code} : « %(value)s » n’est pas un niveau ; "
                    f"choisissez {', '.join(suivi.echelle)} ou « Sans réponse »."
                },
            )

    def _lignes(self) -> list[LigneSuivi]:
        vues = {une.ligne.code: une for une in self.suivi.lignes if une.ligne.code in self.competences}
        return list(vues.values())

    def _champ(self, une: LigneSuivi) -> str:
        return f"c{self.competences[une.ligne.code].pk}"

    def questions(self) -> list[QuestionEleve]:
        return [self._question(une) for une in self._lignes()]

    def _question(self, une: LigneSuivi) -> QuestionEleve:
        nom = self._champ(une)
        donnee = self.deja.get(self.competences[une.ligne.code].pk)
        code = self.data.get(nom, donnee.niveau.code if donnee else "")
        return QuestionEleve(
            nom,
            une.ligne.code,
            une.ligne.intitule,
            tuple((degre, degre.code == code) for degre in self.suivi.livret.echelle.degres),
            une.auto,
            [str(erreur) for erreur in self.errors.get(nom, ())],
        )

    @property
    def repondues(self) -> int:
        return len(self.deja)

    @transaction.atomic
    def save(self) -> int:
        """Écrit les réponses reçues et justes, et rend combien de questions ont maintenant la leur."""
        niveaux = {niveau.code: niveau for niveau in niveaux_de_la_grille(self.eleve.promotion.grille_id)}
        Eleve.objects.select_for_update(no_key=True).order_by().get(pk=self.eleve.pk)
        for nom, code in self.cleaned_data.items():
            if nom not in self.data:
                continue
            cle: dict[str, Any] = {"eleve": self.eleve, "competence_id": int(nom[1:])}
            cle |= {"situation": self.situation} if self.situation else {"situation": None, "date": self.date}
            if code:
                valeurs = {"niveau": niveaux[code], "date": self.date}
                self.deja[int(nom[1:])], _ = AutoEvaluation.objects.update_or_create(**cle, defaults=valeurs)
            elif retiree := self.deja.pop(int(nom[1:]), None):
                retiree.delete()
        return self.repondues
