"""Les élèves : liste et recherche, fiche, changement d'option, suppression."""

import datetime

import pytest

from livret.models import Eleve, Evaluation, Scolarite
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
        "nom": "Morel",
        "prenom": "Lina",
        "naissance": "2008-07-01",
        "ine": "123 456 789 ab",
        "promotion": monde.a.promotion.pk,
        "option": monde.a.promotion.option_id,
        "statut": monde.referentiel.statuts.get(code="scolaire").pk,
        "numero_candidat": "",
        **champs,
    }


def noms(reponse: object) -> list[str]:
    return [str(eleve) for eleve in reponse.context["page"]]


def test_liste(monde: Monde) -> None:
    contenu = verifier_droits(
        monde, adresse("eleves", monde.a.etablissement.pk), adresse("eleves", monde.b.etablissement.pk)
    )
    assert "ALPHA-A1 Camille" in contenu


@pytest.mark.parametrize(
    ("texte", "attendus"),
    [
        ("", ["ALPHA-A1 Camille", "ALPHA-A2 Dominique", "Çelik Hélène"]),
        ("helene", ["Çelik Hélène"]),
        ("HÉLÈNE celik", ["Çelik Hélène"]),
        ("000000009a", ["Çelik Hélène"]),
        ("alpha camille", ["ALPHA-A1 Camille"]),
        ("intrus", []),
    ],
)
def test_recherche_sans_accents(monde: Monde, texte: str, attendus: list[str]) -> None:
    factories.eleve(monde.a.classe, "Çelik", "Hélène", ine="000000009AB")
    reponse = connecte(monde.a.administrateur).get(adresse("eleves", monde.a.etablissement.pk), {"q": texte})
    assert noms(reponse) == attendus


def test_filtres(monde: Monde) -> None:
    autre = factories.classe(factories.promotion(monde.a.etablissement, monde.referentiel, "OUT"))
    factories.eleve(autre, "OUTILLEUR")
    client = connecte(monde.a.administrateur)
    url = adresse("eleves", monde.a.etablissement.pk)
    assert noms(client.get(url, {"classe": autre.pk})) == ["OUTILLEUR Alix"]
    assert noms(client.get(url, {"promotion": autre.promotion_id})) == ["OUTILLEUR Alix"]
    # Une classe de B n'est pas un filtre possible : la liste reste celle de A, entière.
    reponse = client.get(url, {"classe": monde.b.classe.pk})
    assert noms(reponse) == ["ALPHA-A1 Camille", "ALPHA-A2 Dominique", "OUTILLEUR Alix"]
    assert INTRUS not in reponse.content.decode()


def test_requetes(monde: Monde) -> None:
    classe = factories.classe(factories.promotion(monde.a.etablissement, monde.referentiel))
    client = connecte(monde.a.administrateur)
    url = adresse("eleves", monde.a.etablissement.pk)
    factories.eleve(classe)
    assert requetes(lambda: client.get(url, {"promotion": classe.promotion_id})) == 10
    factories.eleve(classe)
    factories.eleve(classe, compte=factories.utilisateur())
    assert requetes(lambda: client.get(url, {"promotion": classe.promotion_id})) == 10


def test_creer(monde: Monde) -> None:
    url = adresse("eleve-create", monde.a.classe.pk)
    verifier_droits(monde, url, adresse("eleve-create", monde.b.classe.pk))
    reponse = connecte(monde.a.administrateur).post(url, donnees(monde), follow=True)
    assert [str(message) for message in reponse.context["messages"]] == [
        "La fiche de Morel Lina est enregistrée."
    ]
    eleve = Eleve.objects.get(nom="Morel")
    assert (eleve.ine, eleve.naissance, eleve.etablissement, eleve.promotion) == (
        "123456789AB",
        datetime.date(2008, 7, 1),
        monde.a.etablissement,
        monde.a.promotion,
    )
    assert list(eleve.scolarites.values_list("classe", "sortie")) == [(monde.a.classe.pk, None)]


def test_ine_inconnu_accepte_avec_un_avertissement(monde: Monde) -> None:
    url = adresse("eleve-create", monde.a.classe.pk)
    reponse = connecte(monde.a.administrateur).post(url, donnees(monde, ine="12345"), follow=True)
    assert [str(message) for message in reponse.context["messages"]] == [
        "La fiche de Morel Lina est enregistrée.",
        "L’INE « 12345 » ne suit aucune forme connue ; il est gardé tel quel.",
    ]


