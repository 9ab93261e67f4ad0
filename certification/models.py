from certification.commission.models import Commission, Membre, Reunion
from certification.document.models import Extraction
from certification.dossier.models import Decision, Dossier
from certification.dossier.versions import (
    DossierClos,
    DossierFige,
    TraceCitee,
    Verification,
    VersionFigee,
)
from certification.epinglage.models import MiseEnService
from certification.jury.models import AccesJury, OuvertureJury
from certification.lot.models import AvancementLot, Lot, Tirage

__all__ = [
    "AccesJury",
    "AvancementLot",
    "Commission",
    "Decision",
    "Dossier",
    "DossierClos",
    "DossierFige",
    "Extraction",
    "Lot",
    "Membre",
    "MiseEnService",
    "OuvertureJury",
    "Reunion",
    "Tirage",
    "TraceCitee",
    "Verification",
    "VersionFigee",
]
