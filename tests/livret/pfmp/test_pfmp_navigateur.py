"""Les PFMP dans un vrai navigateur : prévoir pour une classe, puis lire sur un téléphone."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from livret.models import Sejour
from tests import factories
from tests.ecran import accessible, sans_debordement
from tests.livret.pfmp.scene import scene
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)


def verifier(page: Page) -> None:
    accessible(page)
    sans_debordement(page)


def test_prevoir_une_pfmp_pour_la_classe(page: Page, connecter, capturer: Callable, monde: Monde) -> None:
    tenue = scene(monde.a)
    connecter(page, monde.a.enseignant)
    page.goto(monde.a.classe.get_absolute_url())
    page.get_by_role("link", name="PFMP").click()
    verifier(page)
    page.get_by_role("link", name="Prévoir une PFMP").click()
    verifier(page)
    page.get_by_label("Intitulé").fill("PFMP de mars")
    page.get_by_label("Du", exact=False).first.fill("2026-03-02")
    page.get_by_label("Au", exact=False).first.fill("2026-03-27")
    page.get_by_label("Entreprise et tuteur de ALPHA-A1 Camille").select_option(f"t{tenue.tuteur.pk}")
    page.get_by_label("Enseignant référent de ALPHA-A1 Camille").select_option("Enseignant-A Personne-A")
    capturer(page, "pfmp-prevoir")
    page.get_by_role("button", name="Créer la période").click()
    page.wait_for_url("**/pfmp/#p*")
    assert Sejour.objects.filter(pfmp__periode__intitule="PFMP de mars").count() == 1
    for nom, objet in (
        ("annexe", tenue.camille),
        ("sejour-update", tenue.sejour),
        ("entreprise", tenue.entreprise),
        ("periode-relances", tenue.periode),
    ):
        page.goto(reverse(f"livret:{nom}", args=[objet.pk]))
        verifier(page)


def test_placer_vingt_quatre_eleves_en_une_seance(
    page: Page, connecter, capturer: Callable, monde: Monde
) -> None:
    """Chaque acte est compté : une même entreprise, neuve, prend toute la classe."""
    for rang in range(22):
        factories.eleve(monde.a.classe, f"ÉLÈVE {rang:02}")
    connecter(page, monde.a.enseignant)
    page.goto(reverse("livret:periode-create", args=[monde.a.classe.pk]))
    premier = "ALPHA-A1 Camille"
    actes: list[Callable[[], object]] = [
        lambda: page.get_by_label("Du", exact=False).first.fill("2026-03-02"),
        lambda: page.get_by_label("Au", exact=False).first.fill("2026-03-27"),
        lambda: page.get_by_label(f"Entreprise et tuteur de {premier}", exact=True).select_option("+"),
        lambda: page.keyboard.type("Fraisage du Val"),
        lambda: page.get_by_label("Ville").fill("Dax"),
        lambda: page.get_by_label("Nom du tuteur").fill("Alix Tuteur"),
        lambda: page.get_by_role("button", name="Ajouter au carnet").click(),
        lambda: page.get_by_role("button", name=f"vers le bas l’entreprise de {premier}").click(),
        lambda: page.get_by_label(f"Enseignant référent de {premier}", exact=True).select_option(
            "Enseignant-A Personne-A"
        ),
        lambda: page.get_by_role("button", name=f"vers le bas le référent de {premier}").click(),
        lambda: page.get_by_role("button", name="Créer la période").click(),
    ]
    for rang, acte in enumerate(actes):
        acte()
        if rang == 9:
            expect(page.locator("#recopie")).to_have_text("Recopié sur 23 lignes.")
            expect(page.locator("#duree")).to_contain_text("20 jours du lundi au vendredi.")
            verifier(page)
            capturer(page, "pfmp-placement")
    page.wait_for_url("**/pfmp/#p*")
    assert len(actes) <= 24 + 10
    placees = Sejour.objects.filter(pfmp__periode__classe=monde.a.classe, tuteur__nom="Alix Tuteur")
    assert placees.filter(pfmp__referent=monde.a.enseignant).count() == 24


def test_l_eleve_lit_sa_pfmp_sur_son_telephone(
    telephone: Page, connecter, capturer: Callable, monde: Monde
) -> None:
    tenue = scene(monde.a)
    connecter(telephone, monde.a.compte_eleve)
    telephone.goto(reverse("livret:mon-livret"))
    telephone.get_by_role("link", name="semaines").click()
    verifier(telephone)
    telephone.get_by_role("link", name="PFMP A").click()
    verifier(telephone)
    capturer(telephone, "pfmp-eleve-telephone")
    assert telephone.get_by_role("link", name="Usinage A").count() == 0
    connecter(telephone, monde.a.enseignant)
    for adresse in (
        tenue.camille.get_absolute_url(),
        reverse("livret:classe-pfmp", args=[monde.a.classe.pk]),
    ):
        telephone.goto(adresse)
        verifier(telephone)
