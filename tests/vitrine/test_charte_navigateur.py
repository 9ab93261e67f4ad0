"""La charte en images : un composant qui change se voit. CHARTE=1 reprend les images gardées."""

import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test.utils import override_settings
from django.urls import reverse
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page

from tests.conftest import CAPTURES, NAVIGATEURS, chromium
from tests.ecran import accessible, sans_debordement
from trpm.impression.polices import FACES, FAMILLE, police

pytestmark = pytest.mark.django_db(transaction=True)

MODELES = Path(__file__).parent / "charte"
LARGEURS = (390, 820, 1440, 1920)
ECART, PART = 60, 0.002
"""Un point a changé au-delà de cet écart de gris ; une image, au-delà de cette part de points."""


@pytest.fixture(scope="module")
def browser(launch_browser: Callable[..., Browser]) -> Iterator[Browser]:
    """Celui qui a pris les images gardées : sans ses fenêtres, il lisse autrement les lettres."""
    navigateur = launch_browser(executable_path=chromium(*NAVIGATEURS[1:]))
    yield navigateur
    navigateur.close()


def police_des_pages() -> str:
    """La police du paquet, pour que l'image ne dépende pas de celles de la machine."""
    regles = [
        f"@font-face{{font-family:Charte;font-style:{style};font-weight:{graisse};"
        f"src:url(data:font/ttf;base64,{b64encode(police(adresse)).decode()})}}"
        for adresse, (famille, style, _, graisse) in FACES.items()
        if famille == FAMILLE
    ]
    return "".join(regles) + "*{font-family:Charte!important}"


def differents(image: Image.Image, modele: Image.Image) -> tuple[float, Image.Image]:
    """Part des points qui ont changé, et leur image."""
    ecart = ImageChops.difference(image.convert("L"), modele.convert("L")).point(
        lambda gris: 255 if gris > ECART else 0
    )
    return ecart.histogram()[255] / (ecart.width * ecart.height), ecart


@pytest.mark.parametrize("clarte", ["light", "dark"])
@pytest.mark.parametrize("largeur", LARGEURS)
def test_la_charte_n_a_pas_change(ouvrir_page: Callable[..., Page], largeur: int, clarte: str) -> None:
    page = ouvrir_page({"width": largeur, "height": 900}, color_scheme=clarte, bypass_csp=True)
    with override_settings(DEBUG=True):
        page.goto(reverse("charte"))
    accessible(page)
    sans_debordement(page)
    bords = [page.locator(f"{un} >> nth=0").bounding_box()["x"] for un in (".marque", "h1", "table")]
    assert max(bords) - min(bords) <= 1, "l’en-tête et le contenu commencent au même trait"
    page.add_style_tag(content=police_des_pages())
    page.evaluate("document.fonts.ready.then(() => {})")
    nom = f"{largeur}-{clarte}.png"
    CAPTURES.mkdir(exist_ok=True)
    page.get_by_role("main").screenshot(path=CAPTURES / f"charte-{nom}")
    image = Image.open(CAPTURES / f"charte-{nom}").convert("L")
    if os.environ.get("CHARTE"):
        MODELES.mkdir(exist_ok=True)
        image.quantize(32).save(MODELES / nom, optimize=True)
    modele = Image.open(MODELES / nom).convert("L")
    assert image.size == modele.size, f"la page mesure {image.size}, l’image gardée {modele.size}"
    part, ecart = differents(image, modele)
    ecart.save(CAPTURES / f"charte-ecart-{nom}")
    assert part < PART, f"{part:.2%} des points ont changé : voir captures/charte-ecart-{nom}"
