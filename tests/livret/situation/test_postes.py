"""Préparer les postes d'une situation, les faire tourner, puis évaluer à l'un d'eux."""

import re

import pytest
from django.db import IntegrityError
from django.urls import reverse

from livret.models import Affectation, Poste, Situation
from tests import factories
from tests.litanie import (
    EQUIPE_ET_ADMINISTRATION,
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.livret.grille_lue import grille_lue
from tests.livret.saisie.test_grille import case
from tests.livret.situation.test_situation_duplicate import autre_classe, creation
from tests.monde import INTRUS, Monde


def url(situation: Situation, nom: str = "postes") -> str:
    return reverse(f"livret:{nom}", args=[situation.pk])


def sur(poste: Poste, nom: str) -> str:
    return reverse(f"livret:{nom}", args=[poste.pk])


def grille(poste: Poste, tour: object = 1) -> str:
    return f"{url(poste.situation, 'grille')}?poste={poste.pk}&tour={tour}"


def preregle(situation: Situation) -> dict[str, list[str]]:
    return {
        poste.nom: [une.code for lien in (poste.competences, poste.detaillees) for une in lien.all()]
        for poste in situation.postes.all()
    }


def plan(situation: Situation) -> dict[str, list[str]]:
    """Par élève, le poste de chaque tour."""
    lus: dict[str, list[str]] = {}
    for affectation in situation.affectations.select_related("eleve", "poste").order_by("eleve", "tour"):
        lus.setdefault(affectation.eleve.nom, []).append(f"{affectation.tour} {affectation.poste}")
    return lus


@pytest.fixture
def postes(monde: Monde) -> tuple[Poste, Poste]:
    """Une fraiseuse (C1.1 et le niveau de C1), un contrôle (C2.1) ; deux tours, où les élèves se croisent."""
    intrus = factories.poste(monde.b.situation, f"Poste {INTRUS}")
    factories.affectation(intrus, monde.b.eleves[0])
    fraiseuse = factories.poste(monde.a.situation, "Fraiseuse", "C1.1", "C1")
    controle = factories.poste(monde.a.situation, "Contrôle", "C2.1")
    premier, second = monde.a.eleves
    for poste, eleve, tour in (
        (fraiseuse, premier, 1),
        (controle, second, 1),
        (controle, premier, 2),
        (fraiseuse, second, 2),
    ):
        factories.affectation(poste, eleve, tour)
    return fraiseuse, controle


def test_droits(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    scene, (fraiseuse, _) = monde.a.situation, postes
    envoi = {**EQUIPE_SEULE, "enseignant": 302}
    assert statuts(monde, url(scene)) == EQUIPE_SEULE
    assert statuts(monde, url(scene, "poste-create")) == EQUIPE_SEULE
    assert statuts(monde, sur(fraiseuse, "poste-update")) == EQUIPE_SEULE
    assert statuts(monde, grille(fraiseuse)) == EQUIPE_ET_ADMINISTRATION
    assert statuts(monde, url(scene), "post") == envoi
    assert statuts(monde, url(scene, "poste-create"), "post", {"nom": "Tour 1", "ordre": "3"}) == envoi
    assert statuts(monde, sur(fraiseuse, "poste-delete"), "post") == envoi


# --- Les postes -------------------------------------------------------------------------------


def test_creer_un_poste_puis_un_autre(monde: Monde) -> None:
    scene, client = monde.a.situation, connecte(monde.a.enseignant)
    c1, c11 = scene.competences.get(code="C1"), scene.detaillees.get(code="C1.1")
    envoi = {"nom": "Tour 1", "ordre": "1", "competences": [c1.pk], "detaillees": [c11.pk], "encore": "1"}
    reponse = client.post(url(scene, "poste-create"), envoi)
    assert reponse.url == url(scene, "poste-create")
    assert client.get(reponse.url).context["form"]["ordre"].value() == 2
    reponse = client.post(url(scene, "poste-create"), {"nom": "Tour 2", "ordre": "2"}, follow=True)
    assert preregle(scene) == {"Tour 1": ["C1", "C1.1"], "Tour 2": []}
    assert "tout ce que vise la situation" in reponse.content.decode()


def test_un_poste_n_observe_que_ce_que_vise_la_situation(monde: Monde) -> None:
    scene = monde.a.situation
    c5 = monde.referentiel.competences.get(code="C5")
    envoi = {
        "nom": "Tour 1",
        "ordre": "1",
        "competences": [c5.pk],
        "detaillees": [scene.detaillees.first().pk],
    }
    reponse = connecte(monde.a.enseignant).post(url(scene, "poste-create"), envoi)
    page = reponse.content.decode()
    assert "Une case cochée n’est plus visée par la situation" in page
    assert ('value="Tour 1"' in page, page.count(" checked>")) == (True, 1)
    assert not scene.postes.exists()


def test_deux_postes_ne_portent_pas_le_meme_nom(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    client, controle = connecte(monde.a.enseignant), postes[1]
    reponse = client.post(sur(controle, "poste-update"), {"nom": "Fraiseuse", "ordre": "2"})
    page = reponse.content.decode()
    assert ("Un poste de la situation porte déjà ce nom." in page, "<h1>Contrôle</h1>" in page) == (
        True,
        True,
    )
    client.post(sur(controle, "poste-update"), {"nom": "Colonne de mesure", "ordre": "0"})
    assert preregle(monde.a.situation) == {"Colonne de mesure": [], "Fraiseuse": ["C1", "C1.1"]}
    with pytest.raises(IntegrityError):
        factories.poste(monde.a.situation, "Fraiseuse")


def test_retirer_un_poste_garde_les_niveaux(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    reponse = connecte(monde.a.enseignant).post(sur(postes[0], "poste-delete"), follow=True)
    assert "les niveaux saisis restent dans la grille" in reponse.content.decode()
    assert monde.a.situation.porte() == "6 saisies et 2 commentaires"
    assert plan(monde.a.situation) == {"ALPHA-A1": ["2 Contrôle"], "ALPHA-A2": ["1 Contrôle"]}


def test_une_situation_close_ne_se_prepare_plus(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat="close")
    scene, client = monde.a.situation, connecte(monde.a.enseignant)
    for adresse in (
        url(scene),
        url(scene, "poste-create"),
        url(scene, "postes-copier"),
        sur(postes[0], "poste-update"),
        sur(postes[0], "poste-delete"),
    ):
        reponse = client.post(adresse, {"nom": "Autre", "ordre": "1"}, follow=True)
        assert "Cette situation est close" in reponse.content.decode()
    assert sorted(preregle(scene)) == ["Contrôle", "Fraiseuse"]
    assert Affectation.objects.filter(situation=scene).count() == 4


# --- La rotation ------------------------------------------------------------------------------


def test_proposer_une_rotation_n_enregistre_rien(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    fraiseuse, controle = postes
    Affectation.objects.filter(situation=monde.a.situation).delete()
    reponse = connecte(monde.a.enseignant).post(url(monde.a.situation), {"tours": "3", "proposer": "1"})
    assert "Rotation proposée, pas encore enregistrée" in reponse.content.decode()
    assert [
        (eleve.nom, [place.poste for place in places])
        for eleve, places in reponse.context["rotation"].rangees
    ] == [
        ("ALPHA-A1", [fraiseuse.pk, controle.pk, fraiseuse.pk, None]),
        ("ALPHA-A2", [controle.pk, fraiseuse.pk, controle.pk, None]),
    ]
    assert plan(monde.a.situation) == {}


@pytest.mark.parametrize("tours", ["", "0", "13", "x"])
def test_un_nombre_de_tours_impossible_garde_la_rotation(
    monde: Monde, postes: tuple[Poste, Poste], tours: str
) -> None:
    reponse = connecte(monde.a.enseignant).post(url(monde.a.situation), {"tours": tours, "proposer": "1"})
    assert (reponse.status_code, list(reponse.context["tirage"].errors)) == (200, ["tours"])
    assert reponse.context["rotation"].tours == 2


def test_ajuster_et_enregistrer(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    (fraiseuse, controle), (premier, second) = postes, monde.a.eleves
    envoi = {
        f"e{premier.pk}-1": controle.pk,
        f"e{second.pk}-1": controle.pk,
        f"e{premier.pk}-2": "",
        f"e{second.pk}-3": fraiseuse.pk,
    }
    client = connecte(monde.a.enseignant)
    client.post(url(monde.a.situation), envoi)
    assert plan(monde.a.situation) == {
        "ALPHA-A1": ["1 Contrôle"],
        "ALPHA-A2": ["1 Contrôle", "3 Fraiseuse"],
    }
    page = client.get(url(monde.a.situation)).content.decode()
    assert re.search(rf'name="e{second.pk}-3"[^>]*>.*?value="{fraiseuse.pk}" selected', page)
    assert f'name="e{second.pk}-4"' in page


def test_un_poste_d_ailleurs_est_refuse_et_le_reste_garde(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    (fraiseuse, _), (premier, second) = postes, monde.a.eleves
    intrus = Poste.objects.get(situation=monde.b.situation)
    envoi = {f"e{premier.pk}-1": fraiseuse.pk, f"e{second.pk}-2": intrus.pk}
    reponse = connecte(monde.a.enseignant).post(url(monde.a.situation), envoi)
    page = reponse.content.decode().replace("\xa0", " ")
    assert "ALPHA-A2 Dominique, tour 2 : ce poste n’existe plus, choisissez-en un autre." in page
    assert reponse.context["rotation"].places == {(premier.pk, 1): fraiseuse.pk}
    assert plan(monde.a.situation)["ALPHA-A2"] == ["1 Contrôle", "2 Fraiseuse"]


def test_un_eleve_n_est_qu_a_un_poste_par_tour(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    with pytest.raises(IntegrityError):
        factories.affectation(postes[1], monde.a.eleves[0], 1)


# --- Reprendre des postes ---------------------------------------------------------------------


def test_copier_les_postes_d_une_situation_precedente(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, ["C1"], ["C1.1"])
    factories.poste(scene, "Contrôle")
    client = connecte(monde.a.enseignant)
    page = client.get(url(scene)).content.decode()
    assert "Étude de gamme A (Tle A, 9 mars 2026)" in page
    assert INTRUS not in page
    reponse = client.post(url(scene, "postes-copier"), {"source": monde.a.situation.pk}, follow=True)
    assert "1 poste repris." in reponse.content.decode()
    assert preregle(scene) == {"Fraiseuse": ["C1", "C1.1"], "Contrôle": []}
    assert plan(scene) == {}


def test_on_ne_copie_que_ce_que_l_on_voit(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    client, scene = connecte(monde.a.enseignant), factories.situation(monde.a.classe, monde.a.enseignant)
    version_2 = factories.promotion(monde.a.etablissement, factories.referentiel(version="2"))
    autre = factories.situation(factories.classe(version_2, [monde.a.enseignant]), monde.a.enseignant)
    factories.poste(autre)
    for source in (monde.b.situation.pk, autre.pk, scene.pk, ""):
        reponse = client.post(url(scene, "postes-copier"), {"source": source})
        assert (reponse.status_code, list(reponse.context["copie"].errors)) == (200, ["source"])
    assert not scene.postes.exists()


def test_dupliquer_reprend_les_postes_sans_les_eleves(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    client, bis = connecte(monde.a.enseignant), autre_classe(monde)
    adresse = creation(bis, monde.a.situation.pk)
    initial = client.get(adresse).context["form"].initial
    reponse = client.post(adresse, initial | {"detaillees": initial["detaillees"][:2]}, follow=True)
    copie = Situation.objects.get(classe=bis)
    assert "Postes repris : 2." in reponse.content.decode().replace("\xa0", " ")
    assert preregle(copie) == {"Fraiseuse": ["C1", "C1.1"], "Contrôle": []}
    assert plan(copie) == {}


def test_un_modele_garde_les_postes_et_les_rend(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    client = connecte(monde.a.enseignant)
    modele = factories.modele(monde.a.situation)
    monde.a.situation.postes.all().delete()
    page = client.get(modele.get_absolute_url()).content.decode().replace("\xa0", " ")
    assert ("<li>Fraiseuse : C1.1</li>" in page, "<li>Contrôle : C2.1</li>" in page) == (True, True)
    adresse = reverse("livret:situation-create", args=[monde.a.classe.pk]) + f"?modele={modele.pk}"
    client.post(adresse, client.get(adresse).context["form"].initial | {"intitule": "D’après le modèle"})
    scene = Situation.objects.get(intitule="D’après le modèle")
    assert preregle(scene) == {"Fraiseuse": ["C1", "C1.1"], "Contrôle": ["C2.1"]}


# --- La grille d'un poste ---------------------------------------------------------------------


def test_la_grille_d_un_poste_ne_montre_que_ses_eleves_et_ses_colonnes(
    monde: Monde, postes: tuple[Poste, Poste]
) -> None:
    client, (fraiseuse, controle) = connecte(monde.a.enseignant), postes

    def lue(adresse: str) -> tuple[list[str], dict[str, list[str]]]:
        objet = grille_lue(client.get(adresse))
        return objet.colonnes, objet.lignes

    premier, second = map(str, monde.a.eleves)
    for _ in range(2):
        assert lue(grille(fraiseuse, 1)) == (["C1.1", "C1"], {premier: ["2", "2"]})
        assert lue(grille(fraiseuse, 2)) == (["C1.1", "C1"], {second: ["1", "1"]})
        assert lue(grille(controle, 1)) == (["C2.1"], {second: [""]})
        entiere = lue(url(monde.a.situation, "grille"))
        assert entiere[0] == ["C1.1", "C1.2", "C1", "C2.1", "C2"]
        assert list(entiere[1]) == [premier, second]


def test_on_passe_d_un_poste_a_l_autre_et_au_tour_suivant(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    client, (fraiseuse, controle) = connecte(monde.a.enseignant), postes
    page = client.get(grille(fraiseuse, 1)).content.decode().replace("&amp;", "&")
    assert f'<a class="suivant" href="{grille(fraiseuse, 2)}" rel="next">Tour suivant</a>' in page
    assert f'<a href="{grille(controle, 1)}">Contrôle <small>1 élève</small></a>' in page
    assert f'<a href="{grille(fraiseuse, 1)}" aria-current="page">Fraiseuse' in page
    assert f'<a href="{url(monde.a.situation, "grille")}">Grille entière</a>' in page
    assert "Tour suivant" not in client.get(grille(fraiseuse, 2)).content.decode()
    entiere = client.get(url(monde.a.situation, "grille")).content.decode().replace("&amp;", "&")
    assert f'href="{grille(controle, 1)}"' in entiere
    situation = client.get(monde.a.situation.get_absolute_url()).content.decode().replace("&amp;", "&")
    assert f'<a href="{grille(fraiseuse, 1)}">Fraiseuse</a>' in situation


def test_enregistrer_sans_script_revient_au_meme_poste(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    client, fraiseuse, premier = connecte(monde.a.enseignant), postes[0], monde.a.eleves[0]
    page = client.get(grille(fraiseuse)).content.decode().replace("&amp;", "&")
    assert f'action="{grille(fraiseuse)}"' in page
    nom = case(monde, "C1.1", premier)
    reponse = client.post(grille(fraiseuse), {nom: "3", f"vu-{nom}": "2"})
    assert reponse.url == grille(fraiseuse)
    refus = client.post(grille(fraiseuse), {nom: "7", f"vu-{nom}": "3"})
    assert list(refus.context["grille"].lignes)[0].cases[0].affiche == "7"
    assert len(refus.context["grille"].lignes) == 1
    assert [str(une) for une in monde.a.situation.observations.filter(eleve=premier)] == ["3"]


def test_la_suggestion_d_un_poste_tient_compte_de_tous_les_details(
    monde: Monde, postes: tuple[Poste, Poste]
) -> None:
    """C1.1 seul donnerait 3 ; avec C1.2, que ce poste ne montre pas, la moyenne, 1,5, donne 1."""
    fraiseuse, premier = postes[0], monde.a.eleves[0]
    monde.a.situation.evaluations.all().delete()
    monde.a.situation.observations.all().delete()
    factories.observation(monde.a.situation, premier, "C1.1", 3)
    factories.observation(monde.a.situation, premier, "C1.2", 0)
    lue = grille_lue(connecte(monde.a.enseignant).get(grille(fraiseuse)))
    assert lue.colonnes == ["C1.1", "C1"]
    assert lue.suggestions == {case(monde, "C1", premier): "1"}


def test_sans_rotation_un_poste_montre_tous_les_eleves(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    Affectation.objects.filter(situation=monde.a.situation).delete()
    reponse = connecte(monde.a.enseignant).get(grille(postes[0]))
    assert list(grille_lue(reponse).lignes) == list(map(str, monde.a.eleves))


def test_un_eleve_parti_quitte_son_poste(monde: Monde) -> None:
    parti = factories.eleve(monde.a.classe, "PARTI")
    poste = factories.poste(monde.a.situation)
    for eleve in (parti, monde.a.eleves[0]):
        factories.affectation(poste, eleve)
    parti.scolarites.update(sortie="2026-01-05")
    reponse = connecte(monde.a.enseignant).get(grille(poste))
    assert list(grille_lue(reponse).lignes) == [str(monde.a.eleves[0])]
    assert reponse.context["tournee"].postes[0].effectif == 1


def test_un_poste_dont_plus_rien_n_est_vise_le_dit(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    monde.a.situation.detaillees.remove(*monde.a.situation.detaillees.filter(code="C2.1"))
    page = connecte(monde.a.enseignant).get(grille(postes[1])).content.decode()
    assert "La situation ne vise plus aucune des compétences réglées pour ce poste." in page
    assert sur(postes[1], "poste-update") in page


def test_un_poste_sans_eleve_le_dit(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    Affectation.objects.filter(poste=postes[0], tour=1).delete()
    page = connecte(monde.a.enseignant).get(grille(postes[0])).content.decode()
    assert "Aucun élève à ce poste pour le tour 1." in page
    assert "Tour suivant" in page


def test_un_poste_ou_un_tour_inconnu_n_existe_pas(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    client, intrus = connecte(monde.a.enseignant), Poste.objects.get(situation=monde.b.situation)
    ici = url(monde.a.situation, "grille")
    adresses = [f"{ici}?poste={intrus.pk}", f"{ici}?poste=x", grille(postes[0], 3), grille(postes[0], 0)]
    adresses += [grille(postes[0], "²"), grille(postes[0], "9" * 40), f"{ici}?tour=3"]
    assert [client.get(adresse).status_code for adresse in adresses] == [404] * 7
    assert client.get(f"{ici}?poste={postes[0].pk}").status_code == 200


def test_requetes(monde: Monde, postes: tuple[Poste, Poste]) -> None:
    client, fraiseuse = connecte(monde.a.enseignant), postes[0]
    factories.poste(factories.situation(monde.a.classe, monde.a.enseignant))
    assert requetes(lambda: client.get(grille(fraiseuse))) == 17
    assert requetes(lambda: client.get(url(monde.a.situation))) == 13
    autre = factories.poste(monde.a.situation, "Tour", "C1.2")
    for _ in range(2):
        eleve = factories.eleve(monde.a.classe)
        factories.affectation(fraiseuse, eleve)
        factories.affectation(autre, eleve, 2)
        factories.observation(monde.a.situation, eleve, "C1.1", 2)
    assert requetes(lambda: client.get(grille(fraiseuse))) == 17
    assert requetes(lambda: client.get(url(monde.a.situation))) == 13
