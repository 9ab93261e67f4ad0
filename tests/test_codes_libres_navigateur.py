"""Des codes faits de signes qui fâchent, dans le navigateur : la commission décide, la grille enregistre."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from certification.models import Decision
from livret.models import Evaluation
from referentiel.models import Competence
from tests.ecran import sans_debordement
from tests.monde import Monde
from tests.test_codes_libres import niveaux_longs, renommer
from trpm.textes import ancre

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fautes(page: Page) -> list[str]:
    """Ce que la page crie dans sa console."""
    dites: list[str] = []
    page.on("pageerror", lambda erreur: dites.append(str(erreur)))
    return dites


def test_la_commission_decide(monde: Monde, page: Page, connecter: Callable, fautes: list[str]) -> None:
    renommer()
    camille = monde.a.dossiers[0]
    connecter(page, monde.a.president)
    page.goto(camille.get_absolute_url())
    for code, valeur in (('"', 2), ("$x^$", 3)):
        ligne = page.locator(f"#{ancre(code)}")
        with page.expect_response("**/niveaux/**"):
            ligne.locator(f"#{ancre(code)}-{valeur}").click()
        expect(page.locator(f"#{ancre(code)} .trace")).to_be_visible()
    prises = Decision.objects.filter(dossier=camille).values_list("competence__code", "niveau__valeur")
    assert dict(prises) == {'"': 2, "$x^$": 3}
    assert fautes == []


def test_la_grille_enregistre(monde: Monde, page: Page, connecter: Callable, fautes: list[str]) -> None:
    renommer()
    eleve, competence = monde.a.eleves[0], Competence.objects.get(referentiel=monde.referentiel, code='"')
    connecter(page, monde.a.enseignant)
    page.goto(f"/situations/{monde.a.situation.pk}/grille/")
    case = page.locator(f"#c{competence.pk}-{eleve.pk}")
    with page.expect_response("**/operations/"):
        case.fill("ABCDE")
        case.press("Enter")
    expect(page.locator("td.attente")).to_have_count(0)
    lue = Evaluation.objects.get(situation=monde.a.situation, eleve=eleve, competence=competence)
    assert lue.niveau.code == "ABCDE"
    assert fautes == []


@pytest.mark.parametrize("largeur", [390, 820, 1440, 1920])
def test_un_niveau_de_cinq_signes_ne_deborde_pas_de_sa_colonne(
    monde: Monde, page: Page, connecter: Callable, largeur: int
) -> None:
    niveaux_longs(monde)
    page.set_viewport_size({"width": largeur, "height": 900})
    connecter(page, monde.a.president)
    page.goto(monde.a.dossiers[0].get_absolute_url())
    propose = page.locator(".ligne-propose .niveau").first.bounding_box()
    arrete = page.locator(".ligne-arrete").first.bounding_box()
    assert propose
    assert arrete
    a_cote = propose["x"] + propose["width"] <= arrete["x"]
    assert a_cote or propose["y"] + propose["height"] <= arrete["y"]
    sans_debordement(page)
