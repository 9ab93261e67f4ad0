"""Lance une commande avec, dans DATABASE_URL, un vrai PostgreSQL.

Dans l’ordre : celui que DATABASE_URL désigne, celui qui répond sur cette machine et où l’on peut
créer une base, sinon un serveur embarqué (paquet pgserver), arrêté à la fin.
"""

import getpass
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2

try:
    with warnings.catch_warnings(action="ignore"):
        import pgserver
except ImportError:
    pgserver = None

BASE = f"trpm_{os.getpid()}"


def candidats() -> Iterator[str]:
    for compte in dict.fromkeys(["postgres", getpass.getuser()]):
        yield f"postgresql://{compte}@127.0.0.1:5432/{{base}}"
        yield f"postgresql://{compte}@/{{base}}?host=/var/run/postgresql"


def peut_creer_une_base(adresse: str) -> bool:
    try:
        connexion = psycopg2.connect(adresse.format(base="postgres"), connect_timeout=3)
    except psycopg2.OperationalError:
        return False
    try:
        with connexion.cursor() as curseur:
            curseur.execute("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user")
            return curseur.fetchone()[0]
    finally:
        connexion.close()


@contextmanager
def postgresql() -> Iterator[str | None]:
    donnee = os.environ.get("DATABASE_URL", "")
    if donnee.startswith("postgres"):
        yield donnee
        return
    for adresse in candidats():
        if peut_creer_une_base(adresse):
            yield adresse.format(base=BASE)
            return
    if pgserver is None:
        yield None
        return
    # Un dossier au chemin court : celui d’une prise Unix est limité à une centaine de caractères.
    with tempfile.TemporaryDirectory(prefix="trpm-pg-", ignore_cleanup_errors=True) as dossier:
        os.chmod(dossier, 0o755)
        with pgserver.get_server(os.path.join(dossier, "donnees"), cleanup_mode="delete") as serveur:
            yield serveur.get_uri(database=BASE)


def main(commande: list[str]) -> int:
    with postgresql() as adresse:
        if adresse is None:
            print("PostgreSQL : aucun serveur ne répond et pgserver manque ; ces tests sont sautés.")
            return 0
        return subprocess.run(commande, env={**os.environ, "DATABASE_URL": adresse}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
