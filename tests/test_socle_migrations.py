"""Les tests bâtissent leur base d'après les modèles : ici, les migrations mènent à la même."""

import json

from tests.base_neuve import jouer
from tests.schema import schema

MIGRER = """
import json
from django.core.management import call_command
from tests.schema import schema
call_command("migrate", verbosity=0)
print(json.dumps(schema()))
"""


def test_les_migrations_menent_au_schema_des_modeles(neuve: str) -> None:
    lu = jouer(neuve, MIGRER)
    migree = json.loads(lu)
    batie = json.loads(json.dumps(schema()))
    assert migree["declencheurs"], "Aucun déclencheur : la base ne garderait rien."
    assert set(batie) == set(migree)
    assert {table: migree[table] for table in migree if migree[table] != batie[table]} == {}
