"""Qui est en retard sur l'échelle, et ce que personne n'a encore évalué avant la fin du semestre."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from livret.annee import fin_de_semestre
from livret.evaluation.models import Evaluation
from livret.personnes.models.classe import Classe
from livret.personnes.models.eleve import Scolarite
from livret.personnes.regard import Equipe, Regard, classes_d_equipe
from livret.progression.attentes import semestre_de
from livret.progression.models.echelle import Attente, EchelleAttendue
from livret.situation.models.situation import hors_brouillon
from referentiel.correspondance import LectureDeGrille
from referentiel.echelles import lectures
from trpm.a_faire import AFaire, Echeance, Urgence
from trpm.adresses import adresse
from trpm.base.preparees import Preparee
from trpm.dates import date_dite
from trpm.textes import pluriel

RETARD, JAMAIS = "Élèves en retard sur l’échelle", "Compétences jamais évaluées"
AVANT_LA_FIN = datetime.timedelta(days=56)
Manques = tuple[set[int], dict[str, set[int]]]
"""Les élèves en retard d'une classe ; et, par compétence, ceux chez qui elle n'a jamais été évaluée."""


def suivis_de_l_echelle(regard: Regard) -> list[AFaire]:
    """Par classe, les élèves en retard ; et, dans les huit dernières semaines d'un semestre, les compétences
    attendues qui n'ont été évaluées chez personne ou pas chez tous. Quatre requêtes, une sans échelle."""
    if not regard.evaluees:
        return []
    manques = _manques(regard)
    lignes = []
    for classe in regard.evaluees:
        retard, jamais = manques[classe.pk]
        if jamais and (fin := _fin_proche(classe, regard.jour)):
            lignes.append(_jamais(classe, jamais, regard.effectif(classe), fin))
        if retard:
            lignes.append(_retard(classe, len(retard)))
    return lignes


def _fin_proche(classe: Classe, jour: datetime.date) -> datetime.date | None:
    fin = fin_de_semestre(classe.annee.debut, jour, classe.etablissement.second_semestre)
    return fin if jour <= fin <= jour + AVANT_LA_FIN else None


def _retard(classe: Classe, nombre: int) -> AFaire:
    return AFaire(
        RETARD,
        texte=f"{nombre} élève{pluriel(nombre)} en retard sur l’échelle",
        acte="Voir",
        adresse=f"{classe.get_absolute_url()}?montrer=retard#competences",
        precision=f"{classe.nom} · au moins une compétence sous le niveau attendu",
        urgence=Urgence.A_SUIVRE,
        nombre=nombre,
    )


def _jamais(classe: Classe, jamais: dict[str, set[int]], effectif: int, fin: datetime.date) -> AFaire:
    dites = ", ".join(
        code if len(eleves) == effectif else f"{code} ({len(eleves)} élève{pluriel(len(eleves))})"
        for code, eleves in jamais.items()
    )
    s = pluriel(len(jamais))
    return AFaire(
        JAMAIS,
        texte=f"Jamais évaluée{s}\xa0: {dites}",
        acte="Voir la couverture",
        adresse=adresse("livret:couverture", classe.pk),
        precision=f"{classe.nom} · attendue{s} avant le {date_dite(fin)}",
        urgence=Urgence.A_FAIRE,
        nombre=len(jamais),
        le=fin,
    )


@dataclass(frozen=True)
class Seuil:
    """Les niveaux qui suffisent à des attentes, et tous ceux que leur grille sait lire."""

    suffisent: frozenset[int]
    lus: frozenset[int]


def _manques(regard: Regard) -> dict[int, Manques]:
    """La base cherche, pour chaque élève et chaque compétence attendue, un niveau qui suffise : elle s'arrête
    au premier, sans lire les autres."""
    manques: dict[int, Manques] = defaultdict(lambda: (set(), defaultdict(set)))
    par_semestre: dict[int, list[int]] = defaultdict(list)
    for classe in regard.evaluees:
        par_semestre[semestre_de(classe, regard.jour)].append(classe.pk)
    seuils = _seuils(regard.equipe, par_semestre)
    for classe, eleve, code, evaluee in _sous_l_attente(par_semestre, seuils) if seuils else ():
        retard, jamais = manques[classe]
        if evaluee:
            retard.add(eleve)
        else:
            jamais[code].add(eleve)
    return manques


