"""Situations, groupes, postes, modèles, pièces et demandes."""

import datetime
from collections.abc import Iterable

from django.core.files.base import ContentFile

from livret.models import (
    Affectation,
    Classe,
    Demande,
    Eleve,
    Groupe,
    ModeleSituation,
    PieceJointe,
    Poste,
    Situation,
    Utilisateur,
)
from referentiel.models import Detaillee


def groupe(classe: Classe, eleves: Iterable[Eleve] = (), nom: str = "Demi-classe A") -> Groupe:
    cercle = Groupe.objects.create(classe=classe, nom=nom)
    cercle.eleves.set(eleves)
    return cercle


def situation(
    classe: Classe,
    auteur: Utilisateur,
    competences: Iterable[str] = (),
    detaillees: Iterable[str] = (),
    **champs: object,
) -> Situation:
    """Situation certificative, ouverte, de l'année civile de la session, sauf indication contraire.

    Une détaillée dont le code sert à deux options est prise dans celle de la promotion.
    """
    session = classe.promotion.session
    scene = Situation.objects.create(
        **{
            "classe": classe,
            "auteur": auteur,
            "intitule": f"Situation {Situation.objects.count() + 1}",
            "nature": Situation.Nature.CERTIFICATIVE,
            "debut": datetime.date(session, 3, 9),
            "fin": datetime.date(session, 3, 13),
            "semestre": 6,
            "etat": Situation.Etat.OUVERTE,
            **champs,
        }
    )
    diplome = classe.promotion.referentiel
    if competences:
        scene.competences.set(diplome.competences.filter(code__in=competences))
    if detaillees:
        scene.detaillees.set(
            [
                detaillee
                for detaillee in Detaillee.objects.filter(
                    competence__referentiel=diplome, code__in=detaillees
                )
                if detaillee.concerne(classe.promotion.option_id)
            ]
        )
    return scene


def poste(situation: Situation, nom: str = "Fraiseuse", *codes: str) -> Poste:
    """Poste qui montre ces compétences et ces détaillées de la situation ; sans code, toutes."""
    machine = situation.postes.create(nom=nom, ordre=situation.postes.count() + 1)
    machine.competences.set(situation.competences.filter(code__in=codes))
    machine.detaillees.set(situation.detaillees.filter(code__in=codes))
    return machine


def affectation(poste: Poste, eleve: Eleve, tour: int = 1) -> Affectation:
    return poste.affectations.create(situation=poste.situation, eleve=eleve, tour=tour)


def modele(situation: Situation) -> ModeleSituation:
    """Copie de la situation, partagée dans la bibliothèque de son établissement."""
    return ModeleSituation.depuis(situation, situation.auteur)


def piece(situation: Situation, nom: str = "Sujet.pdf", contenu: bytes = b"%PDF-1.7 essai") -> PieceJointe:
    return PieceJointe.objects.create(
        situation=situation,
        fichier=ContentFile(contenu, nom),
        nom=nom,
        type_mime="application/pdf",
        taille=len(contenu),
        auteur=situation.auteur,
    )


def demande(eleve: Eleve, classe: Classe, competence: str = "C3") -> Demande:
    voulue = eleve.promotion.referentiel.competences.get(code=competence)
    return Demande.objects.create(eleve=eleve, classe=classe, competence=voulue)
