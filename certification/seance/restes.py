"""L'avancement des dossiers : ce qui manque à chacun, et à qui c'est. Module pur.

Rien de ce qui se lit ici n'empêche de statuer : un trou se montre, un conseil se suit ou non.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from certification.dossier.grille.epreuve import EtatDossier, GrilleEpreuve

FIGE = "figé"
ETATS = (
    EtatDossier.MODE_A_DIRE.value,
    EtatDossier.A_CONFIRMER.value,
    EtatDossier.A_COMPLETER.value,
    EtatDossier.A_ARBITRER.value,
    EtatDossier.COMPLET.value,
    EtatDossier.DECIDE.value,
    FIGE,
)


@dataclass(frozen=True)
class Visee:
    """Une situation retenue qui vise des compétences : où leurs niveaux se saisissent, et qui le fait."""

    situation: int
    intitule: str
    evaluateur: str
    competences: frozenset[str]


@dataclass(frozen=True)
class Reste:
    """Un geste qui manque. `situation` : celle dont la grille l'attend, 0 si c'est à la commission."""

    texte: str
    a_qui: str
    competence: str = ""
    situation: int = 0


def restes(
    grille: GrilleEpreuve, visees: Iterable[Visee], mentions: Mapping[tuple[int, str], str]
) -> tuple[Reste, ...]:
    """Ce qui reste à faire pour ce dossier, du livret à la décision.

    `visees` : les situations retenues que le candidat a vécues ; `mentions` : ce que porte, au lieu
    d'un niveau, la case d'une (situation, compétence), par exemple « absent ».
    """
    if grille.mode_a_dire:
        return (Reste("Mode de l’épreuve à dire.", "la commission"),)
    if not grille.a_evaluer:
        return ()
    visees = tuple(visees)
    manquent = [reste for code in grille.manquantes for reste in _manque(grille, code, visees, mentions)]
    return (*manquent, *_a_decider(grille))


def _manque(
    grille: GrilleEpreuve, code: str, visees: tuple[Visee, ...], mentions: Mapping[tuple[int, str], str]
) -> Iterable[Reste]:
    """`code` : une compétence, ou un critère, que les situations de sa compétence évaluent."""
    porteuse = grille.competence_de(code)
    competence = porteuse.code if porteuse else code
    siennes = [visee for visee in visees if competence in visee.competences]
    if not siennes:
        yield Reste(f"{code} : aucune situation retenue ne l’évalue.", "l’équipe pédagogique", code)
    for visee in siennes:
        mention = mentions.get((visee.situation, competence)) or "sans niveau"
        texte = f"{code} : {mention} dans « {visee.intitule} »."
        yield Reste(texte, visee.evaluateur, competence, visee.situation)


def _a_decider(grille: GrilleEpreuve) -> Iterable[Reste]:
    for ligne in grille.positions:
        if ligne.a_motiver:
            texte = f"{ligne.code} : écart avec le niveau proposé à motiver."
            yield Reste(texte, "la commission", ligne.code)
    for phrase in grille.a_confirmer:
        yield Reste(phrase, "la commission")
    if restantes := grille.proposees:
        yield Reste(f"À arrêter : {', '.join(restantes)}.", "la commission", restantes[0])
    if grille.ecart_a_motiver:
        yield Reste("Écart entre note proposée et note calculée à motiver.", "la commission")
    elif grille.lignes and not grille.a_arreter and grille.note_proposee is None and not grille.a_confirmer:
        yield Reste("Note à proposer.", "la commission")
