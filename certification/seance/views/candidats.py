from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from certification.dossier.models import Dossier
from certification.seance.forms.candidats import CandidatsForm, inscrire
from certification.seance.pages import commission_ouverte
from certification.seance.place import deplacer
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.permissions import Action


@requires(Action.PREPARER_COMMISSION)
def candidats(request: Requete, pk: int) -> HttpResponse:
    commission = commission_ouverte(request.user, pk)
    soeurs = list(commission.soeurs().select_related("epreuve__referentiel"))
    donnees = request.POST if request.method == "POST" else None
    ensemble = soeurs if "ensemble" in request.POST else []
    form, *reports = (CandidatsForm(une, donnees) for une in (commission, *ensemble))
    if form.is_bound and inscrire([form, *reports]):
        return redirect(commission.reunion if reports and commission.reunion else commission)
    contexte = {"commission": commission, "form": form, "groupes": form.groupes(), "soeurs": soeurs}
    status = 422 if form.is_bound else 200
    return render(request, "certification/seance/candidats.html", contexte, status=status)


@requires(Action.PREPARER_COMMISSION)
def deplacement(request: Requete, pk: int, dossier: int) -> HttpResponse:
    """Mène ici, avec ses décisions, un candidat qui est devant une autre commission de la même épreuve."""
    commission = commission_ouverte(request.user, pk)
    objet = get_object_or_404(
        Dossier.objects.for_user(request.user, Action.PREPARER_COMMISSION)
        .vivants()
        .filter(epreuve=commission.epreuve_id, session=commission.session)
        .select_related("commission__grille", "eleve"),
        pk=dossier,
    )
    refus: list[str] = []
    if request.method == "POST":
        try:
            deplacer(objet, commission)
        except ValidationError as refuse:
            refus = refuse.messages
        else:
            messages.success(request, f"{objet.eleve} est maintenant devant « {commission} ».")
            return redirect("certification:commission-candidats", commission.pk)
    contexte = {"commission": commission, "dossier": objet, "refus": refus}
    status = 409 if refus else 200
    return render(request, "certification/seance/deplacement.html", contexte, status=status)
