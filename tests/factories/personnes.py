"""Établissements, comptes, promotions, classes, élèves."""

import datetime
from collections.abc import Iterable

from livret.models import (
    AnneeScolaire,
    Appartenance,
    Classe,
    Eleve,
    Etablissement,
    MandatInspection,
    Promotion,
    Scolarite,
    Utilisateur,
)
from livret.personnes.identifiants import lettre_uai
from referentiel.models import Grille, Referentiel
from tests.factories.referentiel import SESSION
from trpm.permissions import Role

MOT_DE_PASSE = "sesame-de-test-7"


def etablissement(
    nom: str = "Lycée des Essais", numero: str = "", academie: str = "Académie d’essai"
) -> Etablissement:
    numero = numero or f"{100_000 + Etablissement.objects.count():07d}"
    return Etablissement.objects.create(
        uai=numero + lettre_uai(numero), nom=nom, ville="Essai-sur-Loire", academie=academie
    )


def inspecteur(compte: Utilisateur, academie: str = "Académie d’essai") -> Utilisateur:
    """Ce compte, mandaté pour l’académie."""
    MandatInspection.objects.create(utilisateur=compte, academie=academie)
    return compte


def utilisateur(
    *roles: Role, etablissement: Etablissement | None = None, nom: str = "Essai", identifiant: str = ""
) -> Utilisateur:
    """Compte qui tient ces rôles dans l'établissement ; le rôle d'élève vient de `eleve(compte=…)`."""
    identifiant = identifiant or f"compte{Utilisateur.objects.count() + 1}"
    compte = Utilisateur.objects.create_user(
        identifiant,
        f"{identifiant}@essai.invalid",
        MOT_DE_PASSE,
        first_name=identifiant.title(),
        last_name=nom,
    )
    for role in roles:
        Appartenance.objects.create(utilisateur=compte, etablissement=etablissement, role=role.value)
    return compte


def promotion(
    etablissement: Etablissement,
    referentiel: Referentiel,
    option: str = "USI",
    session: int = SESSION,
    nom: str = "",
    grille: Grille | None = None,
) -> Promotion:
    return Promotion.objects.create(
        etablissement=etablissement,
        nom=nom or f"{option} {session} n° {Promotion.objects.count() + 1}",
        referentiel=referentiel,
        option=referentiel.options.get(code=option),
        grille=grille or referentiel.grilles.all()[0],
        session=session,
    )


def classe(
    promotion: Promotion,
    equipe: Iterable[Utilisateur] = (),
    niveau: str = "",
    nom: str = "",
) -> Classe:
    """Classe de la promotion, en dernière année par défaut ; l'année scolaire se déduit du niveau et de la
    session."""
    annees = promotion.referentiel.cycle.annees
    niveau = niveau or annees[-1]
    recul = len(annees) - annees.index(niveau)
    annee, _ = AnneeScolaire.objects.get_or_create(debut=promotion.session - recul)
    division = Classe.objects.create(
        etablissement=promotion.etablissement,
        annee=annee,
        nom=nom or f"{niveau} {Classe.objects.count() + 1}",
        niveau=niveau,
        promotion=promotion,
    )
    division.equipe.set(equipe)
    return division


def eleve(
    classe: Classe,
    nom: str = "",
    prenom: str = "Alix",
    statut: str | None = "scolaire",
    compte: Utilisateur | None = None,
    **champs: object,
) -> Eleve:
    """Élève inscrit dans la classe."""
    rang = Eleve.objects.count() + 1
    candidat = Eleve.objects.create(
        etablissement=classe.etablissement,
        promotion=classe.promotion,
        nom=nom or f"CANDIDAT{rang:02d}",
        prenom=prenom,
        naissance=champs.pop("naissance", datetime.date(2008, 3, 14)),
        ine=champs.pop("ine", f"ESSAI{rang:05d}Z"),
        option=champs.pop("option", classe.promotion.option),
        statut=statut and classe.promotion.referentiel.statuts.get(code=statut),
        utilisateur=compte,
        **champs,
    )
    Scolarite.objects.create(eleve=candidat, classe=classe)
    return candidat
