"""Les six commissions de la session, une par option et par épreuve, prêtes à décider.

Celles de l'option RMO se tiennent le même jour : une seule réunion pour les trois épreuves.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from certification.commission.models import Commission, Membre, Reunion
from certification.demo import appreciations, personnes
from certification.demo.ecole import Ecole
from certification.demo.inscription import corriger, heure, inscrire
from certification.demo.tirages import choix
from certification.dossier.models import Decision, Dossier
from certification.dossier.resultats import DossierLu, dossiers_lus
from livret.models import Eleve
from referentiel.models import Niveau
from trpm.instantane import ecrire

EPREUVES = ("E2", "E31", "E32")
SEMAINES = {"RSP": 23, "RMO": 24}
PREMIER_JOUR = 2
LIEU = "Salle des conseils"
ENSEMBLE = "RMO"
COMMENCEE = ("RSP", "E2")
DECIDES = 9
RELEVE = ("CARON", "C5", "La commission s’appuie sur la PFMP de Tle et sur le carnet de bord.")
ECART = ("BERTHIER", Decimal("0.5"), "Dossier de réalisation remarquable, remis complété après l’épreuve.")


OBSERVATIONS = {
    Dossier.Situation.NOTE_CONSERVEE: "Forme progressive : épreuve présentée à la session précédente.",
    Dossier.Situation.ABSENT_JUSTIFIE: "Arrêt médical en mars et avril, certificat au dossier.",
}


def creer_commissions(ecole: Ecole) -> None:
    grille = ecole.referentiel.grilles.select_related("echelle")[0]
    for option in personnes.ELEVES:
        reunion = _reunion(ecole) if option == ENSEMBLE else None
        for rang, code in enumerate(EPREUVES):
            jour = reunion.date if reunion else _jour(ecole, option, rang)
            epreuve = ecole.referentiel.epreuves.get(code=code)
            commission = Commission(
                etablissement=ecole.etablissement,
                session=ecole.session,
                epreuve=epreuve,
                grille=grille,
                intitule=f"{code} {option}, session {ecole.session}",
                date=jour,
                lieu=LIEU,
                reunion=reunion,
            )
            inscrire(Commission, [commission], _convocation(jour), ecole.comptes["president"])
            inscrire(
                Membre, _membres(ecole, option, commission), _convocation(jour), ecole.comptes["president"]
            )
            dossiers = [_dossier(commission, eleve) for _, eleve in ecole.eleves[option]]
            inscrire(Dossier, dossiers, _convocation(jour), ecole.comptes["president"])
            _observer(ecole, commission, dossiers)
            if (option, code) == COMMENCEE:
                _decider(ecole, commission, dossiers[:DECIDES])


def _jour(ecole: Ecole, option: str, rang: int = 0) -> datetime.date:
    return datetime.date.fromisocalendar(ecole.session, SEMAINES[option], PREMIER_JOUR + rang)


def _reunion(ecole: Ecole) -> Reunion:
    jour = _jour(ecole, ENSEMBLE)
    reunion = Reunion(
        etablissement=ecole.etablissement,
        session=ecole.session,
        intitule=f"Réunion {', '.join(EPREUVES)} {ENSEMBLE}, session {ecole.session}",
        date=jour,
        lieu=LIEU,
    )
    inscrire(Reunion, [reunion], _convocation(jour), ecole.comptes["president"])
    return reunion


def _convocation(jour: datetime.date) -> datetime.datetime:
    return heure(jour - datetime.timedelta(days=21), 10)


def _membres(ecole: Ecole, option: str, commission: Commission) -> list[Membre]:
    qualites = {"president": Membre.Qualite.PRESIDENT, "y.kaddour": Membre.Qualite.CONSTRUCTION}
    convoques = ["president", *personnes.EQUIPES[option, "Tle"]]
    membres = [
        Membre(
            commission=commission,
            utilisateur=ecole.comptes[identifiant],
            nom=ecole.comptes[identifiant].nom_complet,
            qualite=qualites.get(identifiant, Membre.Qualite.ENSEIGNANT),
        )
        for identifiant in convoques
    ]
    professionnel = ecole.comptes["membre"] if option == "RSP" else None
    nom = professionnel.nom_complet if professionnel else personnes.PROFESSIONNEL_SANS_COMPTE
    return [
        *membres,
        Membre(
            commission=commission,
            utilisateur=professionnel,
            nom=nom,
            qualite=Membre.Qualite.PROFESSIONNEL,
        ),
    ]


def _dossier(commission: Commission, eleve: Eleve) -> Dossier:
    dossier = Dossier(commission=commission, eleve=eleve)
    conserve, epreuve, note = personnes.NOTE_CONSERVEE
    if (eleve.nom, commission.epreuve.code) == (conserve, epreuve):
        dossier.situation = Dossier.Situation.NOTE_CONSERVEE
        dossier.note_conservee = Decimal(note)
        dossier.session_conservee = commission.session - 1
    if (eleve.nom, commission.epreuve.code) == personnes.ABSENT_A_L_EPREUVE:
        dossier.situation = Dossier.Situation.ABSENT_JUSTIFIE
    return dossier


def _observer(ecole: Ecole, commission: Commission, dossiers: list[Dossier]) -> None:
    """Dit d'où viennent les situations que la commission connaît déjà."""
    lus = dossiers_lus(dossier for dossier in dossiers if dossier.situation in OBSERVATIONS)
    for lu in lus:
        lu.dossier.observations = OBSERVATIONS[Dossier.Situation(lu.dossier.situation)]
        lu.dossier.vu_observations = ecrire(lu.grille.vu_observations())
    le = _convocation(commission.date)
    corriger(
        Dossier,
        [lu.dossier for lu in lus],
        ["observations", "vu_observations"],
        le,
        ecole.comptes["president"],
    )


