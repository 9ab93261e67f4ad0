"""Les lignes qui concernent une personne, où que la base les tienne, historique compris."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.apps import apps
from django.db.models import ForeignKey, Model, Q, QuerySet

from livret.models import Eleve, Tuteur, Utilisateur
from trpm.conservation.regles import RegleDeModele, regles

Modele = type[Model]
HISTORIQUE = "Historical"
PERSONNES: dict[str, Modele] = {"eleve": Eleve, "tuteur": Tuteur}


@dataclass(frozen=True)
class ModeleRegle:
    """Un modèle et la règle qui le tient ; `origine` : celui dont il est l’historique ou le lien."""

    modele: Modele
    origine: Modele
    regle: RegleDeModele

    @property
    def historique(self) -> bool:
        return self.modele.__name__.startswith(HISTORIQUE)


def origine(modele: Modele) -> Modele:
    """Le modèle que raconte cet historique, ou qui déclare cette table de liens ; lui-même sinon."""
    modele = modele._meta.concrete_model or modele
    nom = modele.__name__.removeprefix(HISTORIQUE)
    source = apps.get_model(modele._meta.app_label, nom)
    return declarant(source) if regles().de(source._meta.label) is None else source


def declarant(lien: Modele) -> Modele:
    auto = lien._meta.auto_created
    return auto if isinstance(auto, type) and issubclass(auto, Model) else lien


def modeles_regles() -> Iterator[ModeleRegle]:
    for modele in apps.get_models(include_auto_created=True):
        source = origine(modele)
        if modele._meta.proxy:
            continue
        if regle := regles().de(source._meta.label):
            yield ModeleRegle(modele, source, regle)


def de_l_eleve(modele: Modele, eleves: Collection[int]) -> QuerySet | None:
    """Les lignes de ces élèves ; `None` si le modèle n'en dit rien."""
    regle = regles().de(origine(modele)._meta.label)
    if regle is None or not regle.de_l_eleve:
        return None
    lignes = modele._base_manager.all()
    if regle.case:
        seul = Q(pk__in=())
        for eleve in eleves:
            seul |= Q(**{f"{regle.case}__endswith": f"-{eleve}"})
        return lignes.filter(seul)
    if regle.rangees:
        cles = [str(eleve) for eleve in eleves]
        return lignes.filter(**{f"{regle.rangees}__rangees__has_any_keys": cles})
    return suivies(modele, "eleve", eleves)


def suivies(modele: Modele, personne: str, cles: Collection[int]) -> QuerySet:
    """Les lignes d'où ce chemin mène à ces personnes, y compris par des lignes effacées depuis."""
    regle = regles().de(origine(modele)._meta.label)
    chemin = getattr(regle, personne)
    lignes = modele._base_manager.all()
    if modele.__name__.startswith(HISTORIQUE):
        return _historique(modele, origine(modele), chemin, personne, cles)
    if modele is not origine(modele):
        chemin = f"{lien_vers(modele, origine(modele))}__{chemin}"
    return lignes.filter(**{f"{chemin}__in": cles})


def _historique(
    modele: Modele, source: Modele, chemin: str, personne: str, cles: Collection[int]
) -> QuerySet:
    """Une table de liens de l'historique suit la ligne d'historique dont elle dépend."""
    lignes = modele._base_manager.all()
    if "history" in {champ.name for champ in modele._meta.concrete_fields}:
        dont = cible_de(modele, "history")
        if chemin == "eleve" and regles().de(source._meta.label) and source._meta.auto_created:
            return lignes.filter(**{f"{chemin}__in": cles})
        return lignes.filter(history__in=suivies(dont, personne, cles).order_by().values("pk"))
    premier, _, reste = chemin.partition("__")
    if not reste:
        champ = source._meta.pk.attname if premier == "pk" else f"{premier}_id"
        return lignes.filter(**{f"{champ}__in": cles})
    return lignes.filter(**{f"{premier}_id__in": _toutes(source, premier, personne, cles)})


def _toutes(source: Modele, lien: str, personne: str, cles: Collection[int]) -> set[int]:
    """Les clés, présentes ou passées, de ce à quoi mène ce lien et qui concerne ces personnes."""
    cible: Any = cible_de(source, lien)
    cles_vues = set(suivies(cible, personne, cles).order_by().values_list("pk", flat=True))
    if hasattr(cible, "history"):
        passees = suivies(cible.history.model, personne, cles)
        cles_vues |= set(passees.order_by().values_list(cible._meta.pk.attname, flat=True))
    return cles_vues


def cible_de(modele: Modele, lien: str) -> Modele:
    return cast("ForeignKey", modele._meta.get_field(lien)).related_model


def lien_vers(modele: Modele, cible: Modele) -> str:
    return next(
        champ.name
        for champ in modele._meta.concrete_fields
        if isinstance(champ, ForeignKey) and champ.related_model is cible
    )


def comptes_de(modele: Modele) -> list[str]:
    """Les liens d'un modèle vers un compte : qui l'a écrit, validé, retiré…"""
    return [
        champ.name
        for champ in modele._meta.concrete_fields
        if isinstance(champ, ForeignKey) and champ.related_model is Utilisateur
    ]