@pytest.mark.parametrize(
    ("champs", "champ", "message"),
    [
        ({"nom": ""}, "nom", "Ce champ est obligatoire."),
        (
            {"naissance": "31/02/2008"},
            "naissance",
            "Cette date est illisible ; écrivez par exemple 14/03/2008.",
        ),
        (
            {"ine": "1234567890123"},
            "ine",
            "Assurez-vous que cette valeur comporte au plus 11 caractères (actuellement 13).",
        ),
        ({"ine": "ESSAI00001Z"}, "__all__", "Un autre élève de l’établissement porte déjà cet INE."),
    ],
)
def test_saisie_fautive(monde: Monde, champs: dict[str, str], champ: str, message: str) -> None:
    url = adresse("eleve-create", monde.a.classe.pk)
    reponse = connecte(monde.a.administrateur).post(url, donnees(monde, **champs))
    assert reponse.context["form"].errors == {champ: [message]}
    assert 'value="Lina"' in reponse.content.decode()
    assert Eleve.objects.filter(prenom="Lina").count() == 0


def test_meme_ine_dans_un_autre_etablissement(monde: Monde) -> None:
    url = adresse("eleve-create", monde.a.classe.pk)
    reponse = connecte(monde.a.administrateur).post(url, donnees(monde, ine=monde.b.eleves[0].ine))
    assert reponse.status_code == 302


def test_modifier(monde: Monde) -> None:
    eleve = monde.a.eleves[0]
    url = adresse("eleve-update", eleve.pk)
    contenu = verifier_droits(monde, url, adresse("eleve-update", monde.b.eleves[0].pk))
    assert "compte" in contenu
    assert connecte(monde.a.administrateur).post(url, donnees(monde)).status_code == 302
    eleve.refresh_from_db()
    assert (eleve.nom, eleve.prenom, eleve.ine) == ("Morel", "Lina", "123456789AB")
    assert eleve.history.count() == 2


def test_choix_hors_de_l_etablissement_ou_du_referentiel(monde: Monde) -> None:
    autre = factories.referentiel(version="2")
    url = adresse("eleve-update", monde.a.eleves[0].pk)
    client = connecte(monde.a.administrateur)
    for champ, valeur in {
        "promotion": monde.b.promotion.pk,
        "option": autre.options.first().pk,
        "statut": autre.statuts.first().pk,
    }.items():
        reponse = client.post(url, donnees(monde, **{champ: valeur}))
        assert list(reponse.context["form"].errors) == [champ]


def test_option_refusee_apres_des_observations_propres(monde: Monde) -> None:
    eleve = monde.a.eleves[0]
    out = monde.referentiel.options.get(code="OUT").pk
    client = connecte(monde.a.administrateur)
    url = adresse("eleve-update", eleve.pk)
    factories.observation(monde.a.situation, eleve, "C3.1", 2)
    reponse = client.post(url, donnees(monde, option=out))
    assert reponse.context["form"].errors["option"] == [
        "Passage en OUT refusé : 1 observation porte sur des compétences détaillées propres à l’autre option."
    ]
    eleve.refresh_from_db()
    assert eleve.option.code == "USI"
    # Le camarade n'a que des observations communes : lui peut changer.
    camarade = adresse("eleve-update", monde.a.eleves[1].pk)
    assert client.post(camarade, donnees(monde, option=out)).status_code == 302


def test_suppression_refusee_et_comptee(monde: Monde) -> None:
    eleve = monde.a.eleves[0]
    url = adresse("eleve-delete", eleve.pk)
    verifier_droits(monde, url, adresse("eleve-delete", monde.b.eleves[0].pk))
    reponse = connecte(monde.a.administrateur).post(url)
    assert reponse.status_code == 409
    assert reponse.context["refus"] == (
        "Suppression refusée : ALPHA-A1 Camille est lié à 1 dossier de candidat, 1 fiche d’évaluation, "
        "1 observation, 2 évaluations. Marquez plutôt l’élève comme parti, depuis sa fiche."
    )
    assert (Eleve.objects.filter(pk=eleve.pk).count(), Evaluation.objects.filter(eleve=eleve).count()) == (
        1,
        2,
    )
    assert Scolarite.objects.filter(eleve=eleve).count() == 1


def test_supprimer_une_fiche_creee_par_erreur(monde: Monde) -> None:
    eleve = factories.eleve(monde.a.classe)
    client = connecte(monde.a.administrateur)
    assert client.get(adresse("eleve-delete", eleve.pk)).status_code == 200
    assert Eleve.objects.filter(pk=eleve.pk).exists()
    assert client.post(adresse("eleve-delete", eleve.pk)).status_code == 302
    assert not Eleve.objects.filter(pk=eleve.pk).exists()
    assert client.post(adresse("eleve-delete", monde.b.eleves[0].pk)).status_code == 404
