from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.annee import rentree, semestre_courant
from livret.personnes.models.classe import Promotion
from livret.personnes.requete import Requete
from livret.progression.classeur import echelle_xlsx
from livret.progression.echelle import (
    Cadre,
    EchelleEnvoyee,
    Issue,
    cadre,
    changements,
    en_vigueur,
    enregistrer,
    table,
    valeurs_de,
)
from livret.progression.forms.echelle import envoi_lu
from livret.progression.models.echelle import EchelleAttendue
from livret.progression.promotions import (
    classe_d_ou_l_on_vient,
    de_l_equipe,
    peut_planifier,
    promotion_suivie,
)
from trpm.acces import requires
from trpm.impression.documents import TYPE_XLSX, pdf_sur_une_page, telechargement
from trpm.permissions import Action
from trpm.textes import entier, pluriel

STYLES = ["css/niveaux.css", "css/documents.css", "css/echelle-imprime.css"]


@requires(Action.VOIR_ECHELLE)
def echelle(request: Requete, pk: int) -> HttpResponse:
    return _page(request, cadre(promotion_suivie(request, pk, Action.VOIR_ECHELLE)))


def _page(
    request: Requete, forme: Cadre, envoi: EchelleEnvoyee | None = None, issue: Issue | None = None
) -> HttpResponse:
    """La page ; après un refus, ce qui a été tapé y reste et rien n'a été écrit."""
    promotion = forme.promotion
    derniere = en_vigueur(promotion)
    version = _version(request, promotion) or derniere
    details = "details" in request.GET
    valeurs = issue.valeurs if issue else valeurs_de([version])[version.pk] if version else {}
    tapes = _tapes(forme, envoi, issue) if envoi and issue else {}
    fautes = issue.fautes if issue else {}
    contexte = {
        "promotion": promotion,
        "table": table(forme, version, valeurs, details=details, tapes=tapes, fautes=fautes),
        "conflits": issue.conflits if issue else (),
        "nom": envoi.nom if envoi else "",
        "details": details,
        "derniere": derniere,
        "equipe": de_l_equipe(request, promotion),
        "classe": classe_d_ou_l_on_vient(request, promotion),
        "semestre": _en_cours(promotion),
        "changements": changements(forme),
        "modifiable": version == derniere and peut_planifier(request, promotion),
    }
    return render(request, "livret/progression/echelle.html", contexte, status=_statut(issue))


def _statut(issue: Issue | None) -> int:
    if issue is None:
        return 200
    return 409 if issue.conflits else 422 if issue.fautes else 200


def _en_cours(promotion: Promotion) -> int | None:
    """Le semestre d'aujourd'hui ; rien une fois le cycle achevé."""
    jour = timezone.localdate()
    if rentree(jour) >= promotion.session:
        return None
    cycle, depuis = promotion.referentiel.cycle, promotion.etablissement.second_semestre
    return semestre_courant(cycle, promotion.session, jour, depuis)


def _tapes(forme: Cadre, envoi: EchelleEnvoyee, issue: Issue) -> dict:
    """Ce que la personne avait changé ; ailleurs, la page montre ce qui est en vigueur."""
    vue = EchelleAttendue.objects.filter(promotion=forme.promotion, numero=envoi.vue).first()
    montrees = valeurs_de([vue])[vue.pk] if vue else {}
    return {
        cle: texte for cle, texte in envoi.textes.items() if texte.strip() != forme.code(montrees.get(cle))
    }


def _version(request: Requete, promotion: Promotion) -> EchelleAttendue | None:
    if not (numero := request.GET.get("version")):
        return None
    versions = promotion.echelles.select_related("auteur")
    return get_object_or_404(versions, numero=entier(numero) or 0)


@requires(Action.PLANIFIER)
@require_POST
@transaction.atomic
def echelle_enregistrer(request: Requete, pk: int) -> HttpResponse:
    forme = cadre(promotion_suivie(request, pk, Action.PLANIFIER))
    envoi = envoi_lu(request.POST)
    issue = enregistrer(forme, envoi, request.user, timezone.now())
    if issue.fautes or issue.conflits:
        return _page(request, forme, envoi, issue)
    if issue.version:
        s = pluriel(issue.changees)
        messages.success(
            request,
            f"Version {issue.version.numero} enregistrée : {issue.changees} case{s} changée{s}.",
        )
    else:
        messages.info(request, "Aucune case n’a changé : pas de nouvelle version.")
    suite = "?details=1" if "details" in request.GET else ""
    return redirect(reverse("livret:echelle", args=[pk]) + suite)


@requires(Action.VOIR_ECHELLE)
def echelle_pdf(request: Requete, pk: int) -> HttpResponse:
    forme = cadre(promotion_suivie(request, pk, Action.VOIR_ECHELLE))
    version = _version(request, forme.promotion) or en_vigueur(forme.promotion)
    valeurs = valeurs_de([version])[version.pk] if version else {}
    contexte = {
        "promotion": forme.promotion,
        "table": table(forme, version, valeurs),
        "edite_le": timezone.localdate(),
    }
    contenu = pdf_sur_une_page("documents/echelle.html", contexte, ["aise", "serre"], styles=STYLES)
    return telechargement(contenu, f"Échelle de compétences {forme.promotion}.pdf")


@requires(Action.VOIR_ECHELLE)
def echelle_classeur(request: Requete, pk: int) -> HttpResponse:
    forme = cadre(promotion_suivie(request, pk, Action.VOIR_ECHELLE))
    version = _version(request, forme.promotion) or en_vigueur(forme.promotion)
    valeurs = valeurs_de([version])[version.pk] if version else {}
    contenu = echelle_xlsx(table(forme, version, valeurs))
    return telechargement(contenu, f"Échelle de compétences {forme.promotion}.xlsx", TYPE_XLSX)
