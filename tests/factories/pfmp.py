"""Entreprises, tuteurs, périodes, PFMP et séjours."""

import datetime
from decimal import Decimal

from livret.models import (
    Absence,
    Classe,
    Eleve,
    Entreprise,
    Etablissement,
    Periode,
    Pfmp,
    Sejour,
    Tuteur,
    Utilisateur,
    Visite,
)


def entreprise(etablissement: Etablissement, nom: str = "Usinage des Essais", **champs: object) -> Entreprise:
    return Entreprise.objects.create(
        etablissement=etablissement, nom=nom, **{"ville": "Essai-sur-Loire", **champs}
    )


def periode(
    classe: Classe, intitule: str = "PFMP n° 1", debut: str = "2026-01-05", fin: str = "2026-01-30"
) -> Periode:
    """Quatre semaines de janvier, du lundi 5 au vendredi 30 : vingt jours."""
    return Periode.objects.create(
        classe=classe,
        intitule=intitule,
        debut=datetime.date.fromisoformat(debut),
        fin=datetime.date.fromisoformat(fin),
    )


def pfmp(periode: Periode, eleve: Eleve, referent: Utilisateur | None = None, **champs: object) -> Pfmp:
    return Pfmp.objects.create(periode=periode, eleve=eleve, referent=referent, **champs)


def sejour(pfmp: Pfmp, tuteur: Tuteur, debut: str = "", fin: str = "", **champs: object) -> Sejour:
    """Chez ce tuteur, aux dates de la période par défaut."""
    return Sejour.objects.create(
        pfmp=pfmp,
        entreprise=tuteur.entreprise,
        tuteur=tuteur,
        debut=datetime.date.fromisoformat(debut) if debut else pfmp.periode.debut,
        fin=datetime.date.fromisoformat(fin) if fin else pfmp.periode.fin,
        **champs,
    )


def absence(pfmp: Pfmp, debut: str = "2026-01-06", jours: str = "1", **champs: object) -> Absence:
    return Absence.objects.create(
        **{
            "pfmp": pfmp,
            "debut": datetime.date.fromisoformat(debut),
            "fin": datetime.date.fromisoformat(debut),
            "jours": Decimal(jours),
            **champs,
        }
    )


def visite(pfmp: Pfmp, par: Utilisateur, date: str = "2026-01-20", **champs: object) -> Visite:
    return Visite.objects.create(pfmp=pfmp, par=par, date=datetime.date.fromisoformat(date), **champs)
