"""Ce qui peut sortir d'un établissement : où chacun en est, ce qui manque, ce qui a changé, qui l'a pris."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Func, OuterRef, Q, Subquery

from certification.models import Commission, Dossier, Extraction, VersionFigee
from livret.models import Classe, Etablissement, Evaluation
from livret.personnes.regard import de_l_annee
from referentiel.models import Referentiel
from trpm.journal.lecture import ActeLu, du_lieu, lu
from trpm.models import ActeNote, Sortie
from trpm.textes import pluriel

SaisieGardee: Any = Evaluation.history.model
DossierGarde: Any = Dossier.history.model
EMPORTES = 15
"""Fichiers dont la page redit qui les a pris ; le journal dit les autres."""


@dataclass(frozen=True)
class Prise:
    """La dernière fois, et combien de niveaux ont changé depuis ; `dossiers` : de dossiers, où se tient une
    note ; rien si jamais."""

    le: datetime.datetime
    par: str
    changes: int
    dossiers: bool = False

    @property
    def suite(self) -> str:
        quoi, accord = (
            ("dossier", pluriel(self.changes)) if self.dossiers else ("niveau", pluriel(self.changes, ",x"))
        )
        if not self.changes:
            return f"aucun {quoi} n’a changé depuis"
        return f"{self.changes} {quoi}{accord} changé{pluriel(self.changes)} depuis"


@dataclass(frozen=True)
class LigneDeClasse:
    classe: Classe
    eleves: int
    sans_ine: int
    lsl: Prise | None
    classeur: Prise | None
    tableau: Prise | None


@dataclass(frozen=True)
class LigneDeSession:
    session: int
    dossiers: int
    non_figes: int
    sans_numero: int
    cyclades: Prise | None
    commissions: tuple[Commission, ...]


@dataclass(frozen=True)
class PageEchanges:
    lieu: Etablissement
    entier: Prise | None
    eleves_changes: tuple[tuple[str, int], ...]
    classes: tuple[LigneDeClasse, ...]
    sessions: tuple[LigneDeSession, ...]
    referentiels: tuple[Referentiel, ...]
    emportes: tuple[ActeLu, ...]


def page_echanges(lieu: Etablissement, jour: datetime.date) -> PageEchanges:
    """Huit requêtes, quel que soit le nombre de classes, d'élèves et de sessions ; une de plus si
    l'établissement entier est sorti : ce qui a changé depuis, par élève."""
    sorties, extractions = _sorties(lieu), _extractions(lieu)
    entier = sorties.get((Sortie.Genre.ETABLISSEMENT, None))
    return PageEchanges(
        lieu,
        entier,
        _par_eleve(lieu, entier),
        tuple(_classes(lieu, jour, sorties, extractions)),
        tuple(_sessions(lieu, extractions)),
        tuple(
            Referentiel.objects.filter(promotions__in=lieu.promotions.all())
            .distinct()
            .order_by("code", "version")
        ),
        tuple(
            lu(acte, nomme=True)
            for acte in du_lieu(lieu).filter(nature=ActeNote.Nature.EMPORTE, etablissement=lieu)[:EMPORTES]
        ),
    )


def _par_eleve(lieu: Etablissement, prise: Prise | None) -> tuple[tuple[str, int], ...]:
    """Combien de niveaux de chacun ont changé depuis."""
    if prise is None or not prise.changes:
        return ()
    suivantes = SaisieGardee.objects.filter(history_date__gt=prise.le, eleve__etablissement=lieu).order_by()
    lues = suivantes.values_list("eleve", "eleve__nom", "eleve__prenom").annotate(Count("pk"))
    return tuple(sorted((f"{nom} {prenom}", nombre) for _, nom, prenom, nombre in lues))


def _apres(date: str, **de: Any) -> Subquery:
    """Combien de niveaux écrits, changés ou ôtés après cette date."""
    suivantes = SaisieGardee.objects.filter(history_date__gt=OuterRef(date), **de).order_by()
    return Subquery(suivantes.annotate(n=Func(F("pk"), function="COUNT")).values("n"))


