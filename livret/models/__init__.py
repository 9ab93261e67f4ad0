from livret.models.evaluation import Evaluation, Fiche, Observation, Saisie
from livret.models.operation import Operation
from livret.models.personnes import (
    AnneeScolaire,
    Appartenance,
    Classe,
    Eleve,
    Etablissement,
    Promotion,
    Scolarite,
    Utilisateur,
)
from livret.models.situation import Situation

__all__ = [
    "AnneeScolaire",
    "Appartenance",
    "Classe",
    "Eleve",
    "Etablissement",
    "Evaluation",
    "Fiche",
    "Observation",
    "Operation",
    "Promotion",
    "Saisie",
    "Scolarite",
    "Situation",
    "Utilisateur",
]
