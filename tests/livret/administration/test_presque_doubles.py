"""Une même personne écrite autrement : signalée avant d'être créée, à la main comme par une liste."""

import datetime

import pytest

from livret.administration.apercu_import import DemandeImport
from livret.administration.import_eleves import apercu
from livret.administration.lecture.fichier import lire
from livret.administration.lecture.resultat import Attendu
from livret.models import Eleve
from livret.personnes.identifiants import a_un_signe
from tests import factories
from tests.litanie import adresse, connecte
from tests.livret.administration.test_eleves import donnees
from tests.monde import Monde

NE_LE = datetime.date(2008, 7, 1)


@pytest.fixture
def jeanne(monde: Monde) -> Eleve:
    return factories.eleve(monde.a.classe, "LE GUEN-MOREL", "Jeanne", naissance=NE_LE, ine=None)


DOUBLES = pytest.mark.parametrize(
    ("nom", "prenom"),
    [
        ("LE GUEN-MOREL", "Jeanne"),
        ("Le Guen Morel", "Jeanné"),
        ("LEGUEN MOREL", "JEANNE"),
        ("Le Guen-Morel", "Jeane"),
        ("Le Guen-Morell", "Jeanne"),
        ("Le Gune-Morel", "Jeanne"),
        ("Le Guen-Morel", "Jeanne Marie"),
        ("Morel-Le Guen", "Jeanne"),
        ("Jeanne", "Le Guen-Morel"),
    ],
)


@DOUBLES
def test_signale_puis_cree_quand_meme(monde: Monde, jeanne: Eleve, nom: str, prenom: str) -> None:
    client, url = connecte(monde.a.administrateur), adresse("eleve-create", monde.a.classe.pk)
    envoi = donnees(monde, nom=nom, prenom=prenom, ine="")
    page = client.post(url, envoi)
    assert Eleve.objects.filter(etablissement=monde.a.etablissement).count() == 3
    lu = page.content.decode()
    assert "LE GUEN-MOREL Jeanne (naissance le 1er juillet 2008," in lu
    assert "Créer quand même" in lu
    assert f'value="{nom}"' in lu, "rien de tapé ne se perd"
    assert client.post(url, envoi | {"quand_meme": [str(jeanne.pk)]}).status_code == 302
    assert Eleve.objects.filter(prenom=prenom, nom=nom, ine=None).exclude(pk=jeanne.pk).count() == 1


@DOUBLES
def test_la_liste_importee_le_signale_aussi(monde: Monde, jeanne: Eleve, nom: str, prenom: str) -> None:
    texte = f"Nom;Prénom;Né(e) le\n{nom};{prenom};01/07/2008\n"
    fichier = lire(texte.encode(), Attendu(monde.a.classe.nom, monde.a.classe.annee.debut))
    resultat = apercu(monde.a.classe, DemandeImport(fichier, None))
    assert not resultat.nouveaux


@pytest.mark.parametrize(
    ("champs", "cree"),
    [
        ({"nom": "Le Guen-Morel", "prenom": "Jeanne", "naissance": "2009-07-01"}, False),
        ({"nom": "Le Guen-Morel", "prenom": "Jeane", "naissance": "2009-07-01"}, True),
        ({"nom": "Le Guen-Morel", "prenom": "Jeanne", "naissance": ""}, False),
        ({"nom": "Le Guen-Morel", "prenom": "Louis"}, True),
        ({"nom": "Legrand", "prenom": "Jeanne"}, True),
    ],
)
def test_ni_trop_ni_trop_peu(monde: Monde, jeanne: Eleve, champs: dict[str, str], cree: bool) -> None:
    """Une autre naissance n'est un doute que pour le même nom dans la même classe."""
    url = adresse("eleve-create", monde.a.classe.pk)
    reponse = connecte(monde.a.administrateur).post(url, donnees(monde, ine="", **champs))
    assert (reponse.status_code == 302) is cree


def test_confirmer_l_un_ne_confirme_pas_l_autre(monde: Monde, jeanne: Eleve) -> None:
    factories.eleve(monde.a.classe, "LE GUEN MOREL", "Jeane", naissance=NE_LE, ine=None)
    url = adresse("eleve-create", monde.a.classe.pk)
    envoi = donnees(monde, nom="Le Guen-Morel", prenom="Jeanne", ine="", quand_meme=[str(jeanne.pk)])
    page = connecte(monde.a.administrateur).post(url, envoi)
    assert page.status_code != 302
    assert "LE GUEN MOREL Jeane (naissance" in page.content.decode()


def test_deux_jumeaux_que_leur_ine_distingue(monde: Monde) -> None:
    factories.eleve(monde.a.classe, "Martin", "Léo", naissance=NE_LE, ine="111111111AA")
    url = adresse("eleve-create", monde.a.classe.pk)
    envoi = donnees(monde, nom="Martin", prenom="Léa", ine="222222222BB")
    assert connecte(monde.a.administrateur).post(url, envoi).status_code == 302


def test_un_eleve_d_ailleurs_n_est_ni_dit_ni_compare(monde: Monde) -> None:
    factories.eleve(monde.b.classe, "Le Guen", "Jeanne", naissance=NE_LE)
    url = adresse("eleve-create", monde.a.classe.pk)
    envoi = donnees(monde, nom="Le Guen", prenom="Jeanne", ine="")
    assert connecte(monde.a.administrateur).post(url, envoi).status_code == 302


@pytest.mark.parametrize(
    ("un", "autre", "attendu"),
    [
        ("Morel", "Morel", True),
        ("Morel", "Morell", True),
        ("Morel", "Mroel", True),
        ("Morel", "Borel", True),
        ("Morel", "Bored", False),
        ("Morel", "Morelle", False),
        ("abcd", "badc", False),
        ("É", "e", True),
    ],
)
def test_a_un_signe(un: str, autre: str, attendu: bool) -> None:
    assert a_un_signe(un, autre) is a_un_signe(autre, un) is attendu
