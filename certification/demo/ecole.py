"""Le lycée, ses comptes, ses classes et ses élèves."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cached_property

from django.contrib.auth.hashers import make_password

from certification.demo.donnees.fichiers import Donnees
from certification.demo.donnees.lycee import ClasseEcrite, EleveInvente, PromotionEcrite
from certification.demo.donnees.scenes import RECUL
from certification.demo.inscription import heure, inscrire
from certification.demo.tirages import tirage
from livret.models import (
    AnneeScolaire,
    Appartenance,
    Classe,
    Eleve,
    Etablissement,
    Groupe,
    MandatInspection,
    Promotion,
    Scolarite,
    Situation,
    Utilisateur,
)
from referentiel.models import (
    Competence,
    Detaillee,
    Grille,
    Niveau,
    Referentiel,
    Tache,
)


class Catalogue:
    """Ce que les fichiers désignent par code, pour une option."""

    def __init__(self, grille: Grille, cible: int) -> None:
        diplome = grille.referentiel
        self.competences = {c.code: c for c in Competence.objects.filter(referentiel=diplome)}
        self.detaillees = {
            d.code: d for d in Detaillee.objects.filter(competence__referentiel=diplome) if d.concerne(cible)
        }
        self.taches = {
            tache.code: tache
            for tache in Tache.objects.filter(activite__referentiel=diplome)
            if tache.option_id in (None, cible)
        }
        self.niveaux = {niveau.valeur: niveau for niveau in Niveau.objects.filter(echelle=grille.echelle)}


@dataclass
class Ecole:
    """Ce que les étapes suivantes de la démonstration retrouvent par nom."""

    donnees: Donnees
    referentiel: Referentiel
    session: int
    etablissement: Etablissement
    comptes: dict[str, Utilisateur]
    promotions: dict[str, Promotion] = field(default_factory=dict)
    classes: dict[tuple[str, str], Classe] = field(default_factory=dict)
    eleves: dict[str, list[tuple[EleveInvente, Eleve]]] = field(default_factory=dict)
    groupes: dict[str, Groupe] = field(default_factory=dict)
    situations: dict[str, Situation] = field(default_factory=dict)
    catalogues: dict[str, Catalogue] = field(default_factory=dict)

    @cached_property
    def grille(self) -> Grille:
        """Celle que le lycée a mise en service : la plus récente du fichier."""
        return self.referentiel.grilles.select_related("echelle", "referentiel")[0]

    @property
    def options(self) -> list[str]:
        return list(self.promotions)

    def catalogue(self, option: str) -> Catalogue:
        if option not in self.catalogues:
            self.catalogues[option] = Catalogue(self.grille, self.promotions[option].option_id)
        return self.catalogues[option]

    def eleve(self, nom: str) -> Eleve:
        return next(eleve for duos in self.eleves.values() for _, eleve in duos if eleve.nom == nom)

    @property
    def ouverture(self) -> datetime.datetime:
        return heure(datetime.date(self.session - 3, 9, 1), 9)


def creer_ecole(donnees: Donnees, referentiel: Referentiel, session: int, mot_de_passe: str) -> Ecole:
    lycee = donnees.etablissement
    etablissement = Etablissement(
        uai=lycee.uai, nom=lycee.nom, adresse=lycee.adresse, ville=lycee.ville, academie=lycee.academie
    )
    ouverture = heure(datetime.date(session - 3, 9, 1), 9)
    inscrire(Etablissement, [etablissement], ouverture)
    ecole = Ecole(donnees, referentiel, session, etablissement, _comptes(donnees, mot_de_passe))
    _roles(ecole)
    for promotion in donnees.eleves.promotions:
        _promotion(ecole, promotion.option)
        _eleves(ecole, promotion)
    _demi_classes(ecole)
    return ecole


def _comptes(donnees: Donnees, mot_de_passe: str) -> dict[str, Utilisateur]:
    """Seuls les comptes annoncés ont un mot de passe, le même pour tous."""
    condense, domaine = make_password(mot_de_passe), donnees.etablissement.domaine_des_courriels
    comptes = Utilisateur.objects.bulk_create(
        [
            Utilisateur(
                username=personne.identifiant,
                first_name=personne.prenom,
                last_name=personne.nom,
                email=f"{personne.identifiant}@{domaine}",
                password=condense if personne in donnees.comptes.annonces else make_password(None),
            )
            for personne in donnees.comptes.tous
        ]
    )
    return {compte.username: compte for compte in comptes}


def _roles(ecole: Ecole) -> None:
    roles = [
        Appartenance(
            utilisateur=ecole.comptes[personne.identifiant],
            etablissement=ecole.etablissement,
            role=role.value,
        )
        for personne in ecole.donnees.comptes.tous
        for role in personne.roles
    ]
    inscrire(Appartenance, roles, ecole.ouverture, ecole.comptes["admin"])
    mandats = [
        MandatInspection(
            utilisateur=ecole.comptes[personne.identifiant], academie=ecole.etablissement.academie
        )
        for personne in ecole.donnees.comptes.tous
        if personne.inspecte
    ]
    inscrire(MandatInspection, mandats, ecole.ouverture)


def _promotion(ecole: Ecole, option: str) -> None:
    promotion = Promotion.objects.create(
        etablissement=ecole.etablissement,
        nom=f"TRPM {option} {ecole.session}",
        referentiel=ecole.referentiel,
        option=ecole.referentiel.options.get(code=option),
        grille=ecole.grille,
        session=ecole.session,
    )
    ecole.promotions[option] = promotion
    for ecrite in ecole.donnees.etablissement.classes:
        if ecrite.option == option:
            _classe(ecole, promotion, ecrite)


def _classe(ecole: Ecole, promotion: Promotion, ecrite: ClasseEcrite) -> None:
    annee, _ = AnneeScolaire.objects.get_or_create(debut=ecole.session - RECUL[ecrite.niveau])
    classe = Classe.objects.create(
        etablissement=ecole.etablissement,
        annee=annee,
        nom=ecrite.nom,
        niveau=ecrite.niveau,
        promotion=promotion,
    )
    classe.equipe.set([ecole.comptes[nom] for nom in ecrite.equipe])
    ecole.classes[ecrite.option, ecrite.niveau] = classe


def _eleves(ecole: Ecole, ecrite: PromotionEcrite) -> None:
    option, promotion = ecrite.option, ecole.promotions[ecrite.option]
    statuts = {statut.code: statut for statut in ecole.referentiel.statuts.all()}
    dejas = sum(len(groupe) for groupe in ecole.eleves.values())
    eleves = [
        Eleve(
            etablissement=ecole.etablissement,
            promotion=promotion,
            nom=candidat.nom,
            prenom=candidat.prenom,
            naissance=_naissance(candidat, ecole.session - RECUL["2de"]),
            ine=f"DEMO{rang:06d}X",
            option=promotion.option,
            statut=statuts[candidat.statut],
            numero_candidat=f"DEMO-{option}-{rang:03d}",
            utilisateur=ecole.comptes.get(candidat.compte),
        )
        for rang, candidat in enumerate(ecrite.eleves, start=dejas + 1)
    ]
    inscrire(Eleve, eleves, ecole.ouverture, ecole.comptes["admin"])
    ecole.eleves[option] = list(zip(ecrite.eleves, eleves, strict=True))
    for niveau, recul in RECUL.items():
        inscrire(
            Scolarite,
            [Scolarite(eleve=eleve, classe=ecole.classes[option, niveau]) for eleve in eleves],
            heure(datetime.date(ecole.session - recul, 9, 2), 9),
            ecole.comptes["admin"],
        )


def _demi_classes(ecole: Ecole) -> None:
    ecrites = ecole.donnees.etablissement.demi_classes
    classe = ecole.classes[ecrites.option, ecrites.niveau]
    eleves = [eleve for _, eleve in ecole.eleves[ecrites.option]]
    groupes = Groupe.repartir(classe, eleves, ecrites.nom, ecrites.nombre)
    rentree = heure(datetime.date(ecole.session - RECUL[ecrites.niveau], 9, 5), 10)
    Groupe.history.filter(classe_id=classe.pk).update(
        history_date=rentree, history_user=ecole.comptes["prof"]
    )
    ecole.groupes = {groupe.nom: groupe for groupe in groupes}


def _naissance(candidat: EleveInvente, rentree: int) -> datetime.date:
    jour = int(tirage(candidat.nom, candidat.prenom, "naissance") * 365)
    return datetime.date(rentree - candidat.age, 1, 1) + datetime.timedelta(days=jour)
