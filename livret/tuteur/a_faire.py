"""Les fiches que des tuteurs ont envoyées, à valider."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from livret.personnes.regard import Regard
from livret.pfmp.models.pfmp import Pfmp
from livret.tuteur.models.fiche import FicheTuteur
from trpm.a_faire import AFaire, Urgence

GENRE = "Fiches de tuteurs à valider"
SEPAREES = 3


@dataclass(frozen=True)
class FicheRecue:
    pfmp: int
    tuteur: int
    eleve: str
    periode: str
    classe: str
    le: datetime.datetime

    @property
    def adresse(self) -> str:
        return reverse("livret:fiche-tuteur", args=[self.pfmp, self.tuteur])


def fiches(regard: Regard) -> list[AFaire]:
    """Celles des élèves qu'il suit, et de ceux que personne ne suit ; celles d'une même période ensemble
    quand il y en a plus de trois. Une requête."""
    if not regard.evaluees:
        return []
    recues: dict[int, list[FicheRecue]] = defaultdict(list)
    lues = FicheTuteur.objects.filter(
        Q(pfmp__referent=regard.user) | Q(pfmp__referent__isnull=True),
        pfmp__periode__classe__in=regard.evaluees,
        etat=FicheTuteur.Etat.ENVOYEE,
    ).exclude(pfmp__etat=Pfmp.Etat.ANNULEE)
    for periode, pfmp, tuteur, nom, prenom, intitule, classe, le in lues.order_by(
        "envoyee_le", "pk"
    ).values_list(
        *("pfmp__periode_id", "pfmp_id", "tuteur_id", "pfmp__eleve__nom", "pfmp__eleve__prenom"),
        *("pfmp__periode__intitule", "pfmp__periode__classe__nom", "envoyee_le"),
    ):
        recues[periode].append(FicheRecue(pfmp, tuteur, f"{nom} {prenom}", intitule, classe, le))
    return [ligne for siennes in recues.values() for ligne in _lignes(siennes)]


def _lignes(recues: list[FicheRecue]) -> list[AFaire]:
    if len(recues) <= SEPAREES:
        return [_ligne(une, f"Fiche du tuteur de {une.eleve}") for une in recues]
    return [_ligne(recues[0], f"{len(recues)} fiches de tuteurs", len(recues))]


def _ligne(fiche: FicheRecue, texte: str, nombre: int = 1) -> AFaire:
    return AFaire(
        GENRE,
        texte=texte,
        acte="Valider" if nombre == 1 else "Valider la première",
        adresse=fiche.adresse,
        precision=f"{fiche.classe} · {fiche.periode}",
        urgence=Urgence.BIENTOT,
        nombre=nombre,
        le=fiche.le.date(),
        depuis=fiche.le,
    )
