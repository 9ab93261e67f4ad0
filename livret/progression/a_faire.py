"""Qui est en retard sur l'échelle, et ce que personne n'a encore évalué avant la fin du semestre."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from livret.annee import fin_de_semestre
from livret.evaluation.models import Evaluation
from livret.personnes.models.classe import Classe
from livret.personnes.models.eleve import Scolarite
from livret.personnes.regard import Regard
from livret.progression.attentes import semestre_de
from livret.progression.models.echelle import Attente, EchelleAttendue
from livret.situation.models.situation import hors_brouillon
from referentiel.echelles import valeur_lue
from trpm.a_faire import AFaire, Echeance, Urgence
from trpm.dates import date_dite
from trpm.textes import pluriel

RETARD, JAMAIS = "Élèves en retard sur l’échelle", "Compétences jamais évaluées"
AVANT_LA_FIN = datetime.timedelta(days=56)
Manques = tuple[set[int], dict[str, set[int]]]
"""Les élèves en retard d'une classe ; et, par compétence, ceux chez qui elle n'a jamais été évaluée."""


def suivis_de_l_echelle(regard: Regard) -> list[AFaire]:
    """Par classe, les élèves en retard ; et, dans les huit dernières semaines d'un semestre, les compétences
    attendues qui n'ont été évaluées chez personne ou pas chez tous. Deux requêtes."""
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
        adresse=reverse("livret:couverture", args=[classe.pk]),
        precision=f"{classe.nom} · attendue{s} avant le {date_dite(fin)}",
        urgence=Urgence.A_FAIRE,
        nombre=len(jamais),
        le=fin,
    )


def _manques(regard: Regard) -> dict[int, Manques]:
    """La base cherche, pour chaque élève et chaque compétence attendue, un niveau qui suffise : elle s'arrête
    au premier, sans lire les autres."""
    semestres = {classe.pk: semestre_de(classe, regard.jour) for classe in regard.evaluees}
    attendues = _attendues(regard.evaluees, set(semestres.values()))
    lignes = Q(pk__in=[])
    for classe, semestre in semestres.items():
        lignes |= Q(echelle__promotion__eleves__scolarites__classe=classe, pk__in=attendues[semestre])
    manques: dict[int, Manques] = defaultdict(lambda: (set(), defaultdict(set)))
    for classe, eleve, code, evaluee in _sous_l_attente(lignes):
        retard, jamais = manques[classe]
        if evaluee:
            retard.add(eleve)
        else:
            jamais[code].add(eleve)
    return manques


def _attendues(classes: Iterable[Classe], semestres: set[int]) -> dict[int, set[int]]:
    """Par semestre, le niveau attendu qui y vaut pour chaque promotion et compétence : le dernier venu."""
    derniere = EchelleAttendue.objects.filter(promotion=OuterRef("echelle__promotion")).order_by("-numero")
    promotions = Scolarite.objects.filter(classe__in=classes, sortie__isnull=True).values("eleve__promotion")
    en_vigueur = Attente.objects.filter(
        echelle__promotion__in=promotions,
        echelle=Subquery(derniere.values("pk")[:1]),
        detaillee__isnull=True,
    )
    rangs: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for pk, promotion, competence, semestre in en_vigueur.order_by().values_list(
        "pk", "echelle__promotion_id", "competence_id", "semestre"
    ):
        rangs[promotion, competence][semestre] = pk
    par_semestre: dict[int, set[int]] = defaultdict(set)
    for attendus in rangs.values():
        for semestre in semestres:
            if passes := [rang for rang in attendus if rang <= semestre]:
                par_semestre[semestre].add(attendus[max(passes)])
    return par_semestre


def _sous_l_attente(lignes: Q) -> QuerySet[Attente, tuple[Any, ...]]:
    """Classe, élève, compétence, et si elle a été évaluée, là où rien n'atteint le niveau attendu."""
    montres = Evaluation.objects.filter(
        hors_brouillon("situation__"),
        eleve=OuterRef("echelle__promotion__eleves"),
        competence=OuterRef("competence"),
        niveau__isnull=False,
    ).annotate(lue=valeur_lue("niveau", "eleve__promotion__grille"))
    return (
        Attente.objects.filter(lignes, echelle__promotion__eleves__scolarites__sortie__isnull=True)
        .annotate(attendue=valeur_lue("niveau", "echelle__promotion__grille"))
        .filter(attendue__isnull=False)
        .filter(~Exists(montres.filter(lue__gte=OuterRef("attendue"))))
        .annotate(evaluee=Exists(montres.filter(lue__isnull=False)))
        .order_by("competence__ordre", "competence_id")
        .values_list(
            "echelle__promotion__eleves__scolarites__classe_id",
            "echelle__promotion__eleves",
            "competence__code",
            "evaluee",
        )
    )


def fins_de_semestre(classes: Iterable[Classe], jour: datetime.date) -> list[Echeance]:
    """La fin du semestre en cours, une fois par établissement. Aucune requête."""
    fins: dict[tuple[int, datetime.date], Classe] = {}
    for classe in classes:
        fin = fin_de_semestre(classe.annee.debut, jour, classe.etablissement.second_semestre)
        if fin >= jour:
            fins.setdefault((classe.etablissement_id, fin), classe)
    return [
        Echeance(fin, "Fin du semestre", reverse("livret:classes"), str(classe.annee))
        for (_, fin), classe in fins.items()
    ]
