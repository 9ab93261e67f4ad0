"""« Je demande une évaluation » : ce que l'élève adresse aux enseignants de sa classe.

Elle attend jusqu'à ce qu'on y réponde en mots, ou qu'un niveau de la compétence soit visible de l'élève.
Ouvrir une grille ne répond à rien ; dépublier la situation rouvre la demande.
"""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.db.models.functions import TruncDate
from django.utils import timezone
from simple_history.models import HistoricalRecords

from livret.personnes.homonymes import ListeDistinguee
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation, SituationQuerySet, visible_le_jour
from referentiel.models import Competence
from trpm.permissions import Action

REPONSE_MAX = 300


class DemandeQuerySet(ListeDistinguee, models.QuerySet["Demande"]):
    def for_user(self, user: Utilisateur, action: Action) -> DemandeQuerySet:
        """L'enseignant, celles de ses classes ; l'élève, les siennes."""
        return self.filter(
            Q(classe__in=Classe.objects.for_user(user, action))
            | Q(eleve__in=Eleve.objects.for_user(user, action).filter(utilisateur=user))
        )

    def ouvertes(self, jour: datetime.date | None = None) -> DemandeQuerySet:
        """Ni répondues, ni évaluées : ce qui attend encore, ce jour ou aujourd'hui."""
        return self.filter(~Exists(repondant(jour)), traitee_le__isnull=True)

    def avec_evaluation(self) -> DemandeQuerySet:
        """Chacune et l'intitulé de la situation qui l'évalue aux yeux de l'élève, `evaluee_dans`, ou rien."""
        derniere = repondant().order_by("-debut", "-pk")
        return self.annotate(evaluee_dans=Subquery(derniere.values("intitule")[:1]))

    def repondues_par(self, situation: Situation) -> DemandeQuerySet:
        """Celles qu'aucun mot n'a closes et que cette situation évalue."""
        siennes = self.filter(Exists(repondant().filter(pk=situation.pk)), traitee_le__isnull=True)
        return siennes.select_related("eleve", "competence")


def repondant(jour: datetime.date | None = None) -> SituationQuerySet:
    """Les situations qui répondent à une demande, ce jour ou aujourd'hui : l'élève y lit un niveau de la
    compétence, posé ou rendu visible depuis qu'il l'a faite. Une mention n'est pas un niveau."""
    demandee = ExpressionWrapper(OuterRef("creee_le"), output_field=models.DateTimeField())
    depuis = (
        Q(evaluations__modifie_le__gte=OuterRef("creee_le"))
        | Q(publiee_le__gte=OuterRef("creee_le"))
        | Q(visible_des__gt=TruncDate(demandee))
    )
    return Situation.objects.filter(
        visible_le_jour(jour or timezone.localdate()),
        depuis,
        evaluations__eleve=OuterRef("eleve"),
        evaluations__competence=OuterRef("competence"),
        evaluations__niveau__isnull=False,
    )


class Demande(models.Model):
    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="demandes")
    classe = models.ForeignKey(Classe, on_delete=models.PROTECT, related_name="demandes")
    competence = models.ForeignKey(Competence, on_delete=models.PROTECT, related_name="demandes")
    creee_le = models.DateTimeField("faite le", auto_now_add=True)
    reponse = models.CharField("réponse", max_length=REPONSE_MAX, blank=True)
    situation = models.ForeignKey(
        Situation, on_delete=models.SET_NULL, null=True, blank=True, related_name="demandes"
    )
    traitee_le = models.DateTimeField("traitée le", null=True, blank=True)
    traitee_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = DemandeQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "demande d’évaluation"
        verbose_name_plural = "demandes d’évaluation"
        ordering = ["creee_le", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["eleve", "competence"],
                condition=Q(traitee_le__isnull=True),
                name="demande_ouverte_unique",
                violation_error_message="Une demande de cet élève attend déjà sur cette compétence.",
            ),
            models.CheckConstraint(
                condition=Q(traitee_le__isnull=True, traitee_par__isnull=True, reponse="")
                | Q(traitee_le__isnull=False, traitee_par__isnull=False),
                name="demande_traitee",
                violation_error_message="Une demande traitée dit par qui et quand.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.eleve} demande {self.competence.code}"

    def traiter(self, par: Utilisateur, le: datetime.datetime, reponse: str = "") -> None:
        self.traitee_par, self.traitee_le, self.reponse = par, le, reponse
        self.full_clean()
        self.save()

    def evaluer(self, le: datetime.datetime) -> bool:
        """Close la demande qu'une situation évalue déjà aux yeux de l'élève, qui en fait une autre ; faux si
        aucune ne l'évalue."""
        repondue = Demande.objects.filter(pk=self.pk)
        visible = Situation.objects.filter(pk__in=repondue.values(une=Subquery(repondant().values("pk")[:1])))
        if evaluee := visible.select_related("auteur").first():
            self.situation = evaluee
            self.traiter(evaluee.auteur, le)
        return self.traitee_le is not None
