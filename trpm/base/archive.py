"""Une archive signée : un zip dont un seul octet changé se voit, et se nomme. Module pur.

`manifeste.sha256` donne l'empreinte de chaque fichier au format de `sha256sum` ; `manifeste.sig` en est la
signature Ed25519, que `openssl` vérifie avec `cle-publique.pem`. Le zip ne dépend que de son contenu :
fichiers triés, non compressés, tous à la même date. Le relire et le récrire redonne donc les mêmes octets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

MANIFESTE, SIGNATURE, CLE = "manifeste.sha256", "manifeste.sig", "cle-publique.pem"
DATE = (1980, 1, 1, 0, 0, 0)
FICHIERS_MAX = 5000
ILLISIBLE = "Le fichier n’est pas une archive zip lisible\xa0: il est tronqué ou abîmé."


def cle(graine: bytes) -> Ed25519PrivateKey:
    """Clé de signature, de 32 octets secrets."""
    return Ed25519PrivateKey.from_private_bytes(graine)


def empreinte(publique: Ed25519PublicKey) -> str:
    """Empreinte d'une clé publique, par groupes de quatre : elle se lit et se recopie."""
    abrege = sha256(publique.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:32]
    return " ".join(abrege[rang : rang + 4] for rang in range(0, 32, 4))


def ecrire(fichiers: Mapping[str, bytes], privee: Ed25519PrivateKey) -> bytes:
    publique = privee.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    contenus = {**fichiers, CLE: publique}
    manifeste = "".join(f"{sha256(contenus[nom]).hexdigest()}  {nom}\n" for nom in sorted(contenus)).encode()
    return _zip({**contenus, MANIFESTE: manifeste, SIGNATURE: privee.sign(manifeste)})


def lire(octets: bytes) -> dict[str, bytes]:
    """Les fichiers de l'archive, tels quels ; `BadZipFile` si elle ne s'ouvre pas."""
    try:
        with ZipFile(BytesIO(octets)) as archive:
            return {nom: archive.read(nom) for nom in archive.namelist()}
    except (NotImplementedError, RuntimeError, ValueError, OSError, EOFError) as faute:
        raise BadZipFile(str(faute)) from faute


def piege(octets: bytes, limite: int, *, signee: bool = True) -> str:
    """Pourquoi ne pas lire ce fichier, ou rien. Seul l'index du zip est lu : rien n'est décompressé.

    `signee` : ce doit être une archive de commission.

    Une entrée ne rend jamais plus d'octets que l'index n'en annonce : leur somme borne donc la mémoire.
    """
    try:
        entrees = ZipFile(BytesIO(octets)).infolist()
    except Exception:  # zipfile lève ce qu'il rencontre dans un index altéré
        return ILLISIBLE
    if sum(entree.file_size for entree in entrees) > limite:
        return f"Décompressé, ce fichier dépasse {limite // 1024**2}\xa0Mo\xa0: il n’est pas ouvert."
    if len(entrees) > FICHIERS_MAX:
        return f"Ce zip porte {len(entrees)} fichiers\xa0: il en faut bien moins."
    if any(map(_sort_du_dossier, (entree.filename for entree in entrees))):
        return "Un fichier de ce zip porte un chemin qui sort de son dossier\xa0: il n’est pas ouvert."
    if signee and not {MANIFESTE, SIGNATURE} & {entree.filename for entree in entrees}:
        return f"Ce zip n’est pas une archive de commission\xa0: {MANIFESTE} et {SIGNATURE} n’y sont pas."
    return ""


def _sort_du_dossier(nom: str) -> bool:
    chemin = PurePosixPath(nom)
    return chemin.is_absolute() or ".." in chemin.parts or "\\" in nom or ":" in nom


def lisibles(octets: bytes) -> dict[str, bytes]:
    """Ce qui se lit encore, même dans une archive abîmée."""
    return _lire_ce_qui_se_lit(octets)[0] or {}


def signataire(fichiers: Mapping[str, bytes]) -> str:
    """L'empreinte de la clé que porte l'archive ; vide si elle ne se lit pas."""
    try:
        publique = load_pem_public_key(fichiers[CLE])
    except (KeyError, ValueError):
        return ""
    return empreinte(publique) if isinstance(publique, Ed25519PublicKey) else ""


