"""Plusieurs membres à la fois, sur de vraies connexions : rien de perdu, rien d'écrasé en silence."""

from collections import Counter

import pytest

from certification.dossier.figement import figer
from certification.models import VersionFigee
from tests import factories
from tests.certification.scene import adresse, decider, lu
from tests.litanie import connecte
from tests.simultane import ensemble
from trpm.permissions import Role

pytestmark = pytest.mark.django_db(transaction=True)


def membres(monde, nombre: int) -> list:
    comptes = [
        factories.utilisateur(Role.MEMBRE, etablissement=monde.a.etablissement, nom=f"Membre {rang}")
        for rang in range(nombre)
    ]
    for compte in comptes:
        factories.membre(monde.a.commission, compte)
    return comptes


def test_une_meme_competence_arretee_par_six_membres_n_en_retient_qu_un(monde, camille):
    url, jeton = adresse("decision", camille.pk, "C1"), lu(camille).grille.ligne("C1").jeton
    clients = [connecte(compte) for compte in membres(monde, 6)]
    envois = [
        lambda client=client, rang=rang: (
            client.post(url, {"niveau": str(rang % 4), "motif": f"Motif {rang}.", "lu": jeton}).status_code
        )
        for rang, client in enumerate(clients)
    ]
    statuts = ensemble(*envois)
    assert Counter(statuts) == {302: 1, 409: 5}
    gagnant = statuts.index(302)
    decision = camille.decisions.get()
    assert (decision.motif, decision.niveau.code) == (f"Motif {gagnant}.", str(gagnant % 4))


def test_deux_competences_arretees_ensemble_le_sont_toutes_deux(monde, camille):
    un, deux = (connecte(compte) for compte in membres(monde, 2))
    grille = lu(camille).grille
    statuts = ensemble(
        lambda: (
            un.post(
                adresse("decision", camille.pk, "C1"), {"niveau": "2", "lu": grille.ligne("C1").jeton}
            ).status_code
        ),
        lambda: (
            deux.post(
                adresse("decision", camille.pk, "C2"), {"niveau": "3", "lu": grille.ligne("C2").jeton}
            ).status_code
        ),
    )
    assert statuts == [302, 302]
    assert {d.competence.code: d.niveau.code for d in camille.decisions.all()} == {"C1": "2", "C2": "3"}


def test_figer_deux_fois_au_meme_instant_ne_fait_qu_une_version(monde, camille):
    decider(monde, camille)
    rendus = ensemble(*[lambda: figer(camille, monde.a.president)] * 4)
    assert sum(isinstance(rendu, VersionFigee) for rendu in rendus) == 1
    assert [version.numero for version in camille.versions.all()] == [1]


def test_decider_pendant_que_l_on_fige_ne_change_pas_l_instantane(monde, camille):
    """L'un passe avant l'autre : ou la décision est dans l'instantané, ou elle est refusée."""
    decider(monde, camille)
    jeton = lu(camille).grille.ligne("C1").jeton
    (compte,) = membres(monde, 1)
    client = connecte(compte)
    statut, version = ensemble(
        lambda: (
            client.post(
                adresse("decision", camille.pk, "C1"), {"niveau": "3", "motif": "Vu en mai.", "lu": jeton}
            ).status_code
        ),
        lambda: figer(camille, monde.a.president),
    )
    niveau = camille.decisions.get(competence__code="C1").niveau.valeur
    if isinstance(version, VersionFigee):
        assert (statut, niveau) == (409, 2)
        assert lu(camille).grille.ligne("C1").niveau_arrete == 2
    else:
        assert (statut, niveau, camille.fige) == (302, 3, False)
