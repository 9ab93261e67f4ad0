"""La page où l'élève lit ses bilans validés et écrit ses mots."""

import pytest
from django.urls import reverse

from livret.bilan import preparation
from livret.models import Bilan
from tests import factories
from tests.litanie import connecte, requetes, statuts
from tests.livret.bilan.bilans import (
    ecrire,
    jetons,
    messages,
    relu,
    url,
)
from tests.monde import INTRUS, Monde

MES_BILANS = reverse("livret:mes-bilans")
ELEVE_SEUL = {
    "administrateur": 403,
    "enseignant": 403,
    "collègue": 403,
    "élève": 200,
    "membre": 403,
    "président": 403,
    "ailleurs": 403,
}


@pytest.fixture
def eleve(monde: Monde):
    return connecte(monde.a.compte_eleve)


def bilan(monde: Monde, etat: str, rang: int = 0, **champs: object) -> Bilan:
    return factories.bilan(monde.a.eleves[rang], monde.a.enseignant, etat, **champs)


def mots(client, objet: Bilan, texte: str, montrait: str | None = None):
    lu = montrait or jetons(client.get(MES_BILANS)).get("lu_mots", "")
    return client.post(url("mes-mots", objet.pk), {"mots": texte, "lu_mots": lu})


def test_droits(monde: Monde) -> None:
    assert statuts(monde, MES_BILANS) == ELEVE_SEUL
    objet = bilan(monde, "prepare")
    assert statuts(monde, url("mes-mots", objet.pk), "post") == {**ELEVE_SEUL, "élève": 302}
    assert connecte(monde.a.compte_eleve).get(url("mes-mots", objet.pk)).status_code == 405


def test_sans_bilan_la_page_dit_ou_ils_viendront(eleve) -> None:
    assert "Aucun bilan validé pour l’instant." in eleve.get(MES_BILANS).content.decode()


def test_il_n_y_voit_que_les_siens_et_rien_d_un_brouillon(monde: Monde, eleve) -> None:
    bilan(monde, "valide", rang=1)
    bilan(monde, "valide", semestre=5)
    bilan(monde, "brouillon", objectifs="À garder pour l’équipe.")
    factories.bilan(monde.b.eleves[0], monde.b.enseignant, "valide")
    page = eleve.get(MES_BILANS)
    assert [un.semestre for un in page.context["valides"]] == [5]
    assert page.context["ouverts"] == []
    for interdit in ("À garder pour l’équipe.", "Dominique", "ALPHA-A2", INTRUS):
        assert interdit not in page.content.decode()


def test_il_ecrit_ses_mots_tant_que_le_bilan_est_prepare(monde: Monde, eleve) -> None:
    objet = bilan(monde, "prepare")
    page = eleve.get(MES_BILANS).content.decode()
    assert "attend vos mots" in page
    assert "Un semestre régulier." not in page
    reponse = mots(eleve, objet, "Je règle seul.")
    assert messages(eleve.get(reponse.url))[0].startswith("Vos mots sont enregistrés, à ")
    ecrit = relu(objet)
    assert (ecrit.mots, ecrit.mots_par, ecrit.mots_de_sa_main) == (
        "Je règle seul.",
        monde.a.compte_eleve,
        True,
    )
    assert ecrit.history.first().history_user == monde.a.compte_eleve
    mots(eleve, objet, "Je règle seul, et je contrôle.")
    assert relu(objet).mots == "Je règle seul, et je contrôle."


@pytest.mark.parametrize(("etat", "statut"), [("brouillon", 404), ("entretien", 409), ("valide", 409)])
def test_il_n_ecrit_plus_au_dela(monde: Monde, eleve, etat: str, statut: int) -> None:
    objet = bilan(monde, etat)
    reponse = mots(eleve, objet, "Trop tard.")
    assert (reponse.status_code, relu(objet).mots) == (statut, "")
    assert ("Trop tard." in reponse.content.decode()) == (statut == 409)


def test_il_n_ecrit_que_ses_mots(monde: Monde, eleve) -> None:
    objet = bilan(monde, "prepare")
    montrait = jetons(eleve.get(MES_BILANS))["lu_mots"]
    eleve.post(
        url("mes-mots", objet.pk),
        {
            "mots": "",
            "appreciation": "Excellent.",
            "lu_mots": montrait,
            "lu_appreciation": "x",
            "geste": "entretien",
        },
    )
    assert (relu(objet).appreciation, relu(objet).etat) == ("Un semestre régulier.", "prepare")


def test_il_n_ecrit_pas_ceux_d_un_autre(monde: Monde, eleve) -> None:
    autre = bilan(monde, "prepare", rang=1)
    assert mots(eleve, autre, "Pas à moi.").status_code == 404
    assert relu(autre).mots == ""


def test_des_mots_recueillis_entre_temps_se_disent(monde: Monde, eleve) -> None:
    objet = bilan(monde, "prepare")
    montrait = jetons(eleve.get(MES_BILANS))["lu_mots"]
    ecrire(connecte(monde.a.enseignant), objet, mots="Recueillis.")
    reponse = mots(eleve, objet, "De ma main.", montrait)
    page = reponse.content.decode().replace("\u00a0", " ")
    assert (reponse.status_code, relu(objet).mots) == (409, "Recueillis.")
    assert "Est maintenant enregistré : « Recueillis. »" in page
    assert "De ma main." in page
    assert mots(eleve, objet, "De ma main.", jetons(reponse)["lu_mots"]).status_code == 302
    assert relu(objet).mots_de_sa_main


def test_une_correction_en_cours_lui_laisse_la_version_validee(monde: Monde, eleve) -> None:
    valide = bilan(monde, "valide")
    preparation.corriger(valide, "Point oublié.", monde.a.enseignant)
    page = eleve.get(MES_BILANS)
    assert list(page.context["valides"]) == [valide]
    assert "attend d’être validé" not in page.content.decode()
    assert "Vous lirez ce bilan quand l’équipe l’aura validé." in page.content.decode()


def test_requetes(monde: Monde, eleve) -> None:
    comptes = []
    for semestre in (5, 6):
        bilan(monde, "prepare", semestre=semestre)
        comptes.append(requetes(lambda: eleve.get(MES_BILANS)))
    assert comptes == [5, 5]
