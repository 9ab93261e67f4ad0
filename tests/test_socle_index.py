"""Aucun index n'en double un autre : chacun se paie à chaque écriture, et dans la taille du fichier."""

from collections import defaultdict

import pytest
from django.apps import apps
from django.db import connection

SUR_POSTGRESQL = """
SELECT t.relname, i.relname, x.indisunique OR x.indpred IS NOT NULL, x.indpred IS NOT NULL,
  ARRAY(SELECT CONCAT(x.indkey[n], ' ', x.indclass[n], ' ', x.indoption[n], ' ', x.indcollation[n])
        FROM generate_series(0, x.indnkeyatts - 1) n)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE t.relnamespace = 'public'::regnamespace AND NOT (0 = ANY (x.indkey))
"""
Index = tuple[str, bool, bool, list[str]]
"""Son nom ; s'il est unique ou partiel ; s'il est partiel ; ses colonnes."""


def index_par_table() -> dict[str, list[Index]]:
    par_table: dict[str, list[Index]] = defaultdict(list)
    with connection.cursor() as curseur:
        if connection.vendor == "postgresql":
            curseur.execute(SUR_POSTGRESQL)
            for table, *un in curseur.fetchall():
                par_table[table].append(tuple(un))
            return par_table
        for table in connection.introspection.table_names(curseur):
            curseur.execute(f'PRAGMA index_list("{table}")')
            for _, nom, unique, _, partiel in curseur.fetchall():
                curseur.execute(f'PRAGMA index_xinfo("{nom}")')
                colonnes = [" ".join(map(str, ligne[2:5])) for ligne in curseur.fetchall() if ligne[5]]
                par_table[table].append((nom, bool(unique or partiel), bool(partiel), colonnes))
    return par_table


def doubles(index: list[Index]) -> set[str]:
    """Ceux dont les colonnes commencent un autre index, qui porte toutes les lignes."""
    return {
        nom
        for nom, tenu, _, colonnes in index
        for autre, _, partiel, siennes in index
        if not tenu and not partiel and autre != nom and siennes[: len(colonnes)] == colonnes
    }


def tables_a_nous() -> set[str]:
    """Hors des paquets, et des liaisons que Django bâtit seul : leur premier index est à lui, et elles
    grandissent d'une ligne par chose visée, non par saisie."""
    locales = ("certification", "livret", "referentiel", "trpm")
    return {modele._meta.db_table for app in locales for modele in apps.get_app_config(app).get_models()}


@pytest.mark.django_db
def test_aucun_index_n_en_commence_un_autre() -> None:
    lus = index_par_table()
    a_nous = tables_a_nous()
    assert a_nous <= set(lus)
    assert {table: noms for table in a_nous if (noms := doubles(lus[table]))} == {}


@pytest.mark.django_db
def test_un_index_redondant_se_voit() -> None:
    with connection.cursor() as curseur:
        curseur.execute("CREATE INDEX essai ON livret_evaluation (situation_id, eleve_id)")
    assert doubles(index_par_table()["livret_evaluation"]) == {"essai"}
