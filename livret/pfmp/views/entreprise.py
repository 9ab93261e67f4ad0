from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from livret.personnes.requete import Requete, saisie
from livret.pfmp.forms.entreprise import EntrepriseForm, TuteurForm
from livret.pfmp.models.entreprise import Entreprise, Tuteur, etablissements_suivis, mot_du_carnet
from livret.pfmp.models.sejour import Sejour
from trpm.acces import requires
from trpm.permissions import Action

A = Action.SUIVRE_PFMP


def _entreprise(request: Requete, pk: int) -> Entreprise:
    visibles = Entreprise.objects.for_user(request.user, A).select_related("etablissement")
    return get_object_or_404(visibles, pk=pk)


@requires(A)
def entreprises(request: Requete) -> HttpResponse:
    """Le carnet de l'établissement, commun à ses enseignants."""
    recherche = request.GET.get("q", "")
    carnet = Entreprise.objects.for_user(request.user, A)
    trouvees = carnet.cherche(recherche).prefetch_related("tuteurs")
    contexte = {
        "entreprises": trouvees,
        "recherche": recherche,
        "mot": mot_du_carnet(etablissements_suivis(request.user, A)),
    }
    return render(request, "livret/pfmp/entreprises.html", contexte)


@requires(A)
def entreprise(request: Requete, pk: int) -> HttpResponse:
    objet = _entreprise(request, pk)
    sejours = Sejour.objects.for_user(request.user, A).filter(entreprise=objet)
    contexte = {
        "entreprise": objet,
        "tuteurs": objet.tuteurs.all(),
        "mot": mot_du_carnet([objet.etablissement]),
        "sejours": sejours.select_related("pfmp__eleve", "pfmp__periode__classe", "tuteur").order_by(
            "-debut"
        ),
    }
    return render(request, "livret/pfmp/entreprise.html", contexte)


@requires(A)
def entreprise_create(request: Requete) -> HttpResponse:
    form = EntrepriseForm(saisie(request), etablissements=etablissements_suivis(request.user, A))
    if form.is_valid():
        objet = form.save()
        messages.success(
            request, f"{objet} est au carnet. Ajoutez-y {mot_du_carnet([objet.etablissement]).un}."
        )
        return redirect(objet)
    return render(request, "livret/pfmp/entreprise_form.html", {"form": form})


@requires(A)
def entreprise_update(request: Requete, pk: int) -> HttpResponse:
    objet = _entreprise(request, pk)
    form = EntrepriseForm(
        saisie(request), instance=objet, etablissements=etablissements_suivis(request.user, A)
    )
    if form.is_valid():
        return redirect(form.save())
    contexte = {"form": form, "entreprise": Entreprise.objects.get(pk=pk)}
    return render(request, "livret/pfmp/entreprise_form.html", contexte)


@requires(A)
def tuteur_create(request: Requete, pk: int) -> HttpResponse:
    objet = _entreprise(request, pk)
    form = TuteurForm(saisie(request), entreprise=objet)
    if form.is_valid():
        form.save()
        return redirect(objet)
    contexte = {"form": form, "entreprise": objet, "mot": mot_du_carnet([objet.etablissement])}
    return render(request, "livret/pfmp/tuteur_form.html", contexte)


@requires(A)
def tuteur_update(request: Requete, pk: int) -> HttpResponse:
    tuteurs = Tuteur.objects.for_user(request.user, A).select_related("entreprise__etablissement")
    objet = get_object_or_404(tuteurs, pk=pk)
    form = TuteurForm(saisie(request), instance=objet, entreprise=objet.entreprise)
    if form.is_valid():
        form.save()
        return redirect(objet.entreprise)
    contexte = {
        "form": form,
        "entreprise": objet.entreprise,
        "tuteur": Tuteur.objects.get(pk=pk),
        "mot": mot_du_carnet([objet.entreprise.etablissement]),
    }
    return render(request, "livret/pfmp/tuteur_form.html", contexte)
