"""Évaluer à la volée : ce que l'on coche devient une situation ouverte, et sa grille s'affiche."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from livret.models import Situation
from referentiel.models import Competence, Detaillee
from tests import factories
from tests.litanie import (
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.monde import Monde
from trpm.dates import date_dite

AUJOURDHUI = datetime.date(2026, 3, 12)


@pytest.fixture(autouse=True)
def dans_l_annee(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *arguments: AUJOURDHUI)


def url(monde: Monde, suite: str = "") -> str:
    return reverse("livret:situation-volee", args=[monde.a.classe.pk]) + suite


def choix(monde: Monde) -> dict[str, object]:
    return {
        "qui": "classe",
        "competences": [Competence.objects.get(code="C2").pk],
        "detaillees": [Detaillee.objects.get(code="C1.1").pk],
    }


def test_droits(monde: Monde) -> None:
    assert statuts(monde, url(monde)) == EQUIPE_SEULE
    assert statuts(monde, url(monde), "post", choix(monde)) == {**EQUIPE_SEULE, "enseignant": 302}
    assert Situation.objects.filter(classe=monde.a.classe).count() == 2


def test_la_situation_minimale_est_creee_et_sa_grille_s_ouvre(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).post(url(monde), choix(monde))
    scene = Situation.objects.latest("pk")
    jour = timezone.localdate()
    assert reponse.url == reverse("livret:grille", args=[scene.pk])
    assert (scene.intitule, scene.debut, scene.fin) == (
        f"À la volée, {date_dite(jour)}",
        jour,
        jour,
    )
    assert (scene.classe, scene.auteur) == (monde.a.classe, monde.a.enseignant)
    assert (scene.etat, scene.nature, scene.lieu, scene.retenue) == ("ouverte", "formative", "centre", None)
    assert [c.code for c in scene.competences.all()] == ["C1", "C2"]
    assert [d.code for d in scene.detaillees.all()] == ["C1.1"]
    assert scene.semestre == (6 if 2 <= jour.month <= 7 else 5)


def test_la_deuxieme_du_jour_se_distingue(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    for _ in range(2):
        client.post(url(monde), choix(monde))
    jour = date_dite(timezone.localdate())
    intitules = Situation.objects.order_by("pk").values_list("intitule", flat=True)
    assert list(intitules)[-2:] == [f"À la volée, {jour}", f"À la volée, {jour} (2)"]


@pytest.mark.parametrize("envoi", [{}, {"competences": []}, {"intitule": "Imposé"}])
def test_sans_rien_cocher_on_dit_quoi_faire(monde: Monde, envoi: dict[str, object]) -> None:
    reponse = connecte(monde.a.enseignant).post(url(monde), {"qui": "classe", **envoi})
    assert reponse.status_code == 200
    assert "Cochez au moins une compétence ou l’un de ses détails." in reponse.content.decode()
    assert Situation.objects.filter(classe=monde.a.classe).count() == 1


def test_un_item_hors_de_l_option_est_refuse_et_le_reste_reste_coche(monde: Monde) -> None:
    hors = Detaillee.objects.get(code="C4.2")
    envoi = choix(monde)
    envoi["detaillees"] = [*envoi["detaillees"], hors.pk]
    reponse = connecte(monde.a.enseignant).post(url(monde), envoi)
    assert reponse.status_code == 200
    page = reponse.content.decode()
    assert f'name="competences" value="{envoi["competences"][0]}" checked' in page
    assert f'name="detaillees" value="{envoi["detaillees"][0]}" checked' in page
    assert '<p class="invalid-feedback d-block">' in page
    assert Situation.objects.filter(classe=monde.a.classe).count() == 1


def test_depuis_un_eleve_la_grille_s_ouvre_sur_sa_ligne(monde: Monde) -> None:
    client, eleve = connecte(monde.a.enseignant), monde.a.eleves[0]
    adresse = url(monde, f"?eleve={eleve.pk}")
    assert f'href="{adresse}"' in client.get(eleve.get_absolute_url()).content.decode()
    assert eleve.nom_complet in client.get(adresse).content.decode()
    reponse = client.post(adresse, choix(monde), follow=True)
    assert reponse.redirect_chain[0][0].endswith(f"/grille/#e{eleve.pk}")
    assert f'id="e{eleve.pk}"' in reponse.content.decode()


def test_un_eleve_d_une_autre_classe_ou_sorti_n_existe_pas(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    for pk in (monde.b.eleves[0].pk, "x", "²"):
        assert client.get(url(monde, f"?eleve={pk}")).status_code == 404
    monde.a.eleves[1].scolarites.update(sortie="2026-01-05")
    assert client.get(url(monde, f"?eleve={monde.a.eleves[1].pk}")).status_code == 404
    page = client.get(monde.a.eleves[1].get_absolute_url()).content.decode()
    assert "Évaluer à la volée" not in page


def test_le_bouton_n_est_que_pour_l_equipe(monde: Monde) -> None:
    classe = monde.a.classe.get_absolute_url()
    assert url(monde) in connecte(monde.a.enseignant).get(classe).content.decode()
    assert "Évaluer à la volée" not in connecte(monde.a.administrateur).get(classe).content.decode()
    page = connecte(monde.a.compte_eleve).get(monde.a.eleves[0].get_absolute_url()).content.decode()
    assert "Évaluer à la volée" not in page


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert requetes(lambda: client.get(url(monde))) == 10
    factories.eleve(monde.a.classe)
    factories.eleve(monde.a.classe)
    assert requetes(lambda: client.get(url(monde))) == 10


@pytest.mark.parametrize(
    ("jour", "attendu"),
    [
        ("2026-05-12", datetime.date(2026, 5, 12)),
        ("", datetime.date(2026, 7, 5)),
        ("2025-08-01", datetime.date(2025, 8, 1)),
    ],
)
def test_dans_une_classe_de_l_an_dernier_on_dit_le_jour(
    monde: Monde, monkeypatch: pytest.MonkeyPatch, jour: str, attendu: datetime.date
) -> None:
    """Jamais datée hors de l'année de sa classe : elle sortirait de l'examen sans qu'on le voie."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *arguments: datetime.date(2026, 11, 26))
    client = connecte(monde.a.enseignant)
    assert 'name="debut" value="2026-07-05"' in client.get(url(monde)).content.decode()
    assert client.post(url(monde), {**choix(monde), "debut": jour}).status_code == 302
    scene = Situation.objects.latest("pk")
    assert (scene.debut, scene.fin, scene.intitule) == (attendu, attendu, f"À la volée, {date_dite(attendu)}")
    assert scene.semestre == (6 if attendu.year == 2026 else 5)


