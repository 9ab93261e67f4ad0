"""Les dossiers où quelque chose a bougé depuis leurs décisions : les seuls dont l'accueil lit la grille.

Lire une grille coûte quelques millisecondes ; savoir que rien n'a changé, une requête pour tous. Mieux vaut
en lire une de trop que d'en manquer une : c'est la grille lue qui dit ce qui est à confirmer (Q48).
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Least

from certification.commission.models import Commission
from certification.dossier.models import Decision, Dossier, DossierQuerySet
from livret.models import Eleve, Evaluation, Observation, Situation
from referentiel.models import ImportReferentiel
from trpm.base.preparees import Preparee

JAMAIS = Value(datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC), models.DateTimeField())
DEVANT_L_EPREUVE = ("situation", "mode", "bonus")
PASSE = Dossier.history.model


@Preparee
def touches(cles: tuple[int, ...]) -> QuerySet[Dossier, int]:
    """Parmi ces dossiers, ni clos ni figés, les décidés dont la matière, la règle ou le candidat a changé
    depuis."""
    dossiers = _dates(Dossier.objects.vivants().filter(pk__in=cles))
    changes = (
        _depuis(Evaluation.history.model, eleve=OuterRef("eleve"))
        | _depuis(Observation.history.model, eleve=OuterRef("eleve"))
        | _depuis(Situation.history.model, id__in=_vecues())
        | _depuis(Eleve.history.model, id=OuterRef("eleve"))
        | _depuis(Commission.history.model, id=OuterRef("commission"))
        | _depuis(ImportReferentiel, "le", referentiel=OuterRef("commission__grille__referentiel"))
    )
    decide_apres = Exists(
        Decision.history.filter(dossier=OuterRef("pk"), history_date__gt=OuterRef("parle_le"))
    )
    restent = dossiers.filter(vu_le__lt=JAMAIS).filter(changes | decide_apres | _autre_candidat())
    return restent.exclude(pk__in=Dossier.objects.figes()).order_by().values_list("pk", flat=True)


def _dates(dossiers: DossierQuerySet) -> Any:
    """`parle_le` : la première de sa note et de ses observations ; `vu_le` : avec ses décisions."""
    premiere = (
        Decision.objects.filter(dossier=OuterRef("pk"))
        .order_by()
        .values("dossier")
        .annotate(le=Min("modifie_le"))
        .values("le")
    )
    return dossiers.annotate(
        parle_le=Least(_ecrit("vu_note"), _ecrit("vu_observations")),
        vu_le=Least(Coalesce(Subquery(premiere), JAMAIS), F("parle_le")),
    )


def _ecrit(vu: str) -> Coalesce:
    """Quand a été écrit, pour la première fois, ce que l'on garde sous ce nom ; jamais, s'il est vide."""
    lignes = PASSE.objects.filter(id=OuterRef("pk"), **{vu: OuterRef(vu)}).exclude(**{vu: ""}).order_by()
    return Coalesce(Subquery(lignes.values("id").annotate(le=Min("history_date")).values("le")), JAMAIS)


def _depuis(modele: type[models.Model], date: str = "history_date", **lien: Any) -> Exists:
    return Exists(modele._default_manager.filter(**lien, **{f"{date}__gt": OuterRef("vu_le")}))


def _vecues() -> Any:
    """Les situations qui évaluent l'élève, hors brouillon ou non."""
    return Evaluation.objects.filter(eleve=OuterRef(OuterRef("eleve"))).values("situation")


def _autre_candidat() -> Exists:
    """Depuis, la situation du candidat devant l'épreuve n'a pas toujours été celle d'aujourd'hui."""
    pareil = Q(**{champ: OuterRef(champ) for champ in DEVANT_L_EPREUVE})
    lignes = PASSE.objects.filter(id=OuterRef("pk"), history_date__gte=OuterRef("parle_le"))
    return Exists(lignes.exclude(pareil))
