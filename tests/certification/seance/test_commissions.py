"""Liste des commissions."""

from tests import factories
from tests.certification.scene import (
    COMMISSION,
    adresse,
    decider,
    figer,
    statuts,
)
from tests.litanie import connecte, requetes
from trpm.permissions import Role

URL = "/commissions/"


def test_qui_la_voit(monde):
    assert statuts(monde, URL) == {
        **COMMISSION,
        "membre d’une autre commission": 200,
        "ailleurs": 200,
    }


def test_chacun_voit_les_siennes(monde):
    autre = factories.commission(monde.a.promotion, "EP2")
    attendues = {
        monde.a.administrateur: {monde.a.commission, autre},
        monde.a.president: {monde.a.commission, autre},
        monde.a.membre: {monde.a.commission},
        monde.b.president: {monde.b.commission},
    }
    for compte, commissions in attendues.items():
        assert set(connecte(compte).get(URL).context["commissions"]) == commissions


def test_elle_compte_les_dossiers_figes(monde, president, camille):
    decider(monde, camille)
    figer(monde, camille)
    (commission,) = president.get(URL).context["commissions"]
    assert (commission.candidats, commission.figes) == (2, 1)


def test_vide_elle_dit_quoi_faire(monde):
    lieu = factories.etablissement("Lycée neuf")
    admin = factories.utilisateur(Role.ADMINISTRATEUR, etablissement=lieu)
    membre = factories.utilisateur(Role.MEMBRE, etablissement=lieu)
    assert adresse("commission-create") in connecte(admin).get(URL).content.decode()
    assert "elle apparaît ici dès que vous en êtes membre" in connecte(membre).get(URL).content.decode()


def test_requetes(monde, president):
    assert requetes(lambda: president.get(URL)) == 4
    factories.commission(monde.a.promotion, "EP2")
    factories.commission(monde.a.promotion, "EP3")
    assert requetes(lambda: president.get(URL)) == 4
