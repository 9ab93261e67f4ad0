from certification.models.commission import Commission, Membre, Reunion
from certification.models.dossier import (
    Decision,
    Dossier,
    DossierFige,
    TraceCitee,
    Verification,
    VersionFigee,
)
from certification.models.lot import Avancement, Lot, Tirage

__all__ = [
    "Avancement",
    "Commission",
    "Decision",
    "Dossier",
    "DossierFige",
    "Lot",
    "Membre",
    "Reunion",
    "Tirage",
    "TraceCitee",
    "Verification",
    "VersionFigee",
]
