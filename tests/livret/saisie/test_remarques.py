"""Un mot sur une case : la même file, les mêmes règles et le même historique qu'un niveau."""

from typing import Any

import pytest
from django.urls import reverse

from livret.models import (
    Observation,
    Operation,
    Remarque,
    Situation,
)
from referentiel.models import Detaillee
from tests import factories
from tests.litanie import connecte, requetes
from tests.livret.saisie.test_grille import case, url
from tests.livret.saisie.test_operations import envoyer, operation, resultats
from tests.monde import INTRUS, Monde


def remarque(monde: Monde, code: str, texte: str, vu: str = "", rang: int = 0) -> dict[str, Any]:
    return operation(monde, code, texte, vu) | {"case": f"r{case(monde, code, monde.a.eleves[rang])}"}


def remarques(monde: Monde) -> list[tuple[str, str]]:
    return [(une.case, une.texte) for une in monde.a.situation.remarques.order_by("pk")]


def test_une_remarque_sans_niveau_et_sur_une_competence(monde: Monde) -> None:
    seule = remarque(monde, "C1.2", "Cote oubliée.\r\nÀ reprendre. ")
    reponse = envoyer(monde, monde.a.enseignant, seule, remarque(monde, "C1", "Bien mené."))
    assert resultats(reponse) == ["enregistre", "enregistre"]
    assert reponse.json()["resultats"][0]["valeur"] == "Cote oubliée.\nÀ reprendre."
    assert remarques(monde) == [("C1.2", "Cote oubliée.\nÀ reprendre."), ("C1", "Bien mené.")]
    assert not Observation.objects.filter(detaillee__code="C1.2").exists()
    hote = case(monde, "C1.2", monde.a.eleves[0])
    dessin = reponse.json()["cases"][hote]
    assert f'id="m-{hote}" data-remarque="Cote oubliée.\nÀ reprendre."' in dessin
    assert Operation.objects.get(pk=seule["id"]).case == f"r{hote}"


def test_corriger_puis_effacer_garde_l_historique(monde: Monde) -> None:
    auteur = monde.a.enseignant
    envoyer(monde, auteur, remarque(monde, "C1.1", "Un."))
    envoyer(monde, auteur, remarque(monde, "C1.1", "Deux.", vu="Un."))
    reponse = envoyer(monde, auteur, remarque(monde, "C1.1", "", vu="Deux."))
    assert (resultats(reponse), remarques(monde)) == (["enregistre"], [])
    assert [(une.history_type, une.texte, une.history_user) for une in Remarque.history.all()] == [
        ("-", "Deux.", auteur),
        ("~", "Deux.", auteur),
        ("+", "Un.", auteur),
    ]
    assert str(Observation.objects.get(situation=monde.a.situation, eleve=monde.a.eleves[0])) == "2"


def test_un_conflit_dit_qui_a_ecrit_et_laisse_choisir(monde: Monde) -> None:
    monde.a.classe.equipe.add(monde.a.collegue)
    envoyer(monde, monde.a.collegue, remarque(monde, "C1.1", "Du collègue."))
    (resultat,) = envoyer(monde, monde.a.enseignant, remarque(monde, "C1.1", "De moi.")).json()["resultats"]
    assert (resultat["resultat"], resultat["valeur"]) == ("conflit", "Du collègue.")
    assert "<strong>Remarque sur C1.1, ALPHA-A1 Camille</strong>" in resultat["avis"]
    assert f"{monde.a.collegue.nom_complet} y a écrit « Du collègue. »" in resultat["avis"]
    assert remarques(monde) == [("C1.1", "Du collègue.")]


def test_les_memes_refus_que_pour_un_niveau(monde: Monde) -> None:
    a = monde.a
    outilleur = factories.eleve(a.classe, "ZOLA", option=monde.referentiel.options.get(code="OUT"))
    usinage = Detaillee.objects.get(code="C3.1", option__code="USI")
    a.situation.detaillees.add(usinage)
    modele = remarque(monde, "C1.1", "Vu.")
    adresses = [
        f"rd{usinage.pk}-{outilleur.pk}",
        f"r{case(monde, 'C1.1', monde.b.eleves[0])}",
        f"r{case(monde, 'C5', a.eleves[0])}",
        f"r{case(monde, 'C5.1', a.eleves[0])}",
    ]
    motifs = []
    for adresse in adresses:
        reponse = envoyer(monde, a.enseignant, operation(monde, "C1", "") | modele | {"case": adresse})
        assert INTRUS not in reponse.content.decode()
        (resultat,) = reponse.json()["resultats"]
        motifs.append(resultat["motif"])
        Operation.objects.all().delete()
    assert motifs == [
        "C3.1 ne concerne pas l’option OUT, celle de ZOLA Alix.",
        "Cet élève n’est pas dans la classe de la situation.",
        "Cette compétence n’est pas visée par la situation.",
        "Cette compétence détaillée n’est pas visée par la situation.",
    ]
    assert remarques(monde) == []


