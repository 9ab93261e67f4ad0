"""L'aide à la saisie de LSL Pro : le degré de chaque élève dans chaque compétence, pour une année (Q39)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q, QuerySet

from certification.document.recopie import RangeeARecopier, TableARecopier, manque
from livret.annee import dernier_jour, rentree
from livret.models import (
    Bilan,
    Classe,
    Eleve,
    FicheTuteur,
    Utilisateur,
)
from livret.niveaux import meilleure
from livret.pfmp.semaines import Semaines, decimales
from livret.pfmp.suivi import semaines_par_eleve
from livret.synthese.livrets import Livret, livrets
from referentiel.echelle import Degre, Echelle
from trpm.impression.documents import Valeur
from trpm.permissions import Action, Role

NON_EVALUEE = "NE"
Degres = Mapping[Degre | None, str]
AVANT = ("Nom", "Prénom", "INE")
APRES = ("Semaines de PFMP", "Appréciation de PFMP", "Appréciation de l’équipe")


def classes(user: Utilisateur) -> QuerySet[Classe]:
    """Celles qu'un enseignant ou un administrateur suit, et toutes celles du président, chef de centre."""
    presidees = user.etablissements(Action.AIDER_LSL, Role.PRESIDENT)
    suivies = Classe.objects.for_user(user, Action.AIDER_LSL)
    return Classe.objects.filter(Q(pk__in=suivies) | Q(etablissement__in=presidees))


def concernes(eleves: Iterable[Eleve]) -> tuple[list[Eleve], list[Eleve]]:
    """Ceux que LSL Pro attend, et les autres : apprentis, hors contrat, formation continue."""
    tous = list(eleves)
    dedans = [eleve for eleve in tous if _scolaire(eleve)]
    return dedans, [eleve for eleve in tous if not _scolaire(eleve)]


def _scolaire(eleve: Eleve) -> bool:
    return eleve.statut is not None and eleve.statut.lsl


def degres_par_defaut(echelles: Iterable[Echelle]) -> Degres:
    """Degré de chaque niveau : son rang dans son échelle, quelles que soient les valeurs ; sinon « NE »."""
    rangs = (enumerate(echelle.degres, start=1) for echelle in echelles)
    return {None: NON_EVALUEE, **{degre: str(rang) for suite in rangs for rang, degre in suite}}


def lus(eleves: Iterable[Eleve]) -> list[Livret]:
    return livrets(eleves, visibles_seulement=True)


def table(classe: Classe, tenus: Sequence[Livret], degres: Degres, jour: datetime.date) -> TableARecopier:
    """Une rangée par élève, une colonne par compétence.

    Le niveau est le meilleur qu'une situation publiée démontre dans l'année de la classe : ni celui d'une
    autre année, ni celui du diplôme. Les semaines de PFMP sont celles faites depuis l'entrée dans le cycle
    jusqu'à la fin de cette année.
    """
    annee = classe.annee.debut
    codes = [*dict.fromkeys(ligne.code for livret in tenus for ligne in livret.lignes)]
    eleves = [livret.eleve for livret in tenus]
    semaines = semaines_par_eleve(eleves, min(jour, dernier_jour(annee)))
    du_bilan, des_tuteurs = _appreciations(classe, eleves), _points_forts(classe, eleves)
    rangees = []
    for livret in tenus:
        eleve, niveaux = livret.eleve, _niveaux(livret, annee)
        cellules: list[Valeur] = [eleve.nom, eleve.prenom_precise, eleve.ine or ""]
        cellules += [degres[niveaux[code]] if code in niveaux else "" for code in codes]
        cellules += [decimales(semaines[eleve.pk].faites), des_tuteurs[eleve.pk], du_bilan[eleve.pk]]
        rangees.append(RangeeARecopier(eleve.pk, str(eleve), tuple(cellules)))
    return TableARecopier(
        "Aide à la saisie LSL Pro",
        (*AVANT, *codes, *APRES),
        tuple(rangees),
        (24, 20, 14, *(7,) * len(codes), 11, 50, 50),
        (
            *_manques(rangees, codes, degres[None]),
            *_ailleurs(tenus, annee),
            *_semaines_venues(semaines, eleves),
        ),
    )


