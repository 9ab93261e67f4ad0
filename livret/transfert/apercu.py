"""Ce que donnerait un accueil, situation par situation : ce qui compterait, ce qui non, et pourquoi."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import Any

from livret.administration.changement import ApercuDeChangement
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation
from livret.synthese.livrets import Livret, livrets
from livret.transfert.reprise import Arrive
from trpm.base.concurrence import jeton
from trpm.dates import date_dite
from trpm.textes import pluriel

SANS_NIVEAU = "aucun niveau\xa0: ses mots et ses preuves se lisent"
AUTRE_DIPLOME = "ne compte pas\xa0: donnée en {}, elle se montre à part"
AUTRE_ECHELLE = "{} niveau{} ne compte{} pas\xa0: la grille d’ici ne lit pas leur échelle"
ET_CERTIFICATION = "compte dans le livret, et pour la certification de la session {}"
LIVRET_SEUL = "compte dans le livret, non pour la certification\xa0: {}"


@dataclass(frozen=True)
class Annonce:
    """Ce que dit l'archive, avant tout choix."""

    eleve: str
    ine: str
    naissance: datetime.date | None
    promotion: str
    diplome: str
    edite_le: datetime.datetime
    portes: tuple[tuple[int, str], ...]

    @classmethod
    def de(cls, dit: dict[str, Any]) -> Annonce:
        eleve, situations = dit["eleve"], dit["situations"]
        preuves = sum(len(une["traces"]) for une in situations) + len(dit["portfolio"])
        return cls(
            f"{eleve['nom']} {eleve['prenom']}",
            eleve["ine"] or "",
            datetime.date.fromisoformat(eleve["naissance"]) if eleve["naissance"] else None,
            eleve["promotion"]["nom"],
            eleve["promotion"]["diplome"]["code"],
            datetime.datetime.fromisoformat(dit["edite_le"]),
            (
                (len(situations), f"situation{pluriel(len(situations))}"),
                (preuves, f"preuve{pluriel(preuves)}"),
                (len(dit.get("bilans", [])), f"bilan{pluriel(len(dit.get('bilans', [])))}"),
                (len(dit.get("pfmp", [])), "PFMP"),
            ),
        )


@dataclass(frozen=True)
class SituationVenue:
    intitule: str
    classe: str
    fin: str
    niveaux: int
    preuves: int
    suite: str


@dataclass(frozen=True)
class ApercuDAccueil:
    """`connu` : sa fiche est ici, et garde `promotion` sauf `change` ; `repris` : chaque compte,
    en toutes lettres."""

    eleve: str
    ine: str
    connu: bool
    promotion: str
    change: ApercuDeChangement | None
    repris: tuple[str, ...]
    situations: tuple[SituationVenue, ...]

    @property
    def empreinte(self) -> str:
        """Change dès que l'accueil ne serait plus exactement celui qui est montré."""
        change = self.change and self.change.empreinte
        return jeton(self.eleve, self.ine, self.connu, self.promotion, change, self.repris, self.situations)


def apercu_de(arrive: Arrive, dit: dict[str, Any]) -> ApercuDAccueil:
    """À lire avant que l'accueil soit défait : les verdicts viennent du livret tel qu'il serait."""
    lies = ("promotion__referentiel", "promotion__grille", "option")
    eleve = Eleve.objects.select_related(*lies).get(pk=arrive.eleve.pk)
    (tenu,) = livrets([eleve])
    uai = dit["origine"]["uai"]
    venues = (
        Situation.objects.filter(eleve=eleve, classe__origine=uai)
        .select_related("classe__annee", "classe__promotion__referentiel")
        .order_by("-pk")[: len(dit["situations"])]
    )
    return ApercuDAccueil(
        eleve=str(eleve),
        ine=eleve.ine or "",
        connu=arrive.connu,
        promotion=str(eleve.promotion),
        change=arrive.change,
        repris=arrive.rendu,
        situations=tuple(_venue(une, eleve, tenu) for une in reversed(venues)),
    )


def _venue(une: Situation, eleve: Eleve, tenu: Livret) -> SituationVenue:
    return SituationVenue(
        une.intitule,
        f"{une.classe.nom}, {une.classe.annee}",
        date_dite(une.fin),
        une.evaluations.filter(niveau__isnull=False).count(),
        une.traces.count(),
        _suite(une, eleve, tenu),
    )


def _suite(une: Situation, eleve: Eleve, tenu: Livret) -> str:
    if not une.evaluations.filter(niveau__isnull=False).exists():
        return SANS_NIVEAU
    alors = une.classe.promotion.referentiel
    if alors != eleve.promotion.referentiel:
        return AUTRE_DIPLOME.format(alors)
    comptes = Counter(
        un.compte for ligne in tenu.lignes for un in ligne.historique if un.preuve.situation_id == une.pk
    )
    if ecartes := comptes[False]:
        return AUTRE_ECHELLE.format(ecartes, pluriel(ecartes), pluriel(ecartes, "nt"))
    session, depuis = eleve.promotion.comptent
    if une.est_retenue(session, depuis):
        return ET_CERTIFICATION.format(session)
    return LIVRET_SEUL.format(_pourquoi(une, session))


def _pourquoi(une: Situation, session: int) -> str:
    if une.retenue is False:
        return f"l’équipe d’origine l’a écartée ({une.retenue_motif})" if une.retenue_motif else "écartée"
    if une.nature == Situation.Nature.FORMATIVE:
        return "elle est formative"
    return f"elle n’est pas dans la période que retient la session {session}"
