"""Page du dossier : ce qu'elle montre, à qui, et la circulation d'un candidat à l'autre."""

from livret.models import Eleve
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
from trpm.voisins import Voisins


def test_qui_le_voit(monde, camille):
    assert statuts(monde, adresse("dossier", camille.pk)) == COMMISSION


def test_l_administrateur_lit_sans_positionner(administrateur, membre, camille):
    geste = adresse("decision", camille.pk, "C1")
    assert geste in membre.get(camille.get_absolute_url()).content.decode()
    assert geste not in administrateur.get(camille.get_absolute_url()).content.decode()


def test_les_preuves_retenues_et_les_autres_se_voient(monde, membre, camille):
    factories.evaluation(
        factories.situation(
            monde.a.classe, monde.a.enseignant, intitule="Essai de seconde", nature="formative"
        ),
        camille.eleve,
        "C1",
        3,
    )
    page = " ".join(membre.get(camille.get_absolute_url()).content.decode().split())
    assert "Étude de gamme A" in page
    assert "13 mars 2026 · centre de formation" in page
    assert "Essai de seconde" in page
    assert "non retenue" in page


def test_un_candidat_ponctuel_se_dit_et_ne_se_note_pas(monde, membre, camille):
    Eleve.objects.filter(pk=camille.eleve_id).update(
        statut=monde.referentiel.statuts.get(code="hors-contrat")
    )
    page = membre.get(camille.get_absolute_url()).content.decode()
    assert "Épreuve ponctuelle (pratique, 4 h)" in page
    assert adresse("decision", camille.pk, "C1") not in page
    assert adresse("proposition", camille.pk) not in page


def test_les_notes_provisoires_sont_nommees_comme_telles(membre, dominique):
    page = " ".join(membre.get(dominique.get_absolute_url()).content.decode().split())
    assert "Provisoire, sur les seules compétences évaluées</dt><dd>7,0" in page
    assert "Provisoire, non évaluées comptées 0</dt><dd>5,0" in page
    assert adresse("proposition", dominique.pk) not in page


def test_la_note_proposee_est_pre_remplie_avec_la_note_calculee(monde, membre, camille):
    factories.decision(camille, "C1", monde.a.membre, 2)
    factories.decision(camille, "C2", monde.a.membre, 3)
    form = membre.get(camille.get_absolute_url()).context["proposition"]
    assert str(form["note_proposee"].value()) == "15.0"
    assert 'value="15,0"' in str(form["note_proposee"])


def test_fige_il_montre_l_instantane(monde, president, camille):
    decider(monde, camille)
    figer(monde, camille)
    Eleve.objects.filter(pk=camille.eleve_id).update(nom="CHANGÉ")
    page = " ".join(president.get(camille.get_absolute_url()).content.decode().split())
    assert "ALPHA-A1 Camille" in page
    assert "CHANGÉ" not in page
    assert "Figé le 3 juin 2026 à 17 h 04 par" in page
    assert adresse("decision", camille.pk, "C1") not in page
    assert adresse("rouvrir", camille.pk) in page


def test_seul_le_president_voit_rouvrir(monde, membre, camille):
    decider(monde, camille)
    figer(monde, camille)
    assert adresse("rouvrir", camille.pk) not in membre.get(camille.get_absolute_url()).content.decode()


def test_precedent_et_suivant(monde, membre, camille, dominique):
    premier = membre.get(camille.get_absolute_url()).context
    second = membre.get(dominique.get_absolute_url()).context
    assert premier["voisins"] == Voisins(None, dominique.pk, 1, 2)
    assert second["voisins"] == Voisins(camille.pk, None, 2, 2)


def test_une_epreuve_sans_competence_s_explique(monde, membre, camille):
    monde.referentiel.grilles.get().poids.all().delete()
    page = " ".join(membre.get(camille.get_absolute_url()).content.decode().split())
    assert "La grille ne rattache aucune compétence à cette épreuve pour l’option USI." in page
    assert lu(camille).grille.obstacles() == (
        "La grille ne rattache aucune compétence à cette épreuve pour cette option.",
    )


def test_requetes(monde, membre, camille):
    url = camille.get_absolute_url()
    monde.a.dossiers[1].delete()
    assert requetes(lambda: membre.get(url)) == 28
    for rang in range(2):
        eleve = factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}")
        factories.dossier(monde.a.commission, eleve)
        factories.evaluation(monde.a.situation, eleve, "C1", 2)
    assert requetes(lambda: membre.get(url)) == 28
