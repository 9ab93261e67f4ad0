"""Ce que des dossiers attendent encore, et de qui ; les situations de leurs candidats sont lues une fois."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from django.urls import reverse

from certification.commission.models import Commission
from certification.dossier.matiere import MENTIONS
from certification.dossier.resultats import DossierLu
from certification.seance.restes import Reste, Visee, restes
from certification.seance.suivi import DossierSuivi, GestePossible, suivi
from livret.models import Eleve, Evaluation, Situation
from livret.situation.models.situation import hors_brouillon
from referentiel.models import Competence
from trpm.textes import ancre


class GestesAFaire:
    """Les situations ne se lisent que pour les candidats à qui il manque un niveau."""

    def __init__(self, lus: list[DossierLu]) -> None:
        self.ouverts = [lu for lu in lus if not lu.fige]
        self.retenues: dict[int, list[Visee]] = {}

    @cached_property
    def eleves(self) -> set[Eleve]:
        return {lu.dossier.eleve for lu in self.ouverts if lu.grille.manquantes}

    @cached_property
    def situations(self) -> list[Situation]:
        return list(
            Situation.objects.filter(hors_brouillon(), classe__scolarites__eleve__in=self.eleves)
            .select_related("auteur", "classe__promotion")
            .prefetch_related("competences", "detaillees__competence")
            .order_by("debut", "pk")
            .distinct()
        )

    @cached_property
    def siennes(self) -> dict[int, set[int]]:
        return Situation.objects.par_eleve(self.eleves)

    @cached_property
    def mentions(self) -> dict[int, dict[tuple[int, str], str]]:
        mentions: dict[int, dict[tuple[int, str], str]] = defaultdict(dict)
        for eleve, situation, code, mention in (
            Evaluation.objects.filter(eleve__in=self.eleves, situation__in=self.situations)
            .exclude(mention="")
            .values_list("eleve_id", "situation_id", "competence__code", "mention")
        ):
            mentions[eleve][situation, code] = MENTIONS[mention]
        return mentions

    @cached_property
    def competences(self) -> dict[tuple[int, str], int]:
        return {
            (competence.referentiel_id, competence.code): competence.pk
            for competence in Competence.objects.filter(
                referentiel__in={lu.dossier.commission.grille.referentiel_id for lu in self.ouverts}
            )
        }

    def suivi(self, lu: DossierLu) -> DossierSuivi:
        if lu.fige:
            return suivi(lu, (), (), ())
        manques = restes(lu.grille, *self._vecues(lu))
        generaux = conseils_generaux(lu)
        conseils = tuple(conseil for conseil in lu.grille.conseils if conseil not in generaux)
        return suivi(lu, tuple(self._geste(lu, reste) for reste in manques), conseils, generaux)

    def _vecues(self, lu: DossierLu) -> tuple[list[Visee], Mapping[tuple[int, str], str]]:
        """S'il lui manque un niveau : les situations retenues qu'il a vécues, les mentions qu'il y porte."""
        if not lu.grille.manquantes:
            return [], {}
        siennes = self.siennes[lu.dossier.eleve_id]
        vecues = [visee for visee in self._retenues(lu.dossier.commission) if visee.situation in siennes]
        return vecues, self.mentions[lu.dossier.eleve_id]

    def _retenues(self, commission: Commission) -> list[Visee]:
        """Les situations du référentiel de la commission, retenues pour sa session ; relevées une fois."""
        if commission.pk not in self.retenues:
            comptent = commission.comptent
            self.retenues[commission.pk] = [
                _visee(une)
                for une in self.situations
                if une.classe.promotion.referentiel_id == commission.grille.referentiel_id
                and une.est_retenue(*comptent)
            ]
        return self.retenues[commission.pk]

    def _geste(self, lu: DossierLu, reste: Reste) -> GestePossible:
        dossier = f"{lu.dossier.get_absolute_url()}#{ancre(reste.competence) if reste.competence else 'note'}"
        if not reste.situation:
            return GestePossible(reste, dossier, dossier)
        competence = self.competences[lu.dossier.commission.grille.referentiel_id, reste.competence]
        grille = reverse("livret:grille", args=[reste.situation])
        return GestePossible(reste, dossier, f"{grille}#c{competence}-{lu.dossier.eleve_id}")


def _visee(situation: Situation) -> Visee:
    visees = {competence.code for competence in situation.competences.all()}
    visees |= {detaillee.competence.code for detaillee in situation.detaillees.all()}
    return Visee(situation.pk, situation.intitule, situation.auteur.nom_complet, frozenset(visees))


def conseils_generaux(lu: DossierLu) -> tuple[str, ...]:
    """Les conseils qui valent pour toute la commission."""
    commission = lu.dossier.commission
    return lu.grille.commission.conseils(commission.regles, commission.epreuve.code)
