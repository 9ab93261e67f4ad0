"""La fiche du tuteur du côté de l'enseignant : le lien, la saisie ensemble, la relecture, le papier."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from livret.personnes.classes import peut_evaluer
from livret.personnes.requete import Requete
from livret.pfmp.models.entreprise import Tuteur
from livret.pfmp.models.pfmp import Pfmp
from livret.pfmp.periodes import periode_suivie
from livret.tuteur.courriel import courriel_de
from livret.tuteur.forms import FicheForm, SaisieForm, ValidationForm
from livret.tuteur.lecture import lecture, papier
from livret.tuteur.models.fiche import FicheTuteur
from livret.tuteur.models.lien import LienTuteur
from livret.tuteur.reception import recevoir
from livret.tuteur.relances import fiches_a_relancer
from livret.tuteur.validation import valider
from trpm.acces import requires
from trpm.base.envois import aboutie
from trpm.garde.heure import a_l_heure_de
from trpm.impression.documents import telechargement
from trpm.permissions import Action


@requires(Action.LIRE_FICHE_TUTEUR)
def fiche_tuteur(request: Requete, pfmp: int, tuteur: int) -> HttpResponse:
    """L'équipe y travaille ; une commission lit celles de ses candidats."""
    return _page(request, _fiche(request, Action.LIRE_FICHE_TUTEUR, pfmp, tuteur))


def _page(
    request: Requete, fiche: FicheTuteur, form: ValidationForm | None = None, status: int = 200
) -> HttpResponse:
    equipe = _de_l_equipe(request, fiche)
    liens = list(fiche.liens.select_related("cree_par", "retire_par")) if fiche.pk and equipe else []
    obstacle = fiche.obstacle() if fiche.remplissable else ""
    fermes = [(lien, lien.fin_de_vie(timezone.now()) or obstacle) for lien in liens]
    contexte = lecture(fiche) | {
        "equipe": equipe,
        "liens": fermes,
        "ouverts": [lien for lien, fermeture in fermes if not fermeture],
        "obstacle": obstacle,
        "evaluateur": peut_evaluer(request.user, fiche.pfmp.periode.classe),
        "form": form or ValidationForm(initial={"revision": fiche.revision}),
    }
    return render(request, "livret/tuteur/fiche_tuteur.html", contexte, status=status)


def _de_l_equipe(request: Requete, fiche: FicheTuteur) -> bool:
    """Faux pour qui ne lit cette fiche qu'en commission ; hors commission, aucune requête."""
    if not request.user.siege(Action.LIRE_FICHE_TUTEUR):
        return True
    return Pfmp.objects.for_user(request.user, Action.SUIVRE_PFMP).filter(pk=fiche.pfmp_id).exists()


@requires(Action.SUIVRE_PFMP)
@require_POST
@never_cache
def fiche_tuteur_lien(request: Requete, pfmp: int, tuteur: int) -> HttpResponse:
    """Un lien neuf, montré une fois : la base n'en garde que l'empreinte."""
    fiche = _creee(_fiche(request, Action.SUIVRE_PFMP, pfmp, tuteur))
    try:
        acces = LienTuteur.creer(fiche, request.user, timezone.now())
    except ValidationError as refus:
        messages.error(request, refus.messages[0])
        return redirect(fiche)
    courriel = courriel_de(request, acces)
    faute = courriel.envoyer() if "courriel" in request.POST else None
    contexte = lecture(fiche) | {"acces": acces, "courriel": courriel, "faute": faute}
    page = render(request, "livret/tuteur/fiche_tuteur_lien.html", contexte)
    return aboutie(page, fiche.get_absolute_url())


@requires(Action.SUIVRE_PFMP)
@require_POST
def fiche_tuteur_retrait(request: Requete, pfmp: int, tuteur: int) -> HttpResponse:
    fiche = _creee(_fiche(request, Action.SUIVRE_PFMP, pfmp, tuteur))
    retires = fiche.retirer_les_liens(request.user, timezone.now())
    messages.success(
        request,
        f"{retires} lien{'s' * (retires > 1)} retiré{'s' * (retires > 1)} : plus aucun n’ouvre la fiche.",
    )
    return redirect(fiche)


@requires(Action.EVALUER)
def fiche_tuteur_saisie(request: Requete, pfmp: int, tuteur: int) -> HttpResponse:
    """Remplir ensemble pendant la visite, ou d'après le papier revenu : c'est là que mène son QR code."""
    fiche = _fiche(request, Action.EVALUER, pfmp, tuteur)
    if obstacle := fiche.obstacle() if fiche.remplissable else "Cette fiche est déjà signée.":
        messages.error(request, obstacle)
        return redirect(fiche)
    if request.method != "POST":
        return _page_saisie(request, fiche, SaisieForm(fiche=fiche))
    recu = recevoir(request, _creee(fiche), SaisieForm, saisie_par=request.user)
    if request.headers.get("Accept") == "application/json":
        return recu.json
    if recu.statut != 200:
        return _page_saisie(request, recu.fiche, recu.form, recu.faute, recu.statut)
    if recu.fiche.remplissable:
        messages.success(request, recu.etat)
        return redirect("livret:fiche-tuteur-saisie", pfmp, tuteur)
    messages.success(request, "La fiche est signée. Relisez-la, puis validez-la.")
    return redirect(recu.fiche)


