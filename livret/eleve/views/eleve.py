from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from livret.bilan.models import Bilan
from livret.eleve.curseur import curseur
from livret.eleve.documents import livret_pdf
from livret.eleve.pages import contexte_livret, eleves_lus, eleves_lus_jadis
from livret.eleve.suivi import VOIX, SuiviEleve
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.personnes.photo import PhotoEleve
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.impression.documents import telechargement
from trpm.permissions import Action


@requires(Action.VOIR_LIVRET)
def eleve(request: Requete, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(eleves_lus_jadis(request), pk=pk))


@requires(Action.VOIR_LIVRET)
def mon_livret(request: Requete) -> HttpResponse:
    return _page(request, get_object_or_404(eleves_lus(request), utilisateur=request.user))


def _page(request: Requete, candidat: Eleve) -> HttpResponse:
    contexte = contexte_livret(request.user, candidat)
    tenu: SuiviEleve = contexte["suivi"]
    ou = curseur(tenu.debut, contexte["jour"], request.GET.get("semaine", ""))
    portrait = tenu.portrait(ou.jour, request.GET.getlist("voix"))
    jusqu_au = contexte["jusqu_au"]
    contexte |= {
        "curseur": ou,
        "portrait": portrait,
        "voix": [(cle, portrait.nom(cle), cle in portrait.voix) for cle in VOIX],
        "onglet": "livret",
        "photo": PhotoEleve.objects.adresse(candidat) if contexte["equipe"] else "",
        "demandes": () if jusqu_au else candidat.demandes.ouvertes().select_related("competence"),
        "bilans": _bilans(request.user, candidat) if contexte["entier"] or jusqu_au else None,
    }
    return render(request, "livret/eleve/eleve.html", contexte)


def _bilans(user: Utilisateur, candidat: Eleve) -> list[Bilan]:
    """La dernière version de chacun de ses bilans, du plus ancien au plus récent. Une requête."""
    siens = Bilan.objects.for_user(user, Action.VOIR_BILAN).filter(eleve=candidat)
    courants = siens.courants().defer("contenu").select_related("classe__promotion__referentiel")
    return list(courants.order_by("date", "pk"))


@requires(Action.VOIR_LIVRET)
def eleve_pdf(request: Requete, pk: int) -> HttpResponse:
    candidat = get_object_or_404(eleves_lus_jadis(request), pk=pk)
    return telechargement(livret_pdf(request.user, candidat), f"Livret {candidat}.pdf")
