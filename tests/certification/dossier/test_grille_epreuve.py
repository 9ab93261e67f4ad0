"""La grille d'un candidat : ce qu'elle retient, ce qu'elle dit, ce qu'elle écrit et relit."""

import datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from certification.dossier.grille.citations import ModaliteCitee
from certification.dossier.grille.epreuve import FORMAT, GrilleEpreuve
from certification.dossier.resultats import dossiers_lus
from certification.models import Dossier
from livret.models import Situation
from referentiel.models import Echelle, Niveau
from tests import factories
from tests.certification.scene import decider, lu
from tests.litanie import requetes
from trpm.base.instantane import ecrire


def niveaux(grille: GrilleEpreuve) -> dict[str, int | None]:
    return {ligne.code: ligne.valeur for ligne in grille.lignes}


# --- Ce qui est retenu ------------------------------------------------------------------------


def test_le_meilleur_niveau_des_situations_retenues_est_propose(monde, camille):
    autre = factories.situation(monde.a.classe, monde.a.enseignant)
    factories.evaluation(autre, camille.eleve, "C1", 3)
    factories.evaluation(autre, camille.eleve, "C2", 1)
    grille = lu(camille).grille

    assert niveaux(grille) == {"C1": 3, "C2": 3}
    assert (grille.note.brute, str(grille.calculee)) == (Fraction(20), "20.0")


@pytest.mark.parametrize(
    "champs",
    [
        {"nature": "formative"},
        {"debut": datetime.date(2025, 11, 3), "fin": datetime.date(2025, 11, 7)},
        {"retenue": False, "retenue_motif": "Machine en panne."},
    ],
)
def test_une_situation_non_retenue_se_montre_et_ne_compte_pas(monde, camille, champs):
    autre = factories.situation(monde.a.classe, monde.a.enseignant, **champs)
    factories.evaluation(autre, camille.eleve, "C1", 3)
    ligne = lu(camille).grille.ligne("C1")

    assert (ligne.propose, [preuve.valeur for preuve in ligne.autres]) == (2, [3])


def test_une_situation_formative_retenue_par_l_equipe_compte(monde, camille):
    autre = factories.situation(
        monde.a.classe,
        monde.a.enseignant,
        nature="formative",
        retenue=True,
        retenue_motif="Décision du 12 mai.",
    )
    factories.evaluation(autre, camille.eleve, "C1", 3)
    assert lu(camille).grille.ligne("C1").propose == 3


def test_un_brouillon_ne_se_voit_pas(monde, camille):
    autre = factories.situation(monde.a.classe, monde.a.enseignant, etat=Situation.Etat.BROUILLON)
    factories.evaluation(autre, camille.eleve, "C1", 3)
    grille = lu(camille).grille
    assert (niveaux(grille)["C1"], len(grille.situations)) == (2, 1)


def test_un_niveau_d_une_autre_echelle_ne_se_melange_pas(monde, camille):
    autre = Echelle.objects.create(referentiel=monde.referentiel, code="dix", intitule="Dix niveaux")
    neuf = Niveau.objects.create(echelle=autre, code="9", valeur=3, libelle="Neuf", symbole="plein")
    evaluation = camille.eleve.evaluations.get(competence__code="C1")
    evaluation.niveau = neuf
    evaluation.save()
    grille = lu(camille).grille
    ligne = grille.ligne("C1")

    assert (ligne.propose, ligne.preuves, len(ligne.hors_echelle)) == (None, (), 1)
    assert grille.calculee is None
    assert "C1 : un niveau saisi dans une autre échelle n’est pas pris en compte." in grille.conseils
    assert [constat.mention for constat in grille.situations[0].constats] == [
        "9 Neuf (Dix niveaux), non compté",
        "",
    ]


def test_une_absence_laisse_la_note_incomplete_avec_ses_deux_provisoires(dominique):
    grille = lu(dominique).grille
    assert (grille.etat, grille.calculee, grille.manquantes) == ("à compléter", None, ("C2",))
    assert str(grille.note.sur_evaluees.calculee) == "7.0"
    assert str(grille.note.avec_zero.calculee) == "5.0"
    assert grille.situations[0].constats[1].mention == "absent"


def test_l_option_choisit_les_poids_et_les_details(monde, camille):
    camille.eleve.option = monde.referentiel.options.get(code="OUT")
    camille.eleve.save()
    grille = lu(camille).grille
    assert [ligne.poids for ligne in grille.lignes] == [2, 2]
    assert grille.epreuve.coefficient == Decimal(3)
    assert grille.note.brute == Fraction(50, 3)


# --- Mode et situation ------------------------------------------------------------------------


