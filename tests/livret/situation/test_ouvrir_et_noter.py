"""De l'idée à la grille ouverte : ce que l'on coche, ou ce dont on part, suffit."""

import pytest
from django.urls import reverse

from livret.models import Situation
from referentiel.models import Competence, Detaillee, Tache
from tests import factories
from tests.litanie import connecte
from tests.monde import Monde

DATES = {"nature": "formative", "lieu": "centre", "debut": "2026-03-09", "fin": "2026-03-09", "semestre": ""}


def url(monde: Monde, suite: str = "") -> str:
    return reverse("livret:situation-create", args=[monde.a.classe.pk]) + suite


def pks(modele: type, *codes: str) -> list[int]:
    return [modele.objects.filter(code=code).first().pk for code in codes]


def ouvrir(monde: Monde, suite: str = "", **champs: object) -> tuple[object, Situation]:
    envoi = {"intitule": "Bride", "noter": "1", **DATES, **champs}
    reponse = connecte(monde.a.enseignant).post(url(monde, suite), envoi)
    return reponse, Situation.objects.latest("pk")


def test_cocher_une_competence_et_noter(monde: Monde) -> None:
    reponse, scene = ouvrir(monde, competences=pks(Competence, "C1", "C2"))
    assert reponse.url == reverse("livret:grille", args=[scene.pk]) + "#saisir"
    assert (scene.intitule, scene.etat) == ("Bride", "ouverte")
    assert [etape.etat for etape in scene.etapes()] == ["brouillon", "ouverte"]


def test_n_avoir_coche_que_des_taches_suffit(monde: Monde) -> None:
    """On note les compétences que ces tâches mobilisent."""
    tache = Tache.objects.filter(code="A2-T1").first()
    _, scene = ouvrir(monde, taches=[tache.pk])
    mobilisees = tache.activite.competences.values_list("code", flat=True)
    assert [une.code for une in scene.competences.all()] == sorted(mobilisees)
    assert mobilisees


def test_sans_rien_a_noter_on_dit_quoi_cocher_et_rien_ne_se_cree(monde: Monde) -> None:
    avant = Situation.objects.count()
    reponse, _ = ouvrir(monde)
    assert reponse.status_code == 200
    assert "Cochez au moins une compétence ou l’un de ses détails." in reponse.content.decode()
    assert Situation.objects.count() == avant


def test_un_brouillon_se_garde_sans_competence(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).post(url(monde), {"intitule": "Plus tard", **DATES})
    scene = Situation.objects.latest("pk")
    assert (reponse.url, scene.etat) == (scene.get_absolute_url(), "brouillon")


def test_la_grille_se_voit_avant_d_etre_ouverte(monde: Monde) -> None:
    envoi = {"apercu": "1", "intitule": "Bride", "competences": pks(Competence, "C2"), **DATES}
    reponse = connecte(monde.a.enseignant).post(url(monde), envoi)
    prevue = reponse.context["form"].prevue()
    assert [colonne.code for colonne in prevue.colonnes] == ["C2"]
    assert prevue.eleves == list(monde.a.eleves)
    assert connecte(monde.a.enseignant).get(url(monde)).context["form"].prevue() is None


def test_depuis_un_trou_de_la_couverture(monde: Monde) -> None:
    detaillee = Detaillee.objects.get(code="C1.2")
    client = connecte(monde.a.enseignant)
    carte = client.get(reverse("livret:couverture-detaillee", args=[monde.a.classe.pk, detaillee.pk]))
    adresse = url(monde, f"?detaillee={detaillee.pk}")
    assert f'href="{adresse}"' in carte.content.decode()
    assert f'name="detaillees" value="{detaillee.pk}" checked' in client.get(adresse).content.decode()
    etrangere = url(monde, "?detaillee=999999&detaillee=x")
    assert client.get(etrangere).context["form"].initial["detaillees"] == []


def test_la_couverture_se_filtre_sur_le_jamais_vu(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    adresse = reverse("livret:couverture", args=[monde.a.classe.pk])
    toutes, jamais = client.get(adresse), client.get(adresse + "?vues=jamais")
    trous = [ligne.detaillee.pk for ligne in toutes.context["couverture"].trous]
    montrees = [ligne.detaillee.pk for _, lignes in jamais.context["groupes"] for ligne in lignes]
    assert montrees == trous
    assert trous
    assert url(monde, f"?detaillee={trous[0]}") in jamais.content.decode()


def test_depuis_une_sequence_ce_qu_elle_evalue_et_le_lien_se_fait(monde: Monde) -> None:
    sequence = factories.sequence(
        monde.a.classe, monde.a.enseignant, detaillees=["C1.1"], evaluees=["C1.2"], intitule="Séquence 4"
    )
    client = connecte(monde.a.enseignant)
    suite = f"?sequence={sequence.pk}"
    assert f'href="{url(monde, suite)}"' in client.get(sequence.get_absolute_url()).content.decode()
    form = client.get(url(monde, suite)).context["form"]
    assert form.initial["intitule"] == "Séquence 4"
    assert form.initial["detaillees"] == pks(Detaillee, "C1.2")
    _, scene = ouvrir(monde, suite, detaillees=pks(Detaillee, "C1.2"))
    assert list(sequence.situations.all()) == [scene]


@pytest.mark.parametrize("pk", ["x", "²", "999999"])
def test_une_sequence_inconnue_n_existe_pas(monde: Monde, pk: str) -> None:
    assert connecte(monde.a.enseignant).get(url(monde, f"?sequence={pk}")).status_code == 404


def test_la_sequence_d_une_autre_promotion_n_existe_pas(monde: Monde) -> None:
    ailleurs = factories.sequence(monde.b.classe, monde.b.enseignant)
    assert connecte(monde.a.enseignant).get(url(monde, f"?sequence={ailleurs.pk}")).status_code == 404


def test_a_la_volee_suit_l_eleve_dans_sa_classe_d_aujourd_hui(monde: Monde) -> None:
    """Venue d'une classe passée, l'évaluation se fait dans celle de l'année la plus récente."""
    eleve = monde.a.eleves[0]
    passee = factories.classe(monde.a.promotion, [monde.a.enseignant], niveau="1re")
    passee.scolarites.create(eleve=eleve)
    adresse = reverse("livret:situation-volee", args=[passee.pk]) + f"?eleve={eleve.pk}"
    reponse = connecte(monde.a.enseignant).get(adresse)
    assert reponse.url == reverse("livret:situation-volee", args=[monde.a.classe.pk]) + f"?eleve={eleve.pk}"
