"""Qui se sert d'une ligne du référentiel, hors de cette application.

Le référentiel ne connaît ni le livret ni la certification : il suit les clés étrangères qui
pointent vers lui, d'où qu'elles viennent, y compris celles des tables de liaison.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from django.db.models import DO_NOTHING, Count, ForeignKey, Model
from django.db.models.fields.reverse_related import ManyToOneRel

from referentiel.fichier.comparaison import Cle

Usage = Counter[tuple[str, str]]
"""Nombre de lignes par nature ; la nature est un couple (singulier, pluriel)."""


def relations(modele: type[Model]) -> Iterator[ForeignKey]:
    """Clés étrangères venues d'autres applications, sauf celles des historiques ; celle qui vise un modèle
    délégué ne compte que pour lui."""
    for relation in modele._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel) or relation.on_delete is DO_NOTHING:
            continue
        if relation.field.remote_field.model not in modele.__mro__:
            continue
        if relation.field.model._meta.app_label != modele._meta.app_label:
            yield relation.field


def noms(cle_etrangere: ForeignKey) -> tuple[str, str]:
    """« évaluation », « évaluations » ; une table de liaison prend le nom de son objet."""
    modele = cle_etrangere.model
    porteur = modele._meta.auto_created or modele
    options = porteur._meta  # type: ignore[union-attr]
    return str(options.verbose_name), str(options.verbose_name_plural)


def usages(lignes: Mapping[Cle, Model]) -> dict[Cle, Usage]:
    """Nombre de lignes d'autres applications qui pointent chaque ligne, par nature."""
    par_modele: dict[type[Model], dict[int, Cle]] = defaultdict(dict)
    for cle, ligne in lignes.items():
        par_modele[type(ligne)][ligne.pk] = cle
    comptes: dict[Cle, Usage] = {cle: Counter() for cle in lignes}
    for modele, cles in par_modele.items():
        for cle_etrangere in relations(modele):
            for pk, nombre in _compter(cle_etrangere, cles):
                comptes[cles[pk]][noms(cle_etrangere)] += nombre
    return comptes


def _compter(cle_etrangere: ForeignKey, pks: Iterable[int]) -> Iterator[tuple[int, int]]:
    lignes = cle_etrangere.model._base_manager.filter(**{f"{cle_etrangere.name}__in": list(pks)})
    yield from lignes.order_by().values_list(cle_etrangere.attname).annotate(Count("pk"))


def en_clair(usage: Usage) -> str:
    """« 12 évaluations, 2 situations »."""
    return ", ".join(f"{nombre} {noms[nombre > 1]}" for noms, nombre in sorted(usage.items()))
