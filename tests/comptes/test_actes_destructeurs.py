"""Un acte destructeur redemande qui l'on est, puis se fait : rien de ce qui était envoyé n'est perdu."""

import re
import time
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from livret.models import Bilan
from tests import factories
from tests.comptes.authentificateurs import code_de, entrer, mettre_en_service
from tests.factories import MOT_DE_PASSE
from tests.monde import Monde
from tests.test_droits import TABLE, TOUTES
from trpm.permissions import ACTES_DESTRUCTEURS, Role

# Ce que le nom ferait prendre pour destructeur, et qui se refait d'un geste.
REFAISABLES = {
    "livret:absence-delete",
    "livret:demande-delete",
    "livret:pfmp-prevue-delete",
    "livret:piece-delete",
    "livret:poste-delete",
    "livret:sans-cours-delete",
    "livret:scolarite-retour",
    "livret:sejour-delete",
    "livret:situation-delete",  # un brouillon vide
    "livret:visite-delete",
}


@pytest.fixture(autouse=True)
def redemander(settings: object) -> None:
    settings.REDEMANDER_LE_MOT_DE_PASSE = True


def a_confirmer(chemin: str) -> str:
    return "/confirmer/?" + urlencode({"next": chemin})


def test_la_table_nomme_de_vraies_adresses_et_n_en_oublie_pas() -> None:
    assert set(TOUTES) >= ACTES_DESTRUCTEURS
    en_ont_l_air = {nom for nom in TOUTES if re.search(r"-(annuler|delete|effacer|revenir|retour)$", nom)}
    assert en_ont_l_air - ACTES_DESTRUCTEURS == REFAISABLES


@pytest.mark.parametrize("nom", sorted(ACTES_DESTRUCTEURS))
def test_chacun_redemande(monde: Monde, nom: str) -> None:
    """Pour chaque rôle qui peut faire l'acte, chez lui : rien ne se fait avant qu'il ait redit qui il est."""
    adresse = next(un for un in TABLE if un.nom == nom)
    arguments = adresse.arguments(monde.a) if adresse.arguments else []
    chemin = reverse(nom, args=arguments)
    for role in (Role.ADMINISTRATEUR, Role.ENSEIGNANT, Role.PRESIDENT, Role.ELEVE):
        if adresse.attendues[role] != 403:
            client = Client()
            client.force_login(monde.a.comptes[role])
            reponse = client.post(chemin)
            assert (reponse.status_code, reponse.url) == (302, a_confirmer(chemin))


def suppression(monde: Monde) -> tuple[Bilan, str]:
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant)
    return bilan, reverse("livret:bilan-delete", args=[bilan.pk])


def test_l_acte_se_fait_apres_le_mot_de_passe(monde: Monde) -> None:
    bilan, chemin = suppression(monde)
    client = Client()
    entrer(client, "enseignant-a")
    confirmation = client.post(chemin, follow=True)
    assert "C’est bien vous" in confirmation.text
    assert Bilan.objects.filter(pk=bilan.pk).exists()
    faux = client.post("/confirmer/", {"password": "faux", "next": chemin})
    assert "Ce mot de passe n’est pas le vôtre." in faux.text
    assert Bilan.objects.filter(pk=bilan.pk).exists()
    fait = client.post("/confirmer/", {"password": MOT_DE_PASSE, "next": chemin}, follow=True)
    assert not Bilan.objects.filter(pk=bilan.pk).exists()
    assert fait.status_code == 200


def test_un_quart_d_heure_de_repit(monde: Monde, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    entrer(client, "enseignant-a")
    _, premier = suppression(monde)
    client.post(premier)
    client.post("/confirmer/", {"password": MOT_DE_PASSE, "next": premier})
    second, chemin = suppression(monde)
    client.post(chemin)
    assert not Bilan.objects.filter(pk=second.pk).exists()
    troisieme, chemin = suppression(monde)
    maintenant = time.time()
    monkeypatch.setattr("time.time", lambda: maintenant + 15 * 60 + 1)
    assert client.post(chemin).url == a_confirmer(chemin)
    assert Bilan.objects.filter(pk=troisieme.pk).exists()


def test_le_second_facteur_vaut_le_mot_de_passe(monde: Monde) -> None:
    client = Client()
    entrer(client, "enseignant-a")
    cle = mettre_en_service(client)
    autre = Client()
    entrer(autre, "enseignant-a")
    autre.post("/connexion/second-facteur/", {"code": code_de(cle)})
    bilan, chemin = suppression(monde)
    page = autre.post(chemin, follow=True)
    assert "code du second facteur" in page.text
    autre.post("/confirmer/code/", {"code": code_de(cle, 1), "next": chemin})
    assert not Bilan.objects.filter(pk=bilan.pk).exists()


def test_un_acte_en_attente_ne_se_fait_pas_pour_un_autre(monde: Monde) -> None:
    """La session change de personne : ce qui attendait s'en va avec elle."""
    bilan, chemin = suppression(monde)
    client = Client()
    entrer(client, "enseignant-a")
    client.post(chemin)
    client.post("/deconnexion/")
    entrer(client, "collegue-a")
    client.post("/confirmer/", {"password": MOT_DE_PASSE, "next": chemin})
    assert Bilan.objects.filter(pk=bilan.pk).exists()
