"""Les fiches de tuteurs de la démonstration : un lien qui attend, une fiche à valider, une validée."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from certification.demo.dessins import paraphe
from certification.demo.donnees.pfmp import FicheRemplie
from certification.demo.ecole import Ecole
from certification.demo.inscription import heure
from livret.models import (
    Eleve,
    Evaluation,
    Fiche,
    FicheTuteur,
    LienTuteur,
    ModeleSituation,
    Observation,
    Pfmp,
    Situation,
    Tuteur,
)
from livret.tuteur.envoi import ContenuFiche, Page, Signature
from livret.tuteur.models.lien import AccesTuteur
from livret.tuteur.signature import PREFIXE, signature_propre
from referentiel.echelles import niveaux_de_la_grille


def creer_fiches_tuteurs(ecole: Ecole) -> AccesTuteur:
    """Rend l'accès qui attend son tuteur : neuf à chaque chargement, comme les mots de passe."""
    ecrites = ecole.donnees.tuteurs
    _signee(ecole, _fiche(ecole, ecrites.a_valider.eleve), ecrites.a_valider, ecrites.a_valider.avis)
    _validee(ecole, _fiche(ecole, ecrites.validee.eleve))
    attendue = ecrites.attendue
    return LienTuteur.creer(_fiche(ecole, attendue.eleve), ecole.comptes[attendue.auteur], timezone.now())


def _fiche(ecole: Ecole, nom: str) -> FicheTuteur:
    ecrites = ecole.donnees.tuteurs
    pfmp = Pfmp.objects.get(
        periode__classe=ecole.classes[ecrites.option, ecrites.niveau],
        periode__intitule="PFMP n°\xa02",
        eleve__nom=nom,
    )
    tuteur = Tuteur.objects.filter(sejours__pfmp=pfmp).order_by("sejours__debut")[0]
    return FicheTuteur.objects.create(pfmp=pfmp, tuteur=tuteur)


def _validee(ecole: Ecole, fiche: FicheTuteur) -> None:
    """Celle dont la démonstration montre déjà la situation : elle en dit les niveaux."""
    eleve = fiche.pfmp.eleve
    situation = (
        Situation.objects.filter(
            classe=fiche.pfmp.periode.classe_id,
            lieu=Situation.Lieu.ENTREPRISE,
            entreprise=fiche.tuteur.entreprise.nom,
            evaluations__eleve=eleve,
        )
        .distinct()
        .get()
    )
    situation = _pour_lui_seul(situation, eleve)
    evaluees = situation.evaluations.filter(eleve=eleve)
    valeurs = dict(evaluees.values_list("competence_id", "niveau__valeur"))
    avis = [valeurs.get(competence.pk) for competence in fiche.competences()]
    fiche = _signee(ecole, fiche, ecole.donnees.tuteurs.validee, avis)
    fiche.etat, fiche.situation = FicheTuteur.Etat.VALIDEE, situation
    fiche.validee_par, fiche.validee_le = situation.auteur, heure(situation.fin, 18)
    fiche.save()


def _pour_lui_seul(situation: Situation, eleve: Eleve) -> Situation:
    """Sa situation, comme en fait naître une fiche : détachée de celle des élèves de l'entreprise."""
    relations = {nom: list(getattr(situation, nom).all()) for nom in ModeleSituation.REPRIS_MULTIPLES}
    commune, creee_le = situation.pk, situation.creee_le
    situation.pk, situation._state.adding, situation.eleve = None, True, eleve
    situation._history_date = creee_le  # type: ignore[attr-defined]
    situation._history_user = situation.auteur  # type: ignore[attr-defined]
    situation.save()
    for nom, valeurs in relations.items():
        getattr(situation, nom).set(valeurs)
    situation.creee_le = creee_le
    situation.save()
    situation.history.exclude(pk=situation.history.latest("pk").pk).delete()
    situation.history.update(history_type="+")
    for saisie in (Observation, Evaluation, Fiche):
        for lignes in (saisie.objects, saisie.history):
            lignes.filter(situation=commune, eleve=eleve).update(situation=situation)
    return situation


def _signee(
    ecole: Ecole, fiche: FicheTuteur, ecrite: FicheRemplie, valeurs: Sequence[int | None]
) -> FicheTuteur:
    grille = fiche.pfmp.periode.classe.promotion.grille_id
    niveaux = {niveau.valeur: niveau.pk for niveau in niveaux_de_la_grille(grille)}
    avis = {
        (competence.pk, 0): None if valeur is None else niveaux[valeur]
        for competence, valeur in zip(fiche.competences(), valeurs, strict=True)
    }
    taches = frozenset(fiche.pfmp.taches.values_list("pk", flat=True)[:2])
    jour = fiche.pfmp.periode.fin
    trace = signature_propre(PREFIXE + b64encode(paraphe(ecole.donnees.tuteurs.paraphe)).decode())
    return fiche.envoyer(
        ContenuFiche(ecrite.activites, ecrite.points_forts, taches, avis),
        Signature(fiche.tuteur.nom, FicheTuteur.Mode.TRACE, jour, trace),
        Page(str(UUID(int=fiche.pk)), fiche.revision),
        {"canal": FicheTuteur.Canal.LIEN},
        heure(jour),
    )
