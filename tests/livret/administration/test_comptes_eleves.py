"""Ouvrir les comptes des élèves d'une classe, en une fois."""

from livret.models import Eleve, Utilisateur
from tests import factories
from tests.litanie import (
    adresse,
    connecte,
    requetes,
    verifier_droits,
)
from tests.monde import Monde


def test_droits(monde: Monde) -> None:
    contenu = verifier_droits(
        monde, adresse("classe-comptes", monde.a.classe.pk), adresse("classe-comptes", monde.b.classe.pk)
    )
    # Seul le second élève n'a pas de compte.
    assert "ALPHA-A2 Dominique" in contenu
    assert "ALPHA-A1 Camille" not in contenu


def test_ouvrir(monde: Monde) -> None:
    factories.eleve(monde.a.classe, "DUPRÉ", "Jean-Éloï")
    factories.eleve(monde.a.classe, "DUPRÉ", "Jean Eloi")
    parti = factories.eleve(monde.a.classe, "PARTI")
    parti.scolarites.get().sortir(parti.scolarites.get().classe.annee.dernier_jour)
    factories.utilisateur(identifiant="JeanEloi.Dupre2")
    client = connecte(monde.a.administrateur)
    reponse = client.post(adresse("classe-comptes", monde.a.classe.pk))
    recus = {acces.nom: acces.identifiant for acces in reponse.context["acces"]}
    assert recus == {
        "Dominique ALPHA-A2": "dominique.alphaa2",
        "Jean Eloi DUPRÉ": "jeaneloi.dupre",
        "Jean-Éloï DUPRÉ": "jeaneloi.dupre3",
    }
    assert "no-store" in reponse["Cache-Control"]
    assert reponse.text.count('<span class="au-papier">http://testserver/connexion/</span>') == 3
    for acces in reponse.context["acces"]:
        compte = Utilisateur.objects.get(username=acces.identifiant)
        assert compte.check_password(acces.mot_de_passe)
        assert compte.eleve.etablissement == monde.a.etablissement
        assert compte.appartenances.count() == 0
    assert Eleve.objects.get(pk=parti.pk).utilisateur is None
    assert len({acces.mot_de_passe for acces in reponse.context["acces"]}) == 3


def test_recommencer_ne_change_rien(monde: Monde) -> None:
    client = connecte(monde.a.administrateur)
    url = adresse("classe-comptes", monde.a.classe.pk)
    client.post(url)
    avant = list(Utilisateur.objects.order_by("pk").values_list("pk", "password"))
    reponse = client.post(url, follow=True)
    assert [str(message) for message in reponse.context["messages"]] == [
        "Tous les élèves de la classe ont déjà un compte."
    ]
    assert list(Utilisateur.objects.order_by("pk").values_list("pk", "password")) == avant


def test_fichier(monde: Monde) -> None:
    reponse = connecte(monde.a.administrateur).post(
        adresse("classe-comptes", monde.a.classe.pk), {"forme": "csv"}
    )
    assert reponse["Content-Type"] == "text/csv; charset=utf-8"
    lignes = [ligne.split(";") for ligne in reponse.content.decode("utf-8-sig").splitlines()]
    assert [ligne[:2] for ligne in lignes] == [
        ["Nom", "Identifiant"],
        ["Dominique ALPHA-A2", "dominique.alphaa2"],
    ]
    assert Utilisateur.objects.get(username="dominique.alphaa2").check_password(lignes[1][2])


def test_remettre_le_mot_de_passe_d_un_eleve(monde: Monde) -> None:
    client = connecte(monde.a.administrateur)
    lieu = monde.a.etablissement.pk
    page = client.get(adresse("compte", lieu, monde.a.compte_eleve.pk)).content.decode()
    assert "ALPHA-A1 Camille" in page
    assert client.post(adresse("compte-mot-de-passe", lieu, monde.a.compte_eleve.pk)).status_code == 200
    assert client.post(adresse("compte-mot-de-passe", lieu, monde.b.compte_eleve.pk)).status_code == 404


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.administrateur)
    url = adresse("classe-comptes", monde.a.classe.pk)
    assert requetes(lambda: client.get(url)) == 5
    factories.eleve(monde.a.classe)
    factories.eleve(monde.a.classe)
    assert requetes(lambda: client.get(url)) == 5
