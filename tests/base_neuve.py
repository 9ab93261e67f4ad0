"""Une base vide, sur le moteur des tests, pour éprouver les migrations."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection


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
