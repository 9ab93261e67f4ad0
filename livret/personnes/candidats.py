"""Ce qu'une commission lit du livret : ses candidats, tant qu'elle siège (DOMAINE.md, section 5 ; Q53).

Les commissions et leurs dossiers sont à la certification, que le livret n'importe pas : seuls les noms
de relation qu'elle pose sur l'élève s'écrivent ici, comme dans `EleveQuerySet.figes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Q

from trpm.base.preparees import Preparee
from trpm.permissions import Action


def _de_ses_commissions(
    preside: Sequence[int], membre: Sequence[int], personne: int | None, chemin: str
) -> Q:
    """Le membre a ses commissions, le président celles de l'établissement. `chemin` mène à la commission."""
    presidees = Q(**{f"{chemin}etablissement__in": preside})
    if not membre:
        return presidees
    siennes = {f"{chemin}etablissement__in": membre, f"{chemin}membres__utilisateur": personne}
    return presidees | Q(**siennes)


def candidats_devant(eleves: Any, portee: Any) -> models.QuerySet[Any]:
    """Parmi tous les élèves, ceux de ses commissions qui siègent : un de leurs dossiers n'est ni figé ni
    clos. Un dossier clos n'est plus devant personne."""
    figes = eleves.figes().order_by().values("dossiers")
    tous = eleves.order_by().annotate(
        dossier=F("dossiers"), siege=F("dossiers__commission"), clos=F("dossiers__clos_le")
    )
    ouverts = tous.filter(dossier__isnull=False, clos__isnull=True).exclude(dossier__in=figes)
    siennes = _de_ses_commissions(portee.preside, portee.membre, portee.personne, "dossiers__commission__")
    return eleves.order_by().filter(
        siennes, dossiers__commission__in=ouverts.values("siege"), dossiers__clos_le__isnull=True
    )


def promotions_devant(user: Any, action: Action) -> models.QuerySet[Any]:
    """Celles des candidats de ses commissions ; la promotion ne connaît l'élève que par son nom."""
    eleves = apps.get_model("livret", "Eleve").objects
    return candidats_devant(eleves.all(), user.portee(action)).values("promotion")


def dossiers_devant(eleve: Any, user: Any, action: Action) -> list[Any]:
    """Ses dossiers devant les commissions de cette personne, dans l'ordre des épreuves. Une requête."""
    portee = user.portee(action)
    personne = portee.personne if portee.membre else None
    return _dossiers_devant(eleve.pk, portee.preside, portee.membre, personne)


@Preparee
def _dossiers_devant(
    eleve: int, preside: tuple[int, ...], membre: tuple[int, ...], personne: int | None
) -> models.QuerySet[Any]:
    siens = apps.get_model("certification", "Dossier").objects.vivants().filter(eleve=eleve)
    devant = siens.filter(_de_ses_commissions(preside, membre, personne, "commission__")).distinct()
    return devant.select_related("commission__epreuve").order_by("commission__epreuve__ordre", "pk")
