"""Les images de la démonstration, dessinées faute d'atelier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO

from PIL import Image, ImageDraw

AXE = ((60, 120), (190, 190), (150, 150), (230, 100))  # longueur et diamètre de chaque portée, en pixels


def axe_de_came(taille: tuple[int, int] = (800, 600), *, cotes: bool = False) -> Image.Image:
    """Un axe étagé, éclairé d'en haut, posé sur le marbre ; avec ses cotes s'il le faut."""
    image = Image.new("RGB", taille, "#c9d1d6")
    dessin = ImageDraw.Draw(image)
    dessin.rectangle((0, 430, *taille), fill="#7d868c")
    gauche, milieu = 85, 320
    for longueur, diametre in AXE:
        for y in range(diametre):
            eclat = 235 - abs(y - diametre // 3) * 330 // diametre
            ligne = milieu - diametre // 2 + y
            dessin.line((gauche, ligne, gauche + longueur, ligne), fill=(eclat, eclat, min(255, eclat + 8)))
        if cotes:
            _coter(dessin, gauche + longueur // 2, milieu, diametre)
        gauche += longueur
    return image


def _coter(dessin: ImageDraw.ImageDraw, x: int, milieu: int, diametre: int) -> None:
    haut, bas = milieu - diametre // 2 - 25, milieu + diametre // 2 + 25
    dessin.line((x, haut, x, bas), fill="#b3261e", width=2)
    for y in (milieu - diametre // 2, milieu + diametre // 2):
        dessin.line((x - 8, y, x + 8, y), fill="#b3261e", width=3)
    dessin.text(
        (x, haut - 28), f"Ø {diametre / 5:.2f}".replace(".", ","), fill="#b3261e", font_size=22, anchor="ma"
    )


def axe_epaule() -> Image.Image:
    """Un axe épaulé et ses cotes."""
    image = Image.new("RGB", (960, 640), "#dfe4ea")
    dessin = ImageDraw.Draw(image)
    for gauche, haut, droite, bas in ((140, 250, 380, 390), (380, 200, 640, 440), (640, 270, 820, 370)):
        dessin.rectangle((gauche, haut, droite, bas), fill="#9aa7b5", outline="#3c4654", width=4)
        dessin.line((gauche, bas + 70, droite, bas + 70), fill="#1b4b82", width=3)
    dessin.line((100, 320, 860, 320), fill="#b3261e", width=2)
    return image


def paraphe(points: Sequence[tuple[int, int]]) -> bytes:
    feuille = Image.new("RGBA", (600, 220))
    ImageDraw.Draw(feuille).line(points, fill="black", width=5, joint="curve")
    return png(feuille)


def png(image: Image.Image) -> bytes:
    sortie = BytesIO()
    image.save(sortie, "PNG")
    return sortie.getvalue()


DESSINS: dict[str, Callable[[], Image.Image]] = {
    "axe de came": axe_de_came,
    "axe de came coté": partial(axe_de_came, cotes=True),
    "axe épaulé": axe_epaule,
}
