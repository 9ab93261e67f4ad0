"""Les fichiers statiques à publier : ceux qu’une page demande."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class FichiersPublies(StaticFilesConfig):
    """De Bootstrap, la seule feuille `bootstrap.min.css` : le reste prenait les deux tiers de la place, et
    presque tout le temps de `collectstatic`, à être compressé pour personne."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "bootstrap/js/*",
        "bootstrap/css/bootstrap-*",
        "bootstrap/css/bootstrap.css*",
        "bootstrap/css/bootstrap.rtl*",
    ]
