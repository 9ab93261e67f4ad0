from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from livret.personnes.classes import classe_suivie, eleves_presents, peut_evaluer
from livret.personnes.requete import Requete
from livret.progression.attendu import Vue
from livret.progression.couverture import couverture as couverture_de
from livret.progression.promotions import peut_planifier
from referentiel.models import Detaillee
from trpm.acces import requires
from trpm.permissions import Action


@requires(Action.VOIR_CLASSE)
def couverture(request: Requete, pk: int) -> HttpResponse:
    classe = classe_suivie(request, pk)
    carte = couverture_de(classe, eleves_presents(classe), timezone.localdate())
    jamais = request.GET.get("vues") == "jamais" and bool(carte.trous)
    contexte = {
        "classe": classe,
        "couverture": carte,
        "groupes": carte.groupes_jamais_vus() if jamais else carte.groupes,
        "jamais": jamais,
        "evaluateur": peut_evaluer(request.user, classe),
        "semestre": classe.cycle.nom(carte.semestre),
        "vues": list(Vue),
    }
    return render(request, "livret/progression/couverture.html", contexte)


@requires(Action.VOIR_CLASSE)
def couverture_detaillee(request: Requete, pk: int, detaillee: int) -> HttpResponse:
    """Une compétence détaillée dans la classe : qui l'a montrée, quelles séquences la travaillent."""
    classe = classe_suivie(request, pk)
    objet = get_object_or_404(
        Detaillee.objects.filter(competence__referentiel=classe.promotion.referentiel_id), pk=detaillee
    )
    jour = timezone.localdate()
    carte = couverture_de(classe, eleves_presents(classe), jour, objet)
    if not carte.lignes:
        raise Http404("Aucun élève de la classe n’est dans l’option de cette compétence.")
    (ligne,) = carte.lignes
    contexte = {
        "classe": classe,
        "ligne": ligne,
        "semestre": classe.cycle.nom(carte.semestre),
        "evaluateur": peut_evaluer(request.user, classe),
        "sequences": [(une, une.etat(jour)) for une in ligne.sequences],
        "planifiable": peut_planifier(request, classe.promotion),
    }
    return render(request, "livret/progression/couverture_detaillee.html", contexte)
