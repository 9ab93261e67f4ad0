"""L'adresse d'une page : la composer coûte à Django le prix d'une petite requête, et elle ne change pas."""

from functools import lru_cache

from django.urls import get_script_prefix, reverse


def adresse(nom: str, *cles: int) -> str:
    """Comme `reverse`, gardée ; `nom` est celui de la route, `cles` ses identifiants, dans l'ordre."""
    return _composee(get_script_prefix(), nom, cles)


@lru_cache(maxsize=8192)
def _composee(lieu: str, nom: str, cles: tuple[int, ...]) -> str:
    return reverse(nom, args=cles)
