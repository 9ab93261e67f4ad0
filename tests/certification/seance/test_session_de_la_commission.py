"""La preuve appartient à la session de la commission, où que l'élève soit inscrit aujourd'hui."""

import pytest

from tests import factories
from tests.certification.scene import adresse, decider, lu
from tests.certification.seance.test_candidats import eleves


def changer_de_promotion(monde, eleve) -> None:
    eleve.promotion = factories.promotion(monde.a.etablissement, monde.referentiel, session=2027)
    eleve.save()


def changer_la_session(monde, eleve) -> None:
    eleve.promotion.session = 2027
    eleve.promotion.save()


GESTES = [changer_de_promotion, changer_la_session]


@pytest.mark.parametrize("geste", GESTES, ids=lambda geste: geste.__name__)
def test_le_dossier_en_cours_garde_ses_preuves_et_sa_note(monde, president, camille, geste):
    decider(monde, camille)
    avant = lu(camille).grille.vers_json()
    geste(monde, monde.a.eleves[0])
    assert lu(camille).grille.vers_json() == avant
    page = president.get(adresse("cockpit", monde.a.etablissement.pk, 2026)).context["cockpit"]
    etats = {lu.prenom: lu.etat for lu in vus(page)}
    assert etats == {"Camille": "décidé", "Dominique": "à compléter"}


def vus(tableau) -> list:
    return [cellule.lu for rangee in tableau.rangees for cellules in rangee.cellules for cellule in cellules]


def test_enregistrer_les_candidats_ne_retire_pas_qui_a_change_de_promotion(monde, administrateur, camille):
    decider(monde, camille)
    changer_de_promotion(monde, monde.a.eleves[0])
    url = adresse("commission-candidats", monde.a.commission.pk)
    groupes = administrateur.get(url).context["groupes"]
    coches = [un.eleve.pk for groupe in groupes.values() for un in groupe if un.coche]
    assert administrateur.post(url, {"eleves": coches}).status_code == 302
    assert eleves(monde.a.commission) == {eleve.pk for eleve in monde.a.eleves}


def test_deux_sessions_d_un_meme_eleve_ont_chacune_leurs_preuves(monde, camille):
    redouble = factories.commission(monde.a.promotion, "EP1", session=2027)
    second = factories.dossier(redouble, monde.a.eleves[0])
    assert [len(ligne.retenues) for ligne in lu(camille).grille.lignes] == [1, 1]
    assert [len(ligne.retenues) for ligne in lu(second).grille.lignes] == [0, 0]
