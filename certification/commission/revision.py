"""Où en est ce que montrent les pages d'une commission, d'un trait ou dossier par dossier."""

from collections.abc import Iterable

from django.db import connection

from trpm.base.declencheurs import REVISIONS
from trpm.base.revisions import SOMME, Revision

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
_CHOSES = {"commune": _COMMUNE, "commission": _ELLES, "eleve": _ELEVES, "classe": _CLASSES}


def revisions_de_commissions(cles: Iterable[int]) -> dict[int, str]:
    """Celle de chacune de ces commissions, qui change si celle d'un de ses dossiers change, ou s'il en arrive
    ou s'en va. Une requête."""
    demandees = [int(cle) for cle in cles]
    if not demandees:
        return {}
    liste = ", ".join(map(str, demandees))
    parts = [
        f"SELECT '{genre}', x.de, SUM(r.pas) FROM ({part.format(cles=liste)}) x "  # noqa: S608 (des entiers)
        f"JOIN {REVISIONS} r ON r.genre = '{genre}' AND r.cle = x.cle GROUP BY x.de"
        for genre, part in _CHOSES.items()
    ]
    with connection.cursor() as curseur:
        curseur.execute(" UNION ALL ".join(parts))
        sommes = {(genre, de): int(somme) for genre, de, somme in curseur.fetchall()}
    return {
        cle: "-".join(
            str(sommes.get((genre, 0 if genre == Revision.Genre.COMMUNE else cle), 0)) for genre in _CHOSES
        )
        for cle in demandees
    }


_PARTS = (
    f"{SOMME} WHERE r.genre = 'commune' AND r.cle = 0",
    f"{SOMME} WHERE r.genre = 'commission' AND r.cle = d.commission_id",
    f"{SOMME} WHERE r.genre = 'eleve' AND r.cle = d.eleve_id",
    f"{SOMME} JOIN livret_scolarite s ON s.classe_id = r.cle "
    "WHERE r.genre = 'classe' AND s.eleve_id = d.eleve_id",
)
_VIVANTS = (
    f"SELECT d.id, ({'), ('.join(_PARTS)}) FROM certification_dossier d "  # noqa: S608
    "WHERE d.clos_le IS NULL AND d.commission_id IN"
)


def revisions_de_dossiers(commissions: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Les dossiers vivants de ces commissions, chacun avec sa révision. Une requête.

    Elle change dès qu'une écriture, d'où qu'elle vienne, peut changer ce qu'une page montre de ce dossier :
    ce qui vaut pour tous, sa commission, son élève et ce qu'il porte, les classes de son élève. Elle ne dit
    rien de qui regarde ni du jour. À lire avant le contenu.
    """
    if not (cles := ", ".join(str(int(une)) for une in commissions)):
        return {}
    with connection.cursor() as curseur:
        curseur.execute(f"{_VIVANTS} ({cles})")
        return {cle: tuple(map(int, parts)) for cle, *parts in curseur.fetchall()}
