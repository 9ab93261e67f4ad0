"""Un élève en entreprise, son tuteur, et le lien qui ouvre sa fiche."""

from __future__ import annotations

import datetime
import uuid
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image, ImageDraw

from livret.models import (
    FicheTuteur,
    LienTuteur,
    Pfmp,
    Tuteur,
)
from livret.tuteur.models.lien import AccesTuteur
from livret.tuteur.signature import PREFIXE
from tests import factories
from tests.monde import Ecole, Monde

VISEES = ("C1", "C2", "C5")


@dataclass(frozen=True)
class Accueil:
    pfmp: Pfmp
    tuteur: Tuteur
    fiche: FicheTuteur
    acces: AccesTuteur

    @property
    def args(self) -> list[int]:
        return [self.pfmp.pk, self.tuteur.pk]

    def relue(self) -> FicheTuteur:
        return FicheTuteur.objects.get(pk=self.fiche.pk)


def accueil(ecole: Ecole, rang: int = 0, le: datetime.datetime | None = None) -> Accueil:
    """L'élève est en entreprise tout janvier 2026, C1, C2 et C5 sont visées ; le lien est du jour."""
    pfmp = pfmp_de(ecole, rang)
    tuteur = factories.tuteur(factories.entreprise(ecole.etablissement), f"Maryse Tutrice {rang + 1}")
    factories.sejour(pfmp, tuteur)
    fiche = factories.fiche_tuteur(pfmp, tuteur)
    return Accueil(pfmp, tuteur, fiche, LienTuteur.creer(fiche, ecole.enseignant, le or timezone.now()))


def pfmp_de(ecole: Ecole, rang: int = 0) -> Pfmp:
    periode = ecole.classe.periodes.first() or factories.periode(ecole.classe)
    pfmp = factories.pfmp(periode, ecole.eleves[rang], ecole.enseignant)
    diplome = ecole.promotion.referentiel
    pfmp.competences.set(diplome.competences.filter(code__in=VISEES))
    pfmp.taches.set(diplome.activites.get(code="A1").taches.all())
    return pfmp


@pytest.fixture
def stage(monde: Monde) -> Accueil:
    return accueil(monde.a)


def trace() -> str:
    """Une signature comme en envoie le navigateur : un trait noir sur fond transparent."""
    image = Image.new("RGBA", (600, 220))
    ImageDraw.Draw(image).line([(40, 180), (200, 40), (360, 170), (560, 60)], fill="black", width=5)
    sortie = BytesIO()
    image.save(sortie, "PNG")
    return PREFIXE + b64encode(sortie.getvalue()).decode()


def reponses(fiche: FicheTuteur, **codes: str) -> dict[str, str]:
    """« C1="2" » : le nom du champ de chaque compétence, et le code répondu."""
    pks = dict(fiche.pfmp.competences.values_list("code", "pk"))
    return {f"c{pks[competence]}": code for competence, code in codes.items()}


def complete(fiche: FicheTuteur, **champs: Any) -> dict[str, Any]:
    """Ce qu'envoie une page complète, signée en cochant."""
    return {
        "activites": "Contrôle de brides au poste 3.",
        "points_forts": "Ponctuel, soigneux.",
        **reponses(fiche, C1="2", C2="3", C5="NE"),
        "signataire": "Maryse Tutrice 1",
        "je_signe": "on",
        "page": str(uuid.uuid4()),
        "revision": fiche.revision,
        "envoyer": "1",
        **champs,
    }
