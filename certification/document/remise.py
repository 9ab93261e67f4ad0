"""Remettre une table à qui la recopie, et garder la trace de ce qui est sorti."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils import timezone

from certification.document.models import Extraction
from certification.document.recopie import TableARecopier, changements
from livret.models import Classe, Etablissement, Utilisateur
from trpm.impression.documents import TYPE_CSV, TYPE_XLSX, telechargement

Cible = dict[str, Any]
"""L'établissement, et une session ou une classe."""


def de_session(etablissement: Etablissement, session: int) -> Cible:
    return {"etablissement": etablissement, "session": session, "classe": None}


def de_classe(classe: Classe) -> Cible:
    return {"etablissement": classe.etablissement, "session": None, "classe": classe}


def contexte(table: TableARecopier, cible: Cible) -> dict[str, object]:
    """Ce que montrent les deux pages : la table, la dernière extraction, et ce qui a changé depuis."""
    derniere = Extraction.objects.filter(**cible).select_related("faite_par").first()
    return {
        "table": table,
        "derniere": derniere,
        "changements": changements(derniere.contenu, table) if derniere else (),
    }


def remettre(
    table: TableARecopier, nom: str, demande: QueryDict, cible: Cible, par: Utilisateur
) -> HttpResponse:
    """Le fichier demandé, CSV ou classeur ; ce qui sort remplace la trace de la fois d'avant."""
    Extraction.objects.update_or_create(
        **cible,
        defaults={
            "faite_par": par,
            "faite_le": timezone.now(),
            "empreinte": table.empreinte,
            "contenu": table.gardee,
        },
    )
    if "xlsx" in demande:
        return telechargement(table.xlsx(), f"{nom}.xlsx", TYPE_XLSX)
    return telechargement(table.csv(), f"{nom}.csv", TYPE_CSV)
