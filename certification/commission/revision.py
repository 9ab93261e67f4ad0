"""Où en est ce que montrent les pages d'une commission."""

from collections.abc import Iterable

from django.db import connection

from trpm.base.declencheurs import REVISIONS
from trpm.base.revisions import Revision, revision

_CANDIDATS = "SELECT a.eleve_id FROM certification_dossier a WHERE a.commission_id = %s"


def revision_de_commission(pk: int) -> str:
    """Change dès qu'une écriture, d'où qu'elle vienne, peut changer une page de cette commission : ses
    dossiers, ce qu'ils décident, et tout ce qu'ont montré leurs candidats. Une requête.

    Elle ne dit rien de qui regarde ni du jour. À lire avant le contenu.
    """
    return revision(Revision.Genre.COMMISSION, pk, _CANDIDATS)


_CLASSES = (
    "SELECT d.commission_id AS de, s.classe_id AS cle FROM certification_dossier d "
    "JOIN livret_scolarite s ON s.eleve_id = d.eleve_id WHERE d.commission_id IN ({cles}) "
    "GROUP BY d.commission_id, s.classe_id"
)
_ELEVES = (
    "SELECT commission_id AS de, eleve_id AS cle FROM certification_dossier WHERE commission_id IN ({cles})"
)
_ELLES = "SELECT id AS de, id AS cle FROM certification_commission WHERE id IN ({cles})"
_COMMUNE = "SELECT 0 AS de, 0 AS cle"
_PARTS = {"commune": _COMMUNE, "commission": _ELLES, "eleve": _ELEVES, "classe": _CLASSES}


def revisions_de_commissions(cles: Iterable[int]) -> dict[int, str]:
    """Celle de chacune de ces commissions, en une requête ; à lire avant le contenu."""
    demandees = [int(cle) for cle in cles]
    if not demandees:
        return {}
    liste = ", ".join(map(str, demandees))
    parts = [
        f"SELECT '{genre}', x.de, SUM(r.pas) FROM ({part.format(cles=liste)}) x "  # noqa: S608 (des entiers)
        f"JOIN {REVISIONS} r ON r.genre = '{genre}' AND r.cle = x.cle GROUP BY x.de"
        for genre, part in _PARTS.items()
    ]
    with connection.cursor() as curseur:
        curseur.execute(" UNION ALL ".join(parts))
        sommes = {(genre, de): int(somme) for genre, de, somme in curseur.fetchall()}
    return {
        cle: "-".join(
            str(sommes.get((genre, 0 if genre == Revision.Genre.COMMUNE else cle), 0)) for genre in _PARTS
        )
        for cle in demandees
    }
