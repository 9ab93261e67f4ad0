"""Les responsables légaux : invités par l'établissement, leur enfant seul, rien qui ne soit publié."""

import datetime
from io import BytesIO

import pytest
from django.core import mail
from django.test import Client
from pypdf import PdfReader

from livret.models import AccuseDeLecture, Etablissement, Responsable, Situation, Utilisateur
from tests import factories
from tests.litanie import adresse, connecte, messages, requetes, verifier_droits
from tests.monde import INTRUS, Monde
from tests.tirage_blanc import sans_mise_en_page
from trpm.models import ActeNote

NEUF = {"new_password1": "rectification-plane-31", "new_password2": "rectification-plane-31"}
IDENTITE = {"last_name": "Personne", "first_name": "Alix"}


@pytest.fixture
def ouvert(monde: Monde) -> Monde:
    Etablissement.objects.update(familles=True)
    return monde


@pytest.fixture
def parent(ouvert: Monde) -> Utilisateur:
    compte = factories.utilisateur(identifiant="parent")
    Responsable.objects.create(compte=compte, eleve=ouvert.a.eleves[0])
    return compte


def publier(monde: Monde) -> None:
    Situation.objects.update(etat="publiee")


def test_ferme_par_defaut(monde: Monde) -> None:
    """Ni page, ni invitation, ni droit, même à qui fut lié du temps où c'était ouvert."""
    assert not monde.a.etablissement.familles
    client = connecte(monde.a.administrateur)
    assert client.get(adresse("responsables", monde.a.eleves[0].pk)).status_code == 404
    assert "Responsables légaux" not in client.get(adresse("eleve-update", monde.a.eleves[0].pk)).text
    compte = factories.utilisateur(identifiant="parent")
    Responsable.objects.create(compte=compte, eleve=monde.a.eleves[0])
    assert compte.roles == frozenset()
    assert connecte(compte).get(adresse("enfant", monde.a.eleves[0].pk)).status_code == 403


def test_inviter_sur_papier(ouvert: Monde) -> None:
    eleve = ouvert.a.eleves[0]
    url = adresse("responsables", eleve.pk)
    verifier_droits(ouvert, url, adresse("responsables", ouvert.b.eleves[0].pk))
    assert (
        "Responsables légaux" in connecte(ouvert.a.administrateur).get(adresse("eleve-update", eleve.pk)).text
    )
    page = connecte(ouvert.a.administrateur).post(url, IDENTITE)
    [(acces, lien, _)] = page.context["feuilles"]
    assert acces.identifiant == "alix.personne"
    client = Client()
    assert client.post(lien, NEUF).url == "/"
    assert client.get("/").url == "/famille/"
    assert "Camille" in client.get("/famille/").text


def test_inviter_par_courriel(ouvert: Monde) -> None:
    url = adresse("responsables", ouvert.a.eleves[0].pk)
    reponse = connecte(ouvert.a.administrateur).post(url, IDENTITE | {"email": "alix@essai.invalid"})
    assert reponse.status_code == 302
    assert [message.to for message in mail.outbox] == [["alix@essai.invalid"]]


@pytest.mark.parametrize("identifiant", ["eleve-a", "enseignant-b", "personne", "racine"])
def test_qui_ne_se_lie_pas(ouvert: Monde, identifiant: str) -> None:
    """Ni un élève, ni quelqu'un d'ailleurs, ni un compte technique."""
    Utilisateur.objects.create_superuser("racine", password="x")
    url = adresse("responsables", ouvert.a.eleves[0].pk)
    page = connecte(ouvert.a.administrateur).post(url, {"identifiant": identifiant})
    assert "identifiant" in page.context["form"].errors
    assert not Responsable.objects.exists()


def test_le_meme_compte_pour_deux_enfants(ouvert: Monde, parent: Utilisateur) -> None:
    url = adresse("responsables", ouvert.a.eleves[1].pk)
    client = connecte(ouvert.a.administrateur)
    assert client.post(url, {"identifiant": "parent"}).status_code == 302
    page = client.post(url, {"identifiant": "parent"})
    assert "déjà responsable" in str(page.context["form"].errors)
    assert "Dominique" in connecte(parent).get("/famille/").text


