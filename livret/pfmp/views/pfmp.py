"""La PFMP d'un élève : ses séjours, ses absences, ses visites, son annexe et son attestation."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from livret.personnes.borne import borne_de_lecture
from livret.personnes.candidats import dossiers_devant
from livret.personnes.classes import suit
from livret.personnes.entete import Entete
from livret.personnes.inscriptions import tels_qu_inscrits
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete, saisie
from livret.pfmp.forms.pfmp import (
    AbsenceForm,
    AnnexeForm,
    DansPfmp,
    SejourForm,
    VisiteForm,
)
from livret.pfmp.models.pfmp import Periode, Pfmp, PfmpQuerySet
from livret.pfmp.models.sejour import Absence, Sejour, Visite
from livret.pfmp.periodes import periode_suivie
from livret.pfmp.suivi import (
    SuiviPfmp,
    annexes_proposees,
    semaines_par_eleve,
    suivis,
)
from livret.situation.temps import de_ce_temps
from livret.synthese.livrets import livrets
from trpm.acces import requires
from trpm.garde.heure import a_l_heure_de
from trpm.impression.assemblage import pdf_reunis
from trpm.impression.documents import pdf, telechargement
from trpm.permissions import Action
from trpm.voisins import Voisins, voisins

STYLES = ["css/niveaux.css", "css/documents.css", "css/pfmp-imprime.css"]
SUIVRE, VOIR = Action.SUIVRE_PFMP, Action.VOIR_LIVRET
FIGEE = "Cette PFMP n’est plus ouverte : rouvrez-la avant de la modifier."
CONSEQUENCES = {
    Pfmp.Etat.CLOSE: ("Clore la PFMP", "Plus rien n’y changera ; l’attestation est définitive."),
    Pfmp.Etat.ANNULEE: ("Annuler la PFMP", "Ses jours ne compteront plus ; rien n’est effacé."),
    Pfmp.Etat.OUVERTE: ("Rouvrir la PFMP", "Elle pourra de nouveau changer."),
}


def _pfmps(request: Requete, action: Action) -> PfmpQuerySet:
    return Pfmp.objects.for_user(request.user, action).select_related(
        "periode__classe__annee",
        "periode__classe__promotion__referentiel",
        "periode__classe__etablissement",
        "periode__classe__promotion__option",
        "eleve__promotion__referentiel",
        "eleve__option",
        "eleve__etablissement",
    )


def _suivi(pfmps: PfmpQuerySet, pk: int) -> SuiviPfmp:
    lus = suivis(pfmps.filter(pk=pk), timezone.localdate())
    if not lus:
        raise Http404
    a_l_heure_de(lus[0].eleve.etablissement)
    return replace(lus[0], jour=timezone.localdate())


@requires(VOIR)
def eleve_pfmp(request: Requete, pk: int) -> HttpResponse:
    """Toutes les PFMP d'un élève, et ses semaines."""
    eleves = Eleve.objects.lus_aussi_jadis(request.user, VOIR)
    lies = eleves.select_related("promotion__referentiel", "option", "etablissement")
    candidat = get_object_or_404(lies, pk=pk)
    a_l_heure_de(candidat.etablissement)
    dossiers = _dossiers(request, candidat)
    equipe = suit(request.user, pk, SUIVRE)
    jusqu_au = borne_de_lecture(request.user, candidat, entier=equipe or bool(dossiers))
    jour = jusqu_au or timezone.localdate()
    contexte = {
        "eleve": candidat,
        "suivis": suivis(_pfmps(request, VOIR).filter(eleve=candidat), jour),
        "semaines": semaines_par_eleve([candidat], jour)[candidat.pk],
        "equipe": equipe or jusqu_au is not None,
        "dossiers": dossiers,
        "jusqu_au": jusqu_au,
        "lui": candidat.utilisateur_id == request.user.pk,
        "onglet": "pfmp",
    }
    return render(request, "livret/pfmp/eleve_pfmp.html", contexte)


@requires(VOIR)
def pfmp(request: Requete, pk: int) -> HttpResponse:
    """L'équipe y travaille ; l'élève lit la sienne et une commission celles de ses candidats, sans
    coordonnées ni comptes rendus."""
    suivi = _suivi(_pfmps(request, VOIR), pk)
    equipe = Pfmp.objects.for_user(request.user, SUIVRE).filter(pk=pk).exists()
    contexte = {
        "suivi": suivi,
        "pfmp": suivi.pfmp,
        "classe": suivi.pfmp.periode.classe,
        "equipe": equipe,
        "dossiers": _dossiers(request, suivi.pfmp.eleve),
        "modifiable": equipe and suivi.pfmp.modifiable,
        "competences": suivi.pfmp.competences.all(),
        "taches": suivi.pfmp.taches.order_by("activite__ordre", "ordre", "pk"),
        "passages": [(etat, *CONSEQUENCES[Pfmp.Etat(etat)]) for etat in suivi.pfmp.suites()],
        "voisins": _voisins(suivi.pfmp) if equipe else None,
    }
    return render(request, "livret/pfmp/pfmp.html", contexte)


