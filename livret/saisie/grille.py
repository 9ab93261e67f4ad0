"""La grille d'une situation : l'objet que montrent la page entière et une case seule.

Des lignes (les élèves de la classe), des colonnes (les compétences détaillées visées, groupées par
compétence, et une colonne par compétence pour son niveau, la donnée officielle), un commentaire.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from livret.evaluation.models import Mention
from livret.personnes.models.eleve import Eleve
from livret.saisie.case import COMMENTAIRE, REMARQUES, Case, Presente, brut
from livret.saisie.deduction import rang_suggere
from livret.saisie.feuille import FeuilleDeSaisie, lire
from livret.saisie.jugement import Refus
from livret.situation.colonnes import COMPETENCE, ColonneVisee, CompetenceVisee
from livret.situation.models.situation import Situation
from referentiel.echelle import Degre, Echelle
from referentiel.echelles import echelle_des

MENTIONS: dict[str, str] = dict(Mention.choices)


class CaseSaisie(NamedTuple):
    """Une case telle qu'on la montre."""

    adresse: Case
    colonne: ColonneVisee | None
    presente: Presente | None = None
    concernee: bool = True
    degre: Degre | None = None
    suggestion: Degre | None = None
    refus: Refus | None = None
    remarque: str = ""
    preuves: int = 0

    @property
    def cle(self) -> str:
        return str(self.adresse)

    @property
    def texte(self) -> str:
        return self.presente.texte if self.presente else ""

    def texte_a(self, adresse: Case) -> str:
        """Ce que porte cette adresse : la case elle-même, ou la remarque posée dessus."""
        return self.remarque if adresse.est_remarque else self.texte

    @property
    def mention(self) -> str:
        return MENTIONS.get(self.texte, "") if self.colonne and not self.degre else ""

    @property
    def affiche(self) -> str:
        """Ce que contient le champ : ce qui vient d'être tapé et refusé, sinon la valeur en base."""
        return self.refus.geste.texte if self.refus else self.texte


@dataclass(frozen=True)
class LigneDeSaisie:
    eleve: Eleve
    cases: tuple[CaseSaisie, ...]
    commentaire: CaseSaisie

    @property
    def notee(self) -> bool:
        """Elle porte au moins un niveau ou une mention."""
        return any(case.presente for case in self.cases)


@dataclass(frozen=True)
class GrilleDeSaisie:
    situation: Situation
    echelle: Echelle
    groupes: tuple[CompetenceVisee, ...]
    lignes: tuple[LigneDeSaisie, ...]

    @cached_property
    def colonnes(self) -> tuple[ColonneVisee, ...]:
        return tuple(colonne for groupe in self.groupes for colonne in groupe.colonnes)

    @cached_property
    def cases(self) -> dict[Case, CaseSaisie]:
        return {case.adresse: case for ligne in self.lignes for case in (*ligne.cases, ligne.commentaire)}

    @property
    def notes(self) -> int:
        """Combien d'élèves portent au moins un niveau ou une mention."""
        return sum(ligne.notee for ligne in self.lignes)

    @property
    def suggestions(self) -> list[CaseSaisie]:
        return [case for case in self.cases.values() if case.suggestion]

    def competence_de(self, case: CaseSaisie) -> CaseSaisie | None:
        """Case de la compétence d'un détail : sa suggestion change avec lui."""
        for groupe in self.groupes:
            if case.colonne in groupe.detaillees:
                return self.cases[Case(COMPETENCE, groupe.competence.pk, case.adresse.eleve)]
        return None

    def reduite(self, cles: Collection[str]) -> GrilleDeSaisie:
        """La même à ces seules colonnes (aucune : toutes) ; ce qu'elle suggère tient compte de toutes."""
        if not cles:
            return self
        cles = {*cles} | {
            critere.cle
            for groupe in self.groupes
            for critere in groupe.criteres
            if any(colonne.cle in cles for colonne in groupe.colonnes)
        }
        groupes = (
            CompetenceVisee(
                tuple(colonne for colonne in groupe.detaillees if colonne.cle in cles),
                groupe.competence,
                groupe.competence.cle in cles,
            )
            for groupe in self.groupes
        )
        lignes = (
            replace(ligne, cases=tuple(case for case in ligne.cases if case.colonne.cle in cles))  # type: ignore[union-attr]
            for ligne in self.lignes
        )
        return replace(
            self, groupes=tuple(groupe for groupe in groupes if groupe.colonnes), lignes=tuple(lignes)
        )

    def nom(self, adresse: Case) -> str:
        """Une case dite en toutes lettres, pour un message."""
        ligne = next((ligne for ligne in self.lignes if ligne.eleve.pk == adresse.eleve), None)
        case = self.cases.get(adresse.hote)
        if ligne is None or case is None:
            return "Case inconnue"
        nom = f"{case.colonne.code if case.colonne else 'Commentaire'}, {ligne.eleve}"
        return f"Remarque sur {nom}" if adresse.est_remarque else nom


