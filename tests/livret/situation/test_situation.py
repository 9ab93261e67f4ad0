"""La page d'une situation, la décision de la retenir et son changement d'état."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from livret.models import Situation
from tests import factories
from tests.litanie import (
    EQUIPE_ET_ADMINISTRATION,
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.monde import Monde

E = Situation.Etat


def url(monde: Monde, nom: str = "situation") -> str:
    return reverse(f"livret:{nom}", args=[monde.a.situation.pk])


def test_droits(monde: Monde) -> None:
    assert statuts(monde, url(monde)) == EQUIPE_ET_ADMINISTRATION
    for nom in ("situation-etat", "situation-retenue"):
        assert statuts(monde, url(monde, nom)) == {
            **EQUIPE_SEULE,
            "enseignant": 405,
            "collègue": 405,
            "ailleurs": 405,
        }
    passer = statuts(monde, url(monde, "situation-etat"), "post", {"etat": "publiee"})
    assert passer == {**EQUIPE_SEULE, "enseignant": 302}
    retenir = statuts(monde, url(monde, "situation-retenue"), "post", {"decision": "oui", "motif": "Vu"})
    assert retenir == {**EQUIPE_SEULE, "enseignant": 302}


def test_la_page_dit_l_etat_et_ce_qui_peut_suivre(monde: Monde) -> None:
    page = connecte(monde.a.enseignant).get(url(monde)).content.decode()
    assert '<span class="etat etat-actif">ouverte</span>' in page
    assert "Publier la situation" in page
    assert "Les élèves verront leurs niveaux et leurs commentaires." in page
    assert "4 posés sur 4" in page
    assert "retenue (règle par défaut)" in page


def test_l_administrateur_lit_sans_pouvoir_changer(monde: Monde) -> None:
    page = connecte(monde.a.administrateur).get(url(monde)).content.decode()
    assert "Publier la situation" not in page
    assert "Modifier" not in page
    assert "Lire la grille" in page


@pytest.mark.parametrize(
    ("depart", "arrivee", "possible"),
    [
        (depart, arrivee, arrivee in Situation.PASSAGES[depart])
        for depart in Situation.Etat
        for arrivee in Situation.Etat
        if depart != arrivee
    ],
)
def test_passages(monde: Monde, depart: str, arrivee: str, possible: bool) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, competences=["C1"], etat=depart)
    adresse = reverse("livret:situation-etat", args=[scene.pk])
    connecte(monde.a.enseignant).post(adresse, {"etat": arrivee, "confirme": "1"})
    scene.refresh_from_db()
    assert scene.etat == (arrivee if possible else depart)


def test_un_passage_impossible_s_explique(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).post(url(monde, "situation-etat"), {"etat": "close"}, follow=True)
    assert (
        "La situation est ouverte\xa0: elle ne peut pas devenir «\xa0close\xa0»." in reponse.content.decode()
    )


def test_une_situation_qui_porte_des_niveaux_ne_redevient_pas_brouillon(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    reponse = client.post(url(monde, "situation-etat"), {"etat": "brouillon"}, follow=True)
    page = reponse.content.decode()
    assert "Cette situation porte 6 saisies et 2 commentaires" in page
    assert "Revenir au brouillon" not in page
    monde.a.situation.refresh_from_db()
    assert monde.a.situation.etat == E.OUVERTE


def test_la_publication_est_datee_une_fois_et_tracee(monde: Monde) -> None:
    client, scene = connecte(monde.a.enseignant), monde.a.situation
    for etat in ("publiee", "ouverte", "publiee"):
        client.post(url(monde, "situation-etat"), {"etat": etat})
        scene.refresh_from_db()
    assert scene.publiee_le.date() == timezone.now().date()
    traces = [(trace.etat, trace.history_user) for trace in scene.history.order_by("history_id")]
    assert [etat for etat, _ in traces[-3:]] == ["publiee", "ouverte", "publiee"]
    assert traces[-1][1] == monde.a.enseignant


def test_retenir_demande_un_motif(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).post(url(monde, "situation-retenue"), {"decision": "non"})
    page = reponse.content.decode()
    assert reponse.status_code == 200
    assert "Retenir ou écarter une situation demande un motif." in page
    assert reponse.context["retenue_form"]["decision"].value() == "non"
    monde.a.situation.refresh_from_db()
    assert monde.a.situation.retenue is None


def test_retenir_puis_revenir_a_la_regle(monde: Monde) -> None:
    client, scene = connecte(monde.a.enseignant), monde.a.situation
    client.post(url(monde, "situation-retenue"), {"decision": "non", "motif": "Sujet incomplet"})
    scene.refresh_from_db()
    assert (scene.retenue, scene.retenue_motif, scene.est_retenue(2026)) == (False, "Sujet incomplet", False)
    assert (
        "non retenue, décision de l’équipe&nbsp;: Sujet incomplet" in client.get(url(monde)).content.decode()
    )
    client.post(url(monde, "situation-retenue"), {"decision": "", "motif": "Sujet incomplet"})
    scene.refresh_from_db()
    assert (scene.retenue, scene.retenue_motif, scene.est_retenue(2026)) == (None, "", True)


def test_une_situation_qui_porte_des_niveaux_ne_se_supprime_pas(monde: Monde) -> None:
    assert statuts(monde, url(monde, "situation-delete")) == {**EQUIPE_SEULE, "enseignant": 409}
    reponse = connecte(monde.a.enseignant).post(url(monde, "situation-delete"))
    assert reponse.status_code == 409
    assert (
        "Cette situation porte 6 saisies et 2 commentaires : elle ne peut pas être supprimée."
        in reponse.content.decode()
    )
    assert Situation.objects.filter(pk=monde.a.situation.pk).exists()
    with pytest.raises(ValidationError, match="6 saisies"):
        monde.a.situation.delete()


def test_un_brouillon_vide_se_supprime_apres_confirmation(monde: Monde) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, etat=E.BROUILLON, intitule="À jeter")
    adresse = reverse("livret:situation-delete", args=[scene.pk])
    assert statuts(monde, adresse) == EQUIPE_SEULE
    client = connecte(monde.a.enseignant)
    assert Situation.objects.filter(pk=scene.pk).exists()
    reponse = client.post(adresse, follow=True)
    assert "Le brouillon « À jeter » est supprimé." in reponse.content.decode()
    assert not Situation.objects.filter(pk=scene.pk).exists()


def test_une_situation_ouverte_repasse_par_le_brouillon_avant_d_etre_supprimee(monde: Monde) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant)
    reponse = connecte(monde.a.enseignant).post(reverse("livret:situation-delete", args=[scene.pk]))
    assert "remettez d’abord la situation en brouillon" in reponse.content.decode()


def test_l_eleve_sorti_reste_dans_la_situation_ou_il_porte_une_saisie(monde: Monde) -> None:
    scene, (premier, second) = monde.a.situation, monde.a.eleves
    jour = datetime.date(2026, 4, 1)
    for eleve in (premier, second):
        eleve.scolarites.update(sortie=jour)
    assert list(scene.eleves()) == [premier, second]
    autre = factories.situation(monde.a.classe, monde.a.enseignant, competences=["C1"])
    assert list(autre.eleves()) == []


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    monde.a.eleves[1].scolarites.update(sortie="2026-01-05")
    monde.a.situation.evaluations.filter(eleve=monde.a.eleves[1]).delete()
    monde.a.situation.observations.filter(eleve=monde.a.eleves[1]).delete()
    monde.a.situation.fiches.filter(eleve=monde.a.eleves[1]).delete()
    assert requetes(lambda: client.get(url(monde))) == 19
    monde.a.eleves[1].scolarites.update(sortie=None)
    factories.evaluation(monde.a.situation, factories.eleve(monde.a.classe), "C1", 3)
    assert requetes(lambda: client.get(url(monde))) == 19
