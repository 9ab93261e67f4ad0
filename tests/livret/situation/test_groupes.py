"""Les groupes d'une classe : répartir, composer, renommer, archiver ; une situation qui en vise un."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse

from livret.models import Classe, Groupe, Situation
from tests import factories
from tests.litanie import (
    EQUIPE_ET_ADMINISTRATION,
    connecte,
    requetes,
    statuts,
)
from tests.livret.situation.test_situation_duplicate import autre_classe
from tests.livret.situation.test_situation_duplicate import creation as reprise
from tests.livret.situation.test_situation_form import creation, donnees, modification
from tests.monde import INTRUS, Monde


def url(monde: Monde, nom: str = "groupes") -> str:
    return reverse(f"livret:{nom}", args=[monde.a.classe.pk])


def sur(groupe: Groupe, nom: str) -> str:
    return reverse(f"livret:{nom}", args=[groupe.pk])


def composition(classe: Classe) -> dict[str, list[str]]:
    return {groupe.nom: [eleve.nom for eleve in groupe.eleves.all()] for groupe in classe.groupes.actifs()}


def test_droits(monde: Monde) -> None:
    factories.groupe(monde.b.classe, monde.b.eleves, f"Groupe {INTRUS}")
    groupe = factories.groupe(monde.a.classe, monde.a.eleves)
    assert statuts(monde, url(monde)) == EQUIPE_ET_ADMINISTRATION
    assert statuts(monde, sur(groupe, "groupe-update")) == EQUIPE_ET_ADMINISTRATION
    envoi = {nom: 302 if code == 200 else code for nom, code in EQUIPE_ET_ADMINISTRATION.items()}
    assert statuts(monde, url(monde), "post") == envoi
    assert statuts(monde, sur(groupe, "groupe-update"), "post", {"nom": "Groupe 1"}) == envoi
    client = connecte(monde.a.enseignant)
    assert [client.get(url(monde, nom)).status_code for nom in ("groupe-create", "groupes-repartir")] == [
        405,
        405,
    ]


def test_la_page_de_la_classe_y_mene(monde: Monde) -> None:
    page = connecte(monde.a.enseignant).get(monde.a.classe.get_absolute_url()).content.decode()
    assert f'href="{url(monde)}"' in page


def test_repartir_en_demi_classes_par_ordre_alphabetique(monde: Monde) -> None:
    factories.eleve(monde.a.classe, "ZOLA")
    parti = factories.eleve(monde.a.classe, "AAAA")
    parti.scolarites.update(sortie="2026-01-05")
    client = connecte(monde.a.enseignant)
    reponse = client.post(url(monde, "groupes-repartir"), {"nom": "Demi-classe", "nombre": "2"}, follow=True)
    assert "La classe est répartie : « Demi-classe A », « Demi-classe B »." in reponse.content.decode()
    assert composition(monde.a.classe) == {
        "Demi-classe A": ["ALPHA-A1", "ALPHA-A2"],
        "Demi-classe B": ["ZOLA"],
    }


@pytest.mark.parametrize(
    ("envoi", "motif"),
    [
        ({"nom": "Groupe", "nombre": "3"}, "3 groupes pour 2 élèves : choisissez-en moins."),
        ({"nom": "Groupe", "nombre": "1"}, "Assurez-vous que cette valeur est supérieure ou égale à 2."),
        ({"nom": "", "nombre": "2"}, "Ce champ est obligatoire."),
        ({"nom": "Demi-classe", "nombre": "2"}, "« Demi-classe A » : Un groupe de la classe porte déjà ce"),
    ],
)
def test_une_repartition_impossible_s_explique(monde: Monde, envoi: dict[str, str], motif: str) -> None:
    factories.groupe(monde.a.classe)
    reponse = connecte(monde.a.enseignant).post(url(monde, "groupes-repartir"), envoi)
    assert reponse.status_code == 200
    assert motif in reponse.content.decode().replace("\xa0", " ")
    assert composition(monde.a.classe) == {"Demi-classe A": []}


def test_creer_puis_refuser_le_meme_nom(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    client.post(url(monde, "groupe-create"), {"nom": " TP 3 "})
    assert composition(monde.a.classe) == {"TP 3": []}
    reponse = client.post(url(monde, "groupe-create"), {"nom": "TP 3"})
    assert "Un groupe de la classe porte déjà ce nom." in reponse.content.decode()
    with pytest.raises(IntegrityError):
        factories.groupe(monde.a.classe, nom="TP 3")


def test_composer(monde: Monde) -> None:
    premier, second = monde.a.eleves
    a, b = factories.groupe(monde.a.classe, [premier]), factories.groupe(monde.a.classe, nom="TP 3")
    page = connecte(monde.a.enseignant).get(url(monde)).content.decode()
    assert f'name="g{a.pk}" value="{premier.pk}" aria-labelledby="e{premier.pk} g{a.pk}" checked' in page
    assert f'name="vu-{a.pk}" value="{premier.pk}"' in page
    envoi = {f"g{a.pk}": [second.pk], f"vu-{a.pk}": str(premier.pk), f"g{b.pk}": [premier.pk, second.pk]}
    connecte(monde.a.enseignant).post(url(monde), envoi)
    assert composition(monde.a.classe) == {"Demi-classe A": ["ALPHA-A2"], "TP 3": ["ALPHA-A1", "ALPHA-A2"]}
    assert a.history.latest().history_user == monde.a.enseignant


def test_composer_ne_defait_pas_ce_qu_un_collegue_vient_de_faire(monde: Monde) -> None:
    premier, second = monde.a.eleves
    groupe = factories.groupe(monde.a.classe, [premier])
    groupe.eleves.add(second)
    connecte(monde.a.enseignant).post(url(monde), {f"g{groupe.pk}": [], f"vu-{groupe.pk}": str(premier.pk)})
    assert composition(monde.a.classe) == {"Demi-classe A": ["ALPHA-A2"]}


def test_un_eleve_d_ailleurs_n_entre_pas_dans_un_groupe(monde: Monde) -> None:
    groupe = factories.groupe(monde.a.classe)
    voisin = factories.eleve(factories.classe(monde.a.promotion, [monde.a.enseignant]))
    client = connecte(monde.a.enseignant)
    for intrus in (voisin, monde.b.eleves[0]):
        envoi = {f"g{groupe.pk}": [intrus.pk, monde.a.eleves[0].pk], f"vu-{groupe.pk}": ""}
        reponse = client.post(url(monde), envoi)
        page = reponse.content.decode()
        assert "Demi-classe A : un élève coché n’est pas, ou n’est plus, dans la classe." in page.replace(
            "\xa0", " "
        )
        assert (INTRUS in page, f'value="{monde.a.eleves[0].pk}"' in page) == (False, True)
    assert composition(monde.a.classe) == {"Demi-classe A": []}


def test_renommer(monde: Monde) -> None:
    a, b = factories.groupe(monde.a.classe), factories.groupe(monde.a.classe, nom="TP 3")
    client = connecte(monde.a.enseignant)
    reponse = client.post(sur(b, "groupe-update"), {"nom": "Demi-classe A"})
    page = reponse.content.decode()
    assert ("Un groupe de la classe porte déjà ce nom." in page, "<h1>TP 3</h1>" in page) == (True, True)
    client.post(sur(b, "groupe-update"), {"nom": "TP 4"})
    assert sorted(composition(monde.a.classe)) == ["Demi-classe A", "TP 4"]
    assert a.history.count() == 1


def test_un_groupe_qui_n_a_pas_servi_se_supprime(monde: Monde) -> None:
    groupe = factories.groupe(monde.a.classe, monde.a.eleves)
    reponse = connecte(monde.a.enseignant).post(sur(groupe, "groupe-retrait"), follow=True)
    assert "Le groupe « Demi-classe A » est supprimé." in reponse.content.decode().replace("\xa0", " ")
    assert not Groupe.objects.exists()
    assert monde.a.classe.scolarites.count() == 2


def test_un_groupe_qui_a_servi_s_archive_et_se_remet(monde: Monde) -> None:
    groupe = factories.groupe(monde.a.classe, monde.a.eleves)
    Situation.objects.filter(pk=monde.a.situation.pk).update(groupe=groupe)
    client = connecte(monde.a.enseignant)
    reponse = client.post(sur(groupe, "groupe-retrait"), follow=True)
    assert "Le groupe « Demi-classe A » est archivé." in reponse.content.decode().replace("\xa0", " ")
    assert composition(monde.a.classe) == {}
    assert list(Situation.objects.get(pk=monde.a.situation.pk).eleves()) == list(monde.a.eleves)
    assert "Demi-classe A (archivé)" in client.get(monde.a.situation.get_absolute_url()).content.decode()
    assert f'<option value="{groupe.pk}"' not in client.get(creation(monde)).content.decode()
    assert f'<option value="{groupe.pk}" selected' in client.get(modification(monde)).content.decode()
    nouveau = factories.groupe(monde.a.classe)
    refus = client.post(sur(groupe, "groupe-retrait"), {"remettre": "1"}, follow=True)
    assert "Un groupe de la classe porte déjà ce nom." in refus.content.decode()
    nouveau.delete()
    client.post(sur(groupe, "groupe-retrait"), {"remettre": "1"})
    assert composition(monde.a.classe) == {"Demi-classe A": ["ALPHA-A1", "ALPHA-A2"]}


# --- Une situation qui vise un groupe ---------------------------------------------------------


def test_creer_une_situation_pour_un_groupe(monde: Monde) -> None:
    groupe = factories.groupe(monde.a.classe, monde.a.eleves[1:])
    client = connecte(monde.a.enseignant)
    client.post(creation(monde), donnees(monde, groupe=groupe.pk))
    scene = Situation.objects.get(intitule="Palier de tour")
    assert (scene.groupe, list(scene.eleves())) == (groupe, [monde.a.eleves[1]])
    assert "Demi-classe A, 1 élève" in client.get(scene.get_absolute_url()).content.decode()
    assert (
        "<small>Demi-classe A</small>"
        in client.get(reverse("livret:situations", args=[monde.a.classe.pk])).content.decode()
    )


def test_un_groupe_d_une_autre_classe_est_refuse(monde: Monde) -> None:
    voisin = factories.groupe(factories.classe(monde.a.promotion, [monde.a.enseignant]), nom="Voisin")
    reponse = connecte(monde.a.enseignant).post(creation(monde), donnees(monde, groupe=voisin.pk))
    assert (reponse.status_code, "groupe" in reponse.context["form"].errors) == (200, True)
    monde.a.situation.groupe = voisin
    with pytest.raises(ValidationError, match="Ce groupe n’est pas de la classe."):
        monde.a.situation.full_clean()


def test_l_eleve_qui_sort_du_groupe_reste_s_il_porte_une_saisie(monde: Monde) -> None:
    premier, second = monde.a.eleves
    troisieme = factories.eleve(monde.a.classe, "ZOLA")
    groupe = factories.groupe(monde.a.classe, [premier])
    envoi = donnees(monde, groupe=groupe.pk, detaillees=[d.pk for d in monde.a.situation.detaillees.all()])
    reponse = connecte(monde.a.enseignant).post(modification(monde), envoi)
    scene = Situation.objects.get(pk=monde.a.situation.pk)
    assert (reponse.status_code, scene.groupe) == (302, groupe)
    assert list(scene.eleves()) == [premier, second]
    assert scene.porte() == "6 saisies et 2 commentaires"
    groupe.eleves.set([troisieme])
    assert list(scene.eleves()) == [premier, second, troisieme]


def test_le_serveur_refuse_un_eleve_hors_du_groupe(monde: Monde) -> None:
    premier, second = monde.a.eleves
    scene = factories.situation(
        monde.a.classe, monde.a.enseignant, ["C1"], groupe=factories.groupe(monde.a.classe, [premier])
    )
    c1 = scene.competences.get().pk
    envoi = {f"c{c1}-{premier.pk}": "2", f"c{c1}-{second.pk}": "2"}
    reponse = connecte(monde.a.enseignant).post(reverse("livret:grille", args=[scene.pk]), envoi)
    page = reponse.content.decode().replace("\xa0", " ")
    assert "Cet élève n’est pas dans le groupe « Demi-classe A » de la situation." in page
    assert [(une.eleve, str(une)) for une in scene.evaluations.all()] == [(premier, "2")]


def test_dupliquer_reprend_le_groupe_du_meme_nom_ou_dit_qu_il_manque(monde: Monde) -> None:
    groupe = factories.groupe(monde.a.classe, monde.a.eleves)
    Situation.objects.filter(pk=monde.a.situation.pk).update(groupe=groupe)
    client, bis = connecte(monde.a.enseignant), autre_classe(monde)
    source = monde.a.situation.pk
    assert client.get(reprise(monde.a.classe, source)).context["form"].initial["groupe"] == groupe.pk
    sans = client.get(reprise(bis, source))
    assert "groupe" not in sans.context["form"].initial
    assert "Le groupe « Demi-classe A » n’existe pas dans cette classe" in sans.content.decode().replace(
        "\xa0", " "
    )
    pareil = factories.groupe(bis)
    assert client.get(reprise(bis, source)).context["form"].initial["groupe"] == pareil.pk


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    groupe = factories.groupe(monde.a.classe, monde.a.eleves[:1])
    monde.a.eleves[1].scolarites.update(sortie="2026-01-05")
    assert requetes(lambda: client.get(url(monde))) == 11
    monde.a.eleves[1].scolarites.update(sortie=None)
    factories.groupe(monde.a.classe, [factories.eleve(monde.a.classe), *monde.a.eleves], nom="TP 3")
    groupe.eleves.add(monde.a.eleves[1])
    assert requetes(lambda: client.get(url(monde))) == 11


def test_qui_une_situation_vise_se_dit_pareil_de_tous_cotes(monde: Monde) -> None:
    """D'elle vers ses élèves, d'un élève vers les siennes, et pour toute une commission."""
    salle = factories.classe(monde.a.promotion, [monde.a.enseignant])
    premier, second, sorti = (factories.eleve(salle) for _ in range(3))
    sorti.scolarites.update(sortie="2026-01-05")
    ailleurs = monde.a.eleves[0]
    demi = factories.groupe(salle, [premier, sorti, ailleurs])
    toute, groupe, seul = (
        factories.situation(salle, monde.a.enseignant, **qui)
        for qui in ({}, {"groupe": demi}, {"eleve": second})
    )
    attendu = {toute: {premier, second}, groupe: {premier}, seul: {second}}
    assert {scene: set(scene.eleves()) for scene in attendu} == attendu
    tous = [premier, second, sorti, ailleurs]
    siennes = Situation.objects.filter(classe=salle)
    assert siennes.par_eleve(tous) == {
        premier.pk: {toute.pk, groupe.pk},
        second.pk: {toute.pk, seul.pk},
    }
    assert [set(siennes.visant(eleve)) for eleve in tous] == [
        {toute, groupe},
        {toute, seul},
        {toute, groupe},
        set(),
    ]


def test_qui_n_est_pas_du_groupe_y_garde_les_situations_de_ses_preuves(monde: Monde) -> None:
    premier, second = monde.a.eleves
    scene = monde.a.situation
    Situation.objects.filter(pk=scene.pk).update(groupe=factories.groupe(monde.a.classe, [premier]))
    factories.trace(scene, premier)
    assert list(Situation.objects.visant(second)) == []
    factories.trace(scene, second)
    factories.trace(scene, second)
    assert list(Situation.objects.visant(second)) == [scene]
