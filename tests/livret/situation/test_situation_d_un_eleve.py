"""La situation née de la fiche d'un tuteur : elle ne vise que l'élève de la fiche."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from livret.models import Situation
from tests import factories
from tests.litanie import connecte, requetes
from tests.livret.tuteur.scene import Accueil, complete, stage
from tests.monde import Monde

__all__ = ["stage"]


@pytest.fixture
def scene(monde: Monde, stage: Accueil) -> Situation:
    """Validée par l'enseignant, qui dit aussi ce que l'entreprise a mis à disposition."""
    assert Client().post(stage.acces.chemin, complete(stage.fiche)).status_code == 302
    connecte(monde.a.enseignant).post(
        reverse("livret:fiche-tuteur-validation", args=stage.args),
        {
            "nature": "formative",
            "revision": stage.relue().revision,
            "documents": "Livret d’accueil",
            "materiels": "Tour 2 axes\nColonne de mesure",
        },
    )
    return Situation.objects.get(fiche_tuteur=stage.fiche)


def page(monde: Monde, adresse: str) -> str:
    return connecte(monde.a.enseignant).get(adresse).content.decode().replace("\xa0", " ")


def grille(scene: Situation) -> str:
    return reverse("livret:grille", args=[scene.pk])


def test_elle_ne_vise_que_lui(monde: Monde, scene: Situation) -> None:
    camille, autre = monde.a.eleves
    assert (scene.eleve, scene.groupe, list(scene.eleves())) == (camille, None, [camille])
    assert f"{camille} seulement, 1 élève" in page(monde, scene.get_absolute_url())
    assert "3 posés sur 3" in page(monde, scene.get_absolute_url())
    assert f"<small>{camille}</small>" in page(monde, reverse("livret:situations", args=[monde.a.classe.pk]))
    assert str(camille) in page(monde, grille(scene))
    assert str(autre) not in page(monde, grille(scene))


def test_son_inventaire_est_celui_que_l_enseignant_a_ecrit_en_validant(scene: Situation) -> None:
    assert [(rubrique.intitule, rubrique.moyens) for rubrique in scene.inventaire()] == [
        ("documents", ("Livret d’accueil",)),
        ("matériels", ("Tour 2 axes", "Colonne de mesure")),
    ]


def test_on_n_y_evalue_personne_d_autre(monde: Monde, scene: Situation) -> None:
    camille, autre = monde.a.eleves
    c1 = scene.competences.get(code="C1").pk
    reponse = connecte(monde.a.enseignant).post(grille(scene), {f"c{c1}-{autre.pk}": "2"})
    assert f"Cette situation ne vise que {camille}." in reponse.content.decode()
    assert not scene.evaluations.filter(eleve=autre).exists()


def test_qui_y_porte_deja_une_saisie_reste(monde: Monde, scene: Situation) -> None:
    camille, autre = monde.a.eleves
    factories.evaluation(scene, autre, "C1", 2)
    assert list(scene.eleves()) == [camille, autre]


def test_un_autre_eleve_ne_la_choisit_pas_dans_son_portfolio(monde: Monde, scene: Situation) -> None:
    camille, autre = monde.a.eleves
    scene.passer("publiee", timezone.now())
    assert list(Situation.objects.visant(camille).visibles()) == [scene]
    assert list(Situation.objects.visant(autre).visibles()) == []
    portfolio = reverse("livret:portfolio", args=[camille.pk])
    assert scene.intitule in connecte(monde.a.compte_eleve).get(portfolio).content.decode()
    Situation.objects.filter(pk=scene.pk).update(eleve=autre)
    assert scene.intitule not in connecte(monde.a.compte_eleve).get(portfolio).content.decode()


def test_modifier_garde_l_eleve_et_n_offre_pas_de_groupe(monde: Monde, scene: Situation) -> None:
    factories.groupe(monde.a.classe, monde.a.eleves)
    adresse = reverse("livret:situation-update", args=[scene.pk])
    form = connecte(monde.a.enseignant).get(adresse).context["form"]
    assert "groupe" not in form.fields
    assert f"Cette situation ne vise que {scene.eleve}." in page(monde, adresse)
    envoi = {nom: form[nom].value() for nom in form.fields if form[nom].value() is not None}
    envoi |= {nom: [une.pk for une in getattr(scene, nom).all()] for nom in ("competences", "taches")}
    reponse = connecte(monde.a.enseignant).post(adresse, envoi | {"outils": "Micromètre"})
    assert reponse.status_code == 302
    scene.refresh_from_db()
    assert (scene.eleve, scene.outils) == (monde.a.eleves[0], "Micromètre")


def test_la_copie_vise_toute_la_classe_et_le_dit(monde: Monde, scene: Situation) -> None:
    adresse = f"{reverse('livret:situation-create', args=[monde.a.classe.pk])}?situation={scene.pk}"
    form = connecte(monde.a.enseignant).get(adresse).context["form"]
    assert "Elle ne visait que ALPHA-A1 Camille : la classe entière est visée." in page(monde, adresse)
    assert {"groupe", "eleve", "tuteur", "entreprise"}.isdisjoint(form.initial)
    envoi = {**form.initial, "intitule": "La même en centre", "lieu": "centre"}
    assert connecte(monde.a.enseignant).post(adresse, envoi).status_code == 302
    copie = Situation.objects.get(intitule="La même en centre")
    assert (copie.eleve, set(copie.eleves()), copie.porte()) == (None, set(monde.a.eleves), "")
    assert scene.porte() == "3 saisies et 1 commentaire"


def test_ni_groupe_et_eleve_a_la_fois_ni_eleve_d_une_autre_classe(monde: Monde, scene: Situation) -> None:
    groupe = factories.groupe(monde.a.classe, monde.a.eleves)
    with pytest.raises(IntegrityError), transaction.atomic():
        Situation.objects.filter(pk=scene.pk).update(groupe=groupe)
    scene.groupe = groupe
    with pytest.raises(ValidationError, match="vise un groupe ou un seul élève, pas les deux"):
        scene.full_clean()
    scene.groupe, scene.eleve = None, monde.b.eleves[0]
    with pytest.raises(ValidationError, match="Cet élève n’est pas de la classe"):
        scene.full_clean()


def test_la_migration_reprend_celles_qui_visaient_la_classe_ou_un_groupe(
    monde: Monde, scene: Situation
) -> None:
    groupe = factories.groupe(monde.a.classe, monde.a.eleves)
    Situation.objects.filter(pk=scene.pk).update(eleve=None, groupe=groupe)
    reprendre = import_module("livret.migrations.0013_situation_eleve").ne_viser_que_l_eleve_de_la_fiche
    reprendre(apps, None)
    scene.refresh_from_db()
    assert (scene.eleve, scene.groupe) == (monde.a.eleves[0], None)
    assert Situation.objects.filter(eleve__isnull=False).count() == 1


def test_requetes(monde: Monde, scene: Situation) -> None:
    client = connecte(monde.a.enseignant)
    assert requetes(lambda: client.get(grille(scene))) == 14
    factories.eleve(monde.a.classe)
    assert requetes(lambda: client.get(grille(scene))) == 14
