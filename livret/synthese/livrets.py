"""Du livret en base aux objets que montrent la page, le PDF et le tableau de bord.

Tout se charge pour plusieurs élèves à la fois, en un nombre de requêtes qui ne dépend ni du
nombre d'élèves ni du nombre d'évaluations.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from livret.evaluation.models import (
    Evaluation,
    Fiche,
    Observation,
    Remarque,
)
from livret.evaluation.trace import Trace
from livret.niveaux import Preuve, meilleure
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation, hors_brouillon, visible_le_jour
from livret.synthese.ligne import Demonstration, LigneLivret
from referentiel.echelle import Degre, Echelle
from referentiel.echelles import echelles_de
from referentiel.models import Detaillee, Grille, Poids


@dataclass(frozen=True)
class Livret:
    eleve: Eleve
    echelle: Echelle
    lignes: tuple[LigneLivret, ...]
    epreuves: tuple[tuple[str, str], ...]

    @property
    def jamais_evaluees(self) -> tuple[LigneLivret, ...]:
        return tuple(ligne for ligne in self.lignes if ligne.meilleure is None)

    @property
    def evaluees(self) -> int:
        return len(self.lignes) - len(self.jamais_evaluees)

    def lignes_de(self, epreuve: str) -> tuple[LigneLivret, ...]:
        return tuple(ligne for ligne in self.lignes if ligne.epreuve == epreuve)

    @property
    def par_epreuve(self) -> list[tuple[str, str, tuple[LigneLivret, ...]]]:
        return [(code, intitule, self.lignes_de(code)) for code, intitule in self.epreuves]


def livrets(eleves: Iterable[Eleve], *, visibles_seulement: bool = False) -> list[Livret]:
    """Livrets de ces élèves, dans leur ordre.

    `visibles_seulement` : ne retient que les situations publiées, comme les voit l'élève (Q36) ;
    sinon toute situation sortie de l'état de brouillon. Les élèves doivent venir avec leur
    promotion (`select_related("promotion", "option")`).
    """
    eleves = list(eleves)
    comptent = (
        visible_le_jour(timezone.localdate(), "situation__")
        if visibles_seulement
        else hors_brouillon("situation__")
    )
    preuves = preuves_par_eleve(eleves, comptent)
    observees = _observees(eleves, comptent)
    cadres = _cadres(eleves)
    vide = _Cadre(Echelle(()), (), ())
    return [
        _livret(
            eleve, cadres.get(eleve.promotion.referentiel_id, vide), preuves[eleve.pk], observees[eleve.pk]
        )
        for eleve in eleves
    ]


@dataclass(frozen=True)
class ColonneTableau:
    """Une compétence sur toute la classe."""

    code: str
    intitule: str
    epreuve: str
    evalues: int


@dataclass(frozen=True)
class Tableau:
    """Tableau de bord d'une classe : ses livrets côte à côte, compétence par compétence."""

    livrets: tuple[Livret, ...]
    colonnes: tuple[ColonneTableau, ...]
    epreuves: tuple[tuple[str, str, int], ...]

    @property
    def echelle(self) -> Echelle:
        return self.livrets[0].echelle if self.livrets else Echelle(())

    @property
    def rangees(self) -> list[tuple[Livret, list[LigneLivret | None]]]:
        """Chaque livret et ses lignes dans l'ordre des colonnes ; `None` hors de l'option de l'élève."""
        rangees = []
        for livret in self.livrets:
            lignes = {(ligne.epreuve, ligne.code): ligne for ligne in livret.lignes}
            rangees.append((livret, [lignes.get((c.epreuve, c.code)) for c in self.colonnes]))
        return rangees

    @property
    def jamais_evaluees(self) -> tuple[ColonneTableau, ...]:
        return tuple(colonne for colonne in self.colonnes if not colonne.evalues)


def tableau(eleves: Iterable[Eleve]) -> Tableau:
    """Tableau de bord de ces élèves, situations ouvertes comprises."""
    tenus = tuple(livrets(eleves))
    modeles: dict[tuple[str, str], LigneLivret] = {}
    evalues: Counter[tuple[str, str]] = Counter()
    for livret in tenus:
        for ligne in livret.lignes:
            modeles.setdefault((ligne.epreuve, ligne.code), ligne)
            evalues[ligne.epreuve, ligne.code] += ligne.meilleure is not None
    intitules = dict(epreuve for livret in tenus for epreuve in livret.epreuves)
    colonnes = [
        ColonneTableau(code, ligne.intitule, epreuve, evalues[epreuve, code])
        for rang in intitules
        for (epreuve, code), ligne in modeles.items()
        if epreuve == rang
    ]
    largeurs = Counter(colonne.epreuve for colonne in colonnes)
    return Tableau(
        tenus,
        tuple(colonnes),
        tuple((code, intitule, largeurs[code]) for code, intitule in intitules.items()),
    )


