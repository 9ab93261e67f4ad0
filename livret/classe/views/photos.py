"""Les photos des élèves d'une classe, si l'établissement les montre : déposer, voir, retirer."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from livret.classe.portraits import EleveNomme, a_qui, depliees, exiger_une_taille
from livret.personnes.classes import classe_suivie, eleves_presents
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Etablissement
from livret.personnes.models.eleve import Eleve
from livret.personnes.photo import PhotoEleve
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.fichiers import FichierRefuse
from trpm.impression.images import portrait_propre
from trpm.permissions import Action
from trpm.textes import entier, pluriel

A = Action.DEPOSER_PHOTOS
REFUS_DITS = 8


@requires(Action.VOIR_CLASSE)
@require_safe
def photo(request: Requete, pk: int) -> HttpResponse:
    lue = get_object_or_404(PhotoEleve.objects.for_user(request.user, Action.VOIR_CLASSE), eleve=pk)
    reponse = HttpResponse(bytes(lue.image), content_type="image/jpeg")
    patch_cache_control(reponse, private=True, max_age=3600)
    return reponse


@requires(A)
def photos(request: Requete, pk: int) -> HttpResponse:
    """Une à une, ou d'un lot nommé par l'INE ou par le nom."""
    classe = classe_suivie(request, pk, A)
    ouvert = Etablissement.objects.filter(pk=classe.etablissement.pk, photos_d_eleves=True)
    if request.method == "POST":
        ouvert = ouvert.select_for_update(no_key=True)  # le réglage ne se ferme pas pendant le dépôt
    get_object_or_404(ouvert)
    eleves = eleves_presents(classe)
    personnes = [EleveNomme(un.pk, un.ine, un.nom, un.prenom) for un in eleves]
    if request.method == "POST":
        _dire(request, *(_retirer(request, personnes) or _garder(request, personnes)))
        return redirect("livret:photos", pk)
    return render(request, "livret/classe/photos.html", _contexte(classe, eleves))


def _contexte(classe: Classe, eleves: list[Eleve]) -> dict[str, object]:
    adresses = PhotoEleve.objects.adresses(classe, [un.pk for un in eleves])
    return {"classe": classe, "rangees": [(un, adresses.get(un.pk, "")) for un in eleves]}


def _retirer(request: Requete, personnes: list[EleveNomme]) -> tuple[str, list[str]] | None:
    eleve = entier(request.POST.get("retirer"))
    if eleve is None:
        return None
    siennes = PhotoEleve.objects.filter(eleve=eleve, eleve__in=[une.pk for une in personnes])
    return ("La photo est effacée." if siennes.delete()[0] else "", [])


def _garder(request: Requete, personnes: list[EleveNomme]) -> tuple[str, list[str]]:
    gardees: set[int] = set()
    refus: list[str] = []
    for nom, contenu, eleve in _recues(request, personnes, refus):
        try:
            exiger_une_taille(nom, contenu)
            qui = eleve or a_qui(nom, personnes)
            image = portrait_propre(contenu, nom)
        except FichierRefuse as faute:
            refus.append(str(faute))
        else:
            PhotoEleve.objects.update_or_create(eleve_id=qui, defaults={"image": image})
            gardees.add(qui)
    nombre = len(gardees)
    dit = f"{nombre} photo{pluriel(nombre)} enregistrée{pluriel(nombre)}." if nombre else ""
    return dit, refus


def _recues(
    request: Requete, personnes: list[EleveNomme], refus: list[str]
) -> Iterator[tuple[str, bytes, int | None]]:
    """Chaque image reçue, et son élève quand la page le dit."""
    for une in personnes:
        if fichier := request.FILES.get(f"photo_{une.pk}"):
            yield fichier.name or "photo", fichier.read(), une.pk
    for fichier in request.FILES.getlist("lot"):
        try:
            for nom, contenu in depliees(fichier.name or "lot", fichier.read()):
                yield nom, contenu, None
        except FichierRefuse as faute:
            refus.append(str(faute))


def _dire(request: Requete, dit: str, refus: list[str]) -> None:
    if dit:
        messages.success(request, dit)
    for phrase in refus[:REFUS_DITS]:
        messages.warning(request, phrase)
    if reste := max(len(refus) - REFUS_DITS, 0):
        s = pluriel(reste)
        messages.warning(request, f"{reste} autre{s} fichier{s} refusé{s}.")
    if not dit and not refus:
        messages.warning(request, "Aucune photo reçue\xa0: choisissez au moins une image.")
