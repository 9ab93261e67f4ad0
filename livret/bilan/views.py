from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.annee import semestre_du_cycle
from livret.bilan import preparation
from livret.bilan.avancement import AvancementBilans
from livret.bilan.documents import bilans_pdf, bilans_zip, nom_du_bilan
from livret.bilan.forms import (
    BilanForm,
    CorrectionForm,
    PreparationForm,
    champs_de,
)
from livret.bilan.lus import (
    BilanLu,
    bilan_lu,
    bilans_lus,
    depuis_la_prise,
    non_publiees,
)
from livret.bilan.models import Bilan, BilanQuerySet
from livret.passages import Passage
from livret.personnes.alphabet import alphabetique
from livret.personnes.classes import suit
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.dates import date_dite, heure_dite
from trpm.garde.heure import a_l_heure_de
from trpm.impression.documents import telechargement
from trpm.permissions import Action
from trpm.textes import entier, pluriel
from trpm.voisins import Voisins, voisins

E = Bilan.Etat
TYPE_ZIP = "application/zip"
REPRENDRE = "reprendre"
PASSAGES = {
    (E.BROUILLON, E.PREPARE): Passage(
        E.PREPARE, "Marquer préparé", "Les niveaux sont pris ; l’élève peut écrire ses mots.", True
    ),
    (E.PREPARE, E.ENTRETIEN): Passage(
        E.ENTRETIEN, "Marquer l’entretien fait", "L’élève n’écrira plus ses mots.", True
    ),
    (E.PREPARE, E.BROUILLON): Passage(
        E.BROUILLON, "Revenir au brouillon", "Les niveaux pris sont abandonnés ; les textes restent."
    ),
    (E.ENTRETIEN, E.VALIDE): Passage(
        E.VALIDE, "Valider le bilan", "Plus rien n’y changera, et l’élève le lira.", True
    ),
    (E.ENTRETIEN, E.PREPARE): Passage(
        E.PREPARE, "Rouvrir la préparation", "L’élève pourra de nouveau écrire ses mots."
    ),
}


# --- La classe --------------------------------------------------------------------------------


@requires(Action.VOIR_CLASSE)
def bilans(request: Requete, pk: int) -> HttpResponse:
    return _page_classe(request, _classe(request, Action.VOIR_CLASSE, pk))


@requires(Action.PREPARER_BILAN)
@require_POST
def bilans_preparer(request: Requete, pk: int) -> HttpResponse:
    classe = _classe(request, Action.PREPARER_BILAN, pk)
    form = PreparationForm(request.POST, classe=classe)
    if not form.is_valid():
        return _page_classe(request, classe, form, status=422)
    semestre = form.cleaned_data["semestre"]
    fait = preparation.preparer_classe(classe, semestre, form.cleaned_data["date"], request.user)
    jour = date_dite(form.cleaned_data["date"])
    if fait.crees:
        s = pluriel(fait.crees)
        messages.success(request, f"{fait.crees} bilan{s} créé{s} au {jour}, à relire élève par élève.")
    else:
        messages.info(request, "Aucun bilan à créer : chaque élève a le sien.")
    if fait.deplaces:
        messages.info(request, f"Brouillons déjà là, portés au {jour} : {fait.deplaces}.")
    if fait.laisses:
        messages.info(request, f"Laissés tels quels : {_noms(fait.laisses)}.")
    return redirect(_adresse(classe, semestre))


@requires(Action.PREPARER_BILAN)
@require_POST
def bilans_prepares(request: Requete, pk: int) -> HttpResponse:
    """Passe d'un geste à « préparé » tous les brouillons dont l'appréciation est écrite."""
    classe = _classe(request, Action.PREPARER_BILAN, pk)
    semestre = _semestre(request, classe)
    brouillons = list(_courants(classe, semestre).filter(etat=E.BROUILLON))
    prets, attendent = preparation.preparer_les_brouillons(brouillons, request.user, timezone.now())
    messages.success(request, f"{len(prets)} bilan{pluriel(len(prets))} préparé{pluriel(len(prets))}.")
    if attendent:
        messages.info(request, f"Attendent l’appréciation de l’équipe : {_noms(attendent)}.")
    return redirect(_adresse(classe, semestre))


