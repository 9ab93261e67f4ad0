"""L'entrée par l'ENT, contre un vrai serveur CAS : un compte qui existe entre ; personne d'autre."""

from collections.abc import Iterator

import pytest
import requests
from django.test import Client
from django.urls import reverse

from livret.models import Appartenance, Utilisateur
from tests import factories
from tests.comptes.authentificateurs import code_de, entrer, mettre_en_service
from tests.comptes.serveur_cas import ServeurCas, serveur_cas
from tests.litanie import adresse, connecte
from tests.monde import Monde

pytestmark = pytest.mark.urls("tests.comptes.adresses_annuaires")
ENT = "/connexion/ent/"


@pytest.fixture
def cas(settings: object) -> Iterator[ServeurCas]:
    with serveur_cas() as serveur:
        settings.CAS_SERVEUR, settings.ANNUAIRES = serveur.adresse, ["cas"]
        yield serveur


@pytest.fixture
def inscrit(monde: Monde) -> Monde:
    Utilisateur.objects.filter(pk=monde.a.enseignant.pk).update(annuaire="ent-42")
    return monde


def par_l_ent(client: Client, depart: str = ENT) -> object:
    """L'aller chez l'ENT, puis le retour qu'il demande."""
    aller = client.get(depart)
    chez_lui = requests.get(aller.url, allow_redirects=False, timeout=10)
    return client.get(chez_lui.headers["Location"])


def test_un_compte_connu_entre_et_arrive_ou_il_allait(inscrit: Monde, cas: ServeurCas) -> None:
    client = Client()
    page = client.get("/connexion/?next=/classes/")
    assert "Se connecter par l’ENT" in page.text
    assert f"{ENT}?next=/classes/" in page.text
    assert par_l_ent(client, f"{ENT}?next=/classes/").url == "/classes/"
    assert client.get("/classes/").status_code == 200
    assert "celle-ci" in client.get("/mon-compte/sessions/").text


@pytest.mark.parametrize("suite", ["https://ailleurs.example/", "//ailleurs.example", "javascript:x"])
def test_la_suite_reste_sur_ce_site(inscrit: Monde, cas: ServeurCas, suite: str) -> None:
    assert par_l_ent(Client(), f"{ENT}?next={suite}").url == "/"


def test_une_personne_inconnue_le_lit_et_rien_ne_se_cree(inscrit: Monde, cas: ServeurCas) -> None:
    cas.personne = "ent-inconnu"
    avant = (Utilisateur.objects.count(), Appartenance.objects.count())
    client = Client()
    reponse = par_l_ent(client)
    assert reponse.status_code == 403
    assert "Aucun compte ne vous correspond ici" in reponse.text
    assert "Rien n’a été créé" in reponse.text
    assert client.get("/classes/").status_code == 302
    assert (Utilisateur.objects.count(), Appartenance.objects.count()) == avant


@pytest.mark.parametrize(
    ("champ", "attribut", "valeurs"),
    [
        ("identifiant", "", []),
        ("courriel", "mail", ["Enseignant-A@essai.invalid"]),
        ("annuaire", "uid", ["ent-42"]),
        ("ine", "ine", ["1234567890A"]),
    ],
)
def test_l_attribut_et_le_champ_se_reglent(
    inscrit: Monde, cas: ServeurCas, settings: object, champ: str, attribut: str, valeurs: list[str]
) -> None:
    settings.CAS_CHAMP, settings.CAS_ATTRIBUT = champ, attribut
    cas.personne = "enseignant-a" if champ == "identifiant" else "sans-rapport"
    cas.attributs = {attribut: valeurs} if attribut else {}
    inscrit.a.eleves[0].ine = "1234567890A"
    inscrit.a.eleves[0].save()
    client = Client()
    assert par_l_ent(client).url == "/"
    attendu = inscrit.a.compte_eleve if champ == "ine" else inscrit.a.enseignant
    assert client.session["_auth_user_id"] == str(attendu.pk)


def test_ce_qui_ne_designe_personne(inscrit: Monde, cas: ServeurCas, settings: object) -> None:
    """Attribut absent, vide ou double ; deux comptes possibles ; compte fermé ; compte technique."""
    settings.CAS_CHAMP, settings.CAS_ATTRIBUT = "courriel", "mail"
    for valeurs in ([], [""], ["enseignant-a@essai.invalid", "membre-a@essai.invalid"]):
        cas.attributs = {"mail": valeurs}
        assert par_l_ent(Client()).status_code == 403, valeurs
    cas.attributs = {"mail": ["enseignant-a@essai.invalid"]}
    for champs in ({"is_active": False}, {"is_staff": True}, {"is_superuser": True}):
        Utilisateur.objects.filter(pk=inscrit.a.enseignant.pk).update(**champs)
        assert par_l_ent(Client()).status_code == 403, champs
        Utilisateur.objects.filter(pk=inscrit.a.enseignant.pk).update(
            is_active=True, is_staff=False, is_superuser=False
        )
    assert par_l_ent(Client()).status_code == 302
    Utilisateur.objects.filter(pk=inscrit.b.membre.pk).update(email="enseignant-a@essai.invalid")
    assert par_l_ent(Client()).status_code == 403, "deux comptes portent cette adresse"


