"""La grille d'une situation : l'objet que montrent la page entière et une case seule.

Des lignes (les élèves de la classe), des colonnes (les compétences détaillées visées, groupées par
compétence, et une colonne par compétence pour son niveau, la donnée officielle), un commentaire.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime

from livret import saisie
from livret.bilan import Degre, Echelle, echelle_des, niveaux_en_vigueur
from livret.models import Eleve, Situation
from livret.models.evaluation import Mention
from livret.niveaux import suggestion

QUAND = "j F Y à G\xa0\\h\xa0i"
MENTIONS: dict[str, str] = dict(Mention.choices)


@dataclass(frozen=True)
class Colonne:
    genre: str
    pk: int
    code: str
    intitule: str
    option_id: int | None = None
    option: str = ""

    @property
    def cle(self) -> str:
        return f"{self.genre}{self.pk}"

    @property
    def officielle(self) -> bool:
        return self.genre == saisie.COMPETENCE

    def concerne(self, option_id: int) -> bool:
        return self.option_id is None or self.option_id == option_id


@dataclass(frozen=True)
class Groupe:
    """Une compétence visée : ses détails visés, puis son niveau."""

    detaillees: tuple[Colonne, ...]
    competence: Colonne

    @property
    def colonnes(self) -> tuple[Colonne, ...]:
        return (*self.detaillees, self.competence)


@dataclass(frozen=True, eq=False)
class CaseSaisie:
    """Une case telle qu'on la montre."""

    adresse: saisie.Case
    colonne: Colonne | None
    texte: str
    concernee: bool = True
    degre: Degre | None = None
    mention: str = ""
    auteur: str = ""
    modifie_le: datetime.datetime | None = None
    suggestion: Degre | None = None
    tape: str | None = None
    faute: str = ""

    @cached_property
    def cle(self) -> str:
        return str(self.adresse)

    @property
    def classes(self) -> str:
        """Classes CSS de la case."""
        traits = {
            "officielle": self.colonne and self.colonne.officielle,
            "hachuree": not self.concernee,
            "suggeree": self.suggestion,
            "fautive": self.faute,
        }
        return " ".join(["case", *(nom for nom, vrai in traits.items() if vrai)])

    @cached_property
    def titre(self) -> str:
        """Ce que porte la case, par qui et quand ; vide sans saisie."""
        if self.modifie_le is None:
            return ""
        quand = date_format(localtime(self.modifie_le), QUAND)
        sens = self.degre.libelle if self.degre else self.mention
        return " · ".join(filter(None, [sens, f"{self.auteur}, {quand}"]))

    @property
    def affiche(self) -> str:
        """Ce que contient le champ : ce qui vient d'être tapé et refusé, sinon la valeur en base."""
        return self.texte if self.tape is None else self.tape


@dataclass(frozen=True)
class Ligne:
    eleve: Eleve
    cases: tuple[CaseSaisie, ...]
    commentaire: CaseSaisie


@dataclass(frozen=True)
class Grille:
    situation: Situation
    echelle: Echelle
    groupes: tuple[Groupe, ...]
    lignes: tuple[Ligne, ...]

    @cached_property
    def colonnes(self) -> tuple[Colonne, ...]:
        return tuple(colonne for groupe in self.groupes for colonne in groupe.colonnes)

    @cached_property
    def cases(self) -> dict[saisie.Case, CaseSaisie]:
        return {case.adresse: case for ligne in self.lignes for case in (*ligne.cases, ligne.commentaire)}

    @property
    def suggestions(self) -> list[CaseSaisie]:
        return [case for case in self.cases.values() if case.suggestion]

    @property
    def remplies(self) -> int:
        """Niveaux de compétence portés, mentions comprises."""
        return sum(bool(case.texte) for case in self._officielles)

    @property
    def attendues(self) -> int:
        return len(self._officielles)

    @cached_property
    def _officielles(self) -> list[CaseSaisie]:
        return [case for ligne in self.lignes for case in ligne.cases if case.colonne.officielle]  # type: ignore[union-attr]

    def competence_de(self, case: CaseSaisie) -> CaseSaisie | None:
        """Case de la compétence d'un détail : sa suggestion change avec lui."""
        for groupe in self.groupes:
            if case.colonne in groupe.detaillees:
                return self.cases[saisie.Case(saisie.COMPETENCE, groupe.competence.pk, case.adresse.eleve)]
        return None

    def nom(self, adresse: saisie.Case) -> str:
        """Une case dite en toutes lettres, pour un message."""
        ligne = next((ligne for ligne in self.lignes if ligne.eleve.pk == adresse.eleve), None)
        case = self.cases.get(adresse)
        if ligne is None or case is None:
            return "Case inconnue"
        return f"{case.colonne.code if case.colonne else 'Commentaire'}, {ligne.eleve}"


