"""Le monde des tests : deux établissements complets, A où l'on joue et B d'où rien ne doit filtrer.

Tout ce qui appartient à B porte la marque `INTRUS` : il suffit de la chercher dans une réponse
destinée à quelqu'un de A pour prouver qu'il n'y a pas de fuite.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import pytest
from django.db import transaction
from django.db.models import Model
from pytest_django import DjangoDbBlocker

from certification.models import Commission, Dossier
from livret.models import (
    Classe,
    Eleve,
    Etablissement,
    Promotion,
    Situation,
    Utilisateur,
)
from referentiel.models import Referentiel
from tests import factories
from tests.moulage import mouler
from trpm.permissions import Role

INTRUS = "INTRUS"


@dataclass(frozen=True)
class Ecole:
    """Un établissement, ses gens et leurs travaux.

    L'enseignant est dans l'équipe de la classe, le collègue dans aucune ; le membre siège à la
    commission. `eleves` : le premier a un compte (`compte_eleve`), le second n'en a pas.
    """

    etablissement: Etablissement
    promotion: Promotion
    classe: Classe
    administrateur: Utilisateur
    enseignant: Utilisateur
    collegue: Utilisateur
    compte_eleve: Utilisateur
    membre: Utilisateur
    president: Utilisateur
    inspecteur: Utilisateur
    eleves: tuple[Eleve, Eleve]
    situation: Situation
    commission: Commission
    dossiers: tuple[Dossier, Dossier]

    @property
    def comptes(self) -> dict[Role, Utilisateur]:
        """Un compte par rôle, qui ne tient que ce rôle."""
        return {
            Role.ADMINISTRATEUR: self.administrateur,
            Role.ENSEIGNANT: self.enseignant,
            Role.ELEVE: self.compte_eleve,
            Role.MEMBRE: self.membre,
            Role.PRESIDENT: self.president,
            Role.INSPECTEUR: self.inspecteur,
        }


@dataclass(frozen=True)
class Monde:
    referentiel: Referentiel
    a: Ecole
    b: Ecole

    def objets(self) -> dict[str, Model]:
        """Ce que ce monde tient, par un nom ; un décor moulé sur lui les désigne."""
        tenus: dict[str, Model] = {"referentiel": self.referentiel}
        for lettre, ecole in (("a", self.a), ("b", self.b)):
            for champ in fields(ecole):
                valeur = getattr(ecole, champ.name)
                rangs = valeur if isinstance(valeur, tuple) else (valeur,)
                tenus |= {f"{lettre}.{champ.name}.{rang}": objet for rang, objet in enumerate(rangs)}
        return tenus


def ecole(referentiel: Referentiel, lettre: str, marque: str = "") -> Ecole:
    """Établissement complet ; `marque` se retrouve dans tout ce qu'il affiche.

    Les deux élèves ont C1 et C2 (épreuve EP1) : niveaux 2 et 3 pour le premier, 1 et absent pour
    le second, avec une observation et une fiche pour chacun.
    """
    academie = f"Académie d’essai {marque}".strip()
    lieu = factories.etablissement(f"Lycée {lettre} {marque}".strip(), academie=academie)
    nom = marque or f"Personne-{lettre}"

    def compte(role: str, *roles: Role) -> Utilisateur:
        return factories.utilisateur(
            *roles, etablissement=lieu, nom=nom, identifiant=f"{role}-{lettre}".lower()
        )

    enseignant, membre = compte("enseignant", Role.ENSEIGNANT), compte("membre", Role.MEMBRE)
    promotion = factories.promotion(lieu, referentiel, nom=f"Promotion {lettre} {marque}".strip())
    classe = factories.classe(promotion, [enseignant], nom=f"Tle {lettre} {marque}".strip())
    compte_eleve = compte("eleve")
    eleves = (
        factories.eleve(classe, f"{marque or 'ALPHA'}-{lettre}1", "Camille", compte=compte_eleve),
        factories.eleve(classe, f"{marque or 'ALPHA'}-{lettre}2", "Dominique"),
    )
    situation = _situation(classe, enseignant, eleves, lettre, marque)
    commission = factories.commission(
        promotion, "EP1", [membre], intitule=f"Commission EP1 {lettre} {marque}".strip()
    )
    return Ecole(
        etablissement=lieu,
        promotion=promotion,
        classe=classe,
        administrateur=compte("administrateur", Role.ADMINISTRATEUR),
        enseignant=enseignant,
        collegue=compte("collegue", Role.ENSEIGNANT),
        compte_eleve=compte_eleve,
        membre=membre,
        president=compte("president", Role.PRESIDENT),
        inspecteur=factories.inspecteur(compte("inspecteur"), academie),
        eleves=eleves,
        situation=situation,
        commission=commission,
        dossiers=(factories.dossier(commission, eleves[0]), factories.dossier(commission, eleves[1])),
    )


def _situation(
    classe: Classe, auteur: Utilisateur, eleves: tuple[Eleve, Eleve], lettre: str, marque: str
) -> Situation:
    situation = factories.situation(
        classe,
        auteur,
        competences=["C1", "C2"],
        detaillees=["C1.1", "C1.2", "C2.1"],
        intitule=f"Étude de gamme {lettre} {marque}".strip(),
        description=f"Étudier la gamme {marque}".strip(),
        moyens=f"Plan de définition {marque}".strip(),
    )
    premier, second = eleves
    factories.evaluation(situation, premier, "C1", 2)
    factories.evaluation(situation, premier, "C2", 3)
    factories.evaluation(situation, second, "C1", 1)
    factories.evaluation(situation, second, "C2", mention="ABS")
    factories.observation(situation, premier, "C1.1", 2)
    factories.observation(situation, second, "C1.1", 1)
    for eleve in eleves:
        factories.fiche(situation, eleve, f"Gamme cohérente {marque}".strip())
    return situation


def deux_ecoles() -> Monde:
    """Deux établissements sur le même référentiel d'essai ; B porte partout la marque INTRUS."""
    referentiel = factories.referentiel()
    return Monde(referentiel, ecole(referentiel, "A"), ecole(referentiel, "B", INTRUS))


@pytest.fixture
def monde(db: None) -> Monde:
    return mouler("monde", deux_ecoles)


@pytest.fixture(scope="module")
def monde_du_fichier(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Monde]:
    """Le même monde pour tous les tests d'un fichier : chacun défait ce qu'il y change (point de sauvegarde).

    Pour un fichier qui ne fait que lire par l'application, et qui ne touche pas aux objets de ce monde.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield deux_ecoles()
        transaction.set_rollback(True)
