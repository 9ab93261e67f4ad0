"""La première entrée : un lien d'invitation, ou un mot de passe provisoire que l'on change."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail, signing
from django.test import Client
from django.urls import reverse

from livret.models import Utilisateur
from tests import factories
from tests.factories import MOT_DE_PASSE
from tests.litanie import adresse, connecte, messages
from tests.monde import Monde
from trpm.comptes.bienvenue import SEL, lien_de_bienvenue
from trpm.garde.confidentialite import masque
from trpm.permissions import Role

NEUF = "rectification-plane-31"
DEUX_FOIS = {"new_password1": NEUF, "new_password2": NEUF}


def compte_neuf(monde: Monde, **champs: object) -> tuple[Utilisateur, object]:
    url = adresse("compte-create", monde.a.etablissement.pk)
    donnees = {"last_name": "Roux", "first_name": "Anne", "roles": ["enseignant"], **champs}
    reponse = connecte(monde.a.administrateur).post(url, donnees)
    return Utilisateur.objects.get(username="anne.roux"), reponse


def test_un_mot_de_passe_remis_se_change_a_la_premiere_entree(monde: Monde) -> None:
    compte, reponse = compte_neuf(monde)
    [acces] = reponse.context["acces"]
    client = Client()
    entree = client.post("/connexion/", {"username": "anne.roux", "password": acces.mot_de_passe})
    assert entree.url == "/"
    for chemin in ("/", "/classes/", "/mon-compte/second-facteur/"):
        assert client.get(chemin).url.startswith("/mot-de-passe/"), chemin
    assert client.post("/avis/", {"couper": "1"}).url == "/mot-de-passe/"
    page = client.get("/", follow=True)
    assert "ne sert qu’à entrer la première fois" in page.text
    client.post("/mot-de-passe/", {"old_password": acces.mot_de_passe, **DEUX_FOIS})
    assert client.get("/classes/").status_code == 200
    compte.refresh_from_db()
    assert (compte.provisoire, compte.check_password(NEUF)) == (False, True)


def test_un_fragment_de_page_mene_aussi_au_changement(monde: Monde) -> None:
    compte, _ = compte_neuf(monde)
    reponse = connecte(compte).get("/chercher/?q=a", headers={"HX-Request": "true"})
    assert reponse["HX-Redirect"] == "/mot-de-passe/"


def test_le_lien_sert_une_fois(monde: Monde) -> None:
    compte, reponse = compte_neuf(monde)
    [(_, lien, dessin)] = reponse.context["feuilles"]
    assert lien.startswith("http://testserver/bienvenue/")
    assert "<svg" in dessin
    client = Client()
    page = client.get(lien)
    assert "Bienvenue, Anne Roux" in page.text
    assert (page["Referrer-Policy"], page["Cache-Control"]) == ("no-referrer", "private, no-store")
    assert "au minimum 10 caractères" in client.post(lien, dict.fromkeys(DEUX_FOIS, "abc")).text
    assert client.post(lien, DEUX_FOIS).url == "/"
    assert client.get("/classes/").status_code == 200
    compte.refresh_from_db()
    assert (compte.provisoire, compte.check_password(NEUF)) == (False, True)
    for methode in ("get", "post"):
        perdue = getattr(Client(), methode)(lien, DEUX_FOIS)
        assert (perdue.status_code, "ne vaut plus" in perdue.text) == (410, True)


def test_les_liens_qui_ne_valent_rien(monde: Monde, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passé, remplacé, d'un compte fermé, d'un compte déjà entré, forgé, d'un autre sel."""
    compte, _ = compte_neuf(monde)
    lien = lien_de_bienvenue(compte, "")
    assert Client().get(lien).status_code == 200
    with monkeypatch.context() as patch:
        patch.setattr("trpm.comptes.bienvenue.DUREE", timedelta(seconds=-1))
        assert Client().get(lien).status_code == 410
    compte.is_active = False
    compte.save()
    assert Client().get(lien).status_code == 410
    compte.is_active = True
    compte.save()
    connecte(monde.a.administrateur).post(adresse("compte-mot-de-passe", monde.a.etablissement.pk, compte.pk))
    assert Client().get(lien).status_code == 410
    entre = lien_de_bienvenue(monde.a.enseignant, "")
    forges = [entre, "/bienvenue/abc/", "/bienvenue/" + signing.dumps([compte.pk, "x"], salt=SEL) + "/"]
    forges += ["/bienvenue/" + signing.dumps([compte.pk, "x"], salt="autre") + "/"]
    assert [Client().get(un).status_code for un in forges] == [410] * 4