def test_son_enfant_seul_et_ce_qui_est_publie(ouvert: Monde, parent: Utilisateur) -> None:
    lui, autre = ouvert.a.eleves
    client = connecte(parent)
    url = adresse("enfant", lui.pk)
    assert "Étude de gamme" not in client.get(url).text, "rien avant la publication"
    publier(ouvert)
    page = client.get(url).text
    assert "Étude de gamme A" in page
    assert ("Dominique" in page, INTRUS in page, "/ 20" in page) == (False, False, False)
    assert client.get(adresse("enfant", autre.pk)).status_code == 404
    assert client.get(adresse("enfant", ouvert.b.eleves[0].pk)).status_code == 404


def test_le_bilan_valide_se_lit_et_la_lecture_se_note_une_fois(ouvert: Monde, parent: Utilisateur) -> None:
    brouillon = factories.bilan(ouvert.a.eleves[0], ouvert.a.enseignant, "prepare")
    client = connecte(parent)
    assert client.get(adresse("enfant-bilan", brouillon.pk)).status_code == 404
    assert client.post(adresse("enfant-bilan", brouillon.pk)).status_code == 404
    valide = factories.bilan(ouvert.a.eleves[1], ouvert.a.enseignant, "valide")
    assert client.get(adresse("enfant-bilan", valide.pk)).status_code == 404, "celui d’un autre"
    Responsable.objects.create(compte=parent, eleve=ouvert.a.eleves[1])
    url = adresse("enfant-bilan", valide.pk)
    assert "Un semestre régulier." in client.get(url).text
    for _ in range(2):
        assert messages(client.post(url, follow=True))[0].startswith("Votre lecture est notée")
    assert AccuseDeLecture.objects.count() == 1
    assert "Vous avez noté l’avoir lu" in client.get(url).text
    page = connecte(ouvert.a.administrateur).get(adresse("responsables", ouvert.a.eleves[1].pk)).text
    assert "Bilans lus" in page


def texte_du_pdf(client: Client, url: str) -> str:
    reponse = client.get(url)
    assert (reponse.status_code, reponse["Content-Type"]) == (200, "application/pdf")
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(reponse.content)).pages)


def test_le_livret_publie_s_emporte(ouvert: Monde, parent: Utilisateur) -> None:
    """Ce que montre la page : ni ce qui n’est pas publié, ni ce que l’élève pense de lui, ni sa voisine."""
    lui, autre = ouvert.a.eleves
    publier(ouvert)
    cachee = factories.situation(
        ouvert.a.classe, ouvert.a.enseignant, intitule="Pas encore dite", etat="ouverte"
    )
    factories.fiche(cachee, lui, "Mot non publié.")
    factories.autoevaluation(lui, "C3", 3)
    trace = factories.trace_d_eleve(lui, ouvert.a.compte_eleve)
    trace.texte, trace.au_dossier = "Mon montage d’usinage", True
    trace.save()
    lu = texte_du_pdf(connecte(parent), adresse("enfant-pdf", lui.pk))
    assert ("Étude de gamme A" in lu, "Camille" in lu) == (True, True)
    for tu in ("Pas encore dite", "Mot non publié", "montage", "auto-évaluation", "Dominique", INTRUS):
        assert tu not in lu, tu
    for pk in (autre.pk, ouvert.b.eleves[0].pk):
        assert connecte(parent).get(adresse("enfant-pdf", pk)).status_code == 404


def test_le_bilan_valide_s_emporte_et_la_lecture_est_au_journal(ouvert: Monde, parent: Utilisateur) -> None:
    lui, autre = ouvert.a.eleves
    valide = factories.bilan(lui, ouvert.a.enseignant, "valide")
    client = connecte(parent)
    assert "Un semestre régulier." in texte_du_pdf(client, adresse("enfant-bilan-pdf", valide.pk))
    for interdit in (
        factories.bilan(autre, ouvert.a.enseignant, "valide"),
        factories.bilan(lui, ouvert.a.enseignant, "entretien", semestre=5),
        factories.bilan(ouvert.b.eleves[0], ouvert.b.enseignant, "valide"),
    ):
        assert client.get(adresse("enfant-bilan-pdf", interdit.pk)).status_code == 404
    with sans_mise_en_page():
        client.get(adresse("enfant-pdf", lui.pk))
    client.get(adresse("enfant", lui.pk))
    notes = ActeNote.objects.filter(auteur=parent, eleve=lui.pk).values_list("adresse", "nature", "qualite")
    assert set(notes) == {
        ("livret:enfant-bilan-pdf", "emporte", "responsable"),
        ("livret:enfant-pdf", "emporte", "responsable"),
        ("livret:enfant", "vu", "responsable"),
    }


