from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from livret.administration.forms.logo import LogoForm
from livret.administration.pages import etablissement_administre
from livret.personnes.entete import Entete
from livret.personnes.models.compte import Etablissement
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.permissions import Action


@requires(Action.ADMINISTRER)
def logo(request: Requete, pk: int) -> HttpResponse:
    """Le logo des documents : le voir, le remplacer, le retirer."""
    etablissement = etablissement_administre(request, pk)
    entete = Entete.objects.filter(etablissement=etablissement).first()
    form = LogoForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and ("retirer" in request.POST or form.is_valid()):
        messages.success(request, _changer(etablissement, entete, form))
        return redirect("livret:logo", pk)
    contexte = {
        "form": form,
        "etablissement": etablissement,
        "onglet": "etablissement",
        "titre": "Logo des documents",
        "chemin": [(reverse("livret:etablissement-update", args=[pk]), "Établissement")],
        "apercu": entete.adresse if entete else "",
    }
    return render(request, "livret/administration/logo.html", contexte, status=422 if form.errors else 200)


def _changer(etablissement: Etablissement, entete: Entete | None, form: LogoForm) -> str:
    """Retire le logo si on le demande, sinon garde celui que l'on a reçu ; rend ce qui a été fait."""
    if "retirer" in form.data:
        if entete:
            entete.delete()
        return "Le logo est retiré : les documents portent le nom de l’établissement."
    image = form.image
    Entete.objects.update_or_create(
        etablissement=etablissement, defaults={"logo": image.contenu, "type_mime": image.type_mime}
    )
    return "Le logo est enregistré."