@dataclass(frozen=True)
class Positionnement:
    """Ce qu'un élève a montré d'une compétence dans une situation : un niveau, ou une mention."""

    competence: str
    intitule: str
    degre: Degre | None
    mention: str


@dataclass(frozen=True)
class SituationVecue:
    """Une situation telle qu'un élève l'a vécue."""

    situation: Situation
    retenue: bool
    positionnements: tuple[Positionnement, ...]
    commentaire: str
    remarques: tuple[Remarque, ...] = ()
    traces: tuple[Trace, ...] = ()


def passages(eleve: Eleve, *, visibles_seulement: bool = False) -> list[SituationVecue]:
    """Situations où l'élève porte une saisie, de la plus récente à la plus ancienne. Cinq requêtes."""
    situations = Situation.objects.filter(hors_brouillon()).filter(
        Q(pk__in=Evaluation.objects.filter(eleve=eleve).values("situation"))
        | Q(pk__in=Fiche.objects.filter(eleve=eleve).values("situation"))
        | Q(pk__in=Remarque.objects.filter(eleve=eleve).values("situation"))
        | Q(pk__in=Trace.objects.gardees().filter(eleve=eleve, situation__isnull=False).values("situation"))
    )
    if visibles_seulement:
        situations = situations.visibles()
    positionnements: dict[int, list[Positionnement]] = defaultdict(list)
    for evaluation in (
        Evaluation.objects.filter(eleve=eleve)
        .select_related("competence", "niveau")
        .order_by("competence__ordre", "competence_id")
    ):
        positionnements[evaluation.situation_id].append(_positionnement(evaluation))
    items = ("competence", "detaillee")
    remarques: dict[int, list[Remarque]] = defaultdict(list)
    for remarque in (
        Remarque.objects.filter(eleve=eleve)
        .select_related(*items)
        .order_by("detaillee__competence__ordre", "detaillee__ordre", "competence__ordre", "pk")
    ):
        remarques[remarque.situation_id].append(remarque)
    traces: dict[int | None, list[Trace]] = defaultdict(list)
    for trace in Trace.objects.gardees().filter(eleve=eleve).select_related("auteur", *items):
        traces[trace.situation_id].append(trace)
    commentaires = dict(Fiche.objects.filter(eleve=eleve).values_list("situation_id", "commentaire"))
    return [
        SituationVecue(
            situation,
            situation.est_retenue(*eleve.promotion.comptent),
            tuple(positionnements[situation.pk]),
            commentaires.get(situation.pk, ""),
            tuple(remarques[situation.pk]),
            tuple(traces[situation.pk]),
        )
        for situation in situations.order_by("-fin", "-pk")
    ]


def _positionnement(evaluation: Evaluation) -> Positionnement:
    niveau = evaluation.niveau
    return Positionnement(
        evaluation.competence.code,
        evaluation.competence.intitule,
        Degre(niveau.code, niveau.valeur, niveau.libelle, niveau.symbole, niveau.valeur) if niveau else None,
        evaluation.get_mention_display(),
    )


_CHAMPS_SITUATION = ("intitule", "nature", "lieu", "entreprise", "tuteur", "fin", "retenue", "retenue_motif")
_CHAMPS_AUTEUR = ("first_name", "last_name", "username")


def preuves_par_eleve(
    eleves: list[Eleve], comptent: Q, session: tuple[int, datetime.date] | None = None
) -> dict[int, list[Preuve]]:
    """Niveaux démontrés dans les situations qui comptent, par élève, du plus ancien au plus récent.

    `session` : celle pour laquelle une preuve est retenue, et depuis quel jour ; à défaut, celle de la
    promotion de chacun.
    Une requête. Une classe porte des milliers d'évaluations pour quelques dizaines de situations : chaque
    situation et chaque auteur n'est construit qu'une fois.
    """
    sessions = {eleve.pk: session or eleve.promotion.comptent for eleve in eleves}
    situations: dict[int, Situation] = {}
    auteurs: dict[int, str] = {}
    preuves: dict[int, list[Preuve]] = defaultdict(list)
    lignes = (
        Evaluation.objects.filter(comptent, eleve__in=eleves, niveau__isnull=False)
        .order_by("situation__fin", "situation_id")
        .values_list(
            "eleve_id",
            "competence__code",
            "niveau__valeur",
            "situation_id",
            "auteur_id",
            *(f"situation__{champ}" for champ in _CHAMPS_SITUATION),
            *(f"auteur__{champ}" for champ in _CHAMPS_AUTEUR),
        )
    )
    for eleve, competence, valeur, situation_id, auteur_id, *champs in lignes:
        if situation_id not in situations:
            faits = dict(zip(_CHAMPS_SITUATION, champs, strict=False))
            situations[situation_id] = Situation(pk=situation_id, **faits)
        if auteur_id not in auteurs:
            identite = dict(zip(_CHAMPS_AUTEUR, champs[len(_CHAMPS_SITUATION) :], strict=True))
            auteurs[auteur_id] = Utilisateur(**identite).nom_complet
        preuves[eleve].append(
            _preuve(situations[situation_id], competence, valeur, auteurs[auteur_id], sessions[eleve])
        )
    return preuves


