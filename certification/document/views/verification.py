"""La page publique de vérification : elle juge un document sans rien dire de personne."""

from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from certification.commission.models import Commission, Reunion
from certification.document.forms import FichierAVerifierForm
from certification.document.sceau import (
    COURTE,
    Verdict,
    donnees_jointes,
    verdict,
)
from certification.dossier.models import Dossier
from certification.dossier.versions import Verification
from livret.models import Utilisateur
from trpm.acces import public
from trpm.permissions import Action


@public
@never_cache
def verifier(request: HttpRequest, jeton: str) -> HttpResponse:
    page = "certification/document/verification.html"
    connues = Verification.objects.select_related(
        "version__dossier__eleve", "version__dossier__commission__etablissement"
    )
    verification = connues.filter(jeton=jeton).first()
    if verification is None:
        return render(request, page, status=404)
    _a_son_heure(verification)
    lue = request.GET.get("e", "").strip().lower()[:COURTE]
    verdict_rendu = verdict(verification, lue)
    form = FichierAVerifierForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    fichier = None
    if request.method == "POST" and form.is_valid():
        fichier = _fichier_conforme(form.cleaned_data["fichier"].read(), verdict_rendu)
    contexte = {
        "verification": verification,
        "verdict": verdict_rendu,
        "lue": lue,
        "form": form,
        "fichier": fichier,
        "objet": _objet(request, verification),
        "close_le": verification.version.dossier.clos_le if verification.version else None,
    }
    return render(request, page, contexte, status=422 if form.errors else 200)


def _a_son_heure(verification: Verification) -> None:
    """L'heure de l'établissement dont on vérifie le document, celle qu'il porte."""
    if verification.version:
        timezone.activate(verification.version.dossier.commission.etablissement.fuseau)


def _fichier_conforme(contenu: bytes, rendu: Verdict) -> str:
    """« conforme », « different » ou « muet », d'après les données jointes au fichier."""
    jointes = donnees_jointes(contenu)
    if not jointes:
        return "muet"
    figees = {version.empreinte for version in rendu.versions}
    return "conforme" if all(sha256(jointe).hexdigest() in figees for jointe in jointes) else "different"


def _objet(request: HttpRequest, verification: Verification) -> Dossier | Commission | Reunion | None:
    """Ce que le jeton vérifie, pour la seule personne qui a le droit de l'imprimer."""
    if not isinstance(request.user, Utilisateur):
        return None
    if verification.version_id is not None:
        dossiers = Dossier.objects.for_user(request.user, Action.IMPRIMER_DOSSIER)
        return dossiers.filter(versions__verification=verification).first()
    if verification.commission_id is not None:
        commissions = Commission.objects.for_user(request.user, Action.IMPRIMER_DOSSIER)
        return commissions.filter(verification=verification).first()
    reunions = Reunion.objects.for_user(request.user, Action.IMPRIMER_DOSSIER)
    return reunions.filter(verification=verification).first()
