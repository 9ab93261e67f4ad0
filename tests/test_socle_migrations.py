"""Les tests bâtissent leur base d'après les modèles : ici, les migrations mènent à la même."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from tests.schema import schema

LIRE = "import json; from tests.schema import schema; print(json.dumps(schema()))"


@pytest.fixture
def neuve(tmp_path: Path, transactional_db: None) -> Iterator[str]:
    """L'adresse d'une base vide, sur le moteur des tests."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/migree.sqlite3"
        return
    reglages, nom = connection.settings_dict, f"{connection.settings_dict['NAME']}_migree"
    with connection.cursor() as curseur:
        curseur.execute(f'CREATE DATABASE "{nom}"')
    lieu = reglages["HOST"] or reglages["OPTIONS"].get("host", "")
    compte = f"{quote(reglages['USER'])}:{quote(reglages['PASSWORD'])}".rstrip(":")
    yield f"postgresql://{compte}@/{nom}?host={quote(lieu, safe='')}&port={reglages['PORT'] or 5432}"
    with connection.cursor() as curseur:
        curseur.execute(f'DROP DATABASE "{nom}" WITH (FORCE)')


def test_les_migrations_menent_au_schema_des_modeles(neuve: str) -> None:
    def lancer(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": neuve},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    lancer("migrate", "--verbosity", "0")
    migree = json.loads(lancer("shell", "--no-imports", "--command", LIRE))
    batie = json.loads(json.dumps(schema()))
    assert migree["declencheurs"], "Aucun déclencheur : la base ne garderait rien."
    assert set(batie) == set(migree)
    assert {table: migree[table] for table in migree if migree[table] != batie[table]} == {}
