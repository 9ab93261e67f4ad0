"""Les fiches de PFMP reçues, à valider."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from livret.personnes.models.classe import Classe
from livret.personnes.regard import Regard, classes_d_equipe
from livret.pfmp.models.pfmp import Pfmp
from livret.tuteur.models.fiche import FicheTuteur
from referentiel.reglement.tuteur import MotTuteur
from trpm.a_faire import AFaire, Urgence
from trpm.adresses import adresse
from trpm.base.preparees import Preparee

GENRE = "Fiches de PFMP à valider"
SEPAREES = 3


@dataclass(frozen=True)
class FicheRecue:
    pfmp: int
    tuteur: int
    eleve: str
    periode: str
    classe: Classe
    le: datetime.datetime

    @property
    def mot(self) -> MotTuteur:
        return self.classe.mot_tuteur

    def ligne(self, texte: str, nombre: int = 1) -> AFaire:
        return AFaire(
            GENRE,
            texte=texte,
            acte="Valider" if nombre == 1 else "Valider la première",
            adresse=adresse("livret:fiche-tuteur", self.pfmp, self.tuteur),
            precision=f"{self.classe.nom} · {self.periode}",
            urgence=Urgence.BIENTOT,
            nombre=nombre,
            le=self.le.date(),
            depuis=self.le,
        )


def fiches(regard: Regard) -> list[AFaire]:
    """Celles des élèves qu'il suit, et de ceux que personne ne suit ; celles d'une même période ensemble
    quand il y en a plus de trois. Une requête."""
    if not regard.evaluees:
        return []
    classes = {classe.pk: classe for classe in regard.evaluees}
    recues: dict[int, list[FicheRecue]] = defaultdict(list)
    for periode, pfmp, tuteur, nom, prenom, intitule, classe, le in _recues(*regard.equipe):
        recue = FicheRecue(pfmp, tuteur, f"{nom} {prenom}", intitule, classes[classe], le)
        recues[periode].append(recue)
    return [ligne for siennes in recues.values() for ligne in _lignes(siennes)]


@Preparee
def _recues(equipes: tuple[int, ...], personne: int, annee: int) -> QuerySet[FicheTuteur, tuple[Any, ...]]:
    recues = FicheTuteur.objects.filter(
        Q(pfmp__referent=personne) | Q(pfmp__referent__isnull=True),
        pfmp__periode__classe__in=classes_d_equipe(equipes, personne, annee),
        etat=FicheTuteur.Etat.ENVOYEE,
    ).exclude(pfmp__etat=Pfmp.Etat.ANNULEE)
    return recues.order_by("envoyee_le", "pk").values_list(
        *("pfmp__periode_id", "pfmp_id", "tuteur_id", "pfmp__eleve__nom", "pfmp__eleve__prenom"),
        *("pfmp__periode__intitule", "pfmp__periode__classe_id", "envoyee_le"),
    )


def _lignes(recues: list[FicheRecue]) -> list[AFaire]:
    if len(recues) <= SEPAREES:
        return [une.ligne(f"Fiche {une.mot.du} de {une.eleve}") for une in recues]
    premiere = recues[0]
    return [premiere.ligne(f"{len(recues)} fiches {premiere.mot.du}", len(recues))]