def grille(
    situation: Situation, *, eleves: Iterable[int] | None = None, refus: Iterable[saisie.Refus] = ()
) -> Grille:
    """Grille d'une situation, ou les seules lignes de certains élèves ; `refus` garde ce qui a été tapé.

    Un nombre de requêtes qui ne dépend ni des élèves ni des compétences.
    """
    concernes = situation.eleves().select_related("option")
    retenus = list(concernes if eleves is None else concernes.filter(pk__in=eleves))
    echelle = echelle_des(niveaux_en_vigueur(situation.classe.promotion.referentiel_id))
    groupes = _groupes(situation)
    presentes = saisie.presentes(situation, retenus)
    tapes = {un.geste.case: un for un in refus}
    return Grille(
        situation, echelle, groupes, tuple(_ligne(un, groupes, echelle, presentes, tapes) for un in retenus)
    )


def _groupes(situation: Situation) -> tuple[Groupe, ...]:
    detaillees: dict[int, list[Colonne]] = defaultdict(list)
    for item in situation.detaillees.select_related("option").order_by("ordre", "pk"):
        option = item.option.code if item.option else ""
        detaillees[item.competence_id].append(
            Colonne(saisie.DETAILLEE, item.pk, item.code, item.intitule, item.option_id, option)
        )
    return tuple(
        Groupe(
            tuple(detaillees[competence.pk]),
            Colonne(saisie.COMPETENCE, competence.pk, competence.code, competence.intitule),
        )
        for competence in situation.competences_visees()
    )


def _ligne(
    eleve: Eleve,
    groupes: tuple[Groupe, ...],
    echelle: Echelle,
    presentes: Mapping[saisie.Case, Any],
    tapes: Mapping[saisie.Case, saisie.Refus],
) -> Ligne:
    def case(colonne: Colonne | None, suggeree: int | None = None) -> CaseSaisie:
        if colonne is None:
            adresse = saisie.Case(saisie.COMMENTAIRE, 0, eleve.pk)
        else:
            adresse = saisie.Case(colonne.genre, colonne.pk, eleve.pk)
        presente, refus = presentes.get(adresse), tapes.get(adresse)
        niveau = getattr(presente, "niveau", None)
        return CaseSaisie(
            adresse,
            colonne,
            saisie.texte_de(presente),
            concernee=colonne is None or colonne.concerne(eleve.option_id),
            degre=echelle.degre(niveau.valeur) if niveau else None,
            mention=MENTIONS.get(getattr(presente, "mention", ""), ""),
            auteur=presente.auteur.nom_complet if presente else "",
            modifie_le=presente.modifie_le if presente else None,
            suggestion=None if presente else echelle.degre(suggeree),
            tape=refus.geste.texte if refus else None,
            faute=refus.motif if refus else "",
        )

    cases: list[CaseSaisie] = []
    for groupe in groupes:
        details = [case(colonne) for colonne in groupe.detaillees]
        valeurs = {str(detail.adresse): detail.degre.valeur for detail in details if detail.degre}
        cases += [*details, case(groupe.competence, suggestion(valeurs))]
    return Ligne(eleve, tuple(cases), case(None))
