"""Un établissement entier dans un zip écrit à mesure qu'il part : des lignes JSON, et les fichiers.

Le format est décrit dans `docs/format-etablissement.md` ; il ne change pas sans que `VERSION` change.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import ForeignKey
from django.utils import timezone

from livret.models import Appartenance, Eleve, Etablissement, Utilisateur
from trpm.echanges.lignes import EXCLUS, TableSortie, tables
from trpm.echanges.models import Sortie

FORMAT, VERSION = "trpm-etablissement", 1
MORCEAU = 64 * 1024


class EnJson(DjangoJSONEncoder):
    """Des octets tenus par la base, une photo par exemple, s'écrivent en base 64."""

    def default(self, o: Any) -> Any:
        return b64encode(o).decode() if isinstance(o, bytes | memoryview) else super().default(o)


class Tuyau:
    """Ce que le zip écrit et qui n'est pas encore parti. Sans `tell` ni `seek` : il ne revient jamais."""

    def __init__(self) -> None:
        self.attente: list[bytes] = []
        self.poids = 0

    def write(self, octets: bytes) -> int:
        self.attente.append(bytes(octets))
        self.poids += len(octets)
        return len(octets)

    def flush(self) -> None:
        """Rien n'attend ailleurs."""

    def vider(self, seuil: int = MORCEAU) -> Iterator[bytes]:
        if self.poids > seuil:
            yield b"".join(self.attente)
            self.attente, self.poids = [], 0


class EtablissementSorti:
    """Une lecture d'un établissement, et ce qu'elle en retient pour le manifeste."""

    def __init__(self, lieu: Etablissement, par: Utilisateur) -> None:
        self.lieu, self.par = lieu, par
        self.tuyau = Tuyau()
        self.tables: dict[str, dict[str, Any]] = {}
        self.fichiers: list[dict[str, Any]] = []
        self.absents: list[str] = []
        self.cites = set(
            Appartenance.objects.filter(etablissement=lieu).values_list("utilisateur", flat=True)
        )
        lies = Eleve.objects.filter(etablissement=lieu, utilisateur__isnull=False).order_by()
        self.cites |= set(lies.values_list("utilisateur", flat=True))
        self.a_joindre: dict[str, None] = {}

    def morceaux(self) -> Iterator[bytes]:
        """Le zip, à mesure. La sortie est notée quand il est parti en entier."""
        with ZipFile(cast(IO[bytes], self.tuyau), "w", ZIP_DEFLATED) as zip_:
            with lecture_figee():
                for table in tables():
                    yield from self._table(zip_, table)
            for chemin in self.a_joindre:
                yield from self._fichier(zip_, chemin)
            zip_.writestr("manifeste.json", json.dumps(self.manifeste(), ensure_ascii=False, indent=1))
        yield from self.tuyau.vider(0)
        Sortie.noter(Sortie.Genre.ETABLISSEMENT, self.lieu, self.par, self.empreinte())

    def _table(self, zip_: ZipFile, table: TableSortie) -> Iterator[bytes]:
        condense, nombre = sha256(), 0
        with zip_.open(f"lignes/{table.nom}.jsonl", "w", force_zip64=True) as sortie:
            for ligne in table.lignes(self.lieu, self.cites):
                self._retenir(table, ligne)
                octets = f"{json.dumps(ligne, ensure_ascii=False, cls=EnJson)}\n".encode()
                condense.update(octets)
                sortie.write(octets)
                nombre += 1
                yield from self.tuyau.vider()
        self.tables[table.nom] = _decrite(table) | {"lignes": nombre, "sha256": condense.hexdigest()}

    def _retenir(self, table: TableSortie, ligne: dict[str, Any]) -> None:
        self.cites.update(ligne[nom] for nom in table.comptes if ligne[nom])
        self.a_joindre.update(dict.fromkeys(ligne[nom] for nom in table.fichiers if ligne[nom]))

    def _fichier(self, zip_: ZipFile, chemin: str) -> Iterator[bytes]:
        if not default_storage.exists(chemin):
            self.absents.append(chemin)
            return
        condense, poids = sha256(), 0
        nom = f"fichiers/{chemin}"
        with default_storage.open(chemin) as lu, zip_.open(nom, "w", force_zip64=True) as sortie:
            for octets in lu.chunks(MORCEAU):
                condense.update(octets)
                poids += sortie.write(octets)
                yield from self.tuyau.vider()
        self.fichiers.append({"chemin": nom, "octets": poids, "sha256": condense.hexdigest()})

    def manifeste(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "edite_le": timezone.now().isoformat(timespec="seconds"),
            "etablissement": {"uai": self.lieu.uai, "nom": self.lieu.nom},
            "tables": self.tables,
            "fichiers": self.fichiers,
            "absents": self.absents,
            "exclus": EXCLUS,
        }

    def empreinte(self) -> str:
        """De ce qui est parti, sans la date ni les registres du site : la même tant que rien ne change."""
        parties = sorted(
            f"{nom} {une['sha256']}" for nom, une in self.tables.items() if not nom.startswith("trpm.")
        )
        parties += sorted(f"{un['chemin']} {un['sha256']}" for un in self.fichiers)
        return sha256("\n".join(parties).encode()).hexdigest()


def _decrite(table: TableSortie) -> dict[str, Any]:
    return {
        "titre": str(table.modele._meta.verbose_name),
        "champs": {
            un.attname: {
                "titre": str(un.verbose_name),
                "genre": un.get_internal_type(),
                **({"vers": un.related_model._meta.label} if isinstance(un, ForeignKey) else {}),
            }
            for un in table.champs
        },
    }


@contextmanager
def lecture_figee() -> Iterator[None]:
    """Toutes les tables au même instant, sans empêcher personne d'écrire."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with connection.cursor() as curseur:
            curseur.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                curseur.execute("ROLLBACK")
    else:
        with transaction.atomic():
            with connection.cursor() as curseur:
                curseur.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
