"""Des dossiers en base aux grilles que l'on montre : un nombre constant de requêtes pour tous.

Un dossier figé ne se recalcule pas : sa grille est relue dans l'instantané en vigueur.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from certification.commission.models import Commission, Membre
from certification.dossier.grille import (
    Candidat,
    Cite,
    CommissionCitee,
    CompetenceConstatee,
    DetailleeConstatee,
    EpreuveCitee,
    EtablissementCite,
    GrilleEpreuve,
    LigneGrille,
    MembreCite,
    ModaliteCitee,
    PreuveCitee,
    RegleCitee,
    SituationCitee,
    conseils,
)
from certification.dossier.models import Decision, Dossier, VersionFigee
from certification.dossier.traces import TracesCochees, preuve_citee, traces_cochees
from certification.notation import Bareme, Note, note_epreuve
from livret.evaluation.models import Mention
from livret.models import (
    Evaluation,
    Fiche,
    Observation,
    Situation,
)
from livret.niveaux import Preuve
from livret.situation.models.situation import hors_brouillon
from livret.synthese.livrets import preuves_par_eleve
from referentiel.arrondi import Arrondi
from referentiel.echelle import Echelle
from referentiel.echelles import echelles_de
from referentiel.models import (
    Activite,
    Coefficient,
    Detaillee,
    Modalite,
    Poids,
)

# Échelle du niveau, sa valeur, et la mention en toutes lettres.
Case = tuple[int | None, int | None, str]

MENTIONS = dict(Mention.choices)


@dataclass(frozen=True)
class DossierLu:
    """Un dossier et sa grille ; `version` est l'instantané en vigueur, s'il est figé."""

    dossier: Dossier
    grille: GrilleEpreuve
    version: VersionFigee | None

    @property
    def fige(self) -> bool:
        return self.version is not None

    @property
    def etat(self) -> str:
        return "figé" if self.fige else self.grille.etat_libelle

    @property
    def figeable(self) -> bool:
        return not self.fige and not self.grille.obstacles()


def dossiers_lus(dossiers: Iterable[Dossier]) -> list[DossierLu]:
    """Grilles de ces dossiers, par ordre alphabétique ; le nombre de requêtes ne dépend pas du leur."""
    dossiers = list(
        Dossier.objects.filter(pk__in=[dossier.pk for dossier in dossiers]).select_related(
            "commission__etablissement",
            "commission__epreuve__bloc",
            "commission__epreuve__referentiel",
            "commission__grille__referentiel",
            "eleve__promotion",
            "eleve__option",
            "eleve__statut__voie",
        )
    )
    versions = {
        version.dossier_id: version
        for version in VersionFigee.objects.en_vigueur()
        .filter(dossier__in=dossiers)
        .select_related("figee_par", "verification")
    }
    ouverts = [dossier for dossier in dossiers if dossier.pk not in versions]
    matiere = Matiere(ouverts) if ouverts else None
    lus = []
    for dossier in dossiers:
        version = versions.get(dossier.pk)
        if version is not None:
            lus.append(DossierLu(dossier, GrilleEpreuve.depuis_json(version.contenu), version))
        elif matiere is not None:
            lus.append(DossierLu(dossier, matiere.grille(dossier), None))
    return lus


def dossier_lu(dossier: Dossier) -> DossierLu:
    return dossiers_lus([dossier])[0]


class Matiere:
    """Tout ce que les grilles de plusieurs dossiers demandent à la base, chaque chose lue une fois."""

    def __init__(self, dossiers: list[Dossier]) -> None:
        self.dossiers = dossiers
        self.eleves = list({dossier.eleve_id: dossier.eleve for dossier in dossiers}.values())
        self.commissions: dict[int, Commission] = {
            dossier.commission_id: dossier.commission for dossier in dossiers
        }
        self.grilles = {commission.grille_id: commission.grille for commission in self.commissions.values()}
        self.epreuves = {
            commission.epreuve_id: commission.epreuve for commission in self.commissions.values()
        }

    # --- référentiel --------------------------------------------------------------------------

    @cached_property
    def echelles(self) -> dict[int, Echelle]:
        return echelles_de(self.grilles.values())

    @cached_property
    def poids(self) -> dict[tuple[int, int], list[Poids]]:
        groupes: dict[tuple[int, int], list[Poids]] = defaultdict(list)
        for poids in Poids.objects.filter(
            grille__in=self.grilles.values(), epreuve__in=self.epreuves.values()
        ).select_related("competence"):
            groupes[poids.grille_id, poids.epreuve_id].append(poids)
        return groupes

    @cached_property
    def coefficients(self) -> dict[tuple[int, int], Coefficient]:
        return {
            (coefficient.epreuve_id, coefficient.option_id): coefficient
            for coefficient in Coefficient.objects.filter(epreuve__in=self.epreuves.values())
        }

    @cached_property
    def modalites(self) -> dict[int, dict[int, Modalite]]:
        groupes: dict[int, dict[int, Modalite]] = defaultdict(dict)
        for modalite in Modalite.objects.filter(bloc__in={e.bloc_id for e in self.epreuves.values()}):
            groupes[modalite.bloc_id][modalite.voie_id] = modalite
        return groupes

    @cached_property
    def detaillees(self) -> dict[int, list[Detaillee]]:
        competences = {poids.competence_id for groupe in self.poids.values() for poids in groupe}
        groupes: dict[int, list[Detaillee]] = defaultdict(list)
        for detaillee in Detaillee.objects.filter(competence__in=competences):
            groupes[detaillee.competence_id].append(detaillee)
        return groupes

    @cached_property
    def activites(self) -> dict[int, list[Activite]]:
        groupes: dict[int, list[Activite]] = defaultdict(list)
        for activite in Activite.objects.filter(
            bloc__in={e.bloc_id for e in self.epreuves.values()}
        ).prefetch_related("intitules"):
            if activite.bloc_id is not None:
                groupes[activite.bloc_id].append(activite)
        return groupes

    # --- commission ---------------------------------------------------------------------------

    @cached_property
    def membres(self) -> dict[int, list[Membre]]:
        groupes: dict[int, list[Membre]] = defaultdict(list)
        for membre in Membre.objects.filter(commission__in=self.commissions.values()):
            groupes[membre.commission_id].append(membre)
        return groupes

    @cached_property
    def decisions(self) -> dict[int, dict[int, Decision]]:
        groupes: dict[int, dict[int, Decision]] = defaultdict(dict)
        for decision in Decision.objects.filter(dossier__in=self.dossiers).select_related("niveau", "auteur"):
            groupes[decision.dossier_id][decision.competence_id] = decision
        return groupes

    # --- livret -------------------------------------------------------------------------------

    @cached_property
    def preuves(self) -> dict[int, list[Preuve]]:
        return preuves_par_eleve(self.eleves, hors_brouillon("situation__"))

    @cached_property
    def evaluations(self) -> dict[int, dict[tuple[int, int], Case]]:
        """Par élève, la case de chaque (situation, compétence)."""
        competences = {poids.competence_id for groupe in self.poids.values() for poids in groupe}
        return _cases(
            Evaluation.objects.filter(
                hors_brouillon("situation__"), eleve__in=self.eleves, competence__in=competences
            ),
            "competence_id",
        )

    @cached_property
    def observations(self) -> dict[int, dict[tuple[int, int], Case]]:
        """Par élève, la case de chaque (situation, compétence détaillée)."""
        return _cases(
            Observation.objects.filter(
                hors_brouillon("situation__"),
                eleve__in=self.eleves,
                detaillee__competence__in=self.detaillees,
            ),
            "detaillee_id",
        )

    @cached_property
    def situations(self) -> dict[int, Situation]:
        vecues = {
            situation
            for cases in (self.evaluations, self.observations)
            for case in cases.values()
            for situation, _ in case
        }
        return {
            situation.pk: situation
            for situation in Situation.objects.filter(pk__in=vecues)
            .select_related("auteur")
            .prefetch_related("taches")
        }

    @cached_property
    def fiches(self) -> dict[tuple[int, int], str]:
        return {
            (eleve, situation): commentaire
            for eleve, situation, commentaire in Fiche.objects.filter(
                eleve__in=self.eleves, situation__in=self.situations
            ).values_list("eleve_id", "situation_id", "commentaire")
        }

    @cached_property
    def traces(self) -> TracesCochees:
        return traces_cochees(self.eleves)

    # --- grille -------------------------------------------------------------------------------

    def grille(self, dossier: Dossier) -> GrilleEpreuve:
        commission = dossier.commission
        poids = self._poids(dossier)
        lignes = self._lignes(dossier, poids)
        situations = self._situations(dossier, poids)
        modalite = self._modalite(dossier)
        citee = self._commission(commission)
        a_evaluer = modalite.ccf and dossier.situation == Dossier.Situation.A_EVALUER
        return GrilleEpreuve(
            etablissement=EtablissementCite(
                commission.etablissement.nom,
                commission.etablissement.uai,
                commission.etablissement.ville,
                commission.etablissement.academie,
            ),
            commission=citee,
            candidat=_candidat(dossier),
            epreuve=self._epreuve(dossier),
            modalite=modalite,
            regle=self._regle(commission),
            situation=dossier.situation,
            situation_libelle=dossier.get_situation_display(),
            note_conservee=dossier.note_conservee,
            session_conservee=dossier.session_conservee,
            lignes=lignes,
            situations=situations,
            portfolio=self.traces.du_portfolio(dossier.eleve_id, (un.competence for un in poids)),
            note=self._note(dossier, lignes) if a_evaluer and lignes else None,
            note_proposee=dossier.note_proposee,
            motif_ecart=dossier.motif_ecart,
            observations=dossier.observations,
            conseils=conseils(citee, lignes, situations, commission.grille.seuil_couverture)
            if a_evaluer
            else citee.conseils(),
        )

    def _poids(self, dossier: Dossier) -> list[Poids]:
        """Poids de l'épreuve pour l'option du candidat ; le sien l'emporte sur celui de toutes."""
        commission = dossier.commission
        applicables: dict[int, Poids] = {}
        for poids in self.poids[commission.grille_id, commission.epreuve_id]:
            if poids.option_id == dossier.eleve.option_id or (
                poids.option_id is None and poids.competence_id not in applicables
            ):
                applicables[poids.competence_id] = poids
        return sorted(applicables.values(), key=lambda poids: (poids.competence.ordre, poids.competence_id))

    def _note(self, dossier: Dossier, lignes: tuple[LigneGrille, ...]) -> Note:
        grille = dossier.commission.grille
        bareme = Bareme(
            dossier.commission.epreuve.code,
            tuple((ligne.code, ligne.poids) for ligne in lignes),
            self.echelles[grille.echelle_id].maximum,
            Arrondi.du_code(grille.arrondi),
            Fraction(grille.bonus_max),
        )
        bonus = min(Fraction(dossier.bonus), bareme.bonus_max)
        return note_epreuve(bareme, {ligne.code: ligne.valeur for ligne in lignes}, bonus)

    def _lignes(self, dossier: Dossier, applicables: list[Poids]) -> tuple[LigneGrille, ...]:
        total = sum((_poids(poids) for poids in applicables), Fraction(0))
        return tuple(self._ligne(dossier, poids, total) for poids in applicables)

    def _ligne(self, dossier: Dossier, poids: Poids, total: Fraction) -> LigneGrille:
        echelle = dossier.commission.grille.echelle_id
        competence = poids.competence
        cases = self.evaluations[dossier.eleve_id]
        siennes = [p for p in self.preuves[dossier.eleve_id] if p.competence == competence.code]
        meme_echelle = [
            preuve
            for preuve in siennes
            if cases.get((preuve.situation_id, competence.pk), (None,))[0] == echelle
        ]
        visees, observees = self._couverture(dossier, competence.pk)
        ligne = LigneGrille(
            code=competence.code,
            intitule=competence.intitule,
            poids=_poids(poids),
            part=_poids(poids) / total,
            preuves=tuple(meme_echelle),
            hors_echelle=tuple(preuve for preuve in siennes if preuve not in meme_echelle),
            detaillees_visees=visees,
            detaillees_observees=observees,
        )
        decision = self.decisions[dossier.pk].get(competence.pk)
        if decision is None or (decision.niveau and decision.niveau.echelle_id != echelle):
            return ligne
        return replace(
            ligne,
            niveau_arrete=decision.niveau.valeur if decision.niveau else None,
            non_demontree=decision.non_demontree,
            motif=decision.motif,
            arrete_par=decision.auteur.nom_complet,
            arrete_le=decision.modifie_le,
        )

    def _couverture(self, dossier: Dossier, competence: int) -> tuple[int, int]:
        """Compétences détaillées visées, et celles observées dans une situation retenue (Q11)."""
        visees = {
            detaillee.pk
            for detaillee in self.detaillees[competence]
            if detaillee.concerne(dossier.eleve.option_id)
        }
        observees = {
            detaillee
            for (situation, detaillee), (_, valeur, _) in self.observations[dossier.eleve_id].items()
            if valeur is not None and self._retenue(dossier, self.situations[situation])
        }
        return len(visees), len(visees & observees)

    def _retenue(self, dossier: Dossier, situation: Situation) -> bool:
        return situation.est_retenue(dossier.eleve.promotion.session)

    def _situations(self, dossier: Dossier, applicables: list[Poids]) -> tuple[SituationCitee, ...]:
        """Situations où le candidat porte une saisie sur l'épreuve, de la plus ancienne à la plus récente."""
        competences = {poids.competence_id: poids for poids in applicables}
        competence_de = {
            detaillee.pk: competence
            for competence in competences
            for detaillee in self.detaillees[competence]
        }
        vecues = {s for s, c in self.evaluations[dossier.eleve_id] if c in competences}
        vecues |= {s for s, d in self.observations[dossier.eleve_id] if d in competence_de}
        ordonnees = sorted((self.situations[pk] for pk in vecues), key=lambda s: (s.fin, s.pk))
        return tuple(self._situation(dossier, situation, applicables) for situation in ordonnees)

    def _situation(self, dossier: Dossier, situation: Situation, applicables: list[Poids]) -> SituationCitee:
        constats = (self._constat(dossier, situation, poids) for poids in applicables)
        return SituationCitee(
            intitule=situation.intitule,
            nature=situation.get_nature_display(),
            lieu=situation.lieu_complet,
            en_centre=situation.lieu == Situation.Lieu.CENTRE,
            debut=situation.debut,
            fin=situation.fin,
            retenue=self._retenue(dossier, situation),
            motif_retenue=situation.retenue_motif,
            publiee=situation.visible,
            description=situation.description,
            inventaire=situation.inventaire(),
            taches=tuple(
                Cite(tache.code, tache.intitule)
                for tache in situation.taches.all()
                if tache.option_id in (None, dossier.eleve.option_id)
            ),
            evaluateur=situation.auteur.nom_complet,
            tuteur=situation.tuteur,
            constats=tuple(constat for constat in constats if constat is not None),
            commentaire=self.fiches.get((dossier.eleve_id, situation.pk), ""),
            preuves=self._preuves(dossier, situation, {poids.competence_id for poids in applicables}),
        )

    def _preuves(
        self, dossier: Dossier, situation: Situation, competences: set[int]
    ) -> tuple[PreuveCitee, ...]:
        """Celles de la fiche, et celles des compétences de l'épreuve, dans une situation retenue."""
        if not self._retenue(dossier, situation):
            return ()
        return tuple(
            preuve_citee(trace)
            for trace in self.traces.equipe[dossier.eleve_id, situation.pk]
            if (trace.detaillee.competence_id if trace.detaillee else trace.competence_id)
            in (None, *competences)
        )

    def _constat(self, dossier: Dossier, situation: Situation, poids: Poids) -> CompetenceConstatee | None:
        echelle = dossier.commission.grille.echelle_id
        competence = poids.competence
        observations = self.observations[dossier.eleve_id]
        detaillees = tuple(
            DetailleeConstatee(
                detaillee.code, detaillee.intitule, *_case(observations[situation.pk, detaillee.pk], echelle)
            )
            for detaillee in self.detaillees[competence.pk]
            if (situation.pk, detaillee.pk) in observations
        )
        case = self.evaluations[dossier.eleve_id].get((situation.pk, competence.pk))
        if case is None and not detaillees:
            return None
        valeur, mention = _case(case, echelle) if case else (None, "")
        return CompetenceConstatee(competence.code, competence.intitule, valeur, mention, detaillees)

    # --- citations ----------------------------------------------------------------------------

    def _commission(self, commission: Commission) -> CommissionCitee:
        return CommissionCitee(
            commission.intitule,
            commission.session,
            commission.date,
            commission.lieu,
            tuple(
                MembreCite(membre.nom, membre.qualite, membre.get_qualite_display(), membre.present)
                for membre in self.membres[commission.pk]
            ),
        )

    def _epreuve(self, dossier: Dossier) -> EpreuveCitee:
        epreuve = dossier.commission.epreuve
        coefficient = self.coefficients.get((epreuve.pk, dossier.eleve.option_id))
        activites = self.activites[epreuve.bloc_id] if epreuve.bloc_id is not None else []
        return EpreuveCitee(
            epreuve.code,
            epreuve.intitule,
            epreuve.unite,
            coefficient.valeur if coefficient else None,
            tuple(Cite(a.code, a.intitule_pour(dossier.eleve.option)) for a in activites),
        )

    def _modalite(self, dossier: Dossier) -> ModaliteCitee:
        """La table du référentiel dit le mode ; si elle n'en dit rien pour ce bloc, c'est le CCF."""
        epreuve = dossier.commission.epreuve
        modalites = self.modalites[epreuve.bloc_id] if epreuve.bloc_id is not None else {}
        if not modalites:
            return ModaliteCitee(True, "", "")
        modalite = modalites.get(dossier.eleve.statut.voie_id)
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
            self.echelles[grille.echelle_id],
            Arrondi.du_code(grille.arrondi),
            Fraction(grille.bonus_max),
            grille.seuil_couverture,
            grille.mention_ponderation,
        )


