"""Un lot : les documents de toute une commission, tirés en fond, un par un.

Chaque tirage est une tâche de la file (`trpm.taches`), prêtée à bail. L'ouvrier tué, le bail échoit et la
tâche est présentée à un autre ; le numéro de sa tentative départage : ce que rend le premier est jeté.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from certification.commission.models import Commission
from certification.document.genres import DOCUMENTS, LOTS, GenreDeLot
from certification.dossier.models import Dossier
from livret.models import Utilisateur
from trpm.permissions import Action
from trpm.taches.file import enfiler

PV, ENSEMBLE, ARCHIVE = "pv", "ensemble", "archive"
PIECES = [
    *((genre.code, genre.piece) for genre in DOCUMENTS.values() if genre.lots),
    (PV, "procès-verbal"),
    (ENSEMBLE, "fichier unique"),
    (ARCHIVE, "archive signée"),
]
TENTATIVES = 3
PATIENCE = datetime.timedelta(seconds=20)


class LotQuerySet(models.QuerySet["Lot"]):
    def for_user(self, user: Utilisateur, action: Action) -> LotQuerySet:
        return self.filter(commission__in=Commission.objects.for_user(user, action))

    def perimes(self, maintenant: datetime.datetime) -> LotQuerySet:
        return self.filter(demande_le__lt=maintenant - datetime.timedelta(days=settings.LOTS_JOURS))


class Lot(models.Model):
    GENRES = [(lot.code, lot.nom) for lot in LOTS.values()]

    commission = models.ForeignKey(Commission, on_delete=models.CASCADE, related_name="lots")
    genre = models.CharField("documents", max_length=10, choices=GENRES)
    recto_verso = models.BooleanField(
        "page blanche après un document impair, pour le recto verso", default=False
    )
    demande_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, related_name="+", verbose_name="demandé par"
    )
    demande_le = models.DateTimeField("demandé le", default=timezone.now)
    site = models.CharField(
        "adresse du site",
        max_length=200,
        blank=True,
        help_text="Celle d’où le lot est demandé : ses QR codes y mènent, quel que soit l’ouvrier.",
    )
    retire_le = models.DateTimeField("annulé ou effacé le", null=True, blank=True)
    recu_le = models.DateTimeField("téléchargé le", null=True, blank=True)

    objects = LotQuerySet.as_manager()

    class Meta:
        verbose_name = "lot de documents"
        verbose_name_plural = "lots de documents"
        ordering = ["-demande_le", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_genre_display()}, {self.commission}"

    def get_absolute_url(self) -> str:
        return reverse("certification:lot", args=[self.pk])

    @property
    def efface_le(self) -> datetime.datetime:
        """Jour où la purge ôte les fichiers : ils portent des noms de mineurs."""
        return self.demande_le + datetime.timedelta(days=settings.LOTS_JOURS)

    @property
    def compose(self) -> GenreDeLot:
        return LOTS[self.genre]

    def avancement(self) -> AvancementLot:
        tirages = tuple(self.tirages.select_related("dossier__eleve"))
        return AvancementLot(tirages, self.retire_le is not None)

    def enfiler(self) -> None:
        """Met dans la file ce qui attend ; le fichier d'ensemble, une fois tous les autres finis."""
        attendent = [tirage for tirage in self.tirages.all() if tirage.etat in Tirage.RESTANTS]
        for tirage in [tirage for tirage in attendent if not tirage.final] or attendent:
            if tirage.etat == Tirage.Etat.A_FAIRE:
                tirage.enfiler()

    def appeler_la_fin(self) -> None:
        """Le dernier document fini appelle le fichier d'ensemble."""
        if not self.tirages.filter(etat__in=Tirage.RESTANTS).exclude(piece__in=Tirage.FINALES).exists():
            self.enfiler()

    def retirer(self) -> None:
        """Annule ce qui reste à tirer, efface ce qui l'est ; un ouvrier jettera ce qu'il en tire."""
        with transaction.atomic():
            verrouille = Lot.objects.select_for_update().get(pk=self.pk)
            verrouille.retire_le = self.retire_le = verrouille.retire_le or timezone.now()
            verrouille.save(update_fields=["retire_le"])
        self._effacer_les_fichiers()

    def recevoir(self, par: Utilisateur) -> None:
        """Celui qui l'a demandé l'a téléchargé : l'accueil ne le lui annonce plus."""
        if self.recu_le is None and self.demande_par_id == par.pk:
            Lot.objects.filter(pk=self.pk).update(recu_le=timezone.now())

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        dossier = self._dossier
        resultat = super().delete(*args, **kwargs)
        _vider(dossier)
        return resultat

    @property
    def _dossier(self) -> str:
        return f"lots/{self.pk}"

    def _effacer_les_fichiers(self) -> None:
        _vider(self._dossier)
        self.tirages.exclude(fichier="").update(fichier="")


