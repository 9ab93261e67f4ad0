"""Mettre en page un très long document par morceaux, puis les coudre : le temps et la mémoire d’un morceau.

Le gabarit dit où l’on peut couper, entre deux enfants de la page, par `MARQUE` ; avant la première, ce que
chaque morceau reprend (titre, en-tête et pied). Un morceau commence une page : un document ordinaire n’en
fait qu’un, et reste d’un seul tenant.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from time import thread_time

from django.template.loader import render_to_string

from trpm.impression import bornes, documents, memoire
from trpm.impression.assemblage import pdf_cousu

MARQUE = "<!--morceau-->"
TAILLE = 500_000
"""Signes de HTML dans un morceau : une trentaine de pages d’un livret."""
FIN = "</body></html>"
SANS_NUMERO = '@page { @bottom-right { content: "" } }'

_TITRES = re.compile(r"<h([1-6])\b")
_NUMERO = """<html lang="fr"><head><title>Pages</title><style>
{feuille}
@page {{ @bottom-right {{ content: "page " counter(page) " / {total}" }} }}
div + div {{ break-before: page }}
</style></head><body>{pages}</body></html>"""


def pdf(
    template: str, context: dict[str, object], *, styles: Sequence[str] = (), taille: int | None = None
) -> bytes:
    """PDF d’un gabarit, comme `documents.pdf` ; chaque morceau a sa borne de temps, et le tout la sienne."""
    feuilles = [documents.feuille_de_style(chemin) for chemin in styles]
    html = render_to_string(template, context)
    return memoire.tire((html, *feuilles), lambda: _mis_en_page(html, feuilles, taille or TAILLE))


def _mis_en_page(html: str, feuilles: Sequence[str], taille: int) -> bytes:
    tete, *parties = html.split(MARQUE)
    morceaux = [f"{tete}{un}{FIN}" for un in _groupes(parties, taille)]
    if len(morceaux) == 1:
        return documents.pdf_depuis_textes(morceaux[0], feuilles)
    tires = zip(_tires(morceaux, feuilles), map(_profondeurs, morceaux), strict=True)
    titre = re.search(r"<title>(.*?)</title>", tete, re.DOTALL)
    return pdf_cousu(
        tires, lambda total: _numeros(total, feuilles), titre=unescape(titre[1]).strip() if titre else ""
    )


def _groupes(parties: Iterable[str], taille: int) -> Iterator[str]:
    """Des parties qui se suivent, réunies tant qu’elles tiennent dans un morceau."""
    groupe = ""
    for partie in parties:
        entiere = partie.replace("</body>", "").replace("</html>", "")
        if groupe.strip() and len(groupe) + len(entiere) > taille:
            yield groupe
            groupe = ""
        groupe += entiere
    if groupe.strip():
        yield groupe


def _tires(morceaux: Iterable[str], feuilles: Sequence[str]) -> Iterator[bytes]:
    debut = thread_time()
    for morceau in morceaux:
        bornes.poursuivre(thread_time() - debut)
        yield documents.pdf_depuis_textes(morceau, [*feuilles, SANS_NUMERO])


def _profondeurs(morceau: str) -> list[int]:
    return [int(trouve[1]) for trouve in _TITRES.finditer(morceau)]


def _numeros(total: int, feuilles: Sequence[str]) -> bytes:
    """Tant de pages vides, au pied numéroté comme l’aurait été le document entier."""
    pages = "<div></div>" * total
    return documents.pdf_sans_balises(_NUMERO.format(feuille="\n".join(feuilles), total=total, pages=pages))