def _semaines_venues(semaines: Mapping[int, Semaines], eleves: Iterable[Eleve]) -> tuple[str, ...]:
    venus = [f"{un}{semaines[un.pk].provenance}" for un in eleves if semaines[un.pk].ailleurs]
    return (
        (f"Semaines faites dans un autre établissement, comprises\xa0: {' ; '.join(venus)}.",)
        if venus
        else ()
    )


def _niveaux(livret: Livret, annee: int) -> dict[str, Degre | None]:
    """Par compétence attendue de l'élève, le meilleur niveau de cette année scolaire."""
    niveaux: dict[str, Degre | None] = {}
    for ligne in livret.lignes:
        preuve = meilleure([une for une in ligne.preuves if rentree(une.date) == annee])
        niveaux[ligne.code] = livret.echelle.degre(preuve.valeur) if preuve else None
    return niveaux


def _ailleurs(tenus: Sequence[Livret], annee: int) -> tuple[str, ...]:
    """Les correspondances dont la table se sert, et les niveaux d'une échelle que la grille ne lit pas."""
    phrases = dict.fromkeys(phrase for livret in tenus for phrase in livret.correspondances)
    for livret in tenus:
        for ligne in livret.lignes:
            siennes = [une for une in ligne.ecartees if rentree(une.preuve.date) == annee]
            for origine in dict.fromkeys(une.preuve.origine for une in siennes):
                phrases[f"{livret.eleve}, {ligne.code} : {origine}, autre échelle, non compté"] = None
    return tuple(phrases)


def _appreciations(classe: Classe, eleves: Sequence[Eleve]) -> dict[int, str]:
    """Par élève, l'appréciation de son dernier bilan validé dans cette classe. Une requête."""
    textes: dict[int, str] = defaultdict(str)
    siens = Bilan.objects.en_vigueur().filter(classe=classe, eleve__in=eleves)
    for bilan in siens.only("eleve_id", "appreciation", "semestre").order_by("semestre", "pk"):
        textes[bilan.eleve_id] = bilan.appreciation
    return textes


def _points_forts(classe: Classe, eleves: Sequence[Eleve]) -> dict[int, str]:
    """Par élève, ce qu'ont écrit ses tuteurs, leurs fiches validées. Une requête."""
    textes: dict[int, list[str]] = defaultdict(list)
    siennes = FicheTuteur.objects.filter(
        pfmp__periode__classe=classe, pfmp__eleve__in=eleves, etat=FicheTuteur.Etat.VALIDEE
    ).exclude(points_forts="")
    ordonnees = siennes.order_by("pfmp__periode__debut", "pk")
    for eleve, periode, points in ordonnees.values_list(
        "pfmp__eleve", "pfmp__periode__intitule", "points_forts"
    ):
        textes[eleve].append(f"{periode}\xa0: {points}")
    return defaultdict(str, {eleve: "\n".join(lignes) for eleve, lignes in textes.items()})


def _manques(rangees: Sequence[RangeeARecopier], codes: Sequence[str], absent: str) -> tuple[str, ...]:
    phrases = [*manque("Sans INE", (une.qui for une in rangees if not une.cellules[2]), len(rangees))]
    for rang, code in enumerate(codes, start=len(AVANT)):
        phrases += manque(
            f"{code} non évaluée cette année",
            (une.qui for une in rangees if une.cellules[rang] == absent),
            len(rangees),
        )
    for rang, titre in zip((-2, -1), ("appréciation de PFMP", "appréciation de l’équipe"), strict=True):
        phrases += manque(
            f"Sans {titre}", (une.qui for une in rangees if not une.cellules[rang]), len(rangees)
        )
    return tuple(phrases)
