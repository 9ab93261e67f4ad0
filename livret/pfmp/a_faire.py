"""Les visites que doit un référent, et les PFMP qui approchent."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet

from livret.personnes.models.classe import Classe
from livret.personnes.regard import Regard, classes_d_equipe
from livret.pfmp.models.pfmp import Periode, Pfmp
from livret.pfmp.models.sejour import Visite
from trpm.a_faire import AFaire, Echeance, Urgence
from trpm.adresses import adresse
from trpm.base.preparees import Preparee
from trpm.dates import date_dite

GENRE = "Visites de PFMP à faire"
BIENTOT = datetime.timedelta(days=14)
OUBLI = datetime.timedelta(days=60)
HORIZON = datetime.timedelta(days=60)


def visites(regard: Regard) -> list[AFaire]:
    """Les élèves qu'il suit, en entreprise ou qui en reviennent, que personne n'a vus ; et les visites
    prévues d'ici deux semaines. Deux requêtes."""
    if not regard.evaluees:
        return []
    return [*_sans_visite(regard), *_prevues(regard)]


def _sans_visite(regard: Regard) -> list[AFaire]:
    return [
        AFaire(
            GENRE,
            texte=f"{nom} {prenom}",
            acte="Noter une visite" if fin < regard.jour else "Prévoir une visite",
            adresse=adresse("livret:visite-create", pk),
            precision=f"{classe} · {periode}, jusqu’au {date_dite(fin)}",
            urgence=Urgence.EN_RETARD if fin < regard.jour else Urgence.BIENTOT,
            le=fin,
        )
        for pk, nom, prenom, classe, periode, fin in _non_visitees(
            *regard.equipe, regard.jour, regard.jour - OUBLI
        )
    ]


@Preparee
def _non_visitees(
    equipes: tuple[int, ...], personne: int, annee: int, jour: datetime.date, oubli: datetime.date
) -> QuerySet[Pfmp, tuple[Any, ...]]:
    visitees = Visite.objects.filter(pfmp=OuterRef("pk"))
    pfmps = (
        Pfmp.objects.filter(
            referent=personne,
            etat=Pfmp.Etat.OUVERTE,
            periode__classe__in=classes_d_equipe(equipes, personne, annee),
        )
        .annotate(debut=Min("sejours__debut"), fin=Max("sejours__fin"))
        .filter(debut__lte=jour, fin__gte=oubli)
        .filter(
            Q(fin__gte=jour) & ~Exists(visitees) | Q(fin__lt=jour) & ~Exists(visitees.filter(date__lte=jour))
        )
    )
    return pfmps.order_by("fin", "pk").values_list(
        "pk", "eleve__nom", "eleve__prenom", "periode__classe__nom", "periode__intitule", "fin"
    )


def _prevues(regard: Regard) -> list[AFaire]:
    return [
        AFaire(
            GENRE,
            texte=f"{nom} {prenom}",
            acte="Voir la PFMP",
            adresse=adresse("livret:pfmp", pfmp),
            precision=f"{classe} · prévue le {date_dite(le)}",
            urgence=Urgence.BIENTOT,
            le=le,
        )
        for pfmp, nom, prenom, classe, le in _a_venir(*regard.equipe, regard.jour, regard.jour + BIENTOT)
    ]


@Preparee
def _a_venir(
    equipes: tuple[int, ...], personne: int, annee: int, jour: datetime.date, bientot: datetime.date
) -> QuerySet[Visite, tuple[Any, ...]]:
    prevues = Visite.objects.filter(
        par=personne,
        date__range=(jour, bientot),
        pfmp__etat=Pfmp.Etat.OUVERTE,
        pfmp__periode__classe__in=classes_d_equipe(equipes, personne, annee),
    )
    return prevues.order_by("date", "pk").values_list(
        *("pfmp_id", "pfmp__eleve__nom", "pfmp__eleve__prenom", "pfmp__periode__classe__nom", "date")
    )


def periodes_prochaines(classes: tuple[Classe, ...], jour: datetime.date) -> list[Echeance]:
    """Les PFMP de ces classes qui commencent d'ici deux mois. Une requête."""
    if not classes:
        return []
    cles = tuple(classe.pk for classe in classes)
    return [
        Echeance(
            debut,
            f"{intitule} de {classe}",
            adresse("livret:classe-pfmp", pk),
            f"jusqu’au {date_dite(fin)}",
        )
        for debut, fin, intitule, classe, pk in _prochaines(cles, jour, jour + HORIZON)
    ]


@Preparee
def _prochaines(
    classes: tuple[int, ...], jour: datetime.date, horizon: datetime.date
) -> QuerySet[Periode, tuple[Any, ...]]:
    prochaines = Periode.objects.filter(classe__in=classes, debut__range=(jour, horizon))
    return prochaines.order_by("debut", F("classe__nom")).values_list(
        "debut", "fin", "intitule", "classe__nom", "classe_id"
    )
