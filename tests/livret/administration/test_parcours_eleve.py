"""Un élève change de classe, d’option, d’établissement, de diplôme ou de statut : un seul écran."""

import pytest

from livret.models import Eleve
from tests import factories
from tests.deux_diplomes import DeuxDiplomes, deux_diplomes
from tests.litanie import adresse, connecte, messages, verifier_droits
from tests.monde import Monde


@pytest.fixture
def lieu(db: None) -> DeuxDiplomes:
    return deux_diplomes()


def changer(compte: object, eleve: Eleve, **champs: object) -> object:
    url = adresse("eleve-parcours", eleve.pk)
    client = connecte(compte)
    form = client.get(url).context["form"]
    donnees = {nom: form[nom].value() for nom in form.fields if form[nom].value() is not None}
    return client.post(url, {**donnees, "etat_vu": form.etat_vu(), **champs}, follow=True)


def relu(eleve: Eleve) -> Eleve:
    return Eleve.objects.select_related("promotion", "option", "statut").get(pk=eleve.pk)


def test_qui_l_ouvre(monde: Monde) -> None:
    ici, la = (adresse("eleve-parcours", une.eleves[0].pk) for une in (monde.a, monde.b))
    assert "Parcours de ALPHA-A1 Camille" in verifier_droits(monde, ici, la)


def test_une_autre_classe_de_la_meme_promotion(monde: Monde) -> None:
    eleve, autre = monde.a.eleves[1], factories.classe(monde.a.promotion, nom="Tle B")
    reponse = changer(monde.a.administrateur, eleve, classe=autre.pk, jour="2026-03-02")
    assert messages(reponse)[0].startswith("ALPHA-A2")
    sorties = {une.classe.nom: str(une.sortie) for une in eleve.scolarites.select_related("classe")}
    assert sorties == {monde.a.classe.nom: "2026-03-02", "Tle B": "None"}


def test_le_statut_seul(monde: Monde) -> None:
    eleve = factories.eleve(monde.a.classe, "AUTRE")
    statuts = eleve.promotion.referentiel.statuts.exclude(pk=eleve.statut_id)
    changer(monde.a.administrateur, eleve, statut=statuts[0].pk)
    assert relu(eleve).statut == statuts[0]
    assert eleve.scolarites.filter(sortie=None).count() == 1


def test_l_option_seule_et_celle_que_des_observations_retiennent(monde: Monde) -> None:
    libre, retenue = factories.eleve(monde.a.classe, "LIBRE"), factories.eleve(monde.a.classe, "RETENUE")
    outillage = monde.a.promotion.referentiel.options.get(code="OUT")
    factories.observation(monde.a.situation, retenue, "C3.1", 2)
    for eleve in (libre, retenue):
        changer(monde.a.administrateur, eleve, option=outillage.pk)
    assert (relu(libre).option.code, relu(retenue).option.code) == ("OUT", "USI")


def test_un_autre_diplome(lieu: DeuxDiplomes) -> None:
    statut = lieu.premiere.promotion.referentiel.statuts.get(code="sco")
    option = lieu.premiere.promotion.option
    champs = {"classe": lieu.premiere.pk, "statut": statut.pk, "option": option.pk, "jour": "2025-09-01"}
    changer(lieu.admin, lieu.lou, **champs)
    lou = relu(lieu.lou)
    assert (lou.promotion, lou.option, lou.statut) == (lieu.premiere.promotion, option, statut)
    assert lou.changements.count() == 1


def test_une_option_d_un_autre_diplome_se_dit(lieu: DeuxDiplomes) -> None:
    reponse = changer(lieu.admin, lieu.lou, option=lieu.premiere.promotion.option_id)
    assert "n’est pas du diplôme de la classe rejointe" in reponse.text
    assert relu(lieu.lou).option.referentiel == lieu.seconde.promotion.referentiel


def test_partir_ailleurs_date_la_sortie_et_ne_perd_rien(monde: Monde) -> None:
    eleve = monde.a.eleves[0]
    avant = eleve.evaluations.count()
    changer(monde.a.administrateur, eleve, etablissement="part", jour="2026-03-02")
    assert relu(eleve).actif is False
    assert [str(une.sortie) for une in eleve.scolarites.all()] == ["2026-03-02"]
    assert eleve.evaluations.count() == avant
