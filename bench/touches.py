"""Combien de touches pour noter 30 élèves sur 4 compétences détaillées, dans un vrai navigateur."""

import os
import shutil
from typing import Any

from django.conf import settings
from django.db import connections
from django.urls import reverse

from bench import lycee
from bench.navigateur import session_ouverte
from bench.saisies import NOTEES
from bench.serveur import gunicorn
from bench.tailles import Taille
from livret.models import Situation, Utilisateur

COMPTER = "window.touches = 0; addEventListener('keydown', () => window.touches++, true)"
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


def mesurer(taille: Taille) -> dict[str, Any]:
    try:
        from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415
    except ImportError:
        return {"absent": "le paquet playwright manque"}
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        return {"absent": "Chromium est introuvable"}
    auteur = Utilisateur.objects.get(username=lycee.ENSEIGNANT)
    scene = _scene(auteur)
    session = session_ouverte(auteur)
    adresse = reverse("livret:grille", args=[scene.pk])
    eleves = scene.eleves().count()
    connections.close_all()
    with gunicorn(os.environ, processus=2) as serveur, sync_playwright() as outil:
        contexte = outil.chromium.launch(executable_path=chromium, args=OPTIONS).new_context()
        lieu = f"http://localhost:{serveur.port}"
        contexte.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": lieu}])
        contexte.add_init_script(COMPTER)
        page = contexte.new_page()
        page.goto(lieu + adresse)
        page.locator("tbody td.case input").first.click()
        page.keyboard.type("2" * eleves * NOTEES)
        expect(page.locator("td.enregistree")).to_have_count(eleves * NOTEES, timeout=60_000)
        touches = page.evaluate("window.touches")
    return {"touches": touches, "cases": scene.observations.count(), "eleves": eleves}


def _scene(auteur: Utilisateur) -> Situation:
    """Quatre détails de la même compétence, si l’une en a quatre : les colonnes se touchent."""
    classe = lycee.classe_du_banc()
    par_competence: dict[int, list[Any]] = {}
    for detaillee in lycee.detaillees_de(classe):
        par_competence.setdefault(detaillee.competence_id, []).append(detaillee)
    longue = max(par_competence.values(), key=len)
    return lycee.situation_vierge(classe, auteur, longue[:NOTEES])
