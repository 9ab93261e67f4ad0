"""Où en est ce que montrent les pages d'une commission, dossier par dossier."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from trpm.base.declencheurs import REVISIONS


class RevisionDeDossier(NamedTuple):
    """Quatre comptes qui restent à part, comme ceux de `trpm.base.revisions`."""

    commune: int
    commission: int
    eleve: int
    classes: int


_SOMME = f"SELECT COALESCE(SUM(r.pas), 0) FROM {REVISIONS} r"  # noqa: S608 (aucune saisie)
_PARTS = (
    f"{_SOMME} WHERE r.genre = 'commune' AND r.cle = 0",
    f"{_SOMME} WHERE r.genre = 'commission' AND r.cle = d.commission_id",
    f"{_SOMME} WHERE r.genre = 'eleve' AND r.cle = d.eleve_id",
    f"{_SOMME} JOIN livret_scolarite s ON s.classe_id = r.cle "
    "WHERE r.genre = 'classe' AND s.eleve_id = d.eleve_id",
)
_VIVANTS = (
    f"SELECT d.id, ({'), ('.join(_PARTS)}) FROM certification_dossier d "  # noqa: S608
    "WHERE d.clos_le IS NULL AND d.commission_id IN"
)


def revisions_de_dossiers(commissions: Iterable[int]) -> dict[int, RevisionDeDossier]:
    """Les dossiers vivants de ces commissions, chacun avec sa révision. Une requête.

    Elle change dès qu'une écriture, d'où qu'elle vienne, peut changer ce qu'une page montre de ce dossier :
    ce qui vaut pour tous, sa commission, son élève et ce qu'il porte, les classes de son élève. Elle ne dit
    rien de qui regarde ni du jour. À lire avant le contenu.
    """
    if not (cles := ", ".join(str(int(une)) for une in commissions)):
        return {}
    with connection.cursor() as curseur:
        curseur.execute(f"{_VIVANTS} ({cles})")
        return {cle: RevisionDeDossier(*map(int, parts)) for cle, *parts in curseur.fetchall()}