def test_l_equipe_voit_qui_a_lu_et_quand(ouvert: Monde, parent: Utilisateur) -> None:
    """Sur le bilan, et dans la liste de la classe ; ni l’élève, ni la commission."""
    valide = factories.bilan(ouvert.a.eleves[0], ouvert.a.enseignant, "valide")
    page, liste = valide.get_absolute_url(), f"{adresse('bilans', ouvert.a.classe.pk)}?semestre=6"
    client = connecte(ouvert.a.enseignant)
    assert "Personne n’a encore noté l’avoir lu." in client.get(page).text
    assert "pas de lecture notée" in client.get(liste).text
    AccuseDeLecture.objects.create(bilan=valide, compte=parent)
    AccuseDeLecture.objects.update(lu_le=datetime.datetime(2026, 4, 8, 15, 4, tzinfo=datetime.UTC))
    for qui in (ouvert.a.enseignant, ouvert.a.administrateur):
        assert f"{parent.nom_complet}, le 8 avril 2026 à 17 h 04" in connecte(qui).get(page).text
    assert "lu le 8 avril 2026" in client.get(liste).text
    for qui in (ouvert.a.compte_eleve, ouvert.a.membre):
        lue = connecte(qui).get(page)
        assert (lue.status_code, parent.nom_complet in lue.text) == (200, False)


def test_sans_les_familles_rien_ne_parait(monde: Monde) -> None:
    valide = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")
    client = connecte(monde.a.enseignant)
    assert "Lu par la famille" not in client.get(valide.get_absolute_url()).text
    assert "Famille" not in client.get(f"{adresse('bilans', monde.a.classe.pk)}?semestre=6").text


def test_rien_ne_s_ecrit_ni_ne_s_ouvre_d_autre(ouvert: Monde, parent: Utilisateur) -> None:
    publier(ouvert)
    client, eleve = connecte(parent), ouvert.a.eleves[0]
    for nom in ("eleve", "eleve-pdf", "portfolio", "autoevaluation"):
        assert client.get(adresse(nom, eleve.pk)).status_code == 403, nom
    assert client.get("/classes/").status_code == 403
    assert "ALPHA" not in client.get("/chercher/?q=alpha").text.replace('value="alpha"', "")


def test_retirer_l_acces(ouvert: Monde, parent: Utilisateur) -> None:
    lien = Responsable.objects.get()
    ailleurs = Responsable.objects.create(
        compte=factories.utilisateur(identifiant="parent-b"), eleve=ouvert.b.eleves[0]
    )
    verifier_droits(
        ouvert,
        adresse("responsable-retrait", lien.pk),
        adresse("responsable-retrait", ailleurs.pk),
        methode="post",
        succes=302,
    )
    assert connecte(parent).get(adresse("enfant", ouvert.a.eleves[0].pk)).status_code == 403


@pytest.mark.parametrize("cas", ["parti", "ferme"])
def test_l_acces_finit_avec_le_depart_ou_le_reglage(ouvert: Monde, parent: Utilisateur, cas: str) -> None:
    if cas == "parti":
        ouvert.a.eleves[0].actif = False
        ouvert.a.eleves[0].save()
    else:
        Etablissement.objects.update(familles=False)
    assert connecte(parent).get("/famille/").status_code == 403


def test_le_compte_d_un_parent_d_ailleurs_ne_se_prend_pas(ouvert: Monde, parent: Utilisateur) -> None:
    """Remettre son mot de passe : chez lui, oui ; dès qu'il a un enfant ailleurs, non."""
    url = adresse("compte-mot-de-passe", ouvert.a.etablissement.pk, parent.pk)
    assert (
        connecte(ouvert.b.administrateur)
        .post(adresse("compte-mot-de-passe", ouvert.b.etablissement.pk, parent.pk))
        .status_code
        == 404
    )
    assert connecte(ouvert.a.administrateur).post(url).status_code == 200
    Responsable.objects.create(compte=parent, eleve=ouvert.b.eleves[0])
    assert connecte(ouvert.a.administrateur).post(url).status_code == 404


def test_les_requetes_d_une_page_d_enfant(ouvert: Monde, parent: Utilisateur) -> None:
    publier(ouvert)
    client = connecte(parent)
    url = adresse("enfant", ouvert.a.eleves[0].pk)
    une = requetes(lambda: client.get(url))
    factories.bilan(ouvert.a.eleves[0], ouvert.a.enseignant, "valide")
    factories.situation(ouvert.a.classe, ouvert.a.enseignant, competences=["C1"], etat="publiee")
    assert requetes(lambda: client.get(url)) == une
