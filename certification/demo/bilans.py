"""Les bilans intermédiaires de la démonstration : deux semestres validés, le dernier en cours."""

from __future__ import annotations

import datetime
from typing import Any

from certification.demo.donnees.lycee import EleveInvente
from certification.demo.donnees.suivi import Bilans, BilansDuSemestre
from certification.demo.ecole import Ecole
from certification.demo.inscription import heure, inscrire
from certification.demo.tirages import choix
from livret.bilan.contenu import objectifs_proposes
from livret.bilan.lus import instantanes
from livret.models import Bilan, Eleve

E = Bilan.Etat


def creer_bilans(ecole: Ecole) -> None:
    ecrits = ecole.donnees.bilans
    for semestre in ecrits.valides:
        bilans = _bilans(ecole, semestre)
        for rang, (candidat, bilan) in enumerate(bilans):
            _ecrire(ecrits, candidat, bilan)
            _mots(ecrits, candidat, bilan)
            _entretien(ecole, bilan, semestre.entretiens[rang % len(semestre.entretiens)])
            _valider(bilan, rang)
        _sceller([bilan for _, bilan in bilans], heure(semestre.date(ecole.session), 12))
    _corriger(ecole, bilans)
    _en_cours(ecole)


def _bilans(ecole: Ecole, semestre: BilansDuSemestre) -> list[tuple[EleveInvente, Bilan]]:
    option = ecole.donnees.bilans.option
    commun: dict[str, Any] = {
        "classe": ecole.classes[option, semestre.niveau],
        "semestre": semestre.semestre,
        "date": semestre.date(ecole.session),
        "auteur": ecole.comptes[semestre.auteur],
    }
    eleves = {
        eleve.pk: eleve
        for eleve in Eleve.objects.filter(promotion=ecole.promotions[option]).select_related(
            "etablissement", "option", "promotion__referentiel", "statut"
        )
    }
    bilans = [(candidat, Bilan(eleve=eleves[eleve.pk], **commun)) for candidat, eleve in ecole.eleves[option]]
    for (_, bilan), fige in zip(bilans, instantanes([bilan for _, bilan in bilans]), strict=True):
        bilan.objectifs = objectifs_proposes(fige)
    return bilans


def _ecrire(ecrits: Bilans, candidat: EleveInvente, bilan: Bilan) -> None:
    phrases = ecrits.appreciations_pour(candidat.aisance)
    bilan.appreciation = choix(phrases, candidat.nom, str(bilan.semestre), "bilan")
    objectif = choix(ecrits.objectifs, candidat.nom, str(bilan.semestre), "objectif")
    bilan.objectifs = "\n".join(filter(None, [bilan.objectifs, objectif]))


def _mots(ecrits: Bilans, candidat: EleveInvente, bilan: Bilan) -> None:
    bilan.mots = choix(ecrits.mots, candidat.nom, str(bilan.semestre), "mots")
    bilan.mots_par = bilan.eleve.utilisateur or bilan.auteur


def _entretien(ecole: Ecole, bilan: Bilan, enseignant: str) -> None:
    bilan.entretien_le = bilan.date + datetime.timedelta(days=4)
    bilan.entretien_avec = ecole.comptes[enseignant]
    bilan.enseignant_present = bilan.eleve_present = True
    bilan.convenu = choix(ecole.donnees.bilans.convenus, bilan.eleve.nom, str(bilan.semestre), "convenu")


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


def _corriger(ecole: Ecole, bilans: list[tuple[EleveInvente, Bilan]]) -> None:
    correction = ecole.donnees.bilans.correction
    premier = next(bilan for candidat, bilan in bilans if candidat.nom == correction.eleve)
    second = Bilan(eleve=premier.eleve, classe=premier.classe, semestre=premier.semestre, date=premier.date)
    second.auteur, second.numero, second.corrige, second.motif = premier.auteur, 2, premier, correction.motif
    second.appreciation, second.objectifs = premier.appreciation, premier.objectifs
    second.mots, second.mots_par = premier.mots, premier.mots_par
    _entretien(ecole, second, correction.entretien)
    second.convenu += f" {correction.convenu_aussi}"
    _valider(second, 0)
    _sceller([second], heure(premier.date + datetime.timedelta(days=14), 10))


def _en_cours(ecole: Ecole) -> None:
    """Les premiers sont préparés, dont un déjà reçu en entretien ; les derniers restent à écrire."""
    ecrits = ecole.donnees.bilans
    semestre = ecrits.en_cours
    bilans = _bilans(ecole, semestre)
    for rang, (candidat, bilan) in enumerate(bilans):
        if rang < semestre.ecrits:
            _ecrire(ecrits, candidat, bilan)
        if rang < semestre.prepares:
            bilan.etat = E.PREPARE
    premier = bilans[0]
    _mots(ecrits, *premier)
    _entretien(ecole, premier[1], semestre.entretiens[0])
    premier[1].etat = E.ENTRETIEN
    _sceller([bilan for _, bilan in bilans], heure(semestre.date(ecole.session), 12))