def _dossiers(request: Requete, candidat: Eleve) -> list[Any]:
    """Ceux que la commission a devant elle ; hors commission, aucun, sans requête."""
    if candidat.utilisateur_id == request.user.pk or not request.user.siege(VOIR):
        return []
    return dossiers_devant(candidat, request.user, VOIR)


def _voisins(objet: Pfmp) -> Voisins[Pfmp]:
    """PFMP précédente et suivante de la période, dans l'ordre de la classe."""
    return voisins(list(Pfmp.objects.filter(periode=objet.periode_id).select_related("eleve")), objet)


@requires(SUIVRE)
@require_POST
@transaction.atomic
def pfmp_etat(request: Requete, pk: int) -> HttpResponse:
    objet = get_object_or_404(_pfmps(request, SUIVRE).verrouillees(), pk=pk)
    try:
        objet.passer(request.POST.get("etat", ""))
    except ValidationError as faute:
        messages.error(request, " ".join(faute.messages))
    else:
        messages.success(request, f"{objet} : {objet.get_etat_display()}.")
    return redirect(objet)


# --- Séjours, absences, visites ------------------------------------------------------------------


def _ajout(formulaire: type[DansPfmp], titre: str, initial: Callable[[Requete, Pfmp], dict[str, Any]]) -> Any:
    """La vue qui ajoute un objet à une PFMP ouverte."""

    @requires(SUIVRE)
    @transaction.atomic
    def vue(request: Requete, pk: int) -> HttpResponse:
        objet = get_object_or_404(_pfmps(request, SUIVRE).verrouillees(), pk=pk)
        form = formulaire(saisie(request), pfmp=objet, initial=initial(request, objet))
        return _page_formulaire(request, objet, form, titre)

    return vue


def _modification(modele: Any, formulaire: type[DansPfmp], titre: str) -> Any:
    """La vue qui modifie un objet d'une PFMP ouverte."""

    @requires(SUIVRE)
    @transaction.atomic
    def vue(request: Requete, pk: int) -> HttpResponse:
        ligne = get_object_or_404(modele.objects.for_user(request.user, SUIVRE), pk=pk)
        objet = get_object_or_404(_pfmps(request, SUIVRE).verrouillees(), pk=ligne.pfmp_id)
        form = formulaire(saisie(request), instance=ligne, pfmp=objet)
        return _page_formulaire(request, objet, form, titre)

    return vue


def _retrait(modele: Any) -> Any:
    """La vue qui retire un objet d'une PFMP ouverte ; l'historique le garde."""

    @requires(SUIVRE)
    @require_POST
    @transaction.atomic
    def vue(request: Requete, pk: int) -> HttpResponse:
        ligne = get_object_or_404(modele.objects.for_user(request.user, SUIVRE), pk=pk)
        objet = get_object_or_404(_pfmps(request, SUIVRE).verrouillees(), pk=ligne.pfmp_id)
        try:
            if not objet.modifiable:
                raise ValidationError(FIGEE)
            ligne.delete()
        except ValidationError as faute:
            messages.error(request, " ".join(faute.messages))
        return redirect(objet)

    return vue


def _page_formulaire(request: Requete, objet: Pfmp, form: DansPfmp, titre: str) -> HttpResponse:
    if not objet.modifiable:
        messages.error(request, FIGEE)
        return redirect(objet)
    if form.is_valid():
        try:
            form.save()
        except ValidationError as faute:
            form.add_error(None, faute.messages)
        else:
            return redirect(objet)
    contexte = {"form": form, "pfmp": objet, "classe": objet.periode.classe, "titre": titre}
    return render(request, "livret/pfmp/pfmp_form.html", contexte)


def _dates(request: Requete, objet: Pfmp) -> dict[str, Any]:
    return {} if objet.sejours.exists() else {"debut": objet.periode.debut, "fin": objet.periode.fin}


def _visiteur(request: Requete, objet: Pfmp) -> dict[str, Any]:
    return {"par": request.user.pk, "nature": Visite.Nature.VISITE, "date": timezone.localdate()}


sejour_create = _ajout(SejourForm, "Ajouter un séjour", _dates)
sejour_update = _modification(Sejour, SejourForm, "Modifier le séjour")
sejour_delete = _retrait(Sejour)
absence_create = _ajout(AbsenceForm, "Noter une absence", lambda request, objet: {"jours": 1})
absence_update = _modification(Absence, AbsenceForm, "Modifier l’absence")
absence_delete = _retrait(Absence)
visite_create = _ajout(VisiteForm, "Noter une visite", _visiteur)
visite_update = _modification(Visite, VisiteForm, "Modifier la visite")
visite_delete = _retrait(Visite)


# --- Annexe et attestation -----------------------------------------------------------------------


