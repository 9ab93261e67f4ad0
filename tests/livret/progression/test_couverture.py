"""La couverture d'une classe : ce qui n'a jamais été vu, et ce que la progression en fait."""

from django.urls import reverse

from livret.models import Scolarite
from referentiel.models import Detaillee
from tests import factories
from tests.litanie import (
    EQUIPE_ET_ADMINISTRATION,
    connecte,
    requetes,
    statuts,
)
from tests.monde import INTRUS, Monde


def url(monde: Monde) -> str:
    return reverse("livret:couverture", args=[monde.a.classe.pk])


def detaillee(monde: Monde, code: str, option: str = "") -> Detaillee:
    trouvees = Detaillee.objects.filter(competence__referentiel=monde.referentiel, code=code)
    return trouvees.get(option__code=option) if option else trouvees.first()


def fiche(monde: Monde, code: str, option: str = "") -> str:
    return reverse("livret:couverture-detaillee", args=[monde.a.classe.pk, detaillee(monde, code, option).pk])


def carte(monde: Monde) -> dict[str, list[str]]:
    reponse = connecte(monde.a.enseignant).get(url(monde))
    return {
        ligne.detaillee.code: [case.vue.value if case.vue else "" for case in ligne.cases]
        for ligne in reponse.context["couverture"].lignes
    }


def test_droits(monde: Monde) -> None:
    factories.sequence(monde.b.classe, monde.b.enseignant, detaillees=["C1.1"], intitule=INTRUS)
    assert statuts(monde, url(monde)) == EQUIPE_ET_ADMINISTRATION
    assert statuts(monde, fiche(monde, "C1.1")) == EQUIPE_ET_ADMINISTRATION


def test_la_carte(monde: Monde) -> None:
    encore = factories.situation(monde.a.classe, monde.a.enseignant, detaillees=["C1.1", "C1.2"])
    factories.observation(encore, monde.a.eleves[0], "C1.1", 3)
    factories.observation(encore, monde.a.eleves[1], "C1.1", 0)
    factories.observation(encore, monde.a.eleves[1], "C1.2", mention="NE")
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 1, 5: 3}, "C2": {1: 1}})
    lues = carte(monde)
    assert list(lues) == ["C1.1", "C1.2", "C2.1", "C3.1", "C3.2", "C4.1", "C5.1", "C5.2"]
    assert lues["C1.1"] == ["attendu atteint", "vue plusieurs fois"]
    assert lues["C1.2"] == ["jamais vue", "jamais vue"]


def test_sans_echelle_rien_n_est_atteint(monde: Monde) -> None:
    assert carte(monde)["C1.1"] == ["vue une fois", "vue une fois"]


def test_une_attente_propre_a_la_detaillee_l_emporte(monde: Monde) -> None:
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 3}, "C1.1": {1: 2}})
    assert carte(monde)["C1.1"] == ["attendu atteint", "vue une fois"]


def test_un_brouillon_n_a_rien_montre(monde: Monde) -> None:
    brouillon = factories.situation(monde.a.classe, monde.a.enseignant, detaillees=["C5.1"], etat="brouillon")
    factories.observation(brouillon, monde.a.eleves[0], "C5.1", 3)
    assert carte(monde)["C5.1"] == ["jamais vue", "jamais vue"]


def test_les_options_se_melangent(monde: Monde) -> None:
    factories.eleve(monde.a.classe, "ZOLA", option=monde.referentiel.options.get(code="OUT"))
    reponse = connecte(monde.a.enseignant).get(url(monde))
    lignes = [
        (ligne.detaillee.code, ligne.detaillee.option and ligne.detaillee.option.code, ligne.concernes)
        for ligne in reponse.context["couverture"].lignes
        if ligne.detaillee.option
    ]
    assert lignes == [("C3.1", "USI", 2), ("C3.1", "OUT", 1), ("C4.2", "OUT", 1)]
    assert reponse.context["couverture"].par_eleve == [(1, 0, 8), (1, 0, 8), (0, 0, 9)]


def test_les_trous_menent_a_la_sequence_qui_les_couvre(monde: Monde) -> None:
    factories.sequence(monde.a.classe, monde.a.enseignant, detaillees=["C5.1"], intitule="Rendre compte")
    retiree = factories.sequence(monde.a.classe, monde.a.enseignant, detaillees=["C5.2"], intitule="Retirée")
    retiree.retiree_le = "2025-11-01T08:00:00Z"
    retiree.save()
    autre = factories.classe(monde.a.promotion, niveau="1re")
    factories.sequence(
        monde.a.classe, monde.a.enseignant, detaillees=["C5.2"], intitule="Ailleurs", classe_id=autre.pk
    )
    page = connecte(monde.a.enseignant).get(url(monde)).content.decode()
    assert f'<a href="{fiche(monde, "C5.1")}" title="Rédiger un compte rendu">C5.1</a> (prévue)' in page
    couverte = connecte(monde.a.enseignant).get(fiche(monde, "C5.1"))
    assert [str(une) for une, _ in couverte.context["sequences"]] == ["Rendre compte"]
    trou = connecte(monde.a.enseignant).get(fiche(monde, "C5.2"))
    assert trou.context["sequences"] == []
    creation = reverse("livret:sequence-create", args=[monde.a.promotion.pk])
    lien = f"{creation}?detaillee={detaillee(monde, 'C5.2').pk}&amp;classe={monde.a.classe.pk}"
    assert lien in trou.content.decode()
    assert creation not in connecte(monde.a.administrateur).get(fiche(monde, "C5.2")).content.decode()


def test_une_detaillee_hors_de_la_classe_n_existe_pas(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert client.get(fiche(monde, "C4.2", "OUT")).status_code == 404
    autre = factories.referentiel(version="2").competences.get(code="C1").detaillees.first()
    adresse = reverse("livret:couverture-detaillee", args=[monde.a.classe.pk, autre.pk])
    assert client.get(adresse).status_code == 404


def test_une_classe_vide_dit_quoi_faire(monde: Monde) -> None:
    vide = factories.classe(monde.a.promotion, [monde.a.enseignant])
    page = connecte(monde.a.enseignant).get(reverse("livret:couverture", args=[vide.pk])).content.decode()
    assert "Aucun élève dans cette classe." in page


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    factories.sequence(monde.a.classe, monde.a.enseignant, detaillees=["C1.1"])
    Scolarite.objects.filter(eleve=monde.a.eleves[1]).update(sortie="2026-01-05")
    client.get(url(monde))
    assert requetes(lambda: client.get(url(monde))) == 13
    Scolarite.objects.filter(eleve=monde.a.eleves[1]).update(sortie=None)
    factories.observation(monde.a.situation, factories.eleve(monde.a.classe), "C1.2", 3)
    factories.sequence(monde.a.classe, monde.a.enseignant, detaillees=["C1.1", "C5.1"])
    assert requetes(lambda: client.get(url(monde))) == 13
