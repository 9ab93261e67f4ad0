"""Ce que montrent les pages du référentiel : des objets figés, chargés en un nombre fixe de requêtes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from referentiel.fichier.comparaison import decimal
from referentiel.models import (
    Activite,
    Bloc,
    Competence,
    Critere,
    Detaillee,
    Epreuve,
    Grille,
    Indicateur,
    Modalite,
    Niveau,
    Option,
    Poids,
    Referentiel,
    Savoir,
    Tache,
    Voie,
)


def pourcentage(part: Fraction) -> Decimal:
    """Part en pour cent, au centième, la demie vers le haut ; calculée, jamais recopiée (Q18)."""
    return Decimal(floor(part * 10_000 + Fraction(1, 2))) / 100


@dataclass(frozen=True)
class DetailleeVue:
    code: str
    intitule: str
    propre: bool
    """Vrai si l'élément est limité à l'option regardée."""
    indicateurs: tuple[str, ...]
    detaillees: tuple[DetailleeVue, ...]


@dataclass(frozen=True)
class CompetenceVue:
    code: str
    intitule: str
    libelle: str
    nature: str
    indicateurs: tuple[str, ...]
    detaillees: tuple[DetailleeVue, ...]

    @property
    def nombre(self) -> int:
        return sum(len(detaillee.detaillees) or 1 for detaillee in self.detaillees)


@dataclass(frozen=True)
class TacheVue:
    code: str
    intitule: str
    propre: bool
    autonomie: int | None


@dataclass(frozen=True)
class ActiviteVue:
    code: str
    intitule: str
    taches: tuple[TacheVue, ...]
    competences: frozenset[str]


@dataclass(frozen=True)
class EpreuveVue:
    """Une épreuve dans une option : son bloc, ses modes par voie, ce qu'elle évalue."""

    code: str
    intitule: str
    unite: str
    bloc: str
    bloc_intitule: str
    sous_epreuve: bool
    coefficient: Decimal | None
    modalites: tuple[Modalite | None, ...]
    activites: tuple[ActiviteVue, ...]
    competences: tuple[CompetenceVue, ...]


@dataclass(frozen=True)
class BlocVue:
    code: str
    intitule: str
    modalites: tuple[Modalite | None, ...]


@dataclass(frozen=True)
class FicheOption:
    """Le référentiel vu d'une option."""

    voies: tuple[Voie, ...]
    epreuves: tuple[EpreuveVue, ...]
    autres_blocs: tuple[BlocVue, ...]
    sans_epreuve: tuple[CompetenceVue, ...]

    @property
    def evaluantes(self) -> tuple[EpreuveVue, ...]:
        return tuple(epreuve for epreuve in self.epreuves if epreuve.competences)


@dataclass(frozen=True)
class Appui:
    """Ce que le référentiel dit d'une compétence, là où on l'évalue."""

    competence: Competence
    indicateurs: list[Indicateur]
    detaillees: list[Detaillee]
    savoirs: list[Savoir]


def appui(competence: Competence) -> Appui:
    """Quatre requêtes, quel que soit le nombre de détails."""
    detaillees = competence.detaillees.select_related("option").prefetch_related("indicateurs")
    return Appui(
        competence,
        list(competence.indicateurs.all()),
        list(detaillees),
        list(competence.savoirs.all()),
    )


