"""Le président ouvre, suit et retire les accès du jury."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from certification.commission.models import Commission
from certification.jury.forms import AccesJuryForm
from certification.jury.models import AccesJury
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.base.envois import aboutie
from trpm.permissions import Action


@requires(Action.OUVRIR_AU_JURY)
@never_cache
def liste(request: Requete, pk: int) -> HttpResponse:
    """Le lien neuf ne se montre qu'une fois, dans la réponse à l'envoi."""
    commissions = Commission.objects.for_user(request.user, Action.OUVRIR_AU_JURY)
    commission = get_object_or_404(commissions, pk=pk)
    form, lien = AccesJuryForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        nom, maintenant = form.cleaned_data["destinataire"], timezone.now()
        lien = AccesJury.creer(commission, nom, request.user, maintenant, form.expire_le)
        form = AccesJuryForm()
    contexte = {
        "commission": commission,
        "form": form,
        "adresse": request.build_absolute_uri(lien.chemin) if lien else "",
        "lien": lien,
        "acces": _acces(commission),
    }
    page = render(request, "certification/jury/acces.html", contexte, status=422 if form.errors else 200)
    return aboutie(page, request.path) if lien else page


def _acces(commission: Commission) -> list[tuple[AccesJury, str]]:
    tous = commission.acces_jury.select_related("cree_par", "retire_par").prefetch_related("ouvertures")
    return [(un, un.fermeture(timezone.now())) for un in tous]


@requires(Action.OUVRIR_AU_JURY)
@require_POST
def retrait(request: Requete, pk: int) -> HttpResponse:
    acces = get_object_or_404(AccesJury.objects.for_user(request.user, Action.OUVRIR_AU_JURY), pk=pk)
    acces.retirer(request.user, timezone.now())
    messages.success(request, f"L’accès de {acces.destinataire} est retiré : son lien n’ouvre plus rien.")
    return redirect("certification:jury-acces", acces.commission_id)