def _vider(dossier: str) -> None:
    """Efface aussi ce qu'un ouvrier tué a pu laisser sans l'inscrire."""
    try:
        noms = default_storage.listdir(dossier)[1]
    except FileNotFoundError:
        return
    for nom in noms:
        default_storage.delete(f"{dossier}/{nom}")
    default_storage.delete(dossier)


class TirageQuerySet(models.QuerySet["Tirage"]):
    def commencer(self, pk: int) -> Tirage | None:
        """Celui-ci, en main, sous un nouveau numéro de tentative ; `None` s'il n'y a rien à y faire."""
        restants = self.filter(etat__in=Tirage.RESTANTS, lot__retire_le__isnull=True)
        with transaction.atomic():
            tirage = restants.select_for_update(of=("self",)).filter(pk=pk).first()
            if tirage is None:
                return None
            if abandon := tirage.tentatives >= TENTATIVES:
                tirage.etat, tirage.motif = Tirage.Etat.ECHOUE, ABANDON
            else:
                tirage.etat = Tirage.Etat.EN_COURS
                tirage.tentatives += 1
            tirage.save(update_fields=["etat", "motif", "tentatives"])
            if abandon:
                tirage.lot.appeler_la_fin()
        return None if abandon else tirage


ABANDON = (
    f"La production s’est interrompue {TENTATIVES} fois ; le journal du serveur dit pourquoi. "
    "Demandez un nouveau lot."
)


