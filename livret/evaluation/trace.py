"""La trace : ce qui prouve, ou montre, ce qu'un élève a fait. Une photo, un fichier, quelques mots.

Elle peut viser une case de la grille (une compétence détaillée ou une compétence), la fiche de
l'élève dans la situation, ou rester au portfolio de l'élève. On la retire ; une fois retirée, elle s'efface,
sauf si un document figé la cite.
"""

from __future__ import annotations

import datetime
import uuid
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from livret.personnes.homonymes import ListeDistinguee
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.situation.models.situation import Situation, visible_le_jour
from referentiel.models import Competence, Detaillee
from trpm.permissions import Action

TEXTE_MAX = 1000


def rangement(trace: Trace, nom: str) -> str:
    """Ni le nom ni l'extension reçus n'arrivent sur le disque."""
    tirage = uuid.uuid4().hex
    return f"traces/{tirage[:2]}/{tirage}"


class TraceQuerySet(ListeDistinguee, models.QuerySet["Trace"]):
    def for_user(self, user: Utilisateur, action: Action) -> TraceQuerySet:
        """L'équipe lit celles de ses élèves et de ses situations, et modifie celles-ci ; l'élève, les siennes
        et celles d'une situation qu'il voit (Q36) ; une commission, celles de ses candidats."""
        if action == Action.EVALUER:
            return self.filter(situation__in=Situation.objects.for_user(user, action))
        lui = Eleve.objects.for_user(user, action).filter(utilisateur=user)
        visible = visible_le_jour(timezone.localdate(), "situation__")
        return self.filter(
            Q(eleve__in=Eleve.objects.for_user(user, Action.VOIR_CLASSE))
            | Q(situation__in=Situation.objects.for_user(user, Action.VOIR_CLASSE))
            | Q(eleve__in=lui, retiree_le__isnull=True) & (Q(origine=Trace.Origine.ELEVE) | visible)
            | Q(eleve__in=Eleve.objects.devant(user, action)) & Q(retiree_le__isnull=True)
        )

    def effacables(self, user: Utilisateur) -> TraceQuerySet:
        """Les retirées : l'équipe et l'administrateur, toutes ; l'élève, ce qu'il avait déposé."""
        siens = Eleve.objects.for_user(user, Action.EFFACER_TRACE)
        deposee = Q(origine=Trace.Origine.ELEVE) | ~Q(eleve__in=siens.filter(utilisateur=user))
        return self.filter(deposee, eleve__in=siens, retiree_le__isnull=False)

    def gardees(self) -> TraceQuerySet:
        return self.filter(retiree_le__isnull=True)


