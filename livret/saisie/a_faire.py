"""Les situations à noter ou à publier : jamais une situation pleine et publiée."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from livret.evaluation.models import Evaluation
from livret.personnes.models.classe import Classe
from livret.personnes.regard import Regard, classes_d_equipe
from livret.situation.models.groupe import Groupe
from livret.situation.models.situation import A_LA_VOLEE, Situation, vise
from trpm.a_faire import AFaire, Urgence
from trpm.adresses import adresse
from trpm.base.preparees import Preparee
from trpm.textes import pluriel

NOTER, PUBLIER = "Situations à noter", "Situations à publier"
OUBLI = datetime.timedelta(days=60)
"""Publiée et trouée depuis plus longtemps, elle n'attend plus personne : le livret montre le trou."""
E = Situation.Etat


def situations(regard: Regard) -> list[AFaire]:
    """Les siennes : brouillons dont le jour est venu, ouvertes, et publiées où il manque un niveau.

    Une requête. Une case porte un niveau ou une mention ; les évaluations à la volée d'une classe, une fois
    pleines, se disent ensemble.
    """
    if not regard.evaluees:
        return []
    classes = {classe.pk: classe for classe in regard.evaluees}
    lignes: list[AFaire] = []
    volees: dict[int, list[SituationComptee]] = defaultdict(list)
    for pk, classe, intitule, etat, fin, groupe, seul, du_groupe, visees, notees in _comptees(
        *regard.equipe, regard.jour, regard.jour - OUBLI
    ):
        attendus = 1 if seul else du_groupe if groupe else regard.effectif(classes[classe])
        une = SituationComptee(pk, classes[classe], intitule, etat, fin, attendus * visees - notees, notees)
        if une.manquent <= 0 and etat == E.PUBLIEE:
            continue
        if une.manquent <= 0 and intitule.startswith(A_LA_VOLEE):
            volees[classe].append(une)
        else:
            lignes.append(une.ligne(regard.jour))
    return lignes + [_volees(siennes, regard.jour) for siennes in volees.values()]


@dataclass(frozen=True)
class SituationComptee:
    """Une situation, et combien de ses cases n'ont encore ni niveau ni mention."""

    pk: int
    classe: Classe
    intitule: str
    etat: str
    fin: datetime.date
    manquent: int
    notees: int

    def ligne(self, jour: datetime.date) -> AFaire:
        urgence = Urgence.EN_RETARD if self.fin < jour else Urgence.A_FAIRE
        une = partial(AFaire, texte=self.intitule, le=self.fin, urgence=urgence)
        if self.etat == E.BROUILLON:
            return une(NOTER, acte="Ouvrir", adresse=self.page, precision=self.dit("brouillon"))
        if self.manquent > 0:
            s = pluriel(self.manquent, "au,aux")
            reste = f"{self.manquent} nive{s} à saisir" if self.notees else "rien n’est encore saisi"
            acte = "Compléter" if self.etat == E.PUBLIEE else "Noter"
            grille = adresse("livret:grille", self.pk)
            return une(NOTER, acte=acte, adresse=grille, precision=self.dit(reste))
        return une(PUBLIER, acte="Publier", adresse=self.page, precision=self.dit("tout est saisi"))

    @property
    def page(self) -> str:
        return adresse("livret:situation", self.pk)

    def dit(self, reste: str) -> str:
        return f"{self.classe.nom} · {reste}"


def _volees(siennes: list[SituationComptee], jour: datetime.date) -> AFaire:
    if len(siennes) == 1:
        return siennes[0].ligne(jour)
    premiere = siennes[0]
    return AFaire(
        PUBLIER,
        texte=f"{len(siennes)} évaluations à la volée",
        acte="Publier",
        adresse=adresse("livret:situations", premiere.classe.pk),
        precision=premiere.dit("tout est saisi"),
        nombre=len(siennes),
        urgence=Urgence.EN_RETARD if premiere.fin < jour else Urgence.A_FAIRE,
        le=premiere.fin,
    )


@Preparee
def _comptees(
    equipes: tuple[int, ...], personne: int, annee: int, jour: datetime.date, oubli: datetime.date
) -> QuerySet[Situation, tuple[Any, ...]]:
    classes = classes_d_equipe(equipes, personne, annee)
    siennes = Situation.objects.filter(classe__in=classes, auteur=personne).filter(
        Q(etat=E.OUVERTE) | Q(etat=E.BROUILLON, debut__lte=jour) | Q(etat=E.PUBLIEE, fin__gte=oubli)
    )
    presents = {"scolarites__classe": OuterRef("classe"), "scolarites__sortie__isnull": True}
    du_groupe = Groupe.eleves.through.objects.filter(
        groupe=OuterRef("groupe"), **{f"eleve__{nom}": valeur for nom, valeur in presents.items()}
    )
    notees = Evaluation.objects.filter(
        vise(F("eleve"), "situation__"),
        situation=OuterRef("pk"),
        **{f"eleve__{nom}": valeur for nom, valeur in presents.items()},
    )
    cochees = Situation.competences.through.objects.filter(situation=OuterRef("pk"))
    par_un_detail = Situation.detaillees.through.objects.filter(situation=OuterRef("pk")).exclude(
        detaillee__competence__in=Situation.competences.through.objects.filter(
            situation=OuterRef("situation")
        ).values("competence")
    )
    return siennes.order_by("fin", "pk").values_list(
        *("pk", "classe_id", "intitule", "etat", "fin", "groupe_id", "eleve_id"),
        _nombre(du_groupe),
        _nombre(cochees) + _nombre(par_un_detail, "detaillee__competence"),
        _nombre(notees),
    )


def _nombre(lignes: QuerySet[Any], quoi: str = "pk") -> Coalesce:
    seules = lignes.order_by().values(toutes=Value(1)).annotate(nombre=Count(quoi, distinct=True))
    return Coalesce(Subquery(seules.values("nombre")), 0, output_field=IntegerField())
