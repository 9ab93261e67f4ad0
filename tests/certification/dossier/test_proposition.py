"""Note proposée, observations, situation du candidat."""

from decimal import Decimal

import pytest

from certification.models import Dossier
from tests import factories
from tests.certification import scene
from tests.certification.dossier.test_decision import POSITIONNER
from tests.certification.scene import (
    REFUS,
    adresse,
    decider,
    lu,
    statuts,
)


def relire(dossier: Dossier) -> Dossier:
    return Dossier.objects.get(pk=dossier.pk)


def arreter(monde, dossier: Dossier) -> Dossier:
    factories.decision(dossier, "C1", monde.a.membre, 2)
    factories.decision(dossier, "C2", monde.a.membre, 3)
    return relire(dossier)


# --- Note -------------------------------------------------------------------------------------


def test_qui_propose(monde, camille):
    arreter(monde, camille)
    donnees = {"note_proposee": "15", "lu": lu(camille).grille.jeton_note}
    assert statuts(monde, adresse("proposition", camille.pk), "post", donnees) == POSITIONNER
    assert relire(camille).note_proposee == Decimal(15)


@pytest.mark.parametrize("note", ["15", "15,0", "15.0", "15,00"])
def test_la_virgule_et_le_point_se_comprennent(monde, membre, camille, note):
    arreter(monde, camille)
    membre.post(
        adresse("proposition", camille.pk), {"note_proposee": note, "lu": lu(camille).grille.jeton_note}
    )
    assert relire(camille).note_proposee == Decimal(15)


def test_une_note_differente_demande_un_motif_et_garde_ce_qui_est_tape(monde, membre, camille):
    arreter(monde, camille)
    url, jeton = adresse("proposition", camille.pk), lu(camille).grille.jeton_note
    reponse = membre.post(url, {"note_proposee": "16,5", "lu": jeton})
    assert reponse.status_code == 422
    assert reponse.context["proposition"].errors == {
        "motif_ecart": [
            "La note proposée n’est pas la note calculée (15,0\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}20) : "
            "donnez le motif."
        ]
    }
    assert 'value="16,5"' in reponse.content.decode()

    membre.post(url, {"note_proposee": "16,5", "motif_ecart": "Progrès constants.", "lu": jeton})
    dossier = relire(camille)
    assert (dossier.note_proposee, dossier.motif_ecart) == (Decimal("16.5"), "Progrès constants.")
    assert lu(camille).grille.etat == "décidé"


@pytest.mark.parametrize(
    ("note", "message"),
    [
        ("15,25", "15,25 n’est pas un demi-point : proposez par exemple 15."),
        ("21", "Assurez-vous que cette valeur est inférieure ou égale à 20."),
        ("-1", "Assurez-vous que cette valeur est supérieure ou égale à 0."),
        ("quinze", "Saisissez un nombre."),
        ("", "Ce champ est obligatoire."),
        ("NaN", "Saisissez un nombre."),
    ],
)
def test_une_note_impossible_s_explique(monde, membre, camille, note, message):
    arreter(monde, camille)
    reponse = membre.post(
        adresse("proposition", camille.pk), {"note_proposee": note, "lu": lu(camille).grille.jeton_note}
    )
    assert reponse.context["proposition"].errors["note_proposee"] == [message]
    assert relire(camille).note_proposee is None


def test_rien_ne_se_propose_tant_que_l_epreuve_est_incomplete(monde, membre, dominique):
    factories.decision(dominique, "C1", monde.a.membre, 1)
    reponse = membre.post(
        adresse("proposition", dominique.pk),
        {"note_proposee": "7", "motif_ecart": "x", "lu": lu(dominique).grille.jeton_note},
    )
    assert reponse.context["proposition"].non_field_errors() == [
        "Arrêtez d’abord un niveau pour C2 : l’épreuve est incomplète."
    ]
    assert "Arrêtez d’abord un niveau pour C2" in reponse.content.decode()
    assert relire(dominique).note_proposee is None