@requires(Action.VOIR_CLASSE)
def bilans_de_classe_pdf(request: Requete, pk: int) -> HttpResponse:
    classe, semestre, lus = _tirage(request, pk)
    nom = f"Bilans du semestre {semestre} {classe.nom} {classe.annee}"
    return telechargement(bilans_pdf(lus, nom, recto_verso="recto_verso" in request.GET), f"{nom}.pdf")


@requires(Action.VOIR_CLASSE)
def bilans_de_classe_zip(request: Requete, pk: int) -> HttpResponse:
    classe, semestre, lus = _tirage(request, pk)
    nom = f"Bilans du semestre {semestre} {classe.nom} {classe.annee}.zip"
    return telechargement(bilans_zip(lus), nom, TYPE_ZIP)


def _tirage(request: Requete, pk: int) -> tuple[Classe, int, list[BilanLu]]:
    classe = _classe(request, Action.VOIR_CLASSE, pk)
    semestre = _semestre(request, classe)
    lus = bilans_lus(_courants(classe, semestre))
    if not lus:
        raise Http404
    return classe, semestre, lus


def _page_classe(
    request: Requete, classe: Classe, form: PreparationForm | None = None, status: int = 200
) -> HttpResponse:
    semestre = _semestre(request, classe)
    liste = _courants(classe, semestre).defer("contenu").select_related("eleve", "entretien_avec", "classe")
    if classe.etablissement.familles:
        ordre = [*alphabetique("eleve__"), "date", "numero"]
        liste = liste.annotate(lu_le=Max("accuses__lu_le")).order_by(*ordre)
    presents = Eleve.objects.presents(classe)
    avec = {un.eleve_id for un in liste}
    avancement = AvancementBilans(tuple(liste), tuple(eleve for eleve in presents if eleve.pk not in avec))
    jour = next((un.date for un in liste if un.etat == E.BROUILLON), None)
    jour = jour or classe.annee.jour_proche(timezone.localdate())
    contexte = {
        "classe": classe,
        "semestre": semestre,
        "semestres": classe.cycle.semestres_de(classe.niveau),
        "avancement": avancement,
        "preparateur": Classe.objects.for_user(request.user, Action.PREPARER_BILAN)
        .filter(pk=classe.pk)
        .exists(),
        "form": form or PreparationForm(classe=classe, initial={"semestre": semestre, "date": jour}),
    }
    return render(request, "livret/bilan/bilans.html", contexte, status=status)


def _classe(request: Requete, action: Action, pk: int) -> Classe:
    visibles = Classe.objects.for_user(request.user, action)
    lies = visibles.select_related("annee", "promotion__option", "etablissement")
    classe = get_object_or_404(lies, pk=pk)
    a_l_heure_de(classe.etablissement)
    return classe


def _semestre(request: Requete, classe: Classe) -> int:
    """Celui que l'adresse demande, sinon celui du jour dans l'année de la classe."""
    choisi = request.GET.get("semestre", "")
    possibles = {str(rang): rang for rang in classe.cycle.semestres_de(classe.niveau)}
    jour = classe.annee.jour_proche(timezone.localdate())
    return possibles.get(choisi) or semestre_du_cycle(classe.cycle, classe.niveau, jour)


def _courants(classe: Classe, semestre: int) -> BilanQuerySet:
    return Bilan.objects.filter(classe=classe, semestre=semestre).courants()


def _adresse(classe: Classe, semestre: int) -> str:
    return f"{reverse('livret:bilans', args=[classe.pk])}?semestre={semestre}"


def _noms(bilans: Iterable[Bilan]) -> str:
    return ", ".join(str(bilan.eleve) for bilan in bilans)


# --- Un bilan ---------------------------------------------------------------------------------


@requires(Action.VOIR_BILAN)
def bilan(request: Requete, pk: int) -> HttpResponse:
    visibles = Bilan.objects.for_user(request.user, Action.VOIR_BILAN)
    return _page(request, get_object_or_404(visibles, pk=pk))