def _preuve(
    situation: Situation, competence: str, valeur: int, auteur: str, session: tuple[int, datetime.date]
) -> Preuve:
    return Preuve(
        competence=competence,
        valeur=valeur,
        date=situation.fin,
        situation=situation.intitule,
        lieu=situation.lieu_complet,
        evaluateur=situation.tuteur or auteur,
        situation_id=situation.pk,
        nature=situation.nature,
        retenue=situation.est_retenue(*session),
        motif_retenue=situation.retenue_motif,
    )


@dataclass(frozen=True)
class _Cadre:
    """Ce qu'il faut du référentiel pour mettre un livret en forme."""

    echelle: Echelle
    poids: tuple[Poids, ...]
    detaillees: tuple[Detaillee, ...]


def _observees(eleves: list[Eleve], comptent: Q) -> dict[int, set[int]]:
    observees: dict[int, set[int]] = defaultdict(set)
    for eleve, detaillee in (
        Observation.objects.filter(comptent, eleve__in=eleves, niveau__isnull=False)
        .values_list("eleve_id", "detaillee_id")
        .distinct()
    ):
        observees[eleve].add(detaillee)
    return observees


def _cadres(eleves: list[Eleve]) -> dict[int, _Cadre]:
    """Cadre de chaque version de référentiel présente : quatre requêtes, quel que soit leur nombre."""
    versions = {eleve.promotion.referentiel_id for eleve in eleves}
    grilles: dict[int, Grille] = {}
    for grille in Grille.objects.filter(referentiel__in=versions).order_by("ordre", "pk"):
        grilles[grille.referentiel_id] = grille
    echelles = echelles_de(grilles.values())
    poids: dict[int, list[Poids]] = defaultdict(list)
    for ligne in Poids.objects.filter(grille__in=grilles.values()).select_related("epreuve", "competence"):
        poids[ligne.grille_id].append(ligne)
    detaillees: dict[int, list[Detaillee]] = defaultdict(list)
    for detaillee in Detaillee.objects.filter(competence__referentiel__in=versions).select_related(
        "competence"
    ):
        detaillees[detaillee.competence.referentiel_id].append(detaillee)
    return {
        version: _Cadre(echelles[grille.echelle_id], tuple(poids[grille.pk]), tuple(detaillees[version]))
        for version, grille in grilles.items()
    }


def _livret(eleve: Eleve, cadre: _Cadre, preuves: list[Preuve], observees: set[int]) -> Livret:
    poids = {
        (ligne.epreuve_id, ligne.competence_id): ligne
        for ligne in sorted(cadre.poids, key=lambda ligne: ligne.option_id is not None)
        if ligne.option_id is None or ligne.option_id == eleve.option_id
    }
    ordonnes = sorted(poids.values(), key=lambda ligne: (ligne.epreuve.ordre, ligne.competence.ordre))
    lignes = []
    for ligne in ordonnes:
        siennes = tuple(preuve for preuve in preuves if preuve.competence == ligne.competence.code)
        visees = {
            detaillee.pk
            for detaillee in cadre.detaillees
            if detaillee.competence_id == ligne.competence_id and detaillee.concerne(eleve.option_id)
        }
        preuve = meilleure(siennes)
        lignes.append(
            LigneLivret(
                code=ligne.competence.code,
                intitule=ligne.competence.intitule,
                epreuve=ligne.epreuve.code,
                preuves=siennes,
                meilleure=preuve,
                degre=cadre.echelle.degre(preuve.valeur if preuve else None),
                detaillees_visees=len(visees),
                detaillees_observees=len(visees & observees),
                historique=tuple(
                    Demonstration(une, cadre.echelle.degre(une.valeur)) for une in reversed(siennes)
                ),
            )
        )
    epreuves = dict.fromkeys((ligne.epreuve.code, ligne.epreuve.intitule) for ligne in ordonnes)
    return Livret(eleve, cadre.echelle, tuple(lignes), tuple(epreuves))
