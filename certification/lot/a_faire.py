"""Les documents demandés, prêts et pas encore téléchargés."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from certification.lot.models import Lot, Tirage
from livret.models import Utilisateur
from trpm.a_faire import AFaire, Urgence
from trpm.permissions import Action

GENRE = "Documents prêts"
E = Tirage.Etat


def documents_prets(user: Utilisateur) -> list[AFaire]:
    """Ceux qu'il a demandés, finis et jamais téléchargés. Une requête."""
    if not user.etablissements(Action.IMPRIMER_DOSSIER):
        return []
    en_cours = Tirage.objects.filter(lot=OuterRef("pk"), etat__in=[E.A_FAIRE, E.EN_COURS])
    faits = Tirage.objects.filter(lot=OuterRef("pk"), etat=E.FAIT)
    prets = (
        Lot.objects.for_user(user, Action.IMPRIMER_DOSSIER)
        .filter(demande_par=user, retire_le__isnull=True, recu_le__isnull=True)
        .filter(Exists(faits), ~Exists(en_cours))
        .select_related("commission")
    )
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
        for lot in prets
    ]
