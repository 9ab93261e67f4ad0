"""Arrêter un niveau, accepter les niveaux proposés."""

import pytest

from certification.models import Decision
from tests import factories
from tests.certification import scene
from tests.certification.scene import (
    REFUS,
    adresse,
    lu,
    statuts,
)

POSITIONNER = {
    **REFUS,
    "membre": 302,
    "president": 302,
    "membre d’une autre commission": 404,
}


def jeton(dossier, code="C1") -> str:
    return lu(dossier).grille.ligne(code).jeton


def test_qui_arrete_un_niveau(monde, camille):
    url = adresse("decision", camille.pk, "C1")
    donnees = {"niveau": "2", "motif": "", "lu": jeton(camille)}
    assert statuts(monde, url, "post", donnees) == POSITIONNER
    decision = camille.decisions.get()
    assert (decision.competence.code, decision.niveau.code, decision.auteur) == ("C1", "2", monde.a.membre)


def test_une_lecture_n_arrete_rien(membre, camille):
    assert membre.get(adresse("decision", camille.pk, "C1")).status_code == 405


@pytest.mark.parametrize("code", ["C3", "C9"])
def test_une_competence_d_une_autre_epreuve_n_existe_pas_ici(membre, camille, code):
    assert membre.post(adresse("decision", camille.pk, code), {"niveau": "2"}).status_code == 404


@pytest.mark.parametrize(
    ("niveau", "erreur"),
    [
        ("3", "Le niveau 3 n’est pas le niveau proposé (2) : donnez le motif."),
        ("ND", "Dites en quelques mots pourquoi la compétence n’est pas démontrée."),
    ],
)
def test_s_ecarter_du_niveau_propose_demande_un_motif(membre, camille, niveau, erreur):
    url = adresse("decision", camille.pk, "C1")
    reponse = membre.post(url, {"niveau": niveau, "motif": "", "lu": jeton(camille)})
    assert reponse.status_code == 422
    page = reponse.content.decode()
    assert erreur in page
    assert f'id="C1-{niveau}" checked' in page
    assert camille.decisions.count() == 0

    assert (
        membre.post(url, {"niveau": niveau, "motif": "Vu en mai.", "lu": jeton(camille)}).status_code == 302
    )
    decision = camille.decisions.get()
    assert (decision.non_demontree, decision.motif) == (niveau == "ND", "Vu en mai.")


def test_un_niveau_sans_preuve_demande_un_motif(membre, dominique):
    url = adresse("decision", dominique.pk, "C2")
    reponse = membre.post(url, {"niveau": "1", "lu": jeton(dominique, "C2")})
    assert "Aucune situation retenue ne propose de niveau : dites d’où vient celui-ci." in (
        reponse.content.decode()
    )


def test_un_motif_sans_niveau_le_demande_et_se_garde(membre, camille):
    reponse = membre.post(
        adresse("decision", camille.pk, "C1"), {"motif": "Vu en mai.", "lu": jeton(camille)}
    )
    page = reponse.content.decode()
    assert reponse.status_code == 422
    assert "Choisissez le niveau que ce motif explique." in page
    assert 'value="Vu en mai."' in page


def test_un_niveau_hors_de_l_echelle_est_refuse(membre, camille):
    reponse = membre.post(adresse("decision", camille.pk, "C1"), {"niveau": "7", "lu": jeton(camille)})
    assert (reponse.status_code, camille.decisions.count()) == (422, 0)


def test_une_decision_se_retire(monde, membre, camille):
    factories.decision(camille, "C1", monde.a.membre, 2)
    reponse = membre.post(adresse("decision", camille.pk, "C1"), {"niveau": "", "lu": jeton(camille)})
    assert (reponse.status_code, camille.decisions.count()) == (302, 0)
    assert Decision.history.filter(history_type="-").count() == 1


def test_avec_htmx_la_ligne_et_la_note_reviennent_seules(membre, camille):
    reponse = membre.post(
        adresse("decision", camille.pk, "C1"),
        {"niveau": "2", "lu": jeton(camille)},
        headers={"HX-Request": "true"},
    )
    page = reponse.content.decode()
    assert reponse.status_code == 200
    assert '<li class="ligne" id="C1" data-propose="2">' in page
    assert page.count('hx-swap-oob="true"') == 6
    assert "<html" not in page
    assert 'id="C2"' not in page


