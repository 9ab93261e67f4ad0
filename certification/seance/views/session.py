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
    Limite,
    limites,
    par_diplome,
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
    lus = dossiers_lus(dossiers, abreges=True)
    if not lus:
        raise Http404
    anonyme = "anonyme" in request.GET
    ordre = sorted(lus, key=_melange) if anonyme else lus
    noms = _diplomes(ordre)
    contexte = {
        "lieu": Etablissement.objects.get(pk=etablissement),
        "session": session,
        "anonyme": anonyme,
        "diplomes": par_diplome(((noms[lu.dossier.pk], lu.grille) for lu in ordre), anonymes=anonyme),
        "limites": [(une, lu, noms[lu.dossier.pk]) for une, lu in _limites(ordre)],
        "definitions": DEFINITIONS,
        "combien": len(lus),
    }
    return render(request, "certification/seance/harmonisation.html", contexte)


def _diplomes(lus: list[DossierLu]) -> dict[int, str]:
    """Par dossier, le nom de son diplôme parmi les autres."""
    diplomes = {lu.dossier.pk: lu.dossier.commission.epreuve.referentiel for lu in lus}
    noms = distingues(diplomes.values())
    return {dossier: noms[diplome.pk] for dossier, diplome in diplomes.items()}


def _limites(lus: list[DossierLu]) -> list[tuple[Limite, DossierLu]]:
    ouverts = [lu for lu in lus if lu.ouvert]
    return [(une, ouverts[une.rang]) for une in limites([lu.grille for lu in ouverts])]


def _melange(lu: DossierLu) -> str:
    """Un ordre qui ne dit rien des noms, et le même à chaque affichage."""
    return sha256(f"harmonisation {lu.dossier.pk}".encode()).hexdigest()
