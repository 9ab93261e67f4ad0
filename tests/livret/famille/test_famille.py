"""Les responsables légaux : invités par l'établissement, leur enfant seul, rien qui ne soit publié."""

import pytest
from django.core import mail
from django.test import Client

from livret.models import AccuseDeLecture, Etablissement, Responsable, Situation, Utilisateur
from tests import factories
from tests.litanie import adresse, connecte, messages, requetes, verifier_droits
from tests.monde import INTRUS, Monde

NEUF = {"new_password1": "rectification-plane-31", "new_password2": "rectification-plane-31"}
IDENTITE = {"last_name": "Personne", "first_name": "Alix"}


@pytest.fixture
def ouvert(monde: Monde) -> Monde:
    Etablissement.objects.update(familles=True)
    return monde


@pytest.fixture
def parent(ouvert: Monde) -> Utilisateur:
    compte = factories.utilisateur(identifiant="parent")
    Responsable.objects.create(compte=compte, eleve=ouvert.a.eleves[0])
    return compte


def publier(monde: Monde) -> None:
    Situation.objects.update(etat="publiee")


def test_ferme_par_defaut(monde: Monde) -> None:
    """Ni page, ni invitation, ni droit, même à qui fut lié du temps où c'était ouvert."""
    assert not monde.a.etablissement.familles
    client = connecte(monde.a.administrateur)
    assert client.get(adresse("responsables", monde.a.eleves[0].pk)).status_code == 404
    assert "Responsables légaux" not in client.get(adresse("eleve-update", monde.a.eleves[0].pk)).text
    compte = factories.utilisateur(identifiant="parent")
    Responsable.objects.create(compte=compte, eleve=monde.a.eleves[0])
    assert compte.roles == frozenset()
    assert connecte(compte).get(adresse("enfant", monde.a.eleves[0].pk)).status_code == 403


def test_inviter_sur_papier(ouvert: Monde) -> None:
    eleve = ouvert.a.eleves[0]
    url = adresse("responsables", eleve.pk)
    verifier_droits(ouvert, url, adresse("responsables", ouvert.b.eleves[0].pk))
    assert (
        "Responsables légaux" in connecte(ouvert.a.administrateur).get(adresse("eleve-update", eleve.pk)).text
    )
    page = connecte(ouvert.a.administrateur).post(url, IDENTITE)
    [(acces, lien, _)] = page.context["feuilles"]
    assert acces.identifiant == "alix.personne"
    client = Client()
    assert client.post(lien, NEUF).url == "/"
    assert client.get("/").url == "/famille/"
    assert "Camille" in client.get("/famille/").text


def test_inviter_par_courriel(ouvert: Monde) -> None:
    url = adresse("responsables", ouvert.a.eleves[0].pk)
    reponse = connecte(ouvert.a.administrateur).post(url, IDENTITE | {"email": "alix@essai.invalid"})
    assert reponse.status_code == 302
    assert [message.to for message in mail.outbox] == [["alix@essai.invalid"]]


@pytest.mark.parametrize("identifiant", ["eleve-a", "enseignant-b", "personne", "racine"])
def test_qui_ne_se_lie_pas(ouvert: Monde, identifiant: str) -> None:
    """Ni un élève, ni quelqu'un d'ailleurs, ni un compte technique."""
    Utilisateur.objects.create_superuser("racine", password="x")
    url = adresse("responsables", ouvert.a.eleves[0].pk)
    page = connecte(ouvert.a.administrateur).post(url, {"identifiant": identifiant})
    assert "identifiant" in page.context["form"].errors
    assert not Responsable.objects.exists()


def test_le_meme_compte_pour_deux_enfants(ouvert: Monde, parent: Utilisateur) -> None:
    url = adresse("responsables", ouvert.a.eleves[1].pk)
    client = connecte(ouvert.a.administrateur)
    assert client.post(url, {"identifiant": "parent"}).status_code == 302
    page = client.post(url, {"identifiant": "parent"})
    assert "déjà responsable" in str(page.context["form"].errors)
    assert "Dominique" in connecte(parent).get("/famille/").text


def test_son_enfant_seul_et_ce_qui_est_publie(ouvert: Monde, parent: Utilisateur) -> None:
    lui, autre = ouvert.a.eleves
    client = connecte(parent)
    url = adresse("enfant", lui.pk)
    assert "Étude de gamme" not in client.get(url).text, "rien avant la publication"
    publier(ouvert)
    page = client.get(url).text
    assert "Étude de gamme A" in page
    assert ("Dominique" in page, INTRUS in page, "/ 20" in page) == (False, False, False)
    assert client.get(adresse("enfant", autre.pk)).status_code == 404
    assert client.get(adresse("enfant", ouvert.b.eleves[0].pk)).status_code == 404


