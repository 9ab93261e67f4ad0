"""Deux fiches d'un même élève n'en font plus qu'une : tout passe à celle que l'on garde, ou rien."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError

from livret.personnes.models.eleve import Eleve
from trpm.base.concurrence import jeton
from trpm.base.modification import exiger_l_apercu

FIGEE = "{} a un dossier de certification\xa0: gardez cette fiche-là, et fondez-y l’autre."
AUTRE_DIPLOME = "Ces deux fiches ne préparent pas le même diplôme\xa0: changez d’abord la promotion de l’une."
CROISEES = "Les deux fiches portent chacune {} au même endroit\xa0: corrigez d’abord l’une des deux."


@dataclass(frozen=True)
class ApercuDeFusion:
    """Ce qui passerait de l'une à l'autre, compté ; `refus` : ce qui l'empêche."""

    gardee: Eleve
    fondue: Eleve
    portes: tuple[tuple[int, str], ...]
    refus: str = ""

    @property
    def empreinte(self) -> str:
        """Change dès que la fusion ne serait plus exactement celle qui est montrée."""
        fiches = [(un.pk, un.nom, un.prenom) for un in (self.gardee, self.fondue)]
        return jeton(*fiches, self.gardee.promotion, self.portes, self.refus)


def apercu_de_fusion(gardee: Eleve, fondue: Eleve) -> ApercuDeFusion:
    portes = [
        (lien.related_model._base_manager.filter(**{lien.field.name: fondue}).count(), lien)
        for lien in _liens()
    ]
    dits = tuple(
        (nombre, str(noms.verbose_name if nombre == 1 else noms.verbose_name_plural))
        for nombre, lien in portes
        if nombre and (noms := lien.related_model._meta)
    )
    return ApercuDeFusion(gardee, fondue, dits, _refus(gardee, fondue))


def _refus(gardee: Eleve, fondue: Eleve) -> str:
    if fondue.dossiers.exists():
        return FIGEE.format(fondue)
    if gardee.promotion.referentiel_id != fondue.promotion.referentiel_id:
        return AUTRE_DIPLOME
    return ""


def _liens() -> list[Any]:
    """Tout ce qui désigne un élève, de quelque pièce que ce soit, sans les historiques ni le journal : ce qui
    n'est lié par aucune contrainte ne se change pas, et survit à la fiche."""
    champs: Any = Eleve._meta.get_fields(include_hidden=True)
    return [
        un
        for un in champs
        if un.auto_created
        and not un.concrete
        and (un.one_to_many or un.one_to_one)
        and un.field.db_constraint
        and not hasattr(un.related_model, "instance_type")
    ]


@transaction.atomic
def fondre(gardee: Eleve, fondue: Eleve, attendu: str) -> None:
    """`ValidationError`, et rien d'écrit, si les deux fiches se contredisent, ou si l'aperçu relu, dont
    `attendu` est l'empreinte, ne dit plus vrai."""
    verrouilles = Eleve.objects.select_for_update(of=("self",)).select_related("promotion")
    deux = {un.pk: un for un in verrouilles.filter(pk__in=(gardee.pk, fondue.pk)).order_by("pk")}
    if len(deux) < 2:
        raise ValidationError("L’une des deux fiches n’existe plus.")
    gardee, fondue = deux[gardee.pk], deux[fondue.pk]
    if refus := _refus(gardee, fondue):
        raise ValidationError(refus)
    exiger_l_apercu(attendu, apercu_de_fusion(gardee, fondue).empreinte)
    _reunir_les_classes(gardee, fondue)
    for lien in _liens():
        _deplacer(lien, gardee, fondue)
    _completer(gardee, fondue)


def _reunir_les_classes(gardee: Eleve, fondue: Eleve) -> None:
    """Une classe des deux fiches reste une fois ; il y est encore si l'une des deux l'y disait."""
    ailleurs = {une.classe_id: une for une in fondue.scolarites.all()}
    for une in gardee.scolarites.filter(classe__in=ailleurs):
        double = ailleurs[une.classe_id]
        if une.sortie and double.sortie is None:
            une.sortie = None
            une.save()
        double.delete()


def _deplacer(lien: Any, gardee: Eleve, fondue: Eleve) -> None:
    modele, champ = lien.related_model, lien.field.name
    try:
        with transaction.atomic():
            for ligne in modele._base_manager.filter(**{champ: fondue}):
                setattr(ligne, champ, gardee)
                ligne.save()
    except DatabaseError:
        raise ValidationError(CROISEES.format(modele._meta.verbose_name)) from None


def _completer(gardee: Eleve, fondue: Eleve) -> None:
    """L'INE, la naissance et le compte qui manquaient à la fiche gardée viennent de l'autre ; présent si
    l'une des deux l'était."""
    apport = {nom: getattr(fondue, nom) for nom in ("ine", "naissance", "utilisateur")}
    try:
        fondue.delete()
    except ProtectedError as erreur:
        noms = sorted({str(un._meta.verbose_name) for un in erreur.protected_objects})
        raise ValidationError(CROISEES.format(", ".join(noms))) from None
    for nom, valeur in apport.items():
        if valeur and not getattr(gardee, nom):
            setattr(gardee, nom, valeur)
    gardee.actif = gardee.actif or fondue.actif
    gardee.save()
