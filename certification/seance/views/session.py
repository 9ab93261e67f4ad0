from hashlib import sha256

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from certification.commission.convoques import convoques
from certification.commission.models import Commission, Reunion
from certification.seance.avancement import cockpit
from certification.seance.harmonisation import (
    DEFINITIONS,
    Limite,
    limites,
    par_diplome,
)
from certification.seance.resumes import RESUMES
from certification.seance.suivi import DossierMontre, montres
from livret.models import Etablissement
from livret.personnes.requete import Requete
from referentiel.reglement.distinction import distingues
from trpm.acces import requires
from trpm.permissions import Action


@requires(Action.VOIR_COMMISSION)
def session(request: Requete, etablissement: int, session: int) -> HttpResponse:
    """Tous les dossiers d'une session que la personne peut voir, candidats × épreuves."""
    commissions = Commission.objects.for_user(request.user, Action.VOIR_COMMISSION).filter(
        etablissement=etablissement, session=session
    )
    if not commissions.exists():
        raise Http404
    contexte: dict[str, object] = {
        "titre": f"Avancement de la session {session}",
        "lieu": Etablissement.objects.get(pk=etablissement),
        "harmonisation": reverse("certification:harmonisation", args=[etablissement, session]),
        "cyclades": reverse("certification:cyclades", args=[etablissement, session]),
    }
    return _page(request, commissions, contexte)


@requires(Action.VOIR_COMMISSION)
def reunion(request: Requete, pk: int) -> HttpResponse:
    """Les candidats d'une réunion, épreuve par épreuve."""
    reunions = Reunion.objects.for_user(request.user, Action.VOIR_COMMISSION).select_related("etablissement")
    reunie = get_object_or_404(reunions, pk=pk)
    commissions = reunie.commissions.for_user(request.user, Action.VOIR_COMMISSION)
    tenues = list(commissions.select_related("epreuve__referentiel").prefetch_related("membres"))
    contexte: dict[str, object] = {
        "titre": reunie.intitule,
        "lieu": reunie.etablissement,
        "reunion": reunie,
        "cyclades": reverse("certification:cyclades", args=[reunie.etablissement_id, reunie.session]),
        "commissions": tenues,
        "convoque": convoques(tenues),
        "entiere": Reunion.objects.entieres_pour(request.user, Action.IMPRIMER_DOSSIER)
        .filter(pk=pk)
        .exists(),
    }
    return _page(request, commissions, contexte)


def _page(request: Requete, commissions: QuerySet[Commission], contexte: dict[str, object]) -> HttpResponse:
    tableau = cockpit(list(commissions.select_related("epreuve__referentiel")), request.user)
    suspens = request.GET.get("voir") == "suspens"
    tri = request.GET.get("tri", "nom")
    contexte |= {
        "cockpit": tableau,
        "suspens": suspens,
        "tri": tri,
        "tableaux": [(un, un.montrees(tri, suspens=suspens)) for un in tableau.tableaux],
    }
    return render(request, "certification/seance/cockpit.html", contexte)


@requires(Action.VOIR_COMMISSION)
def harmonisation(request: Requete, etablissement: int, session: int) -> HttpResponse:
    """Répartitions et dossiers limites ; anonyme, la page ne porte ni nom, ni numéro, ni lien de candidat."""
    commissions = Commission.objects.for_user(request.user, Action.VOIR_COMMISSION).filter(
        etablissement=etablissement, session=session
    )
    tenues = {une.pk: une for une in commissions.select_related("epreuve__referentiel")}
    lus = montres(RESUMES.de(tenues))
    if not lus:
        raise Http404
    anonyme = "anonyme" in request.GET
    ordre = sorted(lus, key=_melange) if anonyme else lus
    noms = _diplomes(ordre, tenues)
    contexte = {
        "lieu": Etablissement.objects.get(pk=etablissement),
        "session": session,
        "anonyme": anonyme,
        "diplomes": par_diplome(((noms[un.lu.commission], un.lu.grille) for un in ordre), anonymes=anonyme),
        "limites": [(une, un.lu, un.nom, noms[un.lu.commission]) for une, un in _limites(ordre)],
        "definitions": DEFINITIONS,
        "combien": len(lus),
    }
    return render(request, "certification/seance/harmonisation.html", contexte)


def _diplomes(dossiers: list[DossierMontre], tenues: dict[int, Commission]) -> dict[int, str]:
    """Par commission, le nom de son diplôme parmi ceux des autres."""
    diplomes = {un.lu.commission: tenues[un.lu.commission].epreuve.referentiel for un in dossiers}
    noms = distingues(diplomes.values())
    return {commission: noms[diplome.pk] for commission, diplome in diplomes.items()}


def _limites(dossiers: list[DossierMontre]) -> list[tuple[Limite, DossierMontre]]:
    ouverts = [un for un in dossiers if not un.lu.fige]
    return [(une, ouverts[une.rang]) for une in limites([un.lu.grille for un in ouverts])]


def _melange(dossier: DossierMontre) -> str:
    """Un ordre qui ne dit rien des noms, et le même à chaque affichage."""
    return sha256(f"harmonisation {dossier.lu.cle}".encode()).hexdigest()
