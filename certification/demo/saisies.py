"""Les situations de la démonstration et ce qu'on y a constaté."""

from __future__ import annotations

import datetime
from typing import Any

from certification.demo.donnees.lycee import EleveInvente
from certification.demo.donnees.scenes import Scene
from certification.demo.donnees.situations import Appreciations
from certification.demo.ecole import Catalogue, Ecole
from certification.demo.inscription import heure, inscrire
from certification.demo.tirages import (
    choix,
    niveau_competence,
    niveau_detaillee,
    tirage,
)
from livret.evaluation.models import Mention
from livret.models import (
    Affectation,
    Eleve,
    Evaluation,
    Fiche,
    ModeleSituation,
    Observation,
    Poste,
    Situation,
)
from livret.situation.rotation import rotation
from referentiel.models import Niveau

PART_ABSENTS = 0.03
PART_NON_EVALUES = 0.04
PART_COMMENTEE = 0.6


def creer_situations(ecole: Ecole) -> None:
    phrases = ecole.donnees.appreciations
    for option in ecole.options:
        catalogue, scenes = ecole.catalogue(option), ecole.donnees.scenes(option)
        for scene, situation in zip(scenes, _situations(ecole, option, catalogue, scenes), strict=True):
            ecole.situations[scene.cle] = situation
            constats = [
                (eleve, Constat(scene, candidat, phrases))
                for candidat, eleve in _groupe(scene, ecole.eleves[option])
            ]
            _evaluer(situation, catalogue, constats)
            _preparer_les_postes(scene, situation, catalogue)
            if scene.modele:
                _partager(situation)


def _situations(ecole: Ecole, option: str, catalogue: Catalogue, scenes: list[Scene]) -> list[Situation]:
    situations = Situation.objects.bulk_create([_situation(ecole, option, scene) for scene in scenes])
    _rattacher(Situation.taches, situations, scenes, catalogue.taches, "taches")
    _rattacher(Situation.detaillees, situations, scenes, catalogue.detaillees, "vise")
    _rattacher(Situation.competences, situations, scenes, catalogue.competences, "competences")
    for situation in situations:
        _tracer(situation)
    Situation.history.filter(id__in=[s.pk for s in situations]).update(history_type="+")
    return situations


def _situation(ecole: Ecole, option: str, scene: Scene) -> Situation:
    debut, fin = scene.dates(ecole.session)
    visible = scene.etat_en() in (Situation.Etat.PUBLIEE, Situation.Etat.CLOSE)
    return Situation(
        classe=ecole.classes[option, scene.niveau],
        groupe=ecole.groupes.get(scene.groupe_vise),
        intitule=scene.intitule,
        nature=Situation.Nature.CERTIFICATIVE if scene.certificative else Situation.Nature.FORMATIVE,
        lieu=Situation.Lieu.ENTREPRISE if scene.entreprise else Situation.Lieu.CENTRE,
        debut=debut,
        fin=fin,
        semestre=scene.semestre,
        description=scene.description,
        documents=scene.documents,
        materiels=scene.materiels,
        outils=scene.outils,
        numeriques=scene.numeriques,
        entreprise=scene.entreprise,
        tuteur=scene.tuteur,
        etat=scene.etat_en(),
        retenue=True if scene.retenue_motif else None,
        retenue_motif=scene.retenue_motif,
        auteur=ecole.comptes[scene.auteur],
        publiee_le=heure(fin, 18) if visible else None,
    )


def _rattacher(
    lien: Any, situations: list[Situation], scenes: list[Scene], cibles: dict[str, Any], champ: str
) -> None:
    """Remplit une relation multiple de toutes les situations en une fois."""
    table = lien.through
    origine, cible = (f"{lien.field.m2m_field_name()}_id", f"{lien.field.m2m_reverse_field_name()}_id")
    table.objects.bulk_create(
        table(**{origine: situation.pk, cible: cibles[code].pk})
        for situation, scene in zip(situations, scenes, strict=True)
        for code in getattr(scene, champ)
    )


def _tracer(situation: Situation) -> None:
    """Date la création d'une semaine avant la situation et en garde la trace, relations comprises."""
    situation.creee_le = heure(situation.debut - datetime.timedelta(days=7), 8)
    situation._history_date = situation.creee_le  # type: ignore[attr-defined]
    situation._history_user = situation.auteur  # type: ignore[attr-defined]
    situation.save()


def _partager(situation: Situation) -> None:
    """Comme si son auteur l'avait partagée le dernier jour."""
    modele, le = ModeleSituation.depuis(situation, situation.auteur), heure(situation.fin, 19)
    ModeleSituation.objects.filter(pk=modele.pk).update(partage_le=le)
    modele.history.update(history_date=le, history_user=situation.auteur, partage_le=le)


def _groupe(scene: Scene, eleves: list[tuple[EleveInvente, Eleve]]) -> list[tuple[EleveInvente, Eleve]]:
    rang, nombre = scene.groupe
    return eleves[rang::nombre][: scene.saisis]


