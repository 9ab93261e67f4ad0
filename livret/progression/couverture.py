"""La couverture d'une classe : ce que chaque élève a montré de chaque compétence détaillée."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field

from django.db import models
from django.db.models import Q

from livret.evaluation.models import Observation
from livret.personnes.models.classe import Classe
from livret.personnes.models.eleve import Eleve
from livret.progression.attendu import Attentes, Vue, vue
from livret.progression.attentes import attentes_de, semestre_de
from livret.progression.models.sequence import Sequence
from livret.situation.temps import de_ce_temps
from referentiel.correspondance import LectureDeGrille
from referentiel.echelle import Degre, Echelle
from referentiel.echelles import lectures
from referentiel.models import Competence, Detaillee


@dataclass(frozen=True)
class CaseVue:
    """Un élève devant une compétence détaillée ; `vue` est `None` hors de son option.

    `ailleurs` : ce qu'il a montré dans une échelle que la grille de la classe ne lit pas ; c'est vu, et ne
    dit rien du niveau atteint.
    """

    eleve: Eleve
    vue: Vue | None
    fois: int
    meilleur: Degre | None
    ailleurs: str = ""


@dataclass(frozen=True)
class LigneVue:
    detaillee: Detaillee
    attendu: Degre | None
    cases: tuple[CaseVue, ...]
    sequences: tuple[Sequence, ...] = ()

    def _nombre(self, *vues: Vue) -> int:
        return sum(case.vue in vues for case in self.cases)

    @property
    def concernes(self) -> int:
        return sum(case.vue is not None for case in self.cases)

    @property
    def vus(self) -> int:
        return self.concernes - self._nombre(Vue.JAMAIS)

    @property
    def atteints(self) -> int:
        return self._nombre(Vue.ATTEINTE)


@dataclass(frozen=True)
class Couverture:
    classe: Classe
    semestre: int
    eleves: tuple[Eleve, ...]
    groupes: tuple[tuple[Competence, tuple[LigneVue, ...]], ...]
    echelle: Echelle = field(default_factory=lambda: Echelle(()))
    correspondances: tuple[str, ...] = ()

    @property
    def lignes(self) -> list[LigneVue]:
        return [ligne for _, lignes in self.groupes for ligne in lignes]

    @property
    def trous(self) -> list[LigneVue]:
        return [ligne for ligne in self.lignes if not ligne.vus]

    def groupes_jamais_vus(self) -> list[tuple[Competence, list[LigneVue]]]:
        """Ce que personne de la classe n'a montré, compétence par compétence."""
        trous = {ligne.detaillee.pk for ligne in self.trous}
        groupes = [
            (competence, [une for une in lignes if une.detaillee.pk in trous])
            for competence, lignes in self.groupes
        ]
        return [groupe for groupe in groupes if groupe[1]]

    @property
    def par_eleve(self) -> list[tuple[int, int, int]]:
        """Pour chaque élève : détaillées vues, attendus atteints, détaillées de son option."""
        colonnes = list(zip(*(ligne.cases for ligne in self.lignes), strict=True))
        return [
            (
                sum(case.vue not in (None, Vue.JAMAIS) for case in cases),
                sum(case.vue is Vue.ATTEINTE for case in cases),
                sum(case.vue is not None for case in cases),
            )
            for cases in colonnes
        ]


