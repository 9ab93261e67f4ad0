from livret.models.evaluation import Evaluation, Fiche, Observation, Saisie
from livret.models.modele import ModeleSituation
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
from livret.models.piece import PieceJointe
from livret.models.situation import Situation

__all__ = [
    "AnneeScolaire",
    "Appartenance",
    "Classe",
    "Eleve",
    "Etablissement",
    "Evaluation",
    "Fiche",
    "ModeleSituation",
    "Observation",
    "PieceJointe",
    "Operation",
    "Promotion",
    "Saisie",
    "Scolarite",
    "Situation",
    "Utilisateur",
]
