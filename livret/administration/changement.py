"""Faire passer des élèves dans une autre promotion ou un autre diplôme : ce que cela change, et l'acte.

Rien de ce qu'ils ont montré ne bouge : chaque preuve reste sous le référentiel où elle a été donnée, ce qui
est figé reste figé. Qui est devant une commission ouverte attend qu'elle ait figé son dossier.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery

from livret.personnes.alphabet import alphabetique
from livret.personnes.models.changement import ChangementDePromotion
from livret.personnes.models.classe import Classe, Promotion
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve, EleveQuerySet, Scolarite
from referentiel.anterieurs import reponses
from referentiel.models import Option, Statut
from trpm.base.concurrence import jeton
from trpm.base.modification import exiger_l_apercu

AILLEURS = "{} a changé de promotion depuis que vous avez ouvert la page\xa0: relisez ce qui changerait."
SANS_STATUT = "Choisissez le statut des élèves dont le nouveau diplôme ne connaît pas le statut actuel."


@dataclass(frozen=True)
class EleveDeplace:
    """Un élève, avant et après ; `refus` : pourquoi il ne peut pas passer. `statut` à `None` : à choisir."""

    eleve: Eleve
    option: Option
    statut: Statut | None
    niveaux: int
    refus: str = ""


@dataclass(frozen=True)
class ApercuDeChangement:
    promotion: Promotion
    classe: Classe
    eleves: tuple[EleveDeplace, ...]
    statuts: tuple[Statut, ...]
    repondent: Mapping[str, tuple[str, ...]]

    @property
    def autre_diplome(self) -> bool:
        return self.promotion.referentiel_id != self.classe.promotion.referentiel_id

    @property
    def passent(self) -> tuple[EleveDeplace, ...]:
        return tuple(un for un in self.eleves if not un.refus)

    @property
    def refuses(self) -> tuple[EleveDeplace, ...]:
        return tuple(un for un in self.eleves if un.refus)

    @property
    def niveaux(self) -> int:
        return sum(un.niveaux for un in self.passent)

    @property
    def empreinte(self) -> str:
        """Change dès que le passage ne serait plus exactement celui qui est montré. Qui ne peut pas passer
        n'est pas renvoyé par la page : il n'en est pas."""
        passent = [(un.eleve.pk, str(un.option), str(un.statut), un.niveaux) for un in self.passent]
        vers = (self.classe.pk, str(self.classe.promotion), [un.pk for un in self.statuts])
        return jeton(passent, *vers, sorted(self.repondent.items()))

    @property
    def statut_a_choisir(self) -> bool:
        return bool(self.statuts) and any(un.statut is None for un in self.passent)


def apercu(promotion: Promotion, classe: Classe, eleves: EleveQuerySet) -> ApercuDeChangement:
    """Ce qui changerait ; la base n'est que lue, en un nombre constant de requêtes."""
    ici, vers = promotion.referentiel, classe.promotion.referentiel
    donnes = Q(evaluations__niveau__isnull=False, evaluations__competence__referentiel=ici)
    lui = OuterRef("pk")
    evalue = Scolarite.objects.filter(eleve=lui, classe__situations__evaluations__eleve=lui)
    lus = list(
        eleves.filter(promotion=promotion)
        .select_related("option", "statut")
        .annotate(
            donnes=Count("evaluations", filter=donnes, distinct=True),
            derniere=Subquery(evalue.order_by("-classe__annee__debut").values("classe__annee__debut")[:1]),
        )
        .order_by(*alphabetique())
    )
    statuts = tuple(Statut.objects.filter(referentiel=vers))
    deja = {
        un.eleve_id: un
        for un in ChangementDePromotion.objects.filter(eleve__in=lus, avant__referentiel=vers)
        .select_related("option_avant", "statut_avant")
        .order_by("fait_le", "pk")
    }
    devant = _devant(lus) if ici != vers else {}
    repondent = reponses(vers.anterieurs, ici.code, ici.version) if ici != vers else {}
    return ApercuDeChangement(
        promotion,
        classe,
        tuple(
            EleveDeplace(
                eleve,
                _option(eleve, classe.promotion, deja.get(eleve.pk)),
                _statut(eleve, statuts, deja.get(eleve.pk)),
                eleve.donnes,
                devant.get(eleve.pk, "") or _trop_tard(eleve.derniere, classe),
            )
            for eleve in lus
        ),
        statuts,
        repondent,
    )


