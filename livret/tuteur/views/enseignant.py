"""La fiche du tuteur du côté de l'enseignant : le lien, la saisie ensemble, la relecture, le papier."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from livret.personnes.classes import peut_evaluer
from livret.personnes.requete import Requete
from livret.pfmp.models import Periode, Pfmp, Tuteur
from livret.tuteur.forms import FicheForm, SaisieForm, ValidationForm
from livret.tuteur.models import Acces, FicheChangee, FicheTuteur, LienTuteur
from trpm.acces import requires
from trpm.courriel import envoyer
from trpm.dates import date_dite, heure_dite
from trpm.documents import pdf, telechargement
from trpm.images import adresse_en_ligne
from trpm.permissions import Action
from trpm.qr import qr

STYLES = [
    "css/niveaux.css",
    "css/documents.css",
    "css/pfmp-imprime.css",
    "css/fiche-tuteur-imprimee.css",
]


# --- Recevoir une fiche, d'où qu'elle vienne -------------------------------------------------------


@dataclass(frozen=True)
class Reception:
    """Ce qu'il est advenu d'un envoi ; `statut` 200 : tout est gardé."""

    fiche: FicheTuteur
    form: FicheForm
    statut: int
    faute: str = ""

    @property
    def etat(self) -> str:
        if self.faute:
            return self.faute
        return f"Gardé à {heure_dite(self.fiche.modifiee_le)}."

    @property
    def json(self) -> JsonResponse:
        return JsonResponse({"etat": self.etat, "revision": self.fiche.revision}, status=self.statut)


def recevoir(
    request: HttpRequest, fiche: FicheTuteur, formulaire: type[FicheForm], **champs: Any
) -> Reception:
    """Envoie la fiche si elle est complète ; sinon garde ce qui est écrit, et dit ce qui manque."""
    envoi = "envoyer" in request.POST
    form = formulaire(request.POST, request.FILES, fiche=fiche, envoi=envoi)
    complete = form.is_valid()
    brouillon = form if complete or not envoi else formulaire(request.POST, request.FILES, fiche=fiche)
    try:
        if envoi and complete:
            recue = fiche.envoyer(
                form.contenu, form.nom_et_signature, form.venue, form.champs | champs, timezone.now()
            )
            return Reception(recue, form, 200)
        if brouillon.is_valid():
            gardee = fiche.garder(brouillon.contenu, brouillon.venue, brouillon.champs | champs)
            if complete:
                return Reception(gardee, form, 200)
            return Reception(
                gardee, form, 422, "Il manque quelque chose : voyez ce qui est signalé plus bas."
            )
    except FicheChangee as changee:
        fiche.refresh_from_db()
        form.data = request.POST.copy()
        form.data["revision"] = str(fiche.revision)
        return Reception(fiche, form, 409, changee.messages[0])
    except ValidationError as refus:
        fiche.refresh_from_db()
        return Reception(fiche, form, 409, refus.messages[0])
    fautes = " ".join(str(faute) for liste in brouillon.errors.values() for faute in liste)
    return Reception(fiche, form, 422, f"Rien n’est gardé : {fautes}")


# --- La page de l'enseignant -----------------------------------------------------------------------


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
    contexte = _contexte(fiche) | {
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


def _contexte(fiche: FicheTuteur) -> dict[str, Any]:
    """Ce que la page et le papier montrent de la fiche."""
    lue = FicheForm(fiche=fiche)
    return {
        "fiche": fiche,
        "pfmp": fiche.pfmp,
        "eleve": fiche.pfmp.eleve,
        "classe": fiche.pfmp.periode.classe,
        "dates": fiche.dates(),
        "questions": lue.questions,
        "reponses": lue.reponses,
        "taches": fiche.taches.select_related("activite") if fiche.pk else [],
        "signature": adresse_en_ligne(bytes(fiche.signature), "image/png") if fiche.signature else "",
    }


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
    contexte = _contexte(fiche) | {"acces": acces, "courriel": courriel, "faute": faute}
    return render(request, "livret/tuteur/fiche_tuteur_lien.html", contexte)


@dataclass(frozen=True)
class Courriel:
    """Ce que l'on écrit au tuteur : envoyé s'il y a un serveur, à copier sinon."""

    acces: Acces
    adresse: str
    code_a_taper: str
    objet: str
    texte: str

    @property
    def destinataire(self) -> str:
        return self.acces.lien.fiche.tuteur.courriel

    @property
    def mailto(self) -> str:
        return f"mailto:{quote(self.destinataire)}?subject={quote(self.objet)}&body={quote(self.texte)}"

    @property
    def qr(self) -> str:
        return qr(self.adresse, "QR code de la fiche du tuteur")

    def envoyer(self) -> str:
        """Vide si c'est parti ; sinon, pourquoi rien n'est parti."""
        faute = envoyer(self.objet, self.texte, self.destinataire)
        if not faute:
            self.acces.lien.envoye_a = self.destinataire
            self.acces.lien.save(update_fields=["envoye_a"])
        return faute


def courriel_de(request: Requete, acces: Acces) -> Courriel:
    fiche = acces.lien.fiche
    adresse = request.build_absolute_uri(acces.chemin)
    code_a_taper = request.build_absolute_uri(reverse("livret:tuteur-code"))
    echeance = date_dite(timezone.localtime(acces.lien.expire_le))
    debut, fin = fiche.dates() or (fiche.pfmp.periode.debut, fiche.pfmp.periode.fin)
    texte = (
        f"Bonjour,\n\nVous accueillez {fiche.pfmp.eleve.nom_complet} "
        f"du {date_dite(debut, 'j F')} au {date_dite(fin)}. "
        "Pouvez-vous remplir sa fiche ? Deux minutes suffisent, sur un téléphone et sans compte :\n\n"
        f"{adresse}\n\n"
        f"Ce lien ne montre que cette fiche ; il sert jusqu’au {echeance}. Ne le transmettez qu’à la "
        "personne qui suit l’élève. S’il ne s’ouvre plus, répondez-nous : nous en renvoyons un aussitôt.\n\n"
        f"Merci,\n{request.user.nom_complet}\n{fiche.pfmp.eleve.etablissement}\n"
    )
    objet = f"{fiche.pfmp.periode} de {fiche.pfmp.eleve.nom_complet} : votre fiche"
    return Courriel(acces, adresse, code_a_taper, objet, texte)


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
            request, "La fiche est rendue au tuteur : ses réponses sont gardées, il la signera de nouveau."
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
        situation = fiche.valider(
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
    fiche = _fiche(request, Action.LIRE_FICHE_TUTEUR, pfmp, tuteur)
    retour = request.build_absolute_uri(reverse("livret:fiche-tuteur-saisie", args=[pfmp, tuteur]))
    contexte = _contexte(fiche) | {
        "qr": qr(retour, "QR code de cette fiche"),
        "prevues": fiche.pfmp.taches.all(),
        "edite_le": timezone.localdate(),
    }
    contenu = pdf("documents/fiche_tuteur.html", contexte, styles=STYLES)
    return telechargement(contenu, f"Fiche du tuteur {fiche.pfmp.eleve}.pdf")


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
    periodes = Periode.objects.for_user(request.user, Action.SUIVRE_PFMP).select_related("classe__annee")
    periode = get_object_or_404(periodes, pk=pk)
    attentes = _attentes(periode)
    envois = []
    if request.method == "POST":
        voulus = set(request.POST.getlist("fiche"))
        for attente in attentes:
            if attente.cle in voulus and not attente.obstacle:
                courriel = courriel_de(
                    request, LienTuteur.creer(_creee(attente.fiche), request.user, timezone.now())
                )
                envois.append((attente.fiche, courriel, courriel.envoyer()))
        attentes = _attentes(periode)
    contexte = {"periode": periode, "classe": periode.classe, "attentes": attentes, "envois": envois}
    return render(request, "livret/tuteur/periode_tuteurs.html", contexte)


@dataclass(frozen=True)
class Attente:
    """Un élève chez un tuteur, et ce que l'on attend de sa fiche."""

    fiche: FicheTuteur
    dernier: LienTuteur | None
    obstacle: str

    @property
    def cle(self) -> str:
        return f"{self.fiche.pfmp_id}-{self.fiche.tuteur_id}"


