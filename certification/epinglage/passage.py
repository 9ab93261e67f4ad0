"""Mettre une grille en service pour une promotion, et revenir en arrière : ce qui est figé n'y perd rien."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from certification.commission.models import Commission
from certification.epinglage.apercu import apercu
from certification.epinglage.commissions import touchees
from certification.epinglage.models import MiseEnService
from livret.models import Promotion, Utilisateur
from referentiel.models import Grille
from trpm.base.modification import exiger_l_apercu

AILLEURS = "La grille de cette promotion a changé depuis que vous avez ouvert la page : relisez l’aperçu."
DEPASSEE = "Cette mise en service n’est plus la dernière de la promotion : il n’y a rien à défaire."


@transaction.atomic
def mettre_en_service(
    promotion: Promotion, vers: Grille, par: Utilisateur, le: datetime.datetime, attendu: str
) -> MiseEnService:
    """`attendu` : l'empreinte de l'aperçu relu ; `ValidationError` s'il ne dit plus vrai."""
    tenue = _verrouillee(promotion)
    depuis = tenue.grille
    if vers.referentiel_id != tenue.referentiel_id or vers == depuis:
        raise ValidationError(AILLEURS)
    exiger_l_apercu(attendu, apercu(tenue, vers).empreinte)
    suivent = [une.commission for une in touchees(tenue, vers) if not une.garde]
    passage = MiseEnService.objects.create(promotion=tenue, avant=depuis, apres=vers, par=par, le=le)
    passage.commissions.set(_passer(suivent, vers))
    tenue.grille = vers
    tenue.save(update_fields=["grille"])
    return passage


@transaction.atomic
def revenir(passage: MiseEnService, par: Utilisateur, le: datetime.datetime) -> list[Commission]:
    """Revient à la grille d'avant ; rend les commissions qui l'avaient suivie et ont décidé depuis."""
    tenue = _verrouillee(passage.promotion)
    derniere = MiseEnService.objects.filter(promotion=tenue, annulee_le__isnull=True).first()
    if derniere != passage or tenue.grille_id != passage.apres_id:
        raise ValidationError(DEPASSEE)
    parties = set(passage.commissions.values_list("pk", flat=True))
    siennes = [une for une in touchees(tenue, passage.avant) if une.commission.pk in parties]
    _passer([une.commission for une in siennes if not une.garde], passage.avant)
    passage.annulee_par, passage.annulee_le = par, le
    passage.save(update_fields=["annulee_par", "annulee_le"])
    tenue.grille = passage.avant
    tenue.save(update_fields=["grille"])
    return [une.commission for une in siennes if une.garde]


def _verrouillee(promotion: Promotion) -> Promotion:
    return Promotion.objects.select_for_update(of=("self",), no_key=True).get(pk=promotion.pk)


def _passer(commissions: list[Commission], grille: Grille) -> list[Commission]:
    """Chacune est relue et verrouillée : une décision prise entre-temps la garde où elle est."""
    passees = []
    tenues = Commission.objects.select_for_update(of=("self",), no_key=True)
    for une in tenues.filter(pk__in=[commission.pk for commission in commissions]).order_by("pk"):
        une.grille = grille
        try:
            une.clean()
        except ValidationError:
            continue
        une.save()
        passees.append(une)
    return passees
