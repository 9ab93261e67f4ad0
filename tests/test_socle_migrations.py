"""Les tests bâtissent leur base d'après les modèles : ici, les migrations mènent à la même."""

import json
import os
import subprocess
import sys

from django.conf import settings

from tests.schema import schema

MIGRER = """
import json
from django.core.management import call_command
from tests.schema import schema
call_command("migrate", verbosity=0)
print(json.dumps(schema()))
"""


def test_les_migrations_menent_au_schema_des_modeles(neuve: str) -> None:
    lu = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", MIGRER],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": neuve},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    migree = json.loads(lu)
    batie = json.loads(json.dumps(schema()))
    assert migree["declencheurs"], "Aucun déclencheur : la base ne garderait rien."
    assert set(batie) == set(migree)
    assert {table: migree[table] for table in migree if migree[table] != batie[table]} == {}
