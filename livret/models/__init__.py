from livret.models.autoevaluation import AutoEvaluation
from livret.models.bilan_intermediaire import Bilan
from livret.models.demande import Demande
from livret.models.echelle import Attente, EchelleAttendue
from livret.models.entete import Entete
from livret.models.evaluation import Evaluation, Fiche, Observation, Remarque, Saisie
from livret.models.groupe import Groupe
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
from livret.models.pfmp import Absence, Entreprise, Periode, Pfmp, Sejour, Tuteur, Visite
from livret.models.phrase import Phrase
from livret.models.piece import PieceJointe
from livret.models.poste import Affectation, Poste, PosteModele
from livret.models.sequence import PfmpPrevue, SansCours, Sequence
from livret.models.situation import Situation
from livret.models.trace import Trace
from livret.models.tuteur import AvisTuteur, EssaiDeCode, FicheTuteur, LienTuteur

__all__ = [
    "Absence",
    "Affectation",
    "AnneeScolaire",
    "Appartenance",
    "Attente",
    "AutoEvaluation",
    "AvisTuteur",
    "Bilan",
    "Classe",
    "Demande",
    "EchelleAttendue",
    "Eleve",
    "Entete",
    "Entreprise",
    "EssaiDeCode",
    "Etablissement",
    "Evaluation",
    "Fiche",
    "FicheTuteur",
    "LienTuteur",
    "Groupe",
    "ModeleSituation",
    "Observation",
    "Operation",
    "Periode",
    "Pfmp",
    "PfmpPrevue",
    "Phrase",
    "PieceJointe",
    "Poste",
    "PosteModele",
    "Promotion",
    "Remarque",
    "Saisie",
    "SansCours",
    "Scolarite",
    "Sejour",
    "Sequence",
    "Situation",
    "Trace",
    "Tuteur",
    "Utilisateur",
    "Visite",
]
