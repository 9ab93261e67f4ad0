from certification.models.commission import Commission, Membre
from certification.models.dossier import Decision, Dossier, DossierFige, VersionFigee

__all__ = ["Commission", "Decision", "Dossier", "DossierFige", "Membre", "VersionFigee"]
