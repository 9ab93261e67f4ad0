"""La place d'un candidat : un seul dossier vivant par élève, épreuve et session (Q49).

L'épreuve et la session sont celles de la commission, recopiées pour que la base tienne l'unicité ; ses
déclencheurs veillent à ce qu'elles le restent. Un dossier clos garde tout ce qu'il porte et ne compte plus.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q

from certification.commission.models import Commission
from referentiel.models import Epreuve

DEJA_DEVANT = "Ce candidat est déjà devant une commission pour cette épreuve et cette session."
CONTRAINTES = (
    models.UniqueConstraint(
        fields=["eleve", "epreuve", "session"],
        condition=Q(clos_le__isnull=True),
        name="dossier_vivant_unique",
        violation_error_message=DEJA_DEVANT,
    ),
    models.CheckConstraint(
        condition=Q(clos_le__isnull=True, motif_cloture="")
        | (Q(clos_le__isnull=False) & ~Q(motif_cloture="")),
        name="dossier_cloture_motivee",
        violation_error_message="Clore un dossier demande un motif.",
    ),
)


P = TypeVar("P", bound="PlaceUnique")


class PlaceQuerySet(models.QuerySet[P]):
    def vivants(self) -> Self:
        """Ceux qui comptent : les dossiers clos se lisent encore, et c'est tout."""
        return self.filter(clos_le__isnull=True)

    def bulk_create(self, objs: Iterable[P], *args: Any, **kwargs: Any) -> list[P]:
        objets = list(objs)
        for objet in objets:
            objet.prendre_place()
        return super().bulk_create(objets, *args, **kwargs)


class PlaceUnique(models.Model):
    """Ce qui situe un dossier ; `commission` est le champ de la classe qui en hérite."""

    commission: models.ForeignKey[Commission, Commission]
    epreuve = models.ForeignKey(Epreuve, on_delete=models.PROTECT, related_name="+", editable=False)
    session = models.PositiveSmallIntegerField("session", editable=False)
    clos_le = models.DateTimeField("clos le", null=True, blank=True, editable=False)
    motif_cloture = models.TextField("motif de la clôture", blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def clos(self) -> bool:
        return self.clos_le is not None

    def prendre_place(self) -> None:
        """Recopie l'épreuve et la session de la commission."""
        self.epreuve_id = self.commission.epreuve_id
        self.session = self.commission.session

    def refuser_si_fige(self) -> None:
        raise NotImplementedError

    def clore(self, motif: str, le: datetime.datetime) -> None:
        """Libère la place : le dossier garde tout ce qu'il porte, se lit, et ne se modifie plus."""
        self.refuser_si_fige()
        self.clos_le, self.motif_cloture = le, motif
        super().save()