def _preparer_les_postes(scene: Scene, situation: Situation, catalogue: Catalogue) -> None:
    """Les postes de la scène, et autant de tours : chaque équipe passe partout."""
    if not scene.postes:
        return
    le = heure(situation.debut - datetime.timedelta(days=3), 8)
    postes = [
        Poste(situation=situation, nom=ecrit.nom, ordre=rang)
        for rang, ecrit in enumerate(scene.postes, start=1)
    ]
    inscrire(Poste, postes, le, situation.auteur)
    for poste, ecrit in zip(postes, scene.postes, strict=True):
        poste.detaillees.set([catalogue.detaillees[code] for code in ecrit.vise])
    tiree = rotation(list(situation.eleves()), postes, len(postes))
    Affectation.objects.bulk_create(
        Affectation(situation=situation, eleve=eleve, tour=tour, poste=poste)
        for (eleve, tour), poste in tiree.items()
    )


def _evaluer(situation: Situation, catalogue: Catalogue, constats: list[tuple[Eleve, Constat]]) -> None:
    observations: list[Observation] = []
    evaluations: list[Evaluation] = []
    fiches: list[Fiche] = []
    for eleve, constat in constats:
        commun = {"situation": situation, "eleve": eleve, "auteur": situation.auteur}
        observations += [
            Observation(**commun, detaillee=catalogue.detaillees[code], **_valeur(valeur, catalogue))
            for code, valeur in constat.observations.items()
        ]
        evaluations += [
            Evaluation(**commun, competence=catalogue.competences[code], **_valeur(valeur, catalogue))
            for code, valeur in constat.evaluations.items()
        ]
        if commentaire := constat.commentaire():
            fiches.append(Fiche(**commun, commentaire=commentaire))
    le = heure(situation.fin)
    inscrire(Observation, observations, le, situation.auteur)
    inscrire(Evaluation, evaluations, le, situation.auteur)
    inscrire(Fiche, fiches, le, situation.auteur)


def _valeur(valeur: int | str, catalogue: Catalogue) -> dict[str, Niveau | str]:
    return {"mention": valeur} if isinstance(valeur, str) else {"niveau": catalogue.niveaux[valeur]}


class Constat:
    """Ce que l'enseignant constate d'un élève dans une situation : niveaux et mentions, par code."""

    def __init__(self, scene: Scene, candidat: EleveInvente, phrases: Appreciations) -> None:
        self.scene, self.candidat, self.phrases = scene, candidat, phrases
        self.absent = scene.cle in candidat.absent_a or (
            not scene.certificative and tirage(candidat.nom, scene.cle, "absence") < PART_ABSENTS
        )
        self.observations: dict[str, int | str] = {}
        self.evaluations: dict[str, int | str] = {}
        for competence in scene.competences:
            self._constater(competence)

    def _constater(self, competence: str) -> None:
        if self.absent:
            self.evaluations[competence] = Mention.ABSENT.value
            return
        if self._non_evaluee(competence):
            self.evaluations[competence] = Mention.NON_EVALUE.value
            return
        details = {code: self._observer(code) for code in self.scene.vise if code.split(".")[0] == competence}
        self.observations |= details
        niveaux = {code: valeur for code, valeur in details.items() if isinstance(valeur, int)}
        niveau = niveau_competence(self.candidat.nom, self.scene.cle, competence, niveaux)
        self.evaluations[competence] = Mention.NON_EVALUE.value if niveau is None else niveau

    def _non_evaluee(self, competence: str) -> bool:
        comptera = self.scene.certificative or bool(self.scene.retenue_motif)
        if comptera:
            return competence in self.candidat.jamais_evaluees
        return tirage(self.candidat.nom, self.scene.cle, competence, "mention") < PART_NON_EVALUES

    def _observer(self, detaillee: str) -> int | str:
        nom = self.candidat.nom
        if detaillee in self.candidat.dispenses:
            return Mention.DISPENSE.value
        if tirage(nom, self.scene.cle, detaillee, "mention") < PART_NON_EVALUES:
            return Mention.NON_EVALUE.value
        aisance = float(self.candidat.aisance)
        return niveau_detaillee(nom, aisance, self.scene.semestre, self.scene.cle, detaillee)

    def commentaire(self) -> str:
        """Une phrase à la hauteur du travail rendu, ou rien."""
        nom, cle = self.candidat.nom, self.scene.cle
        if self.absent:
            return self.phrases.absence
        niveaux = [valeur for valeur in self.evaluations.values() if isinstance(valeur, int)]
        if not niveaux or tirage(nom, cle, "fiche") > PART_COMMENTEE:
            return ""
        coeur = self.scene.competences[len(self.scene.competences) // 2]
        famille = self.phrases.entreprise if self.scene.entreprise else self.phrases.famille(coeur)
        return choix(famille[round(sum(niveaux) / len(niveaux))], nom, cle, "phrase")
