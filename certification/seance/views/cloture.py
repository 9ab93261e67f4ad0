from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from certification.seance.forms.cloture import ClotureForm
from certification.seance.pages import commission_ouverte, commissions_a_preparer
from certification.seance.place import a_servi, clore, supprimer
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.permissions import Action


@requires(Action.PREPARER_COMMISSION)
def suppression(request: Requete, pk: int) -> HttpResponse:
    commission = get_object_or_404(commissions_a_preparer(request.user), pk=pk)
    refus: list[str] = []
    if request.method == "POST":
        try:
            supprimer(commission)
        except ValidationError as refuse:
            refus = refuse.messages
        else:
            messages.success(request, f"« {commission} » est effacée.")
            return redirect("certification:commissions")
    contexte = {"commission": commission, "refus": refus, "a_servi": a_servi(commission)}
    status = 409 if refus else 200
    return render(request, "certification/seance/suppression.html", contexte, status=status)


@requires(Action.PREPARER_COMMISSION)
def cloture(request: Requete, pk: int) -> HttpResponse:
    commission = commission_ouverte(request.user, pk)
    form = ClotureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            clore(commission, form.cleaned_data["motif"], request.user)
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, f"« {commission} » est close.")
            return redirect(commission)
    vivants = commission.dossiers.vivants().select_related("eleve")
    contexte = {"commission": commission, "form": form, "dossiers": vivants}
    status = 422 if form.is_bound else 200
    return render(request, "certification/seance/cloture.html", contexte, status=status)
