"""Revenir à l'année d'avant, tant que la nouvelle n'a porté aucun acte."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError
from simple_history.utils import bulk_update_with_history

from livret.personnes.models.changement import ChangementDePromotion
from livret.personnes.models.classe import Classe, Promotion
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve, Scolarite
from livret.progression.models.echelle import EchelleAttendue
from livret.progression.models.sequence import PfmpPrevue, Sequence
from livret.rentree.acte import EcritDePassage
from livret.rentree.models import PassageDAnnee
from livret.situation.models.groupe import Groupe

ANNULE = "Ce changement d’année est déjà annulé."
REFUS = "Le changement d’année ne s’annule plus\xa0: la nouvelle année porte déjà {}."


def premier_acte(passage: PassageDAnnee) -> str:
    """Ce que la nouvelle année porte déjà et qu'un retour perdrait, compté ; vide : elle n'a rien porté.

    Tout ce qui désigne une classe ou une promotion créée est regardé, de quelque pièce qu'il soit.
    """
    ecrit = EcritDePassage(**passage.ecrit)
    siens = _siens(ecrit)
    portes = [
        *_portes(Classe, ecrit.classes, siens),
        *_portes(Promotion, ecrit.promotions, siens),
    ]
    sortis = Scolarite.objects.filter(pk__in=ecrit.scolarites, sortie__isnull=False).count()
    perdues = len(ecrit.scolarites) - Scolarite.objects.filter(pk__in=ecrit.scolarites).count()
    deplaces = _deplaces(passage, ecrit)
    portes += [
        (sortis + perdues, "départ", "départs"),
        (deplaces, "changement de promotion", "changements de promotion"),
    ]
    return ", ".join(f"{nombre} {un if nombre == 1 else des}" for nombre, un, des in portes if nombre)


def _siens(ecrit: EcritDePassage) -> dict[type[models.Model], list[int]]:
    eleves = ChangementDePromotion.objects.filter(pk__in=ecrit.changements).values_list("eleve", flat=True)
    return {
        Classe: ecrit.classes,
        Scolarite: ecrit.scolarites,
        Groupe: ecrit.groupes,
        ChangementDePromotion: ecrit.changements,
        EchelleAttendue: ecrit.echelles,
        Sequence: ecrit.sequences,
        PfmpPrevue: ecrit.pfmp_prevues,
        Eleve: list(eleves),
    }


def _portes(
    modele: type[models.Model], cles: Iterable[int], siens: dict[type[models.Model], list[int]]
) -> list[tuple[int, str, str]]:
    portes = []
    for lien in _liens(modele):
        lignes = lien.related_model._base_manager.filter(**{f"{lien.field.name}__in": list(cles)})
        nombre = lignes.exclude(pk__in=siens.get(lien.related_model, [])).count()
        noms = lien.related_model._meta
        portes.append((nombre, str(noms.verbose_name), str(noms.verbose_name_plural)))
    return portes


def _liens(modele: type[models.Model]) -> list[Any]:
    """Les relations qui mènent à lui ; ni l'équipe d'une classe, ni les historiques."""
    return [
        un
        for un in modele._meta.get_fields(include_hidden=True)
        if un.auto_created
        and not un.concrete
        and (un.one_to_many or un.one_to_one)
        and un.related_model is not Classe.equipe.through
        and not hasattr(un.related_model, "instance_type")
    ]


def _deplaces(passage: PassageDAnnee, ecrit: EcritDePassage) -> int:
    """Des élèves que l'on a fait changer de promotion depuis."""
    places = Scolarite.objects.filter(pk__in=ecrit.scolarites).values("eleve")
    depuis = ChangementDePromotion.objects.filter(eleve__in=places, fait_le__gt=passage.fait_le)
    return depuis.exclude(pk__in=ecrit.changements).count()


@transaction.atomic
def annuler(passage: PassageDAnnee, par: Utilisateur, le: datetime.datetime) -> None:
    """Défait exactement ce qu'il a écrit ; `ValidationError` si la nouvelle année a commencé."""
    passage = PassageDAnnee.objects.select_for_update(of=("self",)).get(pk=passage.pk)
    if passage.annule_le:
        raise ValidationError(ANNULE)
    if porte := premier_acte(passage):
        raise ValidationError(REFUS.format(porte))
    ecrit = EcritDePassage(**passage.ecrit)
    try:
        _defaire(ecrit, par)
    except ProtectedError as erreur:
        noms = sorted({str(un._meta.verbose_name) for un in erreur.protected_objects})
        raise ValidationError(REFUS.format(", ".join(noms))) from None
    passage.annule_par, passage.annule_le = par, le
    passage.save(update_fields=["annule_par", "annule_le"])


def _defaire(ecrit: EcritDePassage, par: Utilisateur) -> None:
    Groupe.objects.filter(pk__in=ecrit.groupes).delete()
    Scolarite.objects.filter(pk__in=ecrit.scolarites).delete()
    changements = ChangementDePromotion.objects.filter(pk__in=ecrit.changements).select_related("eleve")
    revenus = []
    for un in changements:
        un.eleve.promotion_id = un.avant_id
        revenus.append(un.eleve)
    partis = list(Eleve.objects.filter(pk__in=ecrit.partis, actif=False))
    for eleve in partis:
        eleve.actif = True
    if revenus:
        bulk_update_with_history(revenus, Eleve, ["promotion"], default_user=par)
    if partis:
        bulk_update_with_history(partis, Eleve, ["actif"], default_user=par)
    changements.delete()
    for modele, cles in (
        (Sequence, ecrit.sequences),
        (PfmpPrevue, ecrit.pfmp_prevues),
        (EchelleAttendue, ecrit.echelles),
        (Classe, ecrit.classes),
        (Promotion, ecrit.promotions),
    ):
        modele._base_manager.filter(pk__in=cles).delete()
