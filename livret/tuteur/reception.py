"""Recevoir une fiche, d'où qu'elle vienne."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from livret.tuteur.forms import FicheForm
from livret.tuteur.models.fiche import FicheChangee, FicheTuteur
from trpm.dates import heure_dite


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
            return Reception(gardee, form, 422, "Il manque quelque chose. Touchez une ligne pour y aller.")
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
