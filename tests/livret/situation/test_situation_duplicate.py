"""Dupliquer une situation : la classe où la reprendre, puis le formulaire de création rempli."""

import datetime

from django.urls import reverse
from django.utils import timezone

from livret.models import Classe, Situation
from referentiel.models import Detaillee
from tests import factories
from tests.litanie import (
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.monde import Monde


def choix(monde: Monde) -> str:
    return reverse("livret:situation-duplicate", args=[monde.a.situation.pk])


def creation(classe: Classe, source: object) -> str:
    return reverse("livret:situation-create", args=[classe.pk]) + f"?situation={source}"


def autre_classe(monde: Monde, option: str = "USI") -> Classe:
    promotion = factories.promotion(monde.a.etablissement, monde.referentiel, option)
    return factories.classe(promotion, [monde.a.enseignant], nom=f"Tle bis {option}")


def test_droits(monde: Monde) -> None:
    assert statuts(monde, choix(monde)) == EQUIPE_SEULE
    assert statuts(monde, creation(monde.a.classe, monde.a.situation.pk)) == EQUIPE_SEULE


def test_on_choisit_parmi_ses_classes_de_la_meme_version(monde: Monde) -> None:
    bis = autre_classe(monde)
    version_2 = factories.promotion(monde.a.etablissement, factories.referentiel(version="2"))
    factories.classe(version_2, [monde.a.enseignant])
    factories.classe(monde.a.promotion, [monde.a.collegue])
    reponse = connecte(monde.a.enseignant).get(choix(monde))
    assert set(reponse.context["classes"]) == {monde.a.classe, bis}
    assert f'href="{creation(bis, monde.a.situation.pk)}"' in reponse.content.decode()


def test_le_bouton_est_sur_la_page_de_la_situation_pour_qui_evalue(monde: Monde) -> None:
    page = reverse("livret:situation", args=[monde.a.situation.pk])
    assert f'href="{choix(monde)}"' in connecte(monde.a.enseignant).get(page).content.decode()
    assert f'href="{choix(monde)}"' not in connecte(monde.a.administrateur).get(page).content.decode()


def test_le_formulaire_s_ouvre_rempli_a_la_date_du_jour(monde: Monde) -> None:
    source, bis = monde.a.situation, autre_classe(monde)
    source.taches.set(monde.referentiel.activites.get(code="A1").taches.all())
    reponse = connecte(monde.a.enseignant).get(creation(bis, source.pk))
    initial = reponse.context["form"].initial
    jour = min(max(timezone.localdate(), datetime.date(2025, 9, 1)), datetime.date(2026, 7, 5))
    assert (initial["debut"], initial["fin"]) == (jour, jour)
    assert (initial["intitule"], initial["nature"], initial["lieu"]) == (
        "Étude de gamme A",
        "certificative",
        "centre",
    )
    assert (initial["description"], initial["moyens"]) == ("Étudier la gamme", "Plan de définition")
    assert initial["taches"] == [tache.pk for tache in source.taches.all()]
    assert initial["competences"] == [competence.pk for competence in source.competences.all()]
    assert initial["detaillees"] == [detaillee.pk for detaillee in source.detaillees.all()]
    assert "Reprise de « Étude de gamme A »" in reponse.content.decode().replace("\xa0", " ")
    assert Situation.objects.filter(classe=bis).count() == 0


def test_la_copie_ne_porte_aucun_niveau_et_laisse_la_source_intacte(monde: Monde) -> None:
    source, bis = monde.a.situation, autre_classe(monde)
    client = connecte(monde.a.enseignant)
    initial = client.get(creation(bis, source.pk)).context["form"].initial
    client.post(creation(bis, source.pk), initial)
    copie = Situation.objects.get(classe=bis)
    assert (copie.intitule, copie.etat, copie.auteur) == (
        "Étude de gamme A",
        Situation.Etat.BROUILLON,
        monde.a.enseignant,
    )
    assert list(copie.detaillees.all()) == list(source.detaillees.all())
    assert (copie.porte(), source.porte()) == ("", "6 saisies et 2 commentaires")


def test_une_saisie_fautive_garde_ce_qui_est_tape(monde: Monde) -> None:
    client, adresse = connecte(monde.a.enseignant), creation(monde.a.classe, monde.a.situation.pk)
    initial = client.get(adresse).context["form"].initial
    reponse = client.post(adresse, initial | {"intitule": "", "description": "Retouchée"})
    page = reponse.content.decode()
    assert (reponse.status_code, "Ce champ est obligatoire." in page, "Retouchée" in page) == (
        200,
        True,
        True,
    )
    assert Situation.objects.filter(classe=monde.a.classe).count() == 1


def test_ce_que_la_classe_ne_peut_pas_viser_n_est_pas_repris_et_se_dit(monde: Monde) -> None:
    monde.a.situation.detaillees.add(Detaillee.objects.get(code="C3.1", option__code="USI"))
    reponse = connecte(monde.a.enseignant).get(creation(autre_classe(monde, "OUT"), monde.a.situation.pk))
    assert reponse.context["form"].omis == ["C3.1"]
    codes = Detaillee.objects.filter(pk__in=reponse.context["form"].initial["detaillees"])
    assert [detaillee.code for detaillee in codes] == ["C1.1", "C1.2", "C2.1"]
    assert "donc non repris : C3.1." in reponse.content.decode().replace("&nbsp;", " ")


def test_une_source_inconnue_d_ailleurs_ou_d_une_autre_version_n_existe_pas(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    version_2 = factories.promotion(monde.a.etablissement, factories.referentiel(version="2"))
    etrangere = factories.situation(factories.classe(version_2, [monde.a.enseignant]), monde.a.enseignant)
    for source in (monde.b.situation.pk, etrangere.pk, "x", "²"):
        assert client.get(creation(monde.a.classe, source)).status_code == 404


def test_requetes(monde: Monde) -> None:
    client, adresse = connecte(monde.a.enseignant), creation(monde.a.classe, monde.a.situation.pk)
    assert requetes(lambda: client.get(choix(monde))) == 5
    assert requetes(lambda: client.get(adresse)) == 21
    autre_classe(monde)
    factories.situation(monde.a.classe, monde.a.enseignant, competences=["C1", "C3"])
    factories.eleve(monde.a.classe)
    assert requetes(lambda: client.get(choix(monde))) == 5
    assert requetes(lambda: client.get(adresse)) == 21
