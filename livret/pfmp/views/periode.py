"""Les PFMP d'une classe : la période, le tableau, les relances."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from livret.personnes.classes import classe_suivie, eleves_presents
from livret.personnes.models.classe import Classe
from livret.personnes.requete import Requete, saisie
from livret.pfmp.forms.periode import PeriodeForm
from livret.pfmp.forms.sur_place import EntrepriseSurPlaceForm
from livret.pfmp.models.pfmp import Periode, Pfmp
from livret.pfmp.periodes import periode_suivie
from livret.pfmp.suivi import (
    Relance,
    RelanceFaite,
    relances,
    semaines_par_eleve,
    suivis,
    tableaux,
)
from trpm.acces import requires
from trpm.base.envois import aboutie
from trpm.courriel import courriel_regle, envoyer
from trpm.permissions import Action

A = Action.SUIVRE_PFMP
AJOUTER = "ajouter"


@requires(A)
def classe_pfmp(request: Requete, pk: int) -> HttpResponse:
    """Qui est où, et ce qui manque."""
    classe = classe_suivie(request, pk, A)
    jour = timezone.localdate()
    eleves = eleves_presents(classe)
    semaines = semaines_par_eleve(eleves, min(jour, classe.annee.dernier_jour))
    contexte = {
        "classe": classe,
        "tableaux": tableaux(_periodes(classe), jour),
        "semaines": [(eleve, semaines[eleve.pk]) for eleve in eleves],
    }
    return render(request, "livret/pfmp/classe_pfmp.html", contexte)


def _periodes(classe: Classe) -> QuerySet[Periode]:
    """La dernière d'abord, chacune avec le nombre de fiches de tuteurs qui attendent d'être validées."""
    recues = Q(pfmps__fiches_tuteur__etat="envoyee")
    return classe.periodes.annotate(a_valider=Count("pfmps__fiches_tuteur", filter=recues)).order_by(
        "-debut", "-pk"
    )


@requires(A)
def periode_create(request: Requete, pk: int) -> HttpResponse:
    classe = classe_suivie(request, pk, A)
    if AJOUTER in request.POST:
        return _avec_une_entreprise(request, classe, None)
    form = PeriodeForm(saisie(request), classe=classe, initial={"intitule": _intitule(classe)})
    return _page_periode(request, form, classe)


@requires(A)
def periode_update(request: Requete, pk: int) -> HttpResponse:
    periode = periode_suivie(request, pk)
    if AJOUTER in request.POST:
        return _avec_une_entreprise(request, periode.classe, periode)
    form = PeriodeForm(saisie(request), instance=periode, classe=periode.classe)
    return _page_periode(request, form, periode.classe)


def _avec_une_entreprise(request: Requete, classe: Classe, periode: Periode | None) -> HttpResponse:
    """Met l'entreprise au carnet, et rend la page telle qu'elle était remplie."""
    eleves = [(eleve.pk, str(eleve)) for eleve in eleves_presents(classe)]
    ajout = EntrepriseSurPlaceForm(
        request.POST, etablissements=[classe.etablissement], mot=classe.mot_tuteur, eleves=eleves
    )
    garde = request.POST.dict()
    if complete := ajout.is_valid():
        garde = ajout.places_remplies(ajout.ajouter(), garde)
        dit = f"«\xa0{ajout.instance}\xa0» est au carnet. La période reste à enregistrer."
        messages.success(request, dit)
    form = PeriodeForm(None, instance=periode, classe=classe, initial=garde)
    form.etat_repris = garde.get("etat_vu", "")
    return _rendre(request, form, classe, periode, None if complete else ajout)


def _intitule(classe: Classe) -> str:
    return f"PFMP n°\xa0{classe.periodes.count() + 1}"


def _page_periode(request: Requete, form: PeriodeForm, classe: Classe) -> HttpResponse:
    modifiee = Periode.objects.filter(pk=form.instance.pk).first()
    if form.is_valid():
        try:
            periode = form.save()
        except ValidationError as faute:
            form.add_error(None, faute.messages)
        else:
            messages.success(request, f"«\xa0{periode}\xa0» est enregistrée\xa0: {periode.duree_dite}.")
            for une in periode.croisees():
                messages.warning(request, f"Ces dates croisent «\xa0{une}\xa0». Vérifiez-les.")
            return redirect(periode)
    return _rendre(request, form, classe, modifiee)


def _rendre(
    request: Requete,
    form: PeriodeForm,
    classe: Classe,
    periode: Periode | None,
    ajout: EntrepriseSurPlaceForm | None = None,
) -> HttpResponse:
    vierge = EntrepriseSurPlaceForm(
        etablissements=[classe.etablissement], mot=classe.mot_tuteur, eleves=form.sans_place
    )
    contexte = {"form": form, "classe": classe, "periode": periode, "ajout": ajout or vierge}
    return render(request, "livret/pfmp/periode_form.html", contexte)


@requires(A)
def periode_relances(request: Requete, pk: int) -> HttpResponse:
    """Montre à chaque référent ce qui lui manque ; l'envoie par courriel si on le demande."""
    periode = periode_suivie(request, pk)
    suivies = suivis(Pfmp.objects.filter(periode=periode), timezone.localdate())
    lien = request.build_absolute_uri(reverse("livret:classe-pfmp", args=[periode.classe_id]))
    suite = f"{lien}#p{periode.pk}\n\n{request.user.nom_complet}"
    choisis = request.POST.getlist("referent")
    envois = [_relancer(une, f"{une.texte}\n\n{suite}", choisis) for une in relances(suivies)]
    contexte = {
        "periode": periode,
        "classe": periode.classe,
        "envois": envois,
        "fait_le": timezone.localtime() if any(envoi.faite for envoi in envois) else None,
        "courriel_regle": courriel_regle(),
        "joignables": [envoi for envoi in envois if envoi.relance.joignable],
    }
    page = render(request, "livret/pfmp/periode_relances.html", contexte)
    return aboutie(page, request.path) if request.method == "POST" else page


def _relancer(relance: Relance, texte: str, choisis: list[str]) -> RelanceFaite:
    """Ce que l'on enverrait ; envoyé, et daté, si cette personne est cochée."""
    if relance.referent is None or str(relance.referent.pk) not in choisis:
        return RelanceFaite(relance, texte)
    refus = envoyer(relance.objet, texte, relance.referent.email)
    if not refus:
        siennes = Pfmp.objects.filter(pk__in=[suivi.pfmp.pk for suivi in relance.suivis])
        siennes.update(relancee_le=timezone.localdate())
    return RelanceFaite(relance, texte, refus)
