"""Le meilleur niveau d’une classe parmi beaucoup d’évaluations, sans table de cumul."""

import datetime
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.urls import reverse

from bench import lycee
from bench.chronometre import Geste, durees, rapport
from bench.pages import SIMPLE, lecture, navigateur_du_banc, saisie, vue_simple
from bench.tailles import Taille
from livret.models import (
    Classe,
    Eleve,
    Evaluation,
    Situation,
)
from livret.synthese.livrets import livrets

INSERTION = """
INSERT INTO livret_evaluation
    (situation_id, eleve_id, competence_id, niveau_id, mention, auteur_id, modifie_le)
SELECT situation.id, scolarite.eleve_id, competence.id, niveau.id, '', situation.auteur_id, situation.creee_le
FROM livret_scolarite scolarite
JOIN livret_situation situation ON situation.classe_id = scolarite.classe_id
JOIN referentiel_competence competence ON competence.referentiel_id = %s
JOIN referentiel_niveau niveau ON niveau.echelle_id = %s
    AND niveau.valeur = (7 * scolarite.eleve_id + 3 * situation.id + 5 * competence.id) %% 4
WHERE scolarite.classe_id > %s
LIMIT %s
"""


def mesurer(taille: Taille) -> dict[str, Any]:
    classe = lycee.classe_du_banc()
    seules = _pages(classe, taille)
    ajouter(classe, taille)
    lycee.analyser()
    eleves = list(Eleve.objects.filter(scolarites__classe=classe).select_related("promotion", "option"))
    meilleurs = meilleurs_niveaux(eleves)
    gestes: dict[str, Geste] = {
        SIMPLE: vue_simple(navigateur_du_banc()),
        "meilleurs niveaux, une requête": lambda: list(meilleurs.all()),
        "livrets complets, avec leurs preuves": lambda: livrets(eleves),
    }
    releves = durees(gestes, taille)
    return {
        "total": Evaluation.objects.count(),
        "index": index_du_plan(meilleurs),
        "pages": [
            {"page": nom, "seule": seules[nom], "parmi": parmi}
            for nom, parmi in _pages(classe, taille).items()
        ],
        "lignes": [
            {"quoi": nom, "secondes": median(releves[nom]), "rapport": rapport(releves, nom, SIMPLE)}
            for nom in gestes
        ],
    }


def _pages(classe: Classe, taille: Taille) -> dict[str, float]:
    """Ce que coûtent les pages d'une classe, en vues connectées les plus simples."""
    navigateur, situation = navigateur_du_banc(), classe.situations.order_by("pk")[0]
    eleve = situation.eleves().order_by("-pk")[0]
    adresses = {
        "page de classe": reverse("livret:classe", args=[classe.pk]),
        "grille": reverse("livret:grille", args=[situation.pk]),
        "page de l’élève": eleve.get_absolute_url(),
        "à prouver": reverse("livret:a-prouver", args=[eleve.pk]),
    }
    gestes = {SIMPLE: vue_simple(navigateur)}
    gestes |= {nom: lecture(navigateur, adresse, eleve.nom) for nom, adresse in adresses.items()}
    gestes["une case enregistrée"] = saisie(navigateur, situation)
    releves = durees(gestes, taille)
    return {nom: rapport(releves, nom, SIMPLE) for nom in gestes if nom != SIMPLE}


def meilleurs_niveaux(eleves: list[Eleve]) -> QuerySet[Evaluation, Any]:
    return (
        Evaluation.objects.filter(eleve__in=eleves, niveau__isnull=False)
        .values("eleve_id", "competence_id")
        .annotate(meilleur=Max("niveau__valeur"))
    )


def index_du_plan(requete: QuerySet[Any, Any]) -> str:
    """Index de la table des évaluations que nomme le plan d’exécution."""
    plan = requete.explain()
    with connection.cursor() as curseur:
        contraintes = connection.introspection.get_constraints(curseur, Evaluation._meta.db_table)
    noms = [nom for nom, contrainte in contraintes.items() if contrainte["index"] or contrainte["unique"]]
    return ", ".join(nom for nom in noms if nom in plan)


def ajouter(classe: Classe, taille: Taille) -> None:
    """Ajoute autant de classes semblables qu’il en faut pour atteindre le nombre d’évaluations voulu."""
    referentiel = classe.promotion.referentiel
    manquantes = taille.lignes - Evaluation.objects.count()
    par_classe = taille.eleves * taille.situations * referentiel.competences.count()
    derniere = Classe.objects.latest("pk")
    with transaction.atomic():
        for rang in range(-(-manquantes // par_classe)):
            _autre_classe(classe, rang, taille)
    lycee.analyser()
    echelle = lycee.niveaux_de(classe)[0].echelle_id
    with connection.cursor() as curseur:
        curseur.execute(INSERTION, [referentiel.pk, echelle, derniere.pk, manquantes])


def _autre_classe(modele: Classe, rang: int, taille: Taille) -> None:
    classe = Classe.objects.create(
        etablissement=modele.etablissement,
        annee=modele.annee,
        nom=f"Autre classe {rang}",
        niveau=modele.niveau,
        promotion=modele.promotion,
    )
    lycee.inscrire(classe, taille.eleves)
    jour = datetime.date(modele.promotion.session, 3, 9)
    auteur = modele.equipe.all()[0]
    Situation.objects.bulk_create(
        [
            Situation(
                classe=classe,
                intitule=f"Situation {numero}",
                debut=jour,
                fin=jour,
                semestre=6,
                etat=Situation.Etat.PUBLIEE,
                auteur=auteur,
            )
            for numero in range(taille.situations)
        ]
    )
