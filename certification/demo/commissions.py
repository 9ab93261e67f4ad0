"""Les commissions de la session, une par option et par épreuve, prêtes à décider.

Celles d'une option qui se tiennent le même jour n'ont qu'une réunion.
"""

from __future__ import annotations

import datetime

from django.utils import timezone

from certification.commission.models import Commission, Membre, Reunion
from certification.demo.donnees.commissions import (
    CommissionCommencee,
    Commissions,
    CommissionsDeLOption,
    DossierRouvert,
)
from certification.demo.ecole import Ecole
from certification.demo.inscription import corriger, heure, inscrire
from certification.demo.tirages import choix
from certification.dossier.models import Decision, Dossier
from certification.dossier.resultats import DossierLu, dossier_lu, dossiers_lus
from certification.dossier.versions import VersionFigee
from certification.jury.models import AccesJury, LienDuJury
from livret.models import Eleve, Utilisateur
from referentiel.models import Niveau
from trpm.base.instantane import ecrire

OBSERVES = ["observations", "vu_observations"]


def creer_commissions(ecole: Ecole) -> None:
    ecrites = ecole.donnees.commissions
    for prevues in ecrites.commissions:
        reunion = _reunion(ecole, prevues) if prevues.ensemble else None
        for rang, code in enumerate(ecrites.epreuves):
            jour = reunion.date if reunion else _jour(ecole, prevues, rang)
            commission = Commission(
                etablissement=ecole.etablissement,
                session=ecole.session,
                epreuve=ecole.referentiel.epreuves.get(code=code),
                grille=ecole.grille,
                intitule=f"{code} {prevues.option}, session {ecole.session}",
                date=jour,
                heure=ecrites.debut,
                lieu=ecrites.lieu,
                reunion=reunion,
            )
            dossiers = _convoquer(ecole, prevues, commission)
            if (prevues.option, code) == (ecrites.commencee.option, ecrites.commencee.epreuve):
                _decider(ecole, commission, dossiers[: ecrites.commencee.decides])


def ouvrir_au_jury(ecole: Ecole) -> LienDuJury:
    """Ouvre pour un mois ce que la commission commencée a figé : neuf à chaque chargement, comme un mot de
    passe, et valable à partir de lui."""
    ecrites, maintenant = ecole.donnees.commissions, timezone.now()
    commission = Commission.objects.get(
        etablissement=ecole.etablissement,
        epreuve__code=ecrites.commencee.epreuve,
        dossiers__eleve__promotion=ecole.promotions[ecrites.commencee.option],
        dossiers__versions__numero=1,
    )
    president = ecole.comptes[ecrites.president]
    fin = maintenant + datetime.timedelta(days=30)
    return AccesJury.creer(commission, ecrites.commencee.jury, president, maintenant, fin)


def _jour(ecole: Ecole, prevues: CommissionsDeLOption, rang: int = 0) -> datetime.date:
    premier = ecole.donnees.commissions.premier_jour
    return datetime.date.fromisocalendar(ecole.session, prevues.semaine, premier + rang)


def _reunion(ecole: Ecole, prevues: CommissionsDeLOption) -> Reunion:
    ecrites, jour = ecole.donnees.commissions, _jour(ecole, prevues)
    reunion = Reunion(
        etablissement=ecole.etablissement,
        session=ecole.session,
        intitule=f"Réunion {', '.join(ecrites.epreuves)} {prevues.option}, session {ecole.session}",
        date=jour,
        heure=ecrites.debut,
        lieu=ecrites.lieu,
    )
    inscrire(Reunion, [reunion], _convocation(jour), ecole.comptes[ecrites.president])
    return reunion


def _convoquer(ecole: Ecole, prevues: CommissionsDeLOption, commission: Commission) -> list[Dossier]:
    """Inscrit la commission, ses membres et les dossiers de la promotion ; rend ces dossiers."""
    le, par = _convocation(commission.date), ecole.comptes[ecole.donnees.commissions.president]
    inscrire(Commission, [commission], le, par)
    inscrire(Membre, _membres(ecole, prevues, commission), le, par)
    dossiers = [_dossier(ecole, commission, eleve) for _, eleve in ecole.eleves[prevues.option]]
    inscrire(Dossier, dossiers, le, par)
    cas = ecole.donnees.commissions.candidats
    textes = {un.eleve: un.observations for un in cas if un.epreuve == commission.epreuve.code}
    connus = dossiers_lus(dossier for dossier in dossiers if dossier.eleve.nom in textes)
    corriger(Dossier, [_observe(lu, textes[lu.dossier.eleve.nom]) for lu in connus], OBSERVES, le, par)
    return dossiers


def _convocation(jour: datetime.date) -> datetime.datetime:
    return heure(jour - datetime.timedelta(days=21), 10)


