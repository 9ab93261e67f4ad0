"""L'aperçu d'un import : ce qu'il changerait, et le jeton qui le confirme."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from referentiel.fichier.importation import previsualiser
from referentiel.forms import ConfirmationImportForm, Depot, signer
from referentiel.partage import refus_de_changer


def apercu(request: HttpRequest, depot: Depot) -> HttpResponse:
    document = depot.document
    changements = previsualiser(document)
    jeton = signer(depot, changements.etat, str(request.user.pk))
    contexte = {
        "document": document,
        "depot": depot,
        "changements": changements,
        "partage": changements and refus_de_changer(request.user, document.code, document.version),
        "form": ConfirmationImportForm(initial={"jeton": jeton}, utilisateur=str(request.user.pk)),
    }
    return render(request, "referentiel/apercu.html", contexte)
