"""L'accueil : chacun arrive où il travaille."""

from django.urls import reverse

from livret.models import Situation
from tests import factories
from tests.litanie import connecte, requetes
from tests.monde import INTRUS, Monde
from trpm.permissions import Role

URL = "/"


def test_l_enseignant_trouve_ses_classes_et_ce_qui_reste_a_evaluer(monde: Monde) -> None:
    page = connecte(monde.a.enseignant).get(URL).content.decode()
    assert f'href="{monde.a.classe.get_absolute_url()}"' in page
    assert reverse("livret:grille", args=[monde.a.situation.pk]) in page
    assert INTRUS not in page


def test_une_situation_publiee_n_est_plus_a_evaluer(monde: Monde) -> None:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=Situation.Etat.PUBLIEE)
    page = connecte(monde.a.enseignant).get(URL).content.decode()
    assert reverse("livret:grille", args=[monde.a.situation.pk]) not in page


def test_l_enseignant_hors_de_toute_equipe_apprend_qui_peut_l_y_mettre(monde: Monde) -> None:
    page = connecte(monde.a.collegue).get(URL).content.decode()
    assert "Vous n’êtes dans l’équipe d’aucune classe." in page
    assert monde.a.classe.nom not in page


def test_l_eleve_arrive_sur_son_livret(monde: Monde) -> None:
    reponse = connecte(monde.a.compte_eleve).get(URL)
    assert (reponse.status_code, reponse.url) == (302, reverse("livret:mon-livret"))


def test_le_membre_arrive_sur_ses_commissions(monde: Monde) -> None:
    for compte in (monde.a.membre, monde.a.president):
        reponse = connecte(compte).get(URL)
        assert (reponse.status_code, reponse.url) == (302, reverse("certification:commissions"))


def test_qui_cumule_les_roles_choisit(monde: Monde) -> None:
    cumul = factories.utilisateur(Role.ENSEIGNANT, Role.MEMBRE, etablissement=monde.a.etablissement)
    page = connecte(cumul).get(URL).content.decode()
    assert "Vos classes" in page
    assert f'href="{reverse("certification:commissions")}"' in page
    assert "Votre livret" not in page


def test_l_administrateur_voit_les_classes_de_son_etablissement_et_les_commissions(monde: Monde) -> None:
    page = connecte(monde.a.administrateur).get(URL).content.decode()
    assert monde.a.classe.nom in page
    assert "Vos commissions" in page
    assert INTRUS not in page


def test_un_compte_sans_role_sait_a_qui_s_adresser(monde: Monde) -> None:
    reponse = connecte(factories.utilisateur()).get(URL)
    assert reponse.status_code == 200
    assert "Votre compte n’a pas encore de rôle." in reponse.content.decode()


def test_seules_les_classes_de_l_annee_sont_a_l_accueil(monde: Monde) -> None:
    ancienne = factories.classe(monde.a.promotion, [monde.a.enseignant], niveau="1re", nom="Première passée")
    client = connecte(monde.a.enseignant)
    assert ancienne.nom not in client.get(URL).content.decode()
    assert ancienne.nom in client.get(reverse("livret:classes")).content.decode()


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert requetes(lambda: client.get(URL)) == 8
    for _ in range(2):
        classe = factories.classe(monde.a.promotion, [monde.a.enseignant])
        factories.situation(classe, monde.a.enseignant)
    assert requetes(lambda: client.get(URL)) == 8
