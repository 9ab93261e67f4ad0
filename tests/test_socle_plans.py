"""Aucune page ne parcourt en entier une table qui grandit : on lit le plan de chacune de ses requêtes.

SQLite choisit lui-même, sur des tables pleines, statistiques à jour. Son `EXPLAIN QUERY PLAN` nomme un alias,
qui peut désigner deux tables ; son `EXPLAIN` ouvre chaque table ou index par sa première page.

PostgreSQL, lui, lit d’un trait une table de quelques pages, avec raison : ce qu’il ferait de millions de
lignes se demande en lui ôtant ce choix, et les jointures qui lisent un côté en entier. Le parcours qui reste
alors, de la table ou d’un index sans condition, dit qu’aucun index ne sert. Les tables petites, d’un
établissement ou d’un référentiel, n’y sont pas.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from livret.models import Evaluation, Fiche, Observation, Scolarite
from tests.monde import Monde
from trpm.journal.models import ActeNote

CLASSES, ELEVES, SITUATIONS, UNE_SUR, ACTES = 60, 20, 100, 10, 6_000
GRANDISSENT = {
    "livret_situation",
    "livret_evaluation",
    "livret_observation",
    "livret_fiche",
    "livret_historicalsituation",
    "livret_historicalevaluation",
    "livret_historicalobservation",
    "livret_eleve",
    "livret_scolarite",
    "certification_dossier",
    "certification_historicaldossier",
    "trpm_actenote",
}


def peupler(monde: Monde) -> None:
    """Dans l'autre établissement, soixante classes, 1 200 élèves, 6 000 situations, et leur histoire."""
    classes = _copies(monde.b.classe, CLASSES, lambda rang: {"nom": f"Autre {rang}"})
    vierge = {"ine": None, "utilisateur_id": None}
    eleves = [un for _ in classes for un in _copies(monde.b.eleves[1], ELEVES, lambda _: vierge)]
    Scolarite.objects.bulk_create(
        [Scolarite(eleve=un, classe=classes[rang // ELEVES]) for rang, un in enumerate(eleves)]
    )
    _multiplier(
        monde.b.situation,
        {"classe_id": "classe.id", "etat": "'publiee'"},
        f"livret_classe classe, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        f"WHERE i < {SITUATIONS}) SELECT i FROM n) rangs WHERE classe.nom LIKE 'Autre%%' "
        "ORDER BY classe.id, i",
    )
    for modele in (Evaluation, Observation, Fiche):
        _multiplier(
            modele.objects.filter(situation=monde.b.situation).latest("pk"),
            {"situation_id": "situation.id", "eleve_id": "scolarite.eleve_id"},
            "livret_scolarite scolarite JOIN livret_situation situation USING (classe_id) "
            f"WHERE situation.id %% {UNE_SUR} = 0 AND situation.classe_id >= {classes[0].pk}",
        )
    _multiplier(
        monde.b.dossiers[0],
        {"eleve_id": "scolarite.eleve_id"},
        f"livret_scolarite scolarite WHERE scolarite.classe_id >= {classes[0].pk}",
    )
    moment = {"tranche": 0, "le": timezone.now(), "garde_jusqu_au": timezone.localdate()}
    ActeNote.objects.bulk_create(
        ActeNote(adresse="essai", cle=rang, eleve=eleves[rang % len(eleves)], nature="vu", **moment)
        for rang in range(ACTES)
    )
    with connection.cursor() as curseur:
        curseur.execute("ANALYZE")


def _copies(un: Any, combien: int, autres: Callable[[int], dict[str, Any]]) -> list[Any]:
    champs = {champ.attname: getattr(un, champ.attname) for champ in un._meta.concrete_fields}
    champs.pop("id")
    return type(un)._default_manager.bulk_create(
        [type(un)(**champs | autres(rang)) for rang in range(combien)]
    )


def _multiplier(ligne: Any, change: dict[str, str], source: str) -> None:
    """Une ligne semblable pour chacune de la source, et sa trace dans l'historique."""
    champs = [champ for champ in ligne._meta.concrete_fields if not champ.primary_key]
    colonnes = ", ".join(champ.column for champ in champs)
    table, passe = ligne._meta.db_table, ligne.history.model._meta.db_table
    prises = ", ".join(change.get(champ.column, "%s") for champ in champs)
    valeurs = [
        champ.get_db_prep_save(getattr(ligne, champ.attname), connection)
        for champ in champs
        if champ.column not in change
    ]
    toutes = f"id, {colonnes}"
    with connection.cursor() as curseur:
        curseur.execute(f"INSERT INTO {table} ({colonnes}) SELECT {prises} FROM {source}", valeurs)
        curseur.execute(
            f"INSERT INTO {passe} ({toutes}, history_date, history_type) "
            f"SELECT {toutes}, CURRENT_TIMESTAMP, '+' FROM {table}"
        )


# --- Lire un plan ---------------------------------------------------------------------------------


LECTURES = ("SELECT", "EXECUTE")
CHOIX_OTES = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")


def parcourues(sql: str, valeurs: Any) -> set[str]:
    """Les tables que cette requête parcourt en entier, ou dont elle parcourt un index en entier."""
    return _selon_sqlite(sql, valeurs) if connection.vendor == "sqlite" else _selon_postgresql(sql, valeurs)


def _selon_postgresql(sql: str, valeurs: Any) -> set[str]:
    regles = dict.fromkeys(CHOIX_OTES, "off") | {"plan_cache_mode": "force_custom_plan"}
    with connection.cursor() as curseur:
        curseur.execute("; ".join(f"SET LOCAL {regle} = {valeur}" for regle, valeur in regles.items()))
        curseur.execute(f"EXPLAIN (FORMAT JSON) {sql}", valeurs)
        plan = curseur.fetchone()[0]
        curseur.execute("; ".join(f"SET LOCAL {regle} TO DEFAULT" for regle in regles))
        curseur.execute("SELECT indexrelid::regclass::text, indrelid::regclass::text FROM pg_index")
        tables = dict(curseur.fetchall())
    racine = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return {
        noeud.get("Relation Name") or tables[noeud["Index Name"]]
        for noeud in _noeuds(racine)
        if noeud["Node Type"] == "Seq Scan" or ("Index Name" in noeud and "Index Cond" not in noeud)
    }


def _noeuds(noeud: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield noeud
    for dessous in noeud.get("Plans", ()):
        yield from _noeuds(dessous)


def _selon_sqlite(sql: str, valeurs: Any) -> set[str]:
    with connection.cursor() as curseur:
        curseur.execute("SELECT rootpage, tbl_name FROM sqlite_master")
        tables = dict(curseur.fetchall())
        curseur.execute(f"EXPLAIN {sql}", valeurs)
        programme = curseur.fetchall()
    ouverts = {curseur: tables.get(page) for _, geste, curseur, page, *_ in programme if geste == "OpenRead"}
    return {ouverts.get(un) for _, geste, un, *_ in programme if geste in ("Rewind", "Last")} - {None}


def entiers(client: Client, adresse: str) -> dict[str, str]:
    """Chaque table qui grandit et que la page parcourt, avec la requête."""
    client.get(adresse)
    vues: list[tuple[str, Any]] = []

    def noter(executer: Any, sql: str, valeurs: Any, plusieurs: bool, contexte: Any) -> Any:
        vues.append((sql, valeurs))
        return executer(sql, valeurs, plusieurs, contexte)

    with connection.execute_wrapper(noter):
        assert client.get(adresse).status_code == 200
    fautes = {}
    for sql, valeurs in vues:
        if sql.lstrip("(").startswith(LECTURES):
            fautes |= dict.fromkeys(parcourues(sql, valeurs) & GRANDISSENT, sql)
    return fautes


PAGES = [
    ("enseignant", "accueil", ""),
    ("enseignant", "livret:classes", ""),
    ("enseignant", "livret:classe", "classe"),
    ("enseignant", "livret:situations", "classe"),
    ("enseignant", "livret:classe-pfmp", "classe"),
    ("enseignant", "livret:situation", "situation"),
    ("enseignant", "livret:grille", "situation"),
    ("enseignant", "livret:eleve", "eleve"),
    ("enseignant", "livret:a-prouver", "eleve"),
    ("enseignant", "livret:eleve-pfmp", "eleve"),
    ("compte_eleve", "accueil", ""),
    ("compte_eleve", "livret:mon-livret", ""),
    ("compte_eleve", "livret:eleve", "eleve"),
    ("compte_eleve", "livret:a-prouver", "eleve"),
    ("president", "accueil", ""),
    ("president", "certification:commissions", ""),
    ("president", "certification:commission", "commission"),
    ("membre", "certification:commission", "commission"),
    ("membre", "certification:dossier", "dossier"),
]


@pytest.mark.long
@pytest.mark.django_db
def test_aucune_page_ne_parcourt_ce_qui_grandit(monde: Monde) -> None:
    peupler(monde)
    a = monde.a
    cles = {
        "classe": a.classe.pk,
        "situation": a.situation.pk,
        "eleve": a.eleves[0].pk,
        "commission": a.commission.pk,
        "dossier": a.dossiers[0].pk,
    }
    fautes = {}
    for qui, nom, objet in PAGES:
        client = Client()
        client.force_login(getattr(a, qui))
        fautes[qui, nom] = entiers(client, reverse(nom, args=[cles[objet]] if objet else []))
    assert {page: parcours for page, parcours in fautes.items() if parcours} == {}


@pytest.mark.django_db
def test_un_parcours_entier_se_voit() -> None:
    assert parcourues("SELECT intitule FROM livret_situation", []) == {"livret_situation"}
    assert parcourues("SELECT classe_id FROM livret_situation U0", []) == {"livret_situation"}
    assert parcourues("SELECT intitule FROM livret_situation WHERE classe_id = %s", [1]) == set()
    assert parcourues("SELECT 1 FROM livret_situation WHERE id IN (%s)", [1]) == set()
