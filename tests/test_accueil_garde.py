"""Le contenu de l'accueil est gardé par ce qu'il montre : il n'en montre pas d'autre, ni à un autre."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.test.signals import template_rendered

from livret.models import Appartenance, Classe, Eleve, Invitation, Situation, Utilisateur
from tests import factories
from tests.litanie import connecte
from tests.monde import Monde
from trpm.accueil import page
from trpm.permissions import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rien_de_garde() -> None:
    page._ECRITS.vider()


def ecrits(client: Client) -> int:
    """Combien de fois une visite écrit le contenu."""
    vus: list[str] = []

    def voir(template, **_) -> None:
        vus.append(template.name)

    template_rendered.connect(voir)
    try:
        assert client.get("/").status_code == 200
    finally:
        template_rendered.disconnect(voir)
    return vus.count("accueil/_contenu.html")


def lu(client: Client) -> str:
    return client.get("/").content.decode()


def test_il_s_ecrit_une_fois_tant_que_rien_ne_change(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert [ecrits(client) for _ in range(3)] == [1, 0, 0]
    Classe.objects.filter(pk=monde.a.classe.pk).update(nom="Tle Z")
    assert "Tle Z" in lu(client)
    Eleve.objects.filter(pk=monde.a.eleves[0].pk).update(actif=True)
    assert ecrits(client) == 0
    factories.eleve(monde.a.classe, "ARRIVÉ", "Sacha")
    assert "3 élèves" in lu(client)


def test_un_role_de_plus_une_situation_notee_le_changent_aussitot(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert "Vos commissions" not in lu(client)
    Appartenance.objects.create(
        utilisateur=monde.a.enseignant, etablissement=monde.a.etablissement, role=Role.MEMBRE
    )
    assert "Vos commissions" in lu(client)
    intitule = monde.a.situation.intitule
    assert f"{intitule}</span>" in lu(client)
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=Situation.Etat.PUBLIEE)
    assert f"{intitule}</span>" not in lu(client)


def test_deux_personnes_ne_se_le_passent_pas(monde: Monde) -> None:
    comptes = [*monde.a.comptes.values(), *monde.b.comptes.values()]
    clients = [connecte(compte) for compte in comptes]
    neufs = []
    for client in clients:
        page._ECRITS.vider()
        neufs.append(_contenu(client))
    assert [_contenu(client) for client in clients] == neufs
    intrus = [un for un in neufs[: len(monde.a.comptes)] if "INTRUS" in un]
    assert intrus == []


def _contenu(client: Client) -> str:
    reponse = client.get("/", follow=True)
    return reponse.content.decode().partition('<div class="accueil">')[2].partition("</main>")[0]


def test_une_invitation_s_ecrit_a_part_et_garde_son_jeton(monde: Monde) -> None:
    nouveau = Utilisateur.objects.create(username="invite", password=make_password("x"))
    client = connecte(nouveau)
    assert ecrits(client) == 1
    Invitation.objects.create(
        utilisateur=nouveau, etablissement=monde.a.etablissement, par=monde.a.administrateur, roles=["membre"]
    )
    assert ecrits(client) == 0
    envois = {re.search(r'name="envoi" value="([^"]+)"', lu(client))[1] for _ in range(2)}
    assert len(envois) == 2
    assert lu(client).count('class="invitation"') == 1


def test_les_classes_sont_dans_l_ordre_de_leur_nom(monde: Monde) -> None:
    for nom in ("Tle C", "Tle B", "1re Z"):
        factories.classe(monde.a.promotion, [monde.a.enseignant], nom=nom)
    noms = re.findall(r'class="carte-titre"[^>]*>([^<]+)', lu(connecte(monde.a.enseignant)))
    assert noms == sorted(noms)
    assert len(noms) == 4
