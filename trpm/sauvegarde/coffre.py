"""Le fichier d'une sauvegarde : un tar qui tient un en-tête lisible et un contenu, chiffré ou non.

Le contenu est un `tar.gz` : les fichiers déposés, les lignes de chaque table, puis l'empreinte de chaque
entrée. Chiffré, il l'est au format age, par une clé que la phrase de passe protège : tar, gzip et age
suffisent à le relire sans nous.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from trpm.base.a_la_demande import ALaDemande

if TYPE_CHECKING:
    import pyrage
else:
    pyrage = ALaDemande("pyrage")

FORMAT = 1
ENTETE, CLE, CONTENU, CONTENU_CHIFFRE = "entete.json", "cle.age", "contenu.tar.gz", "contenu.tar.gz.age"
LISEZ_MOI = """Sauvegarde du Livret TRPM. Pour la rétablir\xa0: manage.py restaurer CE-FICHIER

Sans l'application, avec tar, gzip et, si elle est chiffrée, age (age-encryption.org) :
    tar xf CE-FICHIER
    age -d -o cle cle.age                  # demande la phrase de passe
    age -d -i cle contenu.tar.gz.age | tar xz
"""


class SauvegardeRefusee(Exception):
    """Le message dit ce qui ne va pas et que faire ; rien n'a été écrit."""


ABIMEE = "Cette sauvegarde est incomplète ou abîmée\xa0: rien n’a été changé. Prenez-en une autre copie."


class Contenu:
    """Ce que l'on met dans le coffre ; l'empreinte de chaque entrée est la dernière."""

    def __init__(self, sortie: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=sortie, mode="w|gz")  # noqa: SIM115
        self.empreintes: dict[str, str] = {}

    def ajouter(self, nom: str, source: IO[bytes], taille: int) -> None:
        lu = _Condense(source)
        self._tar.addfile(_entree(nom, taille), lu)
        self.empreintes[nom] = lu.condense.hexdigest()

    def fermer(self) -> None:
        fin = json.dumps(self.empreintes).encode()
        self._tar.addfile(_entree("fin.json", len(fin)), io.BytesIO(fin))
        self._tar.close()


class _Condense:
    def __init__(self, source: IO[bytes]) -> None:
        self.source, self.condense = source, sha256()

    def read(self, taille: int = -1) -> bytes:
        lu = self.source.read(taille)
        self.condense.update(lu)
        return lu


def _entree(nom: str, taille: int) -> tarfile.TarInfo:
    entree = tarfile.TarInfo(nom)
    entree.size, entree.mode = taille, 0o600
    return entree


def fermer(chemin: Path, entete: dict[str, Any], phrase: str, remplir: Callable[[Contenu], None]) -> None:
    """Écrit la sauvegarde à côté, puis lui donne son nom : un fichier qui le porte est entier."""
    brouillon = chemin.with_suffix(".en-cours")
    interieur = chemin.with_suffix(".contenu")
    identite = pyrage.x25519.Identity.generate()
    try:
        with _prive(interieur) as sortie:
            destination = _chiffre(sortie, identite) if phrase else _tel_quel(sortie)
            with destination as flux:
                contenu = Contenu(flux)
                remplir(contenu)
                contenu.fermer()
        with _prive(brouillon) as sortie, tarfile.open(fileobj=sortie, mode="w") as tar:
            _poser(tar, "LISEZ-MOI.txt", LISEZ_MOI.encode())
            _poser(tar, ENTETE, json.dumps({"format": FORMAT, **entete}).encode())
            if phrase:
                _poser(tar, CLE, pyrage.passphrase.encrypt(str(identite).encode(), phrase))
            tar.add(interieur, CONTENU_CHIFFRE if phrase else CONTENU)
            sortie.flush()
            os.fsync(sortie.fileno())
        brouillon.replace(chemin)
    finally:
        interieur.unlink(missing_ok=True)
        brouillon.unlink(missing_ok=True)


