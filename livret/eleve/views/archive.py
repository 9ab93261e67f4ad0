from django.http import FileResponse

from livret.bilan.documents import bilans_nommes
from livret.eleve.archive import archive
from livret.eleve.documents import contenu, livret_pdf
from livret.eleve.pages import eleve_lu
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.impression.documents import nom_de_fichier
from trpm.permissions import Action


@requires(Action.EXPORTER_LIVRET)
def eleve_archive(request: Requete, pk: int) -> FileResponse:
    """Ce que l'élève voit, ni plus ni moins, que ce soit lui ou l'administrateur qui le demande."""
    candidat = eleve_lu(request, pk, Action.EXPORTER_LIVRET)
    rassemble = contenu(candidat)
    livret = livret_pdf(request.user, candidat, equipe=False)
    fichier = archive(rassemble, livret, bilans_nommes(rassemble.bilans))
    reponse = FileResponse(
        fichier,
        as_attachment=True,
        filename=nom_de_fichier(f"Livret {candidat}.zip"),
        content_type="application/zip",
    )
    reponse["Cache-Control"] = "private, no-store"
    return reponse