def test_un_candidat_ponctuel_n_a_aucune_note(monde, camille):
    camille.eleve.statut = monde.referentiel.statuts.get(code="hors-contrat")
    camille.eleve.save()
    grille = lu(camille).grille
    assert (grille.note, grille.etat) == (None, "ponctuel")
    assert grille.texte_note == "épreuve ponctuelle (pratique, 4 h)"
    assert grille.obstacles() == (
        "Le candidat ne relève pas de la commission : épreuve ponctuelle (pratique, 4 h).",
    )


@pytest.mark.parametrize(
    ("modalite", "texte"),
    [
        (ModaliteCitee(True, "CCF", ""), "contrôle en cours de formation"),
        (ModaliteCitee(False, "ponctuel pratique", "3 h 30"), "épreuve ponctuelle (pratique, 3 h 30)"),
        (ModaliteCitee(False, "ponctuel", ""), "épreuve ponctuelle"),
        (ModaliteCitee(False, "", ""), "épreuve non proposée dans cette voie"),
    ],
)
def test_le_mode_se_dit(modalite, texte):
    assert str(modalite) == texte


def test_sans_ligne_pour_sa_voie_l_epreuve_n_est_pas_proposee(monde, camille):
    camille.commission.epreuve.bloc.modalites.filter(voie__code="R1").delete()
    assert lu(camille).grille.texte_note == "épreuve non proposée dans cette voie"


def test_sans_table_de_modes_le_mode_se_demande(monde, camille):
    camille.commission.epreuve.bloc.modalites.all().delete()
    assert (lu(camille).grille.etat, lu(camille).grille.calculee) == ("mode à dire", None)
    camille.mode = "ccf"
    camille.save()
    assert str(lu(camille).grille.calculee) == "15.0"


@pytest.mark.parametrize(
    ("situation", "texte"),
    [
        ("absent_justifie", "absent justifié"),
        ("absent_non_justifie", "absent non justifié"),
        ("dispense", "dispensé"),
        ("bloc_acquis", "bloc acquis (VAE)"),
    ],
)
def test_toute_autre_situation_suspend_le_calcul(camille, situation, texte):
    camille.situation = situation
    camille.save()
    grille = lu(camille).grille
    assert (grille.note, grille.texte_note, grille.etat_libelle) == (None, texte, texte)
    assert grille.obstacles() == ()


def test_une_note_conservee_se_lit_avec_sa_session(camille):
    camille.situation, camille.note_conservee, camille.session_conservee = "note_conservee", "12.5", 2025
    camille.save()
    assert lu(camille).grille.texte_note == "12,5 / 20, conservée (session 2025)"


# --- Décisions et états -----------------------------------------------------------------------


def test_les_etats_s_enchainent(monde, camille):
    assert lu(camille).grille.etat == "complet"
    factories.decision(camille, "C1", monde.a.membre, 2)
    assert lu(camille).grille.obstacles() == (
        "Niveau proposé mais non arrêté pour C2.",
        "La note proposée n’est pas enregistrée.",
    )
    factories.decision(camille, "C2", monde.a.membre, 3)
    factories.note(camille, "15")
    assert (lu(camille).grille.etat, lu(camille).figeable) == ("décidé", True)


def test_une_evaluation_qui_change_apres_coup_rend_les_decisions_a_confirmer(monde, camille):
    decider(monde, camille)
    evaluation = camille.eleve.evaluations.get(competence__code="C1")
    evaluation.niveau = factories.niveau(monde.referentiel, 3)
    evaluation.save()
    grille = lu(camille).grille
    assert (grille.etat, str(grille.calculee), grille.texte_note) == ("à confirmer", "20.0", "à confirmer")
    assert grille.obstacles() == (
        "Niveau de C1 à confirmer : C1 était à 2, il est à 3 ; « Étude de gamme A » donnait 2, elle donne 3.",
        "Note proposée à confirmer : la note calculée était 15, elle est 20 ; C1 était à 2, il est à 3 ; "
        "C1 était arrêté, maintenant à arrêter.",
    )


def test_une_competence_non_demontree_compte_zero(monde, dominique):
    factories.decision(dominique, "C2", monde.a.membre)
    grille = lu(dominique).grille
    assert (niveaux(grille), grille.note.brute) == ({"C1": 1, "C2": 0}, Fraction(5))


def test_une_note_proposee_differente_sans_motif_est_a_arbitrer(monde, camille):
    decider(monde, camille, "16")
    assert lu(camille).grille.obstacles() == (
        "L’écart entre la note proposée et la note calculée n’est pas motivé.",
    )


# --- Conseils ---------------------------------------------------------------------------------