def test_un_niveau_change_entre_temps_arrete_la_proposition(monde, membre, camille):
    arreter(monde, camille)
    ancien = lu(camille).grille.jeton_note
    scene.arreter(camille, "C1", "3", "Vu en mai.", monde.a.president)
    reponse = membre.post(
        adresse("proposition", camille.pk), {"note_proposee": "15", "motif_ecart": "x", "lu": ancien}
    )
    (message,) = reponse.context["proposition"].non_field_errors()
    assert (reponse.status_code, relire(camille).note_proposee) == (409, None)
    assert message.startswith(f"{monde.a.president.nom_complet} a modifié ce dossier à ")


def test_le_bonus_se_saisit_quand_la_grille_en_admet_un(monde, membre, camille):
    arreter(monde, camille)
    grille = monde.a.commission.grille
    grille.bonus_max = 2
    grille.save()
    url = adresse("proposition", camille.pk)
    trop = membre.post(url, {"note_proposee": "17,5", "bonus": "2,5", "lu": lu(camille).grille.jeton_note})
    assert trop.context["proposition"].errors["bonus"] == ["La grille admet un bonus de 2 points au plus."]
    membre.post(url, {"note_proposee": "16,5", "bonus": "1,5", "lu": lu(camille).grille.jeton_note})
    assert (str(lu(camille).grille.calculee), lu(camille).grille.etat) == ("16.5", "décidé")


# --- Observations -----------------------------------------------------------------------------


def test_qui_observe(monde, camille):
    donnees = {"observations": "Parcours régulier.", "lu": lu(camille).grille.jeton_observations}
    assert statuts(monde, adresse("observations", camille.pk), "post", donnees) == POSITIONNER
    assert relire(camille).observations == "Parcours régulier."


def test_deux_observations_ne_s_ecrasent_pas(monde, membre, president, camille):
    ancien = lu(camille).grille.jeton_observations
    president.post(adresse("observations", camille.pk), {"observations": "Du président.", "lu": ancien})
    reponse = membre.post(adresse("observations", camille.pk), {"observations": "Du membre.", "lu": ancien})
    assert (reponse.status_code, relire(camille).observations) == (409, "Du président.")
    assert "Du membre." in reponse.content.decode()
    assert f"{monde.a.president.nom_complet} a modifié ce dossier à " in reponse.content.decode()


# --- Situation du candidat (Q13) --------------------------------------------------------------


def test_qui_situe(monde, camille):
    donnees = {"situation": "dispense", "lu": lu(camille).grille.jeton_situation}
    assert statuts(monde, adresse("situation-candidat", camille.pk), "post", donnees) == {
        **REFUS,
        "administrateur": 302,
        "membre": 302,
        "president": 302,
        "membre d’une autre commission": 404,
    }
    assert relire(camille).situation == "dispense"


def test_une_note_conservee_se_donne_avec_sa_session(membre, camille):
    url, jeton = adresse("situation-candidat", camille.pk), lu(camille).grille.jeton_situation
    reponse = membre.post(url, {"situation": "note_conservee", "lu": jeton})
    assert reponse.context["situation"].errors == {
        "note_conservee": ["Donnez la note conservée."],
        "session_conservee": ["Donnez la session où elle a été obtenue."],
    }
    membre.post(
        url,
        {"situation": "note_conservee", "note_conservee": "12,5", "session_conservee": "2025", "lu": jeton},
    )
    dossier = relire(camille)
    assert (dossier.note_conservee, dossier.session_conservee) == (Decimal("12.5"), 2025)


def test_quitter_a_evaluer_retire_la_note_proposee_et_l_historique_la_garde(monde, membre, camille):
    decider(monde, camille)
    membre.post(
        adresse("situation-candidat", camille.pk),
        {"situation": "absent_justifie", "lu": lu(camille).grille.jeton_situation},
    )
    assert relire(camille).note_proposee is None
    assert camille.history.filter(note_proposee=15).count() == 1


def test_hors_note_conservee_rien_n_en_reste(membre, camille):
    camille.situation, camille.note_conservee, camille.session_conservee = "note_conservee", 12, 2025
    camille.save()
    membre.post(
        adresse("situation-candidat", camille.pk),
        {
            "situation": "a_evaluer",
            "note_conservee": "12",
            "session_conservee": "2025",
            "lu": lu(camille).grille.jeton_situation,
        },
    )
    dossier = relire(camille)
    assert (dossier.situation, dossier.note_conservee, dossier.session_conservee) == ("a_evaluer", None, None)
