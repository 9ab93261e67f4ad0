"""La feuille d'une situation : ses élèves, ses colonnes et ce que porte chaque case, lus une fois.

La saisie la juge et l'écrit (`enregistrement.py`), la grille la montre (`grille.py`). Elle ne porte que
ce que l'une et l'autre demandent : une classe entière compte deux mille cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import BigAutoField, QuerySet, TextField, Value
from django.db.models.functions import Cast

from livret.evaluation.models import (
    Evaluation,
    Fiche,
    Observation,
    Remarque,
)
from livret.evaluation.trace import Trace
from livret.personnes.homonymes import distinguer
from livret.personnes.inscriptions import tels_qu_inscrits
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.saisie.case import COMMENTAIRE, SUR_COMPETENCE, SUR_DETAILLEE, Case, Presente, brut
from livret.situation.colonnes import (
    COMPETENCE,
    DETAILLEE,
    POSITIONS,
    ColonneVisee,
    CompetenceVisee,
)
from livret.situation.models.situation import Situation
from livret.situation.visees import (
    TOUT,
    Visees,
    competences_visees,
    detaillees_visees,
    groupes_de,
    groupes_vises,
)
from referentiel.echelles import niveaux_de_la_grille
from referentiel.models import Niveau
from trpm.base.preparees import Preparee


@dataclass(frozen=True)
class FeuilleDeSaisie:
    """`presentes` se met à jour à mesure que l'on écrit ; le reste ne change pas.

    `preuves` : combien de preuves porte une case, ou la fiche d'un élève.
    """

    situation: Situation
    niveaux: list[Niveau]
    eleves: dict[int, Eleve]
    groupes: tuple[CompetenceVisee, ...]
    presentes: dict[Case, Presente]
    preuves: Counter[Case]

    @cached_property
    def colonnes(self) -> dict[tuple[str, int], ColonneVisee]:
        return {(une.genre, une.pk): une for groupe in self.groupes for une in groupe.colonnes}


def lire(situation: Situation, eleves: Iterable[int] | None = None) -> FeuilleDeSaisie:
    """Feuille de la classe, ou de ces élèves. Le nombre de requêtes ne dépend ni d'eux ni des compétences."""
    feuille = sans_cases(situation, eleves)
    return remplie(feuille, None if eleves is None else tuple(feuille.eleves))


def sans_cases(situation: Situation, eleves: Iterable[int] | None = None) -> FeuilleDeSaisie:
    """La même, dont les cases restent à lire (`remplie`)."""
    return _vide(situation, _concernes(situation, _cles(eleves)), groupes_vises(situation), TOUT)


def lire_pour(situation: Situation, cases: Collection[Case], lecteur: Utilisateur) -> FeuilleDeSaisie:
    """Ce qu'il faut pour juger ces cases et les montrer : leurs élèves, et leurs compétences entières, car
    un détail et le niveau de sa compétence se montrent ensemble : l'un suggère l'autre (Q7)."""
    hotes = {case.hote for case in cases}
    visees = Visees(*(_cles({un.item for un in hotes if un.genre == genre}) for genre in POSITIONS))
    eleves = _cles({un.eleve for un in hotes})
    retenus = _concernes(situation, eleves)
    detaillees = detaillees_visees(situation.pk, *visees)
    cochees = set(visees.competences or ()) - {ligne[5] for ligne in detaillees}
    groupes = groupes_de(detaillees, competences_visees(situation.pk, _cles(cochees)) if cochees else ())
    feuille = _vide(situation, retenus, groupes, visees)
    return remplie(feuille, tuple(feuille.eleves), visees, {lecteur.pk: lecteur.nom_complet})


def _cles(pks: Iterable[int] | None) -> tuple[int, ...] | None:
    return None if pks is None else tuple(sorted(pks))


def _vide(
    situation: Situation, eleves: list[Eleve], groupes: tuple[CompetenceVisee, ...], visees: Visees
) -> FeuilleDeSaisie:
    retenus = {un.pk: un for un in eleves}
    distinguer(retenus.values())
    niveaux = (
        niveaux_de_la_grille(situation.classe.promotion.grille_id) if visees is TOUT or any(visees) else []
    )
    return FeuilleDeSaisie(situation, niveaux, retenus, groupes, {}, Counter())


def remplie(
    feuille: FeuilleDeSaisie,
    eleves: tuple[int, ...] | None,
    visees: Visees = TOUT,
    noms: dict[int, str] | None = None,
) -> FeuilleDeSaisie:
    """La feuille, ses cases lues ; celles de certains élèves (`None` : de tous), de certaines compétences.

    `noms` : ceux des auteurs déjà connus."""
    presentes, preuves = _presentes(feuille.situation, eleves, visees, feuille.niveaux, noms or {})
    return replace(feuille, presentes=presentes, preuves=preuves)


def _cercle(situation: Situation) -> tuple[int, int, int | None, int | None]:
    return situation.pk, situation.classe_id, situation.groupe_id, situation.eleve_id


