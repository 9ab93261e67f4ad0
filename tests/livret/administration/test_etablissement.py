"""L'accueil de l'administration, la page de l'établissement et ses réglages."""

import datetime

from livret.models import AnneeScolaire, Appartenance, Classe, Etablissement
from livret.progression.attentes import semestre_de
from livret.situation.forms.reprise import situation_initiale
from tests import factories
from tests.litanie import (
    adresse,
    connecte,
    requetes,
    verifier_droits,
)
from tests.monde import INTRUS, Monde
from trpm.permissions import Role

IDENTITE = {"uai": "0400740M", "nom": "Lycée Neuf", "adresse": "1, rue Haute", "ville": "Dax", "academie": ""}


def test_un_seul_etablissement_ouvre_le_sien(monde: Monde) -> None:
    reponse = connecte(monde.a.administrateur).get(adresse("administration"))
    assert (reponse.status_code, reponse.url) == (302, adresse("etablissement", monde.a.etablissement.pk))
    for compte in (monde.a.enseignant, monde.a.compte_eleve, monde.a.membre, monde.a.president):
        assert connecte(compte).get(adresse("administration")).status_code == 403


def test_plusieurs_etablissements_se_choisissent(monde: Monde) -> None:
    second = factories.etablissement("Lycée Second")
    Appartenance.objects.create(
        utilisateur=monde.a.administrateur, etablissement=second, role=Role.ADMINISTRATEUR
    )
    # Un rôle d'enseignant chez B n'y donne pas l'administration.
    Appartenance.objects.create(
        utilisateur=monde.a.administrateur, etablissement=monde.b.etablissement, role=Role.ENSEIGNANT
    )
    reponse = connecte(monde.a.administrateur).get(adresse("administration"))
    assert [lieu.nom for lieu in reponse.context["etablissements"]] == ["Lycée A", "Lycée Second"]
    assert INTRUS not in reponse.content.decode()


def test_page_de_l_etablissement(monde: Monde) -> None:
    contenu = verifier_droits(
        monde,
        adresse("etablissement", monde.a.etablissement.pk),
        adresse("etablissement", monde.b.etablissement.pk),
    )
    assert monde.a.classe.nom in contenu
    assert "2025-2026" in contenu


def test_page_vide_dit_par_ou_commencer(monde: Monde) -> None:
    neuf = factories.etablissement("Lycée Neuf")
    administrateur = factories.utilisateur(Role.ADMINISTRATEUR, etablissement=neuf)
    client = connecte(administrateur)
    contenu = client.get(adresse("etablissement", neuf.pk)).content.decode()
    assert adresse("promotion-create", neuf.pk) in contenu
    factories.promotion(neuf, monde.referentiel)
    contenu = client.get(adresse("etablissement", neuf.pk)).content.decode()
    assert adresse("classe-create", neuf.pk) in contenu


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.administrateur)
    url = adresse("etablissement", monde.a.etablissement.pk)
    assert requetes(lambda: client.get(url)) == REQUETES
    for niveau in ("1re", "2de"):
        classe = factories.classe(monde.a.promotion, [monde.a.enseignant], niveau=niveau)
        factories.eleve(classe)
    assert requetes(lambda: client.get(url)) == REQUETES


REQUETES = 8


# --- Réglages ---


def test_reglages(monde: Monde) -> None:
    contenu = verifier_droits(
        monde,
        adresse("etablissement-update", monde.a.etablissement.pk),
        adresse("etablissement-update", monde.b.etablissement.pk),
    )
    assert monde.a.etablissement.uai in contenu


def test_enregistrer_l_identite(monde: Monde) -> None:
    url = adresse("etablissement-update", monde.a.etablissement.pk)
    reponse = connecte(monde.a.administrateur).post(url, {**IDENTITE, "uai": " 0400740 m "})
    assert (reponse.status_code, reponse.url) == (302, url)
    lieu = Etablissement.objects.get(pk=monde.a.etablissement.pk)
    assert (lieu.uai, lieu.nom, lieu.ville) == ("0400740M", "Lycée Neuf", "Dax")
    assert lieu.history.first().history_user == monde.a.administrateur


