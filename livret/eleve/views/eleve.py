import datetime

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from livret.bilan.models import Bilan, cles_de_lecture
from livret.eleve.curseur import curseur
from livret.eleve.documents import livret_pdf
from livret.eleve.pages import contexte_livret, eleve_lu_jadis, lui_meme
from livret.eleve.suivi import VOIX, SuiviEleve
from livret.personnes.models.compte import Portee
from livret.personnes.models.eleve import Eleve
from livret.personnes.photo import PhotoEleve
from livret.personnes.requete import Requete
from livret.situation.models.demande import Demande
from trpm.acces import requires
from trpm.base.preparees import Petit, Preparee
from trpm.impression.documents import telechargement
from trpm.permissions import Action


@requires(Action.VOIR_LIVRET)
def eleve(request: Requete, pk: int) -> HttpResponse:
    return _page(request, eleve_lu_jadis(request, pk))


@requires(Action.VOIR_LIVRET)
def mon_livret(request: Requete) -> HttpResponse:
    return _page(request, lui_meme(request))


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
        "demandes": () if jusqu_au else _demandes(candidat.pk, contexte["jour"]),
        "bilans": _bilans(candidat.pk, *cles_de_lecture(request.user, Action.VOIR_BILAN))
        if contexte["entier"] or jusqu_au
        else None,
    }
    return render(request, "livret/eleve/eleve.html", contexte)


@Preparee
def _demandes(eleve: int, jour: datetime.date) -> QuerySet[Demande, Demande]:
    return Demande.objects.filter(eleve=eleve).ouvertes(jour).select_related("competence")


@Preparee
def _bilans(eleve: int, annee: Petit | None, portee: Portee) -> QuerySet[Bilan, Bilan]:
    """La dernière version de chacun de ses bilans, du plus ancien au plus récent."""
    courants = Bilan.objects.lus(annee, portee).filter(eleve=eleve).courants()
    lies = courants.select_related("classe__promotion__referentiel").order_by("date", "pk")
    return lies.only("semestre", "etat", "classe__promotion__referentiel__code")


@requires(Action.VOIR_LIVRET)
def eleve_pdf(request: Requete, pk: int) -> HttpResponse:
    candidat = eleve_lu_jadis(request, pk)
    return telechargement(livret_pdf(request.user, candidat), f"Livret {candidat}.pdf")
