"""Les PFMP de la démonstration : six périodes par promotion, et ce qui s'y passe d'ordinaire.

Les stages évalués viennent des tables de situations ; une période scindée ou plus courte les
complète. Entreprises, numéros et personnes sont inventés.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from certification.demo.donnees.pfmp import EntrepriseEcrite, PfmpEcrites, TuteurEcrit
from certification.demo.donnees.scenes import Stage, jour_de_classe
from certification.demo.ecole import Catalogue, Ecole
from certification.demo.inscription import heure, inscrire
from certification.demo.tirages import tirage
from livret.models import (
    Absence,
    Eleve,
    Entreprise,
    Periode,
    Pfmp,
    Sejour,
    Tuteur,
    Utilisateur,
    Visite,
)
from livret.pfmp.semaines import jours_ouvres


@dataclass(frozen=True)
class PeriodeDeStage:
    """Une période d'une classe : ses morceaux, du premier au dernier jour."""

    stage: Stage
    numero: int
    morceaux: tuple[tuple[datetime.date, datetime.date], ...]

    @property
    def en_cours(self) -> bool:
        """La période évaluée de terminale : la seule que l'on n'a pas close."""
        return self.stage.niveau == "Tle" and self.numero == 2


def creer_pfmp(ecole: Ecole) -> None:
    for option in ecole.options:
        catalogue, tuteurs = ecole.catalogue(option), _carnet(ecole, option)
        for stage in ecole.donnees.stages(option):
            for passage in _passages(ecole.donnees.pfmp, stage, ecole.session):
                _periode(ecole, catalogue, tuteurs, passage)


def _carnet(ecole: Ecole, option: str) -> dict[str, Tuteur]:
    """Entreprises et tuteurs des stages ; ceux de l'option, par nom d'entreprise."""
    ecrites = [une for une in ecole.donnees.entreprises.entreprises if une.option == option]
    entreprises = [_entreprise(ecole, ecrite) for ecrite in ecrites]
    inscrire(Entreprise, entreprises, ecole.ouverture, ecole.comptes["prof"])
    tuteurs = [
        _tuteur(entreprise, ecrite.tuteur) for entreprise, ecrite in zip(entreprises, ecrites, strict=True)
    ]
    inscrire(Tuteur, tuteurs, ecole.ouverture, ecole.comptes["prof"])
    return {tuteur.entreprise.nom: tuteur for tuteur in tuteurs}


def _entreprise(ecole: Ecole, ecrite: EntrepriseEcrite) -> Entreprise:
    return Entreprise(
        etablissement=ecole.etablissement,
        siret=ecrite.siret,
        nom=ecrite.nom,
        adresse=ecrite.adresse,
        code_postal=ecrite.code_postal,
        ville=ecrite.ville,
        telephone=ecrite.telephone,
        secteur=ecrite.secteur,
    )


def _tuteur(entreprise: Entreprise, ecrit: TuteurEcrit) -> Tuteur:
    return Tuteur(
        entreprise=entreprise,
        nom=ecrit.nom,
        fonction=ecrit.fonction,
        courriel=ecrit.courriel,
        telephone=ecrit.telephone,
    )


def _passages(ecrites: PfmpEcrites, stage: Stage, session: int) -> list[PeriodeDeStage]:
    def jours(semaines: tuple[int, int]) -> tuple[datetime.date, datetime.date]:
        premiere, derniere = semaines
        return (
            jour_de_classe(session, stage.niveau, premiere, 1),
            jour_de_classe(session, stage.niveau, derniere, 5),
        )

    avant = tuple(jours(semaines) for semaines in ecrites.premieres_periodes[stage.niveau])
    return [PeriodeDeStage(stage, 1, avant), PeriodeDeStage(stage, 2, (jours(stage.semaines),))]


def _periode(ecole: Ecole, catalogue: Catalogue, tuteurs: dict[str, Tuteur], passage: PeriodeDeStage) -> None:
    stage, morceaux = passage.stage, passage.morceaux
    auteur = ecole.comptes[stage.auteurs[0]]
    le = heure(morceaux[0][0] - datetime.timedelta(days=42), 10)
    periode = Periode(
        classe=ecole.classes[stage.option, stage.niveau],
        intitule=f"PFMP n°\xa0{passage.numero}",
        debut=morceaux[0][0],
        fin=morceaux[-1][1],
    )
    inscrire(Periode, [periode], le, auteur)
    accueillis = [
        (rang % len(stage.entreprises), eleve)
        for rang, (candidat, eleve) in enumerate(ecole.eleves[stage.option])
        if candidat.statut == "scolaire"
    ]
    pfmps = [_pfmp(ecole, passage, periode, place, eleve) for place, eleve in accueillis]
    inscrire(Pfmp, pfmps, le, auteur)
    _annexes(pfmps, catalogue, stage)
    sejours = [
        _sejour(pfmp, tuteurs[stage.entreprises[place]], debut, fin)
        for pfmp, (place, _) in zip(pfmps, accueillis, strict=True)
        for debut, fin in morceaux
    ]
    if passage.en_cours:
        sejours = _changer_de_tuteur(ecole, sejours, le, auteur)
        _absences(ecole, pfmps, periode, auteur)
    inscrire(Sejour, sejours, le, auteur)
    _visites(ecole.donnees.pfmp, pfmps, periode, auteur)


