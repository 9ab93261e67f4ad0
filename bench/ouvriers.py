"""Les dossiers d’une classe pour trois épreuves, tirés en fond par un ou plusieurs ouvriers."""

import time
from typing import Any

from django.core.management import call_command
from pypdf import PdfReader

from bench.chronometre import processeur
from bench.lycee import commissions_du_banc
from bench.tailles import Taille
from certification.lot import tirages
from livret.models import Utilisateur
from trpm.impression import documents


def mesurer(taille: Taille, ouvriers: int) -> dict[str, Any]:
    """De la demande au dernier fichier d’ensemble : processus, base, fichiers, réunion compris."""
    if documents.pango_manque():
        return {"absent": str(documents.PangoAbsent())}
    debut, debut_processeur = time.perf_counter(), processeur()
    par = Utilisateur.objects.order_by("pk")[0]
    demandes = [tirages.demander(commission, "dossiers", par) for commission in commissions_du_banc()]
    call_command("travailler", ouvriers=ouvriers, une_fois=True)
    secondes, travail = time.perf_counter() - debut, processeur() - debut_processeur
    pages = sum(len(PdfReader(lot.avancement().final.fichier.open()).pages) for lot in demandes)
    for lot in demandes:
        lot.delete()
    return {"secondes": secondes, "processeur": travail, "pages": pages}
