"""Ce que la commission gagne à vérifier avant de statuer. Module pur. Des conseils, jamais des règles."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from certification.dossier.grille.citations import CommissionCitee, SituationCitee
from certification.dossier.grille.ligne import LigneGrille
from certification.notation import nombre
from referentiel.reglement.commission import ReglesCommission


def conseils(
    commission: CommissionCitee,
    lignes: Iterable[LigneGrille],
    situations: Iterable[SituationCitee],
    seuil_couverture: int,
    regles: ReglesCommission,
    epreuve: str,
) -> tuple[str, ...]:
    """Ce que la commission gagne à vérifier (Q8, Q10, Q11, Q28, Q30). Des conseils, jamais des règles."""
    en_centre = [situation for situation in situations if situation.retenue and situation.en_centre]
    textes = []
    if not regles.en_nombre(len(en_centre)):
        combien = {0: "Aucune situation retenue", 1: "Une seule situation retenue"}.get(
            len(en_centre), f"{len(en_centre)} situations retenues"
        )
        textes.append(f"{combien} en centre de formation : {regles.attendues} pour l’épreuve.")
    for situation in situations:
        if situation.retenue and not situation.publiee:
            textes.append(
                f"La situation « {situation.intitule} » est retenue, mais elle n’est pas encore publiée."
            )
    for ligne in lignes:
        textes += _conseils_ligne(ligne, seuil_couverture)
    return (*textes, *commission.conseils(regles, epreuve))


def _conseils_ligne(ligne: LigneGrille, seuil: int) -> Iterable[str]:
    if ligne.criteres:
        yield from _conseils_criteres(ligne, seuil)
    elif not ligne.retenues and not ligne.arretee:
        yield f"{ligne.code} n’est évaluée dans aucune situation retenue."
    elif ligne.detaillees_visees and ligne.detaillees_observees * 100 < seuil * ligne.detaillees_visees:
        yield (
            f"{ligne.code} : {ligne.detaillees_observees} compétences détaillées observées sur "
            f"{ligne.detaillees_visees} dans les situations retenues (repère de la grille : {seuil} %)."
        )
    if ligne.hors_echelle:
        yield f"{ligne.code} : un niveau saisi dans une autre échelle n’est pas pris en compte."


def _conseils_criteres(ligne: LigneGrille, seuil: int) -> Iterable[str]:
    """La part minimale évaluée que la grille conseille, en poids ; elle ne bloque rien (Q46)."""
    vus = sum((critere.part for critere in ligne.attendus if critere.retenues), Fraction(0))
    if vus * 100 < seuil:
        yield (
            f"{ligne.code} : {nombre(vus * 100, 2)} % de ses critères, en poids, sont évalués dans les "
            f"situations retenues (repère de la grille : {seuil} %)."
        )
    for critere in ligne.attendus:
        if critere.hors_echelle:
            yield f"{critere.code} : un niveau saisi dans une autre échelle n’est pas pris en compte."