def test_l_invitation_par_courriel(monde: Monde, settings: object) -> None:
    compte, reponse = compte_neuf(monde, email="anne@essai.invalid", inviter="on")
    assert reponse.status_code == 302
    [message] = mail.outbox
    assert (message.to, message.subject) == (["anne@essai.invalid"], "Votre compte du livret TRPM")
    lien = next(mot for mot in message.body.split() if "/bienvenue/" in mot)
    assert "anne.roux" in message.body
    assert Client().post(lien, DEUX_FOIS).url == "/"
    compte.refresh_from_db()
    assert compte.check_password(NEUF)


def test_inviter_demande_une_adresse_et_un_serveur(monde: Monde, settings: object) -> None:
    url = adresse("compte-create", monde.a.etablissement.pk)
    donnees = {"last_name": "Roux", "first_name": "Anne", "roles": ["membre"], "inviter": "on"}
    client = connecte(monde.a.administrateur)
    erreurs = client.post(url, donnees).context["form"].errors
    assert erreurs == {"email": ["Donnez l’adresse où envoyer l’invitation."]}
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert "Envoyer l’invitation" not in client.get(url).text
    assert client.post(url, donnees).context["acces"], "la feuille à remettre, à défaut de courriel"


def test_le_courriel_qui_ne_part_pas_laisse_la_feuille(monde: Monde, settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    _, reponse = compte_neuf(monde, email="anne@essai.invalid", inviter="on")
    assert reponse.context["acces"]
    assert messages(reponse)[0].startswith("Rien n’est parti")


def test_reinviter_par_courriel(monde: Monde) -> None:
    ancienne = connecte(monde.a.enseignant)
    url = adresse("compte-mot-de-passe", monde.a.etablissement.pk, monde.a.enseignant.pk)
    reponse = connecte(monde.a.administrateur).post(url, {"forme": "courriel"})
    assert reponse.status_code == 302
    [message] = mail.outbox
    assert message.to == [monde.a.enseignant.email]
    assert ancienne.get("/classes/").status_code == 302, "l’ancien mot de passe ne vaut plus"


def test_un_eleve_sans_courriel_entre_par_sa_feuille(monde: Monde) -> None:
    url = adresse("classe-comptes", monde.a.classe.pk)
    reponse = connecte(monde.a.administrateur).post(url)
    [(remis, lien, _)] = reponse.context["feuilles"]
    assert remis.compte.email == ""
    client = Client()
    assert client.post(lien, DEUX_FOIS).url == "/"
    assert client.get(reverse("livret:mon-livret")).status_code == 200


def test_aucune_inscription(monde: Monde) -> None:
    """Ni page, ni adresse : un compte vient de l'établissement."""
    for chemin in ("signup/", "accounts/signup/", "inscription/", "accounts/login/", "accounts/email/"):
        assert Client().get(f"/{chemin}").status_code == 404
    client = Client()
    client.post("/connexion/", {"username": "personne", "password": MOT_DE_PASSE})
    assert not Utilisateur.objects.filter(username="personne").exists()


def test_le_secret_d_une_invitation_n_est_pas_au_journal(monde: Monde, caplog: object) -> None:
    compte, _ = compte_neuf(monde)
    lien = lien_de_bienvenue(compte, "https://trpm.example.fr")
    assert masque(f"GET {lien} 200") == "GET https://trpm.example.fr/bienvenue/[secret]/ 200"


def test_un_compte_ferme_entre_ses_deux_facteurs(monde: Monde) -> None:
    factories.utilisateur(Role.ENSEIGNANT, etablissement=monde.a.etablissement, identifiant="ferme")
    Utilisateur.objects.filter(username="ferme").update(is_active=False)
    reponse = Client().post("/connexion/", {"username": "ferme", "password": MOT_DE_PASSE})
    assert reponse.status_code == 200
    assert settings.SESSION_COOKIE_NAME not in reponse.cookies