def test_avec_htmx_les_lignes_changees_par_d_autres_reviennent_aussi(monde, membre, camille):
    """`vues` : ce que la page montrait ; une page qui ne le dit pas, ou de travers, n'en reçoit aucune."""
    vu = jeton(camille, "C2")
    scene.arreter(camille, "C2", "3", "", monde.a.president)

    def recues(vues: str) -> int:
        donnees = {"niveau": "2", "lu": jeton(camille), "vues": vues}
        url = adresse("decision", camille.pk, "C1")
        return membre.post(url, donnees, headers={"HX-Request": "true"}).content.decode().count('id="C2"')

    assert [recues(vues) for vues in (f"C1: C2:{vu}", f"C2:{jeton(camille, 'C2')}", "C2 :: C9:x", "")] == [
        1,
        0,
        0,
        0,
    ]


def test_avec_htmx_une_saisie_a_corriger_garde_le_niveau_tape(membre, camille):
    reponse = membre.post(
        adresse("decision", camille.pk, "C1"),
        {"niveau": "3", "lu": jeton(camille)},
        headers={"HX-Request": "true"},
    )
    assert (reponse.status_code, 'id="C1-3" checked' in reponse.content.decode()) == (422, True)


# --- Deux membres à la fois -------------------------------------------------------------------


def test_une_saisie_depassee_ne_remplace_rien_et_dit_qui(monde, membre, president, camille):
    url, ancien = adresse("decision", camille.pk, "C1"), jeton(camille)
    president.post(url, {"niveau": "3", "motif": "Vu en mai.", "lu": ancien})
    reponse = membre.post(url, {"niveau": "1", "motif": "Trop juste.", "lu": ancien})
    page = reponse.content.decode()

    assert reponse.status_code == 409
    assert f"{monde.a.president.nom_complet} a arrêté le niveau 3 pour C1 à " in page
    assert 'value="Trop juste."' in page
    assert camille.decisions.get().niveau.code == "3"

    # La page renvoyée porte le nouveau jeton : maintenir sa saisie est alors un choix.
    assert f'value="{jeton(camille)}"' in page
    assert membre.post(url, {"niveau": "1", "motif": "Trop juste.", "lu": jeton(camille)}).status_code == 302
    assert camille.decisions.get().niveau.code == "1"


def test_la_meme_saisie_envoyee_deux_fois_n_est_pas_un_conflit(membre, camille):
    url, ancien = adresse("decision", camille.pk, "C1"), jeton(camille)
    for _ in range(2):
        assert membre.post(url, {"niveau": "2", "motif": "", "lu": ancien}).status_code == 302
    assert camille.decisions.count() == 1


# --- Accepter les niveaux proposés ------------------------------------------------------------


def test_qui_accepte(monde, camille):
    donnees = {"lu": lu(camille).grille.jeton_propositions}
    assert statuts(monde, adresse("acceptation", camille.pk), "post", donnees) == {
        **POSITIONNER,
        "president": 409,
    }
    assert {d.competence.code: d.niveau.code for d in camille.decisions.all()} == {"C1": "2", "C2": "3"}


def test_accepter_ne_touche_ni_les_decisions_prises_ni_les_competences_sans_niveau(monde, membre, dominique):
    factories.decision(dominique, "C1", monde.a.president, 0)
    factories.evaluation(factories.situation(monde.a.classe, monde.a.enseignant), dominique.eleve, "C1", 3)
    membre.post(adresse("acceptation", dominique.pk), {"lu": lu(dominique).grille.jeton_propositions})
    decision = dominique.decisions.get()
    assert (decision.niveau.code, decision.auteur) == ("0", monde.a.president)


def test_accepter_des_niveaux_qui_ont_change_est_refuse(monde, membre, camille):
    ancien = lu(camille).grille.jeton_propositions
    factories.evaluation(factories.situation(monde.a.classe, monde.a.enseignant), camille.eleve, "C1", 3)
    reponse = membre.post(adresse("acceptation", camille.pk), {"lu": ancien})
    assert (reponse.status_code, camille.decisions.count()) == (409, 0)
