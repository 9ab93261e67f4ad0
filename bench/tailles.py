"""Combien : la classe, les répétitions, les volumes. Module pur."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Taille:
    eleves: int = 30
    situations: int = 15
    items: int = 12
    tours: int = 9
    secondes_par_tour: float = 0.4
    lignes: int = 200_000
    tours_de_documents: int = 2
    ecrivains: int = 10
    cases_par_ecrivain: int = 200
    eleves_nombreux: int = 32
    enseignants: int = 30
    secondes_de_charge: float = 60
    candidats: int = 300
    lecteurs: int = 300
    secondes_de_lecture: float = 15
    classes: int = 12
    situations_du_cycle: int = 45
    competences: int = 625
    secondes_d_ecoute: float = 5
    serveurs: int | None = None
    """Processus de gunicorn ; par défaut, ceux que conseille docs/exploitation.md."""
    essais_du_tableur: int = 1
    """Conversions qui ne comptent pas : la première crée un profil, ce qu’un serveur ne paie qu’une fois."""


RAPIDE = Taille(
    eleves=3,
    situations=2,
    tours=1,
    secondes_par_tour=0.01,
    lignes=1_000,
    tours_de_documents=1,
    ecrivains=3,
    cases_par_ecrivain=5,
    eleves_nombreux=4,
    enseignants=4,
    secondes_de_charge=1,
    candidats=5,
    lecteurs=6,
    secondes_de_lecture=0.5,
    classes=1,
    situations_du_cycle=6,
    competences=24,
    secondes_d_ecoute=0.1,
    serveurs=1,
    essais_du_tableur=0,
)
