"""Les visites que doit un référent, et les PFMP qui approchent."""

from __future__ import annotations

import datetime

from django.db.models import Exists, F, Max, Min, OuterRef, Q
from django.urls import reverse

from livret.personnes.models.classe import Classe
from livret.personnes.regard import Regard
from livret.pfmp.models.pfmp import Periode, Pfmp
from livret.pfmp.models.sejour import Visite
from trpm.a_faire import AFaire, Echeance, Urgence
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


def _suivies(regard: Regard) -> dict[str, object]:
    return {"referent": regard.user, "etat": Pfmp.Etat.OUVERTE, "periode__classe__in": regard.evaluees}


def _sans_visite(regard: Regard) -> list[AFaire]:
    visitees = Visite.objects.filter(pfmp=OuterRef("pk"))
    pfmps = (
        Pfmp.objects.filter(**_suivies(regard))
        .annotate(debut=Min("sejours__debut"), fin=Max("sejours__fin"))
        .filter(debut__lte=regard.jour, fin__gte=regard.jour - OUBLI)
        .filter(
            Q(fin__gte=regard.jour) & ~Exists(visitees)
            | Q(fin__lt=regard.jour) & ~Exists(visitees.filter(date__lte=regard.jour))
        )
        .order_by("fin", "pk")
    )
    return [
        AFaire(
            GENRE,
            texte=f"{nom} {prenom}",
            acte="Noter une visite" if fin < regard.jour else "Prévoir une visite",
            adresse=reverse("livret:visite-create", args=[pk]),
            precision=f"{classe} · {periode}, jusqu’au {date_dite(fin)}",
            urgence=Urgence.EN_RETARD if fin < regard.jour else Urgence.BIENTOT,
            le=fin,
        )
        for pk, nom, prenom, classe, periode, fin in pfmps.values_list(
            "pk", "eleve__nom", "eleve__prenom", "periode__classe__nom", "periode__intitule", "fin"
        )
    ]


def _prevues(regard: Regard) -> list[AFaire]:
    siennes = {f"pfmp__{nom}": valeur for nom, valeur in _suivies(regard).items() if nom != "referent"}
    prevues = Visite.objects.filter(
        par=regard.user, date__range=(regard.jour, regard.jour + BIENTOT), **siennes
    ).order_by("date", "pk")
    return [
        AFaire(
            GENRE,
            texte=f"{nom} {prenom}",
            acte="Voir la PFMP",
            adresse=reverse("livret:pfmp", args=[pfmp]),
            precision=f"{classe} · prévue le {date_dite(le)}",
            urgence=Urgence.BIENTOT,
            le=le,
        )
        for pfmp, nom, prenom, classe, le in prevues.values_list(
            *("pfmp_id", "pfmp__eleve__nom", "pfmp__eleve__prenom"),
            *("pfmp__periode__classe__nom", "date"),
        )
    ]


def periodes_prochaines(classes: tuple[Classe, ...], jour: datetime.date) -> list[Echeance]:
    """Les PFMP de ces classes qui commencent d'ici deux mois. Une requête."""
    if not classes:
        return []
    prochaines = Periode.objects.filter(classe__in=classes, debut__range=(jour, jour + HORIZON))
    return [
        Echeance(
            debut,
            f"{intitule} de {classe}",
            reverse("livret:classe-pfmp", args=[pk]),
            f"jusqu’au {date_dite(fin)}",
        )
        for debut, fin, intitule, classe, pk in prochaines.order_by("debut", F("classe__nom")).values_list(
            "debut", "fin", "intitule", "classe__nom", "classe_id"
        )
    ]
