"""Administration technique : dépanner, et créer le premier établissement avec son administrateur."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from simple_history.admin import SimpleHistoryAdmin

from livret.personnes.inspection import MandatInspection
from livret.personnes.models.classe import AnneeScolaire, Classe, Promotion
from livret.personnes.models.compte import Appartenance, Etablissement, Utilisateur
from livret.personnes.models.eleve import Eleve, Scolarite


class AppartenanceInline(admin.TabularInline):
    model = Appartenance
    extra = 0


@admin.register(Utilisateur)
class UtilisateurAdmin(UserAdmin):
    list_display = ["username", "last_name", "first_name", "is_active", "is_staff"]
    inlines = [AppartenanceInline]


@admin.register(MandatInspection)
class MandatInspectionAdmin(SimpleHistoryAdmin):
    list_display = ["utilisateur", "academie"]
    raw_id_fields = ["utilisateur"]


@admin.register(Etablissement)
class EtablissementAdmin(SimpleHistoryAdmin):
    list_display = ["nom", "uai", "ville", "academie"]
    search_fields = ["nom", "uai"]


@admin.register(Promotion)
class PromotionAdmin(admin.ModelAdmin):
    list_display = ["nom", "etablissement", "referentiel", "option", "session"]
    list_filter = ["etablissement"]


@admin.register(Classe)
class ClasseAdmin(admin.ModelAdmin):
    list_display = ["nom", "annee", "niveau", "promotion", "etablissement"]
    list_filter = ["etablissement", "annee"]
    filter_horizontal = ["equipe"]


class ScolariteInline(admin.TabularInline):
    model = Scolarite
    extra = 0


@admin.register(Eleve)
class EleveAdmin(SimpleHistoryAdmin):
    list_display = ["nom", "prenom", "etablissement", "promotion", "option", "actif"]
    list_filter = ["etablissement", "promotion"]
    search_fields = ["nom", "prenom", "ine"]
    raw_id_fields = ["utilisateur"]
    inlines = [ScolariteInline]


admin.site.register(AnneeScolaire)