class Trace(models.Model):
    class Origine(models.TextChoices):
        ENSEIGNANT = "enseignant", "enseignant"
        ELEVE = "eleve", "élève"

    eleve = models.ForeignKey(Eleve, on_delete=models.PROTECT, related_name="traces", verbose_name="élève")
    situation = models.ForeignKey(
        Situation, on_delete=models.PROTECT, null=True, blank=True, related_name="traces", db_index=False
    )
    pfmp = models.ForeignKey(
        "livret.Pfmp",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="traces",
        verbose_name="PFMP",
    )
    competence = models.ForeignKey(
        Competence,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="traces",
        verbose_name="case de la compétence",
    )
    detaillee = models.ForeignKey(
        Detaillee,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="traces",
        verbose_name="case de la compétence détaillée",
    )
    competences = models.ManyToManyField(
        Competence, related_name="traces_liees", blank=True, verbose_name="compétences montrées"
    )
    texte = models.TextField("légende", max_length=TEXTE_MAX, blank=True)
    fichier = models.FileField("fichier", upload_to=rangement, max_length=100, blank=True)
    miniature = models.FileField("miniature", upload_to=rangement, max_length=100, blank=True, editable=False)
    nom = models.CharField("nom du fichier", max_length=150, blank=True)
    type_mime = models.CharField("type", max_length=100, blank=True)
    taille = models.PositiveIntegerField("taille (octets)", default=0)
    empreinte = models.CharField("empreinte SHA-256", max_length=64, blank=True)
    largeur = models.PositiveIntegerField("largeur (pixels)", null=True, blank=True)
    hauteur = models.PositiveIntegerField("hauteur (pixels)", null=True, blank=True)
    auteur = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, related_name="traces", verbose_name="ajoutée par"
    )
    origine = models.CharField("origine", max_length=10, choices=Origine)
    au_dossier = models.BooleanField("imprimée dans le dossier", default=False)
    creee_le = models.DateTimeField("ajoutée le", auto_now_add=True)
    retiree_le = models.DateTimeField("retirée le", null=True, blank=True)
    retiree_par = models.ForeignKey(
        Utilisateur,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="retirée par",
    )

    objects = TraceQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[competences])

    class Meta:
        verbose_name = "trace"
        ordering = ["creee_le", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(texte="") | ~Q(fichier=""),
                name="trace_texte_ou_fichier",
                violation_error_message="Ajoutez une photo, un fichier ou quelques mots.",
            ),
            models.CheckConstraint(
                condition=Q(fichier="", empreinte="") | (~Q(fichier="") & ~Q(empreinte="")),
                name="trace_fichier_empreinte",
                violation_error_message="Un fichier se garde avec son empreinte.",
            ),
            models.CheckConstraint(
                condition=Q(competence__isnull=True) | Q(detaillee__isnull=True),
                name="trace_une_case",
                violation_error_message="Une trace vise une seule case de la grille.",
            ),
            models.CheckConstraint(
                condition=Q(situation__isnull=False)
                | Q(origine="eleve", competence__isnull=True, detaillee__isnull=True),
                name="trace_situation",
                violation_error_message="Cette trace se rattache à une situation.",
            ),
            models.CheckConstraint(
                condition=Q(retiree_le__isnull=True, retiree_par__isnull=True)
                | Q(retiree_le__isnull=False, retiree_par__isnull=False, au_dossier=False),
                name="trace_retrait",
                violation_error_message="Une trace retirée ne s’imprime plus dans le dossier.",
            ),
        ]
        indexes = [models.Index(fields=["situation", "eleve"], name="trace_fiche")]

    def __str__(self) -> str:
        return self.nom or self.texte

    def get_absolute_url(self) -> str:
        return reverse("livret:trace", args=[self.pk])

    @property
    def est_image(self) -> bool:
        return bool(self.largeur)

    @property
    def description(self) -> str:
        """Ce que dit l'image à qui ne la voit pas."""
        return self.texte or f"Photo « {self.nom} »"

    @property
    def cle(self) -> str:
        """Colonne de la grille que la trace vise : `d12`, `c3`, ou rien pour la fiche entière."""
        if self.detaillee_id:
            return f"d{self.detaillee_id}"
        return f"c{self.competence_id}" if self.competence_id else ""

    @property
    def case(self) -> str:
        """Code de ce que la trace vise ; vide pour la fiche entière."""
        visee = self.detaillee or self.competence
        return visee.code if visee else ""

    @property
    def sans_competence(self) -> bool:
        """Elle n'irait au dossier d'aucune épreuve : ni case, ni compétence, ni situation, ni PFMP."""
        rattachee = self.competence_id or self.detaillee_id or self.situation_id or self.pfmp_id
        return not rattachee and not self.competences.exists()

    def retirer(self, par: Utilisateur, le: datetime.datetime) -> None:
        self.retiree_le, self.retiree_par, self.au_dossier = le, par, False
        self.save()

    def effacer(self) -> None:
        """Ôte la trace retirée, ses fichiers et ce qu'en disait l'historique, qui ne garde que qui et quand.

        Une trace qu'un document figé cite est protégée par la base, qu'il ait été rouvert ou non.
        """
        if self.retiree_le is None:
            raise ValidationError("Retirez d’abord cette trace.")
        fichiers = [(un.storage, str(un.name)) for un in (self.fichier, self.miniature) if un]
        lignes = Trace.history.filter(id=self.pk)
        try:
            with transaction.atomic():
                self.delete()
                lignes.update(texte="", nom="", fichier="", miniature="", empreinte="")
        except (models.ProtectedError, IntegrityError) as refus:
            raise ValidationError(
                f"« {self} » est citée par un document figé : elle reste gardée."
            ) from refus
        for stockage, chemin in fichiers:
            transaction.on_commit(partial(stockage.delete, chemin))
