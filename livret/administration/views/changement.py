"""La page guidée qui fait passer des élèves dans une autre promotion, du même diplôme ou d'un autre."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from livret.administration.changement import ApercuDeChangement, apercu, changer
from livret.administration.forms.changement import ChangementForm
from livret.administration.forms.parcours import PART, ParcoursForm
from livret.administration.pages import A, page_formulaire
from livret.personnes.models.classe import Promotion
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete, saisie
from trpm.acces import requires
from trpm.base.modification import exiger_l_apercu
from trpm.textes import pluriel


@requires(A)
def changement(request: Requete, pk: int) -> HttpResponse:
    """Choisir qui et pour quelle classe, voir ce qui changerait, puis faire ce que l'on vient de voir."""
    promotions = Promotion.objects.for_user(request.user, A)
    promotion = get_object_or_404(promotions.select_related("etablissement", "referentiel", "option"), pk=pk)
    recu = request.POST if request.method == "POST" else request.GET
    choisi = request.method == "POST" or "classe" in request.GET
    form = ChangementForm(
        recu if choisi else None, promotion=promotion, initial={"eleves": request.GET.getlist("eleves")}
    )
    valide = form.is_bound and form.is_valid()
    prevu = apercu(promotion, form.cleaned_data["classe"], form.cleaned_data["eleves"]) if valide else None
    if prevu and request.method == "POST" and _fait(request, form, prevu):
        return redirect("livret:classe-effectif", prevu.classe.pk)
    contexte = {
        "promotion": promotion,
        "etablissement": promotion.etablissement,
        "onglet": "promotions",
        "form": form,
        "apercu": prevu,
    }
    refuse = form.is_bound and (bool(form.errors) or request.method == "POST")
    return render(request, "livret/administration/changement.html", contexte, status=422 if refuse else 200)


def _fait(request: Requete, form: ChangementForm, prevu: ApercuDeChangement) -> bool:
    """L'acte, tel que l'aperçu le dit ; sinon la page reste, avec ce qui l'empêche."""
    dit = form.cleaned_data
    try:
        exiger_l_apercu(dit["apercu"], prevu.empreinte)
        passes = changer(prevu, dit["statut"], form.a_compter_du(), request.user, timezone.now())
    except ValidationError as erreur:
        form.add_error(None, erreur)
        return False
    if not passes:
        form.add_error(None, "Personne ne peut passer\xa0: lisez pourquoi ci-dessous.")
        return False
    s = pluriel(len(passes))
    messages.success(request, f"{len(passes)} élève{s} passé{s} en {prevu.classe}, {prevu.classe.promotion}.")
    return True


@requires(A)
def eleve_parcours(request: Requete, pk: int) -> HttpResponse:
    """Classe, option, établissement, diplôme, statut d'un élève, d'un seul geste."""
    eleves = Eleve.objects.for_user(request.user, A).select_related("etablissement", "promotion__referentiel")
    eleve = get_object_or_404(eleves, pk=pk)
    fiche = reverse("livret:eleve-update", args=[pk])
    form = ParcoursForm(saisie(request), eleve=eleve)
    if request.method == "POST" and form.is_valid() and form.enregistrer(request.user, timezone.now()):
        parti = form.cleaned_data["etablissement"] == PART
        dit = "est noté comme parti" if parti else f"est en {form.cleaned_data['classe']}"
        messages.success(request, f"{eleve} {dit}. Rien de ce qui a été évalué n’a bougé.")
        return redirect(fiche)
    return page_formulaire(
        request,
        form,
        etablissement=eleve.etablissement,
        onglet="eleves",
        titre=f"Parcours de {eleve}",
        bouton="Enregistrer ce changement",
        aide="La classe dit la promotion, donc le diplôme et la session.",
        fil=[(reverse("livret:eleves", args=[eleve.etablissement_id]), "Élèves"), (fiche, str(eleve))],
    )
