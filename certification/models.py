from certification.commission.models import Commission, Membre, Reunion
from certification.dossier.models import Decision, Dossier
from certification.dossier.versions import DossierClos, DossierFige, TraceCitee, Verification, VersionFigee
from certification.lot.models import Avancement, Lot, Tirage

__all__ = [
    "Avancement",
    "Commission",
    "Decision",
    "Dossier",
    "DossierClos",
    "DossierFige",
    "Lot",
    "Membre",
    "Reunion",
    "Tirage",
    "TraceCitee",
    "Verification",
    "VersionFigee",
]