def _attentes(periode: Periode) -> list[Attente]:
    """Les fiches d'une période, faites ou à faire, en un nombre fixe de requêtes."""
    pfmps = (
        Pfmp.objects.filter(periode=periode)
        .exclude(etat=Pfmp.Etat.ANNULEE)
        .select_related("eleve__etablissement", "periode__classe")
        .prefetch_related(
            "sejours__tuteur__entreprise",
            "competences",
            "fiches_tuteur__liens",
            "fiches_tuteur__tuteur__entreprise",
        )
    )
    attentes = []
    for pfmp in pfmps:
        fiches = {fiche.tuteur_id: fiche for fiche in pfmp.fiches_tuteur.all()}
        tuteurs = {sejour.tuteur.pk: sejour.tuteur for sejour in pfmp.sejours.all() if sejour.tuteur}
        for pk, tuteur in tuteurs.items():
            fiche = fiches.get(pk) or FicheTuteur(pfmp=pfmp, tuteur=tuteur)
            liens = list(fiche.liens.all()) if fiche.pk else []
            attentes.append(Attente(fiche, liens[0] if liens else None, _empechement(fiche, pfmp)))
    return attentes


def _empechement(fiche: FicheTuteur, pfmp: Pfmp) -> str:
    if not fiche.remplissable:
        return fiche.get_etat_display()
    if not pfmp.modifiable:
        return f"période {pfmp.get_etat_display()}"
    return "" if pfmp.competences.all() else "aucune compétence visée : remplissez l’annexe"


# --- Trouver la fiche ------------------------------------------------------------------------------


def _fiche(request: Requete, action: Action, pfmp: int, tuteur: int) -> FicheTuteur:
    """La fiche de ce tuteur pour cette PFMP, ou celle, pas encore écrite, qu'il aurait."""
    suivies = Pfmp.objects.for_user(request.user, action).select_related(
        "eleve__etablissement",
        "eleve__option",
        "eleve__promotion__referentiel",
        "periode__classe__annee",
        "periode__classe__promotion",
    )
    stage = get_object_or_404(suivies, pk=pfmp)
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
