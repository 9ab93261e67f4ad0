"""Ce que coûtent, dans un établissement entier, les pages qui le lisent tout entier, et la recherche."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from django.urls import reverse

from bench.chronometre import Geste, mesures, rapport
from bench.pages import SIMPLE, lecture, navigateur_du_banc, nombre_de_requetes, vue_simple
from bench.processus import memoire_au_plus_haut
from bench.tailles import Taille
from certification.models import Commission, Dossier
from livret.models import Eleve, Observation
from tests.factories import SESSION


def mesurer(taille: Taille) -> dict[str, Any]:
    """La première visite, puis les suivantes ; la mémoire est la plus haute de ce processus (`VmHWM`)."""
    navigateur = navigateur_du_banc()
    simple = vue_simple(navigateur)
    simple()
    commission = Commission.objects.filter(session=SESSION).order_by("pk")[0]
    lieu = [commission.etablissement_id, SESSION]
    lycee = "Lycée du banc"
    adresses = {
        f"avancement ({Dossier.objects.count()} dossiers)": (
            reverse("certification:cockpit", args=lieu),
            lycee,
        ),
        "harmonisation": (reverse("certification:harmonisation", args=lieu), lycee),
        f"commission ({commission.dossiers.count()} dossiers)": (commission.get_absolute_url(), lycee),
        f"recherche ({Eleve.objects.count()} élèves)": (f"{reverse('chercher')}?q=candidat01", "CANDIDAT01"),
    }
    gestes: dict[str, Geste] = {SIMPLE: simple}
    premieres: dict[str, float | None] = {SIMPLE: None}
    for nom, (adresse, attendu) in adresses.items():
        debut = time.process_time()
        gestes[nom] = lecture(navigateur, adresse, attendu)
        premieres[nom] = time.process_time() - debut
    memoire = memoire_au_plus_haut()
    requetes = {nom: nombre_de_requetes(geste) for nom, geste in gestes.items()}
    releves, travail = mesures(gestes, taille)
    return {
        "saisies": Observation.objects.count(),
        "memoire": memoire,
        "lignes": [
            {
                "page": nom,
                "premiere": premieres[nom],
                "secondes": median(releves[nom]),
                "rapport": rapport(releves, nom, SIMPLE),
                "processeur": rapport(travail, nom, SIMPLE),
                "requetes": requetes[nom],
            }
            for nom in gestes
        ],
    }
