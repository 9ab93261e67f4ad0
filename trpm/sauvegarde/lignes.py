"""Les lignes d'une base, écrites une par une sans rien dire du moteur, puis relues dans une base neuve."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.duration import duration_iso_string

# Ne se transportent pas : les échecs des tâches, que le journal dit aussi ; ce que compte la base.
SANS = {"django_q.task", "trpm.revision"}
PAQUET = 500


def modeles(apps: Apps) -> list[type[models.Model]]:
    return [
        modele
        for modele in apps.get_models(include_auto_created=True)
        if modele._meta.managed and not modele._meta.proxy and modele._meta.label_lower not in SANS
    ]


def champs_de(modele: type[models.Model]) -> list[Any]:
    return [champ for champ in modele._meta.local_concrete_fields if not champ.generated]


def ecrire(modele: type[models.Model], base: str, sortie: IO[bytes]) -> None:
    """D'abord le nom des champs, puis une ligne par ligne."""
    noms = [champ.attname for champ in champs_de(modele)]
    sortie.write(json.dumps(noms).encode() + b"\n")
    lues = modele._base_manager.using(base).order_by("pk").values_list(*noms)
    for ligne in lues.iterator(chunk_size=2000):
        sortie.write(json.dumps(ligne, default=_valeur, ensure_ascii=False).encode() + b"\n")


def _valeur(valeur: Any) -> str:
    if isinstance(valeur, datetime.date | datetime.time):
        return valeur.isoformat()
    if isinstance(valeur, datetime.timedelta):
        return duration_iso_string(valeur)
    if isinstance(valeur, bytes | memoryview):
        return base64.b64encode(valeur).decode()
    return str(valeur)


def charger(apps: Apps, connexion: BaseDatabaseWrapper, dossier: Path) -> None:
    """Remplace le contenu d'une base neuve ; en une fois, les références ne se vérifiant qu'à la fin."""
    tables = modeles(apps)
    if inconnues := {un.stem for un in dossier.glob("*.jsonl")} - {un._meta.label_lower for un in tables}:
        raise ValueError(f"Tables inconnues\xa0: {', '.join(sorted(inconnues))}")
    connexion.disable_constraint_checking()
    try:
        with transaction.atomic(using=connexion.alias):
            for modele in tables:
                modele._base_manager.using(connexion.alias)._raw_delete(connexion.alias)
            for modele in tables:
                fichier = dossier / f"{modele._meta.label_lower}.jsonl"
                if fichier.exists():
                    _charger(modele, connexion, fichier)
            connexion.check_constraints()
            with connexion.cursor() as curseur:
                for phrase in connexion.ops.sequence_reset_sql(no_style(), tables):
                    curseur.execute(phrase)
    finally:
        connexion.enable_constraint_checking()


def _charger(modele: type[models.Model], connexion: BaseDatabaseWrapper, fichier: Path) -> None:
    with fichier.open("rb") as lu:
        noms = json.loads(next(lu))
        par_nom = {champ.attname: champ for champ in champs_de(modele)}
        champs = [par_nom[nom] for nom in noms]
        taille = min(PAQUET, connexion.ops.bulk_batch_size(champs, [None] * PAQUET) or PAQUET)
        ligne = modele._base_manager.using(connexion.alias)
        for paquet in _par(taille, lu):
            objets = [modele(**dict(zip(noms, _lues(champs, un), strict=True))) for un in paquet]
            ligne._insert(objets, fields=champs, using=connexion.alias, raw=True)  # type: ignore[attr-defined]


def _lues(champs: list[Any], ligne: bytes) -> list[Any]:
    valeurs = json.loads(ligne)
    return [
        None if valeur is None else champ.to_python(valeur)
        for champ, valeur in zip(champs, valeurs, strict=True)
    ]


def _par(taille: int, lignes: Iterator[bytes]) -> Iterator[list[bytes]]:
    while paquet := list(islice(lignes, taille)):
        yield paquet
