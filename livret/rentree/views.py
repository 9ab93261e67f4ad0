"""Le changement d'année d'un établissement : choisir, relire ce qui changerait, faire ; ou revenir."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.administration.pages import A, etablissement_administre
from livret.annee import rentree as rentree_du
from livret.personnes.models.classe import AnneeScolaire
from livret.personnes.models.compte import Etablissement
from livret.personnes.requete import Requete, saisie
from livret.rentree.acte import faire
from livret.rentree.forms import RentreeForm
from livret.rentree.models import PassageDAnnee
from livret.rentree.plan import ChoixDeRentree, PlanDeRentree, plan_de
from livret.rentree.retour import annuler, premier_acte
from trpm.acces import requires
from trpm.textes import pluriel


@requires(A)
def rentree(request: Requete, pk: int) -> HttpResponse:
    """Tout est coché d'avance ; l'aperçu se refait au moindre choix, et c'est lui que l'on confirme."""
    lieu = etablissement_administre(request, pk)
    annees = _annees(lieu)
    depuis = _depuis(annees, request.GET.get("depuis", ""))
    plan = plan_de(lieu, depuis, ChoixDeRentree()) if depuis else None
    form = RentreeForm(saisie(request), plan=plan) if plan else None
    if plan and form and form.is_bound and form.is_valid():
        plan = plan_de(lieu, plan.depuis, form.choix())
        if request.POST.get("acte") == "faire" and _fait(request, form, plan):
            return redirect("livret:rentree", pk)
    statut = 422 if form is not None and form.errors else 200
    return render(
        request, "livret/rentree/rentree.html", {**_page(lieu, plan, form), "annees": annees}, status=statut
    )


def _annees(lieu: Etablissement) -> list[int]:
    annees = AnneeScolaire.objects.filter(classes__etablissement=lieu).distinct()
    return sorted(annees.values_list("debut", flat=True))


def _depuis(annees: list[int], voulue: str) -> int | None:
    """L'année demandée ; sinon la dernière commencée, ou la première si aucune ne l'est."""
    if voulue.isdecimal() and int(voulue) in annees:
        return int(voulue)
    commencees = [une for une in annees if une <= rentree_du(timezone.localdate())]
    return max(commencees) if commencees else min(annees, default=None)


def _page(lieu: Etablissement, plan: PlanDeRentree | None, form: RentreeForm | None) -> dict[str, object]:
    passages = PassageDAnnee.objects.en_vigueur().filter(etablissement=lieu).select_related("par", "vers")
    faits = [(un, premier_acte(un)) for un in passages[:1]]
    deja = plan is not None and any(un.vers.debut == plan.vers for un, _ in faits)
    return {
        "etablissement": lieu,
        "onglet": "classes",
        "plan": plan,
        "form": form,
        "lignes": list(form.lignes()) if form else [],
        "faits": faits,
        "deja": deja,
    }


def _fait(request: Requete, form: RentreeForm, plan: PlanDeRentree) -> bool:
    try:
        passage = faire(plan, form.cleaned_data["empreinte"], request.user, timezone.now())
    except ValidationError as refus:
        form.add_error(None, refus)
        return False
    nombre = len(passage.ecrit["scolarites"])
    messages.success(
        request,
        f"L’année {passage.vers} est prête\xa0: {nombre} élève{pluriel(nombre)} y "
        f"{'est inscrit' if nombre == 1 else 'sont inscrits'}.",
    )
    return True


@requires(A)
@require_POST
def rentree_annuler(request: Requete, pk: int) -> HttpResponse:
    passages = PassageDAnnee.objects.for_user(request.user, A).select_related("etablissement", "vers")
    passage = get_object_or_404(passages, pk=pk)
    try:
        annuler(passage, request.user, timezone.now())
    except ValidationError as refus:
        messages.error(request, " ".join(refus.messages))
    else:
        messages.success(request, f"Le passage à {passage.vers} est annulé\xa0: tout est comme avant.")
    return redirect("livret:rentree", passage.etablissement_id)
