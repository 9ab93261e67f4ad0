from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from certification.document.forms import LogoForm
from livret.models import Entete, Etablissement
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.permissions import Action


@requires(Action.ADMINISTRER)
def logo(request: Requete, pk: int) -> HttpResponse:
    """Le logo des documents : le voir, le remplacer, le retirer."""
    etablissement = get_object_or_404(Etablissement.objects.for_user(request.user, Action.ADMINISTRER), pk=pk)
    entete = Entete.objects.filter(etablissement=etablissement).first()
    form = LogoForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and "retirer" in request.POST:
        if entete:
            entete.delete()
        messages.success(request, "Le logo est retiré : les documents portent le nom de l’établissement.")
        return redirect("certification:logo", pk)
    if request.method == "POST" and form.is_valid():
        image = form.image
        Entete.objects.update_or_create(
            etablissement=etablissement, defaults={"logo": image.contenu, "type_mime": image.type_mime}
        )
        messages.success(request, "Le logo est enregistré.")
        return redirect("certification:logo", pk)
    contexte = {
        "form": form,
        "etablissement": etablissement,
        "onglet": "etablissement",
        "titre": "Logo des documents",
        "chemin": [(reverse("livret:etablissement-update", args=[pk]), "Établissement")],
        "apercu": entete.adresse if entete else "",
    }
    return render(request, "certification/document/logo.html", contexte, status=422 if form.errors else 200)
