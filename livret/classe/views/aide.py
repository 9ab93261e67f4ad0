"""L'aide : une page par rôle, ouverte à tous, car elle ne dit rien de personne."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from livret.niveaux import touches_des_mentions
from livret.personnes.requete import Requete
from trpm.acces import public
from trpm.permissions import Role

PAGES = {
    "enseignant": "Évaluer une classe",
    "eleve": "Suivre son livret",
    "famille": "Suivre son enfant",
    "tuteur": "Remplir la fiche d’un élève accueilli",
    "commission": "Siéger en commission",
    "inspecteur": "Inspecter une session",
    "administrateur": "Tenir l’établissement",
}
"""Chemin de chaque page, et son titre."""
SIENNES = {
    Role.ENSEIGNANT: "enseignant",
    Role.PRESIDENT: "commission",
    Role.MEMBRE: "commission",
    Role.ADMINISTRATEUR: "administrateur",
    Role.INSPECTEUR: "inspecteur",
    Role.ELEVE: "eleve",
    Role.RESPONSABLE: "famille",
}


@public
@require_safe
def aide(request: Requete, page: str = "") -> HttpResponse:
    """La page demandée, ou celle de qui la demande ; 404 si elle n'existe pas."""
    page = page or _sienne(request)
    if page not in PAGES:
        raise Http404
    contexte = {
        "pages": PAGES,
        "page": page,
        "titre": PAGES[page],
        "touches_des_mentions": touches_des_mentions(()),
    }
    return render(request, f"livret/aide/{page}.html", contexte)


def _sienne(request: Requete) -> str:
    roles = request.user.roles if request.user.is_authenticated else frozenset()
    return next((page for role, page in SIENNES.items() if role in roles), "enseignant")
