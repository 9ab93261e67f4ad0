"""Les documents demandés, prêts et pas encore téléchargés."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from certification.commission.models import Commission, perimetre
from certification.lot.models import Lot, Tirage
from livret.models import Utilisateur
from trpm.a_faire import AFaire, Urgence
from trpm.base.preparees import Preparee
from trpm.permissions import Action

GENRE = "Documents prêts"
E = Tirage.Etat


def documents_prets(user: Utilisateur) -> list[AFaire]:
    """Ceux qu'il a demandés, finis et jamais téléchargés. Une requête."""
    if not user.etablissements(Action.IMPRIMER_DOSSIER):
        return []
    return [
        AFaire(
            GENRE,
            texte=f"Documents prêts\xa0: {lot.get_genre_display()}",
            acte="Télécharger",
            adresse=lot.get_absolute_url(),
            precision=lot.commission.intitule,
            urgence=Urgence.A_FAIRE,
            le=lot.demande_le.date(),
            depuis=lot.demande_le,
        )
        for lot in _prets(user.pk, *perimetre(user, Action.IMPRIMER_DOSSIER))
    ]


@Preparee
def _prets(
    personne: int, entiers: tuple[int, ...], siennes: tuple[int, ...], membre: int | None
) -> QuerySet[Lot, Lot]:
    en_cours = Tirage.objects.filter(lot=OuterRef("pk"), etat__in=[E.A_FAIRE, E.EN_COURS])
    faits = Tirage.objects.filter(lot=OuterRef("pk"), etat=E.FAIT)
    return (
        Lot.objects.filter(commission__in=Commission.objects.dans(entiers, siennes, membre))
        .filter(demande_par=personne, retire_le__isnull=True, recu_le__isnull=True)
        .filter(Exists(faits), ~Exists(en_cours))
        .select_related("commission")
    )
