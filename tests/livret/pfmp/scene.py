"""Une PFMP de janvier 2026 dans chaque établissement du monde ; celle de B porte la marque INTRUS."""

import datetime
from dataclasses import dataclass

from livret.models import (
    Absence,
    Entreprise,
    Periode,
    Pfmp,
    Sejour,
    Tuteur,
    Visite,
)
from tests import factories
from tests.monde import Ecole

APRES = datetime.date(2026, 2, 10)


@dataclass(frozen=True)
class Scene:
    """Camille est en entreprise, visitée et absente un jour ; Dominique n'a pas d'entreprise."""

    entreprise: Entreprise
    tuteur: Tuteur
    periode: Periode
    camille: Pfmp
    dominique: Pfmp
    sejour: Sejour
    absence: Absence
    visite: Visite


def scene(ecole: Ecole) -> Scene:
    marque = ecole.etablissement.nom.replace("Lycée", "").strip()
    entreprise = factories.entreprise(ecole.etablissement, f"Usinage {marque}", siret="11004301500012")
    tuteur = factories.tuteur(entreprise, f"Maryse Tutrice {marque}")
    periode = factories.periode(ecole.classe, f"PFMP {marque}")
    camille = factories.pfmp(periode, ecole.eleves[0], ecole.enseignant)
    return Scene(
        entreprise,
        tuteur,
        periode,
        camille,
        factories.pfmp(periode, ecole.eleves[1]),
        factories.sejour(camille, tuteur),
        factories.absence(camille),
        factories.visite(camille, ecole.enseignant, compte_rendu=f"Bonne tenue du poste {marque}"),
    )
