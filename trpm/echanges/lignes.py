"""Les lignes d'un établissement, table par table : celles dont un lien mène à lui, historique compris."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Field, FileField, ForeignKey, Model, Q, QuerySet

from livret.models import AnneeScolaire, Etablissement, Promotion, Utilisateur
from referentiel.models import Referentiel

Modele = type[Model]
APPLICATIONS = ("referentiel", "livret", "certification", "trpm")
SECRETS = {
    "livret.LienTuteur": {"empreinte", "code_empreinte"},
    "certification.AccesJury": {"empreinte"},
    "certification.Verification": {"jeton"},
}
"""Ce qui ouvrirait quelque chose ne sort pas, même condensé."""
COMPTE = ("id", "username", "first_name", "last_name", "email", "is_active", "date_joined")
"""D'un compte, son identité : ni mot de passe, ni droit technique."""
EXCLUS = {
    "livret.Utilisateur_groups": "droits techniques de l’installation",
    "livret.Utilisateur_user_permissions": "droits techniques de l’installation",
    "livret.CodeOuverture": "code de première ouverture, de l’installation",
    "livret.Jeton": "secrets d’une personne",
    "livret.EssaiDeCode": "garde contre les essais, effacée chaque jour",
    "livret.Phrase": "phrases d’un enseignant, à lui",
    "livret.MandatInspection": "mandat d’une académie, non d’un établissement",
    "certification.Lot": "tirages provisoires, qui se refont",
    "certification.Tirage": "tirages provisoires, qui se refont",
    "referentiel.ImportReferentiel": "journal de l’installation",
    "trpm.ActeNote": "journal, qui se garde à part et ne se change pas",
    "trpm.Restauration": "sauvegardes de l’installation",
    "trpm.Sauvegarde": "sauvegardes de l’installation",
    "trpm.EnvoiRecu": "garde contre les envois doublés",
    "trpm.Revision": "compteurs de la base, qu’elle tient elle-même",
}


@dataclass(frozen=True)
class TableSortie:
    """`chemins` : les liens qui mènent à l'établissement, ou au référentiel qu'il suit ; un seul suffit."""

    modele: Modele
    chemins: tuple[str, ...]

    @property
    def nom(self) -> str:
        return self.modele._meta.label

    @property
    def champs(self) -> list[Field[Any, Any]]:
        tus = SECRETS.get(self.nom, set())
        compte = self.modele is Utilisateur
        return [
            un
            for un in self.modele._meta.concrete_fields
            if un.attname not in tus and (not compte or un.attname in COMPTE)
        ]

    @property
    def fichiers(self) -> list[str]:
        return [un.attname for un in self.champs if isinstance(un, FileField)]

    @property
    def comptes(self) -> list[str]:
        """Les champs qui citent un compte."""
        return [
            un.attname for un in self.champs if isinstance(un, ForeignKey) and un.related_model is Utilisateur
        ]

    def lignes(self, lieu: Etablissement, cites: set[int]) -> Iterator[dict[str, Any]]:
        """Par la clé, sans jamais les tenir toutes. `cites` : les comptes que d'autres tables nomment."""
        noms = [un.attname for un in self.champs]
        for debut in range(0, max(len(cites), 1), PAQUET) if self.modele is Utilisateur else (0,):
            paquet = sorted(cites)[debut : debut + PAQUET]
            yield from self._siennes(lieu, paquet).order_by("pk").values(*noms).iterator(chunk_size=PAQUET)

    def _siennes(self, lieu: Etablissement, cites: list[int]) -> QuerySet[Model]:
        toutes = self.modele._base_manager.all()
        if self.modele is Utilisateur:
            return toutes.filter(pk__in=cites)
        if self.modele is AnneeScolaire:
            return toutes
        but: Any = lieu.pk
        if self.modele._meta.app_label == "referentiel":
            but = Promotion.toutes.filter(etablissement=lieu).order_by().values("referentiel")
        menent = Q(pk__in=())
        for chemin in self.chemins:
            menent |= Q(**{f"{chemin}__in": but if isinstance(but, QuerySet) else [but]})
        return toutes.filter(menent)


PAQUET = 500


@cache
def tables() -> tuple[TableSortie, ...]:
    """Dans l'ordre des applications ; les comptes à la fin, quand on sait lesquels sont cités."""
    lues = [
        TableSortie(modele, chemins(modele))
        for modele in apps.get_models(include_auto_created=True)
        if modele._meta.app_label in APPLICATIONS and not modele._meta.proxy and not exclu(modele)
    ]
    menees = [une for une in lues if une.chemins or une.modele in (Utilisateur, AnneeScolaire)]
    return tuple(sorted(menees, key=lambda une: une.modele is Utilisateur))


def exclu(modele: Modele) -> bool:
    return modele._meta.label.replace(".Historical", ".") in EXCLUS


@cache
def chemins(modele: Modele) -> tuple[str, ...]:
    """Le lien obligatoire le plus court ; à défaut, tous ceux qui peuvent y mener."""
    but: Modele = Referentiel if modele._meta.app_label == "referentiel" else Etablissement
    suivi = getattr(modele, "instance_type", modele)
    if suivi is but:
        return ("id",)
    if court := _vers(suivi, but, facultatifs=False):
        return (court[0],)
    return tuple(_vers(suivi, but, facultatifs=True))


def _vers(modele: Modele, but: Modele, *, facultatifs: bool) -> list[str]:
    """Un chemin par premier lien, le plus court d'abord ; jamais par un compte, qui a plusieurs lieux."""
    trouves = []
    for lien in _liens(modele, facultatifs=facultatifs):
        if lien.related_model is but:
            trouves.append(lien.name)
        elif suite := chemins(lien.related_model):
            trouves.append(f"{lien.name}__{suite[0]}")
    return sorted(trouves, key=lambda un: (un.count("__"), un))


def _liens(modele: Modele, *, facultatifs: bool) -> list[ForeignKey[Any, Any]]:
    memes = (
        ("referentiel",) if modele._meta.app_label == "referentiel" else ("livret", "certification", "trpm")
    )
    return [
        un
        for un in modele._meta.concrete_fields
        if isinstance(un, ForeignKey)
        and (facultatifs or not un.null)
        and un.related_model not in (Utilisateur, modele)
        and un.related_model._meta.app_label in memes
    ]