def alterations(octets: bytes, attendue: str) -> tuple[str, ...]:
    """Tout ce qui n'est plus comme à la signature ; vide si rien n'a changé.

    `attendue` : l'empreinte de la clé dont on attend la signature. Celle de l'archive ne prouve rien à elle
    seule : qui altère un fichier peut tout signer de nouveau avec sa propre clé.
    """
    fichiers, illisibles = _lire_ce_qui_se_lit(octets)
    if fichiers is None:
        return (ILLISIBLE,)
    constats = [*illisibles, *_signature(fichiers, attendue), *_fichiers(fichiers, set(illisibles))]
    if not constats and _zip(fichiers) != octets:
        constats.append(
            "L’enveloppe zip a changé (date, ordre, commentaire, octets ajoutés) ; les fichiers sont intacts."
        )
    return tuple(constats)


def _zip(fichiers: Mapping[str, bytes]) -> bytes:
    sortie = BytesIO()
    with ZipFile(sortie, "w", ZIP_STORED) as archive:
        for nom in sorted(fichiers):
            entree = ZipInfo(nom, DATE)
            entree.create_system, entree.external_attr = 3, 0o644 << 16
            archive.writestr(entree, fichiers[nom])
    return sortie.getvalue()


def _lire_ce_qui_se_lit(octets: bytes) -> tuple[dict[str, bytes] | None, list[str]]:
    """Un fichier abîmé ne cache pas les autres."""
    try:
        archive = ZipFile(BytesIO(octets))
    except Exception:  # zipfile lève ce qu'il rencontre dans un index altéré
        return None, []
    fichiers, constats = {}, []
    for nom, fois in Counter(archive.namelist()).items():
        if fois > 1:
            constats.append(f"{nom} : présent {fois} fois.")
        try:
            fichiers[nom] = archive.read(nom)
        except Exception:
            constats.append(f"{nom} : modifié, il ne se lit plus.")
    return fichiers, constats


def _signature(fichiers: Mapping[str, bytes], attendue: str) -> list[str]:
    try:
        publique = load_pem_public_key(fichiers[CLE])
    except (KeyError, ValueError):
        return [f"{CLE} : absente ou modifiée, la signature ne se vérifie pas."]
    if not isinstance(publique, Ed25519PublicKey):
        return [f"{CLE} : ce n’est pas une clé Ed25519."]
    constats = []
    if empreinte(publique) != attendue:
        constats.append(
            f"{CLE} : l’archive est signée par une autre clé, {empreinte(publique)} ; attendue : {attendue}."
        )
    try:
        publique.verify(fichiers[SIGNATURE], fichiers[MANIFESTE])
    except KeyError as absent:
        constats.append(f"{absent.args[0]} : retiré, la signature ne se vérifie pas.")
    except InvalidSignature:
        constats.append(f"{MANIFESTE} ou {SIGNATURE} : modifié, la signature n’est pas celle du manifeste.")
    return constats


def _fichiers(fichiers: Mapping[str, bytes], illisibles: set[str]) -> list[str]:
    inscrits = dict(_inscriptions(fichiers.get(MANIFESTE, b"")))
    presents = set(fichiers) - {MANIFESTE, SIGNATURE}
    deja_dits = {constat.partition(" : ")[0] for constat in illisibles}
    return [
        *(f"{nom} : retiré." for nom in sorted(set(inscrits) - presents - deja_dits)),
        *(f"{nom} : ajouté, le manifeste ne le connaît pas." for nom in sorted(presents - set(inscrits))),
        *(
            f"{nom} : modifié."
            for nom in sorted(presents & set(inscrits))
            if sha256(fichiers[nom]).hexdigest() != inscrits[nom]
        ),
    ]


def _inscriptions(manifeste: bytes) -> list[tuple[str, str]]:
    lignes = (ligne.partition("  ") for ligne in manifeste.decode(errors="replace").splitlines())
    return [(nom, abrege) for abrege, separation, nom in lignes if separation]
