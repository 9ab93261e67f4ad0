"""La page lue par le lecteur XML est celle que lirait le lecteur du HTML."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
import tinyhtml5

from trpm.impression import lecture


def par_le_html(page: str) -> ET.Element:
    return tinyhtml5.parse(page, namespace_html_elements=False)


def verifier(lues: list[str]) -> None:
    """Chaque page se lit en XML, et donne l’arbre que donnerait le lecteur du HTML."""
    assert lues
    for page in tuple(lues):
        assert lecture._bien_formee(page) is not None
        assert list(forme(lecture.arbre(page))) == list(forme(par_le_html(page)))


def forme(arbre: ET.Element) -> Iterator[tuple]:
    """Balises, attributs et textes ; les blancs ne comptent pas là où ils ne se voient pas."""
    for element in arbre.iter():
        attributs = {nom: valeur for nom, valeur in element.attrib.items() if "xmlns" not in nom}
        yield element.tag, attributs, " ".join((element.text or "").split()), len(element)
        yield " ".join((element.tail or "").split())


@pytest.mark.parametrize(
    "page",
    [
        '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>É &amp; È</title></head>'
        '<body><p>Un<br>deux&nbsp;: &eacute;</p><img alt="a > b" src="data:,x"></body></html>',
        "<html><head><title>T</title></head><body><table><tr><td>1</td></tr></table>"
        '<svg viewBox="0 0 1 1"><path/></svg></body></html>',
    ],
)
def test_une_page_bien_formee_donne_le_meme_arbre(page: str) -> None:
    assert lecture._bien_formee(page) is not None
    assert list(forme(lecture.arbre(page))) == list(forme(par_le_html(page)))


@pytest.mark.parametrize(
    "page",
    [
        "<html lang=fr><title>T</title><body><p>Un<p>Deux</body></html>",
        "<html><head></head><body><p>Fin",
        '<!doctype html [<!ENTITY a "b">]><html><head></head><body>&a;</body></html>',
    ],
)
def test_le_reste_se_lit_comme_du_html(page: str) -> None:
    assert lecture._bien_formee(page) is None
    assert list(forme(lecture.arbre(page))) == list(forme(par_le_html(page)))
