"""Publier pour une date : l'élève ne voit rien avant, partout où la règle se lit (Q36)."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from livret.models import Eleve, Situation
from livret.synthese.livrets import livrets, passages
from tests import factories
from tests.litanie import connecte
from tests.monde import Monde

E = Situation.Etat
JOUR = datetime.timedelta(days=1)


def etat(monde: Monde, **envoi: str) -> str:
    adresse = reverse("livret:situation-etat", args=[monde.a.situation.pk])
    return connecte(monde.a.enseignant).post(adresse, envoi, follow=True).content.decode()


def vu(eleve: Eleve) -> tuple[list[str], int, list[str]]:
    """Ce que l'élève lit dans son livret : compétences, détails observés, situations."""
    livret = livrets([eleve], visibles_seulement=True)[0]
    return (
        [ligne.code for ligne in livret.lignes if ligne.meilleure],
        sum(ligne.detaillees_observees for ligne in livret.lignes),
        [passage.situation.intitule for passage in passages(eleve, visibles_seulement=True)],
    )


RIEN = ([], 0, [])
TOUT = (["C1", "C2"], 1, ["Étude de gamme A"])


@pytest.mark.parametrize("arrivee", [E.PUBLIEE, E.CLOSE])
@pytest.mark.parametrize(("decalage", "attendu"), [(None, TOUT), (-1, TOUT), (0, TOUT), (1, RIEN)])
def test_la_regle_vaut_partout(monde: Monde, arrivee: str, decalage: int | None, attendu: object) -> None:
    jour = None if decalage is None else timezone.localdate() + decalage * JOUR
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=arrivee, visible_des=jour)
    scene = Situation.objects.get(pk=monde.a.situation.pk)
    assert vu(monde.a.eleves[0]) == attendu
    assert scene.visible == Situation.objects.visibles().filter(pk=scene.pk).exists() == (attendu == TOUT)
    page = connecte(monde.a.compte_eleve).get(reverse("livret:mon-livret")).content.decode()
    assert ("Étude de gamme A" in page) == (attendu == TOUT)
    equipe = connecte(monde.a.enseignant).get(monde.a.eleves[0].get_absolute_url()).content.decode()
    assert "Étude de gamme A" in equipe


def test_publier_pour_demain(monde: Monde) -> None:
    demain = timezone.localdate() + JOUR
    page = etat(monde, etat="publiee", visible_des=demain.isoformat())
    scene = Situation.objects.get(pk=monde.a.situation.pk)
    assert (scene.etat, scene.visible_des, scene.visible) == (E.PUBLIEE, demain, False)
    assert "Les élèves la verront le" in page
    assert vu(monde.a.eleves[0]) == RIEN


@pytest.mark.parametrize(
    ("saisie", "phrase"),
    [("2020-01-02", "Le 2 janvier 2020 est passé"), ("demain", "« demain » n’est pas une date")],
)
def test_une_date_impossible_s_explique_et_ne_publie_pas(monde: Monde, saisie: str, phrase: str) -> None:
    assert phrase in etat(monde, etat="publiee", visible_des=saisie)
    scene = Situation.objects.get(pk=monde.a.situation.pk)
    assert (scene.etat, scene.visible_des) == (E.OUVERTE, None)


def test_la_date_suit_l_etat(monde: Monde) -> None:
    scene, demain, maintenant = monde.a.situation, timezone.localdate() + JOUR, timezone.now()
    scene.passer(E.PUBLIEE, maintenant, demain)
    scene.passer(E.CLOSE, maintenant)
    assert (scene.visible_des, scene.visible) == (demain, False)
    scene.passer(E.PUBLIEE, maintenant)
    assert scene.visible_des == demain
    scene.passer(E.OUVERTE, maintenant)
    assert scene.visible_des is None
    scene.passer(E.PUBLIEE, maintenant)
    assert (scene.visible_des, scene.visible) == (None, True)


def test_la_base_refuse_une_date_sans_publication(monde: Monde) -> None:
    monde.a.situation.visible_des = datetime.date(2026, 3, 2)
    with pytest.raises(ValidationError, match="Seule une situation publiée annonce une date aux élèves."):
        monde.a.situation.full_clean()
    with pytest.raises(IntegrityError):
        monde.a.situation.save()


def test_chaque_passage_est_montre_avec_son_auteur(monde: Monde) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, ["C1"], etat=E.BROUILLON)
    client = connecte(monde.a.enseignant)
    adresse = reverse("livret:situation-etat", args=[scene.pk])
    for suite in ("ouverte", "publiee", "ouverte"):
        client.post(adresse, {"etat": suite, "confirme": "1"})
    assert [(etape.etat, etape.par) for etape in scene.etapes()] == [
        ("brouillon", ""),
        ("ouverte", monde.a.enseignant.nom_complet),
        ("publiée", monde.a.enseignant.nom_complet),
        ("ouverte", monde.a.enseignant.nom_complet),
    ]
    page = client.get(scene.get_absolute_url()).content.decode()
    assert f"publiée par {monde.a.enseignant.nom_complet} le " in page
    assert "Changements d’état (4)" in page


@pytest.mark.parametrize(("grille", "suite"), [("", ""), ("poste=3&tour=2", "?poste=3&tour=2")])
def test_publier_sans_rien_demande_confirmation_et_ramene_d_ou_l_on_vient(
    monde: Monde, grille: str, suite: str
) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, ["C1"])
    client, adresse = connecte(monde.a.enseignant), reverse("livret:situation-etat", args=[scene.pk])
    envoi = {"etat": "publiee", "grille": grille}
    page = client.post(adresse, envoi)
    assert "Publier une situation vide" in page.content.decode()
    scene.refresh_from_db()
    assert scene.etat == E.OUVERTE
    reponse = client.post(adresse, envoi | {"confirme": "1"})
    assert reponse.url == reverse("livret:grille", args=[scene.pk]) + suite
    scene.refresh_from_db()
    assert scene.etat == E.PUBLIEE


def test_une_seule_saisie_suffit_a_publier_sans_question(monde: Monde) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, ["C1"])
    factories.evaluation(scene, monde.a.eleves[0], "C1", 1)
    adresse = reverse("livret:situation-etat", args=[scene.pk])
    assert connecte(monde.a.enseignant).post(adresse, {"etat": "publiee"}).url == scene.get_absolute_url()
