from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from livret.bilan import livrets, passages
from livret.models import Classe, Eleve, Scolarite, Utilisateur
from livret.models.personnes import EleveQuerySet
from livret.radar import radar
from livret.views.requete import Requete
from trpm.acces import requires
from trpm.documents import pdf, telechargement
from trpm.permissions import Action

STYLES = ["css/niveaux.css", "css/livret-imprime.css"]


@requires(Action.VOIR_LIVRET)
def eleve(request: Requete, pk: int) -> HttpResponse:
    candidat = get_object_or_404(_eleves(request), pk=pk)
    return render(request, "livret/eleve.html", _contexte(request.user, candidat))


@requires(Action.VOIR_LIVRET)
def mon_livret(request: Requete) -> HttpResponse:
    candidat = get_object_or_404(_eleves(request), utilisateur=request.user)
    return render(request, "livret/eleve.html", _contexte(request.user, candidat))


@requires(Action.VOIR_LIVRET)
def eleve_pdf(request: Requete, pk: int) -> HttpResponse:
    candidat = get_object_or_404(_eleves(request), pk=pk)
    contexte = _contexte(request.user, candidat) | {"edite_le": timezone.localdate()}
    contenu = pdf("documents/livret.html", contexte, styles=STYLES)
    return telechargement(contenu, f"Livret {candidat}.pdf")


def _eleves(request: Requete) -> EleveQuerySet:
    return Eleve.objects.for_user(request.user, Action.VOIR_LIVRET).select_related(
        "promotion__referentiel", "option", "statut", "etablissement"
    )


def _contexte(user: Utilisateur, candidat: Eleve) -> dict[str, Any]:
    """La page et le PDF montrent le même objet ; l'élève n'y voit que ce qui est publié (Q36)."""
    equipe = Eleve.objects.for_user(user, Action.VOIR_CLASSE).filter(pk=candidat.pk).exists()
    livret = livrets([candidat], visibles_seulement=not equipe)[0]
    rangs = {degre.valeur: rang for rang, degre in enumerate(livret.echelle.degres)}
    classe = _classe(candidat)
    return {
        "eleve": candidat,
        "classe": classe,
        "livret": livret,
        "passages": passages(candidat, visibles_seulement=not equipe),
        "radar": radar(
            [
                (ligne.code, None if ligne.valeur is None else rangs.get(ligne.valeur))
                for ligne in livret.lignes
            ],
            livret.echelle.codes,
        ),
        "equipe": equipe,
        "evaluateur": equipe and _evaluable(user, candidat, classe),
        "voisins": _voisins(user, candidat, classe) if equipe else None,
    }


def _evaluable(user: Utilisateur, candidat: Eleve, classe: Classe | None) -> bool:
    """La personne évalue cette classe, et l'élève y est encore."""
    presents = Scolarite.objects.for_user(user, Action.EVALUER).ouvertes()
    return presents.filter(eleve=candidat, classe=classe).exists()


def _classe(candidat: Eleve) -> Classe | None:
    derniere = (
        Scolarite.objects.filter(eleve=candidat)
        .select_related("classe__annee")
        .order_by("-classe__annee__debut", "sortie", "-pk")
        .first()
    )
    return derniere.classe if derniere else None


def _voisins(user: Utilisateur, candidat: Eleve, classe: Classe | None) -> dict[str, Eleve | None]:
    """Élève précédent et suivant dans l'ordre de la classe."""
    visibles = Eleve.objects.for_user(user, Action.VOIR_CLASSE)
    camarades = list(visibles.filter(scolarites__classe=classe, scolarites__sortie__isnull=True).distinct())
    if candidat not in camarades:
        return {"precedent": None, "suivant": None}
    rang = camarades.index(candidat)
    return {
        "precedent": camarades[rang - 1] if rang else None,
        "suivant": camarades[rang + 1] if rang + 1 < len(camarades) else None,
    }
