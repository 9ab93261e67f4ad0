"""De quoi peupler un test, en fonctions simples : chacune crée un objet et le rend.

Les noms se déduisent de ce qui est déjà en base ; rien n'est tiré au hasard ni lu à l'horloge.
Le monde complet à deux établissements est dans `tests/monde.py`.
"""

from tests.factories.bilan import bilan
from tests.factories.commission import commission, membre, reunion
from tests.factories.dossier import (
    decision,
    dossier,
    note,
    observations,
)
from tests.factories.eleve import autoevaluation, trace_d_eleve
from tests.factories.evaluation import (
    evaluation,
    fiche,
    observation,
    photo,
    trace,
)
from tests.factories.personnes import (
    MOT_DE_PASSE,
    classe,
    eleve,
    etablissement,
    inspecteur,
    promotion,
    utilisateur,
)
from tests.factories.pfmp import (
    absence,
    entreprise,
    periode,
    pfmp,
    sejour,
    visite,
)
from tests.factories.progression import (
    echelle_attendue,
    pfmp_prevue,
    sans_cours,
    sequence,
)
from tests.factories.referentiel import (
    ACTIVITES,
    COMPETENCES,
    DETAILLEES,
    EPREUVES,
    FICHIER_A_CRITERES,
    FICHIER_TRPM,
    NIVEAUX,
    OPTIONS,
    SESSION,
    TACHES,
    a_criteres,
    niveau,
    referentiel,
    trpm,
)
from tests.factories.saisie import phrase, remarque
from tests.factories.situation import (
    affectation,
    demande,
    groupe,
    modele,
    piece,
    poste,
    situation,
)
from tests.factories.tuteur import fiche_tuteur, tuteur

__all__ = [
    "ACTIVITES",
    "COMPETENCES",
    "DETAILLEES",
    "EPREUVES",
    "FICHIER_A_CRITERES",
    "FICHIER_TRPM",
    "MOT_DE_PASSE",
    "NIVEAUX",
    "OPTIONS",
    "SESSION",
    "TACHES",
    "a_criteres",
    "absence",
    "affectation",
    "autoevaluation",
    "bilan",
    "classe",
    "commission",
    "decision",
    "demande",
    "dossier",
    "echelle_attendue",
    "eleve",
    "entreprise",
    "etablissement",
    "evaluation",
    "fiche",
    "fiche_tuteur",
    "inspecteur",
    "groupe",
    "membre",
    "modele",
    "niveau",
    "note",
    "observation",
    "observations",
    "periode",
    "pfmp",
    "pfmp_prevue",
    "photo",
    "phrase",
    "piece",
    "poste",
    "promotion",
    "referentiel",
    "remarque",
    "reunion",
    "sans_cours",
    "sejour",
    "sequence",
    "situation",
    "trace",
    "trace_d_eleve",
    "trpm",
    "tuteur",
    "utilisateur",
    "visite",
]
