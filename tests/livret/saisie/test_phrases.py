"""La banque de phrases : à soi seul."""

import pytest
from django.http import HttpResponse
from django.urls import reverse

from livret.models import Phrase
from livret.saisie.phrase import PHRASES_MAX
from tests import factories
from tests.litanie import (
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.monde import INTRUS, Monde

URL = "/phrases/"


def textes(monde: Monde) -> list[str]:
    return [phrase.texte for phrase in Phrase.objects.for_user(monde.a.enseignant)]


def faire(monde: Monde, phrase: Phrase, **donnees: str) -> HttpResponse:
    adresse = reverse("livret:phrase", args=[phrase.pk])
    return connecte(monde.a.enseignant).post(adresse, donnees, follow=True)


def test_droits(monde: Monde) -> None:
    factories.phrase(monde.b.enseignant, INTRUS)
    sienne = factories.phrase(monde.a.enseignant)
    tous = {**EQUIPE_SEULE, "collègue": 200, "ailleurs": 200}
    assert statuts(monde, URL) == tous
    adresse = reverse("livret:phrase", args=[sienne.pk])
    assert statuts(monde, adresse, "post") == {**EQUIPE_SEULE, "enseignant": 302}
    assert Phrase.objects.filter(pk=sienne.pk, texte="Travail soigné.").exists()


def test_personne_ne_lit_celles_d_un_autre(monde: Monde) -> None:
    factories.phrase(monde.a.enseignant, "Phrase à moi.")
    grille = reverse("livret:grille", args=[monde.a.situation.pk])
    monde.a.classe.equipe.add(monde.a.collegue)
    for adresse in (URL, grille):
        assert "Phrase à moi." in connecte(monde.a.enseignant).get(adresse).content.decode()
        assert "Phrase à moi." not in connecte(monde.a.collegue).get(adresse).content.decode()


def test_ajouter_corriger_monter_supprimer(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    for texte in ("Un.", "  Deux,\n suite. ", "Trois."):
        assert client.post(URL, {"texte": texte}).url == URL
    assert textes(monde) == ["Un.", "Deux, suite.", "Trois."]
    un, deux, trois = Phrase.objects.for_user(monde.a.enseignant)
    faire(monde, trois, geste="monter")
    faire(monde, un, geste="monter")
    assert textes(monde) == ["Un.", "Trois.", "Deux, suite."]
    faire(monde, deux, texte="Deux.")
    faire(monde, un, geste="supprimer")
    assert textes(monde) == ["Trois.", "Deux."]


@pytest.mark.parametrize(
    ("texte", "phrase"),
    [
        ("", "Écrivez d’abord la phrase."),
        ("Travail soigné.", "Cette phrase est déjà dans votre banque."),
        ("x" * 301, "Cette phrase compte 301 caractères, 300 au plus."),
    ],
)
def test_une_phrase_refusee_dit_pourquoi(monde: Monde, texte: str, phrase: str) -> None:
    premiere = factories.phrase(monde.a.enseignant)
    autre = factories.phrase(monde.a.enseignant, "Autre.")
    assert phrase in connecte(monde.a.enseignant).post(URL, {"texte": texte}).content.decode()
    assert phrase in faire(monde, autre, texte=texte).content.decode()
    assert textes(monde) == [premiere.texte, "Autre."]


def test_la_meme_phrase_chez_un_collegue(monde: Monde) -> None:
    factories.phrase(monde.a.collegue)
    assert connecte(monde.a.enseignant).post(URL, {"texte": "Travail soigné."}).status_code == 302


def test_cent_phrases_au_plus(monde: Monde) -> None:
    Phrase.objects.bulk_create(Phrase(auteur=monde.a.enseignant, texte=f"{i}") for i in range(PHRASES_MAX))
    page = connecte(monde.a.enseignant).post(URL, {"texte": "De trop."}).content.decode()
    assert "Votre banque est pleine (100 phrases) : supprimez-en une." in page


def test_depuis_une_grille_seule_la_liste_revient(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    page = client.post(URL, {"texte": "Nouvelle."}, headers={"HX-Request": "true"}).content.decode()
    assert ("Nouvelle." in page, "<html" in page) == (True, False)
    refus = client.post(URL, {"texte": "Nouvelle."}, headers={"HX-Request": "true"}).content.decode()
    assert "Cette phrase est déjà dans votre banque." in refus


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    factories.phrase(monde.a.enseignant)
    assert requetes(lambda: client.get(URL)) == 4
    factories.phrase(monde.a.enseignant, "Autre.")
    factories.phrase(monde.a.enseignant, "Encore.")
    assert requetes(lambda: client.get(URL)) == 4