def test_les_conseils_ne_sont_que_des_conseils(monde, camille):
    assert lu(camille).grille.conseils == (
        "Une seule situation retenue en centre de formation : deux à trois sont attendues pour l’épreuve.",
        "La situation « Étude de gamme A » est retenue, mais elle n’est pas encore publiée.",
        "C2 : 0 compétences détaillées observées sur 1 dans les situations retenues "
        "(repère de la grille : 50 %).",
        "Aucun professeur de génie mécanique construction n’est inscrit parmi les membres : "
        "le texte le nomme, pensez à vérifier la liste.",
    )
    assert lu(camille).grille.etat == "complet"


def test_le_seuil_de_couverture_se_desactive(monde, camille):
    monde.a.commission.grille.seuil_couverture = 0
    monde.a.commission.grille.save()
    assert [conseil for conseil in lu(camille).grille.conseils if "détaillées" in conseil] == []


def test_les_membres_et_la_date_se_verifient(monde, camille):
    commission = monde.a.commission
    factories.membre(commission, None, "construction", "Mme Cote")
    commission.date = datetime.date(2026, 7, 2)
    commission.save()
    assert lu(camille).grille.commission.conseils(commission.regles, commission.epreuve.code) == (
        "La date de la commission n’est pas dans le dernier trimestre habituel, d’avril à juin de "
        "l’année 2026 : pensez à la vérifier.",
    )


@pytest.mark.parametrize(
    ("presences", "absent"),
    [([], True), ([None], False), ([True], False), ([False], True), ([False, True], False)],
)
def test_l_absence_du_professionnel_se_constate(monde, camille, presences, absent):
    for rang, present in enumerate(presences):
        personne = factories.membre(monde.a.commission, None, "professionnel", f"M. {rang}")
        personne.present = present
        personne.save()
    assert lu(camille).grille.commission.professionnel_absent is absent


# --- Instantané -------------------------------------------------------------------------------


def test_l_instantane_se_relit_a_l_identique(monde, camille):
    decider(monde, camille, "15.5")
    grille = lu(camille).grille
    texte = grille.vers_json()
    relue = GrilleEpreuve.depuis_json(texte)

    assert relue == grille
    assert relue.vers_json() == texte
    assert relue.note.brute == Fraction(15)
    assert (relue.format, '"brute":"15"' in texte) == (FORMAT, True)


def test_une_valeur_inexacte_n_a_pas_d_ecriture():
    with pytest.raises(TypeError) as refus:
        ecrire(0.5)
    assert str(refus.value) == "float n’a pas d’écriture exacte."


# --- Requêtes ---------------------------------------------------------------------------------


def test_un_nombre_constant_de_requetes(monde):
    troisieme = factories.dossier(monde.a.commission, factories.eleve(monde.a.classe, "ALPHA-A3"))
    factories.evaluation(monde.a.situation, troisieme.eleve, "C1", 2)
    tous = Dossier.objects.filter(commission=monde.a.commission)
    seul = Dossier.objects.filter(pk=monde.a.dossiers[0].pk)
    assert requetes(lambda: dossiers_lus(seul)) == 20
    assert requetes(lambda: dossiers_lus(tous)) == 20


CCF = ("contrôle en cours de formation", "contrôle en cours de formation")
PONCTUEL = ("épreuve ponctuelle (pratique, 3 h 30 min)", "épreuve ponctuelle (oral et pratique, 4 h)")


def test_le_mode_de_chacun_des_neuf_statuts_se_lit_dans_la_table(db):
    """Q33 : voie du statut, puis mode du bloc pour cette voie ; un ponctuel n'a pas de note."""
    diplome = factories.trpm()
    promotion = factories.promotion(factories.etablissement(), diplome, "RSP")
    classe = factories.classe(promotion)
    commissions = [factories.commission(promotion, code) for code in ("E2", "E32")]
    modes = {}
    for statut in diplome.statuts.all():
        candidat = factories.eleve(classe, statut=statut.code)
        grilles = [lu(factories.dossier(commission, candidat)).grille for commission in commissions]
        modes[statut.code] = tuple(" ".join(str(grille.modalite).split()) for grille in grilles)
        assert [grille.note is None for grille in grilles] == [not grille.modalite.ccf for grille in grilles]
    assert modes == {
        "scolaire": CCF,
        "scolaire-hors-contrat": PONCTUEL,
        "apprentissage-habilite": CCF,
        "apprentissage-non-habilite": PONCTUEL,
        "fc-public-habilite": CCF,
        "fc-public": CCF,
        "fc-prive": PONCTUEL,
        "distance": PONCTUEL,
        "experience": PONCTUEL,
    }
