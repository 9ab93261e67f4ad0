"""La grille abrégée montre à la séance exactement ce que montre la grille entière, et ne se fige pas."""

from dataclasses import fields

import pytest

from certification.dossier.resultats import dossiers_lus
from certification.models import Dossier
from livret.models import Evaluation
from tests import factories
from tests.certification.scene import decider
from tests.litanie import requetes

CITATIONS = {"epreuve", "situations", "portfolio", "correspondances"}


def vue(grille) -> dict[str, object]:
    """Tout ce qui n’est pas citation, et des situations retenues ce que lit l’harmonisation."""
    entiers = {champ.name: getattr(grille, champ.name) for champ in fields(grille)}
    retenues = [
        (une.intitule, une.evaluateur, une.en_centre, une.publiee, une.debut, une.fin)
        + tuple(
            (constat.code, constat.valeur, constat.mention) for constat in une.constats if _porte(constat)
        )
        for une in grille.situations_retenues
    ]
    epreuve = (grille.epreuve.code, grille.epreuve.intitule)
    return {nom: entiers[nom] for nom in entiers if nom not in CITATIONS} | {
        "retenues": retenues,
        "epreuve": epreuve,
        "etat": grille.etat_libelle,
        "obstacles": grille.obstacles(),
    }


def _porte(constat) -> bool:
    return constat.valeur is not None or bool(constat.mention)


def compares() -> list[tuple[dict[str, object], dict[str, object]]]:
    dossiers = Dossier.objects.all()
    entieres, abregees = (dossiers_lus(dossiers, abreges=abreges) for abreges in (False, True))
    return [(vue(une.grille), vue(autre.grille)) for une, autre in zip(entieres, abregees, strict=True)]


def test_elle_montre_la_meme_chose(monde, camille, dominique):
    formative = factories.situation(monde.a.classe, monde.a.enseignant, ["C1"], nature="formative")
    ecartee = factories.situation(monde.a.classe, monde.a.collegue, ["C1", "C2"], etat="publiee")
    for scene in (formative, ecartee):
        factories.evaluation(scene, camille.eleve, "C1", 3)
    factories.evaluation(ecartee, dominique.eleve, "C2", None, mention="ABS")
    for entiere, abregee in compares():
        assert entiere == abregee
    decider(monde, camille, note="14", C1=2, C2=3)
    ecartee.retenir(False, "Sujet incomplet.")
    camille.observer("Sérieux.", dossiers_lus([camille])[0].grille.vu_observations())
    bas = factories.niveau(monde.referentiel, 1)
    Evaluation.objects.filter(situation=monde.a.situation).update(niveau=bas, mention="")
    for entiere, abregee in compares():
        assert entiere == abregee


def test_une_situation_ne_se_voit_que_par_ses_details(monde, camille):
    details = factories.situation(monde.a.classe, monde.a.enseignant, detaillees=["C1.1"])
    factories.observation(details, camille.eleve, "C1.1", 2)
    entiere, abregee = compares()[0]
    assert entiere == abregee
    assert details.intitule in [retenue[0] for retenue in abregee["retenues"]]


def test_elle_ne_s_ecrit_pas(monde, camille):
    with pytest.raises(TypeError, match="abrégée"):
        dossiers_lus([camille], abreges=True)[0].grille.vers_json()


def test_requetes(monde, camille, dominique):
    assert requetes(lambda: dossiers_lus([camille], abreges=True)) == 15
    assert requetes(lambda: dossiers_lus([camille, dominique], abreges=True)) == 15
