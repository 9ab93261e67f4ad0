"""Le dossier d'un candidat : ce que la commission décide, et ce qu'elle fige.

Tant qu'un dossier est ouvert, tout se recalcule depuis le livret. Figé, il se lit dans sa
`VersionFigee`, que plus rien ne modifie ; toute écriture est alors refusée ici même, y compris
celles que les « querysets » font en masse.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256
from json import loads
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from certification.commission.models import Commission
from certification.dossier.grille.vu import NiveauVu, NoteVue
from certification.dossier.unicite import CONTRAINTES, PlaceQuerySet, PlaceUnique
from certification.dossier.versions import (
    DossierClos,
    DossierFige,
    TraceCitee,
    Verification,
    VersionFigee,
)
from livret.models import Eleve, Promotion, Utilisateur
from livret.personnes.alphabet import alphabetique
from livret.personnes.homonymes import ListeDistinguee
from livret.personnes.inscriptions import tels_qu_inscrits
from referentiel.models import Competence, Critere, Niveau
from trpm.base.instantane import ecrire
from trpm.permissions import Action

VU = "JSON canonique."


class DossierQuerySet(ListeDistinguee, PlaceQuerySet["Dossier"]):  # type: ignore[override]
    def for_user(self, user: Utilisateur, action: Action) -> DossierQuerySet:
        return self.filter(commission__in=Commission.objects.for_user(user, action))

    def figes(self) -> DossierQuerySet:
        return self.filter(pk__in=VersionFigee.objects.en_vigueur().values("dossier"))

    def entames(self) -> DossierQuerySet:
        """Ceux qui portent déjà une décision, une saisie ou un instantané."""
        return self.filter(
            Q(decisions__isnull=False)
            | Q(versions__isnull=False)
            | Q(note_proposee__isnull=False)
            | ~Q(situation=Dossier.Situation.A_EVALUER)
            | ~Q(observations="")
        ).distinct()

    def update(self, **champs: Any) -> int:
        if self.figes().exists():
            raise DossierFige
        return super().update(**champs)


class Dossier(PlaceUnique):
    """Dossier d'un candidat pour l'épreuve de la commission."""

    class Situation(models.TextChoices):
        """Situation du candidat devant l'épreuve (Q13). Tout autre cas que « à évaluer »
        suspend le calcul et s'imprime tel quel ; rien ne devient zéro."""

        A_EVALUER = "a_evaluer", "à évaluer"
        ABSENT_JUSTIFIE = "absent_justifie", "absent justifié"
        ABSENT_NON_JUSTIFIE = "absent_non_justifie", "absent non justifié"
        DISPENSE = "dispense", "dispensé"
        NOTE_CONSERVEE = "note_conservee", "note conservée"
        BLOC_ACQUIS = "bloc_acquis", "bloc acquis (VAE)"

    class Mode(models.TextChoices):
        """Mode de l'épreuve, demandé pour ce candidat quand le référentiel n'en dit rien (Q50)."""

        CCF = "ccf", "contrôle en cours de formation"
        PONCTUEL = "ponctuel", "épreuve ponctuelle"

    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="dossiers")
    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="dossiers")
    situation = models.CharField(
        "situation devant l’épreuve", max_length=20, choices=Situation, default=Situation.A_EVALUER
    )
    mode = models.CharField(
        "mode de l’épreuve",
        max_length=10,
        choices=Mode,
        blank=True,
        help_text="Demandé quand le référentiel ne le dit pas ; aucune note n’est proposée avant.",
    )
    note_conservee = models.DecimalField(
        "note conservée",
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(20)],
    )
    session_conservee = models.PositiveSmallIntegerField("obtenue à la session", null=True, blank=True)
    observations = models.TextField("observations", blank=True)
    bonus = models.DecimalField(
        "bonus",
        max_digits=4,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
        help_text="En points, dans la limite que fixe la grille (Q12).",
    )
    note_proposee = models.DecimalField(
        "note proposée", max_digits=4, decimal_places=2, null=True, blank=True
    )
    motif_ecart = models.TextField("motif de l’écart avec la note calculée", blank=True)
    vu_note = models.TextField("ce que voyait qui a proposé la note", blank=True, help_text=VU)
    vu_observations = models.TextField("ce que voyait qui a observé", blank=True, help_text=VU)
    modifie_le = models.DateTimeField("modifié le", auto_now=True)

    objects = DossierQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "dossier de candidat"
        verbose_name_plural = "dossiers de candidat"
        ordering = [*alphabetique("eleve__"), "pk"]
        constraints = [
            *CONTRAINTES,
            models.CheckConstraint(
                condition=Q(note_proposee__isnull=True) | Q(note_proposee__range=(0, 20)),
                name="dossier_note_bornee",
                violation_error_message="Une note est comprise entre 0 et 20.",
            ),
            models.CheckConstraint(
                condition=Q(bonus__range=(0, 20)),
                name="dossier_bonus_borne",
                violation_error_message="Un bonus est compris entre 0 et 20 points.",
            ),
            models.CheckConstraint(
                condition=(
                    Q(situation="note_conservee", note_conservee__range=(0, 20))
                    & Q(session_conservee__isnull=False)
                )
                | (
                    ~Q(situation="note_conservee")
                    & Q(note_conservee__isnull=True, session_conservee__isnull=True)
                ),
                name="dossier_note_conservee",
                violation_error_message=(
                    "Une note conservée se donne avec sa session, et seulement dans cette situation."
                ),
            ),
            models.CheckConstraint(
                condition=Q(situation="a_evaluer") | Q(note_proposee__isnull=True),
                name="dossier_note_si_evalue",
                violation_error_message="Seul un candidat à évaluer reçoit une note proposée.",
            ),
            models.CheckConstraint(
                condition=Q(note_proposee__isnull=True) | ~Q(vu_note=""),
                name="dossier_note_vue",
                violation_error_message="Une note proposée garde ce que son auteur voyait.",
            ),
            models.CheckConstraint(
                condition=Q(observations="") | ~Q(vu_observations=""),
                name="dossier_observations_vues",
                violation_error_message="Des observations gardent ce que leur auteur voyait.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.eleve} : {self.commission.epreuve.code}"

    def get_absolute_url(self) -> str:
        return reverse("certification:dossier", args=[self.pk])

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.prendre_place()
        self.refuser_si_fige()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.refuser_si_fige()
        return super().delete(*args, **kwargs)

    def cadre(self) -> Promotion:
        """Sous quoi le candidat se lit, s'il a changé de diplôme depuis et qu'il n'en reste pas de trace."""
        grille, lieu = self.commission.grille, self.commission.etablissement
        return Promotion(
            etablissement=lieu,
            referentiel=grille.referentiel,
            grille=grille,
            option=self.eleve.option,
            session=self.session,
        )

    @property
    def fige(self) -> bool:
        return self.pk is not None and self.versions.en_vigueur().exists()

    def refuser_si_fige(self) -> None:
        if self.clos:
            raise DossierClos
        if self.fige:
            raise DossierFige

    def arreter(self, code: str, niveau: str, motif: str, auteur: Utilisateur, vu: NiveauVu) -> None:
        """Arrête le niveau d'une compétence ou d'un critère, par codes ; « non démontrée » s'il n'y en a pas.

        `vu` : ce que l'auteur avait sous les yeux, et pour quoi seul sa décision vaut (Q48).
        """
        grille = self.commission.grille
        Decision.objects.update_or_create(
            dossier=self,
            **self._vise(code),
            defaults={
                "niveau": Niveau.objects.get(echelle=grille.echelle_id, code=niveau) if niveau else None,
                "non_demontree": not niveau,
                "motif": motif,
                "auteur": auteur,
                "vu": ecrire(vu),
            },
        )

    def _vise(self, code: str) -> dict[str, Any]:
        """Ce que désigne un code dans la grille de la commission : une compétence, ou un critère."""
        grille = self.commission.grille
        if grille.positionne == grille.Positionne.CRITERES:
            criteres = Critere.objects.filter(grille=grille, code=code).order_by("option")
            (candidat,) = tels_qu_inscrits([(self.eleve, self.cadre())])
            for critere in criteres:
                if critere.concerne(candidat.option_id):
                    return {"competence_id": critere.competence_id, "critere": critere}
        competence = Competence.objects.get(referentiel=grille.referentiel_id, code=code)
        return {"competence_id": competence.pk, "critere": None}

    def desarreter(self, code: str) -> None:
        """Retire une décision : la compétence, ou le critère, redevient à arrêter."""
        for decision in self.decisions.filter(**self._vise(code)):
            decision.delete()

    def confirmer(self, code: str, auteur: Utilisateur, vu: NiveauVu) -> None:
        """Maintient le niveau arrêté, au vu de ce qui a changé."""
        decision = self.decisions.get(**self._vise(code))
        decision.auteur, decision.vu = auteur, ecrire(vu)
        decision.save()

    def proposer(self, note: Decimal | None, motif_ecart: str = "", vu: NoteVue | None = None) -> None:
        """Propose une note, ou la retire ; `vu` : ce que voit qui la propose."""
        self.note_proposee, self.motif_ecart = note, motif_ecart
        self.vu_note = ecrire(vu) if vu else ""
        self.save()

    def observer(self, texte: str, vu: NoteVue) -> None:
        """Écrit les observations ; `vu` : ce que voit qui les écrit."""
        self.observations, self.vu_observations = texte, ecrire(vu)
        self.save()

    def figer(self, contenu: str, par: Utilisateur, le: datetime.datetime) -> VersionFigee:
        """Enregistre l'instantané ; la version précédente, s'il y en a une, a été rouverte."""
        self.refuser_si_fige()
        derniere = self.versions.aggregate(models.Max("numero"))["numero__max"] or 0
        version = self.versions.create(
            numero=derniere + 1,
            contenu=contenu,
            empreinte=sha256(contenu.encode()).hexdigest(),
            figee_le=le,
            figee_par=par,
        )
        TraceCitee.objects.bulk_create(
            TraceCitee(version=version, trace_id=trace) for trace in _traces_citees(contenu)
        )
        Verification.objects.create(version=version)
        Verification.objects.get_or_create(commission_id=self.commission_id)
        return version


def _traces_citees(contenu: str) -> set[int]:
    ecrit = loads(contenu)
    citent = (*ecrit.get("situations", ()), {"preuves": ecrit.get("portfolio", ())})
    return {preuve["trace"] for citant in citent for preuve in citant.get("preuves", ())}


class DecisionQuerySet(models.QuerySet["Decision"]):
    def _refuser_si_fige(self, dossiers: Any) -> None:
        if VersionFigee.objects.en_vigueur().filter(dossier__in=dossiers).exists():
            raise DossierFige

    def update(self, **champs: Any) -> int:
        self._refuser_si_fige(self.values("dossier"))
        return super().update(**champs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuser_si_fige(self.values("dossier"))
        return super().delete()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        decisions = list(objs)
        self._refuser_si_fige([decision.dossier_id for decision in decisions])
        return super().bulk_create(decisions, *args, **kwargs)


class Decision(models.Model):
    """Niveau arrêté par la commission pour une compétence, ou pour un critère si la grille en positionne.

    `non_demontree` : aucune situation ne l'a évaluée, la commission la compte 0 et dit pourquoi (Q10).
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="decisions")
    competence = models.ForeignKey(Competence, on_delete=models.PROTECT, related_name="decisions")
    critere = models.ForeignKey(
        Critere, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    niveau = models.ForeignKey(Niveau, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    non_demontree = models.BooleanField("non démontrée", default=False)
    motif = models.TextField("motif", blank=True)
    auteur = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    vu = models.TextField("ce que voyait l’auteur", help_text=VU)
    modifie_le = models.DateTimeField("modifié le", auto_now=True)

    objects = DecisionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "décision de la commission"
        verbose_name_plural = "décisions de la commission"
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "competence"], condition=Q(critere__isnull=True), name="decision_unique"
            ),
            models.UniqueConstraint(
                fields=["dossier", "critere"],
                condition=Q(critere__isnull=False),
                name="decision_par_critere",
            ),
            models.CheckConstraint(
                condition=Q(niveau__isnull=False, non_demontree=False)
                | (Q(niveau__isnull=True, non_demontree=True) & ~Q(motif="")),
                name="decision_niveau_ou_motif",
                violation_error_message="Donnez un niveau, ou « non démontrée » avec un motif.",
            ),
            models.CheckConstraint(
                condition=~Q(vu=""),
                name="decision_vue",
                violation_error_message="Une décision garde ce que son auteur voyait.",
            ),
        ]

    def __str__(self) -> str:
        visee = self.critere or self.competence
        return f"{visee.code} : {self.niveau.code if self.niveau else 'non démontrée'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.dossier.refuser_si_fige()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.dossier.refuser_si_fige()
        return super().delete(*args, **kwargs)
