"""Un processus qui sert des pages ne charge pas d'avance ce qui se dit « à la demande »."""

import os
import re
import subprocess
import sys

from django.conf import settings

from tests.test_maison import sources

CHARGER = """
import sys
from django.core.wsgi import get_wsgi_application
get_wsgi_application()
from django.urls import get_resolver
get_resolver().url_patterns
print(*sorted(set(sys.argv[1:]) & set(sys.modules)))
"""


def test_rien_de_ce_qui_attend_n_est_charge() -> None:
    trouves = (re.findall(r'ALaDemande\("([\w.]+)"\)', un.read_text(encoding="utf-8")) for un in sources())
    attendent = {nom for noms in trouves for nom in noms}
    assert len(attendent) > 10
    lu = subprocess.run(
        [sys.executable, "-c", CHARGER, *attendent],
        env={**os.environ, "DEBUG": "1", "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "trpm.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert (lu.stdout.split(), lu.returncode) == ([], 0), lu.stderr
