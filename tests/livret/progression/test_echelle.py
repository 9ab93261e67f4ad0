"""La page de l'échelle d'une promotion : lire, remplir, garder les versions, dire les conflits."""

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from livret.models import EchelleAttendue
from livret.progression.attentes import attentes_de
from tests import factories
from tests.litanie import (
    COMMISSION_QUI_SIEGE,
    EQUIPE_ET_ADMINISTRATION,
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.monde import Monde


def url(monde: Monde, nom: str = "echelle") -> str:
    return reverse(f"livret:{nom}", args=[monde.a.promotion.pk])


def case(monde: Monde, code: str, semestre: int) -> str:
    competence = monde.referentiel.competences.get(code=code.split(".")[0])
    if "." not in code:
        return f"c{competence.pk}-{semestre}"
    return f"d{competence.detaillees.exclude(option__code='OUT').get(code=code).pk}-{semestre}"


def envoyer(client: Client, monde: Monde, vue: int, nom: str = "", **cases: str):
    """`C1_3="2"` : C1, troisième semestre."""
    adresses = {}
    for cle, texte in cases.items():
        code, semestre = cle.rsplit("_", 1)
        adresses[case(monde, code.replace("x", "."), int(semestre))] = texte
    return client.post(url(monde, "echelle-enregistrer"), {"vue": vue, "nom": nom, **adresses})


def competences(monde: Monde) -> dict[str, dict[int, int]]:
    return attentes_de([monde.a.promotion])[monde.a.promotion.pk].competences


def test_droits(monde: Monde) -> None:
    for nom in ("echelle", "echelle-pdf", "echelle-xlsx"):
        lecture = {**EQUIPE_ET_ADMINISTRATION, **COMMISSION_QUI_SIEGE}
        assert statuts(monde, url(monde, nom)) == lecture
    enregistrer = {**EQUIPE_SEULE, "enseignant": 302}
    assert statuts(monde, url(monde, "echelle-enregistrer"), "post", {"vue": 0}) == enregistrer


def test_livree_vide(monde: Monde) -> None:
    """Q26 : rien n'est attendu tant que l'équipe n'a rien écrit."""
    reponse = connecte(monde.a.enseignant).get(url(monde))
    table = reponse.context["table"]
    assert [ligne.code for ligne in table.lignes] == ["C1", "C2", "C3", "C4", "C5"]
    assert [case.texte for ligne in table.lignes for case in ligne.cases] == [""] * 30
    assert "à construire" in reponse.content.decode()
    assert EchelleAttendue.objects.count() == 0


def test_l_administrateur_la_lit_sans_la_modifier(monde: Monde) -> None:
    page = connecte(monde.a.administrateur).get(url(monde)).content.decode()
    assert "<input name=" not in page
    assert "Enregistrer l’échelle" not in page


def test_enregistrer_fait_une_version(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    envoyer(client, monde, 0, "Rentrée", C1_1="0", C1_4=" 2 ", C2_6="3", C1x2_5="1")
    assert competences(monde) == {"C1": {1: 0, 4: 2}, "C2": {6: 3}}
    reponse = client.get(url(monde))
    assert [ligne.code for ligne in reponse.context["table"].lignes] == ["C1", "C1.2", "C2", "C3", "C4", "C5"]
    page = reponse.content.decode()
    assert "version 1, en vigueur" in page
    assert "« Rentrée »" in page
    assert "4 cases changées" in page


def test_qui_a_change_quoi(monde: Monde) -> None:
    monde.a.classe.equipe.add(monde.a.collegue)
    envoyer(connecte(monde.a.enseignant), monde, 0, C1_1="0", C2_6="3")
    envoyer(connecte(monde.a.collegue), monde, 1, C1_1="", C2_6="2", C3_3="1")
    assert competences(monde) == {"C2": {6: 2}, "C3": {3: 1}}
    suite = connecte(monde.a.enseignant).get(url(monde)).context["changements"]
    assert [(un.version.numero, un.version.auteur, un.cases) for un in suite] == [
        (
            2,
            monde.a.collegue,
            (
                "C1, 2de S1\xa0: 0 → vide",
                "C2, Tle S2\xa0: 3 → 2",
                "C3, 1re S1\xa0: vide → 1",
            ),
        ),
        (1, monde.a.enseignant, ("C1, 2de S1\xa0: vide → 0", "C2, Tle S2\xa0: vide → 3")),
    ]


def test_ce_qui_n_est_pas_montre_reste(monde: Monde) -> None:
    """Sans les détaillées à l'écran, leurs attentes ne se perdent pas."""
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1.1": {2: 1}, "C1": {1: 0}})
    envoyer(connecte(monde.a.enseignant), monde, 1, C1_1="1")
    lues = attentes_de([monde.a.promotion])[monde.a.promotion.pk]
    assert (lues.competences, list(lues.detaillees.values())) == ({"C1": {1: 1}}, [{2: 1}])


def test_rien_de_change_rien_d_ecrit(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 0}})
    reponse = client.post(
        url(monde, "echelle-enregistrer"), {"vue": 1, case(monde, "C1", 1): "0"}, follow=True
    )
    assert "Aucune case n’a changé" in reponse.content.decode()
    assert EchelleAttendue.objects.count() == 1


