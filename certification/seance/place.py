"""Une place par candidat, épreuve et session : qui la tient, comment elle change, comment elle se libère."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from certification.commission.models import Commission
from certification.dossier.models import Dossier, DossierQuerySet, VersionFigee
from certification.dossier.unicite import DEJA_DEVANT
from livret.models import Utilisateur
from livret.personnes.homonymes import distinguer
from trpm.base.preparees import Preparee


def tenue_ailleurs(commission: Commission) -> dict[int, Dossier]:
    """Par élève, son dossier vivant devant une autre commission, pour la même épreuve et la même session.

    `immobile` dit s'il est figé."""
    dossiers = Dossier.objects.vivants().filter(
        epreuve=commission.epreuve_id,
        session=commission.session,
        commission__etablissement=commission.etablissement_id,
    )
    figee = VersionFigee.objects.en_vigueur().filter(dossier=OuterRef("pk"))
    ailleurs = dossiers.exclude(commission=commission).annotate(immobile=Exists(figee))
    return {dossier.eleve_id: dossier for dossier in ailleurs.select_related("commission", "eleve")}


def verrouiller(cles: Iterable[int]) -> dict[int, Commission]:
    """Ces commissions, par clé, tenues jusqu'à la fin de la transaction. Sans leur clé : figer un dossier,
    qui la cite sous un autre verrou, ne doit pas attendre ici pendant qu'on l'attend là-bas."""
    verrous = Commission.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=set(cles))
    return {commission.pk: commission for commission in verrous.order_by("pk")}


@transaction.atomic
def deplacer(dossier: Dossier, vers: Commission) -> Dossier:
    """Mène un candidat devant une autre commission, avec tout ce que porte son dossier.

    `ValidationError` : le dossier est figé ou clos, les commissions ne sont pas de la même épreuve, ou elles
    n'emploient pas la même grille alors que des niveaux sont déjà arrêtés.
    """
    verrous = verrouiller([dossier.commission_id, vers.pk])
    ici = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    ici.refuser_si_fige()
    avant, apres = verrous[dossier.commission_id], verrous[vers.pk]
    _refuser_si_close(apres)
    if _epreuve(avant) != _epreuve(apres):
        raise ValidationError("Un candidat ne se déplace qu’entre commissions de la même épreuve.")
    if avant.grille_id != apres.grille_id and ici.decisions.exists():
        raise ValidationError(
            "Ces deux commissions n’emploient pas la même version de grille : des niveaux sont déjà arrêtés."
        )
    ici.commission = apres
    ici.save()
    return ici


@transaction.atomic
def supprimer(commission: Commission) -> None:
    """Efface une commission qui n'a rien fait ; `ValidationError` si elle a déjà servi."""
    (ici,) = verrouiller([commission.pk]).values()
    dossiers = Dossier.objects.select_for_update(of=("self",)).filter(commission=ici)
    if a_servi(ici):
        raise ValidationError(
            f"« {ici} » a déjà servi : elle ne s’efface pas. Vous pouvez la clore, avec un motif."
        )
    for dossier in dossiers:
        dossier.delete()
    reunion = ici.reunion
    ici.delete()
    if reunion and not reunion.commissions.exists():
        reunion.delete()


@transaction.atomic
def clore(commission: Commission, motif: str, par: Utilisateur) -> None:
    """Met fin à une commission : ses dossiers vivants libèrent leur place et se lisent encore.

    `ValidationError` : elle est déjà close, ou l'un de ses dossiers est figé ; il faut d'abord le rouvrir.
    """
    (ici,) = verrouiller([commission.pk]).values()
    _refuser_si_close(ici)
    dossiers = list(
        Dossier.objects.vivants()
        .select_for_update(of=("self",))
        .filter(commission=ici)
        .select_related("eleve")
        .order_by("pk")
    )
    figes = Dossier.objects.filter(pk__in=[dossier.pk for dossier in dossiers]).figes()
    if noms := _noms(figes.select_related("eleve")):
        raise ValidationError(f"Rouvrez d’abord les dossiers figés de cette commission : {noms}.")
    le = timezone.now()
    for dossier in dossiers:
        dossier.clore(f"Commission close : {motif}", le)
    ici.close_le, ici.close_par, ici.motif_cloture = le, par, motif
    ici.save()


def a_servi(commission: Commission) -> bool:
    """Elle a décidé, figé, imprimé, ou garde un dossier clos."""
    return bool(_servie(commission.pk))


@Preparee
def _servie(commission: int) -> QuerySet[Commission, int]:
    siens = Dossier.objects.filter(commission=commission)
    usages = (
        Q(close_le__isnull=False)
        | Q(lots__isnull=False)
        | Q(verification__isnull=False)
        | Exists(siens.entames())
        | Exists(siens.filter(clos_le__isnull=False))
    )
    return Commission.objects.filter(usages, pk=commission).order_by().values_list("pk", flat=True)[:1]


def dossiers_clos(commission: int) -> list[Dossier]:
    """Ceux de cette commission, par ordre alphabétique ; homonymes distingués."""
    clos = _clos(commission)
    distinguer(dossier.eleve for dossier in clos)
    return clos


@Preparee
def _clos(commission: int) -> DossierQuerySet:
    return Dossier.objects.filter(commission=commission, clos_le__isnull=False).select_related("eleve")


def refus_de_place(eleves: Iterable[Dossier]) -> str:
    """Ce qu'on dit quand la place est prise ; sans dossier connu, ce que dit la base."""
    prises = "; ".join(f"{un.eleve} est déjà devant « {un.commission} »" for un in eleves)
    return f"{prises.replace('; ', ' ; ')}. Déplacez-le depuis cette page." if prises else DEJA_DEVANT


def _refuser_si_close(commission: Commission) -> None:
    if commission.close:
        raise ValidationError(f"« {commission} » est close.")


def _epreuve(commission: Commission) -> tuple[int, int, int]:
    return commission.etablissement_id, commission.epreuve_id, commission.session


def _noms(dossiers: Iterable[Dossier]) -> str:
    return ", ".join(str(dossier.eleve) for dossier in dossiers)
