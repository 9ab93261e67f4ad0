"""Le code d'ouverture, dit par le serveur à qui le démarre ; jamais dans un journal qui se garde.

À un terminal, il s'affiche. Sans terminal (service, conteneur), ce que l'on affiche se garde : il va dans un
fichier que seul le compte du serveur lit, et le journal ne dit que ce fichier. Un compte ouvert l'efface.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from livret.ouverture.models import CodeOuverture

ADRESSE = "/ouverture/"


def fichier_du_code() -> Path:
    return Path(settings.MEDIA_ROOT) / "code-ouverture.txt"


def annoncer(sortie: TextIO | None = None) -> None:
    """Au démarrage d'un serveur ; se tait si un compte existe, ou si la base n'est pas prête."""
    try:
        code = CodeOuverture.tirer(timezone.now())
    except DatabaseError:
        return
    if not code:
        return
    sortie = sortie or sys.stderr
    if sortie.isatty():
        sortie.write(f"\nInstallation neuve. Ouvrez {ADRESSE} et donnez ce code\xa0: {code}\n\n")
    else:
        chemin = _confier(code)
        sortie.write(f"Installation neuve. Ouvrez {ADRESSE}\xa0; le code est dans {chemin}\n")
    sortie.flush()


def _confier(code: str) -> Path:
    chemin = fichier_du_code()
    chemin.parent.mkdir(parents=True, exist_ok=True)
    chemin.unlink(missing_ok=True)
    with os.fdopen(os.open(chemin, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as fichier:
        fichier.write(f"{code}\n")
    return chemin


def oublier() -> None:
    """Un compte existe : le code n'est plus nulle part."""
    CodeOuverture.objects.all().delete()
    with contextlib.suppress(OSError):
        fichier_du_code().unlink(missing_ok=True)
