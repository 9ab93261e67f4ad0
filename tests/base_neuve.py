"""Une base vide, sur le moteur des tests, pour éprouver les migrations."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection


@pytest.fixture
def neuve(tmp_path: Path, transactional_db: None) -> Iterator[str]:
    """L'adresse d'une base vide, sur le moteur des tests."""
    with base_vide(tmp_path, "migree") as adresse:
        yield adresse


@contextmanager
def base_vide(lieu: Path, suffixe: str) -> Iterator[str]:
    if connection.vendor == "sqlite":
        yield f"sqlite:///{lieu}/{suffixe}.sqlite3"
        return
    reglages, nom = connection.settings_dict, f"{connection.settings_dict['NAME']}_{suffixe}"
    with connection.cursor() as curseur:
        curseur.execute(f'CREATE DATABASE "{nom}"')
    hote = reglages["HOST"] or reglages["OPTIONS"].get("host", "")
    compte = f"{quote(reglages['USER'])}:{quote(reglages['PASSWORD'])}".rstrip(":")
    yield f"postgresql://{compte}@/{nom}?host={quote(hote, safe='')}&port={reglages['PORT'] or 5432}"
    with connection.cursor() as curseur:
        curseur.execute(f'DROP DATABASE "{nom}" WITH (FORCE)')


def jouer(adresse: str, suite: str) -> str:
    """Ce qu'écrit cette suite d'instructions, jouée par un autre processus sur cette base."""
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", suite],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": adresse},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