def _page_saisie(
    request: Requete, fiche: FicheTuteur, form: FicheForm, faute: str = "", status: int = 200
) -> HttpResponse:
    contexte = {
        "fiche": fiche,
        "form": form,
        "faute": faute,
        "eleve": fiche.pfmp.eleve,
        "classe": fiche.pfmp.periode.classe,
        "dates": fiche.dates(),
    }
    return render(request, "livret/tuteur/fiche_tuteur_saisie.html", contexte, status=status)


@requires(Action.EVALUER)
@require_POST
def fiche_tuteur_rendre(request: Requete, pfmp: int, tuteur: int) -> HttpResponse:
    fiche = _creee(_fiche(request, Action.EVALUER, pfmp, tuteur))
    try:
        fiche.rendre()
    except ValidationError as refus:
        messages.error(request, refus.messages[0])
    else:
        messages.success(
            request,
            f"La fiche est rendue {fiche.pfmp.mot_tuteur.au}\xa0: les réponses sont gardées, elle sera à "
            "signer de nouveau.",
        )
    return redirect(fiche)


@requires(Action.EVALUER)
@require_POST
def fiche_tuteur_validation(request: Requete, pfmp: int, tuteur: int) -> HttpResponse:
    fiche = _creee(_fiche(request, Action.EVALUER, pfmp, tuteur))
    form = ValidationForm(request.POST)
    if not form.is_valid():
        return _page(request, fiche, form, status=422)
    voulu = form.cleaned_data
    try:
        situation = valider(
            fiche,
            request.user,
            voulu["nature"],
            publier=voulu["publier"],
            revision=voulu["revision"],
            le=timezone.now(),
            inventaire=form.inventaire,
        )
    except ValidationError as refus:
        messages.error(request, " ".join(refus.messages))
        return redirect(fiche)
    messages.success(request, f"La fiche est validée : elle est la situation « {situation} ».")
    return redirect(fiche)


@requires(Action.LIRE_FICHE_TUTEUR)
def fiche_tuteur_pdf(request: Requete, pfmp: int, tuteur: int) -> HttpResponse:
    """À remplir à la main, ou telle qu'elle a été signée ; son QR code rouvre la saisie de cette fiche."""
    return papier(request, _fiche(request, Action.LIRE_FICHE_TUTEUR, pfmp, tuteur))


@requires(Action.LIRE_FICHE_TUTEUR)
def fiche_tuteur_scan(request: Requete, pfmp: int, tuteur: int) -> HttpResponse:
    fiche = _fiche(request, Action.LIRE_FICHE_TUTEUR, pfmp, tuteur)
    if not fiche.scan:
        raise Http404
    with fiche.scan.open() as fichier:
        return telechargement(fichier.read(), fiche.scan_nom, fiche.scan_type)


# --- Relancer les tuteurs d'une période ------------------------------------------------------------


@requires(Action.SUIVRE_PFMP)
@never_cache
def periode_tuteurs(request: Requete, pk: int) -> HttpResponse:
    """Où en est chaque fiche ; un geste relance les tuteurs cochés, chacun avec un lien neuf."""
    periode = periode_suivie(request, pk)
    attentes = fiches_a_relancer(periode)
    envois = []
    if request.method == "POST":
        voulus = set(request.POST.getlist("fiche"))
        for attente in attentes:
            if attente.cle in voulus and not attente.obstacle:
                courriel = courriel_de(
                    request, LienTuteur.creer(_creee(attente.fiche), request.user, timezone.now())
                )
                envois.append((attente.fiche, courriel, courriel.envoyer()))
        attentes = fiches_a_relancer(periode)
    contexte = {"periode": periode, "classe": periode.classe, "attentes": attentes, "envois": envois}
    return render(request, "livret/tuteur/periode_tuteurs.html", contexte)


# --- Trouver la fiche ------------------------------------------------------------------------------


def _fiche(request: Requete, action: Action, pfmp: int, tuteur: int) -> FicheTuteur:
    """La fiche de ce tuteur pour cette PFMP, ou celle, pas encore écrite, qu'il aurait."""
    suivies = Pfmp.objects.for_user(request.user, action).select_related(
        "eleve__etablissement",
        "eleve__option",
        "eleve__promotion__referentiel",
        "periode__classe__annee",
        "periode__classe__promotion__referentiel",
    )
    stage = get_object_or_404(suivies, pk=pfmp)
    a_l_heure_de(stage.eleve.etablissement)
    ecrite = (
        FicheTuteur.objects.filter(pfmp=stage, tuteur=tuteur)
        .select_related("tuteur__entreprise", "situation", "validee_par", "saisie_par")
        .first()
    )
    if ecrite:
        ecrite.pfmp = stage
        return ecrite
    des_sejours = Tuteur.objects.filter(sejours__pfmp=stage).select_related("entreprise").distinct()
    return FicheTuteur(pfmp=stage, tuteur=get_object_or_404(des_sejours, pk=tuteur))


def _creee(fiche: FicheTuteur) -> FicheTuteur:
    """La même, écrite : seul un geste de l'enseignant la crée, jamais une lecture."""
    if fiche.pk:
        return fiche
    ecrite, _ = FicheTuteur.objects.get_or_create(pfmp=fiche.pfmp, tuteur=fiche.tuteur)
    return ecrite
