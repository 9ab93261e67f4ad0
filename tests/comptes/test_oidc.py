"""L'entrée par OpenID Connect, contre un vrai fournisseur : un compte qui existe, personne d'autre."""

from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import oidc_provider_mock
import pytest
import requests
from django.test import Client

from livret.models import Utilisateur
from tests.comptes.authentificateurs import code_de, mettre_en_service
from tests.litanie import connecte
from tests.monde import Monde
from trpm.comptes.annuaires import oidc

pytestmark = pytest.mark.urls("tests.comptes.adresses_annuaires")
PORTAIL = "/connexion/oidc/"


@pytest.fixture(scope="module")
def fournisseur() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread() as serveur:
        yield f"http://localhost:{serveur.server_port}"


@pytest.fixture
def portail(fournisseur: str, settings: object) -> str:
    settings.OIDC_EMETTEUR, settings.ANNUAIRES = fournisseur, ["oidc"]
    settings.OIDC_CLIENT, settings.OIDC_SECRET = "trpm", "secret-d-essai"
    oidc._enregistre.cache_clear()
    return fournisseur


@pytest.fixture
def inscrit(monde: Monde) -> Monde:
    Utilisateur.objects.filter(pk=monde.a.enseignant.pk).update(annuaire="sub-42")
    return monde


def par_le_portail(client: Client, depart: str = PORTAIL, sub: str = "sub-42") -> object:
    aller = client.get(depart)
    return client.get(chez_lui(aller.url, sub))


def chez_lui(adresse: str, sub: str) -> str:
    reponse = requests.post(adresse, data={"sub": sub}, allow_redirects=False, timeout=10)
    return reponse.headers["Location"]


def dire(portail: str, sub: str, **dits: object) -> None:
    assert requests.put(f"{portail}/users/{quote(sub)}", json=dits, timeout=10).status_code == 204


def test_un_compte_connu_entre_et_arrive_ou_il_allait(inscrit: Monde, portail: str) -> None:
    client = Client()
    assert "Se connecter par le portail" in client.get("/connexion/").text
    aller = client.get(f"{PORTAIL}?next=/classes/")
    demande = parse_qs(urlsplit(aller.url).query)
    assert demande["code_challenge_method"] == ["S256"]
    assert demande["nonce"]
    assert demande["state"]
    assert client.get(chez_lui(aller.url, "sub-42")).url == "/classes/"
    assert client.get("/classes/").status_code == 200


def test_une_personne_inconnue_le_lit_et_rien_ne_se_cree(inscrit: Monde, portail: str) -> None:
    avant = Utilisateur.objects.count()
    client = Client()
    reponse = par_le_portail(client, sub="sub-inconnu")
    assert (reponse.status_code, "Rien n’a été créé" in reponse.text) == (403, True)
    assert client.get("/classes/").status_code == 302
    assert Utilisateur.objects.count() == avant


def test_l_attribut_et_le_champ_se_reglent(inscrit: Monde, portail: str, settings: object) -> None:
    settings.OIDC_ATTRIBUT, settings.OIDC_CHAMP = "email", "courriel"
    dire(portail, "autre", email="enseignant-a@essai.invalid")
    client = Client()
    assert par_le_portail(client, sub="autre").url == "/"
    assert client.session["_auth_user_id"] == str(inscrit.a.enseignant.pk)
    dire(portail, "douteux", email="enseignant-a@essai.invalid", email_verified=False)
    assert par_le_portail(Client(), sub="douteux").status_code == 403
    settings.OIDC_ATTRIBUT, settings.OIDC_CHAMP = "ninePupil", "ine"
    assert par_le_portail(Client()).status_code == 403, "l’attribut n’est pas donné"


def test_un_retour_qui_n_est_pas_le_notre(inscrit: Monde, portail: str) -> None:
    """Sans aller, dans une autre session, joué deux fois, refusé par le portail, jeton d'un autre client."""
    client = Client()
    retour = chez_lui(client.get(PORTAIL).url, "sub-42")
    assert Client().get(retour).status_code == 502
    assert client.get(retour.replace("state=", "state=x")).status_code == 502
    assert client.get(retour).status_code == 302
    assert client.get(retour).status_code == 502
    assert Client().get(f"{PORTAIL}retour/").status_code == 502
    assert Client().get(f"{PORTAIL}retour/?error=access_denied&state=x").status_code == 502


def test_un_jeton_altere_n_ouvre_rien(inscrit: Monde, portail: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Le portail rend un jeton dont la signature ne tient pas."""
    envoyer = requests.Session.send

    def alterer(self: requests.Session, demande: object, **options: object) -> object:
        reponse = envoyer(self, demande, **options)
        if demande.url.endswith("/oauth2/token"):
            lu = reponse.json()
            tete, corps, _ = lu["id_token"].split(".")
            lu["id_token"] = f"{tete}.{corps}.{'A' * 86}"
            reponse.json = lambda: lu
        return reponse

    client = Client()
    retour = chez_lui(client.get(PORTAIL).url, "sub-42")
    monkeypatch.setattr(requests.Session, "send", alterer)
    assert client.get(retour).status_code == 502
    assert client.get("/classes/").status_code == 302


def test_un_portail_arrete(inscrit: Monde, portail: str, settings: object) -> None:
    settings.OIDC_EMETTEUR = "http://127.0.0.1:9"
    page = Client().get(PORTAIL)
    assert (page.status_code, "n’a pas abouti" in page.text) == (502, True)


def test_le_second_facteur_se_demande_aussi(inscrit: Monde, portail: str) -> None:
    cle = mettre_en_service(connecte(inscrit.a.enseignant))
    client = Client()
    assert par_le_portail(client).url == "/connexion/second-facteur/"
    assert client.post("/connexion/second-facteur/", {"code": code_de(cle)}).url == "/"


def test_sortir_ferme_aussi_chez_lui(inscrit: Monde, portail: str) -> None:
    client = Client()
    par_le_portail(client)
    sortie = client.post("/deconnexion/").url
    annoncee = requests.get(f"{portail}/.well-known/openid-configuration", timeout=10).json()
    assert sortie.startswith(annoncee["end_session_endpoint"])
    assert parse_qs(urlsplit(sortie).query)["post_logout_redirect_uri"] == ["http://testserver/connexion/"]
    assert client.get("/classes/").status_code == 302


def test_redire_par_le_portail_demande_une_nouvelle_entree(inscrit: Monde, portail: str) -> None:
    client = Client()
    par_le_portail(client)
    aller = client.get(f"{PORTAIL}?next=/avis/")
    assert parse_qs(urlsplit(aller.url).query)["prompt"] == ["login"]
    assert client.get(chez_lui(aller.url, "sub-42")).url == "/avis/"
    assert par_le_portail(client, sub="un-autre").status_code == 403
