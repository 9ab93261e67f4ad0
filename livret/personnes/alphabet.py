"""L'ordre alphabétique français, le même sur les deux moteurs : É avec E, les casses et les traits confondus.

Aucune collation n'est commune à SQLite et à tous les PostgreSQL (certains sont bâtis sans ICU) : on compare
les textes pliés, comme le fait la recherche.
"""

from __future__ import annotations

from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import CharField, F, Func
from django.db.models.expressions import Combinable

from livret.personnes.identifiants import plie

_ACCENTS = {
    "a": "ÀÁÂÃÄÅĀĂĄàáâãäåāăą",
    "c": "ÇĆČçćč",
    "d": "Ďď",
    "e": "ÈÉÊËĒĔĖĘĚèéêëēĕėęě",
    "g": "ĞğĢģ",
    "i": "ÌÍÎÏĪĮİìíîïīį",
    "l": "ŁłĽľ",
    "n": "ÑŃŇñńň",
    "o": "ÒÓÔÕÖØŌŐòóôõöøōő",
    "r": "Řř",
    "s": "ŚŠŞȘśšşș",
    "t": "ŤŢȚťţț",
    "u": "ÙÚÛÜŪŮŰùúûüūůű",
    "y": "ÝŸýÿ",
    "z": "ŹŻŽźżž",
}
_DE = "".join(_ACCENTS.values())
_VERS = "".join(lettre * len(variantes) for lettre, variantes in _ACCENTS.items())


class Plie(Func):
    """Un texte plié par la base, comme `plie` le fait ici."""

    function = "plie"
    arity = 1
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **contexte: Any) -> Any:
        sql, valeurs = compiler.compile(self.source_expressions[0])
        plat = f"translate({sql}, %s, %s)"
        for ligature, lettres in (("œ", "oe"), ("Œ", "oe"), ("æ", "ae"), ("Æ", "ae"), ("ß", "ss")):
            plat = f"replace({plat}, '{ligature}', '{lettres}')"
        return (
            f"""btrim(regexp_replace(lower({plat}), '[^[:alnum:]]+', ' ', 'g')) COLLATE "C\"""",
            [*valeurs, _DE, _VERS],
        )


def alphabetique(prefixe: str = "", champs: tuple[str, str] = ("nom", "prenom")) -> list[Combinable | str]:
    """De quoi ranger des personnes, les noms pliés d'abord.

    `prefixe` : le chemin qui mène à elles, « eleve__ » par exemple.
    """
    bruts = [f"{prefixe}{champ}" for champ in champs]
    return [*(Plie(F(champ)) for champ in bruts), *bruts, f"{prefixe}pk"]


class Nommee(Protocol):
    @property
    def nom(self) -> str: ...
    @property
    def prenom(self) -> str: ...


def rang_alphabetique(personne: Nommee) -> tuple[str, ...]:
    """La même place, pour une personne déjà lue."""
    return plie(personne.nom), plie(personne.prenom), personne.nom, personne.prenom


def brancher() -> None:
    """SQLite ne sait pas plier : chaque connexion l'apprend."""
    connection_created.connect(_apprendre, dispatch_uid="alphabet")


def _apprendre(connection: BaseDatabaseWrapper, **autres: object) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function("plie", 1, lambda texte: plie(texte or ""), deterministic=True)
