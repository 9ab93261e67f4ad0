"""Des bases temporaires, créées pour le banc et effacées après lui ; celle de l’utilisateur reste intacte."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import util
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql

from bench.processus import RACINE

NOM = f"trpm_banc_{os.getpid()}"


class Indisponible(Exception):
    """Pas de PostgreSQL où créer une base ; le message est une phrase à afficher."""


def adresse_sqlite(fichier: Path) -> str:
    return f"sqlite:///{fichier}"


def copie_sqlite(modele: Path, copie: Path, journal: str) -> Path:
    """Copie d’une base, dans le mode de journal demandé (il est inscrit dans le fichier)."""
    with closing(sqlite3.connect(modele)) as base:
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(modele, copie)
    with closing(sqlite3.connect(copie)) as base:
        base.execute(f"PRAGMA journal_mode={journal}")
    return copie


@contextmanager
def postgresql() -> Iterator[str]:
    """Adresse d’une base neuve sur le PostgreSQL trouvé par `.ci/avec_postgresql.py`."""
    with _avec_postgresql().postgresql() as adresse:
        if adresse is None:
            raise Indisponible("aucun serveur ne répond et le paquet pgserver manque")
        adresse_du_serveur = _serveur_joignable(adresse)
        _executer(adresse_du_serveur, "CREATE DATABASE {}")
        try:
            yield _autre_base(adresse, NOM)
        finally:
            _executer(adresse_du_serveur, "DROP DATABASE IF EXISTS {}")


def _avec_postgresql() -> ModuleType:
    chemin = RACINE / ".ci" / "avec_postgresql.py"
    spec = util.spec_from_file_location("avec_postgresql", chemin)
    if spec is None or spec.loader is None:
        raise Indisponible(f"{chemin.name} est introuvable")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _autre_base(adresse: str, nom: str) -> str:
    return urlsplit(adresse)._replace(path=f"/{nom}").geturl()


def _serveur_joignable(adresse: str) -> str:
    """Base existante d’où en créer une autre : celle de maintenance, sinon celle que l’on a donnée."""
    for essai in (_autre_base(adresse, "postgres"), adresse):
        try:
            psycopg2.connect(essai, connect_timeout=3).close()
        except psycopg2.OperationalError as erreur:
            motif = str(erreur).strip().splitlines()[0]
            continue
        return essai
    raise Indisponible(f"le serveur ne répond pas ({motif})")


def _executer(adresse: str, ordre: str) -> None:
    with closing(psycopg2.connect(adresse)) as connexion:
        connexion.autocommit = True
        with connexion.cursor() as curseur:
            try:
                curseur.execute(sql.SQL(ordre).format(sql.Identifier(NOM)))
            except psycopg2.errors.InsufficientPrivilege as erreur:
                raise Indisponible("le compte n’a pas le droit de créer une base") from erreur