def _pfmp(ecole: Ecole, passage: PeriodeDeStage, periode: Periode, place: int, eleve: Eleve) -> Pfmp:
    auteurs = passage.stage.auteurs
    return Pfmp(
        periode=periode,
        eleve=eleve,
        referent=ecole.comptes[auteurs[place % len(auteurs)]],
        etat=Pfmp.Etat.OUVERTE if passage.en_cours else Pfmp.Etat.CLOSE,
        annexe_relue_le=periode.debut - datetime.timedelta(days=14),
    )


def _sejour(pfmp: Pfmp, tuteur: Tuteur, debut: datetime.date, fin: datetime.date) -> Sejour:
    return Sejour(
        pfmp=pfmp,
        entreprise=tuteur.entreprise,
        tuteur=tuteur,
        debut=debut,
        fin=fin,
        jours=_sans_le_11_novembre(debut, fin),
    )


def _annexes(pfmps: list[Pfmp], catalogue: Catalogue, stage: Stage) -> None:
    competences = [catalogue.competences[code] for code in stage.competences]
    taches = [catalogue.taches[code] for code in stage.taches]
    vises, confiees = Pfmp.competences.through, Pfmp.taches.through
    vises.objects.bulk_create(vises(pfmp=pfmp, competence=une) for pfmp in pfmps for une in competences)
    confiees.objects.bulk_create(confiees(pfmp=pfmp, tache=une) for pfmp in pfmps for une in taches)


def _sans_le_11_novembre(debut: datetime.date, fin: datetime.date) -> int | None:
    ferie = datetime.date(debut.year, 11, 11)
    ote = debut <= ferie <= fin and ferie.isoweekday() <= 5
    return jours_ouvres(debut, fin) - 1 if ote else None


def _changer_de_tuteur(
    ecole: Ecole, sejours: list[Sejour], le: datetime.datetime, auteur: Utilisateur
) -> list[Sejour]:
    """Une élève change de tuteur au milieu de la période, dans la même entreprise."""
    changement = ecole.donnees.pfmp.changement_de_tuteur
    sejour = next((un for un in sejours if un.pfmp.eleve.nom == changement.eleve), None)
    if sejour is None:
        return sejours
    nouveau = _tuteur(sejour.entreprise, changement.tuteur)
    inscrire(Tuteur, [nouveau], le, auteur)
    reprise = sejour.debut + datetime.timedelta(days=changement.apres_jours)
    suite = Sejour(
        pfmp=sejour.pfmp, entreprise=sejour.entreprise, tuteur=nouveau, debut=reprise, fin=sejour.fin
    )
    sejour.fin = reprise - datetime.timedelta(days=3)
    return [*sejours, suite]


def _absences(ecole: Ecole, pfmps: list[Pfmp], periode: Periode, auteur: Utilisateur) -> None:
    par_nom = {pfmp.eleve.nom: pfmp for pfmp in pfmps}
    jour = periode.debut + datetime.timedelta(days=8)
    absences = [
        Absence(
            pfmp=par_nom[ecrite.eleve],
            debut=jour,
            fin=jour + datetime.timedelta(days=int(ecrite.jours > 1)),
            jours=ecrite.jours,
            justifiee=ecrite.rattrapee,
            rattrapee=ecrite.rattrapee,
        )
        for ecrite in ecole.donnees.pfmp.absences
        if ecrite.eleve in par_nom
    ]
    inscrire(Absence, absences, heure(jour), auteur)


def _visites(ecrites: PfmpEcrites, pfmps: list[Pfmp], periode: Periode, auteur: Utilisateur) -> None:
    jour = periode.fin - datetime.timedelta(days=9)
    visites = [
        Visite(
            pfmp=pfmp,
            date=jour,
            par=pfmp.referent,
            compte_rendu=ecrites.compte_rendu if tirage(pfmp.eleve.nom, str(periode), "visite") < 0.7 else "",
        )
        for pfmp in pfmps
        if not (pfmp.modifiable and pfmp.eleve.nom in ecrites.sans_visite)
    ]
    inscrire(Visite, visites, heure(jour), auteur)
