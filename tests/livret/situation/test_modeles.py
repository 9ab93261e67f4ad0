"""La bibliothèque de modèles : partager, chercher, reprendre, retirer sans effacer."""

import pytest
from django.db import IntegrityError
from django.urls import reverse

from livret.models import ModeleSituation, Situation
from tests import factories
from tests.litanie import (
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.monde import INTRUS, Monde

LISTE = "/modeles/"
TOUS_LES_ENSEIGNANTS = {**EQUIPE_SEULE, "collègue": 200}


def page(modele: ModeleSituation, nom: str = "modele") -> str:
    return reverse(f"livret:{nom}", args=[modele.pk])


def partage(monde: Monde) -> str:
    return reverse("livret:modele-create", args=[monde.a.situation.pk])


def creation(monde: Monde, modele: ModeleSituation) -> str:
    return reverse("livret:situation-create", args=[monde.a.classe.pk]) + f"?modele={modele.pk}"


@pytest.fixture
def modele(monde: Monde) -> ModeleSituation:
    factories.modele(monde.b.situation)
    return factories.modele(monde.a.situation)


def test_droits(monde: Monde, modele: ModeleSituation) -> None:
    assert reverse("livret:modeles") == LISTE
    assert statuts(monde, LISTE) == {**TOUS_LES_ENSEIGNANTS, "ailleurs": 200}
    assert statuts(monde, page(modele)) == TOUS_LES_ENSEIGNANTS
    assert statuts(monde, creation(monde, modele)) == EQUIPE_SEULE
    assert statuts(monde, page(modele, "modele-retrait"), "post") == {
        nom: 302 if code == 200 else code for nom, code in TOUS_LES_ENSEIGNANTS.items()
    }
    assert statuts(monde, partage(monde), "post") == {**EQUIPE_SEULE, "enseignant": 302}


def test_partager_fait_une_copie_que_la_situation_n_engage_plus(monde: Monde) -> None:
    scene = monde.a.situation
    scene.taches.set(monde.referentiel.activites.get(code="A1").taches.all())
    reponse = connecte(monde.a.enseignant).post(partage(monde), follow=True)
    assert "est dans la bibliothèque de l’établissement." in reponse.content.decode()
    copie = ModeleSituation.objects.get()
    assert (copie.etablissement, copie.referentiel) == (monde.a.etablissement, monde.referentiel)
    assert (copie.intitule, copie.nature, copie.auteur) == (
        "Étude de gamme A",
        "certificative",
        monde.a.enseignant,
    )
    scene.intitule = "Changée"
    scene.save()
    scene.detaillees.clear()
    copie.refresh_from_db()
    assert copie.intitule == "Étude de gamme A"
    assert [d.code for d in copie.detaillees.all()] == ["C1.1", "C1.2", "C2.1"]
    assert [c.code for c in copie.competences.all()] == ["C1", "C2"]
    assert [t.code for t in copie.taches.all()] == ["A1-T1", "A1-T2"]


def test_deux_modeles_proposes_ne_portent_pas_le_meme_intitule(monde: Monde, modele: ModeleSituation) -> None:
    reponse = connecte(monde.a.enseignant).post(partage(monde), follow=True)
    assert "La bibliothèque propose déjà un modèle de cet intitulé" in reponse.content.decode()
    assert ModeleSituation.objects.filter(etablissement=monde.a.etablissement).count() == 1
    modele.pk = None
    with pytest.raises(IntegrityError):
        modele.save()


@pytest.mark.parametrize(
    ("cherche", "trouves"),
    [("", 1), ("etude GAMME", 1), ("plan définition", 1), ("gamme absente", 0), (INTRUS, 0)],
)
def test_chercher_sans_egard_aux_accents(
    monde: Monde, modele: ModeleSituation, cherche: str, trouves: int
) -> None:
    reponse = connecte(monde.a.enseignant).get(LISTE, {"q": cherche})
    assert len(reponse.context["modeles"]) == trouves
    assert reponse.context["recherche"] == cherche


def test_depuis_une_classe_seuls_les_modeles_de_sa_version(monde: Monde, modele: ModeleSituation) -> None:
    client = connecte(monde.a.enseignant)
    version_2 = factories.promotion(monde.a.etablissement, factories.referentiel(version="2"))
    nouvelle = factories.classe(version_2, [monde.a.enseignant])
    trouves = client.get(LISTE, {"classe": monde.a.classe.pk})
    assert trouves.context["modeles"] == [modele]
    assert f'href="{creation(monde, modele)}"' in trouves.content.decode()
    assert client.get(LISTE, {"classe": nouvelle.pk}).context["modeles"] == []
    for inconnue in (monde.b.classe.pk, "x"):
        assert client.get(LISTE, {"classe": inconnue}).status_code == 404


def test_creer_d_apres_un_modele(monde: Monde, modele: ModeleSituation) -> None:
    client = connecte(monde.a.enseignant)
    Situation.objects.filter(pk=monde.a.situation.pk).update(intitule="Ancienne")
    reponse = client.get(creation(monde, modele))
    initial = reponse.context["form"].initial
    assert initial["intitule"] == "Étude de gamme A"
    assert "Reprise de « Étude de gamme A »." in reponse.content.decode().replace("\xa0", " ")
    assert client.post(creation(monde, modele), initial | {"intitule": ""}).status_code == 200
    client.post(creation(monde, modele), initial)
    scene = Situation.objects.get(classe=monde.a.classe, intitule="Étude de gamme A")
    assert (scene.etat, scene.porte()) == ("brouillon", "")
    assert [d.code for d in scene.detaillees.all()] == ["C1.1", "C1.2", "C2.1"]


def test_un_modele_d_ailleurs_n_existe_pas(monde: Monde, modele: ModeleSituation) -> None:
    autre = ModeleSituation.objects.get(etablissement=monde.b.etablissement)
    client = connecte(monde.a.enseignant)
    assert client.get(page(autre)).status_code == 404
    assert client.get(creation(monde, autre)).status_code == 404
    assert client.post(page(autre, "modele-retrait")).status_code == 404


def test_retirer_n_efface_pas_et_se_defait(monde: Monde, modele: ModeleSituation) -> None:
    client, retrait = connecte(monde.a.collegue), page(modele, "modele-retrait")
    assert "n’est plus proposé" in client.post(retrait, follow=True).content.decode()
    liste = client.get(LISTE)
    assert (liste.context["modeles"], liste.context["retires"]) == ([], [modele])
    assert connecte(monde.a.enseignant).get(creation(monde, modele)).status_code == 404
    assert modele.history.latest().history_user == monde.a.collegue
    client.post(retrait, {"remettre": "1"})
    assert client.get(LISTE).context["modeles"] == [modele]


def test_on_ne_remet_pas_un_modele_dont_l_intitule_est_repris(monde: Monde, modele: ModeleSituation) -> None:
    client = connecte(monde.a.enseignant)
    client.post(page(modele, "modele-retrait"))
    client.post(partage(monde))
    reponse = client.post(page(modele, "modele-retrait"), {"remettre": "1"}, follow=True)
    assert "La bibliothèque propose déjà un modèle de cet intitulé" in reponse.content.decode()
    modele.refresh_from_db()
    assert modele.retire_le is not None


def test_requetes(monde: Monde, modele: ModeleSituation) -> None:
    client = connecte(monde.a.enseignant)
    assert requetes(lambda: client.get(LISTE)) == 5
    assert requetes(lambda: client.get(page(modele))) == 9
    for rang in range(2):
        scene = factories.situation(
            monde.a.classe, monde.a.enseignant, ["C1", "C3"], intitule=f"Autre {rang}"
        )
        factories.modele(scene)
    factories.classe(monde.a.promotion, [monde.a.enseignant])
    assert requetes(lambda: client.get(LISTE)) == 5
    assert requetes(lambda: client.get(page(modele))) == 9