def grille(
    situation: Situation, *, eleves: Iterable[int] | None = None, refus: Iterable[Refus] = ()
) -> GrilleDeSaisie:
    """Grille d'une situation, ou les seules lignes de certains élèves ; `refus` garde ce qui a été tapé."""
    return grille_de(lire(situation, eleves), refus)


def grille_de(feuille: FeuilleDeSaisie, refus: Iterable[Refus] = ()) -> GrilleDeSaisie:
    """La même, d'une feuille déjà lue."""
    echelle = echelle_des(feuille.niveaux)
    tapes = {un.geste.case: un for un in refus}
    remarques = {case.hote: une.texte for case, une in feuille.presentes.items() if case[0] in REMARQUES}
    lignes = [_ligne(un, feuille, echelle, tapes, remarques) for un in feuille.eleves.values()]
    return GrilleDeSaisie(feuille.situation, echelle, feuille.groupes, tuple(lignes))


def _ligne(
    eleve: Eleve,
    feuille: FeuilleDeSaisie,
    echelle: Echelle,
    tapes: Mapping[Case, Refus],
    remarques: Mapping[Case, str],
) -> LigneDeSaisie:
    pk, option = eleve.pk, eleve.option_id
    presente_en, tape_en = feuille.presentes.get, tapes.get
    remarque_en, preuves_en = remarques.get, feuille.preuves.get
    degres: dict[int | None, Degre] = {un.valeur: un for un in echelle.degres}

    def case(colonne: ColonneVisee) -> CaseSaisie:
        adresse = brut(Case, (colonne.genre, colonne.pk, pk))
        presente = presente_en(adresse)
        concernee = colonne.option_id is None or colonne.option_id == option
        degre = degres.get(presente.valeur) if presente else None
        tape, remarque, preuves = tape_en(adresse), remarque_en(adresse, ""), preuves_en(adresse, 0)
        return brut(CaseSaisie, (adresse, colonne, presente, concernee, degre, None, tape, remarque, preuves))

    cases = [une for groupe in feuille.groupes for une in _cases(groupe, case, degres)]
    commentaire = Case(COMMENTAIRE, 0, pk)
    return LigneDeSaisie(
        eleve,
        tuple(cases),
        CaseSaisie(
            commentaire,
            None,
            presente_en(commentaire),
            refus=tape_en(commentaire),
            preuves=preuves_en(commentaire, 0),
        ),
    )


def _cases(
    groupe: CompetenceVisee, case: Callable[[ColonneVisee], CaseSaisie], degres: Mapping[int | None, Degre]
) -> list[CaseSaisie]:
    """Les détails d'une compétence, puis son niveau ; vide, ils en suggèrent un. Des critères l'ont écrit."""
    details, officielle = [case(colonne) for colonne in groupe.detaillees], case(groupe.competence)
    if officielle.presente is None and not groupe.criteres:
        suite = list(degres.values())
        rang = rang_suggere(
            {
                colonne: suite.index(detail.degre)
                for colonne, detail in zip(groupe.detaillees, details, strict=True)
                if detail.degre
            }
        )
        officielle = officielle._replace(suggestion=None if rang is None else suite[rang])
    return [*details, officielle]
