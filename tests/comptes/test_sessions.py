"""Les sessions d'un compte : listées, et fermées ailleurs."""

from django.test import Client

from tests.comptes.authentificateurs import entrer
from tests.factories import MOT_DE_PASSE
from tests.monde import Monde


def test_listees_et_fermees_ailleurs(monde: Monde) -> None:
    salle, maison = Client(HTTP_USER_AGENT="Tablette de l’atelier"), Client(HTTP_USER_AGENT="Chez soi")
    for client in (salle, maison):
        entrer(client, "enseignant-a")
    autre = Client(HTTP_USER_AGENT="Un autre compte")
    entrer(autre, "membre-a")
    page = maison.get("/mon-compte/sessions/").text
    assert ("Tablette de l’atelier" in page, "Chez soi" in page, "Un autre compte" in page) == (
        True,
        True,
        False,
    )
    assert page.count("celle-ci") == 1
    fermees = maison.post("/mon-compte/sessions/", follow=True)
    assert "Vos autres sessions sont fermées." in fermees.text
    assert "Aucune autre session n’est ouverte." in fermees.text
    statuts = [client.get("/classes/").status_code for client in (salle, maison)]
    assert (statuts, autre.get("/avis/").status_code) == ([302, 200], 200)


def test_changer_de_mot_de_passe_ferme_les_autres(monde: Monde) -> None:
    salle, maison = Client(), Client()
    for client in (salle, maison):
        entrer(client, "enseignant-a")
    neuf = "rectification-plane-31"
    maison.post(
        "/mot-de-passe/", {"old_password": MOT_DE_PASSE, "new_password1": neuf, "new_password2": neuf}
    )
    assert [client.get("/classes/").status_code for client in (salle, maison)] == [302, 200]
    assert "celle-ci" in maison.get("/mon-compte/sessions/").text


def test_le_navigateur_se_lit_echappe(monde: Monde) -> None:
    client = Client(HTTP_USER_AGENT="<script>x</script>")
    entrer(client, "enseignant-a")
    assert "<script>x" not in client.get("/mon-compte/sessions/").text
