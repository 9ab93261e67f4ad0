"""Les bilans intermédiaires de la démonstration : deux semestres validés, le dernier en cours."""

from __future__ import annotations

import datetime
from typing import Any

from certification.demo import appreciations
from certification.demo.ecole import Ecole
from certification.demo.inscription import heure, inscrire
from certification.demo.personnes import Candidat
from certification.demo.tirages import choix
from livret.bilan.contenu import objectifs_proposes
from livret.bilan.lus import instantanes
from livret.models import Bilan, Eleve

E = Bilan.Etat
OPTION = "RSP"
# Niveau de la classe, semestre, semaine ISO, années avant la session, enseignants qui mènent les entretiens.
VALIDES = (("1re", 4, 24, 1, ("m.lebrun", "y.kaddour")), ("Tle", 5, 5, 0, ("prof", "m.lebrun", "j.prigent")))
EN_COURS = ("Tle", 6, 15)
PREPARES, ECRITS = 12, 16
CORRIGE = ("BERTHIER", "Points convenus complétés à la demande de l’élève.")


def creer_bilans(ecole: Ecole) -> None:
    for niveau, semestre, semaine, recul, enseignants in VALIDES:
        jour = datetime.date.fromisocalendar(ecole.session - recul, semaine, 5)
        bilans = _bilans(ecole, niveau, semestre, jour)
        for rang, (candidat, bilan) in enumerate(bilans):
            _ecrire(ecole, candidat, bilan)
            _mots(ecole, candidat, bilan)
            _entretien(ecole, bilan, enseignants[rang % len(enseignants)])
            _valider(bilan, rang)
        _sceller([bilan for _, bilan in bilans], heure(jour, 12))
    _corriger(ecole, bilans)
    _en_cours(ecole)


def _bilans(ecole: Ecole, niveau: str, semestre: int, jour: datetime.date) -> list[tuple[Candidat, Bilan]]:
    commun: dict[str, Any] = {
        "classe": ecole.classes[OPTION, niveau],
        "semestre": semestre,
        "date": jour,
        "auteur": ecole.comptes["prof" if niveau == "Tle" else "m.lebrun"],
    }
    eleves = {
        eleve.pk: eleve
        for eleve in Eleve.objects.filter(promotion=ecole.promotions[OPTION]).select_related(
            "etablissement", "option", "promotion__referentiel", "statut"
        )
    }
    bilans = [(candidat, Bilan(eleve=eleves[eleve.pk], **commun)) for candidat, eleve in ecole.eleves[OPTION]]
    for (_, bilan), fige in zip(bilans, instantanes([bilan for _, bilan in bilans]), strict=True):
        bilan.objectifs = objectifs_proposes(fige)
    return bilans


def _ecrire(ecole: Ecole, candidat: Candidat, bilan: Bilan) -> None:
    famille = appreciations.BILAN[0 if candidat.aisance < 1.7 else 1 if candidat.aisance < 2.4 else 2]
    bilan.appreciation = choix(famille, candidat.nom, str(bilan.semestre), "bilan")
    objectif = choix(appreciations.OBJECTIFS, candidat.nom, str(bilan.semestre), "objectif")
    bilan.objectifs = "\n".join(filter(None, [bilan.objectifs, objectif]))


def _mots(ecole: Ecole, candidat: Candidat, bilan: Bilan) -> None:
    bilan.mots = choix(appreciations.MOTS, candidat.nom, str(bilan.semestre), "mots")
    bilan.mots_par = bilan.eleve.utilisateur or bilan.auteur


def _entretien(ecole: Ecole, bilan: Bilan, enseignant: str) -> None:
    bilan.entretien_le = bilan.date + datetime.timedelta(days=4)
    bilan.entretien_avec = ecole.comptes[enseignant]
    bilan.enseignant_present = bilan.eleve_present = True
    bilan.convenu = choix(appreciations.CONVENU, bilan.eleve.nom, str(bilan.semestre), "convenu")


def _valider(bilan: Bilan, rang: int) -> None:
    bilan.etat = E.VALIDE
    bilan.valide_par = bilan.entretien_avec
    bilan.valide_le = heure(bilan.date + datetime.timedelta(days=7), 9 + rang % 8)


def _sceller(bilans: list[Bilan], le: datetime.datetime) -> None:
    """Fige ce qui n'est plus un brouillon, puis enregistre."""
    for bilan, fige in zip(bilans, instantanes(bilans), strict=True):
        if bilan.etat != E.BROUILLON:
            bilan.niveaux_pris_le = le
            bilan.sceller(fige.vers_json())
    inscrire(Bilan, bilans, le, bilans[0].auteur)


def _corriger(ecole: Ecole, bilans: list[tuple[Candidat, Bilan]]) -> None:
    nom, motif = CORRIGE
    premier = next(bilan for candidat, bilan in bilans if candidat.nom == nom)
    second = Bilan(eleve=premier.eleve, classe=premier.classe, semestre=premier.semestre, date=premier.date)
    second.auteur, second.numero, second.corrige, second.motif = premier.auteur, 2, premier, motif
    second.appreciation, second.objectifs = premier.appreciation, premier.objectifs
    second.mots, second.mots_par = premier.mots, premier.mots_par
    _entretien(ecole, second, "prof")
    second.convenu += " L’élève présentera aussi son carnet de PFMP."
    _valider(second, 0)
    _sceller([second], heure(premier.date + datetime.timedelta(days=14), 10))


def _en_cours(ecole: Ecole) -> None:
    """Les premiers sont préparés, dont un déjà reçu en entretien ; les derniers restent à écrire."""
    niveau, semestre, semaine = EN_COURS
    jour = datetime.date.fromisocalendar(ecole.session, semaine, 5)
    bilans = _bilans(ecole, niveau, semestre, jour)
    for rang, (candidat, bilan) in enumerate(bilans):
        if rang < ECRITS:
            _ecrire(ecole, candidat, bilan)
        if rang < PREPARES:
            bilan.etat = E.PREPARE
    premier = bilans[0]
    _mots(ecole, *premier)
    _entretien(ecole, premier[1], "prof")
    premier[1].etat = E.ENTRETIEN
    _sceller([bilan for _, bilan in bilans], heure(jour, 12))
