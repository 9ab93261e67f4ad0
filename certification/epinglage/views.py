"""La page guidée qui met une version de grille en service pour une promotion."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from certification.epinglage.apercu import apercu
from certification.epinglage.forms import GrilleForm
from certification.epinglage.models import MiseEnService
from certification.epinglage.passage import mettre_en_service, revenir
from livret.models import Promotion
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.base.modification import ApercuPerime
from trpm.permissions import Action


def _promotion(request: Requete, pk: int) -> Promotion:
    siennes = Promotion.objects.for_user(request.user, Action.ADMINISTRER)
    return get_object_or_404(siennes.select_related("etablissement", "referentiel", "grille__echelle"), pk=pk)


@requires(Action.ADMINISTRER)
def grille(request: Requete, pk: int) -> HttpResponse:
    """Choisir, voir ce qui changerait, puis mettre en service ce que l'on vient de voir."""
    promotion = _promotion(request, pk)
    if request.method == "POST":
        form = GrilleForm(request.POST, promotion=promotion)
        if form.is_valid():
            return _mettre(request, promotion, form)
    else:
        form = GrilleForm(request.GET if "vers" in request.GET else None, promotion=promotion)
    vers = form.cleaned_data["vers"] if form.is_bound and form.is_valid() else None
    contexte = {
        "promotion": promotion,
        "etablissement": promotion.etablissement,
        "onglet": "promotions",
        "form": form,
        "autres": form.fields["vers"].queryset.exists(),  # type: ignore[attr-defined]
        "apercu": apercu(promotion, vers) if vers else None,
        "passages": _passages(promotion),
    }
    statut = 422 if form.is_bound and form.errors else 200
    return render(request, "certification/epinglage/grille.html", contexte, status=statut)


def _passages(promotion: Promotion) -> list[tuple[MiseEnService, bool]]:
    """Les mises en service de la promotion, et si l'on peut en revenir : la dernière seulement."""
    faits = list(
        MiseEnService.objects.filter(promotion=promotion).select_related(
            "avant", "apres", "par", "annulee_par"
        )
    )
    vivants = [un for un in faits if un.annulee_le is None]
    return [(un, un in vivants[:1] and un.apres_id == promotion.grille_id) for un in faits]


def _mettre(request: Requete, promotion: Promotion, form: GrilleForm) -> HttpResponse:
    vers = form.cleaned_data["vers"]
    try:
        mettre_en_service(promotion, vers, request.user, timezone.now(), form.cleaned_data["apercu"])
    except ApercuPerime as erreur:
        messages.error(request, erreur.messages[0])
        return redirect(f"{request.path}?vers={vers.pk}")
    except ValidationError as erreur:
        messages.error(request, erreur.messages[0])
    else:
        messages.success(request, f"{promotion} est passée à la grille {vers} ; vous pouvez revenir.")
    return redirect("certification:mise-en-service", promotion.pk)


@requires(Action.ADMINISTRER)
@require_POST
def retour(request: Requete, pk: int) -> HttpResponse:
    promotion = _promotion(request, pk)
    passage = MiseEnService.objects.filter(promotion=promotion, annulee_le__isnull=True).first()
    try:
        if passage is None:
            raise ValidationError("Aucune mise en service à défaire.")
        gardees = revenir(passage, request.user, timezone.now())
    except ValidationError as erreur:
        messages.error(request, erreur.messages[0])
        return redirect("certification:mise-en-service", pk)
    messages.success(request, f"{promotion} est revenue à la grille {passage.avant}.")
    if gardees:
        messages.warning(
            request, f"Ont décidé depuis, et gardent leur grille\xa0: {', '.join(map(str, gardees))}."
        )
    return redirect("certification:mise-en-service", pk)
