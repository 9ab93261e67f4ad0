"""Ce à quoi répondent ici les compétences d'un diplôme antérieur : montré, jamais compté. Module pur."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def reponses(
    anterieurs: Iterable[Mapping[str, Any]], diplome: str, version: str
) -> dict[str, tuple[str, ...]]:
    """Par compétence de cet autre diplôme, celles d'ici auxquelles elle répond, dans l'ordre déclaré.

    Ce qui est dit de sa version l'emporte sur ce qui l'est de toutes.
    """
    dites: dict[str | None, dict[str, tuple[str, ...]]] = {
        un.get("version"): {une["code"]: tuple(une["competences"]) for une in un["repondent"]}
        for un in anterieurs
        if un["diplome"] == diplome
    }
    return dites.get(None, {}) | dites.get(version, {})
