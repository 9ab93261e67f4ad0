"""Une fiche telle qu'elle se relit, à l'écran et sur papier."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from livret.tuteur.forms import FicheForm
from livret.tuteur.models.fiche import FicheTuteur
from trpm.impression.documents import pdf, telechargement
from trpm.impression.images import adresse_en_ligne
from trpm.impression.qr import qr

STYLES = [
    "css/niveaux.css",
    "css/documents.css",
    "css/pfmp-imprime.css",
    "css/tuteur-imprime.css",
]


def lecture(fiche: FicheTuteur) -> dict[str, Any]:
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


def papier(request: HttpRequest, fiche: FicheTuteur) -> HttpResponse:
    """La feuille à remplir, ou remplie ; son QR code rouvre la saisie à l'enseignant."""
    retour = reverse("livret:fiche-tuteur-saisie", args=[fiche.pfmp_id, fiche.tuteur_id])
    contexte = lecture(fiche) | {
        "titre": f"Fiche {fiche.pfmp.mot_tuteur.du}",
        "qr": qr(request.build_absolute_uri(retour), "QR code de cette fiche"),
        "prevues": fiche.pfmp.taches.all(),
        "edite_le": timezone.localdate(),
    }
    contenu = pdf("documents/fiche_tuteur.html", contexte, styles=STYLES)
    return telechargement(contenu, f"Fiche {fiche.pfmp.mot_tuteur.du} {fiche.pfmp.eleve}.pdf")
