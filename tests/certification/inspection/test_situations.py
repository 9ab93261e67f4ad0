"""L’inspecteur lit les situations retenues de son académie : des nombres, et aucun nom par défaut."""

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from pypdf import PdfReader

from certification.inspection.situations import options_inspectees
from livret.models import (
    Appartenance,
    Etablissement,
    MandatInspection,
    Utilisateur,
)
from tests import factories
from tests.certification.scene import REFUS, adresse, statuts
from tests.litanie import connecte, requetes
from tests.monde import Monde
from trpm.permissions import Role

LECTURE = {**REFUS, "inspecteur": 200, "ailleurs": 403}


def page(monde: Monde) -> str:
    return adresse("inspection-situations", monde.a.etablissement.pk, monde.a.promotion.session)


def pdf(monde: Monde) -> str:
    return adresse("inspection-pdf", monde.a.etablissement.pk, monde.a.promotion.session)


def test_qui_lit(monde: Monde) -> None:
    assert statuts(monde, page(monde)) == LECTURE
    assert statuts(monde, pdf(monde)) == LECTURE
    assert connecte(monde.b.inspecteur).get(page(monde)).status_code == 404
    inspecteur = connecte(monde.a.inspecteur)
    assert inspecteur.get(adresse("inspection-situations", monde.a.etablissement.pk, 1999)).status_code == 404
    assert monde.b.etablissement.nom not in inspecteur.get(adresse("inspection")).content.decode()


def test_il_arrive_sur_sa_page(monde: Monde) -> None:
    reponse = connecte(monde.a.inspecteur).get("/")
    assert (reponse.status_code, reponse["Location"]) == (302, adresse("inspection"))


def test_un_etablissement_de_l_academie_s_ajoute_de_lui_meme(monde: Monde) -> None:
    nouveau = factories.etablissement("Lycée neuf", academie=monde.a.etablissement.academie)
    autre = factories.etablissement("Lycée voisin", academie="Autre académie")
    contenu = connecte(monde.a.inspecteur).get(adresse("inspection")).content.decode()
    assert nouveau.nom in contenu
    assert autre.nom not in contenu


def test_ce_qu_il_lit(monde: Monde) -> None:
    """Camille et Dominique ont la même situation, sur EP1 ; elle confie une tâche sur deux."""
    monde.a.situation.taches.set(monde.referentiel.activites.get(code="A1").taches.filter(code="A1-T1"))
    [option] = options_inspectees(monde.a.etablissement, monde.a.promotion.session)
    ep1, ep2, ep3 = option.epreuves
    assert (option.code, option.candidats, ep1.code) == ("USI", 2, "EP1")
    [situation] = ep1.situations
    assert (situation.nature, situation.candidats, situation.competences, situation.taches) == (
        "certificative",
        2,
        ("C1", "C2"),
        ("A1-T1",),
    )
    assert situation.probleme == "Étudier la gamme"
    assert [moyen for rubrique in situation.moyens for moyen in rubrique.moyens] == ["Plan de définition"]
    [activite] = ep1.activites
    assert (activite.code, activite.couvertes, [nombre for *_, nombre in activite.taches]) == (
        "A1",
        1,
        [1, 0],
    )
    assert ep1.repartition == ((1, 2),)
    assert (ep2.situations, ep2.repartition, ep3.repartition) == ((), ((0, 2),), ((0, 2),))


def test_une_situation_formative_ou_d_une_autre_session_n_y_est_pas(monde: Monde) -> None:
    factories.situation(monde.a.classe, monde.a.enseignant, competences=["C1"], nature="formative")
    autre = factories.promotion(monde.a.etablissement, monde.referentiel, session=2027)
    factories.situation(factories.classe(autre), monde.a.enseignant, competences=["C1"])
    [option] = options_inspectees(monde.a.etablissement, monde.a.promotion.session)
    assert [une.intitule for une in option.epreuves[0].situations] == ["Étude de gamme A"]


def test_aucun_nom_tant_que_l_etablissement_ne_l_ouvre_pas(monde: Monde) -> None:
    client = connecte(monde.a.inspecteur)

    def lus() -> list[str]:
        imprime = PdfReader(BytesIO(client.get(pdf(monde)).content))
        return [
            client.get(page(monde)).content.decode(),
            "".join(une.extract_text() for une in imprime.pages),
        ]

    for texte in lus():
        assert "Étude de gamme A" in texte
        assert "Camille" not in texte
        assert "ALPHA" not in texte
    Etablissement.objects.filter(pk=monde.a.etablissement.pk).update(noms_a_l_inspection=True)
    for texte in lus():
        assert "ALPHA-A1 Camille" in texte


def test_rien_d_autre_ne_s_ouvre_a_l_inspecteur(monde: Monde) -> None:
    client = connecte(monde.a.inspecteur)
    for url in (
        monde.a.eleves[0].get_absolute_url(),
        monde.a.situation.get_absolute_url(),
        monde.a.dossiers[0].get_absolute_url(),
        monde.a.commission.get_absolute_url(),
    ):
        assert client.get(url).status_code == 403


def test_un_mandat_nomme_une_academie_une_fois(monde: Monde) -> None:
    compte = monde.a.inspecteur
    with pytest.raises(IntegrityError), transaction.atomic():
        MandatInspection.objects.create(utilisateur=compte, academie=monde.a.etablissement.academie)
    with pytest.raises(IntegrityError), transaction.atomic():
        MandatInspection.objects.create(utilisateur=compte, academie="")
    with pytest.raises(ValidationError, match="inspecte déjà"):
        MandatInspection(utilisateur=compte, academie=monde.a.etablissement.academie).full_clean()


def test_le_mot_de_passe_d_un_inspecteur_n_est_pas_a_un_etablissement(monde: Monde) -> None:
    """Un établissement où il enseigne aussi n’ouvre pas, par lui, ceux de l’académie."""
    Appartenance.objects.create(
        utilisateur=monde.a.inspecteur, etablissement=monde.a.etablissement, role=Role.ENSEIGNANT
    )
    assert monde.a.inspecteur not in Utilisateur.objects.get_queryset().exclusifs([monde.a.etablissement.pk])


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.inspecteur)
    assert requetes(lambda: client.get(page(monde))) == 15
    for rang in range(3):
        eleve = factories.eleve(monde.a.classe, f"BETA{rang}")
        situation = factories.situation(monde.a.classe, monde.a.enseignant, competences=["C1", "C3"])
        factories.evaluation(situation, eleve, "C3", 2)
    assert requetes(lambda: client.get(page(monde))) == 15