def _seuils(equipe: Equipe, semestres: Iterable[int]) -> dict[tuple[int, Seuil], set[int]]:
    """Par semestre et par seuil, les attentes qui y valent : la dernière venue de chaque promotion et
    compétence, si sa grille la lit (Q47)."""
    rangs: dict[tuple[int, int, int], dict[int, tuple[int, int]]] = defaultdict(dict)
    for pk, promotion, grille, competence, semestre, niveau in _en_vigueur(*equipe):
        rangs[promotion, grille, competence][semestre] = pk, niveau
    lues = lectures({grille for _, grille, _ in rangs}) if rangs else {}
    seuils: dict[tuple[int, Seuil], set[int]] = defaultdict(set)
    for (_, grille, _), attendus in rangs.items():
        for semestre in semestres:
            if passes := [rang for rang in attendus if rang <= semestre]:
                pk, niveau = attendus[max(passes)]
                if seuil := _seuil(lues[grille], niveau):
                    seuils[semestre, seuil].add(pk)
    return seuils


@Preparee
def _en_vigueur(equipes: tuple[int, ...], personne: int, annee: int) -> QuerySet[Attente, tuple[Any, ...]]:
    presents = Scolarite.objects.filter(
        classe__in=classes_d_equipe(equipes, personne, annee), sortie__isnull=True
    )
    derniere = EchelleAttendue.objects.filter(promotion=OuterRef("echelle__promotion")).order_by("-numero")
    return (
        Attente.objects.filter(
            echelle__promotion__in=presents.values("eleve__promotion"),
            echelle=Subquery(derniere.values("pk")[:1]),
            detaillee__isnull=True,
        )
        .order_by()
        .values_list(
            *("pk", "echelle__promotion_id", "echelle__promotion__grille_id"),
            *("competence_id", "semestre", "niveau_id"),
        )
    )


def _seuil(lecture: LectureDeGrille, niveau: int) -> Seuil | None:
    attendue = lecture.valeur(niveau)
    if attendue is None:
        return None
    valeurs = {un: valeur for un in lecture.niveaux if (valeur := lecture.valeur(un)) is not None}
    suffisent = frozenset(un for un, valeur in valeurs.items() if valeur >= attendue)
    return Seuil(suffisent, frozenset(valeurs))


def _sous_l_attente(
    classes: Mapping[int, list[int]], seuils: Mapping[tuple[int, Seuil], set[int]]
) -> QuerySet[Attente, tuple[Any, ...]]:
    """Classe, élève, compétence, et si elle a été évaluée, là où rien n'atteint le niveau attendu."""
    eleve = "echelle__promotion__eleves"
    montres = Evaluation.objects.filter(
        hors_brouillon("situation__"), eleve=OuterRef(eleve), competence=OuterRef("competence")
    )
    lignes = Q(pk__in=[])
    lus: set[int] = set()
    for (semestre, seuil), attentes in seuils.items():
        ici = Q(**{f"{eleve}__scolarites__classe__in": classes[semestre]}, pk__in=attentes)
        lignes |= ici & ~Q(Exists(montres.filter(niveau__in=seuil.suffisent)))
        lus |= seuil.lus
    return (
        Attente.objects.filter(lignes, **{f"{eleve}__scolarites__sortie__isnull": True})
        .annotate(evaluee=Exists(montres.filter(niveau__in=lus)))
        .order_by("competence__ordre", "competence_id")
        .values_list(f"{eleve}__scolarites__classe_id", eleve, "competence__code", "evaluee")
    )


def fins_de_semestre(classes: Iterable[Classe], jour: datetime.date) -> list[Echeance]:
    """La fin du semestre en cours, une fois par établissement. Aucune requête."""
    fins: dict[tuple[int, datetime.date], Classe] = {}
    for classe in classes:
        fin = fin_de_semestre(classe.annee.debut, jour, classe.etablissement.second_semestre)
        if fin >= jour:
            fins.setdefault((classe.etablissement_id, fin), classe)
    return [
        Echeance(fin, "Fin du semestre", adresse("livret:classes"), str(classe.annee))
        for (_, fin), classe in fins.items()
    ]