class Tirage(models.Model):
    """Un document d'un lot."""

    class Etat(models.TextChoices):
        A_FAIRE = "a_faire", "à faire"
        EN_COURS = "en_cours", "en cours"
        FAIT = "fait", "fait"
        ECHOUE = "echoue", "échec"
        ECARTE = "ecarte", "écarté"

    FINALES = (ENSEMBLE, ARCHIVE)
    RESTANTS = (Etat.A_FAIRE, Etat.EN_COURS)

    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="tirages", db_index=False)
    rang = models.PositiveSmallIntegerField("rang")
    piece = models.CharField("document", max_length=10, choices=PIECES)
    dossier = models.ForeignKey(
        Dossier, on_delete=models.CASCADE, null=True, blank=True, related_name="tirages"
    )
    nom = models.CharField("nom du fichier", max_length=200)
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.A_FAIRE)
    motif = models.TextField("remarque", blank=True)
    tentatives = models.PositiveSmallIntegerField("tentatives", default=0)
    fichier = models.FileField("fichier", max_length=100, blank=True)
    empreinte = models.CharField("empreinte SHA-256", max_length=64, blank=True)

    objects = TirageQuerySet.as_manager()

    class Meta:
        verbose_name = "tirage"
        verbose_name_plural = "tirages"
        ordering = ["rang"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "rang"], name="tirage_rang_unique"),
            models.UniqueConstraint(fields=["lot", "piece", "dossier"], name="tirage_unique"),
            models.CheckConstraint(
                condition=~Q(etat="fait") | ~Q(empreinte=""),
                name="tirage_fait_a_une_empreinte",
                violation_error_message="Un document tiré a une empreinte.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom

    @property
    def signet(self) -> tuple[str, ...]:
        """Sa place dans le plan du fichier réuni : le candidat et l’épreuve, puis la pièce."""
        nom, piece = self.nom.removesuffix(".pdf"), self.get_piece_display()
        devant, _, homonyme = nom.partition(f" {piece}")
        return (f"{devant}{homonyme}", piece.capitalize()) if self.dossier_id else (nom,)

    @property
    def final(self) -> bool:
        return self.piece in Tirage.FINALES

    def rendre(self, contenu: bytes) -> bool:
        """Inscrit le document ; faux si un autre l'a repris ou le lot retiré, et rien n'en reste alors."""
        extension = self.nom.rpartition(".")[2]
        chemin = f"lots/{self.lot_id}/{self.pk}-{self.tentatives}.{extension}"
        fichier = default_storage.save(chemin, ContentFile(contenu))
        rendu = self._finir(etat=Tirage.Etat.FAIT, fichier=fichier, empreinte=sha256(contenu).hexdigest())
        if not rendu:
            default_storage.delete(fichier)
        return rendu

    def renoncer(self) -> None:
        """La production a échoué : une autre tentative, ou l'abandon."""
        if self.tentatives >= TENTATIVES:
            self._finir(etat=Tirage.Etat.ECHOUE, motif=ABANDON)
        elif self._finir(etat=Tirage.Etat.A_FAIRE):
            self.enfiler()

    def enfiler(self) -> None:
        enfiler("certification.lot.tirages.tirer", self.pk)

    @transaction.atomic
    def _finir(self, **champs: Any) -> bool:
        list(Lot.objects.select_for_update().filter(pk=self.lot_id))  # attend un retrait en cours
        fini = self._encore_mien().update(**champs)
        if fini and champs["etat"] != Tirage.Etat.A_FAIRE:
            self.lot.appeler_la_fin()
        return bool(fini)

    def _encore_mien(self) -> models.QuerySet[Tirage]:
        """Le numéro de tentative départage deux ouvriers qui croient tenir le même tirage."""
        return Tirage.objects.filter(
            pk=self.pk,
            etat=Tirage.Etat.EN_COURS,
            tentatives=self.tentatives,
            lot__retire_le__isnull=True,
        )


@dataclass(frozen=True)
class AvancementLot:
    """Où en est un lot : ce qui est fait, ce qui reste, ce qui manque et pourquoi."""

    tirages: tuple[Tirage, ...]
    retire: bool

    def _a_l_etat(self, *etats: str) -> tuple[Tirage, ...]:
        return tuple(tirage for tirage in self.tirages if tirage.etat in etats)

    @property
    def total(self) -> int:
        return len(self.attendus)

    @property
    def faits(self) -> int:
        return len(self._a_l_etat(Tirage.Etat.FAIT, Tirage.Etat.ECHOUE))

    @property
    def fini(self) -> bool:
        return not self._a_l_etat(*Tirage.RESTANTS)

    @property
    def en_cours(self) -> bool:
        return not self.retire and not self.fini

    @property
    def documents(self) -> tuple[Tirage, ...]:
        return tuple(tirage for tirage in self.tirages if not tirage.final)

    @property
    def produits(self) -> tuple[Tirage, ...]:
        return tuple(tirage for tirage in self.documents if tirage.fichier)

    @property
    def manquants(self) -> Sequence[Tirage]:
        return self._a_l_etat(Tirage.Etat.ECARTE, Tirage.Etat.ECHOUE)

    @property
    def absences(self) -> dict[tuple[str, str], list[str]]:
        """Par candidat (ou document commun) et raison, les pièces qui manquent."""
        groupes: dict[tuple[str, str], list[str]] = {}
        for tirage in self.manquants:
            qui = str(tirage.dossier.eleve) if tirage.dossier else tirage.nom
            groupes.setdefault((qui, tirage.motif), []).append(tirage.get_piece_display())
        return groupes

    @property
    def attendus(self) -> tuple[Tirage, ...]:
        return tuple(tirage for tirage in self.tirages if tirage.etat != Tirage.Etat.ECARTE)

    @property
    def final(self) -> Tirage | None:
        """Le fichier d'ensemble, ou l'archive, s'il se télécharge."""
        if self.retire:
            return None
        return next((tirage for tirage in self.tirages if tirage.final and tirage.fichier), None)

    @property
    def etat(self) -> str:
        if self.retire:
            return "effacé" if self.fini else "annulé"
        if not self.fini:
            return "en cours"
        return "incomplet" if self.manquants else "terminé"