def fiche_option(referentiel: Referentiel, option: Option, grille: Grille | None) -> FicheOption:
    voies = tuple(referentiel.voies.all())
    blocs = list(referentiel.blocs.prefetch_related("modalites"))
    epreuves = list(referentiel.epreuves.select_related("bloc").prefetch_related("coefficients"))
    competences = _competences(referentiel, option)
    activites = _activites(referentiel, option)
    rattachees = _rattachees(option, grille)
    par_bloc = {bloc.pk: _modalites(bloc, voies) for bloc in blocs}

    def vue(epreuve: Epreuve) -> EpreuveVue:
        coefficients = {ligne.option_id: decimal(ligne.valeur) for ligne in epreuve.coefficients.all()}
        return EpreuveVue(
            code=epreuve.code,
            intitule=epreuve.intitule,
            unite=epreuve.unite,
            bloc=epreuve.bloc.code if epreuve.bloc else "",
            bloc_intitule=epreuve.bloc.intitule if epreuve.bloc else "",
            sous_epreuve=epreuve.parent_id is not None,
            coefficient=coefficients.get(option.pk),
            modalites=par_bloc[epreuve.bloc_id] if epreuve.bloc_id else tuple(None for _ in voies),
            activites=tuple(activites.get(epreuve.bloc_id, ())) if epreuve.bloc_id else (),
            competences=tuple(
                competence for pk, competence in competences.items() if (epreuve.pk, pk) in rattachees
            ),
        )

    evalues = {epreuve.bloc_id for epreuve in epreuves}
    evaluees = {competence for _, competence in rattachees}
    return FicheOption(
        voies=voies,
        epreuves=tuple(vue(epreuve) for epreuve in epreuves),
        autres_blocs=tuple(
            BlocVue(bloc.code, bloc.intitule, par_bloc[bloc.pk]) for bloc in blocs if bloc.pk not in evalues
        ),
        sans_epreuve=tuple(vue for pk, vue in competences.items() if pk not in evaluees),
    )


def _modalites(bloc: Bloc, voies: Iterable[Voie]) -> tuple[Modalite | None, ...]:
    """Le mode d'évaluation du bloc pour chaque voie, dans leur ordre."""
    par_voie = {modalite.voie_id: modalite for modalite in bloc.modalites.all()}
    return tuple(par_voie.get(voie.pk) for voie in voies)


def _rattachees(option: Option, grille: Grille | None) -> set[tuple[int, int]]:
    """Couples (épreuve, compétence) de la grille, pour cette option."""
    if grille is None:
        return set()
    return set(Poids.pour(option, grille).values_list("epreuve_id", "competence_id"))


def _competences(referentiel: Referentiel, option: Option) -> dict[int, CompetenceVue]:
    lignes = referentiel.competences.prefetch_related("indicateurs", "detaillees__indicateurs")

    def concernees(detaillees: Iterable[Detaillee], parent: int | None) -> tuple[DetailleeVue, ...]:
        toutes = list(detaillees)
        return tuple(
            DetailleeVue(
                code=detaillee.code,
                intitule=detaillee.libelle or detaillee.intitule,
                propre=detaillee.option_id is not None,
                indicateurs=_indicateurs(detaillee, option),
                detaillees=concernees(toutes, detaillee.pk),
            )
            for detaillee in toutes
            if detaillee.parent_id == parent and detaillee.concerne(option.pk)
        )

    return {
        ligne.pk: CompetenceVue(
            code=ligne.code,
            intitule=ligne.intitule,
            libelle=ligne.libelle,
            nature=ligne.get_nature_display(),
            indicateurs=_indicateurs(ligne, option),
            detaillees=concernees(ligne.detaillees.all(), None),
        )
        for ligne in lignes
    }


def _indicateurs(porteur: Competence | Detaillee, option: Option) -> tuple[str, ...]:
    return tuple(
        indicateur.intitule
        for indicateur in porteur.indicateurs.all()
        if indicateur.option_id in (None, option.pk)
    )


def _activites(referentiel: Referentiel, option: Option) -> dict[int | None, list[ActiviteVue]]:
    """Les activités de chaque bloc, avec les tâches de l'option."""
    par_bloc: dict[int | None, list[ActiviteVue]] = {}
    for activite in referentiel.activites.prefetch_related("taches", "intitules", "competences"):
        par_bloc.setdefault(activite.bloc_id, []).append(_activite(activite, option))
    return par_bloc


def _activite(activite: Activite, option: Option) -> ActiviteVue:
    return ActiviteVue(
        code=activite.code,
        intitule=activite.intitule_pour(option),
        taches=tuple(
            TacheVue(tache.code, tache.intitule, tache.option_id is not None, tache.autonomie)
            for tache in activite.taches.all()
            if _concerne(tache, option)
        ),
        competences=frozenset(competence.code for competence in activite.competences.all()),
    )


def _concerne(tache: Tache, option: Option) -> bool:
    return tache.option_id in (None, option.pk)


@dataclass(frozen=True)
class LigneMatrice:
    activite: ActiviteVue
    cases: tuple[bool, ...]


