"""Le mode « postes » dans Chromium : au doigt sur une tablette, puis sans réseau."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from livret.models import Eleve, Poste, Situation
from tests import factories
from tests.ecran import accessible, sans_debordement
from tests.livret.saisie.test_grille_navigateur import (
    TABLETTE,
    adresse,
    case,
    nouvelle,
    tout_est_enregistre,
)
from tests.livret.saisie.test_hors_ligne_navigateur import attendre
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def atelier(monde: Monde) -> tuple[Situation, list[Eleve], list[Poste]]:
    """Quatre élèves, deux postes, deux tours : ELEVE0 et ELEVE1 commencent par la fraiseuse."""
    scene, eleves = nouvelle(monde, 4)
    postes = [factories.poste(scene, "Fraiseuse", "C1.1"), factories.poste(scene, "Contrôle", "C1.2", "C1")]
    for rang, eleve in enumerate(eleves):
        for tour in (1, 2):
            factories.affectation(postes[(rang // 2 + tour - 1) % 2], eleve, tour)
    return scene, eleves, postes


def montre(page: Page, *noms: str) -> None:
    expect(page.locator("table.saisie tbody th")).to_have_text([f"{nom} Alix" for nom in noms])


def test_un_poste_au_doigt_deux_eleves_puis_le_tour_suivant(
    monde: Monde,
    atelier: tuple[Situation, list[Eleve], list[Poste]],
    ouvrir_page: Callable[..., Page],
    connecter: Callable,
    capturer: Callable,
) -> None:
    scene, eleves, _ = atelier
    tablette = ouvrir_page(TABLETTE, has_touch=True, is_mobile=True)
    connecter(tablette, monde.a.enseignant)
    tablette.goto(scene.get_absolute_url())
    tablette.get_by_role("link", name="Fraiseuse").tap()
    montre(tablette, "ELEVE0", "ELEVE1")
    expect(tablette.locator("thead th.code")).to_have_count(1)
    clavier = tablette.get_by_role("toolbar", name="Niveaux")
    tablette.locator(f"#{case('C1.1', eleves[0])}").tap()
    for texte in ("3", "1"):
        clavier.locator(f"button[data-texte='{texte}']").tap()
    tout_est_enregistre(tablette)
    for lien in tablette.locator(".tournee a").all():
        cadre = lien.bounding_box()
        assert cadre
        assert (cadre["width"] >= 44, cadre["height"] >= 44) == (True, True)
    accessible(tablette)
    sans_debordement(tablette)
    capturer(tablette, "grille-poste")
    tablette.get_by_role("link", name="Tour suivant").tap()
    montre(tablette, "ELEVE2", "ELEVE3")
    niveaux = {une.eleve.nom: str(une) for une in scene.observations.select_related("eleve")}
    assert niveaux == {"ELEVE0": "3", "ELEVE1": "1"}


def test_sans_reseau_on_change_de_tour_et_de_poste_puis_tout_part(
    monde: Monde,
    atelier: tuple[Situation, list[Eleve], list[Poste]],
    new_context: Callable,
    live_server,
    connecter: Callable,
) -> None:
    """La console dit ici des envois qui échouent : ce test les provoque."""
    scene, eleves, (fraiseuse, controle) = atelier
    page = new_context(base_url=live_server.url, reduced_motion="reduce").new_page()
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    page.goto(f"{adresse(scene)}?poste={fraiseuse.pk}&tour=1")
    gardees = [
        adresse(scene),
        *(
            f"{adresse(scene)}?poste={poste}&tour={tour}"
            for poste, tour in ((fraiseuse.pk, 1), (fraiseuse.pk, 2), (controle.pk, 1))
        ),
    ]
    boite = 'caches.open("grilles-" + document.documentElement.dataset.personne)'
    toutes = f"Promise.all({json.dumps(gardees)}.map((une) => boite.match(une)))"
    attendre(page, f"{boite}.then((boite) => {toutes}).then((lues) => lues.every(Boolean))")
    page.context.set_offline(True)
    page.reload()
    page.locator(f"#{case('C1.1', eleves[0])}").focus()
    page.keyboard.type("32")
    page.get_by_role("link", name="Tour suivant").click()
    montre(page, "ELEVE2", "ELEVE3")
    page.locator(f"#{case('C1.1', eleves[2])}").focus()
    page.keyboard.type("1")
    compteur = page.locator("#saisies-en-attente")
    expect(compteur).to_have_text("3 saisies en attente")
    assert compteur.get_attribute("href") == f"{adresse(scene)}?poste={fraiseuse.pk}&tour=1"
    page.get_by_role("link", name="Grille entière").click()
    montre(page, "ELEVE0", "ELEVE1", "ELEVE2", "ELEVE3")
    expect(page.locator("td.attente")).to_have_count(3)
    page.context.set_offline(False)
    expect(compteur).to_be_hidden()
    assert {une.eleve.nom: str(une) for une in scene.observations.select_related("eleve")} == {
        "ELEVE0": "3",
        "ELEVE1": "2",
        "ELEVE2": "1",
    }
