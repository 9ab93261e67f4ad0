"""Harmonisation : répartitions, dossiers limites, mode anonyme."""

from decimal import Decimal
from fractions import Fraction

import pytest

from certification.seance.harmonisation import GrilleHarmonisee, limites, repartitions
from referentiel.arrondi import REGLES
from tests import factories
from tests.certification.scene import (
    COMMISSION,
    adresse,
    decider,
    figer,
    lu,
    statuts,
)
from tests.litanie import requetes

ESPACE = "\N{NO-BREAK SPACE}"


def grilles(*dossiers) -> list[GrilleHarmonisee]:
    return [GrilleHarmonisee.de(lu(dossier).grille) for dossier in dossiers]


def url(monde) -> str:
    return adresse("harmonisation", monde.a.etablissement.pk, monde.a.promotion.session)


def test_qui_la_voit(monde):
    assert statuts(monde, url(monde)) == COMMISSION


@pytest.mark.parametrize(
    ("brute", "superieur", "proche"),
    [
        (Fraction(12), 0, Fraction(1, 4)),
        (Fraction(121, 10), Fraction(1, 10), Fraction(3, 20)),
        (Fraction(49, 4), Fraction(1, 4), 0),
        (Fraction(124, 10), Fraction(1, 10), Fraction(3, 20)),
    ],
)
def test_la_distance_au_seuil_suit_la_regle_d_arrondi(brute, superieur, proche):
    obtenues = [regle.distance(brute) for regle in REGLES.values()]
    assert obtenues == [superieur, proche, None]


def test_les_niveaux_retenus_se_repartissent_par_evaluateur_et_par_lieu(monde, camille, dominique):
    stage = factories.situation(
        monde.a.classe, monde.a.collegue, ["C1"], lieu="entreprise", intitule="PFMP 6"
    )
    factories.evaluation(stage, camille.eleve, "C1", 1)
    formative = factories.situation(monde.a.classe, monde.a.collegue, ["C1"], nature="formative")
    factories.evaluation(formative, camille.eleve, "C1", 0)
    axes = repartitions(grilles(camille, dominique))
    vus = {
        (axe, groupe.nom): (groupe.candidats, [part.nombre for part in groupe.parts], groupe.mediane)
        for axe, groupes in axes.items()
        for groupe in groupes
    }
    assert vus["Évaluateur", monde.a.enseignant.nom_complet] == (2, [0, 1, 1, 1], 15)
    assert vus["Évaluateur", monde.a.collegue.nom_complet] == (1, [0, 1, 0, 0], 15)
    assert vus["Centre ou entreprise", "entreprise"] == (1, [0, 1, 0, 0], 15)
    assert vus["Option", "USI"] == (2, [0, 2, 1, 1], 15)
    parts = axes["Option"][0].parts
    assert sum(part.largeur for part in parts) == 100


def test_les_dossiers_limites_et_leurs_raisons(monde, camille, dominique):
    assert limites(grilles(camille, dominique)) == ()
    autre = factories.situation(monde.a.classe, monde.a.enseignant, ["C1", "C2"])
    factories.evaluation(autre, camille.eleve, "C2", 1)
    factories.evaluation(autre, dominique.eleve, "C2", 3)
    decider(monde, dominique, note="11", C1=1, C2=3)
    (premier, second) = limites(grilles(camille, dominique))
    assert (premier.rang, [simple(raison) for raison in premier.raisons]) == (
        1,
        [
            "note calculée 10,0 / 20, à un demi-point ou moins de 10",
            "note proposée 11,0 / 20, calculée 10,0 / 20",
        ],
    )
    assert (second.rang, [simple(raison) for raison in second.raisons]) == (
        0,
        ["C2 : niveaux 1 et 3 selon les situations"],
    )


def simple(texte: str) -> str:
    return texte.replace(ESPACE, " ")


def test_anonyme_elle_ne_nomme_ni_ne_relie_personne(monde, president, camille):
    camille.eleve.numero_candidat = "0123456789"
    camille.eleve.save()
    decider(monde, camille, note="14")
    nommee = president.get(url(monde)).content.decode()
    anonyme = president.get(url(monde) + "?anonyme").content.decode()
    for trace in ("ALPHA-A1", "Camille", camille.get_absolute_url()):
        assert (trace in nommee, trace in anonyme) == (True, False)
    assert "0123456789" not in anonyme
    assert "Dossier 1" in anonyme


def test_anonyme_elle_ne_nomme_ni_enseignant_ni_situation(monde, president):
    noms = (monde.a.enseignant.nom_complet, monde.a.situation.intitule)
    for page, vu in ((president.get(url(monde)), True), (president.get(url(monde) + "?anonyme"), False)):
        principal = page.content.decode().split("<main")[1]
        assert [nom in principal for nom in noms] == [vu, vu]
    ((_, axes, _),) = page.context["diplomes"]
    assert [groupe.nom for groupe in axes["Évaluateur"]] == ["Évaluateur 1"]


def test_seul_un_dossier_ouvert_est_a_relire(monde, president, camille, dominique):
    decider(monde, camille, note="14")
    camille.motif_ecart = "Vu en séance."
    camille.save()
    assert [dossier.cle for _, dossier, *_ in president.get(url(monde)).context["limites"]] == [camille.pk]
    figer(monde, camille)
    assert president.get(url(monde)).context["limites"] == []


def test_les_notes_se_repartissent_par_tranches_de_deux_points(monde, president, camille, dominique):
    decider(monde, camille)
    decider(monde, dominique, "20", C1=3, C2=3)
    ((_, _, (calculees, proposees)),) = president.get(url(monde)).context["diplomes"]
    assert (calculees.nom, calculees.notes, calculees.mediane) == ("EP1, notes calculées", 2, Decimal("17.5"))
    assert [t.nombre for t in proposees.tranches] == [0, 0, 0, 0, 0, 0, 0, 1, 0, 1]
    assert [t.hauteur for t in proposees.tranches][-3:] == [100, 0, 100]


def test_requetes(monde, president):
    monde.a.dossiers[0].delete()
    assert [requetes(lambda: president.get(url(monde))) for _ in range(2)] == [29, 6]
    for rang in range(2):
        factories.dossier(monde.a.commission, factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}"))
    assert [requetes(lambda: president.get(url(monde))) for _ in range(2)] == [29, 6]
