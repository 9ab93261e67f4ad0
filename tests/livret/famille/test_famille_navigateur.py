"""Les pages de la famille dans un vrai navigateur : sans faute d'axe, à toutes les tailles."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from livret.models import Etablissement, Responsable, Situation
from tests import factories
from tests.ecran import accessible, sans_debordement
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)
TAILLES = (390, 820, 1440)


@pytest.mark.long
def test_lire_un_bilan_et_le_dire(monde: Monde, page: Page, connecter: Callable, capturer: Callable) -> None:
    Etablissement.objects.update(familles=True)
    Situation.objects.update(etat="publiee")
    parent = factories.utilisateur(identifiant="parent")
    Responsable.objects.create(compte=parent, eleve=monde.a.eleves[0])
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")
    connecter(page, parent)
    page.goto("/")
    expect(page.get_by_role("heading", name="Mes enfants")).to_be_visible()
    for chemin in ("/famille/", f"/famille/{monde.a.eleves[0].pk}/", f"/famille/bilans/{bilan.pk}/"):
        page.goto(chemin)
        for largeur in TAILLES:
            page.set_viewport_size({"width": largeur, "height": 900})
            accessible(page, (chemin, largeur))
            sans_debordement(page)
            capturer(page, f"famille{chemin.replace('/', '-')}{largeur}")
    assert page.request.get(f"/famille/bilans/{bilan.pk}/bilan.pdf").body().startswith(b"%PDF")
    page.get_by_role("button", name="J’ai lu ce bilan").click()
    expect(page.get_by_text("Vous avez noté l’avoir lu")).to_be_visible()
    connecter(page, monde.a.enseignant)
    for chemin, dit in (
        (f"/bilans/{bilan.pk}/", parent.nom_complet),
        (f"/classes/{monde.a.classe.pk}/bilans/?semestre=6", "lu le"),
    ):
        page.goto(chemin)
        expect(page.get_by_text(dit).first).to_be_visible()
        for largeur in TAILLES:
            page.set_viewport_size({"width": largeur, "height": 900})
            accessible(page, (chemin, largeur))
            sans_debordement(page)
            capturer(page, f"famille-equipe-{largeur}{chemin.split('/')[1]}")
    connecter(page, monde.a.administrateur)
    page.goto(f"/administration/eleves/{monde.a.eleves[0].pk}/responsables/")
    expect(page.get_by_role("heading", name="Bilans lus")).to_be_visible()
    accessible(page)
    capturer(page, "famille-responsables")
