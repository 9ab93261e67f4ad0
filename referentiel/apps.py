"""Un référentiel est commun à toutes les classes qui le suivent : y toucher avance leur révision à toutes."""

from django.apps import AppConfig

from trpm.base import declencheurs
from trpm.base.declencheurs import Suivi

TABLES = (
    *("referentiel", "option", "voie", "statut", "bloc", "modalite", "epreuve", "coefficient", "repere"),
    *(
        "competence",
        "detaillee",
        "indicateur",
        "activite",
        "activite_competences",
        "intituleactivite",
        "tache",
    ),
    *("savoir", "savoir_competences", "echelle", "niveau", "grille", "poids", "correspondance"),
)
SUIVIS = tuple(Suivi(f"referentiel_{table}", "commune", "0") for table in TABLES)
# Le journal des imports : aucune page d'une classe ou d'une commission ne le montre.
SANS_SUITE = frozenset({"referentiel_importreferentiel"})


class ReferentielConfig(AppConfig):
    name = "referentiel"
    verbose_name = "Référentiel"

    def ready(self) -> None:
        declencheurs.brancher(self, SUIVIS)
