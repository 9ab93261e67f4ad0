"""L'avis hebdomadaire : sobre, sans nom d'élève, coupé d'un clic ; rien par défaut pour les élèves."""

import re

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from livret.models import Utilisateur
from tests import factories
from tests.litanie import connecte
from tests.monde import INTRUS, Monde

SITE = "https://livret.example.fr"


@pytest.fixture(autouse=True)
def reglages(settings: object) -> None:
    settings.ADRESSE_DU_SITE = SITE
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def boite(monde: Monde) -> list[mail.EmailMessage]:
    """Seuls ceux de A ont une adresse ; une demande attend l’enseignant, deux dossiers la commission."""
    Utilisateur.objects.update(email="")
    for compte in {*monde.a.comptes.values(), monde.a.collegue}:
        Utilisateur.objects.filter(pk=compte.pk).update(email=f"{compte.username}@example.fr")
    factories.demande(monde.a.eleves[0], monde.a.classe)
    factories.bilan(monde.a.eleves[0], monde.a.enseignant, "prepare")
    return mail.outbox


def recus(boite: list[mail.EmailMessage]) -> set[str]:
    return {adresse for courriel in boite for adresse in courriel.to}


def courriel_de(boite: list[mail.EmailMessage], compte: Utilisateur) -> mail.EmailMessage:
    return next(un for un in boite if un.to == [f"{compte.username}@example.fr"])


def test_il_part_a_qui_quelque_chose_attend_et_jamais_aux_eleves(
    monde: Monde, boite: list[mail.EmailMessage]
) -> None:
    call_command("envoyer_avis")
    attendus = (monde.a.enseignant, monde.a.membre, monde.a.president)
    assert recus(boite) == {f"{compte.username}@example.fr" for compte in attendus}


def test_il_ne_nomme_aucun_eleve_et_mene_au_site(monde: Monde, boite: list[mail.EmailMessage]) -> None:
    call_command("envoyer_avis")
    courriel = courriel_de(boite, monde.a.enseignant)
    assert courriel.subject == "Livret TRPM\xa0: 2 choses vous attendent"
    assert "- Demandes d’élèves à traiter\xa0: 1" in courriel.body
    assert "mots de l’élève" not in courriel.body
    entier = courriel.subject + courriel.body + str(courriel.extra_headers)
    assert not [eleve for eleve in monde.a.eleves if eleve.nom in entier or eleve.prenom in entier]
    assert INTRUS not in entier
    assert {lien.split("/", 3)[2] for lien in re.findall(r"https?://\S+", entier)} == {"livret.example.fr"}


def test_deux_passages_la_meme_semaine_n_ecrivent_qu_une_fois(
    monde: Monde, boite: list[mail.EmailMessage]
) -> None:
    call_command("envoyer_avis")
    call_command("envoyer_avis")
    assert len(boite) == len(recus(boite)) == 3


def test_un_essai_n_envoie_rien(
    monde: Monde, boite: list[mail.EmailMessage], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("envoyer_avis", "--essai")
    assert boite == []
    assert f"{monde.a.enseignant.username}\xa0: 2" in capsys.readouterr().out


def test_le_lien_du_courriel_suffit_a_le_couper(
    monde: Monde, boite: list[mail.EmailMessage], client: object
) -> None:
    call_command("envoyer_avis")
    courriel = courriel_de(boite, monde.a.enseignant)
    lien = courriel.extra_headers["List-Unsubscribe"].strip("<>")
    assert lien in courriel.body
    chemin = lien.removeprefix(SITE)
    ouverte = client.get(chemin)
    assert (ouverte.status_code, ouverte["Referrer-Policy"]) == (200, "no-referrer")
    assert 'src="/static/js/avis.js"' in ouverte.content.decode()
    assert Utilisateur.objects.get(pk=monde.a.enseignant.pk).recoit_les_avis
    assert "ne partira plus" in client.post(chemin, {"List-Unsubscribe": "One-Click"}).content.decode()
    assert not Utilisateur.objects.get(pk=monde.a.enseignant.pk).recoit_les_avis
    Utilisateur.objects.update(avis_le=None)
    boite.clear()
    call_command("envoyer_avis")
    assert f"{monde.a.enseignant.username}@example.fr" not in recus(boite)
    assert "reprend" in client.post(chemin, {"reprendre": "1"}).content.decode()
    assert Utilisateur.objects.get(pk=monde.a.enseignant.pk).recoit_les_avis


def test_un_lien_forge_ne_coupe_rien(monde: Monde, client: object) -> None:
    for jeton in (f"{monde.a.enseignant.pk}:abc", "x", "1:" + "a" * 43):
        chemin = reverse("avis-arreter", args=[jeton])
        assert client.get(chemin).status_code == client.post(chemin).status_code == 404
    assert not Utilisateur.objects.filter(avis=False).exists()


def test_chacun_le_regle_dans_son_compte(monde: Monde, boite: list[mail.EmailMessage]) -> None:
    prof, eleve = connecte(monde.a.enseignant), connecte(monde.a.compte_eleve)
    assert "reçu chaque semaine" in prof.get(reverse("avis")).content.decode()
    prof.post(reverse("avis"), {"couper": "1"})
    assert "coupé" in prof.get(reverse("avis")).content.decode()
    assert "coupé" in eleve.get(reverse("avis")).content.decode()
    eleve.post(reverse("avis"), {"recevoir": "1"})
    call_command("envoyer_avis")
    assert f"{monde.a.enseignant.username}@example.fr" not in recus(boite)
    assert "- Bilans qui attendent vos mots\xa0: 1" in courriel_de(boite, monde.a.compte_eleve).body


def test_sans_adresse_du_site_ni_serveur_rien_ne_part(monde: Monde, settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    with pytest.raises(CommandError, match="serveur de courriel"):
        call_command("envoyer_avis")
    settings.ADRESSE_DU_SITE = ""
    with pytest.raises(CommandError, match="ADRESSE_DU_SITE"):
        call_command("envoyer_avis")
