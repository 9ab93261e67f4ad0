"""Tuer un vrai processus pendant qu'il fait ce qu'une page demande : la base n'en garde rien, ou tout."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.test_sauvegarde import adresse_des_tests

LIRE = ("SELECT", "PRAGMA")
ENVOYER = """
import json, os, signal, sys, django
django.setup()
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils.html import strip_tags
dit, compte = json.load(sys.stdin), 0
def couper(execute, sql, params, many, context):
    global compte
    if not sql.lstrip().upper().startswith(tuple(dit["lire"])):
        compte += 1
        if compte == dit["coupure"]:
            os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, params, many, context)
from django.conf import settings
settings.REDEMANDER_LE_MOT_DE_PASSE = False  # comme les tests
client = Client(SERVER_NAME="localhost")
client.cookies[dit["temoin"]] = dit["session"]
fichiers = {nom: SimpleUploadedFile(nom, open(lieu, "rb").read()) for nom, lieu in dit["fichiers"].items()}
with connection.execute_wrapper(couper):
    reponse = client.post(dit["adresse"], dit["champs"] | fichiers)
print(reponse.status_code, strip_tags(reponse.content.decode()), flush=True)
"""


class EnvoiTue:
    """Un envoi de formulaire, fait par un autre processus au nom de la personne qu'un client connecte."""

    def __init__(self, client: Client, adresse: str, champs: dict, fichiers: dict[str, Path] | None = None):
        self.client, self.adresse = client, adresse
        self.champs, self.fichiers = {**champs, "envoi": "unique"}, fichiers or {}

    def ecritures(self) -> int:
        """Combien de fois il écrit ; fait ici, puis défait."""
        ouverts = {nom: chemin.open("rb") for nom, chemin in self.fichiers.items()}
        with transaction.atomic(), CaptureQueriesContext(connection) as vues:
            self.client.post(self.adresse, {**self.champs, **ouverts})
            transaction.set_rollback(True)
        return sum(not une["sql"].lstrip().upper().startswith(LIRE) for une in vues.captured_queries)

    def faire(self, coupure: int = 0) -> subprocess.CompletedProcess:
        """Entier, ou tué à sa énième écriture."""
        temoin = settings.SESSION_COOKIE_NAME
        dit = {
            "coupure": coupure,
            "lire": LIRE,
            "adresse": self.adresse,
            "champs": self.champs,
            "fichiers": {nom: str(chemin) for nom, chemin in self.fichiers.items()},
            "temoin": temoin,
            "session": self.client.cookies[temoin].value,
        }
        reglages = {
            "DJANGO_SETTINGS_MODULE": "trpm.settings",
            "DEBUG": "1",
            "DATABASE_URL": adresse_des_tests(),
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            "SECRET_KEY": settings.SECRET_KEY,
        }
        return subprocess.run(
            [sys.executable, "-c", ENVOYER],
            input=json.dumps(dit).encode(),
            cwd=settings.BASE_DIR,
            env={**os.environ, **reglages},
            capture_output=True,
        )

    def tuer(self, coupure: int) -> None:
        tue = self.faire(coupure)
        assert tue.returncode == -signal.SIGKILL, tue.stdout.decode() + tue.stderr.decode()
