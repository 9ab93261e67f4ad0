"""Depuis la grille : une photo, une remarque, une phrase reprise ; au doigt, au clavier, sans réseau."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from livret.models import Phrase, Remarque, Trace
from tests import factories
from tests.ecran import accessible, sans_debordement
from tests.livret.photo import (
    HAUTEUR,
    LARGEUR,
    SECRETS,
    jpeg,
)
from tests.livret.saisie.test_grille_navigateur import (
    TABLETTE,
    adresse,
    case,
    nouvelle,
    tout_est_enregistre,
)
from tests.monde import Monde
from tests.retenue import Retenue

pytestmark = pytest.mark.django_db(transaction=True)


def test_une_photo_ajoutee_depuis_la_grille(
    monde: Monde, ouvrir_page: Callable, connecter: Callable, capturer: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    page = ouvrir_page(TABLETTE, has_touch=True)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    cle = case("C1.1", eleves[0])
    page.locator(f"#{cle}").tap()
    page.get_by_role("button", name="Photo, fichier").tap()
    volet = page.get_by_role("dialog")
    photo = volet.get_by_label("Prendre une photo")
    expect(photo).to_have_attribute("capture", "environment")
    photo.set_input_files({"name": "IMG_0042.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    volet.get_by_label("Légende").fill("Mors doux en place")
    volet.get_by_label("Imprimer dans le dossier").check()
    volet.get_by_role("button", name="Ajouter la preuve").tap()
    image = volet.get_by_role("img", name="Mors doux en place")
    expect(image).to_be_visible()
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("image => image.naturalWidth") > 0
    accessible(page)
    capturer(page, "grille-photo")
    recue = page.request.get(volet.get_by_role("link", name="Mors doux en place").get_attribute("href"))
    assert [secret for secret in (*SECRETS, b"Exif") if secret in recue.body()] == []
    lue = Image.open(BytesIO(recue.body()))
    assert (lue.size, dict(lue.getexif())) == ((HAUTEUR, LARGEUR), {})
    volet.get_by_role("button", name="Fermer").tap()
    expect(page.locator(f"td:has(#{cle}) .signe-preuve")).to_have_count(1)
    expect(page.locator(f"#{cle}")).to_be_focused()
    page.reload()
    expect(page.locator(f"td:has(#{cle}) .signe-preuve")).to_have_attribute("title", "1 preuve")
    assert Trace.objects.get().au_dossier


def test_un_volet_lent_a_s_ouvrir_n_efface_pas_la_remarque(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 1)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    cle = case("C1.1", eleves[0])
    preuves = Retenue(page, "/eleves/**")
    page.locator(f"#{cle}").focus()
    page.keyboard.press("r")
    expect(page.get_by_label("Remarque sur cette case")).to_be_focused()
    preuves.attendre()
    page.keyboard.type("Cote oubliée.")
    page.keyboard.press("Tab")
    remarque = page.locator(f"td:has(#{cle}) .signe-mot")
    expect(remarque).to_have_attribute("title", "Cote oubliée.")
    preuves.laisser_passer()
    expect(page.locator("#preuves")).not_to_contain_text("Chargement")
    expect(remarque).to_have_attribute("title", "Cote oubliée.")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Annuler").click()
    expect(remarque).to_have_count(0)
    tout_est_enregistre(page)
    assert [une.history_type for une in Remarque.history.order_by("history_id")] == ["+", "-"]


def test_une_remarque_et_ses_phrases_au_clavier(monde: Monde, page: Page, connecter: Callable) -> None:
    scene, eleves = nouvelle(monde, 2)
    factories.phrase(monde.a.enseignant, "Reprendre le plan.")
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    cle = case("C1.1", eleves[0])
    page.locator(f"#{cle}").focus()
    page.keyboard.press("r")
    mots = page.get_by_label("Remarque sur cette case")
    expect(mots).to_be_focused()
    page.keyboard.type("Cote oubliée.")
    page.get_by_role("button", name="Reprendre le plan.").press("Enter")
    expect(mots).to_be_focused()
    expect(mots).to_have_value("Cote oubliée. Reprendre le plan.")
    page.get_by_role("button", name="Ajouter ce texte à mes phrases").press("Enter")
    expect(page.locator("#phrases button")).to_have_count(2)
    page.keyboard.press("Escape")
    tout_est_enregistre(page)
    expect(page.locator(f"#{cle}")).to_be_focused()
    expect(page.locator(f"td:has(#{cle}) .signe-mot")).to_have_attribute(
        "title", "Cote oubliée. Reprendre le plan."
    )
    expect(page.locator(f"td:has(#{cle})")).to_have_class(re.compile("enregistree"))
    assert Phrase.objects.for_user(monde.a.enseignant).count() == 2
    # Le commentaire de la fiche se complète par le même volet, et une remarque s'annule comme un niveau.
    page.locator(f"#commentaire-{eleves[0].pk}").focus()
    page.keyboard.press("Alt+r")
    page.get_by_role("button", name="Reprendre le plan.", exact=True).press("Enter")
    page.keyboard.press("Escape")
    tout_est_enregistre(page)
    assert scene.fiches.get().commentaire == "Reprendre le plan."
    for _ in range(3):
        page.get_by_role("button", name="Annuler").click()
    expect(page.locator(f"td:has(#{cle}) .signe-mot")).to_have_count(0)
    tout_est_enregistre(page)
    assert (scene.remarques.count(), Remarque.history.filter(situation=scene).count()) == (0, 4)


def test_sans_reseau_la_remarque_attend_et_la_photo_le_dit(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    page.context.set_offline(True)
    page.locator(f"#{case('C1', eleves[1])}").focus()
    page.keyboard.press("r")
    expect(page.locator("#preuves")).to_contain_text("Pas de réseau")
    page.keyboard.type("Bien mené.")
    page.keyboard.press("Escape")
    expect(page.locator("#saisies-en-attente")).to_have_text("1 saisie en attente")
    page.context.set_offline(False)
    expect(page.locator("#saisies-en-attente")).to_be_hidden()
    expect(page.locator(f"td:has(#{case('C1', eleves[1])}) .signe-mot")).to_have_count(1)
    assert [(une.case, une.texte) for une in scene.remarques.all()] == [("C1", "Bien mené.")]


def test_la_fiche_et_la_banque_sur_un_telephone(
    monde: Monde, telephone: Page, connecter: Callable, capturer: Callable
) -> None:
    scene, eleve = monde.a.situation, monde.a.eleves[0]
    factories.phrase(monde.a.enseignant)
    factories.remarque(scene, eleve, "C1.1")
    factories.photo(scene, eleve, jpeg(), texte="Mors doux en place")
    connecter(telephone, monde.a.enseignant)
    for chemin in (f"/situations/{scene.pk}/eleves/{eleve.pk}/", "/phrases/", eleve.get_absolute_url()):
        telephone.goto(chemin)
        accessible(telephone)
        sans_debordement(telephone)
        capturer(telephone, f"traces-{chemin.strip('/').replace('/', '-')}")