def _prive(chemin: Path) -> IO[bytes]:
    return os.fdopen(os.open(chemin, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _poser(tar: tarfile.TarFile, nom: str, octets: bytes) -> None:
    tar.addfile(_entree(nom, len(octets)), io.BytesIO(octets))


@contextmanager
def _tel_quel(sortie: IO[bytes]) -> Iterator[IO[bytes]]:
    yield sortie


@contextmanager
def _chiffre(sortie: IO[bytes], identite: pyrage.x25519.Identity) -> Iterator[IO[bytes]]:
    """Ce que l'on y écrit se chiffre au passage : le clair ne touche pas le disque."""
    lire, ecrire = os.pipe()
    fautes: list[BaseException] = []

    def chiffrer() -> None:
        with os.fdopen(lire, "rb") as clair:
            try:
                pyrage.encrypt_io(clair, sortie, [identite.to_public()])
            except BaseException as faute:
                fautes.append(faute)

    fil = threading.Thread(target=chiffrer)
    fil.start()
    try:
        with os.fdopen(ecrire, "wb") as flux:
            yield flux
    finally:
        fil.join()
    if fautes:
        raise fautes[0]


def lire_l_entete(chemin: Path) -> dict[str, Any]:
    try:
        with tarfile.open(chemin, "r:") as tar:
            trouve = next(membre for membre in tar if membre.name == ENTETE)  # sans lire plus loin
            return json.loads(cast(IO[bytes], tar.extractfile(trouve)).read())
    except (tarfile.TarError, StopIteration, ValueError, EOFError):
        raise SauvegardeRefusee("Ce fichier n’est pas une sauvegarde de cette application.") from None
    except OSError as faute:
        raise SauvegardeRefusee(f"Ce fichier ne se lit pas\xa0: {faute.strerror}.") from None


def ouvrir(chemin: Path, phrase: str, dossier: Path) -> None:
    """Déchiffre, déplie et vérifie tout dans ce dossier, vide et privé."""
    try:
        with tarfile.open(chemin, "r:") as tar:
            _deplier(tar, phrase, dossier)
        _verifier(dossier)
    except (tarfile.TarError, EOFError, zlib.error, KeyError, ValueError, OSError) as faute:
        raise SauvegardeRefusee(ABIMEE) from faute


def _deplier(tar: tarfile.TarFile, phrase: str, dossier: Path) -> None:
    if CLE not in tar.getnames():
        with _membre(tar, CONTENU) as contenu:
            _extraire(contenu, dossier)
        return
    if not phrase:
        raise SauvegardeRefusee("Cette sauvegarde est chiffrée\xa0: donnez sa phrase de passe.")
    with _membre(tar, CLE) as cle:
        try:
            secret = pyrage.passphrase.decrypt(cle.read(), phrase)
        except pyrage.DecryptError:
            raise SauvegardeRefusee(
                "Cette phrase de passe n’ouvre pas cette sauvegarde\xa0: rien n’a été changé."
            ) from None
    clair = dossier / CONTENU
    with _membre(tar, CONTENU_CHIFFRE) as chiffre, _prive(clair) as sortie:
        try:
            pyrage.decrypt_io(chiffre, sortie, [pyrage.x25519.Identity.from_str(secret.decode())])
        except pyrage.DecryptError as faute:
            raise ValueError("contenu chiffré abîmé") from faute
    with clair.open("rb") as contenu:
        _extraire(contenu, dossier)
    clair.unlink()


def _membre(tar: tarfile.TarFile, nom: str) -> IO[bytes]:
    membre = tar.extractfile(nom)
    if membre is None:
        raise KeyError(nom)
    return membre


def _extraire(contenu: IO[bytes], dossier: Path) -> None:
    with tarfile.open(fileobj=contenu, mode="r|gz") as tar:
        tar.extractall(dossier, filter="data")
        while contenu.read(1 << 16):
            pass


def _verifier(dossier: Path) -> None:
    attendues = json.loads((dossier / "fin.json").read_bytes())
    presentes = {
        un.relative_to(dossier).as_posix(): un
        for un in dossier.rglob("*")
        if un.is_file() and un.name != "fin.json"
    }
    if set(presentes) != set(attendues):
        raise ValueError("entrées manquantes ou de trop")
    for nom, fichier in presentes.items():
        with fichier.open("rb") as lu:
            if file_digest(lu, "sha256").hexdigest() != attendues[nom]:
                raise ValueError(nom)
