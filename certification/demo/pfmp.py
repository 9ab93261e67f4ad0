"""Les PFMP de la démonstration : six périodes par promotion, et ce qui s'y passe d'ordinaire.

Les stages évalués viennent des tables de situations ; une période scindée ou plus courte les
complète. Entreprises, numéros et personnes sont inventés.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from certification.demo import scenes_rmo, scenes_rsp
from certification.demo.ecole import Ecole
from certification.demo.inscription import heure, inscrire
from certification.demo.saisies import Catalogue
from certification.demo.scenes import RECUL, Stage
from certification.demo.tirages import tirage
from livret.models import (
    Absence,
    Entreprise,
    Periode,
    Pfmp,
    Sejour,
    Tuteur,
    Utilisateur,
    Visite,
)
from livret.personnes.identifiants import faute_siret
from livret.pfmp.semaines import jours_ouvres

STAGES: dict[str, list[Stage]] = {"RSP": scenes_rsp.STAGES, "RMO": scenes_rmo.STAGES}
# Avant la période évaluée de l'année, une autre : semaines ISO de chaque morceau.
AUTRES = {"2de": ((4, 6),), "1re": ((45, 47),), "Tle": ((41, 42), (45, 46))}
VILLES = ("Ferrecombe", "Val-sur-Orbe", "Montlimaille", "Saint-Étau", "Grand-Plain", "Roquemaille")
SECTEURS = {
    "RSP": ("mécanique générale", "décolletage", "usinage de moyenne série", "mécanique de précision"),
    "RMO": ("outillage de presse", "découpe et emboutissage", "moules", "presses et outillages"),
}
NOUVEAU_TUTEUR = ("Yvan Delorme", "régleur")
CHANGE_DE_TUTEUR, RATTRAPE, MANQUE = "DUMAS", "BENALI", "CARON"
SANS_VISITE = {"FAURE", "PERRIN", "PICARD"}
COMPTE_RENDU = (
    "Reçu par le tuteur à l’atelier. Intégration réussie, consignes de sécurité respectées ; "
    "le poste confié correspond à l’annexe. À revoir : la tenue du relevé de contrôle."
)


@dataclass(frozen=True)
class Passage:
    """Une période d'une classe : ses morceaux, du premier au dernier jour."""

    stage: Stage
    numero: int
    morceaux: tuple[tuple[datetime.date, datetime.date], ...]

    @property
    def evalue(self) -> bool:
        return self.numero == 2


def creer_pfmp(ecole: Ecole) -> None:
    for option, stages in STAGES.items():
        catalogue = Catalogue(ecole, option)
        tuteurs = _carnet(ecole, option, stages)
        for stage in stages:
            for passage in _passages(stage, ecole.session):
                _periode(ecole, option, catalogue, tuteurs, passage)


def siret_invente(numero: int) -> str:
    """Numéro qui commence par 999, de clé juste."""
    base = f"999{numero:06d}0001"
    return next(base + cle for cle in "0123456789" if not faute_siret(base + cle))


def _carnet(ecole: Ecole, option: str, stages: list[Stage]) -> dict[str, Tuteur]:
    """Entreprises et tuteurs des stages ; ceux de la même option, par nom d'entreprise."""
    connus = dict(accueil for stage in stages for accueil in stage.entreprises)
    dejas = ecole.etablissement.entreprises.count()
    entreprises = [
        Entreprise(
            etablissement=ecole.etablissement,
            siret=siret_invente(100 + dejas + rang),
            nom=nom,
            adresse=f"{rang + 3}, zone artisanale",
            code_postal="99000",
            ville=VILLES[(dejas + rang) % len(VILLES)],
            telephone=f"00 00 00 10 {dejas + rang:02d}",
            secteur=SECTEURS[option][rang],
        )
        for rang, nom in enumerate(connus)
    ]
    inscrire(Entreprise, entreprises, ecole.ouverture, ecole.comptes["prof"])
    tuteurs = []
    for rang, entreprise in enumerate(entreprises):
        nom, fonction = connus[entreprise.nom].split(", ")
        tuteurs.append(_tuteur(entreprise, nom, fonction, dejas + rang + 1))
    inscrire(Tuteur, tuteurs, ecole.ouverture, ecole.comptes["prof"])
    return {tuteur.entreprise.nom: tuteur for tuteur in tuteurs}


def _tuteur(entreprise: Entreprise, nom: str, fonction: str, numero: int) -> Tuteur:
    return Tuteur(
        entreprise=entreprise,
        nom=nom,
        fonction=fonction,
        courriel=f"tuteur{numero}@entreprise.invalid",
        telephone=f"00 00 00 20 {numero:02d}",
    )


def _passages(stage: Stage, session: int) -> list[Passage]:
    rentree = session - RECUL[stage.niveau]

    def jours(semaines: tuple[int, int]) -> tuple[datetime.date, datetime.date]:
        premiere, derniere = semaines
        annee = rentree if premiere > 30 else rentree + 1
        return (
            datetime.date.fromisocalendar(annee, premiere, 1),
            datetime.date.fromisocalendar(annee, derniere, 5),
        )

    avant = tuple(jours(semaines) for semaines in AUTRES[stage.niveau])
    return [Passage(stage, 1, avant), Passage(stage, 2, (jours(stage.semaines),))]


