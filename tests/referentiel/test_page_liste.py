from django.urls import reverse

from tests import factories
from tests.referentiel.texte import texte
from trpm.permissions import Role

ADRESSE = reverse("referentiel:liste")


def test_chaque_role_voit_la_liste(trpm, personne):
    for role in Role:
        client, _ = personne(role)
        reponse = client.get(ADRESSE)
        if role is Role.ELEVE:
            continue
        assert reponse.status_code == 200
        assert "TRPM version 2020 Baccalauréat professionnel Technicien en réalisation" in texte(reponse)


def test_un_eleve_voit_la_liste(client, monde):
    client.force_login(monde.a.compte_eleve)
    assert "ESSAI version 1" in texte(client.get(ADRESSE))


def test_seul_l_administrateur_voit_le_bouton_d_import(trpm, admin_client, prof_client):
    assert "Importer un référentiel" in texte(admin_client.get(ADRESSE))
    assert "Importer un référentiel" not in texte(prof_client.get(ADRESSE))


def test_liste_vide(admin_client, prof_client):
    assert "Commencez par importer le fichier du référentiel" in texte(admin_client.get(ADRESSE))
    assert "L’administrateur de votre établissement peut en importer un." in texte(prof_client.get(ADRESSE))


def test_sans_session(client, personne):
    personne()
    reponse = client.get(ADRESSE)
    assert (reponse.status_code, reponse.url) == (302, f"{reverse('connexion')}?next={ADRESSE}")


def test_sans_role(personne):
    client, _ = personne()
    assert client.get(ADRESSE).status_code == 403


def test_lecture_seule(prof_client):
    assert prof_client.post(ADRESSE).status_code == 405


def test_nombre_de_requetes(trpm, prof_client, django_assert_num_queries):
    with django_assert_num_queries(5):
        prof_client.get(ADRESSE)
    factories.referentiel()
    factories.referentiel(version="2")
    with django_assert_num_queries(5):
        prof_client.get(ADRESSE)
