"""Le lycée, ses comptes, ses classes et ses élèves."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password

from certification.demo import personnes
from certification.demo.inscription import heure, inscrire
from certification.demo.personnes import Candidat
from certification.demo.scenes import RECUL
from certification.demo.tirages import tirage
from livret.models import (
    AnneeScolaire,
    Appartenance,
    Classe,
    Eleve,
    Etablissement,
    Groupe,
    Promotion,
    Scolarite,
    Utilisateur,
)
from referentiel.models import Referentiel


@dataclass
class Ecole:
    """Ce que les étapes suivantes de la démonstration retrouvent par nom."""

    referentiel: Referentiel
    session: int
    etablissement: Etablissement
    comptes: dict[str, Utilisateur]
    promotions: dict[str, Promotion] = field(default_factory=dict)
    classes: dict[tuple[str, str], Classe] = field(default_factory=dict)
    eleves: dict[str, list[tuple[Candidat, Eleve]]] = field(default_factory=dict)
    groupes: dict[str, Groupe] = field(default_factory=dict)

    @property
    def ouverture(self) -> datetime.datetime:
        return heure(datetime.date(self.session - 3, 9, 1), 9)


def creer_ecole(referentiel: Referentiel, session: int, mot_de_passe: str) -> Ecole:
    etablissement = Etablissement(**personnes.LYCEE)
    ouverture = heure(datetime.date(session - 3, 9, 1), 9)
    inscrire(Etablissement, [etablissement], ouverture)
    ecole = Ecole(referentiel, session, etablissement, _comptes(mot_de_passe))
    _roles(ecole)
    for option in personnes.ELEVES:
        _promotion(ecole, option)
        _eleves(ecole, option)
    _demi_classes(ecole, "RSP", "Tle")
    return ecole


def _comptes(mot_de_passe: str) -> dict[str, Utilisateur]:
    """Seuls les cinq comptes annoncés ont un mot de passe, le même pour tous."""
    condense = make_password(mot_de_passe)
    annonces = {personne.identifiant for personne in personnes.COMPTES}
    comptes = Utilisateur.objects.bulk_create(
        [
            Utilisateur(
                username=personne.identifiant,
                first_name=personne.prenom,
                last_name=personne.nom,
                email=f"{personne.identifiant}@trois-etaux.invalid",
                password=condense if personne.identifiant in annonces else make_password(None),
            )
            for personne in (*personnes.COMPTES, *personnes.COLLEGUES)
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
        for personne in (*personnes.COMPTES, *personnes.COLLEGUES)
        for role in personne.roles
    ]
    inscrire(Appartenance, roles, ecole.ouverture, ecole.comptes["admin"])


def _promotion(ecole: Ecole, option: str) -> None:
    promotion = Promotion.objects.create(
        etablissement=ecole.etablissement,
        nom=f"TRPM {option} {ecole.session}",
        referentiel=ecole.referentiel,
        option=ecole.referentiel.options.get(code=option),
        session=ecole.session,
    )
    ecole.promotions[option] = promotion
    for niveau, recul in RECUL.items():
        annee, _ = AnneeScolaire.objects.get_or_create(debut=ecole.session - recul)
        classe = Classe.objects.create(
            etablissement=ecole.etablissement,
            annee=annee,
            nom=personnes.CLASSES[option, niveau],
            niveau=niveau,
            promotion=promotion,
        )
        classe.equipe.set([ecole.comptes[nom] for nom in personnes.EQUIPES[option, niveau]])
        ecole.classes[option, niveau] = classe


def _eleves(ecole: Ecole, option: str) -> None:
    promotion = ecole.promotions[option]
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
            utilisateur=ecole.comptes["eleve"] if candidat.nom == personnes.ELEVE_AVEC_COMPTE else None,
        )
        for rang, candidat in enumerate(personnes.ELEVES[option], start=dejas + 1)
    ]
    inscrire(Eleve, eleves, ecole.ouverture, ecole.comptes["admin"])
    ecole.eleves[option] = list(zip(personnes.ELEVES[option], eleves, strict=True))
    for niveau, recul in RECUL.items():
        inscrire(
            Scolarite,
            [Scolarite(eleve=eleve, classe=ecole.classes[option, niveau]) for eleve in eleves],
            heure(datetime.date(ecole.session - recul, 9, 2), 9),
            ecole.comptes["admin"],
        )


def _demi_classes(ecole: Ecole, option: str, niveau: str) -> None:
    classe, eleves = ecole.classes[option, niveau], [eleve for _, eleve in ecole.eleves[option]]
    groupes = Groupe.repartir(classe, eleves, "Demi-classe", 2)
    rentree = heure(datetime.date(ecole.session - RECUL[niveau], 9, 5), 10)
    Groupe.history.filter(classe_id=classe.pk).update(
        history_date=rentree, history_user=ecole.comptes["prof"]
    )
    ecole.groupes = {groupe.nom: groupe for groupe in groupes}


def _naissance(candidat: Candidat, rentree: int) -> datetime.date:
    jour = int(tirage(candidat.nom, candidat.prenom, "naissance") * 365)
    return datetime.date(rentree - candidat.age, 1, 1) + datetime.timedelta(days=jour)
