"""Les PFMP et les visites d'une personne, pour son calendrier : trois requêtes pour qui suit des élèves."""

from __future__ import annotations

import datetime
from typing import Any

from django.urls import reverse

from livret.personnes.identifiants import initiales
from livret.personnes.models.compte import Utilisateur
from livret.pfmp.models.pfmp import Periode, Pfmp
from livret.pfmp.models.sejour import Sejour, Visite
from trpm.acces import peut
from trpm.base.agenda import RendezVous
from trpm.permissions import Action, Role

_ELEVE = ("pfmp_id", "pfmp__eleve__prenom", "pfmp__eleve__nom", "pfmp__periode__classe__nom")
_OU = ("entreprise__nom", "entreprise__ville")


def pfmps(user: Utilisateur, depuis: datetime.date) -> list[RendezVous]:
    """Les périodes de ses classes, les séjours qu'il suit, ses visites ; pour un élève, ses séjours."""
    lignes = []
    if peut(user, Action.SUIVRE_PFMP):
        lignes += [*_periodes(user, depuis), *_sejours(user, depuis), *_visites(user, depuis)]
    if Role.ELEVE in user.roles:
        lignes += _les_siennes(user, depuis)
    return lignes


def _periodes(user: Utilisateur, depuis: datetime.date) -> list[RendezVous]:
    siennes = Periode.objects.for_user(user, Action.SUIVRE_PFMP).filter(fin__gte=depuis)
    champs = ("pk", "intitule", "debut", "fin", "classe_id", "classe__nom")
    return [
        RendezVous(
            f"periode-{pk}", f"{intitule}, {nom}", debut, reverse("livret:classe-pfmp", args=[classe]), fin
        )
        for pk, intitule, debut, fin, classe, nom in siennes.values_list(*champs)
    ]


def _sejours(user: Utilisateur, depuis: datetime.date) -> list[RendezVous]:
    suivis = Sejour.objects.for_user(user, Action.SUIVRE_PFMP).filter(pfmp__referent=user, fin__gte=depuis)
    tenus = suivis.exclude(pfmp__etat=Pfmp.Etat.ANNULEE)
    return [
        RendezVous(
            f"sejour-{pk}",
            f"{initiales(prenom, nom)}, {classe}, en entreprise",
            debut,
            reverse("livret:pfmp", args=[pfmp]),
            fin,
            _lieu(*ou),
        )
        for pk, debut, fin, pfmp, prenom, nom, classe, *ou in tenus.values_list(
            "pk", "debut", "fin", *_ELEVE, *_OU
        )
    ]


def _visites(user: Utilisateur, depuis: datetime.date) -> list[RendezVous]:
    """Celles qu'il fait lui-même ; l'entreprise est celle du séjour de ce jour-là."""
    siennes = Visite.objects.for_user(user, Action.SUIVRE_PFMP).filter(par=user, date__gte=depuis)
    tenues = siennes.exclude(pfmp__etat=Pfmp.Etat.ANNULEE)
    return [
        RendezVous(
            f"visite-{pk}",
            f"{Visite.Nature(nature).label.capitalize()}\xa0: {initiales(prenom, nom)}, {classe}",
            le,
            reverse("livret:pfmp", args=[pfmp]),
        )
        for pk, nature, le, pfmp, prenom, nom, classe in tenues.values_list("pk", "nature", "date", *_ELEVE)
    ]


def _les_siennes(user: Utilisateur, depuis: datetime.date) -> list[RendezVous]:
    """Ses séjours ; tant qu'une PFMP n'en a pas, les dates prévues pour sa classe."""
    pfmps = Pfmp.objects.for_user(user, Action.VOIR_LIVRET).filter(eleve__utilisateur=user).maintenues()
    places = Sejour.objects.filter(pfmp__in=pfmps, fin__gte=depuis).select_related(
        "entreprise", "pfmp__periode"
    )
    prevues = pfmps.filter(sejours__isnull=True, periode__fin__gte=depuis).select_related("periode")
    return [
        *(
            _de_l_eleve(f"sejour-{un.pk}", un.pfmp, un, _lieu(un.entreprise.nom, un.entreprise.ville))
            for un in places
        ),
        *(_de_l_eleve(f"pfmp-{une.pk}", une, une.periode) for une in prevues),
    ]


def _de_l_eleve(cle: str, pfmp: Pfmp, dates: Any, lieu: str = "") -> RendezVous:
    return RendezVous(
        cle, pfmp.periode.intitule, dates.debut, reverse("livret:pfmp", args=[pfmp.pk]), dates.fin, lieu
    )


def _lieu(nom: str, ville: str) -> str:
    return ", ".join(filter(None, (nom, ville)))
