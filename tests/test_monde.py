"""Le monde des tests tient ses promesses : rôles, niveaux, et marque de l'autre établissement."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from livret.models import Eleve, Situation
from livret.synthese.livrets import livrets
from referentiel.models import Detaillee, Option
from tests import factories
from tests.monde import INTRUS, Ecole, Monde
from tests.moulage import lignes_en_base, mouler


def test_chaque_compte_ne_tient_que_son_role(monde: Monde) -> None:
    for ecole in (monde.a, monde.b):
        for role, compte in ecole.comptes.items():
            assert compte.etablissements_par_role == {role: {ecole.etablissement.pk}}
            assert compte.check_password(factories.MOT_DE_PASSE)


def test_tout_ce_qui_est_a_b_porte_la_marque(monde: Monde) -> None:
    def textes(ecole: Ecole) -> list[str]:
        situation = ecole.situation
        return [
            *map(str, (ecole.etablissement, ecole.promotion, ecole.classe, ecole.commission)),
            *(compte.nom_complet for compte in (*ecole.comptes.values(), ecole.collegue)),
            *map(str, ecole.eleves),
            *(situation.intitule, situation.description, situation.moyens),
            *(fiche.commentaire for fiche in situation.fiches.all()),
        ]

    assert [texte for texte in textes(monde.a) if INTRUS in texte] == []
    assert [texte for texte in textes(monde.b) if INTRUS not in texte] == []


def test_les_livrets_de_a(monde: Monde) -> None:
    eleves = Eleve.objects.filter(etablissement=monde.a.etablissement).select_related("promotion", "option")
    assert [(str(livret.eleve), [ligne.valeur for ligne in livret.lignes]) for livret in livrets(eleves)] == [
        ("ALPHA-A1 Camille", [2, 3, None, None, None]),
        ("ALPHA-A2 Dominique", [1, None, None, None, None]),
    ]


def test_le_referentiel_d_essai_a_des_detaillees_propres_a_chaque_option(db: None) -> None:
    diplome = factories.referentiel()
    usi, out = Option.objects.filter(referentiel=diplome)
    detaillees = Detaillee.objects.filter(competence__referentiel=diplome)
    assert [(item.code, item.intitule) for item in detaillees if item.concerne(usi.pk)][3:5] == [
        ("C3.1", "Vérifier la pièce"),
        ("C3.2", "Régler les jauges"),
    ]
    assert [sum(item.concerne(option.pk) for item in detaillees) for option in (usi, out)] == [8, 9]


def test_decision_observation_et_fiche(monde: Monde) -> None:
    dossier = monde.a.dossiers[0]
    arretee = factories.decision(dossier, "C1", monde.a.membre, 3)
    non_demontree = factories.decision(dossier, "C2", monde.a.membre)
    assert (arretee.niveau.valeur, non_demontree.niveau, non_demontree.motif) == (3, None, "Jamais évaluée.")
    classe = factories.classe(factories.promotion(monde.a.etablissement, monde.referentiel, "OUT"))
    eleve = factories.eleve(classe, statut="hors-contrat")
    situation = factories.situation(classe, monde.a.enseignant, detaillees=["C3.1", "C4.2"])
    assert sorted(situation.detaillees.values_list("intitule", flat=True)) == [
        "Corriger l’assemblage",
        "Vérifier l’outillage",
    ]
    assert factories.observation(situation, eleve, "C3.1", 2).detaillee.intitule == "Vérifier l’outillage"


def test_un_decor_moule_se_repose_tel_qu_il_fut_bati(monde: Monde) -> None:
    bati, repose = (pose(monde, "situation") for _ in range(2))
    assert bati[1:] == repose[1:]
    assert bati[0] is not repose[0]
    assert repose[0].classe is monde.a.classe


def test_un_decor_qui_change_ce_qui_etait_la_se_rebatit(monde: Monde) -> None:
    def renommer() -> Eleve:
        Eleve.objects.filter(pk=monde.a.eleves[0].pk).update(nom="AUTRE")
        return Eleve.objects.get(pk=monde.a.eleves[0].pk)

    for _ in range(2):
        with annule():
            assert mouler("renommer", renommer, monde.objets()).nom == "AUTRE"


def test_un_decor_ne_se_repose_pas_sur_une_autre_base(monde: Monde) -> None:
    assert pose(monde, "ailleurs")[0].pk
    factories.classe(monde.a.promotion)
    with pytest.raises(RuntimeError, match="rebâti"):
        mouler("ailleurs", rebatir, monde.objets())


def rebatir() -> None:
    raise RuntimeError("rebâti")


def pose(monde: Monde, nom: str) -> tuple[Situation, Situation, object]:
    """Le décor, la même situation relue, et tout ce que porte alors la base, sans égard à l’ordre."""
    with annule():
        situation = mouler(
            nom, lambda: factories.situation(monde.a.classe, monde.a.enseignant), monde.objets()
        )
        portees = {quoi: set(rangees) for quoi, rangees in lignes_en_base().items()}
        return situation, Situation.objects.get(pk=situation.pk), portees


@contextmanager
def annule() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_un_decor_repose_ramene_les_suites_a_ses_numeros(monde: Monde) -> None:
    """Une base rétablie entre-temps a pu les ramener en deçà : le suivant buterait sur une ligne du décor."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite tient ses suites de ce qui est inséré")
    pose(monde, "suites")
    with annule(), connection.cursor() as curseur:
        curseur.execute("ALTER SEQUENCE livret_situation_id_seq RESTART")
        situation, *_ = pose(monde, "suites")
        curseur.execute("SELECT nextval('livret_situation_id_seq')")
        assert curseur.fetchone()[0] > situation.pk