@pytest.mark.parametrize("tape", ["4", "NE", "-1", "2,5", "x"])
def test_une_saisie_illisible_est_dite_et_rien_n_est_perdu(monde: Monde, tape: str) -> None:
    reponse = envoyer(connecte(monde.a.enseignant), monde, 0, C1_1=tape, C2_2="1")
    page = reponse.content.decode()
    assert reponse.status_code == 422
    attendue = f"C1, 2de S1\xa0: «\xa0{tape}\xa0» n’est pas un niveau. Tapez 0, 1, 2, 3, ou laissez vide."
    assert reponse.context["table"].fautes == [attendue]
    assert f'name="{case(monde, "C1", 1)}" value="{tape}"' in page
    assert f'name="{case(monde, "C2", 2)}" value="1"' in page
    assert EchelleAttendue.objects.count() == 0


def test_deux_enseignants_sur_des_cases_differentes(monde: Monde) -> None:
    monde.a.classe.equipe.add(monde.a.collegue)
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 0}})
    envoyer(connecte(monde.a.collegue), monde, 1, C1_1="1", C2_2="")
    reponse = envoyer(connecte(monde.a.enseignant), monde, 1, C1_1="0", C2_2="2")
    assert reponse.status_code == 302
    assert competences(monde) == {"C1": {1: 1}, "C2": {2: 2}}


def test_deux_enseignants_sur_la_meme_case(monde: Monde) -> None:
    monde.a.classe.equipe.add(monde.a.collegue)
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 0}})
    envoyer(connecte(monde.a.collegue), monde, 1, C1_1="1", C3_3="2")
    client = connecte(monde.a.enseignant)
    reponse = envoyer(client, monde, 1, C1_1="2", C2_2="1")
    page = reponse.content.decode()
    assert reponse.status_code == 409
    conflits = [(c.nom, c.voulu, c.actuel, c.auteur) for c in reponse.context["conflits"]]
    assert conflits == [("C1, 2de S1", "2", "1", monde.a.collegue.nom_complet)]
    assert f'name="{case(monde, "C1", 1)}" value="2"' in page
    assert f'name="{case(monde, "C2", 2)}" value="1"' in page
    assert f'name="{case(monde, "C3", 3)}" value="2"' in page
    assert '<input type="hidden" name="vue" value="2">' in page
    assert competences(monde) == {"C1": {1: 1}, "C3": {3: 2}}
    envoyer(client, monde, 2, C1_1="2", C2_2="1", C3_3="2")
    assert competences(monde) == {"C1": {1: 2}, "C2": {2: 1}, "C3": {3: 2}}


def test_une_case_d_un_autre_referentiel_ne_s_ecrit_pas(monde: Monde) -> None:
    autre = factories.referentiel(version="2").competences.get(code="C1")
    connecte(monde.a.enseignant).post(
        url(monde, "echelle-enregistrer"), {"vue": 0, f"c{autre.pk}-1": "3", "d0-9": "1", "c1-7": "1"}
    )
    assert EchelleAttendue.objects.count() == 0


def test_une_ancienne_version_se_lit(monde: Monde) -> None:
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 0}})
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 3}})
    client = connecte(monde.a.enseignant)
    reponse = client.get(url(monde) + "?version=1")
    assert reponse.context["table"].lignes[0].cases[0].texte == "0"
    assert "Cette version n’est plus en vigueur." in reponse.content.decode()
    assert "<input name=" not in reponse.content.decode()
    assert [client.get(f"{url(monde)}?version={n}").status_code for n in ("3", "x", "99999")] == [404] * 3


def test_le_pdf_tient_sur_une_page_a4_a_l_italienne(monde: Monde) -> None:
    attentes = {code: {n: min(n // 2, 3) for n in range(1, 7)} for code in ("C1", "C2", "C3", "C4", "C5")}
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, attentes)
    (page,) = PdfReader(BytesIO(connecte(monde.a.enseignant).get(url(monde, "echelle-pdf")).content)).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (842, 595)
    texte = page.extract_text()
    assert "Lycée A" in texte
    assert "C5 Rendre compte" in texte
    assert "Lecture horizontale" in texte


def test_le_classeur(monde: Monde) -> None:
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 0, 4: 2}, "C1.2": {6: 3}})
    reponse = connecte(monde.a.enseignant).get(url(monde, "echelle-xlsx"))
    feuille = load_workbook(BytesIO(reponse.content))["Échelle de compétences"]
    assert list(feuille.iter_rows(values_only=True))[:4] == [
        ("Épreuve", "Code", "Compétence", "2de S1", "2de S2", "1re S1", "1re S2", "Tle S1", "Tle S2"),
        ("EP1", "C1", "Lire un plan", "0", None, None, "2", None, None),
        ("EP1", "C1.2", "Décoder les tolérances", None, None, None, None, None, "3"),
        ("EP1", "C2", "Choisir un procédé", None, None, None, None, None, None),
    ]


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 0}})
    client.get(url(monde))
    assert requetes(lambda: client.get(url(monde))) == 16
    for _ in range(3):
        factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {1: 1, 2: 2}, "C2": {3: 1}})
    assert requetes(lambda: client.get(url(monde))) == 16
