from certification.commission.models import Commission, Membre, Reunion
from certification.dossier.models import (
    Decision,
    Dossier,
    DossierFige,
    TraceCitee,
    Verification,
    VersionFigee,
)
from certification.jury.models import AccesJury, OuvertureJury
from certification.lot.models import Avancement, Lot, Tirage

__all__ = [
    "AccesJury",
    "Avancement",
    "Commission",
    "Decision",
    "Dossier",
    "DossierFige",
    "Lot",
    "Membre",
    "OuvertureJury",
    "Reunion",
    "Tirage",
    "TraceCitee",
    "Verification",
    "VersionFigee",
]
