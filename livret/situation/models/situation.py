"""La situation d'évaluation : ce que l'on a fait faire, à qui, où, quand et avec quoi."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from livret import annee
from livret.niveaux import est_retenue
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Perimetre, Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.situation.models.groupe import Groupe
from livret.situation.models.inventaire import Inventaire
from referentiel.models import Competence, Detaillee, Tache
from referentiel.reglement.cycle import SEMESTRES_AU_PLUS
from trpm.dates import date_dite
from trpm.permissions import Action
from trpm.textes import pluriel

A_LA_VOLEE = "À la volée, "


class SituationQuerySet(models.QuerySet["Situation"]):
    def for_user(self, user: Utilisateur, action: Action) -> SituationQuerySet:
        return self.filter(classe__in=Classe.objects.for_user(user, action))

    def visant(self, eleve: Eleve) -> SituationQuerySet:
        """Celles de ses classes qui le visent, ou qui l'ont visé : il y a laissé une preuve."""
        siennes = Situation.objects.filter(vise(eleve) | Q(traces__eleve=eleve))
        return self.filter(pk__in=siennes.values("pk"), classe__scolarites__eleve=eleve)

    def par_eleve(self, eleves: Iterable[Eleve]) -> dict[int, set[int]]:
        """Les clés de celles qui visent chacun de ces élèves dans sa classe d'aujourd'hui. Une requête."""
        par_eleve: dict[int, set[int]] = defaultdict(set)
        visees = self.filter(
            vise(F("classe__scolarites__eleve")),
            classe__scolarites__eleve__in=eleves,
            classe__scolarites__sortie__isnull=True,
        )
        for eleve, situation in visees.order_by().values_list("classe__scolarites__eleve", "pk"):
            par_eleve[eleve].add(situation)
        return par_eleve

    def visibles(self) -> SituationQuerySet:
        """Celles que l'élève voit aujourd'hui (Q36)."""
        return self.filter(visible_le_jour(timezone.localdate()))

    def dans(self, perimetre: Perimetre) -> SituationQuerySet:
        return self.filter(classe__in=Classe.objects.dans(*perimetre))

    def verrouillees(self) -> SituationQuerySet:
        """À lire dans une transaction : tout ce qui s'écrit dans une situation passe après ce verrou,
        une saisie comme un changement d'état ou le retrait d'une compétence."""
        return self.select_for_update(of=("self",), no_key=True)


def hors_brouillon(chemin: str = "") -> Q:
    """Ouverte, publiée ou close : ce qui s'y saisit compte ; `chemin` mène à la situation."""
    return ~Q(**{f"{chemin}etat": Situation.Etat.BROUILLON})


def visible_le_jour(jour: datetime.date, chemin: str = "") -> Q:
    """Publiée ou close, et la date annoncée est venue (Q36) ; `chemin` mène à la situation."""
    etats = [Situation.Etat.PUBLIEE, Situation.Etat.CLOSE]
    return Q(**{f"{chemin}etat__in": etats}) & (
        Q(**{f"{chemin}visible_des__isnull": True}) | Q(**{f"{chemin}visible_des__lte": jour})
    )


def vise(eleve: Eleve | F, chemin: str = "") -> Q:
    """Toute la classe, le groupe de cet élève ou lui seul ; `chemin` mène à la situation.

    La même règle que `Situation.attendus`, vue de l'élève ; reste à joindre sa classe.
    """
    groupe, seul = f"{chemin}groupe", f"{chemin}eleve"
    du_groupe = Q(**{f"{groupe}__isnull": True}) | Q(**{f"{groupe}__eleves": eleve})
    return du_groupe & (Q(**{f"{seul}__isnull": True}) | Q(**{seul: eleve}))


@dataclass(frozen=True)
class Etape:
    """Un changement d'état, tel que l'historique l'a gardé."""

    etat: str
    par: str
    le: datetime.datetime
    visible_des: datetime.date | None


def intitule_a_la_volee(classe: Classe, jour: datetime.date) -> str:
    """« À la volée, 12 mars 2026 », puis « (2) » pour la deuxième du jour dans la classe."""
    intitule = f"{A_LA_VOLEE}{date_dite(jour)}"
    deja = classe.situations.filter(intitule__startswith=intitule).count()
    return f"{intitule} ({deja + 1})" if deja else intitule