@pytest.mark.parametrize("jour", ["2026-08-01", "2025-07-31", "2206-03-12", "0206-03-12"])
def test_un_jour_hors_de_son_annee_est_refuse(
    monde: Monde, monkeypatch: pytest.MonkeyPatch, jour: str
) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *arguments: datetime.date(2026, 11, 26))
    page = connecte(monde.a.enseignant).post(url(monde), {**choix(monde), "debut": jour})
    lu = page.content.decode()
    assert "Cette date n’est pas dans l’année scolaire 2025-2026." in lu or "vérifiez l’année" in lu
    assert Situation.objects.filter(classe=monde.a.classe).count() == 1


def test_aujourd_hui_il_n_y_a_pas_de_date_a_dire(monde: Monde) -> None:
    assert 'name="debut"' not in connecte(monde.a.enseignant).get(url(monde)).content.decode()
    connecte(monde.a.enseignant).post(url(monde), {**choix(monde), "debut": "2025-09-02"})
    assert Situation.objects.latest("pk").debut == AUJOURDHUI


def test_depuis_la_classe_la_page_demande_qui(monde: Monde) -> None:
    """Rien n'est choisi d'avance ; l'élève choisi ouvre la grille sur sa ligne, d'ailleurs il est refusé."""
    client, (camille, dominique) = connecte(monde.a.enseignant), monde.a.eleves
    form = client.get(url(monde)).context["form"]
    assert [str(nom) for _, nom in form.fields["qui"].choices] == [
        "Choisissez",
        str(camille),
        str(dominique),
        "Toute la classe",
    ]
    refus = client.post(url(monde), choix(monde) | {"qui": ""})
    assert "Choisissez un élève, ou toute la classe." in refus.content.decode()
    refus = client.post(url(monde), choix(monde) | {"qui": monde.b.eleves[0].pk})
    assert list(refus.context["form"].errors) == ["qui"]
    ouverte = client.post(url(monde), choix(monde) | {"qui": dominique.pk})
    scene = Situation.objects.latest("pk")
    assert ouverte.url == f"{reverse('livret:grille', args=[scene.pk])}#e{dominique.pk}"
    assert "qui" not in client.get(url(monde, f"?eleve={camille.pk}")).context["form"].fields
