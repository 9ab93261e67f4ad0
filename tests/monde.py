"""Le monde des tests : deux établissements complets, A où l'on joue et B d'où rien ne doit filtrer.

Tout ce qui appartient à B porte la marque `INTRUS` : il suffit de la chercher dans une réponse
destinée à quelqu'un de A pour prouver qu'il n'y a pas de fuite.
"""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
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


@dataclass(frozen=True)
class Moulage:
    """Les lignes d'un monde, table par table, et ses objets : de quoi le reposer sans le rebâtir."""

    lignes: dict[str, tuple[str, list[tuple[Any, ...]]]]
    objets: bytes

    @classmethod
    def prendre(cls, monde: Monde, tables: list[str]) -> "Moulage":
        lignes = {}
        with connection.cursor() as curseur:
            for table in tables:
                curseur.execute(f'SELECT * FROM "{table}"')
                if rangees := curseur.fetchall():
                    colonnes = [une[0] for une in curseur.description]
                    noms = ", ".join(f'"{nom}"' for nom in colonnes)
                    places = ", ".join(["%s"] * len(colonnes))
                    lignes[table] = (f'INSERT INTO "{table}" ({noms}) VALUES ({places})', rangees)
        return cls(lignes, pickle.dumps(monde))

    def reposer(self) -> Monde:
        with transaction.atomic(), connection.cursor() as curseur:
            for insertion, rangees in self.lignes.values():
                curseur.executemany(insertion, rangees)
        return pickle.loads(self.objets)


_moulages: list[Moulage] = []


def _tables() -> list[str]:
    modeles = (un._meta for un in apps.get_models(include_auto_created=True))
    return [un.db_table for un in modeles if un.app_label in ("referentiel", "livret", "certification")]


def _vide(tables: list[str]) -> bool:
    with connection.cursor() as curseur:
        curseur.execute(" UNION ALL ".join(f'SELECT EXISTS (SELECT 1 FROM "{table}")' for table in tables))
        return not any(une for (une,) in curseur.fetchall())


@pytest.fixture
def monde(db: None) -> Monde:
    """Bâti une fois par processus, puis reposé tel quel : le bâtir coûte plus que la plupart des tests."""
    tables = _tables()
    if not _vide(tables):
        return deux_ecoles()
    if _moulages:
        return _moulages[0].reposer()
    bati = deux_ecoles()
    _moulages.append(Moulage.prendre(bati, tables))
    return bati


@pytest.fixture(scope="module")
def monde_du_fichier(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Monde]:
    """Le même monde pour tous les tests d'un fichier : chacun défait ce qu'il y change (point de sauvegarde).

    Pour un fichier qui ne fait que lire par l'application, et qui ne touche pas aux objets de ce monde.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield deux_ecoles()
        transaction.set_rollback(True)