def test_un_ticket_sert_une_fois_et_pour_ce_site(inscrit: Monde, cas: ServeurCas) -> None:
    client = Client()
    aller = client.get(ENT)
    retour = requests.get(aller.url, allow_redirects=False, timeout=10).headers["Location"]
    assert client.get(retour).status_code == 302
    assert Client().get(retour).status_code == 403
    ailleurs = aller.url.replace("testserver", "autre.example")
    vole = requests.get(ailleurs, allow_redirects=False, timeout=10).headers["Location"]
    assert Client().get(vole.replace("autre.example", "testserver")).status_code == 403
    assert Client().get(f"{ENT}?ticket=ST-forge").status_code == 403


@pytest.mark.parametrize("reponse", [b"", b"<html>", b"<a/>", b"pas du CAS", b"<!DOCTYPE a><a>&b;</a>"])
def test_une_reponse_qui_n_en_est_pas_une(inscrit: Monde, cas: ServeurCas, reponse: bytes) -> None:
    cas.reponse = reponse
    page = Client().get(f"{ENT}?ticket=ST-1")
    assert (page.status_code, "n’a pas abouti" in page.text) == (502, True)


def test_un_serveur_arrete(inscrit: Monde, cas: ServeurCas, settings: object) -> None:
    settings.CAS_SERVEUR = "http://127.0.0.1:9/cas/"
    assert Client().get(f"{ENT}?ticket=ST-1").status_code == 502


def test_sortir_mene_a_la_sortie_de_l_ent(inscrit: Monde, cas: ServeurCas) -> None:
    client = Client()
    par_l_ent(client)
    sortie = client.post("/deconnexion/").url
    assert sortie == f"{cas.adresse}logout?service=http%3A%2F%2Ftestserver%2Fconnexion%2F"
    assert client.get("/classes/").status_code == 302
    entrer(client, "enseignant-a")
    assert client.post("/deconnexion/").url == "/connexion/", "qui entre par son mot de passe sort ici"


def test_l_ent_ferme_la_session_qu_il_a_ouverte(inscrit: Monde, cas: ServeurCas) -> None:
    client, autre = Client(), Client()
    aller = client.get(ENT)
    retour = requests.get(aller.url, allow_redirects=False, timeout=10).headers["Location"]
    client.get(retour)
    par_l_ent(autre)
    ticket = retour.split("ticket=")[1]
    for jeton, encore in (("ST-autre", 200), (ticket, 302)):
        demande = (
            '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">'
            f"<samlp:SessionIndex>{jeton}</samlp:SessionIndex></samlp:LogoutRequest>"
        )
        assert Client(enforce_csrf_checks=True).post(ENT, {"logoutRequest": demande}).status_code == 204
        assert client.get("/classes/").status_code == encore
    assert autre.get("/classes/").status_code == 200
    assert Client().post(ENT, {"logoutRequest": "<abc"}).status_code == 204


def test_le_second_facteur_se_demande_aussi(inscrit: Monde, cas: ServeurCas) -> None:
    cle = mettre_en_service(connecte(inscrit.a.enseignant))
    client = Client()
    assert par_l_ent(client, f"{ENT}?next=/classes/").url == "/connexion/second-facteur/"
    assert client.get("/classes/").status_code == 302
    assert client.post("/connexion/second-facteur/", {"code": code_de(cle)}).url == "/classes/"


def test_un_mot_de_passe_provisoire_n_arrete_pas_qui_vient_de_l_ent(inscrit: Monde, cas: ServeurCas) -> None:
    Utilisateur.objects.filter(pk=inscrit.a.enseignant.pk).update(provisoire=True)
    client = Client()
    par_l_ent(client)
    assert client.get("/classes/").status_code == 200


def test_un_acte_destructeur_repasse_par_l_ent(inscrit: Monde, cas: ServeurCas, settings: object) -> None:
    settings.REDEMANDER_LE_MOT_DE_PASSE = True
    bilan = factories.bilan(inscrit.a.eleves[0], inscrit.a.enseignant)
    chemin = reverse("livret:bilan-delete", args=[bilan.pk])
    client = Client()
    par_l_ent(client)
    page = client.post(chemin, follow=True)
    assert "Repasser par l’ENT" in page.text
    depart = f"{ENT}?next={chemin}"
    cas.personne = "quelqu-un-d-autre"
    assert par_l_ent(client, depart).status_code == 403
    assert type(bilan).objects.filter(pk=bilan.pk).exists()
    cas.personne = "ent-42"
    client.post(chemin)
    par_l_ent(client, depart)
    assert not type(bilan).objects.filter(pk=bilan.pk).exists()
    assert sum("renew=true" in un for un in cas.demandes) == 4, "l’ENT redemande, et le retour le vérifie"


def test_l_identifiant_d_annuaire_se_note_et_reste_unique(
    inscrit: Monde, cas: ServeurCas, settings: object
) -> None:
    url = adresse("compte-identite", inscrit.a.etablissement.pk, inscrit.a.membre.pk)
    client = connecte(inscrit.a.administrateur)
    donnees = {"last_name": "M", "first_name": "M", "email": "", "annuaire": "ent-42"}
    erreurs = client.post(url, donnees).context["form"].errors
    assert "Un autre compte porte déjà cet identifiant d’annuaire." in str(erreurs)
    assert client.post(url, donnees | {"annuaire": "ent-43"}).status_code == 302
    settings.ANNUAIRES = []
    assert "annuaire" not in client.get(url).context["form"].fields
