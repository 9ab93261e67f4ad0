"""Ce que prépare une classe neuve : un diplôme, une option ou toutes ; la promotion s'en déduit."""

from __future__ import annotations

from dataclasses import dataclass

from livret.personnes.models.classe import AnneeScolaire, Classe, Promotion
from livret.personnes.models.compte import Etablissement
from referentiel.models import Grille, Option, Referentiel

MELEES = "toutes"


@dataclass(frozen=True)
class Parcours:
    """`options` : une seule, ou plusieurs mêlées ; chaque élève garde la sienne, celle de la promotion n'est
    alors que celle d'une ligne qui n'en dit pas."""

    referentiel: Referentiel
    options: tuple[Option, ...]

    @property
    def melees(self) -> bool:
        return len(self.options) > 1

    @property
    def cle(self) -> str:
        return f"{self.referentiel.pk}-{MELEES if self.melees else self.options[0].code}"

    @property
    def dit(self) -> str:
        if self.melees:
            return f"{self.referentiel} : {' et '.join(un.code for un in self.options)} mêlées"
        return f"{self.referentiel} {self.options[0].dite}".strip()

    @property
    def annees(self) -> tuple[str, ...]:
        return tuple(self.referentiel.cycle.annees)

    def classe(self, lieu: Etablissement, annee: AnneeScolaire, nom: str, niveau: str) -> Classe:
        """Cette classe ; celle qui porte déjà ce nom, cette année-là, reste telle quelle."""
        deja = Classe.objects.filter(etablissement=lieu, annee=annee, nom=nom).first()
        if deja:
            return deja
        session = annee.debut + len(self.annees) - self.annees.index(niveau)
        promotion = self._promotion(lieu, session)
        return Classe.objects.create(
            etablissement=lieu, annee=annee, nom=nom, niveau=niveau, promotion=promotion
        )

    def _promotion(self, lieu: Etablissement, session: int) -> Promotion:
        option = "" if self.melees else self.options[0].dite
        nom = " ".join(filter(None, [self.referentiel.code, option, str(session)]))
        promotion, _ = Promotion.objects.get_or_create(
            etablissement=lieu,
            nom=nom,
            defaults={
                "referentiel": self.referentiel,
                "option": self.options[0],
                "grille": self._grille(lieu),
                "session": session,
            },
        )
        return promotion

    def _grille(self, lieu: Etablissement) -> Grille:
        """Celle en service dans l'établissement ; à défaut, la plus récente du référentiel."""
        grilles = Grille.objects.filter(referentiel=self.referentiel)
        return grilles.filter(promotions__etablissement=lieu).first() or grilles[0]


def parcours_offerts() -> list[Parcours]:
    """Chaque option de chaque référentiel, puis toutes celles d'un même référentiel mêlées."""
    offerts = []
    for referentiel in Referentiel.objects.prefetch_related("options").order_by("code", "-version"):
        options = tuple(sorted(referentiel.options.all(), key=lambda une: une.ordre))
        offerts += [Parcours(referentiel, (une,)) for une in options]
        if len(options) > 1:
            offerts.append(Parcours(referentiel, options))
    return offerts
