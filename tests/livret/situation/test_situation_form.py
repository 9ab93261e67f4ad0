"""Préparer une situation : créer, modifier, suggérer, refuser ce qui effacerait des niveaux."""

import datetime

import pytest
from django.urls import reverse

from livret.annee import semestre_du_cycle
from livret.models import Situation
from referentiel.models import Detaillee
from referentiel.reglement.cycle import Cycle
from tests import factories
from tests.litanie import (
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.monde import Monde


def creation(monde: Monde) -> str:
    return reverse("livret:situation-create", args=[monde.a.classe.pk])


def modification(monde: Monde) -> str:
    return reverse("livret:situation-update", args=[monde.a.situation.pk])


def pks(monde: Monde, *codes: str) -> list[int]:
    """Clés des compétences, tâches ou détaillées de ces codes, dans l'option USI."""
    usinage = monde.referentiel.options.get(code="USI")
    trouvees = {}
    for competence in monde.referentiel.competences.all():
        trouvees[competence.code] = competence.pk
        for detaillee in competence.detaillees.all():
            if detaillee.concerne(usinage.pk):
                trouvees[detaillee.code] = detaillee.pk
    for activite in monde.referentiel.activites.all():
        for tache in activite.taches.all():
            if tache.option in (None, usinage):
                trouvees[tache.code] = tache.pk
    return [trouvees[code] for code in codes]


def donnees(monde: Monde, **champs: object) -> dict[str, object]:
    return {
        "intitule": "Palier de tour",
        "nature": "formative",
        "lieu": "centre",
        "debut": "2026-01-12",
        "fin": "2026-01-16",
        "semestre": "",
        "taches": pks(monde, "A1-T1"),
        "competences": pks(monde, "C2"),
        "detaillees": pks(monde, "C1.1", "C3.1"),
        "description": "Étudier le palier",
        "moyens": "Plan",
        **champs,
    }


def test_droits(monde: Monde) -> None:
    assert statuts(monde, creation(monde)) == EQUIPE_SEULE
    assert statuts(monde, modification(monde)) == EQUIPE_SEULE
    envoi = statuts(monde, creation(monde), "post", donnees(monde))
    assert envoi == {**EQUIPE_SEULE, "enseignant": 302}
    assert Situation.objects.filter(intitule="Palier de tour").count() == 1


def test_creer(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).post(creation(monde), donnees(monde), follow=True)
    scene = Situation.objects.get(intitule="Palier de tour")
    assert "La situation « Palier de tour » est créée, en brouillon." in reponse.content.decode()
    assert (scene.classe, scene.auteur, scene.etat) == (monde.a.classe, monde.a.enseignant, "brouillon")
    assert scene.semestre == 5
    assert sorted(scene.competences.values_list("code", flat=True)) == ["C1", "C2", "C3"]
    assert sorted(scene.detaillees.values_list("code", flat=True)) == ["C1.1", "C3.1"]
    assert [tache.code for tache in scene.taches.all()] == ["A1-T1"]


def test_une_saisie_incomplete_s_explique_et_garde_ce_qui_est_tape(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).post(
        creation(monde), donnees(monde, intitule="", fin="2026-01-02", description="À ne pas perdre")
    )
    page = reponse.content.decode()
    assert reponse.status_code == 200
    assert "La date de fin précède la date de début." in page
    assert "Ce champ est obligatoire." in page
    assert "À ne pas perdre" in page
    (detaillee,) = pks(monde, "C1.1")
    assert f'name="detaillees" value="{detaillee}" checked' in page
    assert Situation.objects.filter(classe=monde.a.classe).count() == 1


def test_en_entreprise_il_faut_l_entreprise_et_le_tuteur(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    page = client.post(creation(monde), donnees(monde, lieu="entreprise")).content.decode()
    assert "Nommez l’entreprise où se déroule la situation." in page
    assert "Nommez le tuteur qui a évalué avec vous." in page
    client.post(creation(monde), donnees(monde, lieu="entreprise", entreprise="Décolletage X", tuteur="M. Y"))
    scene = Situation.objects.get(intitule="Palier de tour")
    assert (scene.lieu_complet, scene.tuteur) == ("Décolletage X", "M. Y")


def test_au_centre_ni_entreprise_ni_tuteur(monde: Monde) -> None:
    connecte(monde.a.enseignant).post(creation(monde), donnees(monde, entreprise="Oubliée", tuteur="M. Y"))
    scene = Situation.objects.get(intitule="Palier de tour")
    assert (scene.entreprise, scene.tuteur) == ("", "")


def test_l_inventaire_se_saisit_par_rubrique(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert 'name="moyens"' not in client.get(creation(monde)).content.decode()
    rubriques = {"documents": "Plan\r\n\r\nGamme", "numeriques": "Logiciel de F.A.O.", "moyens": ""}
    client.post(creation(monde), donnees(monde, **rubriques))
    scene = Situation.objects.get(intitule="Palier de tour")
    assert [(rubrique.intitule, rubrique.moyens) for rubrique in scene.inventaire()] == [
        ("documents", ("Plan", "Gamme")),
        ("moyens numériques", ("Logiciel de F.A.O.",)),
    ]
    page = client.get(scene.get_absolute_url()).content.decode()
    assert "<dt>Documents</dt>" in page
    assert "<dt>Outils</dt>" not in page


def test_un_ancien_inventaire_se_garde_jusqu_a_ce_qu_on_le_range(monde: Monde) -> None:
    client, scene = connecte(monde.a.enseignant), monde.a.situation
    page = client.get(modification(monde)).content.decode()
    assert "déplacez chaque ligne dans la sienne" in page
    assert "<dt>À ranger</dt>" in client.get(scene.get_absolute_url()).content.decode()
    gardees = {nom: [un.pk for un in getattr(scene, nom).all()] for nom in ("competences", "detaillees")}
    rangement = {"moyens": "", "documents": "Plan de définition"}
    client.post(modification(monde), donnees(monde, **gardees, **rangement))
    scene.refresh_from_db()
    assert (scene.moyens, scene.documents) == ("", "Plan de définition")
    assert 'name="moyens"' not in client.get(modification(monde)).content.decode()


@pytest.mark.parametrize("champ", ["detaillees", "taches"])
def test_seules_les_options_de_la_classe_sont_proposees(monde: Monde, champ: str) -> None:
    outillage = monde.referentiel.options.get(code="OUT")
    modele = {"detaillees": Detaillee.objects, "taches": outillage.taches}[champ]
    hors_option = modele.filter(option=outillage).first()
    client = connecte(monde.a.enseignant)
    assert f'name="{champ}" value="{hors_option.pk}"' not in client.get(creation(monde)).content.decode()
    reponse = client.post(creation(monde), donnees(monde, **{champ: [hors_option.pk]}))
    assert reponse.status_code == 200
    assert not Situation.objects.filter(intitule="Palier de tour").exists()
    factories.eleve(monde.a.classe, option=outillage)
    assert f'name="{champ}" value="{hors_option.pk}"' in client.get(creation(monde)).content.decode()


def test_les_taches_suggerent_les_competences_de_leur_activite_sans_les_cocher(monde: Monde) -> None:
    envoi = donnees(monde, taches=pks(monde, "A2-T1"), competences=[], detaillees=[], apercu="1")
    reponse = connecte(monde.a.enseignant).post(creation(monde), envoi)
    form = reponse.context["form"]
    branches = {
        branche.competence.code: (branche.suggeree_par, branche.competence.coche)
        for epreuve in form.epreuves()
        for branche in epreuve.competences
    }
    assert branches == {
        "C1": ("", False),
        "C2": ("", False),
        "C3": ("A2", False),
        "C4": ("A2", False),
        "C5": ("", False),
    }
    assert not Situation.objects.filter(intitule="Palier de tour").exists()


def test_cocher_les_suggestions_n_enregistre_rien_et_garde_tout(monde: Monde) -> None:
    envoi = donnees(
        monde, taches=pks(monde, "A2-T1"), competences=pks(monde, "C5"), proposer="1", intitule=""
    )
    reponse = connecte(monde.a.enseignant).post(creation(monde), envoi)
    page = reponse.content.decode()
    for pk in pks(monde, "C3", "C4", "C5"):
        assert f'name="competences" value="{pk}" checked' in page
    assert "Étudier le palier" in page
    assert "Ce champ est obligatoire." not in page
    assert Situation.objects.filter(classe=monde.a.classe).count() == 1


def test_les_taches_precochent_competences_et_details_et_disent_l_epreuve(monde: Monde) -> None:
    envoi = donnees(monde, taches=pks(monde, "A2-T1"), competences=[], detaillees=[])
    client = connecte(monde.a.enseignant)
    apercu = client.post(creation(monde), envoi | {"apercu": "1"}).content.decode()
    assert "<li><strong>EP2</strong> Réaliser : C3, C4</li>" in apercu.replace("\xa0", " ")
    assert "Cocher ces compétences et leurs détails" in apercu
    reponse = client.post(creation(monde), envoi | {"proposer": "1"})
    initial = reponse.context["form"].initial
    assert initial["competences"] == pks(monde, "C3", "C4")
    assert initial["detaillees"] == pks(monde, "C3.1", "C3.2", "C4.1")
    assert "Coché d’après les tâches, détails compris." in reponse.content.decode()


def test_le_precoche_s_ajoute_a_ce_qui_est_coche_et_reste_libre(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    envoi = donnees(monde, taches=pks(monde, "A3-T1"), proposer="1")
    initial = client.post(creation(monde), envoi).context["form"].initial
    assert sorted(map(int, initial["detaillees"])) == sorted(pks(monde, "C1.1", "C3.1", "C5.1", "C5.2"))
    client.post(creation(monde), donnees(monde, taches=pks(monde, "A3-T1"), detaillees=pks(monde, "C5.2")))
    scene = Situation.objects.get(intitule="Palier de tour")
    assert [detaillee.code for detaillee in scene.detaillees.all()] == ["C5.2"]


def test_sans_tache_rien_n_est_propose(monde: Monde) -> None:
    page = connecte(monde.a.enseignant).get(creation(monde)).content.decode()
    assert "Cocher ces compétences" not in page


def test_modifier(monde: Monde) -> None:
    envoi = donnees(monde, competences=pks(monde, "C1", "C2", "C5"), detaillees=pks(monde, "C1.1"))
    reponse = connecte(monde.a.enseignant).post(modification(monde), envoi)
    scene = Situation.objects.get(pk=monde.a.situation.pk)
    assert (reponse.status_code, scene.intitule, scene.etat) == (302, "Palier de tour", "ouverte")
    assert sorted(scene.competences.values_list("code", flat=True)) == ["C1", "C2", "C5"]
    assert sorted(scene.detaillees.values_list("code", flat=True)) == ["C1.1"]


def test_un_element_qui_porte_des_niveaux_ne_se_retire_pas(monde: Monde) -> None:
    envoi = donnees(monde, competences=pks(monde, "C5"), detaillees=pks(monde, "C1.2"), description="Gardée")
    reponse = connecte(monde.a.enseignant).post(modification(monde), envoi)
    page = reponse.content.decode()
    assert reponse.status_code == 200
    assert "C1.1 porte 2 saisies et ne peut pas être retirée" in page
    assert "C2 porte 2 saisies et ne peut pas être retirée" in page
    assert "C1 porte" not in page  # C1.2 reste cochée : C1 reste visée
    assert "Gardée" in page
    scene = Situation.objects.get(pk=monde.a.situation.pk)
    assert sorted(scene.detaillees.values_list("code", flat=True)) == ["C1.1", "C1.2", "C2.1"]


def test_une_situation_close_ne_se_modifie_pas(monde: Monde) -> None:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat="close")
    reponse = connecte(monde.a.enseignant).post(modification(monde), donnees(monde), follow=True)
    assert "Cette situation est close : rouvrez la saisie avant de la modifier." in reponse.content.decode()
    assert Situation.objects.get(pk=monde.a.situation.pk).intitule == "Étude de gamme A"


@pytest.mark.parametrize(
    ("niveau", "jour", "semestre"),
    [
        ("2de", datetime.date(2025, 9, 1), 1),
        ("2de", datetime.date(2026, 1, 31), 1),
        ("2de", datetime.date(2026, 2, 1), 2),
        ("1re", datetime.date(2025, 12, 1), 3),
        ("1re", datetime.date(2026, 7, 4), 4),
        ("Tle", datetime.date(2025, 8, 31), 5),
        ("Tle", datetime.date(2026, 5, 1), 6),
    ],
)
def test_semestre(niveau: str, jour: datetime.date, semestre: int) -> None:
    assert semestre_du_cycle(Cycle(("2de", "1re", "Tle")), niveau, jour) == semestre


def test_les_dates_proposees_restent_dans_l_annee_de_la_classe(monde: Monde) -> None:
    ancienne = factories.classe(monde.a.promotion, [monde.a.enseignant], niveau="2de")
    reponse = connecte(monde.a.enseignant).get(reverse("livret:situation-create", args=[ancienne.pk]))
    assert reponse.context["form"].initial == {
        "debut": datetime.date(2024, 7, 5),
        "fin": datetime.date(2024, 7, 5),
        "semestre": 2,
    }


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    monde.a.eleves[1].scolarites.update(sortie="2026-01-05")
    assert requetes(lambda: client.get(modification(monde))) == 16
    monde.a.eleves[1].scolarites.update(sortie=None)
    factories.eleve(monde.a.classe)
    assert requetes(lambda: client.get(modification(monde))) == 16
