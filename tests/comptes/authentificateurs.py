"""Un téléphone de test : il lit la clé montrée à l'écran et en tire les codes."""

import base64
import hmac
import re
import struct
import time
from hashlib import sha1

from django.test import Client

from tests.factories import MOT_DE_PASSE


def code_de(cle: str, pas: int = 0) -> str:
    """Le code de cette clé, maintenant (RFC 6238) ; `pas` : trente secondes plus tard."""
    compteur = struct.pack(">Q", int(time.time()) // 30 + pas)
    condense = hmac.digest(base64.b32decode(cle + "=" * (-len(cle) % 8)), compteur, sha1)
    debut = condense[-1] & 15
    return f"{(struct.unpack('>I', condense[debut : debut + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def confirmer(client: Client) -> None:
    client.post("/confirmer/", {"password": MOT_DE_PASSE})


def mettre_en_service(client: Client) -> str:
    """Active l'application de la personne connectée ; rend sa clé."""
    confirmer(client)
    page = client.get("/mon-compte/second-facteur/application/")
    [cle] = re.findall(r"cle-a-taper\">([A-Z2-7]+)<", page.text)
    client.post("/mon-compte/second-facteur/application/", {"code": code_de(cle)})
    return cle


def entrer(client: Client, identifiant: str, mot_de_passe: str = MOT_DE_PASSE, suite: str = "") -> object:
    return client.post("/connexion/", {"username": identifiant, "password": mot_de_passe, "next": suite})
