"""Ce que les pages de la séance montrent d'un dossier, détaché de sa grille : de quoi en garder mille.

Ce qui dépend de qui regarde, ou des autres candidats de la page, n'y est pas : sa case et sa rangée portent
des marques à la place, que la page remplit.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.template.loader import render_to_string

from certification.dossier.grille.citations import ModaliteCitee
from certification.dossier.grille.epreuve import EtatDossier
from certification.dossier.resultats import DossierLu
from certification.seance.harmonisation import GrilleHarmonisee
from certification.seance.restes import ETATS, Reste
from livret.personnes.alphabet import rang_alphabetique
from livret.personnes.homonymes import distinguer

PRECISION, ADRESSE = "\ue000", "\ue001"
EN_SUSPENS = (EtatDossier.A_CONFIRMER, EtatDossier.A_COMPLETER, EtatDossier.A_ARBITRER)


class GesteAttendu(NamedTuple):
    """Un reste, et l'adresse de la case qui l'attend."""

    reste: Reste
    adresse: str


class GestePossible(NamedTuple):
    """Un reste ; s'il est dans une situation, l'adresse de sa case pour qui peut ouvrir sa grille."""

    reste: Reste
    dossier: str
    grille: str

    def attendu(self, permises: Collection[int]) -> GesteAttendu:
        return GesteAttendu(self.reste, self.grille if self.reste.situation in permises else self.dossier)


@dataclass(frozen=True, slots=True)
class DossierSuivi:
    cle: int
    commission: int
    eleve: int
    nom: str
    prenom: str
    naissance: datetime.date | None
    option: str
    lu: str
    adresse: str
    etat: str
    fige: bool
    figeable: bool
    attendu: bool
    en_suspens: bool
    rang: tuple[int, Decimal]
    texte_note: str
    presences_a_noter: tuple[str, ...]
    conseils_generaux: tuple[str, ...]
    gestes: tuple[GestePossible, ...]
    conseils: tuple[str, ...]
    case: str
    rangee: str
    grille: GrilleHarmonisee
    ordre: tuple[tuple[str, ...], int, int]

    @property
    def a_qui(self) -> tuple[str, ...]:
        """Ceux dont on attend un geste, chacun une fois."""
        return tuple(dict.fromkeys(geste.reste.a_qui for geste in self.gestes))


def suivi(
    lu: DossierLu, gestes: tuple[GestePossible, ...], conseils: tuple[str, ...], generaux: tuple[str, ...]
) -> DossierSuivi:
    """`conseils` : ceux de son dossier ; `generaux` : ceux de toute sa commission."""
    grille, eleve = lu.grille, lu.dossier.eleve
    eleve.precision = PRECISION
    note = grille.calculee if grille.note_proposee is None else grille.note_proposee
    return DossierSuivi(
        cle=lu.dossier.pk,
        commission=lu.dossier.commission_id,
        eleve=eleve.pk,
        nom=eleve.nom,
        prenom=eleve.prenom,
        naissance=eleve.naissance,
        option=eleve.option.dite,
        lu=str(grille.candidat),
        adresse=lu.dossier.get_absolute_url(),
        etat=lu.etat,
        fige=lu.fige,
        figeable=lu.figeable,
        attendu=lu.fige or _attendue(grille.modalite),
        en_suspens=not lu.fige and grille.etat in EN_SUSPENS,
        rang=(
            ETATS.index(lu.etat) if lu.etat in ETATS else len(ETATS),
            Decimal(-1) if note is None else note,
        ),
        texte_note=grille.texte_note,
        presences_a_noter=grille.commission.presences_a_noter,
        conseils_generaux=() if lu.fige else generaux,
        gestes=gestes,
        conseils=conseils,
        case=_case(lu, gestes, conseils),
        rangee=render_to_string("certification/seance/_candidat.html", {"lu": lu}).rstrip(),
        grille=GrilleHarmonisee.de(grille),
        ordre=(rang_alphabetique(eleve), eleve.pk, lu.dossier.pk),
    )


def _attendue(modalite: ModaliteCitee) -> bool:
    return modalite.ccf or modalite.inconnue


def _case(lu: DossierLu, gestes: tuple[GestePossible, ...], conseils: tuple[str, ...]) -> str:
    """Sa case du tableau d'avancement, une marque à la place d'une adresse qui dépend de qui regarde."""
    marques = [GesteAttendu(un.reste, ADRESSE if un.reste.situation else un.dossier) for un in gestes]
    contexte = {"lu": lu, "gestes": marques, "conseils": conseils}
    return render_to_string("certification/seance/_cellule.html", {"cellule": contexte}).rstrip()


@dataclass(eq=False)
class EleveMontre:
    """Un candidat dans une page ; `precision` le distingue d'un homonyme qui y est aussi."""

    pk: int
    nom: str
    prenom: str
    naissance: datetime.date | None
    option: str
    precision: str = field(default="")

    def __str__(self) -> str:
        return f"{self.nom} {self.prenom}{self.precision}"


class DossierMontre(NamedTuple):
    """Un dossier suivi, dans une page."""

    lu: DossierSuivi
    eleve: EleveMontre
    permises: Collection[int]

    @property
    def nom(self) -> str:
        return f"{self.lu.lu}{self.eleve.precision}"

    @property
    def gestes(self) -> tuple[GesteAttendu, ...]:
        return tuple(geste.attendu(self.permises) for geste in self.lu.gestes)

    @property
    def conseils(self) -> tuple[str, ...]:
        return self.lu.conseils

    def case(self) -> str:
        case = self.lu.case.replace(PRECISION, self.eleve.precision)
        for geste in self.lu.gestes:
            if geste.reste.situation:
                case = case.replace(ADRESSE, geste.attendu(self.permises).adresse, 1)
        return case

    def rangee(self) -> str:
        return self.lu.rangee.replace(PRECISION, self.eleve.precision)


def montres(suivis: Iterable[DossierSuivi], permises: Collection[int] = ()) -> list[DossierMontre]:
    """Par ordre alphabétique ; `permises` : les situations dont la personne peut ouvrir la grille."""
    ordonnes = sorted(suivis, key=lambda un: un.ordre)
    eleves: dict[int, EleveMontre] = {}
    for un in ordonnes:
        if un.eleve not in eleves:
            eleves[un.eleve] = EleveMontre(un.eleve, un.nom, un.prenom, un.naissance, un.option)
    distinguer(eleves.values())
    return [DossierMontre(un, eleves[un.eleve], permises) for un in ordonnes]
