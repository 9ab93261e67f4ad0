"""Plusieurs enseignants à la fois, sur de vraies connexions : rien de perdu, rien d'écrasé en silence."""

import threading
import time
from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from livret.models import Evaluation, Observation, Situation
from livret.saisie.case import Case
from livret.saisie.enregistrement import CompteRendu, enregistrer
from livret.saisie.jugement import Geste
from livret.situation.colonnes import COMPETENCE, DETAILLEE
from tests import factories
from tests.monde import Monde
from tests.simultane import ensemble

pytestmark = pytest.mark.django_db(transaction=True)


def case(monde: Monde, code: str = "C1", rang: int = 0) -> Case:
    competence = monde.referentiel.competences.get(code=code)
    return Case(COMPETENCE, competence.pk, monde.a.eleves[rang].pk)


def enseignants(monde: Monde, nombre: int) -> list:
    return [factories.utilisateur(nom=f"Numéro {rang}") for rang in range(nombre)]


def test_une_case_vide_remplie_par_dix_personnes_n_en_retient_qu_une(monde: Monde) -> None:
    scene = monde.a.situation
    Evaluation.objects.filter(situation=scene).delete()
    auteurs = enseignants(monde, 10)
    rendus = ensemble(
        *(
            lambda auteur=auteur, rang=rang: enregistrer(scene, [Geste(case(monde), str(rang % 4))], auteur)
            for rang, auteur in enumerate(auteurs)
        )
    )
    assert [type(rendu) for rendu in rendus] == [CompteRendu] * 10
    gagnante = Evaluation.objects.get(situation=scene)
    premiers = [rang for rang, rendu in enumerate(rendus) if rendu.enregistres]
    assert len(premiers) == 1
    assert str(gagnante) == str(premiers[0] % 4)
    assert gagnante.auteur == auteurs[premiers[0]]
    for rang, rendu in enumerate(rendus):
        if rang != premiers[0]:
            memes = str(rang % 4) == str(gagnante)
            assert [conflit.actuel for conflit in rendu.conflits] == ([] if memes else [str(gagnante)])


def test_dix_personnes_sur_des_cases_differentes_ecrivent_toutes(monde: Monde) -> None:
    scene = monde.a.situation
    Observation.objects.filter(situation=scene).delete()
    detaillee = scene.detaillees.first()
    eleves = [factories.eleve(monde.a.classe) for _ in range(10)]
    rendus = ensemble(
        *(
            lambda eleve=eleve, auteur=auteur: enregistrer(
                scene, [Geste(Case(DETAILLEE, detaillee.pk, eleve.pk), "2")], auteur
            )
            for eleve, auteur in zip(eleves, enseignants(monde, 10), strict=True)
        )
    )
    assert [len(rendu.enregistres) for rendu in rendus] == [1] * 10
    assert Counter(Observation.objects.filter(situation=scene).values_list("eleve_id", flat=True)) == Counter(
        eleve.pk for eleve in eleves
    )
    assert Observation.history.filter(situation=scene, history_type="+").count() >= 10


def test_corriger_a_deux_la_meme_valeur_donne_un_conflit(monde: Monde) -> None:
    scene = monde.a.situation
    un, deux = enseignants(monde, 2)
    rendus = ensemble(
        lambda: enregistrer(scene, [Geste(case(monde), "3", "2")], un),
        lambda: enregistrer(scene, [Geste(case(monde), "0", "2")], deux),
    )
    assert sorted(len(rendu.conflits) for rendu in rendus) == [0, 1]
    (conflit,) = [conflit for rendu in rendus for conflit in rendu.conflits]
    actuelle = Evaluation.objects.get(situation=scene, eleve=monde.a.eleves[0], competence__code="C1")
    assert (conflit.actuel, conflit.auteur) == (str(actuelle), actuelle.auteur.nom_complet)


def test_une_case_creee_par_un_autre_chemin_pendant_l_ecriture_est_un_conflit(monde: Monde) -> None:
    """Une écriture qui ne prend pas le verrou de la situation : la contrainte d'unicité veille."""
    scene, auteur = monde.a.situation, monde.a.enseignant
    Evaluation.objects.filter(situation=scene).delete()
    adresse, ouverte = case(monde), threading.Event()
    niveau = factories.niveau(monde.referentiel, 3)

    def hors_grille() -> None:
        with transaction.atomic():
            Evaluation.objects.create(
                situation=scene,
                eleve_id=adresse.eleve,
                competence_id=adresse.item,
                niveau=niveau,
                auteur=monde.a.collegue,
            )
            ouverte.set()
            time.sleep(0.4)

    def par_la_grille() -> CompteRendu:
        assert ouverte.wait(10)
        return enregistrer(scene, [Geste(adresse, "1")], auteur)

    faute, rendu = ensemble(hors_grille, par_la_grille)
    assert faute is None
    assert [(conflit.actuel, conflit.auteur) for conflit in rendu.conflits] == [
        ("3", monde.a.collegue.nom_complet)
    ]
    assert str(Evaluation.objects.get(situation=scene)) == "3"


def test_clore_attend_la_saisie_en_cours_et_refuse_la_suivante(monde: Monde) -> None:
    scene, auteur = monde.a.situation, monde.a.enseignant
    Situation.objects.filter(pk=scene.pk).update(etat=Situation.Etat.PUBLIEE)
    verrouillee = threading.Event()

    def clore() -> None:
        with transaction.atomic():
            objet = Situation.objects.verrouillees().get(pk=scene.pk)
            verrouillee.set()
            time.sleep(0.3)
            objet.passer(Situation.Etat.CLOSE, timezone.now())

    def saisir() -> CompteRendu:
        assert verrouillee.wait(10)
        return enregistrer(scene, [Geste(case(monde), "3", "2")], auteur)

    faute, rendu = ensemble(clore, saisir)
    assert faute is None
    assert [refus.motif for refus in rendu.refus] == ["La situation est close\xa0: on n’y saisit pas."]
    actuelle = Evaluation.objects.get(situation=scene, eleve=monde.a.eleves[0], competence__code="C1")
    assert str(actuelle) == "2"


def test_supprimer_un_brouillon_pendant_qu_on_l_ouvre_ne_perd_rien(monde: Monde) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, competences=["C1"], etat="brouillon")

    def ouvrir() -> str:
        with transaction.atomic():
            objet = Situation.objects.verrouillees().filter(pk=scene.pk).first()
            if objet:
                objet.passer(Situation.Etat.OUVERTE, timezone.now())
        return "ouverte" if objet else "absente"

    def supprimer() -> str:
        with transaction.atomic():
            objet = Situation.objects.verrouillees().get(pk=scene.pk)
            try:
                objet.delete()
            except ValidationError:
                return "refusée"
        return "supprimée"

    assert ensemble(ouvrir, supprimer) in (["ouverte", "refusée"], ["absente", "supprimée"])
    assert connection.is_usable()
