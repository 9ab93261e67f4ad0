"""Les bilans à préparer, à mener, à valider ; et, pour l'élève, ses mots à écrire."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Max, Min, Q, QuerySet

from livret.annee import fin_de_semestre
from livret.bilan.models import Bilan
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.personnes.regard import Regard, classes_d_equipe
from livret.progression.attentes import semestre_de
from trpm.a_faire import AFaire, Urgence
from trpm.adresses import adresse
from trpm.base.preparees import Preparee
from trpm.dates import date_dite
from trpm.permissions import Action
from trpm.textes import pluriel

E = Bilan.Etat
GENRE, MOTS = "Bilans à préparer ou à mener", "Bilans qui attendent les mots de l’élève"
PREPARER, ECRIRE, MENER, VALIDER = "préparer", "écrire", "mener", "valider"
AVANT_LA_FIN = datetime.timedelta(days=35)


@dataclass(frozen=True)
class PasDeBilan:
    """Un pas que des bilans d'une classe attendent : ce qui se lit, et qui presse."""

    texte: str
    acte: str
    genre: str = GENRE
    urgence: Urgence = Urgence.A_FAIRE


PAS = {
    PREPARER: PasDeBilan("bilan{s} à préparer", "Préparer"),
    ECRIRE: PasDeBilan("bilan{s} attend{ent} les mots de l’élève", "Voir", MOTS, Urgence.A_SUIVRE),
    MENER: PasDeBilan("entretien{s} de bilan à mener", "Ouvrir le premier"),
    VALIDER: PasDeBilan("bilan{s} à valider", "Valider"),
}


def bilans(regard: Regard) -> list[AFaire]:
    """Par classe, ce que ses bilans ouverts attendent ; et la classe sans bilan quand son semestre finit.

    Une requête, deux en fin de semestre.
    """
    if not regard.evaluees:
        return []
    noms = {classe.pk: classe.nom for classe in regard.evaluees}
    comptes: Counter[tuple[int, int, str]] = Counter()
    premiers: dict[tuple[int, int, str], tuple[int, datetime.date, datetime.datetime]] = {}
    for classe, semestre, etat, ecrits, nombre, premier, le, depuis in _ouverts(*regard.equipe):
        cle = (classe, semestre, _pas(etat, ecrits))
        comptes[cle] += nombre
        premiers.setdefault(cle, (premier, le, depuis))
    lignes = [
        _ligne(pas, nombre, noms[classe], semestre, *premiers[classe, semestre, pas])
        for (classe, semestre, pas), nombre in comptes.items()
    ]
    return lignes + _sans_bilan(regard)


@Preparee
def _ouverts(equipes: tuple[int, ...], personne: int, annee: int) -> QuerySet[Bilan, tuple[Any, ...]]:
    """Les bilans ouverts, comptés par classe, semestre, état et mots écrits ou non."""
    return (
        Bilan.objects.courants()
        .ouverts()
        .filter(classe__in=classes_d_equipe(equipes, personne, annee))
        .order_by()
        .annotate(ecrits=ExpressionWrapper(~Q(mots=""), BooleanField()))
        .values_list("classe_id", "semestre", "etat", "ecrits")
        .annotate(Count("pk"), Min("pk"), Min("date"), Max("modifie_le"))
        .order_by("classe_id", "semestre", "etat")
    )


def _pas(etat: str, ecrits: bool) -> str:
    if etat == E.PREPARE:
        return MENER if ecrits else ECRIRE
    return PREPARER if etat == E.BROUILLON else VALIDER


def _ligne(
    pas: str,
    nombre: int,
    classe: str,
    semestre: int,
    premier: int,
    le: datetime.date,
    depuis: datetime.datetime,
) -> AFaire:
    dit = PAS[pas]
    texte = dit.texte.format(s=pluriel(nombre), ent=pluriel(nombre, ",ent"))
    return AFaire(
        dit.genre,
        texte=f"{nombre} {texte}",
        acte=dit.acte,
        adresse=adresse("livret:bilan", premier),
        precision=f"{classe} · semestre {semestre}, au {date_dite(le)}",
        urgence=dit.urgence,
        nombre=nombre,
        le=le,
        depuis=depuis if pas == MENER else None,
    )


def _sans_bilan(regard: Regard) -> list[AFaire]:
    """Les classes dont le semestre finit bientôt, et leurs élèves qui n'en ont pas encore le bilan."""
    finissent = {
        classe.pk: (classe, semestre_de(classe, regard.jour), fin)
        for classe in regard.evaluees
        if (fin := fin_de_semestre(classe.annee.debut, regard.jour, classe.etablissement.second_semestre))
        and regard.jour <= fin <= regard.jour + AVANT_LA_FIN
    }
    if not finissent:
        return []
    faits = Q()
    for pk, (_, semestre, _) in finissent.items():
        faits |= Q(classe=pk, semestre=semestre)
    avec = dict(
        Bilan.objects.filter(faits, eleve__scolarites__sortie__isnull=True)
        .order_by()
        .values_list("classe")
        .annotate(Count("eleve", distinct=True))
    )
    return [
        _annonce(classe, semestre, fin, manquent)
        for pk, (classe, semestre, fin) in finissent.items()
        if (manquent := regard.effectif(classe) - avec.get(pk, 0)) > 0
    ]


def _annonce(classe: Classe, semestre: int, fin: datetime.date, manquent: int) -> AFaire:
    return AFaire(
        GENRE,
        texte=f"{manquent} élève{pluriel(manquent)} sans bilan du semestre {semestre}",
        acte="Préparer",
        adresse=f"{adresse('livret:bilans', classe.pk)}?semestre={semestre}",
        precision=f"{classe.nom} · avant le {date_dite(fin)}",
        urgence=Urgence.BIENTOT,
        nombre=manquent,
        le=fin,
    )


def mots_a_ecrire(user: Utilisateur) -> list[AFaire]:
    """Les bilans préparés où l'élève n'a encore rien écrit. Une requête."""
    siens = Bilan.objects.for_user(user, Action.ECRIRE_SES_MOTS).filter(etat=E.PREPARE, mots="")
    return [
        AFaire(
            "Bilans qui attendent vos mots",
            texte=f"Votre bilan du semestre {semestre} attend vos mots",
            acte="Écrire",
            adresse=f"{adresse('livret:mes-bilans')}#bilan-{pk}",
            precision=f"préparé au {date_dite(le)}",
            urgence=Urgence.BIENTOT,
            le=le,
            depuis=depuis,
        )
        for pk, semestre, le, depuis in siens.values_list("pk", "semestre", "date", "niveaux_pris_le")
    ]


def bilans_valides(eleve: Eleve, depuis: datetime.datetime) -> list[AFaire]:
    """Les bilans validés depuis cet instant. Une requête."""
    valides = Bilan.objects.valides().courants().filter(eleve=eleve, valide_le__gt=depuis)
    return [
        AFaire(
            "Bilans à lire",
            texte=f"Votre bilan du semestre {semestre} est validé",
            acte="Lire",
            adresse=adresse("livret:bilan", pk),
            depuis=le,
        )
        for pk, semestre, le in valides.order_by("-valide_le").values_list("pk", "semestre", "valide_le")
    ]