def couverture(
    classe: Classe, eleves: list[Eleve], jour: datetime.date, detaillee: Detaillee | None = None
) -> Couverture:
    """Couverture de la classe, ou de la seule détaillée donnée.

    Un nombre de requêtes qui ne dépend ni des élèves ni des compétences.
    """
    semestre = semestre_de(classe, jour)
    lecture = lectures([classe.promotion.grille_id])[classe.promotion.grille_id]
    constats = _constats(classe, eleves)
    attentes = attentes_de({classe.promotion_id, *(eleve.promotion_id for eleve in eleves)})
    communes = attentes[classe.promotion_id]
    travaillent = sequences_par_detaillee(classe)
    groupes: dict[Competence, list[LigneVue]] = {}
    for item in _detaillees(classe, eleves, detaillee):
        ligne = LigneVue(
            item,
            lecture.echelle.degre(communes.attendu(item.competence.code, semestre, item.pk)),
            tuple(
                _case(
                    eleve, item, constats[eleve.pk, item.pk], attentes[eleve.promotion_id], semestre, lecture
                )
                for eleve in eleves
            ),
            tuple(travaillent.get(item.pk, ())),
        )
        groupes.setdefault(item.competence, []).append(ligne)
    tenus = tuple((competence, tuple(lignes)) for competence, lignes in groupes.items())
    phrases = lecture.phrases(niveau for niveaux in constats.values() for niveau in niveaux)
    return Couverture(classe, semestre, tuple(eleves), tenus, lecture.echelle, phrases)


def _detaillees(
    classe: Classe, eleves: list[Eleve], detaillee: Detaillee | None
) -> models.QuerySet[Detaillee]:
    """Les plus fines des options de la classe et de ses élèves, dans l'ordre du référentiel."""
    options = {classe.promotion.option_id, *(eleve.option_id for eleve in eleves)}
    retenues = Detaillee.objects.filter(
        Q(option__isnull=True) | Q(option__in=options),
        competence__referentiel=classe.promotion.referentiel_id,
    )
    if detaillee:
        retenues = retenues.filter(pk=detaillee.pk)
    else:
        retenues = retenues.exclude(pk__in=retenues.filter(parent__isnull=False).values("parent"))
    return retenues.select_related("competence", "option").order_by("competence__ordre", "ordre", "pk")


def _constats(classe: Classe, eleves: list[Eleve]) -> dict[tuple[int, int], list[int]]:
    """Les niveaux constatés, par élève et détaillée. Une requête."""
    constats: dict[tuple[int, int], list[int]] = defaultdict(list)
    for eleve, observee, niveau in Observation.objects.filter(
        de_ce_temps(classe, "situation__"), eleve__in=eleves, niveau__isnull=False
    ).values_list("eleve_id", "detaillee_id", "niveau_id"):
        constats[eleve, observee].append(niveau)
    return constats


def _case(
    eleve: Eleve,
    item: Detaillee,
    niveaux: list[int],
    attentes: Attentes,
    semestre: int,
    lecture: LectureDeGrille,
) -> CaseVue:
    if not item.concerne(eleve.option_id):
        return CaseVue(eleve, None, 0, None)
    attente = attentes.attendu(item.competence.code, semestre, item.pk)
    valeurs = [valeur for un in niveaux if (valeur := lecture.valeur(un)) is not None]
    dite = vue(valeurs, attente)
    if len(valeurs) < len(niveaux) and dite is not Vue.ATTEINTE:
        dite = Vue.UNE_FOIS if len(niveaux) == 1 else Vue.PLUSIEURS_FOIS
    ailleurs = ", ".join(dict.fromkeys(lecture.origine(un) for un in niveaux if lecture.valeur(un) is None))
    meilleur = lecture.echelle.degre(max(valeurs, default=None))
    return CaseVue(eleve, dite, len(niveaux), meilleur, ailleurs)


def sequences_par_detaillee(classe: Classe) -> dict[int, list[Sequence]]:
    """Séquences prévues qui travaillent chaque détaillée, pour cette classe. Deux requêtes."""
    travaillent: dict[int, list[Sequence]] = defaultdict(list)
    prevues = Sequence.objects.prevues().filter(
        Q(classe__isnull=True) | Q(classe=classe), promotion=classe.promotion_id
    )
    for sequence in prevues.prefetch_related("detaillees"):
        for detaillee in sequence.detaillees.all():
            travaillent[detaillee.pk].append(sequence)
    return travaillent