def _devant(eleves: Iterable[Eleve]) -> dict[int, str]:
    """Ceux qu'une commission a devant elle, sans avoir figé leur dossier ; elle garde la main."""
    figes = Eleve.objects.figes().order_by().values("dossiers")
    ouverts = Eleve.objects.filter(pk__in=[un.pk for un in eleves], dossiers__isnull=False).order_by()
    lignes = ouverts.filter(dossiers__clos_le__isnull=True).exclude(dossiers__in=figes)
    devant: dict[int, list[str]] = {}
    for pk, epreuve, session in lignes.values_list(
        "pk", "dossiers__epreuve__code", "dossiers__session"
    ).distinct():
        devant.setdefault(pk, []).append(f"{epreuve}, session {session}")
    return {
        pk: f"devant une commission ouverte ({', '.join(sorted(siennes))})\xa0: qu’elle fige son dossier ou "
        "l’en retire, d’abord"
        for pk, siennes in devant.items()
    }


def _trop_tard(derniere: int | None, classe: Classe) -> str:
    if derniere is None or derniere <= classe.annee.debut:
        return ""
    return f"déjà évalué en {derniere}-{derniere + 1}, après l’année de {classe}"


def _option(eleve: Eleve, vers: Promotion, deja: ChangementDePromotion | None) -> Option:
    """La sienne s'il ne change pas de diplôme ou s'il y revient ; sinon celle de la promotion."""
    if eleve.option.referentiel_id == vers.referentiel_id:
        return eleve.option
    return deja.option_avant if deja else vers.option


def _statut(eleve: Eleve, statuts: Iterable[Statut], deja: ChangementDePromotion | None) -> Statut | None:
    """Celui qu'il y avait, sinon celui de même code ; `None` s'il est à choisir, ou s'il n'y en a pas."""
    ancien = deja.statut_avant if deja and deja.statut_avant else eleve.statut
    return next((un for un in statuts if ancien and un.code == ancien.code), None)


@transaction.atomic
def changer(
    apercu_lu: ApercuDeChangement,
    statut: Statut | None,
    jour: datetime.date,
    par: Utilisateur,
    le: datetime.datetime,
) -> list[Eleve]:
    """Fait passer ceux de l'aperçu qui le peuvent, tous ou aucun, comme l'aperçu le disait.

    `ValidationError` si l'un d'eux a changé depuis, s'il ne peut plus passer, ou si un statut manque.
    """
    promotion, classe = apercu_lu.promotion, apercu_lu.classe
    cles = [un.eleve.pk for un in apercu_lu.passent]
    for eleve in Eleve.objects.select_for_update(of=("self",)).filter(pk__in=cles).order_by("pk"):
        if eleve.promotion_id != promotion.pk:
            raise ValidationError(AILLEURS.format(eleve))
    relu = apercu(promotion, classe, Eleve.objects.filter(pk__in=cles))
    if refuses := [f"{un.eleve} est {un.refus}" for un in relu.refuses]:
        raise ValidationError(f"{', '.join(refuses)}.")
    exiger_l_apercu(apercu_lu.empreinte, relu.empreinte)
    return [_passer(un, relu, statut, jour, par, le) for un in relu.passent]


def _passer(
    un: EleveDeplace,
    vers: ApercuDeChangement,
    statut: Statut | None,
    jour: datetime.date,
    par: Utilisateur,
    le: datetime.datetime,
) -> Eleve:
    eleve, classe = un.eleve, vers.classe
    if vers.statuts and not (un.statut or statut):
        raise ValidationError(SANS_STATUT)
    ChangementDePromotion.objects.create(
        eleve=eleve,
        avant=vers.promotion,
        option_avant=eleve.option,
        statut_avant=eleve.statut,
        numero_avant=eleve.numero_candidat,
        apres=classe.promotion,
        classe=classe,
        jour=jour,
        par=par,
        fait_le=le,
    )
    eleve.promotion, eleve.option = classe.promotion, un.option
    eleve.statut = (un.statut or statut) if vers.statuts else None
    if vers.autre_diplome:
        eleve.numero_candidat = ""
    eleve._verifier_la_naissance()
    eleve.save()
    inscrire(eleve, classe, jour)
    return eleve


def inscrire(eleve: Eleve, classe: Classe, jour: datetime.date) -> None:
    """Il quitte ses autres classes de la même année, et entre dans celle-ci. Une classe d'une année suivante,
    où rien n'a été saisi de lui, n'aura pas été la sienne."""
    ouvertes = eleve.scolarites.ouvertes().filter(classe__annee__debut__gte=classe.annee.debut)
    for scolarite in ouvertes.exclude(classe=classe).select_related("classe__annee", "eleve"):
        if scolarite.classe.annee_id != classe.annee_id and not scolarite.saisies():
            scolarite.delete()
            continue
        scolarite.sortie = scolarite.classe.annee.jour_proche(jour)
        scolarite.save()
    entree, creee = Scolarite.objects.get_or_create(eleve=eleve, classe=classe)
    if not creee and entree.sortie:
        entree.sortie = None
        entree.save()
