"""Les classes : création, équipe pédagogique, page des élèves, suppression."""

from livret.models import Classe
from tests import factories
from tests.litanie import (
    adresse,
    connecte,
    requetes,
    verifier_droits,
)
from tests.monde import INTRUS, Monde


def donnees(monde: Monde, **champs: object) -> dict[str, object]:
    return {
        "nom": "1re neuve",
        "niveau": "1re",
        "annee": monde.a.classe.annee_id,
        "promotion": monde.a.promotion.pk,
        "equipe": [monde.a.collegue.pk],
        **champs,
    }


def test_creer(monde: Monde) -> None:
    url = adresse("classe-create", monde.a.etablissement.pk)
    contenu = verifier_droits(monde, url, adresse("classe-create", monde.b.etablissement.pk))
    assert "Personne-A Enseignant-A" in contenu
    assert connecte(monde.a.administrateur).post(url, donnees(monde)).status_code == 302
    classe = Classe.objects.get(nom="1re neuve")
    assert (classe.etablissement, classe.niveau, list(classe.equipe.all())) == (
        monde.a.etablissement,
        "1re",
        [monde.a.collegue],
    )


def test_rien_de_l_autre_etablissement_ne_s_y_rattache(monde: Monde) -> None:
    url = adresse("classe-create", monde.a.etablissement.pk)
    client = connecte(monde.a.administrateur)
    for champs in ({"equipe": [monde.b.enseignant.pk]}, {"promotion": monde.b.promotion.pk}):
        reponse = client.post(url, donnees(monde, **champs))
        assert list(reponse.context["form"].errors) == list(champs)
        assert INTRUS not in reponse.content.decode()
    # Un compte d'ici qui n'est pas enseignant n'entre pas dans une équipe.
    reponse = client.post(url, donnees(monde, equipe=[monde.a.membre.pk]))
    assert list(reponse.context["form"].errors) == ["equipe"]
    assert Classe.objects.filter(etablissement=monde.a.etablissement).count() == 1


def test_nom_deja_pris_cette_annee_la(monde: Monde) -> None:
    url = adresse("classe-create", monde.a.etablissement.pk)
    reponse = connecte(monde.a.administrateur).post(url, donnees(monde, nom=monde.a.classe.nom))
    assert reponse.context["form"].non_field_errors() == ["Une classe porte déjà ce nom cette année-là."]
    assert f'value="{monde.a.classe.nom}"' in reponse.content.decode()


def test_modifier(monde: Monde) -> None:
    url = adresse("classe-update", monde.a.classe.pk)
    verifier_droits(monde, url, adresse("classe-update", monde.b.classe.pk))
    reponse = connecte(monde.a.administrateur).post(url, donnees(monde, nom="Tle renommée", niveau="Tle"))
    assert (reponse.status_code, reponse.url) == (302, adresse("classe-effectif", monde.a.classe.pk))
    monde.a.classe.refresh_from_db()
    assert (monde.a.classe.nom, list(monde.a.classe.equipe.all())) == ("Tle renommée", [monde.a.collegue])


def test_promotion_d_une_autre_version_du_referentiel(monde: Monde) -> None:
    autre = factories.promotion(monde.a.etablissement, factories.referentiel(version="2"))
    url = adresse("classe-update", monde.a.classe.pk)
    reponse = connecte(monde.a.administrateur).post(url, donnees(monde, promotion=autre.pk))
    assert reponse.context["form"].errors["promotion"] == [
        "La classe a servi sur une autre version du référentiel : créez-en une autre."
    ]


def test_effectif(monde: Monde) -> None:
    contenu = verifier_droits(
        monde, adresse("classe-effectif", monde.a.classe.pk), adresse("classe-effectif", monde.b.classe.pk)
    )
    assert "ALPHA-A1 Camille" in contenu
    assert "ALPHA-A2 Dominique" in contenu
    assert adresse("eleves-import", monde.a.classe.pk) in contenu


def test_requetes_de_l_effectif(monde: Monde) -> None:
    client = connecte(monde.a.administrateur)
    classe = factories.classe(monde.a.promotion, [monde.a.enseignant])
    url = adresse("classe-effectif", classe.pk)
    factories.eleve(classe)
    assert requetes(lambda: client.get(url)) == 6
    factories.eleve(classe)
    factories.eleve(classe, compte=factories.utilisateur())
    assert requetes(lambda: client.get(url)) == 6


def test_supprimer(monde: Monde) -> None:
    neuve = factories.classe(monde.a.promotion, [monde.a.enseignant])
    url = adresse("classe-delete", neuve.pk)
    verifier_droits(monde, url, adresse("classe-delete", monde.b.classe.pk))
    client = connecte(monde.a.administrateur)
    assert client.post(url).status_code == 302
    assert not Classe.objects.filter(pk=neuve.pk).exists()
    refus = client.post(adresse("classe-delete", monde.a.classe.pk))
    assert refus.status_code == 409
    assert refus.context["refus"] == (
        "Suppression refusée : Tle A est lié à 1 situation d’évaluation, 2 scolarités. "
        "Une classe qui a servi se garde."
    )
