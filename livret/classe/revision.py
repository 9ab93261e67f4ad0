"""Où en est ce que montrent les pages d'une classe."""

from trpm.base.revisions import Revision, revision

_ELEVES = "SELECT a.eleve_id FROM livret_scolarite a WHERE a.classe_id = %s"


def revision_de_classe(pk: int) -> str:
    """Change dès qu'une écriture, d'où qu'elle vienne, peut changer une page de cette classe. Une requête.

    Elle ne dit rien de qui regarde ni du jour. À lire avant le contenu.
    """
    return revision(Revision.Genre.CLASSE, pk, _ELEVES)
