"""Le livret publié d'un élève, tel que sa famille le lit et l'emporte : la page et le PDF, du même objet."""

from typing import Any

from django.utils import timezone

from livret.eleve.suivi import suivi
from livret.personnes.entete import Entete
from livret.personnes.models.eleve import Eleve
from livret.synthese.livrets import passages
from trpm.impression.morceaux import pdf

STYLES = ["css/niveaux.css", "css/documents.css", "css/eleve-imprime.css"]


def livret_publie(eleve: Eleve) -> dict[str, Any]:
    """Rien qui ne soit publié (Q36), ni auto-évaluation, ni portfolio : cela est à l'élève."""
    return {
        "eleve": eleve,
        "suivi": suivi(eleve, timezone.localdate(), visibles_seulement=True),
        "passages": passages(eleve, visibles_seulement=True),
    }


def livret_publie_pdf(eleve: Eleve) -> bytes:
    lieu = eleve.etablissement_id
    contexte = livret_publie(eleve) | {
        "edite_le": timezone.localdate(),
        "logo": Entete.objects.logos([lieu]).get(lieu),
    }
    return pdf("documents/livret-publie.html", contexte, styles=STYLES)
