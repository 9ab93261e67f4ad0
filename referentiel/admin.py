"""Consultation technique, en lecture seule : un référentiel ne change que par l'import."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from referentiel.models import (
    Competence,
    Detaillee,
    Epreuve,
    Grille,
    Option,
    Referentiel,
)


class LectureSeule(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Referentiel)
class ReferentielAdmin(LectureSeule):
    list_display = ["code", "version", "intitule", "importe_le"]


@admin.register(Option, Epreuve, Competence)
class ElementAdmin(LectureSeule):
    list_display = ["code", "intitule", "referentiel"]
    list_filter = ["referentiel"]
    list_select_related = ["referentiel"]


@admin.register(Detaillee)
class DetailleeAdmin(LectureSeule):
    list_display = ["code", "option", "intitule", "competence"]
    list_filter = ["competence__referentiel", "option"]
    list_select_related = ["option", "competence"]


@admin.register(Grille)
class GrilleAdmin(LectureSeule):
    list_display = ["version", "intitule", "referentiel", "arrondi", "bonus_max"]
    list_select_related = ["referentiel"]
