"""Le second facteur : une application, des codes de secours ; exigé là où l'établissement le demande."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from livret.models import Etablissement
from tests.comptes.authentificateurs import code_de, confirmer, entrer, mettre_en_service
from tests.factories import MOT_DE_PASSE
from tests.litanie import adresse, connecte, requetes, verifier_droits
from tests.monde import Monde

FACTEURS = "/mon-compte/second-facteur/"


@pytest.fixture(autouse=True)
def essais_oublies() -> None:
    cache.clear()


@pytest.fixture
def exige(monde: Monde) -> Monde:
    Etablissement.objects.filter(pk=monde.a.etablissement.pk).update(second_facteur=True)
    return monde


def test_mettre_une_application_en_service(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert client.get(f"{FACTEURS}application/").url.startswith("/confirmer/?next=")
    cle = mettre_en_service(client)
    facteur = Authenticator.objects.get(user=monde.a.enseignant, type="totp")
    assert cle not in str(facteur.data), "la clé n’est pas en clair dans la base"
    page = client.get(f"{FACTEURS}codes/")
    assert "Il vous en reste 10 sur 10" in page.text


def test_un_code_faux_n_active_rien(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    confirmer(client)
    client.get(f"{FACTEURS}application/")
    page = client.post(f"{FACTEURS}application/", {"code": "000000"})
    assert "Ce code n’est pas le bon" in page.text
    assert not Authenticator.objects.exists()


def test_la_connexion_demande_le_code(monde: Monde) -> None:
    cle = mettre_en_service(connecte(monde.a.enseignant))
    client = Client()
    assert entrer(client, "enseignant-a", suite="/classes/").url == "/connexion/second-facteur/"
    assert client.get("/classes/").status_code == 302, "le mot de passe seul n’ouvre rien"
    assert "Ce code n’est pas le bon" in client.post("/connexion/second-facteur/", {"code": "1"}).text
    assert client.post("/connexion/second-facteur/", {"code": code_de(cle)}).url == "/classes/"
    assert client.get("/classes/").status_code == 200


def test_un_code_de_secours_sert_une_fois(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    mettre_en_service(client)
    [code, *_] = client.get(f"{FACTEURS}codes/").context["unused_codes"]
    suites = []
    for _ in range(2):
        entree = Client()
        entrer(entree, "enseignant-a")
        suites.append(entree.post("/connexion/second-facteur/", {"code": code}).status_code)
    assert suites == [302, 200]


def test_le_second_facteur_ne_s_ouvre_pas_sans_mot_de_passe() -> None:
    assert Client().get("/connexion/second-facteur/").url == "/connexion/"
    assert Client().post("/connexion/second-facteur/", {"code": "123456"}).url == "/connexion/"


def test_les_codes_se_comptent(monde: Monde) -> None:
    """Dix essais de code : les suivants sont refusés, même le bon."""
    cle = mettre_en_service(connecte(monde.a.enseignant))
    client = Client()
    entrer(client, "enseignant-a")
    for _ in range(10):
        client.post("/connexion/second-facteur/", {"code": "1"})
    page = client.post("/connexion/second-facteur/", {"code": code_de(cle)})
    assert "Trop d’essais" in page.text


def test_retirer_l_application(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    mettre_en_service(client)
    client.post(f"{FACTEURS}application/retirer/")
    assert not Authenticator.objects.exists(), "les codes de secours s’en vont avec le dernier facteur"
    assert entrer(Client(), "enseignant-a").url == "/"


# --- Exigé par l'établissement ---


@pytest.mark.parametrize("qui", ["administrateur", "president"])
def test_exige_on_ne_va_pas_plus_loin(exige: Monde, qui: str) -> None:
    client = Client()
    assert entrer(client, f"{qui}-a").url == "/"
    page = client.get("/", follow=True)
    assert page.redirect_chain[0][0].startswith(FACTEURS)
    assert "Votre établissement demande un second facteur" in page.text
    assert client.post("/avis/", {"couper": "1"}).url == FACTEURS
    cle = mettre_en_service(client)
    assert client.get("/avis/").status_code == 200, "celui qu’on vient de prouver vaut pour cette session"
    autre = Client()
    entrer(autre, f"{qui}-a")
    autre.post("/connexion/second-facteur/", {"code": code_de(cle)})
    assert autre.get("/avis/").status_code == 200


def test_une_session_d_avant_le_reglage_donne_son_code(monde: Monde) -> None:
    client = connecte(monde.a.administrateur)
    cle = mettre_en_service(connecte(monde.a.administrateur))
    assert client.get("/avis/").status_code == 200
    Etablissement.objects.filter(pk=monde.a.etablissement.pk).update(second_facteur=True)
    assert client.get("/avis/").url == "/confirmer/code/?next=/avis/"
    reponse = client.post("/confirmer/code/", {"code": code_de(cle), "next": "/avis/"})
    assert reponse.url == "/avis/"
    assert client.get("/avis/").status_code == 200


@pytest.mark.parametrize("qui", ["enseignant", "collegue", "membre", "eleve", "inspecteur"])
def test_les_autres_roles_n_y_sont_pas_tenus(exige: Monde, qui: str) -> None:
    client = Client()
    entrer(client, f"{qui}-a")
    assert client.get("/avis/").status_code == 200


def test_l_autre_etablissement_n_exige_rien(exige: Monde) -> None:
    client = Client()
    entrer(client, "administrateur-b")
    assert client.get("/avis/").status_code == 200


def test_on_sort_et_l_on_change_de_mot_de_passe_sans_facteur(exige: Monde) -> None:
    client = Client()
    entrer(client, "administrateur-a")
    assert client.get("/mot-de-passe/").status_code == 200
    assert client.post("/deconnexion/").url == "/connexion/"


def test_le_reglage_est_ferme_par_defaut_et_se_regle(monde: Monde) -> None:
    assert not monde.a.etablissement.second_facteur
    client = connecte(monde.a.administrateur)
    page = client.get(adresse("etablissement-update", monde.a.etablissement.pk))
    champs = page.context["form"].initial | {"uai": monde.a.etablissement.uai, "second_facteur": "on"}
    lus = {nom: valeur for nom, valeur in champs.items() if valeur not in (None, False)}
    client.post(adresse("etablissement-update", monde.a.etablissement.pk), lus)
    monde.a.etablissement.refresh_from_db()
    assert monde.a.etablissement.second_facteur


def test_exiger_ne_coute_aucune_requete(exige: Monde) -> None:
    cle = mettre_en_service(connecte(exige.a.administrateur))
    client = Client()
    entrer(client, "administrateur-a")
    client.post("/connexion/second-facteur/", {"code": code_de(cle)})
    avec = requetes(lambda: client.get("/avis/"))
    Etablissement.objects.update(second_facteur=False)
    assert (avec, requetes(lambda: client.get("/avis/"))) == (avec, avec)


def test_l_acces_technique_passe_par_la_meme_connexion(monde: Monde) -> None:
    assert Client().get("/admin-technique/").url.startswith("/admin-technique/login/")
    assert Client().get("/admin-technique/login/").url.startswith("/connexion/")
    saisie = {"username": "administrateur-a", "password": MOT_DE_PASSE}
    assert Client().post("/admin-technique/login/", saisie).url.startswith("/connexion/")


# --- Perdu ---


def test_l_administrateur_retire_celui_de_qui_a_tout_perdu(monde: Monde) -> None:
    mettre_en_service(connecte(monde.a.enseignant))
    mettre_en_service(connecte(monde.b.enseignant))
    page = connecte(monde.a.administrateur).get(
        adresse("compte", monde.a.etablissement.pk, monde.a.enseignant.pk)
    )
    assert "Retirer son second facteur" in page.text
    verifier_droits(
        monde,
        adresse("compte-second-facteur", monde.a.etablissement.pk, monde.a.enseignant.pk),
        adresse("compte-second-facteur", monde.b.etablissement.pk, monde.b.enseignant.pk),
        methode="post",
        succes=302,
    )
    assert set(Authenticator.objects.values_list("user", flat=True)) == {monde.b.enseignant.pk}
    assert entrer(Client(), "enseignant-a").url == "/"


def test_le_sien_se_retire_de_son_compte(monde: Monde) -> None:
    url = adresse("compte-second-facteur", monde.a.etablissement.pk, monde.a.administrateur.pk)
    assert connecte(monde.a.administrateur).post(url).url == FACTEURS


def test_la_cle_du_site_changee_ne_fait_rien_tomber(monde: Monde, settings: object) -> None:
    cle = mettre_en_service(connecte(monde.a.enseignant))
    settings.SECRET_KEY = "une-autre-cle-tout-aussi-longue-que-la-premiere"
    client = Client()
    entrer(client, "enseignant-a")
    assert (
        "Ce code n’est pas le bon" in client.post("/connexion/second-facteur/", {"code": code_de(cle)}).text
    )
