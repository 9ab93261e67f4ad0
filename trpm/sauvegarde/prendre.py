"""Prendre une sauvegarde pendant que des gens écrivent : la base à un instant, et tous ses fichiers."""

from __future__ import annotations

import datetime
import json
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from trpm.sauvegarde.coffre import Contenu, SauvegardeRefusee, fermer, ouvrir
from trpm.sauvegarde.lignes import ecrire, modeles
from trpm.sauvegarde.models import Sauvegarde

journal = logging.getLogger(__name__)
INSTANT = "instant"
SUFFIXE = ".sauvegarde"


def sauvegarder(chemin: Path, phrase: str = "") -> Path:
    """Écrit la sauvegarde, puis la relit tout entière : ce qu'elle rend est bon."""
    chemin.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _a_un_instant() as base:
        fermer(chemin, _entete(), phrase, lambda contenu: _remplir(contenu, base))
    with tempfile.TemporaryDirectory(dir=chemin.parent, prefix=".relecture-") as dossier:
        ouvrir(chemin, phrase, Path(dossier))
    return chemin


def nocturne() -> None:
    """Chaque nuit : une sauvegarde de plus, les n dernières gardées. Manquée, elle le dit."""
    dossier = Path(settings.SAUVEGARDES)
    nom = f"{timezone.localtime():%Y-%m-%d-%Hh%M}{SUFFIXE}"
    try:
        chemin = sauvegarder(dossier / nom, settings.SAUVEGARDES_PHRASE)
    except (OSError, SauvegardeRefusee) as faute:
        Sauvegarde.objects.create(motif=str(faute))
        raise
    noter(chemin, settings.SAUVEGARDES_PHRASE)
    for ancienne in sorted(dossier.glob(f"*{SUFFIXE}"))[: -settings.SAUVEGARDES_GARDEES]:
        ancienne.unlink()
    Sauvegarde.objects.filter(le__lt=timezone.now() - datetime.timedelta(days=365)).delete()


def noter(chemin: Path, phrase: str) -> None:
    Sauvegarde.objects.create(fichier=chemin.name, octets=chemin.stat().st_size, chiffree=bool(phrase))


@contextmanager
def _a_un_instant() -> Iterator[str]:
    """Une connexion à part, qui voit la base telle qu'elle est à cet instant sans retenir personne."""
    connexion = connections["default"].copy(INSTANT)
    sqlite = connexion.vendor == "sqlite"
    if sqlite:
        connexion.settings_dict["OPTIONS"]["transaction_mode"] = "DEFERRED"
    connections[INSTANT] = connexion
    try:
        with transaction.atomic(using=INSTANT), connexion.cursor() as curseur:
            if not sqlite:
                curseur.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield INSTANT
    finally:
        connexion.close()
        del connections[INSTANT]


def _entete() -> dict[str, Any]:
    return {
        "prise_le": timezone.now().isoformat(),
        "produit": settings.NOM_DU_PRODUIT,
        "migrations": _migrations(),
    }


def _migrations() -> list[list[str]]:
    """Elles disent la forme des lignes."""
    return sorted(map(list, MigrationLoader(None).graph.leaf_nodes()))


def _remplir(contenu: Contenu, base: str) -> None:
    """Les fichiers, la base, puis les fichiers arrivés ou achevés entre-temps : celui qu'on efface après
    l'instant est déjà pris, et celui qu'une ligne tient est entier au second passage."""
    forme = json.dumps(_migrations()).encode()
    contenu.ajouter("base/migrations.json", BytesIO(forme), len(forme))
    pris: dict[str, int] = {}
    _ajouter_les_fichiers(contenu, pris)
    for modele in modeles(apps):
        with tempfile.TemporaryFile() as lignes:
            ecrire(modele, base, lignes)
            taille = lignes.tell()
            lignes.seek(0)
            contenu.ajouter(f"base/{modele._meta.label_lower}.jsonl", lignes, taille)
    _ajouter_les_fichiers(contenu, pris)


def _ajouter_les_fichiers(contenu: Contenu, pris: dict[str, int]) -> None:
    """`pris` : combien d'octets de chacun. Un fichier ne change pas sous son nom, mais s'écrit peu à peu :
    repris s'il a grandi, il remplace ce qui en fut pris."""
    for nom in tous_les_fichiers():
        try:
            if pris.get(nom) == default_storage.size(nom):
                continue
            with default_storage.open(nom) as lu:
                pris[nom] = lu.size
                contenu.ajouter(f"fichiers/{nom}", lu, pris[nom])
        except FileNotFoundError:
            continue  # effacé à l'instant


def tous_les_fichiers(dossier: str = "") -> Iterator[str]:
    try:
        dossiers, fichiers = default_storage.listdir(dossier)
    except FileNotFoundError:
        return
    for nom in fichiers:
        yield f"{dossier}/{nom}".lstrip("/")
    for nom in dossiers:
        yield from tous_les_fichiers(f"{dossier}/{nom}".lstrip("/"))
