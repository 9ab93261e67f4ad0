"""De la matière lue à la grille d'un dossier ouvert."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from certification.commission.models import Commission
from certification.dossier.confirmation import decidee, observee, proposee
from certification.dossier.grille.citations import (
    CandidatCite,
    Cite,
    CommissionCitee,
    CompetenceConstatee,
    DetailleeConstatee,
    EpreuveCitee,
    EtablissementCite,
    MembreCite,
    ModaliteCitee,
    PreuveAuDossier,
    RegleCitee,
    SituationCitee,
)
from certification.dossier.grille.conseils import conseils
from certification.dossier.grille.epreuve import GrilleEpreuve, LigneGrille
from certification.dossier.matiere import Case, Matiere, ParSession
from certification.dossier.models import Dossier
from certification.dossier.traces import preuve_citee
from certification.notation import Bareme, Note, note_epreuve
from livret.models import Situation
from livret.synthese.preuves import PreuveBrute, preuves_lues, sous_referentiel
from referentiel.arrondi import Arrondi
from referentiel.correspondance import LectureDeGrille
from referentiel.models import Critere, Detaillee, Poids, feuilles


@dataclass(frozen=True)
class Composition:
    """Un dossier ouvert, et la matière de tous ceux que l'on montre avec lui."""

    matiere: Matiere
    dossier: Dossier
    nature: ClassVar[type[GrilleEpreuve]] = GrilleEpreuve

    @cached_property
    def modalite(self) -> ModaliteCitee:
        return self._modalite()

    @cached_property
    def regle(self) -> RegleCitee:
        return self._regle(self.dossier.commission)

    @cached_property
    def lecture(self) -> LectureDeGrille:
        return self.matiere.lectures[self.dossier.commission.grille_id]

    @property
    def comptent(self) -> tuple[int, datetime.date]:
        return self.matiere.comptent[self.dossier.commission_id]

    @property
    def _ici(self) -> ParSession:
        return sous_referentiel(self.dossier.eleve), self.comptent

    @property
    def a_evaluer(self) -> bool:
        return self.modalite.ccf and self.dossier.situation == Dossier.Situation.A_EVALUER

    def grille(self) -> GrilleEpreuve:
        """La grille ; ce que la commission a décidé au vu d'autre chose que ce qui s'y lit est suspendu."""
        commission, dossier = self.dossier.commission, self.dossier
        poids = self._poids()
        lignes = self._lignes(poids)
        situations = self._situations(poids)
        citee, regles = self._commission(commission), commission.regles
        grille = self.nature(
            etablissement=EtablissementCite(
                commission.etablissement.nom,
                commission.etablissement.uai,
                commission.etablissement.ville,
                commission.etablissement.academie,
            ),
            commission=citee,
            candidat=_candidat(dossier),
            epreuve=self._epreuve(),
            modalite=self.modalite,
            regle=self.regle,
            situation=dossier.situation,
            situation_libelle=dossier.get_situation_display(),
            note_conservee=dossier.note_conservee,
            session_conservee=dossier.session_conservee,
            lignes=lignes,
            situations=situations,
            portfolio=self._portfolio(poids),
            note=self._note(lignes) if self.a_evaluer and lignes else None,
            note_proposee=None,
            motif_ecart="",
            observations="",
            conseils=conseils(
                citee, lignes, situations, commission.grille.seuil_couverture, regles, commission.epreuve.code
            )
            if self.a_evaluer
            else citee.conseils(regles, commission.epreuve.code),
            correspondances=self._correspondances(poids),
        )
        return observee(proposee(grille, dossier), dossier)

    def _portfolio(self, applicables: list[Poids]) -> tuple[PreuveAuDossier, ...]:
        competences = (poids.competence for poids in applicables)
        return self.matiere.traces.du_portfolio(self.dossier.eleve_id, competences)

    def _poids(self) -> list[Poids]:
        """Poids de l'épreuve pour l'option du candidat ; le sien l'emporte sur celui de toutes."""
        commission = self.dossier.commission
        applicables: dict[int, Poids] = {}
        for poids in self.matiere.poids[commission.grille_id, commission.epreuve_id]:
            if poids.option_id == self.dossier.eleve.option_id or (
                poids.option_id is None and poids.competence_id not in applicables
            ):
                applicables[poids.competence_id] = poids
        return sorted(applicables.values(), key=lambda poids: (poids.competence.ordre, poids.competence_id))

    def _note(self, lignes: tuple[LigneGrille, ...]) -> Note:
        grille = self.dossier.commission.grille
        bareme = Bareme(
            self.dossier.commission.epreuve.code,
            tuple((ligne.code, ligne.poids) for ligne in lignes),
            self.lecture.echelle.maximum,
            Arrondi.du_code(grille.arrondi),
            Fraction(grille.bonus_max),
            tuple(
                (ligne.code, tuple((une.code, une.poids) for une in ligne.criteres))
                for ligne in lignes
                if ligne.criteres
            ),
        )
        bonus = min(Fraction(self.dossier.bonus), bareme.bonus_max)
        positions = [position for ligne in lignes for position in ligne.positions]
        return note_epreuve(bareme, {une.code: une.niveau_compte for une in positions}, bonus)

    def _lignes(self, applicables: list[Poids]) -> tuple[LigneGrille, ...]:
        total = sum((_poids(poids) for poids in applicables), Fraction(0))
        return tuple(self._ligne(poids, total) for poids in applicables)

    def _ligne(self, poids: Poids, total: Fraction) -> LigneGrille:
        competence, criteres = poids.competence, self._criteres(poids.competence_id)
        if criteres:
            return LigneGrille(
                code=competence.code,
                intitule=competence.intitule,
                poids=_poids(poids),
                part=_poids(poids) / total,
                preuves=(),
                hors_echelle=(),
                detaillees_visees=0,
                detaillees_observees=0,
                criteres=criteres,
            )
        comptent, ecartees = preuves_lues(self._brutes(competence.code), self.lecture)
        visees, observees = self._couverture(competence.pk)
        ligne = LigneGrille(
            code=competence.code,
            intitule=competence.intitule,
            poids=_poids(poids),
            part=_poids(poids) / total,
            preuves=tuple(comptent),
            hors_echelle=tuple(ecartees),
            detaillees_visees=visees,
            detaillees_observees=observees,
        )
        return self._decidee(ligne, competence.pk, None)

    def _criteres(self, competence: int) -> tuple[LigneGrille, ...]:
        """Ceux de la compétence dans la grille de la commission, pour l'option du candidat (Q46)."""
        siens = [
            critere
            for critere in self.matiere.criteres[competence]
            if critere.grille_id == self.dossier.commission.grille_id
            and critere.concerne(self.dossier.eleve.option_id)
        ]
        total = sum((critere.facteur for critere in siens), Fraction(0))
        return tuple(self._critere(critere, total) for critere in siens)

    def _critere(self, critere: Critere, total: Fraction) -> LigneGrille:
        comptent, ecartees = preuves_lues(self._brutes_du_critere(critere), self.lecture)
        ligne = LigneGrille(
            code=critere.code,
            intitule=critere.intitule,
            poids=critere.facteur,
            part=critere.facteur / total,
            preuves=tuple(comptent),
            hors_echelle=tuple(ecartees),
            detaillees_visees=0,
            detaillees_observees=0,
        )
        return self._decidee(ligne, critere.competence_id, critere.pk)

    def _decidee(self, ligne: LigneGrille, competence: int, critere: int | None) -> LigneGrille:
        decision = self.matiere.decisions[self.dossier.pk].get((competence, critere))
        if decision is None:
            return ligne
        ligne = decidee(ligne, decision, self.regle, self.dossier.commission.grille.echelle_id)
        return ligne if self.a_evaluer else replace(ligne, a_confirmer=None)

    def _brutes_du_critere(self, critere: Critere) -> list[PreuveBrute]:
        """Sous lui ou sous le même critère d'une autre version de grille."""
        memes = {
            str(autre.pk)
            for autre in self.matiere.criteres[critere.competence_id]
            if autre.identite == critere.identite
        }
        toutes = self.matiere.preuves_de_criteres.get(self._ici, {})
        return [
            (replace(preuve, competence=critere.code), niveau)
            for preuve, niveau in sorted(
                (brute for cle in memes for brute in toutes.get(cle, ())), key=_anciennete
            )
        ]

    def _brutes(self, competence: str) -> list[PreuveBrute]:
        return self.matiere.preuves.get(self._ici, {}).get(competence, [])

    def _correspondances(self, applicables: list[Poids]) -> tuple[str, ...]:
        """Celles dont se servent les preuves de ce dossier, en toutes lettres (Q47)."""
        brutes = [brute for poids in applicables for brute in self._brutes(poids.competence.code)]
        brutes += [
            brute
            for poids in applicables
            for critere in self.matiere.criteres[poids.competence_id]
            if critere.grille_id == self.dossier.commission.grille_id
            for brute in self._brutes_du_critere(critere)
        ]
        return self.lecture.phrases(niveau for _, niveau in brutes)

    def _couverture(self, competence: int) -> tuple[int, int]:
        """Compétences détaillées visées, et celles observées dans une situation retenue (Q11)."""
        visees = feuilles(self.matiere.detaillees[competence], self.dossier.eleve.option_id)
        observees = self.matiere.observees(self.dossier.eleve_id, self.comptent)
        return len(visees), len(visees & observees)

    def _retenue(self, situation: Situation) -> bool:
        return situation.est_retenue(*self.comptent)

    def _notables(self, competence: int) -> list[Detaillee]:
        """Ce qui se note sous une compétence : ses détails, puis ses critères."""
        return [*self.matiere.detaillees[competence], *self.matiere.criteres[competence]]

    def _situations(self, applicables: list[Poids]) -> tuple[SituationCitee, ...]:
        """Situations où le candidat porte une saisie sur l'épreuve, de la plus ancienne à la plus récente."""
        competences = {poids.competence_id: poids for poids in applicables}
        competence_de = {
            detaillee.pk: competence for competence in competences for detaillee in self._notables(competence)
        }
        vecues = {s for s, c in self.matiere.evaluations[self.dossier.eleve_id] if c in competences}
        vecues |= {s for s, d in self.matiere.observations[self.dossier.eleve_id] if d in competence_de}
        ordonnees = sorted((self.matiere.situations[pk] for pk in vecues), key=lambda s: (s.fin, s.pk))
        return tuple(self._situation(situation, applicables) for situation in ordonnees)

    def _situation(self, situation: Situation, applicables: list[Poids]) -> SituationCitee:
        constats = (self._constat(situation, poids) for poids in applicables)
        return SituationCitee(
            intitule=situation.intitule,
            nature=situation.get_nature_display(),
            lieu=situation.lieu_complet,
            en_centre=situation.lieu == Situation.Lieu.CENTRE,
            debut=situation.debut,
            fin=situation.fin,
            retenue=self._retenue(situation),
            motif_retenue=situation.retenue_motif,
            publiee=situation.visible,
            description=situation.description,
            inventaire=situation.inventaire(),
            taches=tuple(
                Cite(tache.code, tache.intitule)
                for tache in situation.taches.all()
                if tache.option_id in (None, self.dossier.eleve.option_id)
            ),
            evaluateur=situation.auteur.nom_complet,
            tuteur=situation.tuteur,
            constats=tuple(constat for constat in constats if constat is not None),
            commentaire=self.matiere.fiches.get((self.dossier.eleve_id, situation.pk), ""),
            preuves=self._preuves(situation, {poids.competence_id for poids in applicables}),
        )

    def _preuves(self, situation: Situation, competences: set[int]) -> tuple[PreuveAuDossier, ...]:
        """Celles de la fiche, et celles des compétences de l'épreuve, dans une situation retenue."""
        if not self._retenue(situation):
            return ()
        return tuple(
            preuve_citee(trace)
            for trace in self.matiere.traces.equipe[self.dossier.eleve_id, situation.pk]
            if (trace.detaillee.competence_id if trace.detaillee else trace.competence_id)
            in (None, *competences)
        )

    def _constat(self, situation: Situation, poids: Poids) -> CompetenceConstatee | None:
        competence = poids.competence
        observations = self.matiere.observations[self.dossier.eleve_id]
        detaillees = tuple(
            DetailleeConstatee(
                detaillee.code,
                detaillee.intitule,
                *_case(observations[situation.pk, detaillee.pk], self.lecture),
            )
            for detaillee in self._notables(competence.pk)
            if (situation.pk, detaillee.pk) in observations
        )
        case = self.matiere.evaluations[self.dossier.eleve_id].get((situation.pk, competence.pk))
        if case is None and not detaillees:
            return None
        valeur, mention = _case(case, self.lecture) if case else (None, "")
        origine = self.lecture.origine(case[0]) if case and case[0] and valeur is not None else ""
        return CompetenceConstatee(competence.code, competence.intitule, valeur, mention, detaillees, origine)

    def _commission(self, commission: Commission) -> CommissionCitee:
        regles = commission.regles
        return CommissionCitee(
            commission.intitule,
            commission.session,
            commission.date,
            commission.lieu,
            tuple(
                MembreCite(membre.nom, membre.qualite, regles.qualite(membre.qualite), membre.present)
                for membre in self.matiere.membres[commission.pk]
            ),
            regles.pieces,
            regles.tuteur,
        )

    def _epreuve(self) -> EpreuveCitee:
        epreuve = self.dossier.commission.epreuve
        coefficient = self.matiere.coefficients.get((epreuve.pk, self.dossier.eleve.option_id))
        activites = self.matiere.activites[epreuve.bloc_id] if epreuve.bloc_id is not None else []
        return EpreuveCitee(
            epreuve.code,
            epreuve.intitule,
            epreuve.unite,
            coefficient.valeur if coefficient else None,
            tuple(Cite(a.code, a.intitule_pour(self.dossier.eleve.option)) for a in activites),
        )

    def _modalite(self) -> ModaliteCitee:
        """La table du référentiel dit le mode ; si elle n'en dit rien, c'est à qui tient le dossier (Q50)."""
        statut, mode = self.dossier.eleve.statut, self.dossier.mode
        modalites = self.matiere.modalites[self.dossier.commission.epreuve_id]
        if not modalites or statut is None:
            return ModaliteCitee(mode == Dossier.Mode.CCF, "", "", inconnue=not mode, dite=bool(mode))
        modalite = modalites.get(statut.voie_id)
        if modalite is None:
            return ModaliteCitee(False, "", "")
        return ModaliteCitee(modalite.ccf, modalite.forme, modalite.duree)

    def _regle(self, commission: Commission) -> RegleCitee:
        grille = commission.grille
        return RegleCitee(
            grille.referentiel.code,
            grille.referentiel.version,
            grille.referentiel.intitule,
            grille.version,
            grille.intitule,
            self.lecture.echelle,
            Arrondi.du_code(grille.arrondi),
            Fraction(grille.bonus_max),
            grille.seuil_couverture,
            grille.mention_ponderation,
        )


def _candidat(dossier: Dossier) -> CandidatCite:
    eleve = dossier.eleve
    return CandidatCite(
        eleve.nom,
        eleve.prenom,
        eleve.naissance,
        eleve.numero_candidat,
        eleve.option.dite,
        eleve.option.intitule if eleve.option.dite else "",
        eleve.statut.intitule if eleve.statut else "",
        eleve.statut.voie.code if eleve.statut else "",
    )


def _anciennete(brute: PreuveBrute) -> tuple[datetime.date, int]:
    return brute[0].date, brute[0].situation_id


def _poids(poids: Poids) -> Fraction:
    return Fraction(1) if poids.valeur is None else Fraction(poids.valeur)


def _case(case: Case, lecture: LectureDeGrille) -> tuple[int | None, str]:
    """Valeur et mention d'une case ; un niveau que la grille ne lit pas se dit tel qu'il a été donné."""
    niveau, mention = case
    if niveau is None:
        return None, mention
    valeur = lecture.valeur(niveau)
    return (None, f"{lecture.origine(niveau)}, non compté") if valeur is None else (valeur, "")