@pytest.mark.parametrize("adresse", ["rcommentaire-1", "rr1-1", "r1-1", "rd-1", "rx1-1"])
def test_une_adresse_impossible(monde: Monde, adresse: str) -> None:
    envoi = remarque(monde, "C1.1", "Vu.") | {"case": adresse}
    assert resultats(envoyer(monde, monde.a.enseignant, envoi)) == ["refus"]


def test_close_la_situation_refuse(monde: Monde) -> None:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat="close")
    assert resultats(envoyer(monde, monde.a.enseignant, remarque(monde, "C1.1", "Vu."))) == ["refus"]


def test_sans_javascript_depuis_la_fiche(monde: Monde) -> None:
    eleve = monde.a.eleves[0]
    factories.remarque(monde.a.situation, eleve, "C1.1", "Avant.")
    client = connecte(monde.a.enseignant)
    nom, autre = f"r{case(monde, 'C1.1', eleve)}", f"r{case(monde, 'C2', eleve)}"
    fiche = reverse("livret:trace-create", args=[monde.a.situation.pk, eleve.pk])
    page = client.get(fiche).content.decode()
    assert f'name="vu-{nom}" form="saisie" value="Avant."' in page
    suite = client.post(url(monde), {nom: "Après.", f"vu-{nom}": "Avant.", autre: "", f"vu-{autre}": ""})
    assert suite.status_code == 302
    assert remarques(monde) == [("C1.1", "Après.")]


def test_la_remarque_se_lit_dans_la_grille_et_au_livret(monde: Monde) -> None:
    """L'élève la lit une fois la situation visible, dans la page et dans le PDF (Q36)."""
    eleve = monde.a.eleves[0]
    factories.remarque(monde.a.situation, eleve, "C1.1", "Arête <vive>.")
    factories.remarque(monde.b.situation, monde.b.eleves[0], "C1.1", INTRUS)
    grille = connecte(monde.a.enseignant).get(url(monde)).content.decode()
    assert "Remarque\xa0: Arête &lt;vive&gt;." in grille
    livret = eleve.get_absolute_url()
    assert (
        "<strong>C1.1</strong> Arête &lt;vive&gt;."
        in connecte(monde.a.enseignant).get(livret).content.decode()
    )
    compte = connecte(monde.a.compte_eleve)
    assert "Arête" not in compte.get(livret).content.decode()
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat="publiee")
    assert "Arête" in compte.get(livret).content.decode()


def test_un_item_qui_porte_une_remarque_ne_se_retire_pas(monde: Monde) -> None:
    """Q38 : une remarque ou une preuve compte comme un niveau."""
    scene = factories.situation(
        monde.a.classe, monde.a.enseignant, competences=["C1", "C2"], detaillees=["C1.1"], etat="ouverte"
    )
    factories.remarque(scene, monde.a.eleves[0], "C1.1")
    factories.trace(scene, monde.a.eleves[0], competence=scene.competences.get(code="C2"))
    adresse = reverse("livret:situation-update", args=[scene.pk])
    envoi = {
        "intitule": "X",
        "nature": "formative",
        "lieu": "centre",
        "debut": "2026-03-09",
        "fin": "2026-03-13",
    }
    page = connecte(monde.a.enseignant).post(adresse, envoi).content.decode()
    assert "C1.1 porte 1 saisie et ne peut pas être retirée" in page
    assert "C2 porte 1 saisie et ne peut pas être retirée" in page
    assert scene.porte() == "1 commentaire et 1 preuve"


def test_requetes(monde: Monde) -> None:
    """Une de plus que pour des niveaux ; autant pour une remarque que pour quatre."""
    auteur = monde.a.enseignant
    client = connecte(auteur)

    def poster(*operations: dict[str, Any]) -> int:
        corps = {"personne": auteur.pk, "operations": operations}
        adresse = reverse("livret:operations", args=[monde.a.situation.pk])
        return requetes(lambda: client.post(adresse, corps, content_type="application/json"))

    quatre = [remarque(monde, code, "Vu.", rang=rang) for code in ("C1.2", "C2.1") for rang in (0, 1)]
    assert (poster(remarque(monde, "C1.1", "Vu.")), poster(*quatre)) == (14, 14)
