"""Ce que la règle demande d'effacer ou d'anonymiser dans un établissement, et quand ; ce qu'elle rappelle."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef, Q

from certification.models import Dossier, VersionFigee
from livret.models import (
    Appartenance,
    Eleve,
    Etablissement,
    MandatInspection,
    Scolarite,
    Sejour,
    Tuteur,
    Utilisateur,
)
from trpm.conservation.models import DureeReglee
from trpm.conservation.regles import Duree, plus_tard, regles

ANONYME = "anonyme-"
"""Ce qui commence l'identifiant d'un compte anonymisé, et le nom d'un tuteur qui l'est."""
TUTEUR_ANONYME = "Tuteur effacé"
LIVRET, ARCHIVE, COMPTE, TUTEUR = "livret", "archive", "compte", "tuteur"


@dataclass(frozen=True)
class Terme:
    """Une personne, et le jour où la règle l'atteint."""

    genre: str
    pk: int
    qui: str
    depuis: datetime.date
    le: datetime.date
    suite: str


@dataclass(frozen=True)
class Rappel:
    """Les archives figées d'une session, gardées au-delà de la durée rappelée."""

    session: int
    le: datetime.date
    nombre: int


@dataclass(frozen=True)
class Echeances:
    jour: datetime.date
    toutes: tuple[Terme, ...]
    rappels: tuple[Rappel, ...]

    @property
    def echues(self) -> tuple[Terme, ...]:
        return tuple(une for une in self.toutes if une.le <= self.jour)

    @property
    def prochaines(self) -> tuple[Terme, ...]:
        """Celles des douze mois à venir."""
        limite = plus_tard(self.jour, 12)
        return tuple(une for une in self.toutes if self.jour < une.le <= limite)

    @property
    def ensuite(self) -> list[tuple[int, str, int]]:
        """Au-delà, par année et par genre."""
        limite, comptes = plus_tard(self.jour, 12), Counter[tuple[int, str]]()
        for une in self.toutes:
            if une.le > limite:
                comptes[une.le.year, une.suite] += 1
        return [(annee, suite, nombre) for (annee, suite), nombre in sorted(comptes.items())]

    def cles(self, genre: str) -> list[int]:
        return [une.pk for une in self.echues if une.genre == genre]


def durees_de(etablissement: int) -> dict[str, int]:
    """Les années que l'établissement a réglées."""
    return dict(DureeReglee.objects.filter(etablissement=etablissement).values_list("code", "annees"))


def echeances(lieu: Etablissement, jour: datetime.date) -> Echeances:
    annees = durees_de(lieu.pk)

    def terme(code: str, depuis: datetime.date) -> datetime.date:
        return regles().durees[code].terme(depuis, annees.get(code, 0))

    lignes = [
        *(_eleve(eleve, depuis, terme(LIVRET, depuis)) for eleve, depuis in _departs(lieu)),
        *(_compte(compte, le, terme(COMPTE, le)) for compte, le in _comptes_fermes(lieu)),
        *(_tuteur(tuteur, le, terme(TUTEUR, le)) for tuteur, le in _tuteurs(lieu)),
    ]
    lignes.sort(key=lambda une: (une.le, une.genre, une.qui))
    return Echeances(jour, tuple(lignes), tuple(_rappels(lieu, jour, annees)))


def archives() -> Exists:
    """L'élève a un dossier figé, ne serait-ce qu'une fois, ou clos : il y reste nommé."""
    siens = Dossier.objects.filter(eleve=OuterRef("pk"))
    return Exists(siens.filter(Q(versions__isnull=False) | Q(clos_le__isnull=False)))


