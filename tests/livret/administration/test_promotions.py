"""Les promotions : liste, création, modification, suppression."""

from livret.models import Promotion
from tests import factories
from tests.litanie import (
    adresse,
    connecte,
    requetes,
    verifier_droits,
)
from tests.monde import Monde


def donnees(monde: Monde, option: str = "USI", **champs: object) -> dict[str, object]:
    return {
        "nom": "Promotion neuve",
        "option": monde.referentiel.options.get(code=option).pk,
        "session": 2028,
        **champs,
    }


def test_liste(monde: Monde) -> None:
    contenu = verifier_droits(
        monde,
        adresse("promotions", monde.a.etablissement.pk),
        adresse("promotions", monde.b.etablissement.pk),
    )
    assert monde.a.promotion.nom in contenu


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.administrateur)
    url = adresse("promotions", monde.a.etablissement.pk)
    assert requetes(lambda: client.get(url)) == 5
    for _ in range(2):
        factories.eleve(factories.classe(factories.promotion(monde.a.etablissement, monde.referentiel)))
    assert requetes(lambda: client.get(url)) == 5


def test_creer(monde: Monde) -> None:
    url = adresse("promotion-create", monde.a.etablissement.pk)
    verifier_droits(monde, url, adresse("promotion-create", monde.b.etablissement.pk))
    client = connecte(monde.a.administrateur)
    assert client.post(url, donnees(monde, "OUT")).status_code == 302
    promotion = Promotion.objects.get(nom="Promotion neuve")
    assert (promotion.etablissement, promotion.referentiel, promotion.option.code, promotion.session) == (
        monde.a.etablissement,
        monde.referentiel,
        "OUT",
        2028,
    )


def test_nom_deja_pris_dans_l_etablissement(monde: Monde) -> None:
    url = adresse("promotion-create", monde.a.etablissement.pk)
    client = connecte(monde.a.administrateur)
    reponse = client.post(url, donnees(monde, nom=monde.a.promotion.nom))
    assert reponse.context["form"].non_field_errors() == [
        "Une promotion porte déjà ce nom dans l’établissement."
    ]
    assert f'value="{monde.a.promotion.nom}"' in reponse.content.decode()
    # Le nom d'une promotion d'un autre établissement reste libre.
    assert client.post(url, donnees(monde, nom=monde.b.promotion.nom)).status_code == 302


def test_modifier(monde: Monde) -> None:
    url = adresse("promotion-update", monde.a.promotion.pk)
    verifier_droits(monde, url, adresse("promotion-update", monde.b.promotion.pk))
    client = connecte(monde.a.administrateur)
    assert client.post(url, donnees(monde, nom="Renommée")).status_code == 302
    monde.a.promotion.refresh_from_db()
    assert (monde.a.promotion.nom, monde.a.promotion.session) == ("Renommée", 2028)


def test_option_figee_par_les_situations(monde: Monde) -> None:
    url = adresse("promotion-update", monde.a.promotion.pk)
    reponse = connecte(monde.a.administrateur).post(url, donnees(monde, "OUT"))
    assert reponse.context["form"].errors["option"] == [
        "Cette promotion a déjà servi avec l’option USI : créez-en une autre."
    ]


def test_referentiel_fige_par_les_eleves(monde: Monde) -> None:
    autre = factories.referentiel(version="2")
    neuve = factories.promotion(monde.a.etablissement, monde.referentiel)
    url = adresse("promotion-update", neuve.pk)
    client = connecte(monde.a.administrateur)
    choix = donnees(monde, option="USI") | {"option": autre.options.get(code="USI").pk}
    assert client.post(url, choix).status_code == 302
    neuve.refresh_from_db()
    assert neuve.referentiel == autre
    factories.eleve(factories.classe(neuve))
    reponse = client.post(url, donnees(monde))
    assert list(reponse.context["form"].errors) == ["option"]


def test_supprimer(monde: Monde) -> None:
    neuve = factories.promotion(monde.a.etablissement, monde.referentiel)
    url = adresse("promotion-delete", neuve.pk)
    verifier_droits(monde, url, adresse("promotion-delete", monde.b.promotion.pk))
    client = connecte(monde.a.administrateur)
    assert client.post(url).status_code == 302
    assert not Promotion.objects.filter(pk=neuve.pk).exists()
    refus = client.post(adresse("promotion-delete", monde.a.promotion.pk))
    assert refus.status_code == 409
    assert refus.context["refus"] == (
        "Suppression refusée : Promotion A est lié à 1 classe, 2 élèves. Une promotion qui a servi se garde."
    )
    assert Promotion.objects.filter(pk=monde.a.promotion.pk).exists()
    assert client.post(adresse("promotion-delete", monde.b.promotion.pk)).status_code == 404