def _concernes(situation: Situation, eleves: tuple[int, ...] | None) -> list[Eleve]:
    """Chacun tel qu'il est, ou était, sous le référentiel de la classe : son option dit ses colonnes."""
    promotion = situation.classe.promotion
    return tels_qu_inscrits((eleve, promotion) for eleve in _eleves(*_cercle(situation), eleves))


@Preparee
def _eleves(
    situation: int, classe: int, groupe: int | None, seul: int | None, eleves: tuple[int, ...] | None
) -> QuerySet[Eleve, Eleve]:
    scene = Situation(pk=situation, classe_id=classe, groupe_id=groupe, eleve_id=seul)
    tous = scene.eleves().select_related("option")
    return tous if eleves is None else tous.filter(pk__in=eleves)


_REMARQUE, _TRACE = "remarque", "trace"


@Preparee
def _portees(
    situation: int,
    eleves: tuple[int, ...] | None,
    detaillees: tuple[int, ...] | None,
    competences: tuple[int, ...] | None,
) -> QuerySet[Observation, tuple[Any, ...]]:
    """Ce que portent les cases : niveaux, commentaires, remarques, preuves ; la première colonne dit quoi.

    L'instant se lit en texte, et ce qui manque comme une clé : tout autre type se convertirait à chaque
    ligne, ce qui prend à Django plus de temps que la requête.
    """
    visees = Visees(detaillees, competences)
    aucun, sans_mot = Value(None, BigAutoField()), Value("", TextField())

    def lignes(genre: str, tous: Any, item: Any, niveau: Any, le: str, mot: Any) -> Any:
        choisis = tous.filter(situation=situation).order_by()
        choisis = choisis if eleves is None else choisis.filter(eleve__in=eleves)
        return choisis.values_list(
            Value(genre, TextField()),
            *item,
            "pk",
            "eleve_id",
            "auteur_id",
            niveau,
            Cast(le, TextField()),
            mot,
        )

    observations = Observation.objects.filter(visees.parmi("detaillee__competence"))
    evaluations = Evaluation.objects.filter(visees.parmi("competence"))
    case = ("detaillee_id", "competence_id")
    return lignes(
        DETAILLEE, observations, ("detaillee_id", aucun), "niveau_id", "modifie_le", "mention"
    ).union(
        lignes(COMPETENCE, evaluations, (aucun, "competence_id"), "niveau_id", "modifie_le", "mention"),
        lignes(COMMENTAIRE, Fiche.objects, (aucun, aucun), aucun, "modifie_le", "commentaire"),
        lignes(_REMARQUE, Remarque.objects, case, aucun, "modifie_le", "texte"),
        lignes(_TRACE, Trace.objects.gardees(), case, aucun, "creee_le", sans_mot),
        all=True,
    )


def _presentes(
    situation: Situation,
    eleves: tuple[int, ...] | None,
    visees: Visees,
    niveaux: Iterable[Niveau],
    noms: dict[int, str],
) -> tuple[dict[Case, Presente], Counter[Case]]:
    """Une requête pour les cases, une pour leurs auteurs : joindre deux mille noms coûterait plus."""
    lignes = _portees(situation.pk, eleves, *visees)
    auteurs = noms | _noms({ligne[5] for ligne in lignes} - set(noms))
    portes = _niveaux({ligne[6] for ligne in lignes} - {None}, niveaux)
    presentes: dict[Case, Presente] = {}
    preuves = Counter[Case]()
    for genre, detaillee, competence, pk, eleve, auteur, niveau, le, mot in lignes:
        item = detaillee or competence or 0
        if genre == _TRACE:
            preuves[Case(_vise(detaillee, competence), item, eleve)] += 1
            continue
        if genre == _REMARQUE:
            genre = SUR_DETAILLEE if detaillee else SUR_COMPETENCE
        code, valeur = portes[niveau] if niveau else (mot, None)
        presentes[brut(Case, (genre, item, eleve))] = brut(Presente, (pk, code, auteurs[auteur], le, valeur))
    return presentes, preuves


def _vise(detaillee: int | None, competence: int | None) -> str:
    return DETAILLEE if detaillee else COMPETENCE if competence else COMMENTAIRE


def _noms(auteurs: set[int]) -> dict[int, str]:
    return {un.pk: un.nom_complet for un in _comptes(tuple(sorted(auteurs)))} if auteurs else {}


@Preparee
def _comptes(auteurs: tuple[int, ...]) -> QuerySet[Utilisateur, Utilisateur]:
    return Utilisateur.objects.filter(pk__in=auteurs).only("first_name", "last_name", "username")


def _niveaux(portes: set[int], en_vigueur: Iterable[Niveau]) -> dict[int, tuple[str, int | None]]:
    """Code et valeur ; un niveau d'une autre échelle se relit avec le nom de celle-ci, et sans valeur ici."""
    connus: dict[int, tuple[str, int | None]] = {un.pk: (un.code, un.valeur) for un in en_vigueur}
    if autres := portes - set(connus):
        ailleurs = Niveau.objects.filter(pk__in=autres).select_related("echelle")
        connus |= {un.pk: (f"{un.code} ({un.echelle.intitule})", None) for un in ailleurs}
    return connus