def _sorties(lieu: Etablissement) -> dict[tuple[str, int | None], Prise]:
    """Par genre et par classe."""
    siennes = Sortie.objects.filter(etablissement=lieu).select_related("par")
    lues = siennes.annotate(
        de_la_classe=_apres("le", situation__classe=OuterRef("classe")),
        du_lieu=_apres("le", eleve__etablissement=OuterRef("etablissement")),
    )
    return {
        (une.genre, une.classe_id): Prise(
            une.le, une.par.nom_complet, une.de_la_classe if une.classe_id else une.du_lieu
        )
        for une in lues
    }


def _extractions(lieu: Etablissement) -> dict[tuple[int | None, int | None], Prise]:
    """Par classe pour LSL Pro, par session pour CYCLADES."""
    siennes = Extraction.objects.filter(etablissement=lieu).select_related("faite_par")
    lues = siennes.annotate(
        de_la_classe=_apres("faite_le", situation__classe=OuterRef("classe")),
        de_la_session=_dossiers_apres("faite_le"),
    )
    return {
        (une.classe_id, une.session): (
            Prise(une.faite_le, une.faite_par.nom_complet, une.de_la_classe)
            if une.classe_id
            else Prise(une.faite_le, une.faite_par.nom_complet, une.de_la_session, dossiers=True)
        )
        for une in lues
    }


def _dossiers_apres(date: str) -> Subquery:
    """Combien de dossiers de la session ont, après cette date, changé, été figés ou rouverts."""
    depuis = OuterRef(OuterRef(date))
    changes = DossierGarde.objects.filter(id=OuterRef("pk"), history_date__gt=depuis)
    versions = VersionFigee.objects.filter(dossier=OuterRef("pk"))
    siens = Dossier.objects.filter(
        Exists(changes) | Exists(versions.filter(Q(figee_le__gt=depuis) | Q(rouverte_le__gt=depuis))),
        commission__etablissement=OuterRef("etablissement"),
        commission__session=OuterRef("session"),
    ).order_by()
    return Subquery(siens.annotate(n=Func(F("pk"), function="COUNT")).values("n"))


def _classes(
    lieu: Etablissement,
    jour: datetime.date,
    sorties: dict[tuple[str, int | None], Prise],
    extractions: dict[tuple[int | None, int | None], Prise],
) -> list[LigneDeClasse]:
    presents = Q(scolarites__sortie__isnull=True)
    toutes = lieu.classes.select_related("annee").annotate(
        eleves=Count("scolarites", filter=presents),
        sans_ine=Count("scolarites", filter=presents & Q(scolarites__eleve__ine__isnull=True)),
    )
    return [
        LigneDeClasse(
            une,
            une.eleves,  # type: ignore[attr-defined]  # compté ci-dessus
            une.sans_ine,  # type: ignore[attr-defined]
            extractions.get((une.pk, None)),
            sorties.get((Sortie.Genre.CLASSEUR, une.pk)),
            sorties.get((Sortie.Genre.TABLEAU, une.pk)),
        )
        for une in de_l_annee(toutes.order_by("nom"), jour)
    ]


def _sessions(
    lieu: Etablissement, extractions: dict[tuple[int | None, int | None], Prise]
) -> list[LigneDeSession]:
    """Celles qui ont une commission, la plus récente d'abord. Deux requêtes."""
    commissions: dict[int, list[Commission]] = defaultdict(list)
    for une in lieu.commissions.ouvertes().order_by("-session", "epreuve__ordre", "pk"):
        commissions[une.session].append(une)
    figes = VersionFigee.objects.en_vigueur().filter(dossier=OuterRef("pk"))
    vivants = Dossier.objects.vivants().filter(commission__etablissement=lieu).order_by()
    comptes = {
        session: (tous, restants, muets)
        for session, tous, restants, muets in vivants.annotate(est_fige=Exists(figes))
        .values("commission__session")
        .annotate(
            tous=Count("pk"),
            restants=Count("pk", filter=Q(est_fige=False)),
            muets=Count("eleve", filter=Q(eleve__numero_candidat=""), distinct=True),
        )
        .values_list("commission__session", "tous", "restants", "muets")
    }
    return [
        LigneDeSession(
            session, *comptes.get(session, (0, 0, 0)), extractions.get((None, session)), tuple(leurs)
        )
        for session, leurs in commissions.items()
    ]