def _departs(lieu: Etablissement) -> Iterable[tuple[Eleve, datetime.date]]:
    """Le dernier jour passé par chacun dans une classe ; à défaut, la fin de l'année de sa session. Qui n'a
    plus que son archive n'a plus d'échéance."""
    derniers: dict[int, datetime.date] = {}
    for une in Scolarite.objects.filter(eleve__etablissement=lieu).select_related("classe__annee"):
        jour = une.sortie or une.classe.annee.dernier_jour
        derniers[une.eleve_id] = max(jour, derniers.get(une.eleve_id, jour))
    eleves = lieu.eleves.select_related("promotion").annotate(archive=archives())
    for eleve in eleves:
        if eleve.pk in derniers or not eleve.archive:
            yield eleve, derniers.get(eleve.pk, datetime.date(eleve.promotion.session, 7, 31))


def _eleve(eleve: Eleve, depuis: datetime.date, le: datetime.date) -> Terme:
    suite = "livret effacé, archive gardée" if eleve.archive else "élève et livret effacés"  # type: ignore[attr-defined]
    return Terme(LIVRET, eleve.pk, str(eleve), depuis, le, suite)


def _comptes_fermes(lieu: Etablissement) -> Iterable[tuple[Utilisateur, datetime.date]]:
    """Ceux qui ont tenu un rôle ici, n'en tiennent plus nulle part ou sont désactivés, et ne sont d'aucun
    élève gardé."""
    roles = Appartenance.objects.filter(utilisateur=OuterRef("pk"))
    passes = Appartenance.history.filter(etablissement=lieu).values("utilisateur")
    mandats = MandatInspection.objects.filter(utilisateur=OuterRef("pk"))
    comptes = (
        Utilisateur.objects.filter(Q(pk__in=passes) | Q(eleve__etablissement=lieu, eleve__actif=False))
        .filter(Q(is_active=False) | ~Exists(roles) & ~Exists(mandats) & ~Q(eleve__actif=True))
        .exclude(Q(is_staff=True) | Q(is_superuser=True) | Q(username__startswith=ANONYME))
    )
    for compte in comptes.distinct():
        yield compte, (compte.last_login or compte.date_joined).date()


def _compte(compte: Utilisateur, depuis: datetime.date, le: datetime.date) -> Terme:
    return Terme(COMPTE, compte.pk, compte.nom_complet, depuis, le, "compte anonymisé")


def _tuteurs(lieu: Etablissement) -> Iterable[tuple[Tuteur, datetime.date]]:
    siens = Tuteur.objects.filter(entreprise__etablissement=lieu).exclude(nom=TUTEUR_ANONYME)
    finis = dict(
        Sejour.objects.filter(tuteur__in=siens)
        .order_by()
        .values("tuteur")
        .annotate(le=Max("fin"))
        .values_list("tuteur", "le")
    )
    ecrits = Tuteur.history.filter(id__in=siens.order_by().values("pk")).order_by().values("id")
    vus = dict(ecrits.annotate(le=Max("history_date")).values_list("id", "le"))
    for tuteur in siens:
        if depuis := finis.get(tuteur.pk) or (vus[tuteur.pk].date() if tuteur.pk in vus else None):
            yield tuteur, depuis


def _tuteur(tuteur: Tuteur, depuis: datetime.date, le: datetime.date) -> Terme:
    return Terme(TUTEUR, tuteur.pk, str(tuteur), depuis, le, "tuteur anonymisé")


def _rappels(lieu: Etablissement, jour: datetime.date, annees: dict[str, int]) -> Iterable[Rappel]:
    """Q35 : rien ne s'efface tout seul ; l'établissement est invité à décider."""
    duree: Duree = regles().durees[ARCHIVE]
    versions = VersionFigee.objects.filter(dossier__commission__etablissement=lieu).order_by()
    comptes: dict[int, set[int]] = defaultdict(set)
    for session, dossier in versions.values_list("dossier__session", "dossier"):
        comptes[session].add(dossier)
    for session, dossiers in sorted(comptes.items()):
        le = duree.terme(datetime.date(session, 7, 31), annees.get(ARCHIVE, 0))
        if le <= plus_tard(jour, 12):
            yield Rappel(session, le, len(dossiers))
