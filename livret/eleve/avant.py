"""Ce que l'élève a montré sous les référentiels qu'il a quittés, et à quoi cela répond dans le sien.

Une correspondance déclarée se montre ; elle ne change ni un niveau, ni ce qui reste à prouver, ni une note.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from livret.evaluation.trace import Trace
from livret.personnes.models.eleve import Eleve
from livret.synthese.ligne import LigneLivret
from livret.synthese.livrets import Livret
from referentiel.anterieurs import reponses
from referentiel.echelle import Degre
from referentiel.models import Referentiel

Chose = TypeVar("Chose")
LIENS_DE_LA_TRACE = (
    "auteur",
    "situation__classe__promotion",
    "pfmp__periode__classe__promotion",
    "competence",
    "detaillee__competence",
)
"""Ce que `referentiel_de_la_trace` lit d'une trace, avec ses compétences préchargées."""


@dataclass(frozen=True)
class LigneAvant:
    """Une compétence d'avant, le niveau montré dans son échelle, et celles d'ici auxquelles elle répond."""

    ligne: LigneLivret
    degre: Degre | None
    repond: tuple[str, ...]


@dataclass(frozen=True)
class LivretAvant:
    """`lignes` : ce que l'élève y a montré, et cela seulement."""

    livret: Livret
    lignes: tuple[LigneAvant, ...]

    @property
    def referentiel(self) -> Referentiel:
        return self.livret.eleve.promotion.referentiel


@dataclass(frozen=True)
class DejaMontre:
    """Ce qu'une compétence d'ici a d'un diplôme d'avant, pour mémoire."""

    diplome: str
    code: str
    intitule: str
    degre: Degre | None


def livrets_avant(eleve: Eleve, quittes: Iterable[Livret]) -> tuple[LivretAvant, ...]:
    """Un par référentiel quitté, le plus récent d'abord, même s'il n'y a rien montré."""
    ici = eleve.promotion.referentiel
    return tuple(_avant(livret, ici) for livret in quittes)


def _avant(livret: Livret, ici: Referentiel) -> LivretAvant:
    quitte = livret.eleve.promotion.referentiel
    dites = reponses(ici.anterieurs, quitte.code, quitte.version)
    return LivretAvant(
        livret,
        tuple(
            LigneAvant(ligne, ligne.degre or ligne.historique[0].degre, dites.get(ligne.code, ()))
            for ligne in livret.lignes
            if ligne.historique
        ),
    )


def deja_montre(avant: Iterable[LivretAvant]) -> dict[str, tuple[DejaMontre, ...]]:
    """Par compétence d'ici, ce qui y répond."""
    deja: dict[str, list[DejaMontre]] = defaultdict(list)
    for ancien in avant:
        for une in ancien.lignes:
            for code in une.repond:
                dit = DejaMontre(ancien.referentiel.code, une.ligne.code, une.ligne.intitule, une.degre)
                deja[code].append(dit)
    return {code: tuple(dits) for code, dits in deja.items()}


def partager(
    choses: Iterable[Chose], avant: Iterable[LivretAvant], referentiel_de: Callable[[Chose], int | None]
) -> tuple[list[Chose], list[tuple[Referentiel, list[Chose]]]]:
    """Ce qui est du diplôme d'aujourd'hui, ou d'aucun ; puis, par référentiel quitté, ce qui en est."""
    quittes = {ancien.referentiel.pk: ancien.referentiel for ancien in avant}
    groupes: dict[int | None, list[Chose]] = defaultdict(list)
    for chose in choses:
        pk = referentiel_de(chose)
        groupes[pk if pk in quittes else None].append(chose)
    return groupes[None], [(quitte, groupes[pk]) for pk, quitte in quittes.items() if groupes[pk]]


def referentiel_de_la_trace(trace: Trace) -> int | None:
    """Celui de la compétence qu'elle montre, sinon de la situation ou de la PFMP où elle est née."""
    visees = [trace.detaillee.competence if trace.detaillee else trace.competence, *trace.competences.all()]
    for visee in visees:
        if visee:
            return visee.referentiel_id
    if trace.situation:
        return trace.situation.classe.promotion.referentiel_id
    return trace.pfmp.periode.classe.promotion.referentiel_id if trace.pfmp else None