@requires(SUIVRE)
@transaction.atomic
def annexe(request: Requete, pk: int) -> HttpResponse:
    """Activités et compétences visées : proposées d'après ce qui reste à prouver, relues par l'équipe."""
    objet = get_object_or_404(_pfmps(request, SUIVRE).verrouillees(), pk=pk)
    if not objet.modifiable:
        messages.error(request, FIGEE)
        return redirect(objet)
    (objet.eleve,) = tels_qu_inscrits([(objet.eleve, objet.periode.classe.promotion)])
    form = AnnexeForm(saisie(request), instance=objet, initial=_reproposee(request, objet))
    if form.is_valid():
        form.instance.annexe_relue_le = timezone.localdate()
        form.save()
        messages.success(request, "L’annexe pédagogique est enregistrée.")
        return redirect(objet)
    livret = livrets([objet.eleve], comptent=de_ce_temps(objet.periode.classe, "situation__"))[0]
    contexte = {
        "form": form,
        "pfmp": objet,
        "classe": objet.periode.classe,
        "livret": livret,
        "epreuves": form.par_epreuve(livret),
    }
    return render(request, "livret/pfmp/annexe.html", contexte)


def _reproposee(request: Requete, objet: Pfmp) -> dict[str, Any]:
    """À la demande, ce que l'élève a aujourd'hui encore à prouver, sans rien écrire."""
    if "proposition" not in request.GET:
        return {}
    proposee = annexes_proposees([objet.eleve], objet.periode.classe)[objet.eleve_id]
    return {"competences": list(proposee.competences), "taches": list(proposee.taches)}


def _imprimees(request: Requete, action: Action) -> PfmpQuerySet:
    return _pfmps(request, action).prefetch_related("competences", "taches__activite__intitules")


def _document(gabarit: str, suivi: SuiviPfmp) -> bytes:
    return _documents(gabarit, [suivi])[0]


def _documents(gabarit: str, suivis: Sequence[SuiviPfmp]) -> list[bytes]:
    logos = Entete.objects.logos({suivi.eleve.etablissement_id for suivi in suivis})
    return [_tire(gabarit, suivi, logos.get(suivi.eleve.etablissement_id)) for suivi in suivis]


def _tire(gabarit: str, suivi: SuiviPfmp, logo: str | None) -> bytes:
    contexte: dict[str, object] = {
        "logo": logo,
        "suivi": suivi,
        "pfmp": suivi.pfmp,
        "eleve": suivi.eleve,
        "activites": _activites(suivi.pfmp),
        "edite_le": suivi.jour,
    }
    return pdf(f"documents/{gabarit}.html", contexte, styles=STYLES)


def _activites(objet: Pfmp) -> list[tuple[str, str, list[Any]]]:
    """Tâches visées, groupées par activité, dans l'ordre du référentiel."""
    groupes: dict[int, tuple[str, str, list[Any]]] = {}
    taches = sorted(objet.taches.all(), key=lambda tache: (tache.activite.ordre, tache.ordre, tache.pk))
    for tache in taches:
        intitule = tache.activite.intitule_pour(objet.eleve.option)
        groupes.setdefault(tache.activite_id, (tache.activite.code, intitule, []))[2].append(tache)
    return list(groupes.values())


@requires(VOIR)
def annexe_pdf(request: Requete, pk: int) -> HttpResponse:
    suivi = _suivi(_imprimees(request, VOIR), pk)
    return telechargement(_document("annexe", suivi), f"Annexe PFMP {suivi.eleve}.pdf")


@requires(SUIVRE)
def attestation_pdf(request: Requete, pk: int) -> HttpResponse:
    suivi = _suivi(_imprimees(request, SUIVRE), pk)
    return telechargement(_document("attestation", suivi), f"Attestation PFMP {suivi.eleve}.pdf")


@requires(SUIVRE)
def periode_annexes(request: Requete, pk: int) -> HttpResponse:
    return _lot(request, periode_suivie(request, pk), "annexe", "Annexes PFMP")


@requires(SUIVRE)
def periode_attestations(request: Requete, pk: int) -> HttpResponse:
    return _lot(request, periode_suivie(request, pk), "attestation", "Attestations PFMP")


def _lot(request: Requete, periode: Periode, gabarit: str, titre: str) -> HttpResponse:
    """Toute la classe en un fichier ; chaque document garde sa propre pagination."""
    lus = suivis(_imprimees(request, SUIVRE).filter(periode=periode).maintenues(), timezone.localdate())
    placees = [suivi for suivi in lus if suivi.sejours]
    if not placees:
        messages.error(request, "Aucun élève de cette période n’a encore d’entreprise : rien à imprimer.")
        return redirect(periode)
    nom = f"{titre} {periode.classe} {periode}"
    reunis = pdf_reunis(_documents(gabarit, placees), titre=nom, recto_verso="recto_verso" in request.GET)
    return telechargement(reunis, f"{nom}.pdf")