@dataclass(frozen=True)
class Matrice:
    """Activités en lignes, compétences en colonnes."""

    competences: tuple[Competence, ...]
    lignes: tuple[LigneMatrice, ...]


def matrice(referentiel: Referentiel, option: Option) -> Matrice:
    competences = tuple(referentiel.competences.all())
    activites = [activite for groupe in _activites(referentiel, option).values() for activite in groupe]
    return Matrice(
        competences,
        tuple(
            LigneMatrice(
                activite, tuple(competence.code in activite.competences for competence in competences)
            )
            for activite in sorted(activites, key=lambda activite: activite.code)
        ),
    )


@dataclass(frozen=True)
class CritereVu:
    """Un critère et sa part dans sa compétence ; nulle si la grille le déclare non évalué."""

    critere: Critere
    poids: Decimal | None
    part: Decimal


@dataclass(frozen=True)
class PartVue:
    """Poids d'une compétence, sa part de l'épreuve et du total des épreuves ; ses critères, s'il y en a."""

    competence: Competence
    poids: Decimal
    part_epreuve: Decimal
    part_totale: Decimal
    criteres: tuple[CritereVu, ...] = ()


@dataclass(frozen=True)
class PonderationEpreuve:
    epreuve: Epreuve
    total: Decimal
    part_totale: Decimal
    parts: tuple[PartVue, ...]


@dataclass(frozen=True)
class Ponderation:
    grille: Grille
    niveaux: tuple[Niveau, ...]
    epreuves: tuple[PonderationEpreuve, ...]
    total: Decimal
    egale: bool
    """Vrai si la grille ne donne aucun poids : les compétences d'une épreuve pèsent alors autant."""


def ponderation(option: Option, grille: Grille) -> Ponderation:
    lignes = Poids.pour(option, grille).select_related("epreuve", "competence")
    par_epreuve: dict[Epreuve, dict[Competence, Fraction]] = {}
    for ligne in lignes:
        poids = Fraction(1) if ligne.valeur is None else Fraction(ligne.valeur)
        par_epreuve.setdefault(ligne.epreuve, {})[ligne.competence] = poids
    criteres = _criteres(option, grille)
    total = sum((valeur for parts in par_epreuve.values() for valeur in parts.values()), Fraction(0))
    return Ponderation(
        grille=grille,
        niveaux=tuple(grille.echelle.niveaux.all()),
        epreuves=tuple(_parts(epreuve, poids, total, criteres) for epreuve, poids in par_epreuve.items()),
        total=_decimal(total),
        egale=all(ligne.valeur is None for ligne in lignes),
    )


def _criteres(option: Option, grille: Grille) -> dict[int, tuple[CritereVu, ...]]:
    """Par compétence, ceux de l'option ; aucune requête si la grille n'en positionne pas."""
    if grille.positionne != grille.Positionne.CRITERES:
        return {}
    groupes: dict[int, list[Critere]] = {}
    for critere in Critere.objects.filter(grille=grille):
        if critere.concerne(option.pk):
            groupes.setdefault(critere.competence_id, []).append(critere)
    totaux = {pk: sum((un.facteur for un in siens), Fraction(0)) for pk, siens in groupes.items()}
    return {
        pk: tuple(CritereVu(un, decimal(un.poids), pourcentage(un.facteur / totaux[pk])) for un in siens)
        for pk, siens in groupes.items()
    }


def _parts(
    epreuve: Epreuve,
    poids: Mapping[Competence, Fraction],
    total: Fraction,
    criteres: Mapping[int, tuple[CritereVu, ...]],
) -> PonderationEpreuve:
    somme = sum(poids.values(), Fraction(0))
    return PonderationEpreuve(
        epreuve=epreuve,
        total=_decimal(somme),
        part_totale=pourcentage(somme / total),
        parts=tuple(
            PartVue(
                competence,
                _decimal(valeur),
                pourcentage(valeur / somme),
                pourcentage(valeur / total),
                criteres.get(competence.pk, ()),
            )
            for competence, valeur in poids.items()
        ),
    )


def _decimal(valeur: Fraction) -> Decimal:
    """Un poids a quatre décimales au plus : la division tombe juste."""
    return decimal(Decimal(valeur.numerator) / Decimal(valeur.denominator)) or Decimal(0)
