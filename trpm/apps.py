from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.core import checks

from trpm import champs
from trpm.base import declencheurs
from trpm.garde import compression, entree
from trpm.impression.documents import verifier_pango
from trpm.journal.declencheurs import GARDES


class TrpmConfig(AppConfig):
    name = "trpm"
    default = True
    verbose_name = "Livret TRPM"

    def ready(self) -> None:
        checks.register(verifier_pango, deploy=True)
        champs.installer()
        entree.installer()
        compression.installer()
        declencheurs.brancher(self, GARDES)


class FichiersPublies(StaticFilesConfig):
    """Les fichiers statiques, sans ce qu’aucune page ne demande : de Bootstrap, la seule feuille
    `bootstrap.min.css`."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "bootstrap/js/*",
        "bootstrap/css/bootstrap-*",
        "bootstrap/css/bootstrap.css*",
        "bootstrap/css/bootstrap.rtl*",
    ]
