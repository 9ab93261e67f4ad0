from hashlib import sha256

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from certification.commission.convoques import convoques
from certification.commission.models import Commission, Reunion
from certification.dossier.models import Dossier
from certification.dossier.resultats import DossierLu, dossiers_lus
from certification.seance.avancement import cockpit
from certification.seance.harmonisation import (
    DEFINITIONS,
    histogrammes,
    limites,
    par_diplome,
    repartitions,
)
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
    tableau = cockpit(Dossier.objects.vivants().filter(commission__in=commissions), request.user)
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
    dossiers = (
        Dossier.objects.vivants()
        .for_user(request.user, Action.VOIR_COMMISSION)
        .filter(commission__etablissement=etablissement, commission__session=session)
    )
    lus = dossiers_lus(dossiers)
    if not lus:
        raise Http404
    anonyme = "anonyme" in request.GET
    ordre = sorted(lus, key=_melange) if anonyme else lus
    ouverts = [lu for lu in ordre if lu.ouvert]
    diplomes = {lu.dossier.commission.epreuve.referentiel_id: lu.dossier.commission for lu in ordre}
    noms = distingues(une.epreuve.referentiel for une in diplomes.values())
    groupes = par_diplome((lu.dossier.commission.epreuve.referentiel_id, lu.grille) for lu in ordre)
    contexte = {
        "lieu": Etablissement.objects.get(pk=etablissement),
        "session": session,
        "anonyme": anonyme,
        "diplomes": [
            (", ".join(filter(None, (noms[pk], echelle))), repartitions(g, anonymes=anonyme), histogrammes(g))
            for (pk, echelle), g in sorted(groupes.items(), key=lambda un: (noms[un[0][0]], un[0]))
        ],
        "noms": noms,
        "limites": [
            (une, ouverts[une.rang], noms[ouverts[une.rang].dossier.commission.epreuve.referentiel_id])
            for une in limites([lu.grille for lu in ouverts])
        ],
        "definitions": DEFINITIONS,
        "combien": len(lus),
    }
    return render(request, "certification/seance/harmonisation.html", contexte)


def _melange(lu: DossierLu) -> str:
    """Un ordre qui ne dit rien des noms, et le même à chaque affichage."""
    return sha256(f"harmonisation {lu.dossier.pk}".encode()).hexdigest()
