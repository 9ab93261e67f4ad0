from livret.bilan.models import Bilan
from livret.eleve.autoevaluation import AutoEvaluation
from livret.evaluation.models import (
    Evaluation,
    Fiche,
    Observation,
    Remarque,
    Saisie,
)
from livret.evaluation.trace import Trace
from livret.personnes.entete import Entete
from livret.personnes.inspection import MandatInspection
from livret.personnes.models import (
    AnneeScolaire,
    Appartenance,
    Classe,
    Eleve,
    Etablissement,
    Promotion,
    Scolarite,
    Utilisateur,
)
from livret.pfmp.models import (
    Absence,
    Entreprise,
    Periode,
    Pfmp,
    Sejour,
    Tuteur,
    Visite,
)
from livret.progression.models.echelle import Attente, EchelleAttendue
from livret.progression.models.sequence import PfmpPrevue, SansCours, Sequence
from livret.saisie.operation import Operation
from livret.saisie.phrase import Phrase
from livret.situation.models.demande import Demande
from livret.situation.models.groupe import Groupe
from livret.situation.models.modele import ModeleSituation
from livret.situation.models.piece import PieceJointe
from livret.situation.models.poste import Affectation, Poste, PosteModele
from livret.situation.models.situation import Situation
from livret.tuteur.models import (
    AvisTuteur,
    EssaiDeCode,
    FicheTuteur,
    LienTuteur,
)

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
    "MandatInspection",
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