class Situation(Inventaire):
    class Nature(models.TextChoices):
        FORMATIVE = "formative", "formative"
        CERTIFICATIVE = "certificative", "certificative"

    class Lieu(models.TextChoices):
        CENTRE = "centre", "centre de formation"
        ENTREPRISE = "entreprise", "entreprise"

    class Etat(models.TextChoices):
        BROUILLON = "brouillon", "brouillon"
        OUVERTE = "ouverte", "ouverte"
        PUBLIEE = "publiee", "publiée"
        CLOSE = "close", "close"

    PASSAGES = {
        Etat.BROUILLON: (Etat.OUVERTE,),
        Etat.OUVERTE: (Etat.PUBLIEE, Etat.BROUILLON),
        Etat.PUBLIEE: (Etat.CLOSE, Etat.OUVERTE),
        Etat.CLOSE: (Etat.PUBLIEE,),
    }

    classe = models.ForeignKey(Classe, on_delete=models.PROTECT, related_name="situations")
    groupe = models.ForeignKey(
        Groupe,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="situations",
        verbose_name="élèves visés",
    )
    eleve = models.ForeignKey(
        Eleve,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="situations_individuelles",
        verbose_name="seul élève visé",
    )
    intitule = models.CharField("intitulé", max_length=200)
    nature = models.CharField("nature", max_length=15, choices=Nature, default=Nature.FORMATIVE)
    lieu = models.CharField("lieu", max_length=15, choices=Lieu, default=Lieu.CENTRE)
    debut = models.DateField("du")
    fin = models.DateField("au")
    semestre = models.PositiveSmallIntegerField(
        "semestre",
        validators=[MinValueValidator(1), MaxValueValidator(SEMESTRES_AU_PLUS)],
        help_text="De 1 (début du cycle) à son dernier semestre.",
    )
    description = models.TextField("activités menées", blank=True, help_text="Pièce 1 du dossier.")
    entreprise = models.CharField("entreprise", max_length=150, blank=True)
    tuteur = models.CharField("tuteur", max_length=150, blank=True)
    taches = models.ManyToManyField(Tache, related_name="situations", blank=True, verbose_name="tâches")
    detaillees = models.ManyToManyField(
        Detaillee, related_name="situations", blank=True, verbose_name="compétences détaillées visées"
    )
    competences = models.ManyToManyField(
        Competence,
        related_name="situations",
        blank=True,
        verbose_name="compétences visées",
        help_text="Compétences positionnées, avec ou sans détail.",
    )
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.BROUILLON)
    retenue = models.BooleanField(
        "retenue pour la certification",
        null=True,
        blank=True,
        help_text="Vide : la règle par défaut s’applique (certificative, dans l’année civile de la session).",
    )
    retenue_motif = models.CharField("motif", max_length=300, blank=True)
    auteur = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, related_name="situations", verbose_name="évaluateur"
    )
    creee_le = models.DateTimeField("créée le", auto_now_add=True)
    publiee_le = models.DateTimeField("publiée le", null=True, blank=True)
    visible_des = models.DateField(
        "visible de l’élève dès le",
        null=True,
        blank=True,
        help_text="Vide : dès la publication.",
    )

    objects = SituationQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[taches, detaillees, competences])

    class Meta:
        verbose_name = "situation d’évaluation"
        verbose_name_plural = "situations d’évaluation"
        ordering = ["-debut", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fin__gte=F("debut")),
                name="situation_dates",
                violation_error_message="La date de fin précède la date de début.",
            ),
            models.CheckConstraint(
                condition=Q(semestre__range=(1, SEMESTRES_AU_PLUS)), name="situation_semestre"
            ),
            models.CheckConstraint(
                condition=Q(groupe__isnull=True) | Q(eleve__isnull=True),
                name="situation_groupe_ou_eleve",
                violation_error_message="Une situation vise un groupe ou un seul élève, pas les deux.",
            ),
            models.CheckConstraint(
                condition=Q(retenue__isnull=True) | ~Q(retenue_motif=""),
                name="situation_retenue_motivee",
                violation_error_message="Retenir ou écarter une situation demande un motif.",
            ),
            models.CheckConstraint(
                condition=Q(visible_des__isnull=True) | Q(etat__in=["publiee", "close"]),
                name="situation_visible_des",
                violation_error_message="Seule une situation publiée annonce une date aux élèves.",
            ),
        ]

    def __str__(self) -> str:
        return self.intitule

    def get_absolute_url(self) -> str:
        return reverse("livret:situation", args=[self.pk])

    def clean(self) -> None:
        if self.groupe and self.classe_id and self.groupe.classe_id != self.classe_id:
            raise ValidationError({"groupe": "Ce groupe n’est pas de la classe."})
        if self.eleve and self.classe_id and not self.classe.scolarites.filter(eleve=self.eleve).exists():
            raise ValidationError({"eleve": "Cet élève n’est pas de la classe."})
        if self.classe_id:
            self.classe.annee.exiger_de(self, "debut", "fin")
            if self.visible_des:
                self._borner_la_visibilite(self.visible_des)

    def _borner_la_visibilite(self, jour: datetime.date) -> None:
        un_an = timezone.localdate() + datetime.timedelta(days=365)  # le cycle achevé, on publie encore
        fin = max(annee.dernier_jour(self.classe.promotion.session - 1), un_an)
        if not self.classe.annee.premier_jour <= jour <= fin:
            raise ValidationError(
                {"visible_des": f"Choisissez un jour entre la rentrée de la classe et le {date_dite(fin)}."}
            )

    @property
    def saisissable(self) -> bool:
        """On évalue une situation ouverte ou publiée ; un brouillon se prépare, une close se lit."""
        return self.etat in (self.Etat.OUVERTE, self.Etat.PUBLIEE)

    @property
    def publiee(self) -> bool:
        return self.etat in (self.Etat.PUBLIEE, self.Etat.CLOSE)

    @property
    def visible(self) -> bool:
        """L'élève la voit aujourd'hui ; la même règle que `visibles()`."""
        return self.publiee and not self.visible_plus_tard

    @property
    def visible_plus_tard(self) -> bool:
        """Publiée, mais pour une date qui n'est pas venue."""
        return self.publiee and self.visible_des is not None and self.visible_des > timezone.localdate()

    @property
    def lieu_complet(self) -> str:
        return self.entreprise or self.get_lieu_display()

    def suites(self) -> tuple[str, ...]:
        return self.PASSAGES[self.Etat(self.etat)]

    def passer(self, etat: str, le: datetime.datetime, visible_des: datetime.date | None = None) -> None:
        """Change l'état ; `ValidationError` si ce passage n'existe pas ou ferait disparaître des niveaux.

        `visible_des` ne vaut que pour publier : clore ou rouvrir garde la date déjà annoncée.
        """
        if etat not in self.suites():
            voulu = dict(self.Etat.choices).get(etat, etat)
            raise ValidationError(
                f"La situation est {self.get_etat_display()}\xa0: elle ne peut pas devenir «\xa0{voulu}\xa0»."
            )
        if etat == self.Etat.BROUILLON and (porte := self.porte()):
            raise ValidationError(f"Cette situation porte {porte} : elle ne peut pas redevenir un brouillon.")
        if visible_des and visible_des < timezone.localtime(le).date():
            raise ValidationError(
                f"Le {date_dite(visible_des)} est passé : "
                "choisissez une date à venir, ou aucune pour publier aujourd’hui."
            )
        if visible_des is not None:
            self._borner_la_visibilite(visible_des)
        if self.etat == self.Etat.OUVERTE or etat == self.Etat.OUVERTE:
            self.visible_des = visible_des if etat == self.Etat.PUBLIEE else None
        self.etat = etat
        if self.publiee and self.publiee_le is None:
            self.publiee_le = le
        self.save()

    def etapes(self) -> list[Etape]:
        """Tous ses changements d'état, du premier au dernier, et qui les a faits. Une requête."""
        etapes: list[Etape] = []
        traces = self.history.select_related("history_user").order_by("history_date", "history_id")
        for trace in traces:
            if etapes and (etapes[-1].etat, etapes[-1].visible_des) == (
                trace.get_etat_display(),
                trace.visible_des,
            ):
                continue
            par = trace.history_user.nom_complet if trace.history_user else ""
            etapes.append(Etape(trace.get_etat_display(), par, trace.history_date, trace.visible_des))
        return etapes

    def retenir(self, decision: bool | None, motif: str) -> None:
        """Décision explicite de l'équipe, ou retour à la règle par défaut avec `None` (Q8)."""
        self.retenue = decision
        self.retenue_motif = "" if decision is None else motif
        self.full_clean()
        self.save()

    def porte(self) -> str:
        """Ce qui a été saisi ici, en toutes lettres ; vide si rien ne l'a été."""
        niveaux = self.evaluations.count() + self.observations.count()
        commentaires = self.fiches.exclude(commentaire="").count() + self.remarques.count()
        return " et ".join(
            f"{nombre} {mot}{pluriel(nombre)}"
            for nombre, mot in (
                (niveaux, "saisie"),
                (commentaires, "commentaire"),
                (self.traces.count(), "preuve"),
            )
            if nombre
        )

    def obstacle_a_la_suppression(self) -> str:
        """Pourquoi la situation ne peut pas être supprimée (Q38) ; vide si elle peut l'être."""
        if porte := self.porte():
            return (
                f"Cette situation porte {porte} : elle ne peut pas être supprimée. Close, elle reste lisible."
            )
        if hasattr(self, "fiche_tuteur"):
            return "Cette situation est une fiche validée venue de l’entreprise\xa0: elle reste."
        if self.etat != self.Etat.BROUILLON:
            return "Seul un brouillon peut être supprimé : remettez d’abord la situation en brouillon."
        return ""

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if obstacle := self.obstacle_a_la_suppression():
            raise ValidationError(obstacle)
        for piece in self.pieces.all():
            piece.delete()
        return super().delete(*args, **kwargs)

    def est_retenue(self, session: int, depuis: datetime.date | None = None) -> bool:
        """Compte-t-elle pour la certification de cette session ? (Q8, Q9) `depuis` : voir `compte_depuis`."""
        return self._retenue(session, self.retenue, depuis)

    def retenue_par_la_regle(self, session: int, depuis: datetime.date | None = None) -> bool:
        """Ce que donnerait la règle par défaut, sans décision de l'équipe."""
        return self._retenue(session, None, depuis)

    def _retenue(self, session: int, decision: bool | None, depuis: datetime.date | None) -> bool:
        return est_retenue(
            certificative=self.nature == self.Nature.CERTIFICATIVE,
            date=self.fin,
            session=session,
            decision=decision,
            depuis=depuis,
        )

    def eleves(self) -> models.QuerySet[Eleve]:
        """Élèves de la classe, du groupe visé, ou le seul visé ; qui n'en est plus reste s'il porte une
        saisie ici."""
        inscrits = Q(scolarites__classe=self.classe_id)
        saisies = self.observations, self.evaluations, self.fiches, self.remarques, self.traces
        ici, *autres = (saisie.order_by().values("eleve") for saisie in saisies)
        return Eleve.objects.filter(
            inscrits & (self.attendus() | Q(scolarites__eleve__in=ici.union(*autres)))
        )

    def attendus(self) -> Q:
        """Parmi les élèves de la classe, ceux qui y sont encore et qu'elle vise ; voir `vise`. Tout se juge
        sur la scolarité : la base part ainsi de la classe, non de tous les élèves."""
        attendus = Q(scolarites__sortie__isnull=True)
        if self.groupe_id:
            du_groupe = Groupe.eleves.through.objects.filter(groupe=self.groupe_id)
            attendus &= Q(scolarites__eleve__in=du_groupe.values("eleve"))
        if self.eleve_id:
            attendus &= Q(scolarites__eleve=self.eleve_id)
        return attendus

    def competences_visees(self) -> models.QuerySet[Competence]:
        """Les compétences cochées, et celles dont un détail est visé."""
        return Competence.objects.filter(
            Q(pk__in=self.competences.values("pk")) | Q(pk__in=self.detaillees.values("competence"))
        )
