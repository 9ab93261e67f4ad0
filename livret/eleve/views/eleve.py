from collections import defaultdict
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from livret.bilan.models import Bilan
from livret.eleve.autoevaluation import AutoEvaluation
from livret.eleve.curseur import curseur
from livret.eleve.suivi import (
    VOIX,
    Suivi,
    semaines_restantes,
    suivi,
)
from livret.evaluation.trace import Trace
from livret.personnes.candidats import dossiers_devant
from livret.personnes.entete import Entete
from livret.personnes.models import (
    Classe,
    Eleve,
    EleveQuerySet,
    Scolarite,
    Utilisateur,
)
from livret.personnes.requete import Requete
from livret.pfmp.suivi import semaines_par_eleve
from livret.synthese.livrets import Passage, passages
from trpm.acces import requires
from trpm.documents import pdf, telechargement
from trpm.permissions import Action
from trpm.voisins import Voisins, voisins

STYLES = ["css/niveaux.css", "css/documents.css", "css/livret-imprime.css"]


@requires(Action.VOIR_LIVRET)
def eleve(request: Requete, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(eleves_lus(request), pk=pk))


@requires(Action.VOIR_LIVRET)
def mon_livret(request: Requete) -> HttpResponse:
    return _page(request, get_object_or_404(eleves_lus(request), utilisateur=request.user))


def _page(request: Requete, candidat: Eleve) -> HttpResponse:
    contexte = contexte_livret(request.user, candidat)
    tenu: Suivi = contexte["suivi"]
    ou = curseur(tenu.debut, timezone.localdate(), request.GET.get("semaine", ""))
    portrait = tenu.portrait(ou.jour, request.GET.getlist("voix"))
    contexte |= {
        "curseur": ou,
        "portrait": portrait,
        "voix": [(cle, nom, cle in portrait.voix) for cle, (nom, _) in VOIX.items()],
        "onglet": "livret",
        "bilans": _bilans(request.user, candidat) if contexte["entier"] else None,
    }
    return render(request, "livret/eleve/eleve.html", contexte)


def _bilans(user: Utilisateur, candidat: Eleve) -> list[Bilan]:
    """La dernière version de chacun de ses bilans, du plus ancien au plus récent. Une requête."""
    siens = Bilan.objects.for_user(user, Action.VOIR_BILAN).filter(eleve=candidat)
    return list(siens.courants().defer("contenu").order_by("date", "pk"))


@requires(Action.VOIR_LIVRET)
def eleve_pdf(request: Requete, pk: int) -> HttpResponse:
    candidat = get_object_or_404(eleves_lus(request), pk=pk)
    return telechargement(livret_pdf(request.user, candidat), f"Livret {candidat}.pdf")


def livret_pdf(user: Utilisateur, candidat: Eleve, *, equipe: bool | None = None) -> bytes:
    contexte = contexte_livret(user, candidat, equipe)
    jour = timezone.localdate()
    choisies = Trace.objects.gardees().filter(eleve=candidat, origine=Trace.Origine.ELEVE, au_dossier=True)
    contexte |= {
        "edite_le": jour,
        "logo": Entete.objects.logos([candidat.etablissement_id]).get(candidat.etablissement_id),
        "portrait": contexte["suivi"].portrait(jour),
        "lui": False,
        "choisies": choisies.select_related("situation").prefetch_related("competences"),
    }
    return pdf("documents/livret.html", contexte, styles=STYLES)


def eleves_lus(request: Requete, action: Action = Action.VOIR_LIVRET) -> EleveQuerySet:
    return Eleve.objects.for_user(request.user, action).select_related(
        "promotion__referentiel", "option", "statut", "etablissement"
    )


def contexte_eleve(user: Utilisateur, candidat: Eleve, equipe: bool | None = None) -> dict[str, Any]:
    """Ce que toutes les pages d'un élève partagent. L'équipe et la commission lisent ce qui compte ; les
    autres, rien qui ne soit publié (Q36). `dossiers` : ceux que la commission a devant elle."""
    lui, dossiers = candidat.utilisateur_id == user.pk, []
    if equipe is None:
        equipe = Eleve.objects.for_user(user, Action.VOIR_CLASSE).filter(pk=candidat.pk).exists()
        if not lui and user.siege(Action.VOIR_LIVRET):
            dossiers = dossiers_devant(candidat, user, Action.VOIR_LIVRET)
    entier = equipe or bool(dossiers)
    tenu = suivi(candidat, timezone.localdate(), visibles_seulement=not entier)
    return {
        "eleve": candidat,
        "equipe": equipe,
        "entier": entier,
        "dossiers": dossiers,
        "lui": lui,
        "suivi": tenu,
        "classe": tenu.classe,
        "livret": tenu.livret,
        "restantes": semaines_restantes(candidat, timezone.localdate()),
    }


def contexte_livret(user: Utilisateur, candidat: Eleve, equipe: bool | None = None) -> dict[str, Any]:
    """La page et le PDF montrent le même objet."""
    contexte = contexte_eleve(user, candidat, equipe)
    equipe, classe = contexte["equipe"], contexte["classe"]
    return contexte | {
        "passages": _avec_l_eleve(candidat, passages(candidat, visibles_seulement=not contexte["entier"])),
        "semaines": semaines_par_eleve([candidat], timezone.localdate())[candidat.pk],
        "evaluateur": equipe and _evaluable(user, candidat, classe),
        "voisins": _voisins(user, candidat, classe) if equipe else None,
    }


def _avec_l_eleve(candidat: Eleve, passages: list[Passage]) -> list[tuple[Passage, list[AutoEvaluation]]]:
    """Chaque situation, et ce que l'élève y pense de lui-même. Une requête."""
    siennes: dict[int | None, list[AutoEvaluation]] = defaultdict(list)
    situations = [passage.situation.pk for passage in passages]
    for une in AutoEvaluation.objects.filter(eleve=candidat, situation__in=situations).select_related(
        "competence", "niveau"
    ):
        siennes[une.situation_id].append(une)
    return [(passage, siennes[passage.situation.pk]) for passage in passages]


def _evaluable(user: Utilisateur, candidat: Eleve, classe: Classe | None) -> bool:
    """La personne évalue cette classe, et l'élève y est encore."""
    presents = Scolarite.objects.for_user(user, Action.EVALUER).ouvertes()
    return presents.filter(eleve=candidat, classe=classe).exists()


def _voisins(user: Utilisateur, candidat: Eleve, classe: Classe | None) -> Voisins[Eleve]:
    """Élève précédent et suivant dans l'ordre de la classe."""
    if classe is None:
        return Voisins()
    visibles = Eleve.objects.for_user(user, Action.VOIR_CLASSE)
    return voisins(list(visibles.presents(classe).distinct()), candidat)
