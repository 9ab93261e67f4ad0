"""Les demandes d'évaluation auxquelles répondre."""

from __future__ import annotations

import datetime

from livret.personnes.homonymes import distinguer
from livret.personnes.regard import Regard, classes_d_equipe
from livret.situation.models.demande import Demande, DemandeQuerySet
from trpm.a_faire import MONTREES, AFaire, Urgence, serrees
from trpm.adresses import adresse
from trpm.base.preparees import Preparee
from trpm.textes import pluriel

GENRE = "Demandes d’élèves à traiter"


def demandes(regard: Regard) -> list[AFaire]:
    """Celles de ses classes, la plus ancienne d'abord ; à deux pas de la grille. Une requête, deux au-delà de
    ce qui se montre."""
    if not regard.evaluees:
        return []
    lues = _ouvertes(*regard.equipe, regard.jour)
    distinguer(demande.eleve for demande in lues)
    total = len(lues)
    if total > MONTREES:
        total = Demande.objects.ouvertes(regard.jour).filter(classe__in=regard.evaluees).count()
    return serrees([_ligne(demande) for demande in lues], total, lambda reste: _suite(lues[-1], reste))


@Preparee
def _ouvertes(equipes: tuple[int, ...], personne: int, annee: int, jour: datetime.date) -> DemandeQuerySet:
    ouvertes = Demande.objects.ouvertes(jour).filter(classe__in=classes_d_equipe(equipes, personne, annee))
    lues = ouvertes.select_related("eleve", "classe", "competence").order_by("creee_le", "pk")
    return lues[: MONTREES + 1]


def _ligne(demande: Demande) -> AFaire:
    volee = adresse("livret:situation-volee", demande.classe_id)
    return AFaire(
        GENRE,
        texte=f"{demande.eleve} demande une évaluation sur {demande.competence.code}",
        acte="Évaluer",
        adresse=f"{volee}?eleve={demande.eleve_id}&demande={demande.pk}",
        precision=f"{demande.classe.nom} · {demande.competence.intitule}",
        urgence=Urgence.BIENTOT,
        le=demande.creee_le.date(),
        depuis=demande.creee_le,
    )


def _suite(demande: Demande, reste: int) -> AFaire:
    return AFaire(
        GENRE,
        texte=f"Et {reste} autre{(s := pluriel(reste))} demande{s} d’évaluation",
        acte="Voir",
        adresse=f"{demande.classe.get_absolute_url()}#demandes",
        urgence=Urgence.BIENTOT,
        nombre=reste,
        le=demande.creee_le.date(),
        depuis=demande.creee_le,
    )
