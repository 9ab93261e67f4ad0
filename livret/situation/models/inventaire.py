"""L'inventaire de ce qui est mis à la disposition des candidats : la pièce 2 du dossier."""

from __future__ import annotations

from django.db import models

from livret.situation.rubrique import Rubrique


class Inventaire(models.Model):
    """Quatre rubriques, un moyen par ligne. `moyens` garde les inventaires écrits avant elles, d'un seul
    tenant : rien ne dit où les ranger, sinon la personne qui les relit."""

    RUBRIQUES = ("documents", "materiels", "outils", "numeriques", "moyens")

    documents = models.TextField("documents", blank=True, help_text="Un par ligne.")
    materiels = models.TextField("matériels", blank=True, help_text="Un par ligne.")
    outils = models.TextField("outils", blank=True, help_text="Un par ligne.")
    numeriques = models.TextField("moyens numériques", blank=True, help_text="Un par ligne.")
    moyens = models.TextField(
        "moyens à ranger",
        blank=True,
        help_text="Inventaire écrit avant les rubriques : déplacez chaque ligne dans la sienne.",
    )

    class Meta:
        abstract = True

    def inventaire(self) -> tuple[Rubrique, ...]:
        """Les rubriques qui ne sont pas vides ; ce qui reste à ranger vient en dernier, sans intitulé."""
        rubriques = (self._rubrique(nom) for nom in self.RUBRIQUES)
        return tuple(rubrique for rubrique in rubriques if rubrique.moyens)

    def _rubrique(self, nom: str) -> Rubrique:
        intitule = "" if nom == "moyens" else str(self._meta.get_field(nom).verbose_name)  # type: ignore[union-attr]
        lignes = (ligne.strip() for ligne in getattr(self, nom).splitlines())
        return Rubrique(intitule, tuple(filter(None, lignes)))