def _periode(
    ecole: Ecole, option: str, catalogue: Catalogue, tuteurs: dict[str, Tuteur], passage: Passage
) -> None:
    stage, morceaux = passage.stage, passage.morceaux
    classe = ecole.classes[option, stage.niveau]
    auteur = ecole.comptes[stage.auteurs[0]]
    le = heure(morceaux[0][0] - datetime.timedelta(days=42), 10)
    periode = Periode(
        classe=classe,
        intitule=f"PFMP n°\xa0{passage.numero}",
        debut=morceaux[0][0],
        fin=morceaux[-1][1],
    )
    inscrire(Periode, [periode], le, auteur)
    en_cours = stage.niveau == "Tle" and passage.evalue
    pfmps, accueils = [], []
    for rang, (candidat, eleve) in enumerate(ecole.eleves[option]):
        if candidat.statut != "scolaire":
            continue
        place = rang % len(stage.entreprises)
        pfmps.append(
            Pfmp(
                periode=periode,
                eleve=eleve,
                referent=ecole.comptes[stage.auteurs[place % len(stage.auteurs)]],
                etat=Pfmp.Etat.OUVERTE if en_cours else Pfmp.Etat.CLOSE,
                annexe_relue_le=morceaux[0][0] - datetime.timedelta(days=14),
            )
        )
        accueils.append(tuteurs[stage.entreprises[place][0]])
    inscrire(Pfmp, pfmps, le, auteur)
    _annexes(pfmps, catalogue, stage)
    sejours = [
        Sejour(
            pfmp=pfmp,
            entreprise=tuteur.entreprise,
            tuteur=tuteur,
            debut=debut,
            fin=fin,
            jours=_sans_le_11_novembre(debut, fin),
        )
        for pfmp, tuteur in zip(pfmps, accueils, strict=True)
        for debut, fin in morceaux
    ]
    if en_cours:
        sejours = _changer_de_tuteur(sejours, le, auteur)
        _absences(pfmps, periode, auteur)
    inscrire(Sejour, sejours, le, auteur)
    _visites(pfmps, periode, auteur)


def _annexes(pfmps: list[Pfmp], catalogue: Catalogue, stage: Stage) -> None:
    competences = [catalogue.competences[code] for code in stage.scenes()[0].competences]
    taches = [catalogue.taches[code] for code in stage.taches.split()]
    vises, confiees = Pfmp.competences.through, Pfmp.taches.through
    vises.objects.bulk_create(vises(pfmp=pfmp, competence=une) for pfmp in pfmps for une in competences)
    confiees.objects.bulk_create(confiees(pfmp=pfmp, tache=une) for pfmp in pfmps for une in taches)


def _sans_le_11_novembre(debut: datetime.date, fin: datetime.date) -> int | None:
    ferie = datetime.date(debut.year, 11, 11)
    ote = debut <= ferie <= fin and ferie.isoweekday() <= 5
    return jours_ouvres(debut, fin) - 1 if ote else None


def _changer_de_tuteur(sejours: list[Sejour], le: datetime.datetime, auteur: Utilisateur) -> list[Sejour]:
    """Une élève change de tuteur au milieu de la période, dans la même entreprise."""
    sejour = next((un for un in sejours if un.pfmp.eleve.nom == CHANGE_DE_TUTEUR), None)
    if sejour is None:
        return sejours
    nouveau = _tuteur(sejour.entreprise, *NOUVEAU_TUTEUR, 99)
    inscrire(Tuteur, [nouveau], le, auteur)
    reprise = sejour.debut + datetime.timedelta(days=14)
    suite = Sejour(
        pfmp=sejour.pfmp, entreprise=sejour.entreprise, tuteur=nouveau, debut=reprise, fin=sejour.fin
    )
    sejour.fin = reprise - datetime.timedelta(days=3)
    return [*sejours, suite]


def _absences(pfmps: list[Pfmp], periode: Periode, auteur: Utilisateur) -> None:
    """Un jour rattrapé pour l'un, un jour et demi perdu pour l'autre."""
    par_nom = {pfmp.eleve.nom: pfmp for pfmp in pfmps}
    jour = periode.debut + datetime.timedelta(days=8)
    absences = [
        Absence(
            pfmp=par_nom[nom],
            debut=jour,
            fin=jour + datetime.timedelta(days=int(jours > 1)),
            jours=jours,
            justifiee=rattrapee,
            rattrapee=rattrapee,
        )
        for nom, jours, rattrapee in ((RATTRAPE, Decimal(1), True), (MANQUE, Decimal("1.5"), False))
        if nom in par_nom
    ]
    inscrire(Absence, absences, heure(jour), auteur)


def _visites(pfmps: list[Pfmp], periode: Periode, auteur: Utilisateur) -> None:
    jour = periode.fin - datetime.timedelta(days=9)
    visites = [
        Visite(
            pfmp=pfmp,
            date=jour,
            par=pfmp.referent,
            compte_rendu=COMPTE_RENDU if tirage(pfmp.eleve.nom, str(periode), "visite") < 0.7 else "",
        )
        for pfmp in pfmps
        if not (pfmp.modifiable and pfmp.eleve.nom in SANS_VISITE)
    ]
    inscrire(Visite, visites, heure(jour), auteur)
