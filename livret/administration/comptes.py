"""Ouvrir des comptes, donner et reprendre des rôles, remettre un mot de passe.

Un mot de passe n'est jamais gardé en clair : il est rendu une fois, à qui vient de le demander.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from axes.utils import reset
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from livret.personnes.identifiants import base_identifiant, identifiant_libre, mot_de_passe_lisible
from livret.personnes.models.compte import Appartenance, Etablissement, Utilisateur
from livret.personnes.models.eleve import Eleve
from trpm.comptes.bienvenue import lien_de_bienvenue
from trpm.permissions import Role
from trpm.textes import inerte

SEUL_ADMINISTRATEUR = (
    "C’est le dernier administrateur de l’établissement : donnez d’abord ce rôle à une autre personne."
)
SANS_ROLE = "Un compte garde au moins un rôle ; pour fermer l’accès, désactivez-le."


@dataclass(frozen=True)
class AccesCompte:
    """Ce que l'on remet à une personne, une seule fois."""

    nom: str
    identifiant: str
    mot_de_passe: str
    compte: Utilisateur
    """À qui l'invitation mène ; son lien se bâtit pour la page ou le courriel qui le montre."""


def identifiants_pris(bases: Iterable[str]) -> set[str]:
    """Identifiants qui commencent comme l'un de ceux-ci, sans égard à la casse."""
    debuts = {base.casefold() for base in bases}
    noms = Utilisateur.objects.values_list("username", flat=True)
    return {nom.casefold() for nom in noms if nom.casefold().startswith(tuple(debuts))}


def ouvrir_compte(compte: Utilisateur, etablissement: Etablissement, roles: Iterable[str]) -> AccesCompte:
    """Crée le compte d'un adulte, avec ses rôles dans l'établissement."""
    mot_de_passe = mot_de_passe_lisible()
    compte.password, compte.provisoire = make_password(mot_de_passe), True
    with transaction.atomic():
        compte.save()
        changer_roles(compte, etablissement, roles)
    return AccesCompte(compte.nom_complet, compte.username, mot_de_passe, compte)


def ouvrir_comptes_eleves(eleves: Iterable[Eleve], auteur: Utilisateur) -> list[AccesCompte]:
    """Un compte pour chacun de ces élèves qui n'en a pas."""
    sans_compte = [eleve for eleve in eleves if eleve.utilisateur_id is None]
    bases = {eleve.pk: base_identifiant(eleve.prenom, eleve.nom) for eleve in sans_compte}
    pris = identifiants_pris(bases.values()) if bases else set()
    mots, haches = _mots_de_passe(len(sans_compte))
    comptes = [
        Utilisateur(
            username=identifiant_libre(bases[eleve.pk], pris),
            first_name=eleve.prenom,
            last_name=eleve.nom,
            password=hache,
            provisoire=True,
        )
        for eleve, hache in zip(sans_compte, haches, strict=True)
    ]
    with transaction.atomic():
        Utilisateur.objects.bulk_create(comptes)
        for eleve, compte in zip(sans_compte, comptes, strict=True):
            eleve.utilisateur = compte
        bulk_update_with_history(sans_compte, Eleve, ["utilisateur"], default_user=auteur)
    return [
        AccesCompte(eleve.nom_complet, compte.username, mot, compte)
        for eleve, compte, mot in zip(sans_compte, comptes, mots, strict=True)
    ]


def ouvrir_comptes_adultes(
    personnes: Iterable[tuple[Utilisateur, Iterable[str]]], lieu: Etablissement, auteur: Utilisateur
) -> list[AccesCompte]:
    """Crée d'un seul tenant ces comptes, chacun avec ses rôles ici ; leur identifiant se déduit du nom."""
    personnes = list(personnes)
    bases = [base_identifiant(compte.first_name, compte.last_name) for compte, _ in personnes]
    pris = identifiants_pris(bases) if bases else set()
    mots, haches = _mots_de_passe(len(personnes))
    for (compte, _), base, hache in zip(personnes, bases, haches, strict=True):
        compte.username = identifiant_libre(base, pris)
        compte.password, compte.provisoire = hache, True
    with transaction.atomic():
        Utilisateur.objects.bulk_create([compte for compte, _ in personnes])
        tenus = [
            Appartenance(utilisateur=compte, etablissement=lieu, role=role)
            for compte, roles in personnes
            for role in sorted(roles)
        ]
        bulk_create_with_history(tenus, Appartenance, default_user=auteur)
    return [
        AccesCompte(compte.nom_complet, compte.username, mot, compte)
        for (compte, _), mot in zip(personnes, mots, strict=True)
    ]