def _candidat(dossier: Dossier) -> Candidat:
    eleve = dossier.eleve
    return Candidat(
        eleve.nom,
        eleve.prenom,
        eleve.naissance,
        eleve.numero_candidat,
        eleve.option.code,
        eleve.option.intitule,
        eleve.statut.intitule,
        eleve.statut.voie.code,
    )


def _cases(saisies: QuerySet[Any], objet: str) -> dict[int, dict[tuple[int, int], Case]]:
    groupes: dict[int, dict[tuple[int, int], Case]] = defaultdict(dict)
    for eleve, situation, cible, echelle, valeur, mention in saisies.values_list(
        "eleve_id", "situation_id", objet, "niveau__echelle_id", "niveau__valeur", "mention"
    ):
        groupes[eleve][situation, cible] = (echelle, valeur, MENTIONS.get(mention, ""))
    return groupes


def _poids(poids: Poids) -> Fraction:
    return Fraction(1) if poids.valeur is None else Fraction(poids.valeur)


def _case(case: Case, echelle: int) -> tuple[int | None, str]:
    """Valeur et mention d'une case ; un niveau d'une autre échelle se dit, il ne se montre pas comme tel."""
    origine, valeur, mention = case
    if valeur is not None and origine != echelle:
        return None, "autre échelle"
    return valeur, mention