@requires(Action.VOIR_BILAN)
def bilan_pdf(request: Requete, pk: int) -> HttpResponse:
    visibles = Bilan.objects.for_user(request.user, Action.VOIR_BILAN)
    lu = bilan_lu(get_object_or_404(visibles, pk=pk))
    a_l_heure_de(lu.bilan.eleve.etablissement)
    return telechargement(bilans_pdf([lu], nom_du_bilan(lu)), f"{nom_du_bilan(lu)}.pdf")


@requires(Action.PREPARER_BILAN)
@require_POST
@transaction.atomic
def bilan_update(request: Requete, pk: int) -> HttpResponse:
    """Enregistre ce qui est écrit, puis fait le geste demandé, puis va où l'on a demandé d'aller."""
    objet = _verrouille(request, Action.PREPARER_BILAN, pk)
    geste = request.POST.get("geste", "")
    form = BilanForm(request.POST, bilan=objet, champs=champs_de(objet), passage=bool(geste))
    if not form.is_valid():
        return _page(request, objet, form, status=form.statut)
    if form.enregistrer(request.user):
        heure = heure_dite(timezone.now())
        messages.success(request, f"Bilan de {objet.eleve} enregistré à {heure}.")
    if geste:
        _accomplir(request, objet, geste)
    vers = request.POST.get("vers", "")
    return redirect(_voisin(objet, vers) if vers else objet.get_absolute_url())


def _accomplir(request: Requete, objet: Bilan, geste: str) -> None:
    try:
        if geste == REPRENDRE:
            phrases = preparation.reprendre(objet, timezone.now())
            suite = f"ont changé : {' ; '.join(phrases)}" if phrases else "n’avaient pas changé"
            messages.success(request, f"Niveaux repris : ils {suite}.")
        else:
            preparation.passer(objet, geste, request.user, timezone.now())
            messages.success(request, f"Le bilan est {objet.etat_dit}.")
    except ValidationError as refus:
        messages.error(request, " ".join(refus.messages))


def _voisin(objet: Bilan, vers: str) -> str:
    """L'adresse d'un autre bilan de la même classe et du même semestre, prêt à être écrit."""
    pk = entier(vers) or 0
    voisin = _courants(objet.classe, objet.semestre).filter(pk=pk).first()
    return f"{(voisin or objet).get_absolute_url()}?suite=1"


@requires(Action.PREPARER_BILAN)
@require_POST
def bilan_corriger(request: Requete, pk: int) -> HttpResponse:
    visibles = Bilan.objects.for_user(request.user, Action.PREPARER_BILAN)
    objet = get_object_or_404(visibles, pk=pk)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _page(request, objet, correction=form, status=422)
    try:
        nouvelle = preparation.corriger(objet, form.cleaned_data["motif"], request.user)
    except ValidationError as refus:
        return _page(request, objet, refus=refus.messages, correction=form, status=409)
    messages.success(request, f"Version {nouvelle.numero} ouverte ; la version {objet.numero} reste lisible.")
    return redirect(nouvelle)


@requires(Action.PREPARER_BILAN)
@require_POST
@transaction.atomic
def bilan_delete(request: Requete, pk: int) -> HttpResponse:
    objet = _verrouille(request, Action.PREPARER_BILAN, pk)
    try:
        objet.delete()
    except ValidationError as refus:
        return _page(request, objet, refus=refus.messages, status=409)
    messages.success(request, f"Le brouillon de {objet.eleve} est supprimé.")
    return redirect(_adresse(objet.classe, objet.semestre))


def _verrouille(request: Requete, action: Action, pk: int) -> Bilan:
    """Le bilan, sous verrou jusqu'à la fin de la transaction : ce qu'on y lit vaut encore à l'écriture."""
    visibles = Bilan.objects.for_user(request.user, action).verrouilles()
    return get_object_or_404(visibles.select_related("eleve", "classe__annee", "mots_par"), pk=pk)