def _mots_de_passe(nombre: int) -> tuple[list[str], list[str]]:
    """Autant de mots de passe, en clair et hachés : c'est long et rend la main, donc fait à plusieurs."""
    mots = [mot_de_passe_lisible() for _ in range(nombre)]
    with ThreadPoolExecutor() as fils:
        return mots, list(fils.map(make_password, mots))


def remettre_mot_de_passe(compte: Utilisateur) -> AccesCompte:
    """Nouveau mot de passe, provisoire ; les sessions ouvertes se ferment, le verrou de connexion aussi."""
    mot_de_passe = mot_de_passe_lisible()
    compte.set_password(mot_de_passe)
    compte.provisoire = True
    compte.save(update_fields=["password", "provisoire"])
    reset(username=compte.username)
    return AccesCompte(compte.nom_complet, compte.username, mot_de_passe, compte)


def changer_roles(compte: Utilisateur, etablissement: Etablissement, roles: Iterable[str]) -> None:
    """Donne au compte exactement ces rôles dans l'établissement ; `ValidationError` si c'est impossible."""
    voulus = set(roles)
    with transaction.atomic():
        Etablissement.objects.select_for_update().get(pk=etablissement.pk)
        tenus = {tenu.role: tenu for tenu in compte.appartenances.filter(etablissement=etablissement)}
        if Role.ADMINISTRATEUR in tenus.keys() - voulus:
            exiger_autre_administrateur(compte, etablissement)
        if tenus and not voulus and not _a_d_autres_attaches(compte, etablissement):
            raise ValidationError(SANS_ROLE)
        for role in tenus.keys() - voulus:
            tenus[role].delete()
        for role in sorted(voulus - tenus.keys()):
            Appartenance.objects.create(utilisateur=compte, etablissement=etablissement, role=role)
        if Role.ENSEIGNANT in tenus.keys() - voulus:
            compte.classes.through.objects.filter(
                utilisateur=compte, classe__etablissement=etablissement
            ).delete()


def desactiver(compte: Utilisateur, etablissement: Etablissement) -> None:
    with transaction.atomic():
        Etablissement.objects.select_for_update().get(pk=etablissement.pk)
        for tenu in compte.appartenances.filter(role=Role.ADMINISTRATEUR).select_related("etablissement"):
            exiger_autre_administrateur(compte, tenu.etablissement)
        compte.is_active = False
        compte.save(update_fields=["is_active"])


def exiger_autre_administrateur(compte: Utilisateur, etablissement: Etablissement) -> None:
    autres = etablissement.appartenances.filter(
        role=Role.ADMINISTRATEUR, utilisateur__is_active=True
    ).exclude(utilisateur=compte)
    if not autres.exists():
        raise ValidationError(SEUL_ADMINISTRATEUR)


def _a_d_autres_attaches(compte: Utilisateur, etablissement: Etablissement) -> bool:
    ailleurs = compte.appartenances.exclude(etablissement=etablissement).exists()
    return ailleurs or Eleve.objects.filter(utilisateur=compte).exists()


def en_csv(acces: Iterable[AccesCompte], site: str) -> bytes:
    """Table à distribuer, pour un tableur français ; un nom n'y devient jamais une formule (Q44)."""
    sortie = io.StringIO()
    table = csv.writer(sortie, delimiter=";")
    table.writerow(["Nom", "Identifiant", "Mot de passe provisoire", "Lien d’invitation"])
    for acces_remis in acces:
        lien = lien_de_bienvenue(acces_remis.compte, site)
        table.writerow([inerte(acces_remis.nom), acces_remis.identifiant, acces_remis.mot_de_passe, lien])
    return sortie.getvalue().encode("utf-8-sig")
