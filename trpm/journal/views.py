"""Le journal d'un établissement, et celui de chaque personne."""

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from livret.administration.pages import A, etablissement_administre
from livret.personnes.requete import Requete
from trpm.acces import connecte, requires
from trpm.journal.forms import JournalForm
from trpm.journal.lecture import de_la_personne, filtres, lu
from trpm.journal.models import ActeNote
from trpm.permissions import Role

PAR_PAGE = 50


@requires(A)
def journal(request: Requete, pk: int) -> HttpResponse:
    lieu = etablissement_administre(request, pk)
    form = JournalForm(request.GET)
    choix = form.cleaned_data if form.is_valid() else {}
    page = _page(request, filtres(lieu, choix))
    recherche = request.GET.copy()
    recherche.pop("page", None)
    contexte = {
        "etablissement": lieu,
        "onglet": "journal",
        "form": form,
        "page": page,
        "actes": [lu(acte, nomme=True) for acte in page],
        "recherche": recherche.urlencode(),
    }
    return render(request, "journal/journal.html", contexte)


@connecte
def mon_journal(request: Requete) -> HttpResponse:
    """Un élève y lit en quelle qualité on a vu ou changé ce qui le concerne, sans le nom de la personne."""
    page = _page(request, de_la_personne(request.user))
    nomme = bool(request.user.roles - {Role.ELEVE})
    contexte = {"page": page, "actes": [lu(acte, nomme=nomme) for acte in page], "nomme": nomme}
    return render(request, "journal/mon_journal.html", contexte)


def _page(request: Requete, actes: QuerySet[ActeNote]) -> Page[ActeNote]:
    return Paginator(actes, PAR_PAGE).get_page(request.GET.get("page"))