def _membres(ecole: Ecole, prevues: CommissionsDeLOption, commission: Commission) -> list[Membre]:
    ecrites, convie = ecole.donnees.commissions, prevues.professionnel
    qualites = {
        ecrites.president: "president",
        ecrites.construction: "construction",
    }
    equipe = ecole.donnees.etablissement.equipe(prevues.option, "Tle")
    membres = [
        Membre(
            commission=commission,
            utilisateur=ecole.comptes[identifiant],
            nom=ecole.comptes[identifiant].nom_complet,
            qualite=qualites.get(identifiant, "enseignant"),
        )
        for identifiant in (ecrites.president, *equipe)
    ]
    professionnel = ecole.comptes.get(convie.compte)
    nom = professionnel.nom_complet if professionnel else convie.nom
    qualite = "professionnel"
    return [*membres, Membre(commission=commission, utilisateur=professionnel, nom=nom, qualite=qualite)]


def _dossier(ecole: Ecole, commission: Commission, eleve: Eleve) -> Dossier:
    dossier = Dossier(commission=commission, eleve=eleve)
    for cas in ecole.donnees.commissions.candidats:
        if (cas.eleve, cas.epreuve) == (eleve.nom, commission.epreuve.code):
            dossier.situation = cas.etat
            if cas.note is not None:
                dossier.note_conservee, dossier.session_conservee = cas.note, commission.session - 1
    return dossier


def _decider(ecole: Ecole, commission: Commission, dossiers: list[Dossier]) -> None:
    """La commission a arrêté les premiers dossiers ; elle a relevé un niveau et une note."""
    ecrites = ecole.donnees.commissions
    commencee, le = ecrites.commencee, heure(commission.date, 9)
    president, auteur = ecole.comptes[ecrites.president], ecole.comptes[commencee.auteur]
    competences = {c.code: c for c in ecole.referentiel.competences.all()}
    niveaux = {n.valeur: n for n in Niveau.objects.filter(echelle=commission.grille.echelle)}
    decisions = [
        Decision(
            dossier=lu.dossier,
            competence=competences[ligne.code],
            niveau=niveaux[int(ligne.propose) + (releve := _releve(commencee, lu.dossier, ligne.code))],
            motif=commencee.releve.motif if releve else "",
            auteur=auteur,
            vu=ecrire(ligne.vu(lu.grille.regle)),
        )
        for lu in dossiers_lus(dossiers)
        for ligne in lu.grille.lignes
        if ligne.propose is not None
    ]
    inscrire(Decision, decisions, le, auteur)
    proposes = [_propose(ecrites, lu) for lu in dossiers_lus(dossiers)]
    corriger(Dossier, proposes, ["note_proposee", "motif_ecart", "vu_note", *OBSERVES], le, president)
    rouvert = next(dossier for dossier in dossiers if dossier.eleve.nom == commencee.reouverture.eleve)
    _figer_deux_fois(commencee.reouverture, rouvert, president, le)


def _figer_deux_fois(
    ecrite: DossierRouvert, dossier: Dossier, president: Utilisateur, le: datetime.datetime
) -> None:
    """Fige le dossier, le rouvre une heure après, récrit ses observations et le fige de nouveau."""
    une_heure = datetime.timedelta(hours=1)
    _figer(dossier, president, le).rouvrir(ecrite.motif, president, le + une_heure)
    dossier.refresh_from_db()
    corriger(
        Dossier, [_observe(dossier_lu(dossier), ecrite.observations)], OBSERVES, le + une_heure, president
    )
    _figer(dossier, president, le + 2 * une_heure)


def _figer(dossier: Dossier, par: Utilisateur, le: datetime.datetime) -> VersionFigee:
    lu = dossiers_lus([dossier])[0]
    return lu.dossier.figer(lu.grille.vers_json(), par, le)


def _releve(commencee: CommissionCommencee, dossier: Dossier, competence: str) -> bool:
    return (dossier.eleve.nom, competence) == (commencee.releve.eleve, commencee.releve.competence)


def _propose(ecrites: Commissions, lu: DossierLu) -> Dossier:
    dossier, calculee, ecart = lu.dossier, lu.grille.calculee, ecrites.commencee.ecart
    dossier.vu_note = ecrire(lu.grille.vu_note())
    dossier.note_proposee = calculee
    if calculee is not None and dossier.eleve.nom == ecart.eleve:
        dossier.note_proposee, dossier.motif_ecart = calculee + ecart.points, ecart.motif
    return _observe(lu, choix(ecrites.observations, dossier.eleve.nom, "commission"))


def _observe(lu: DossierLu, texte: str) -> Dossier:
    lu.dossier.observations, lu.dossier.vu_observations = texte, ecrire(lu.grille.vu_observations())
    return lu.dossier
