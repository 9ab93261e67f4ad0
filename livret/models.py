from livret.administration.models import ColonnesRetenues
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
from livret.famille.models import AccuseDeLecture, Responsable
from livret.ouverture.models import CodeOuverture
from livret.personnes.entete import Entete
from livret.personnes.inspection import MandatInspection
from livret.personnes.models.changement import ChangementDePromotion
from livret.personnes.models.classe import AnneeScolaire, Classe, Promotion
from livret.personnes.models.compte import Appartenance, Etablissement, Utilisateur
from livret.personnes.models.eleve import Eleve, Scolarite
from livret.personnes.models.invitation import Invitation
from livret.personnes.models.jeton import Jeton
from livret.personnes.photo import PhotoEleve
from livret.pfmp.models.entreprise import Entreprise, Tuteur
from livret.pfmp.models.pfmp import Periode, Pfmp
from livret.pfmp.models.sejour import Absence, Sejour, Visite
from livret.progression.models.echelle import Attente, EchelleAttendue
from livret.progression.models.sequence import PfmpPrevue, SansCours, Sequence
from livret.rentree.models import PassageDAnnee
from livret.saisie.operation import Operation
from livret.saisie.phrase import Phrase
from livret.situation.models.demande import Demande
from livret.situation.models.groupe import Groupe
from livret.situation.models.modele import ModeleSituation
from livret.situation.models.piece import PieceJointe
from livret.situation.models.poste import Affectation, Poste, PosteModele
from livret.situation.models.situation import Situation
from livret.transfert.models import TransfertRecu
from livret.tuteur.models.fiche import AvisTuteur, FicheTuteur
from livret.tuteur.models.lien import EssaiDeCode, LienTuteur

__all__ = [
    "Absence",
    "AccuseDeLecture",
    "Affectation",
    "AnneeScolaire",
    "Appartenance",
    "Attente",
    "AutoEvaluation",
    "AvisTuteur",
    "Bilan",
    "ChangementDePromotion",
    "Classe",
    "CodeOuverture",
    "ColonnesRetenues",
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
    "Groupe",
    "Invitation",
    "Jeton",
    "LienTuteur",
    "MandatInspection",
    "ModeleSituation",
    "Observation",
    "Operation",
    "PassageDAnnee",
    "Periode",
    "Pfmp",
    "PfmpPrevue",
    "PhotoEleve",
    "Phrase",
    "PieceJointe",
    "Poste",
    "PosteModele",
    "Promotion",
    "Remarque",
    "Responsable",
    "Saisie",
    "SansCours",
    "Scolarite",
    "Sejour",
    "Sequence",
    "Situation",
    "Trace",
    "TransfertRecu",
    "Tuteur",
    "Utilisateur",
    "Visite",
]