def test_le_debut_du_second_semestre_se_regle(monde: Monde) -> None:
    """Le jour même en est, partout : la classe et la situation disent le même semestre."""
    url, client = adresse("etablissement-update", monde.a.etablissement.pk), connecte(monde.a.administrateur)
    lieu, classe = monde.a.etablissement, monde.a.classe
    jour = datetime.date(classe.annee.debut + 1, 1, 20)
    assert semestre_de(Classe.objects.get(pk=classe.pk), jour) == 5
    assert client.post(url, {**IDENTITE, "debut_du_second": "20/1"}).status_code == 302
    lieu.refresh_from_db()
    assert lieu.second_semestre == (1, 20)
    enregistree = Classe.objects.get(pk=classe.pk)
    assert semestre_de(enregistree, jour) == situation_initiale(enregistree, jour)["semestre"] == 6
    assert semestre_de(enregistree, jour - datetime.timedelta(days=1)) == 5
    assert 'value="20/01"' in client.get(url).content.decode()
    for faux, phrase in {"31/02": "n’existe pas", "15/05": "entre le 1er décembre et le 31 mars"}.items():
        reponse = client.post(url, {**IDENTITE, "debut_du_second": faux})
        assert phrase in reponse.context["form"].errors["debut_du_second"][0]
        assert f'value="{faux}"' in reponse.content.decode()
    assert client.post(url, IDENTITE).status_code == 302
    lieu.refresh_from_db()
    assert lieu.second_semestre == (1, 20), "un champ absent ne change rien"


def test_lettre_fausse_dite_avec_la_bonne(monde: Monde) -> None:
    url = adresse("etablissement-update", monde.a.etablissement.pk)
    reponse = connecte(monde.a.administrateur).post(url, {**IDENTITE, "uai": "0400740A"})
    assert reponse.context["form"].errors["uai"] == [
        "La lettre de contrôle de l’UAI « 0400740A » est fausse : 0400740 attend M."
    ]
    contenu = reponse.content.decode()
    assert 'value="0400740A"' in contenu
    assert 'value="Lycée Neuf"' in contenu
    # Le fil garde le nom enregistré, pas celui que l'on vient de taper.
    assert f">{monde.a.etablissement.nom}</a>" in contenu
    assert Etablissement.objects.get(pk=monde.a.etablissement.pk).nom == "Lycée A"


def test_uai_d_un_autre(monde: Monde) -> None:
    url = adresse("etablissement-update", monde.a.etablissement.pk)
    donnees = {**IDENTITE, "uai": monde.b.etablissement.uai}
    reponse = connecte(monde.a.administrateur).post(url, donnees)
    assert reponse.context["form"].errors["uai"] == ["Un autre établissement porte déjà cet UAI."]
    assert INTRUS not in reponse.content.decode()


# --- Années ---


def test_ouvrir_une_annee(monde: Monde) -> None:
    url = adresse("annee-create", monde.a.etablissement.pk)
    verifier_droits(monde, url, adresse("annee-create", monde.b.etablissement.pk))
    client = connecte(monde.a.administrateur)
    assert client.post(url, {"debut": "2031"}).status_code == 302
    assert client.post(url, {"debut": "2031"}).status_code == 302
    assert AnneeScolaire.objects.filter(debut=2031).count() == 1


def test_annee_invraisemblable(monde: Monde) -> None:
    url = adresse("annee-create", monde.a.etablissement.pk)
    avant = AnneeScolaire.objects.count()
    reponse = connecte(monde.a.administrateur).post(url, {"debut": "26"})
    assert list(reponse.context["form"].errors) == ["debut"]
    assert 'value="26"' in reponse.content.decode()
    assert AnneeScolaire.objects.count() == avant