def test_le_bilan_valide_se_lit_et_la_lecture_se_note_une_fois(ouvert: Monde, parent: Utilisateur) -> None:
    brouillon = factories.bilan(ouvert.a.eleves[0], ouvert.a.enseignant, "prepare")
    client = connecte(parent)
    assert client.get(adresse("enfant-bilan", brouillon.pk)).status_code == 404
    assert client.post(adresse("enfant-bilan", brouillon.pk)).status_code == 404
    valide = factories.bilan(ouvert.a.eleves[1], ouvert.a.enseignant, "valide")
    assert client.get(adresse("enfant-bilan", valide.pk)).status_code == 404, "celui d’un autre"
    Responsable.objects.create(compte=parent, eleve=ouvert.a.eleves[1])
    url = adresse("enfant-bilan", valide.pk)
    assert "Un semestre régulier." in client.get(url).text
    for _ in range(2):
        assert messages(client.post(url, follow=True))[0].startswith("Votre lecture est notée")
    assert AccuseDeLecture.objects.count() == 1
    assert "Vous avez noté l’avoir lu" in client.get(url).text
    page = connecte(ouvert.a.administrateur).get(adresse("responsables", ouvert.a.eleves[1].pk)).text
    assert "Bilans lus" in page


def test_rien_ne_s_ecrit_ni_ne_s_ouvre_d_autre(ouvert: Monde, parent: Utilisateur) -> None:
    publier(ouvert)
    client, eleve = connecte(parent), ouvert.a.eleves[0]
    for nom in ("eleve", "eleve-pdf", "portfolio", "autoevaluation"):
        assert client.get(adresse(nom, eleve.pk)).status_code == 403, nom
    assert client.get("/classes/").status_code == 403
    assert "ALPHA" not in client.get("/chercher/?q=alpha").text.replace('value="alpha"', "")


def test_retirer_l_acces(ouvert: Monde, parent: Utilisateur) -> None:
    lien = Responsable.objects.get()
    ailleurs = Responsable.objects.create(
        compte=factories.utilisateur(identifiant="parent-b"), eleve=ouvert.b.eleves[0]
    )
    verifier_droits(
        ouvert,
        adresse("responsable-retrait", lien.pk),
        adresse("responsable-retrait", ailleurs.pk),
        methode="post",
        succes=302,
    )
    assert connecte(parent).get(adresse("enfant", ouvert.a.eleves[0].pk)).status_code == 403


@pytest.mark.parametrize("cas", ["parti", "ferme"])
def test_l_acces_finit_avec_le_depart_ou_le_reglage(ouvert: Monde, parent: Utilisateur, cas: str) -> None:
    if cas == "parti":
        ouvert.a.eleves[0].actif = False
        ouvert.a.eleves[0].save()
    else:
        Etablissement.objects.update(familles=False)
    assert connecte(parent).get("/famille/").status_code == 403


def test_le_compte_d_un_parent_d_ailleurs_ne_se_prend_pas(ouvert: Monde, parent: Utilisateur) -> None:
    """Remettre son mot de passe : chez lui, oui ; dès qu'il a un enfant ailleurs, non."""
    url = adresse("compte-mot-de-passe", ouvert.a.etablissement.pk, parent.pk)
    assert (
        connecte(ouvert.b.administrateur)
        .post(adresse("compte-mot-de-passe", ouvert.b.etablissement.pk, parent.pk))
        .status_code
        == 404
    )
    assert connecte(ouvert.a.administrateur).post(url).status_code == 200
    Responsable.objects.create(compte=parent, eleve=ouvert.b.eleves[0])
    assert connecte(ouvert.a.administrateur).post(url).status_code == 404


def test_les_requetes_d_une_page_d_enfant(ouvert: Monde, parent: Utilisateur) -> None:
    publier(ouvert)
    client = connecte(parent)
    url = adresse("enfant", ouvert.a.eleves[0].pk)
    une = requetes(lambda: client.get(url))
    factories.bilan(ouvert.a.eleves[0], ouvert.a.enseignant, "valide")
    factories.situation(ouvert.a.classe, ouvert.a.enseignant, competences=["C1"], etat="publiee")
    assert requetes(lambda: client.get(url)) == une
