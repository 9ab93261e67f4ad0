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
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import FileField
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
    fermer(chemin, _entete(), phrase, _remplir)
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


def _remplir(contenu: Contenu) -> None:
    """Les fichiers, l'instant, puis les fichiers arrivés ou achevés entre-temps, et les lignes de l'instant.

    Sa ligne suit le fichier : vu après elle, il est entier. Celui qu'on efface après l'instant est déjà
    pris ; né puis effacé autour de lui, il ne l'est pas, ou pas entier : on choisit un autre instant, où sa
    ligne n'est plus. Absent quand sa ligne reste, il est perdu : rien à attendre.
    """
    forme = json.dumps(_migrations()).encode()
    contenu.ajouter("base/migrations.json", BytesIO(forme), len(forme))
    pris: dict[str, int] = {}
    entiers = fichiers_tenus() & _ajouter_les_fichiers(contenu, pris)
    ecrite = False
    while not ecrite:
        with _a_un_instant() as base:
            tenus = fichiers_tenus(base)
            entiers |= tenus & _ajouter_les_fichiers(contenu, pris)
            if ecrite := tenus - entiers <= fichiers_tenus():
                _ajouter_les_lignes(contenu, base)


def _ajouter_les_lignes(contenu: Contenu, base: str) -> None:
    for modele in modeles(apps):
        with tempfile.TemporaryFile() as lignes:
            ecrire(modele, base, lignes)
            taille = lignes.tell()
            lignes.seek(0)
            contenu.ajouter(f"base/{modele._meta.label_lower}.jsonl", lignes, taille)


def _ajouter_les_fichiers(contenu: Contenu, pris: dict[str, int]) -> set[str]:
    """Ceux qui sont là. `pris` : combien d'octets de chacun. Un fichier ne change pas sous son nom, mais
    s'écrit peu à peu : repris s'il a grandi, il remplace ce qui en fut pris."""
    vus = set()
    for nom in tous_les_fichiers():
        try:
            if pris.get(nom) != default_storage.size(nom):
                with default_storage.open(nom) as lu:
                    pris[nom] = lu.size
                    contenu.ajouter(f"fichiers/{nom}", lu, pris[nom])
            vus.add(nom)
        except FileNotFoundError:
            continue  # effacé à l'instant
    return vus


def tous_les_fichiers(dossier: str = "") -> Iterator[str]:
    try:
        dossiers, fichiers = default_storage.listdir(dossier)
    except FileNotFoundError:
        return
    for nom in fichiers:
        yield f"{dossier}/{nom}".lstrip("/")
    for nom in dossiers:
        yield from tous_les_fichiers(f"{dossier}/{nom}".lstrip("/"))


def fichiers_tenus(base: str = DEFAULT_DB_ALIAS) -> set[str]:
    """Le nom des fichiers qu'une ligne de cette base tient."""
    tenus: set[str] = set()
    for modele in apps.get_models():
        for champ in modele._meta.concrete_fields:
            if isinstance(champ, FileField):
                lignes = modele._base_manager.using(base).exclude(**{champ.name: ""})
                tenus.update(lignes.values_list(champ.name, flat=True))
    return tenus
