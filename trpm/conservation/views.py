"""Les données d'un établissement : ce qui sera effacé et quand, les durées, le fichier d'une personne."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from livret.administration.pages import A, etablissement_administre
from livret.models import Eleve, Tuteur, Utilisateur
from livret.personnes.requete import Requete, saisie
from trpm.acces import requires
from trpm.conservation.echeances import echeances
from trpm.conservation.forms import DureesForm
from trpm.conservation.personne import (
    DonneesDePersonne,
    archive_de,
    donnees_de_l_eleve,
    donnees_du_compte,
    donnees_du_tuteur,
)
from trpm.conservation.regles import regles
from trpm.impression.documents import nom_de_fichier


@requires(A)
def conservation(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    form = DureesForm(saisie(request), etablissement=lieu)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Les durées de conservation sont enregistrées.")
        return redirect("conservation", pk)
    page = {
        "etablissement": lieu,
        "onglet": "donnees",
        "form": form,
        "echeances": echeances(lieu, timezone.localdate()),
        "durees": regles().durees.values(),
    }
    return render(request, "conservation/conservation.html", page)


@requires(A)
def donnees_eleve(request: Requete, pk: int) -> FileResponse:
    eleve = get_object_or_404(Eleve.objects.for_user(request.user, A), pk=pk)
    return _remise(donnees_de_l_eleve(eleve))


@requires(A)
def donnees_compte(request: Requete, etablissement: int, pk: int) -> FileResponse:
    """Celui qu'aucun autre établissement ne tient : les rôles d'ailleurs ne sont pas à nous."""
    etablissement_administre(request, etablissement)
    comptes = Utilisateur.objects.for_user(request.user, A).exclusifs(request.user.etablissements(A))
    return _remise(donnees_du_compte(get_object_or_404(comptes.distinct(), pk=pk)))


@requires(A)
def donnees_tuteur(request: Requete, pk: int) -> FileResponse:
    tuteurs = Tuteur.objects.filter(entreprise__etablissement__in=request.user.etablissements(A))
    return _remise(donnees_du_tuteur(get_object_or_404(tuteurs, pk=pk)))


def _remise(donnees: DonneesDePersonne) -> FileResponse:
    reponse = FileResponse(
        archive_de(donnees),
        as_attachment=True,
        filename=nom_de_fichier(f"Données de {donnees.qui}.zip"),
        content_type="application/zip",
    )
    reponse["Cache-Control"] = "private, no-store"
    return reponse
