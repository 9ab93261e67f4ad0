"""Un tirage sans mise en page : les mots du document, dans un PDF que tout lecteur ouvre.

Savoir qui reçoit un document, et combien de requêtes il demande, ne dépend pas de sa mise en page, qui prend
presque tout le temps. Ce que chaque document montre se lit ailleurs, dans un vrai tirage.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from unittest.mock import patch

import weasyprint
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject


def pdf_de(texte: str) -> bytes:
    """Un PDF d'une page, qui donne à lire `texte`, et le porte aussi en titre."""
    ecrit, sortie = PdfWriter(), BytesIO()
    page = ecrit.add_blank_page(595, 842)
    police = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        }
    )
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): police})}
    )
    octets = " ".join(texte.split()).encode("cp1252", errors="replace")
    for reserve in (b"\\", b"(", b")"):
        octets = octets.replace(reserve, b"\\" + reserve)
    flux = DecodedStreamObject()
    flux.set_data(b"BT /F1 8 Tf (" + octets + b") Tj ET")
    page[NameObject("/Contents")] = ecrit._add_object(flux)
    ecrit.add_metadata({"/Title": texte[:200]})
    ecrit.write(sortie)
    return sortie.getvalue()


def _tire(html: weasyprint.HTML, *_: object, **__: object) -> bytes:
    return pdf_de(" ".join(html.etree_element.itertext()))


@contextmanager
def sans_mise_en_page() -> Iterator[None]:
    with patch.object(weasyprint.HTML, "write_pdf", _tire):
        yield
