"""Rétablir une sauvegarde : tout est vérifié et préparé à côté, puis la base s'échange d'un seul geste.

Les fichiers suivent la base. Tué avant l'échange, rien n'a changé ; tué après, `achever` (au prochain
démarrage du site ou de l'ouvrier) finit de les poser : un jeton, écrit dans la base rétablie, dit lequel.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from trpm.sauvegarde.coffre import FORMAT, SauvegardeRefusee, lire_l_entete, ouvrir
from trpm.sauvegarde.echange import base_neuve, echanger, oublier
from trpm.sauvegarde.models import Restauration
from trpm.sauvegarde.prendre import tous_les_fichiers

PLUS_RECENTE = (
    "Cette sauvegarde vient d’une version plus récente de l’application\xa0: mettez d’abord à jour celle-ci."
)


def restaurer(chemin: Path, phrase: str = "") -> dict[str, Any]:
    """Remplace la base et les fichiers par ceux de la sauvegarde ; rend son en-tête.

    Sur une machine vide comme sur une autre. Lève `SauvegardeRefusee`, et rien n'est alors changé.
    """
    entete = lire_l_entete(chemin)
    _reconnaitre(entete)
    with _seul() as atelier:
        if atelier is None:
            raise SauvegardeRefusee("Une autre restauration est en cours\xa0: attendez qu’elle finisse.")
        _achever(atelier)
        atelier.mkdir(mode=0o700)
        try:
            ouvrir(chemin, phrase, atelier)
            _preparer_et_echanger(atelier)
        finally:
            _achever(atelier)
    return entete


def achever() -> None:
    """Finit, ou oublie, une restauration interrompue. Sans effet d'ordinaire."""
    if not _atelier().exists():
        return
    with _seul() as atelier:
        if atelier is not None:
            _achever(atelier)


def _reconnaitre(entete: dict[str, Any]) -> None:
    connues = MigrationLoader(None).graph.nodes
    inconnues = [une for une in entete.get("migrations", []) if tuple(une) not in connues]
    if entete.get("format", 0) > FORMAT or inconnues:
        raise SauvegardeRefusee(PLUS_RECENTE)


def migrations_de(atelier: Path) -> list[tuple[str, str]]:
    """Où en était la base de cette sauvegarde."""
    lues = json.loads((atelier / "base" / "migrations.json").read_bytes())
    return [(application, nom) for application, nom in lues]


def _preparer_et_echanger(atelier: Path) -> None:
    jeton = uuid4().hex
    with base_neuve(atelier) as adresse:
        charge = subprocess.run(  # noqa: S603 : rien ne vient d'ailleurs
            [sys.executable, "manage.py", "charger_sauvegarde", str(atelier), jeton],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": adresse, "DEBUG": str(int(settings.DEBUG))},
            capture_output=True,
            text=True,
        )
        if charge.returncode:
            sys.stderr.write(charge.stderr)
            raise SauvegardeRefusee(
                "Le contenu de cette sauvegarde n’a pas pu être repris\xa0: rien n’a été changé. Le "
                "journal du serveur dit pourquoi."
            )
        (atelier / "jeton").write_text(jeton, encoding="ascii")
        echanger(atelier)


def _achever(atelier: Path) -> None:
    if not atelier.exists():
        return
    jeton = atelier / "jeton"
    if jeton.exists() and _echange_fait(jeton.read_text(encoding="ascii")):
        _poser_les_fichiers(atelier / "fichiers")
    jeton.unlink(missing_ok=True)
    oublier()
    shutil.rmtree(atelier)


def _echange_fait(jeton: str) -> bool:
    if Restauration._meta.db_table not in connection.introspection.table_names():
        return False
    return Restauration.objects.filter(jeton=jeton).exists()


def _poser_les_fichiers(source: Path) -> None:
    """Reprise au besoin : un fichier déjà posé se pose de nouveau."""
    attendus = {un.relative_to(source).as_posix(): un for un in source.rglob("*") if un.is_file()}
    for nom in list(tous_les_fichiers()):
        default_storage.delete(nom)
    for nom, fichier in attendus.items():
        with fichier.open("rb") as lu:
            default_storage.save(nom, File(lu))


def _atelier() -> Path:
    return Path(settings.SAUVEGARDES) / ".restauration"


@contextmanager
def _seul() -> Iterator[Path | None]:
    """Le dossier de travail, à un seul processus ; `None` si un autre le tient."""
    dossier = Path(settings.SAUVEGARDES)
    dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (dossier / ".verrou").open("w") as verrou:
        try:
            fcntl.flock(verrou, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield _atelier()
