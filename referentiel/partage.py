"""Qui change un référentiel : un établissement seul change le sien ; à plusieurs, une personne nommée (Q54).

Un import ne met rien en service, mais il corrige des intitulés et ajoute à ce que tous lisent : quand
plusieurs établissements s'en servent, ce n'est plus à l'administrateur de l'un d'eux d'en décider.
"""

from __future__ import annotations

from typing import Any

from referentiel.models import Referentiel
from trpm.permissions import Action

GESTIONNAIRE = "referentiel.gerer_referentiel_partage"
"""Droit donné par l'administration technique, pour toute l'installation ; un superutilisateur l'a."""


def refus_de_changer(user: Any, code: str, version: str) -> str:
    """Pourquoi cette personne ne change pas ce référentiel ; vide si elle le peut."""
    servi = Referentiel.objects.filter(code=code, version=version, promotions__isnull=False)
    lieux = set(servi.values_list("promotions__etablissement", flat=True))
    siens = user.etablissements(Action.IMPORTER_REFERENTIEL)
    if (len(lieux) < 2 and lieux <= siens) or user.has_perm(GESTIONNAIRE):
        return ""
    qui = "Plusieurs établissements se servent" if len(lieux) > 1 else "Un autre établissement se sert"
    return (
        f"{qui} de {code} {version} : seule une personne nommée gestionnaire du référentiel pour toute "
        "l’installation le change. Demandez-le à qui tient l’installation, ou importez une autre version."
    )
