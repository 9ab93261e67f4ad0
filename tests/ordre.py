"""Compter fait perdre l'ordre du modèle : Django l'ôte d'une requête qui regroupe, sans le dire.

Une liste ainsi lue sort dans l'ordre où la base la trouve, jamais le même d'une base à l'autre. Pendant toute
la suite, une telle requête est une faute : elle dit son ordre, `order_by()` si aucun ne compte.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models.sql.compiler import SQLCompiler


@pytest.fixture(scope="session", autouse=True)
def aucun_ordre_perdu() -> Iterator[None]:
    traduire = SQLCompiler.as_sql

    def traduire_et_voir(self: SQLCompiler, *options: Any, **autres: Any) -> Any:
        sql = traduire(self, *options, **autres)
        regroupe = self.query.group_by is not None
        if regroupe and self._meta_ordering:  # type: ignore[attr-defined]
            raise AssertionError(f"{self.query.model.__name__} : compter a fait perdre l'ordre ; dites-le.")
        return sql

    SQLCompiler.as_sql = traduire_et_voir  # type: ignore[method-assign]
    yield
    SQLCompiler.as_sql = traduire  # type: ignore[method-assign]
