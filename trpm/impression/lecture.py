"""Lire une page imprimable : par le lecteur XML quand elle est bien formée, sinon par celui du HTML.

Le premier va cinquante fois plus vite et rend le même arbre (`tests/test_socle_lecture.py` le vérifie pour
chaque document) ; le second, écrit en Python, prenait un septième d’un PDF. Module pur.
"""

from __future__ import annotations

import re
from html.entities import html5
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

from trpm.base.a_la_demande import ALaDemande

cssselect2, tinyhtml5 = ALaDemande("cssselect2"), ALaDemande("tinyhtml5")

SVG = "http://www.w3.org/2000/svg"
_VIDES = re.compile(
    r"<(area|base|br|col|hr|img|input|link|meta|source|wbr)\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)\s*/?>"
)
_NOMMEES = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(\w+;)")
_DESSINS = re.compile(r"<svg\b(?![^>]*\bxmlns=)")


def arbre(html: str) -> ET.Element:
    lue = _bien_formee(html)
    if lue is not None:
        return lue
    return tinyhtml5.parse(BytesIO(html.encode()), namespace_html_elements=False, override_encoding="utf-8")


def racine(html: str) -> Any:
    """La même, telle que la mise en page la parcourt."""
    return cssselect2.ElementWrapper.from_html_root(arbre(html), content_language=None)


def _bien_formee(html: str) -> ET.Element | None:
    """Rien si ce n’est pas du XML ; une page ne déclare aucune entité : tout texte y est échappé."""
    if "<!ENTITY" in html:
        return None
    lecteur = ET.XMLParser()  # noqa: S314
    try:
        lecteur.feed(en_xml(html))
        lue: ET.Element = lecteur.close()
    except ET.ParseError:
        return None
    for table in lue.iter("table"):
        _entourer(table)
    return lue


def _entourer(table: ET.Element) -> None:
    """Le `<tbody>` que le HTML sous-entend autour des rangées d’un tableau."""
    enfants, corps = list(table), None
    if all(enfant.tag != "tr" for enfant in enfants):
        return
    table[:] = []
    for enfant in enfants:
        if enfant.tag != "tr":
            table.append(enfant)
            corps = None
            continue
        if corps is None:
            corps = ET.SubElement(table, "tbody")
        corps.append(enfant)


def en_xml(html: str) -> str:
    texte = _VIDES.sub(r"<\1\2/>", html.replace("<!doctype html>", "", 1))
    texte = _NOMMEES.sub(lambda trouve: html5.get(trouve[1], trouve[0]), texte)
    return _DESSINS.sub(f'<svg xmlns="{SVG}"', texte)
