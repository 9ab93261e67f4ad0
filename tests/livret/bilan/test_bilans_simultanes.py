"""Plusieurs collègues à la fois, sur de vraies connexions : rien en double, rien d'écrasé en silence."""

import datetime
from collections import Counter

import pytest
from django.utils import timezone

from livret.bilan import preparation
from livret.bilan.lus import bilan_lu
from livret.models import Bilan
from tests import factories
from tests.litanie import connecte
from tests.livret.bilan.bilans import relu, saisie, url
from tests.monde import Monde
from tests.simultane import ensemble
from trpm.permissions import Role

pytestmark = pytest.mark.django_db(transaction=True)


def collegues(monde: Monde, nombre: int) -> list:
    comptes = [
        factories.utilisateur(Role.ENSEIGNANT, etablissement=monde.a.etablissement, nom=f"Collègue {rang}")
        for rang in range(nombre)
    ]
    monde.a.classe.equipe.add(*comptes)
    return [connecte(compte) for compte in comptes]


def test_valider_a_six_ne_valide_qu_une_fois(monde: Monde) -> None:
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "entretien")
    envois = [(client, saisie(client, bilan) | {"geste": "valide"}) for client in collegues(monde, 6)]
    statuts = ensemble(
        *[
            lambda client=client, envoi=envoi: client.post(url("bilan-update", bilan.pk), envoi).status_code
            for client, envoi in envois
        ]
    )
    assert Counter(statuts) == {302: 1, 409: 5}
    assert (relu(bilan).etat, relu(bilan).intact) == ("valide", True)
    assert Counter(bilan.history.values_list("etat", flat=True))["valide"] == 1


def test_ecrire_pendant_que_l_on_valide_ne_change_pas_le_bilan_fige(monde: Monde) -> None:
    """L'un passe avant l'autre : ou le texte est dans le bilan validé, ou l'une des écritures est refusée."""
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "entretien")
    un, deux = collegues(monde, 2)
    texte, validation = (
        saisie(un, bilan, appreciation="Autre texte."),
        saisie(deux, bilan) | {"geste": "valide"},
    )
    ecrit, valide = ensemble(
        lambda: un.post(url("bilan-update", bilan.pk), texte).status_code,
        lambda: deux.post(url("bilan-update", bilan.pk), validation).status_code,
    )
    fait = relu(bilan)
    assert (ecrit, valide, fait.etat, fait.appreciation) in [
        (302, 409, "entretien", "Autre texte."),
        (409, 302, "valide", "Un semestre régulier."),
    ]
    assert bilan_lu(fait).contenu.textes.appreciation == fait.appreciation


def test_preparer_la_classe_a_quatre_ne_fait_qu_un_bilan_par_eleve(monde: Monde) -> None:
    jour = datetime.date(2026, 3, 30)
    rendus = ensemble(
        *[lambda: preparation.preparer_classe(monde.a.classe, 6, jour, monde.a.enseignant).crees] * 4
    )
    assert sorted(rendus) == [0, 0, 0, 2]
    assert Bilan.objects.count() == 2


def test_corriger_deux_fois_au_meme_instant_ne_fait_qu_une_version(monde: Monde) -> None:
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")
    rendus = ensemble(*[lambda: preparation.corriger(bilan, "Point oublié.", monde.a.enseignant)] * 3)
    assert sum(isinstance(rendu, Bilan) for rendu in rendus) == 1
    assert [un.numero for un in Bilan.objects.order_by("numero")] == [1, 2]


def test_marquer_prepares_a_deux_ne_prend_les_niveaux_qu_une_fois(monde: Monde) -> None:
    bilans = [factories.bilan(eleve, monde.a.enseignant, appreciation="Oui.") for eleve in monde.a.eleves]
    rendus = ensemble(
        *[lambda: len(preparation.preparer_les_brouillons(bilans, monde.a.enseignant, timezone.now())[0])] * 2
    )
    assert sorted(rendus) == [0, 2]
    assert {un.etat for un in Bilan.objects.all()} == {"prepare"}
