"""Où en est ce que montrent les pages d'une commission."""

from trpm.base.revisions import Revision, revision

_CANDIDATS = "SELECT a.eleve_id FROM certification_dossier a WHERE a.commission_id = %s"


def revision_de_commission(pk: int) -> str:
    """Change dès qu'une écriture, d'où qu'elle vienne, peut changer une page de cette commission : ses
    dossiers, ce qu'ils décident, et tout ce qu'ont montré leurs candidats. Une requête.

    Elle ne dit rien de qui regarde ni du jour. À lire avant le contenu.
    """
    return revision(Revision.Genre.COMMISSION, pk, _CANDIDATS)