def _decider(ecole: Ecole, commission: Commission, dossiers: list[Dossier]) -> None:
    """La commission a arrêté les premiers dossiers ; elle a relevé un niveau et une note."""
    le, president = heure(commission.date, 9), ecole.comptes["president"]
    competences = {c.code: c for c in ecole.referentiel.competences.all()}
    niveaux = {n.valeur: n for n in Niveau.objects.filter(echelle=commission.grille.echelle)}
    decisions = [
        Decision(
            dossier=lu.dossier,
            competence=competences[ligne.code],
            niveau=niveaux[_arrete(lu.dossier, ligne.code, ligne.propose)],
            motif=RELEVE[2] if (lu.dossier.eleve.nom, ligne.code) == RELEVE[:2] else "",
            auteur=ecole.comptes["m.lebrun"],
            vu=ecrire(ligne.vu(lu.grille.regle)),
        )
        for lu in dossiers_lus(dossiers)
        for ligne in lu.grille.lignes
        if ligne.propose is not None
    ]
    inscrire(Decision, decisions, le, ecole.comptes["m.lebrun"])
    proposes = [_propose(lu) for lu in dossiers_lus(dossiers)]
    vus = ["vu_note", "vu_observations"]
    corriger(Dossier, proposes, ["note_proposee", "motif_ecart", "observations", *vus], le, president)
    fige = dossiers_lus(dossiers[:1])[0]
    fige.dossier.figer(fige.grille.vers_json(), president, le)


def _arrete(dossier: Dossier, competence: str, propose: int) -> int:
    return propose + 1 if (dossier.eleve.nom, competence) == RELEVE[:2] else propose


def _propose(lu: DossierLu) -> Dossier:
    dossier, calculee = lu.dossier, lu.grille.calculee
    nom, points, motif = ECART
    dossier.vu_note, dossier.vu_observations = (
        ecrire(lu.grille.vu_note()),
        ecrire(lu.grille.vu_observations()),
    )
    dossier.note_proposee = calculee
    if calculee is not None and dossier.eleve.nom == nom:
        dossier.note_proposee, dossier.motif_ecart = calculee + points, motif
    dossier.observations = choix(appreciations.COMMISSION, dossier.eleve.nom, "commission")
    return dossier