def _page(
    request: Requete,
    objet: Bilan,
    form: BilanForm | None = None,
    *,
    correction: CorrectionForm | None = None,
    refus: Iterable[str] = (),
    status: int = 200,
) -> HttpResponse:
    lu = bilan_lu(objet)
    a_l_heure_de(lu.bilan.eleve.etablissement)
    preparateur = Bilan.objects.for_user(request.user, Action.PREPARER_BILAN).filter(pk=objet.pk).exists()
    ecrit = preparateur and not lu.bilan.valide
    perdu = form if form and not ecrit else None
    contexte = _lecture(request.user, lu, preparateur) | {
        "refus": [*refus, *(perdu.non_field_errors() if perdu else ())],
        "perdus": perdu.tape() if perdu else [],
        "correction": correction or CorrectionForm(),
    }
    if ecrit:
        contexte |= _ecriture(lu, form)
        if "suite" in request.GET and not form:
            contexte["form"].fields["appreciation"].widget.attrs["autofocus"] = True
    return render(request, "livret/bilan/bilan.html", contexte, status=status)


def _lecture(user: Utilisateur, lu: BilanLu, preparateur: bool) -> dict[str, Any]:
    actuel = lu.bilan
    equipe = suit(user, actuel.eleve_id)
    suivie = Classe.objects.for_user(user, Action.VOIR_CLASSE).filter(pk=actuel.classe_id).exists()
    lisibles = Bilan.objects.for_user(user, Action.VOIR_BILAN)
    return {
        "lu": lu,
        "bilan": actuel,
        "contenu": lu.contenu,
        "equipe": equipe,
        "versions": [une for une in actuel.versions() if equipe or une.valide],
        "accuses": actuel.accuses.select_related("compte") if equipe and actuel.valide else (),
        "autres": lisibles.en_vigueur().filter(eleve=actuel.eleve_id).exclude(pk=actuel.pk).defer("contenu"),
        "corrigeable": preparateur and actuel.valide and not Bilan.objects.filter(corrige=actuel).exists(),
        "suivie": suivie,
        "lui": actuel.eleve.utilisateur_id == user.pk,
        "voisins": _voisins(lu) if suivie else None,
    }


def _ecriture(lu: BilanLu, form: BilanForm | None) -> dict[str, Any]:
    actuel = lu.bilan
    return {
        "form": form.relu() if form else BilanForm(bilan=actuel, champs=champs_de(actuel)),
        "passages": [PASSAGES[E(actuel.etat), suite] for suite in actuel.suites()],
        "perimees": depuis_la_prise(lu) if actuel.etat != E.BROUILLON else (),
        "non_publiees": non_publiees(actuel),
        "supprimable": not actuel.obstacle_a_la_suppression(),
    }


def _voisins(lu: BilanLu) -> Voisins[int]:
    """Le précédent et le suivant dans l'ordre de la classe, et le rang."""
    cles = _courants(lu.bilan.classe, lu.bilan.semestre).values_list("pk", flat=True)
    return voisins(list(cles), lu.bilan.pk)


# --- L'élève ----------------------------------------------------------------------------------


@requires(Action.ECRIRE_SES_MOTS)
def mes_bilans(request: Requete) -> HttpResponse:
    return _page_eleve(request)


@requires(Action.ECRIRE_SES_MOTS)
@require_POST
@transaction.atomic
def mes_mots(request: Requete, pk: int) -> HttpResponse:
    objet = _verrouille(request, Action.ECRIRE_SES_MOTS, pk)
    form = BilanForm(request.POST, bilan=objet, champs=("mots",))
    if not objet.attend_ses_mots or not form.is_valid():
        return _page_eleve(request, form, status=409)
    form.enregistrer(request.user)
    messages.success(request, f"Vos mots sont enregistrés, à {heure_dite(timezone.now())}.")
    return redirect("livret:mes-bilans")


def _page_eleve(request: Requete, recu: BilanForm | None = None, status: int = 200) -> HttpResponse:
    siens = Bilan.objects.for_user(request.user, Action.ECRIRE_SES_MOTS)
    ouverts = siens.ouverts().courants().select_related("eleve", "classe", "mots_par").order_by("-date")
    contexte = {
        "valides": siens.en_vigueur().defer("contenu").select_related("classe__annee").order_by("-date"),
        "ouverts": [
            (un, recu.relu() if recu and recu.instance.pk == un.pk else BilanForm(bilan=un, champs=("mots",)))
            for un in ouverts
        ],
        "perdu": recu.data.get("mots", "") if recu and not recu.instance.attend_ses_mots else "",
    }
    return render(request, "livret/bilan/mes_bilans.html", contexte, status=status)
