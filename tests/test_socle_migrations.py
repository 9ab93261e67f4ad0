"""Trois chemins, un schéma : les modèles, dont est faite la base des tests ; les migrations ; d'un trait."""

import json
from pathlib import Path

import pytest

from tests.base_neuve import base_vide, jouer
from tests.schema import schema

# Ses migrations lui donnent un numéro plus long que ses modèles ; aucun groupe n'a de droits ici.
DE_DJANGO = {"auth_group_permissions"}
D_UN_TRAIT = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
PAS_A_PAS = """
import json, pathlib, tempfile
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from trpm.sauvegarde.models import Restauration
ou_en_etait = dict(MigrationLoader(None).graph.leaf_nodes()) | {"certification": "0016_accueil"}
dossier = pathlib.Path(tempfile.mkdtemp())
(dossier / "base").mkdir()
(dossier / "base" / "migrations.json").write_text(json.dumps([*ou_en_etait.items()]))
call_command("charger_sauvegarde", dossier, "jeton")
Restauration.objects.all().delete()
"""
LIRE = """
import json
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from tests.schema import schema

def combien(table):
    with connection.cursor() as curseur:
        curseur.execute(f'SELECT count(*) FROM "{table}"')
        return curseur.fetchone()[0]

ecrits = {
    "types": sorted(ContentType.objects.values_list("app_label", "model")),
    "droits": sorted(Permission.objects.values_list("content_type__app_label", "codename", "name")),
    "faites": sorted(MigrationRecorder.Migration.objects.values_list("app", "name")),
    "lignes": {table: combien(table) for table in connection.introspection.table_names()},
}
print(json.dumps([schema(), ecrits]))
"""


@pytest.mark.long
def test_trois_chemins_menent_au_meme_schema_et_aux_memes_lignes(
    transactional_db: None, tmp_path: Path
) -> None:
    """Pas à pas : ce que demande une sauvegarde d'une version antérieure, vide."""
    with base_vide(tmp_path, "trait") as une:
        d_un_trait, ses_lignes = json.loads(jouer(une, D_UN_TRAIT + LIRE))
    with base_vide(tmp_path, "pas") as autre:
        pas_a_pas, leurs_lignes = json.loads(jouer(autre, PAS_A_PAS + LIRE))
    assert d_un_trait["declencheurs"], "Aucun déclencheur : la base ne garderait rien."
    assert differe(d_un_trait, pas_a_pas) == {}
    assert ses_lignes == leurs_lignes
    batie = json.loads(json.dumps(schema()))
    assert differe(batie, d_un_trait) == {}


def differe(une: dict, autre: dict) -> dict:
    toutes = {*une, *autre} - DE_DJANGO
    return {nom: (une.get(nom), autre.get(nom)) for nom in toutes if une.get(nom) != autre.get(nom)}
