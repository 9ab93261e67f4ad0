"""Ce que changerait une autre grille, élève par élève : niveaux et notes, avant et après. Rien n'écrit."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from certification.dossier.composition import Composition
from certification.dossier.matiere import Matiere
from certification.dossier.models import Dossier
from certification.dossier.resultats import dossiers_lus
from certification.epinglage.commissions import CommissionTouchee, touchees
from livret.models import Attente, Eleve, Promotion
from livret.synthese.ligne import LigneLivret
from livret.synthese.livrets import Livret, livrets
from referentiel.echelle import Degre, Echelle
from referentiel.echelles import valeur_lue
from referentiel.models import Grille
from trpm.base.concurrence import jeton


@dataclass(frozen=True)
class NiveauCompare:
    """Le niveau qui compte, avant et après ; `perdu` : celui qui, donné, ne compterait plus."""

    code: str
    avant: Degre | None
    apres: Degre | None
    perdu: str = ""

    @property
    def change(self) -> bool:
        return self.avant != self.apres


@dataclass(frozen=True)
class NoteComparee:
    epreuve: str
    avant: Decimal | None
    apres: Decimal | None

    @property
    def change(self) -> bool:
        return self.avant != self.apres


@dataclass(frozen=True)
class EleveCompare:
    eleve: Eleve
    niveaux: tuple[NiveauCompare, ...]
    notes: tuple[NoteComparee, ...]

    @property
    def change(self) -> bool:
        return any(un.change for un in self.niveaux) or any(une.change for une in self.notes)


@dataclass(frozen=True)
class ApercuDeGrille:
    promotion: Promotion
    vers: Grille
    echelles: tuple[Echelle, Echelle]
    eleves: tuple[EleveCompare, ...]
    correspondances: tuple[str, ...]
    commissions: tuple[CommissionTouchee, ...]
    attentes_perdues: int

    @property
    def empreinte(self) -> str:
        """Change dès que la mise en service ne serait plus exactement celle qui est montrée."""
        eleves = [(un.eleve.pk, un.niveaux, un.notes) for un in self.eleves]
        commissions = [(une.commission.pk, une.garde) for une in self.commissions]
        grilles = (self.promotion.grille_id, self.vers.pk, self.echelles)
        return jeton(eleves, commissions, *grilles, self.correspondances, self.attentes_perdues)

    @property
    def touches(self) -> tuple[EleveCompare, ...]:
        return tuple(un for un in self.eleves if un.change)

    @property
    def perdus(self) -> int:
        return sum(bool(niveau.perdu) for un in self.eleves for niveau in un.niveaux)

    @property
    def autre_echelle(self) -> bool:
        return self.echelles[0] != self.echelles[1]


def apercu(promotion: Promotion, vers: Grille) -> ApercuDeGrille:
    """Un nombre constant de requêtes, quel que soit celui des élèves et des commissions."""
    eleves = list(
        Eleve.objects.filter(promotion=promotion, actif=True).select_related(
            "promotion__referentiel", "option", "statut"
        )
    )
    avant, apres = livrets(eleves), livrets(_passes(eleves, promotion, vers))
    commissions = tuple(touchees(promotion, vers))
    notes = _notes([une.commission.pk for une in commissions if not une.garde], vers)
    compares = tuple(
        EleveCompare(un.eleve, _niveaux(un, autre), notes[un.eleve.pk])
        for un, autre in zip(avant, apres, strict=True)
    )
    return ApercuDeGrille(
        promotion,
        vers,
        (avant[0].echelle, apres[0].echelle) if avant else (Echelle(()), Echelle(())),
        compares,
        tuple(dict.fromkeys(phrase for livret in apres for phrase in livret.correspondances)),
        commissions,
        _attentes_perdues(promotion, vers),
    )


def _passes(eleves: Iterable[Eleve], promotion: Promotion, vers: Grille) -> list[Eleve]:
    """Les mêmes, comme si leur promotion y était déjà ; ces objets ne s'enregistrent pas."""
    ailleurs = copy.copy(promotion)
    ailleurs.grille = vers
    passes = []
    for eleve in eleves:
        passe = copy.copy(eleve)
        passe.promotion = ailleurs
        passes.append(passe)
    return passes


def _niveaux(avant: Livret, apres: Livret) -> tuple[NiveauCompare, ...]:
    suites = {ligne.code: ligne for ligne in apres.lignes}
    compares = (_compare(ligne, suites.get(ligne.code)) for ligne in avant.lignes)
    return tuple(un for un in compares if un.avant or un.apres or un.perdu)


def _compare(avant: LigneLivret, apres: LigneLivret | None) -> NiveauCompare:
    perdu = apres.ecartees[0].preuve.origine if apres and apres.ecartees and not apres.degre else ""
    return NiveauCompare(avant.code, avant.degre, apres.degre if apres else None, perdu)


def _notes(commissions: list[int], vers: Grille) -> dict[int, tuple[NoteComparee, ...]]:
    """Notes calculées des candidats des commissions qui suivraient ; aucune n'est figée."""
    notes: dict[int, list[NoteComparee]] = defaultdict(list)
    lus = dossiers_lus(Dossier.objects.vivants().filter(commission__in=commissions))
    for lu in lus:
        lu.dossier.commission.grille = vers
    matiere = Matiere([lu.dossier for lu in lus]) if lus else None
    for lu in lus:
        if matiere and lu.grille.a_evaluer:
            calculee = Composition(matiere, lu.dossier).grille().calculee
            notes[lu.dossier.eleve_id].append(
                NoteComparee(lu.grille.epreuve.code, lu.grille.calculee, calculee)
            )
    return defaultdict(
        tuple,
        {eleve: tuple(sorted(siennes, key=lambda une: une.epreuve)) for eleve, siennes in notes.items()},
    )


def _attentes_perdues(promotion: Promotion, vers: Grille) -> int:
    """Niveaux attendus de l'échelle en vigueur que l'autre grille ne lirait pas."""
    version = promotion.echelles.first()
    if version is None:
        return 0
    lues = Attente.objects.filter(echelle=version).annotate(lue=valeur_lue("niveau", vers.pk))
    return lues.filter(lue__isnull=True).count()
