"""Ce qui attend une personne, toutes notions réunies ; ce qui est nouveau ; ce qui approche.

Chaque notion écrit ses lignes et dit leurs droits ; ici, elles se rangent. Le nombre de requêtes dépend des
rôles, jamais des classes ni des élèves.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from certification.lot.a_faire import documents_prets
from certification.seance.a_faire import decisions, seances_prochaines
from livret.bilan.a_faire import bilans
from livret.eleve.a_faire import ce_qui_l_attend, fiche_de, nouveautes
from livret.models import Classe, Eleve, Invitation, Utilisateur
from livret.personnes.regard import Regard, regard
from livret.pfmp.a_faire import periodes_prochaines, visites
from livret.progression.a_faire import fins_de_semestre, suivis_de_l_echelle
from livret.saisie.a_faire import situations
from livret.situation.a_faire import demandes
from livret.tuteur.a_faire import fiches
from trpm.a_faire import AFaire, Echeance, pressees
from trpm.acces import peut
from trpm.base.preparees import Preparee
from trpm.permissions import Action, Role

RECENTES = datetime.timedelta(days=30)
EQUIPE = (situations, demandes, fiches, visites, bilans, suivis_de_l_echelle)


@dataclass(frozen=True)
class Accueil:
    """`nouvelles` : ce qui est arrivé depuis la dernière visite aux nouveautés."""

    regard: Regard
    eleve: Eleve | None
    invitations: tuple[Invitation, ...]
    lignes: tuple[AFaire, ...]
    nouvelles: tuple[AFaire, ...]
    echeances: tuple[Echeance, ...]

    @property
    def nombre(self) -> int:
        return len(self.lignes) + len(self.invitations)

    @property
    def classes(self) -> tuple[Classe, ...]:
        return self.regard.classes

    @property
    def evaluees(self) -> tuple[Classe, ...]:
        return self.regard.evaluees


def accueil_de(user: Utilisateur, maintenant: datetime.datetime) -> Accueil:
    """Tout ce que montre l'accueil de cette personne."""
    jour = timezone.localtime(maintenant).date()
    vue = regard(user, jour)
    eleve = fiche_de(user) if Role.ELEVE in user.roles else None
    lignes = [ligne for notion in EQUIPE for ligne in notion(vue)]
    lignes += [*decisions(user, jour), *documents_prets(user)]
    depuis = _derniere_visite(user, maintenant)
    nouvelles = [une for une in lignes if une.depuis and une.depuis > depuis]
    if eleve:
        lignes += ce_qui_l_attend(user, eleve, jour)
        nouvelles += nouveautes(eleve, depuis)
    invitations = tuple(_invitations(user.pk))
    return Accueil(
        vue,
        eleve,
        invitations,
        pressees(lignes),
        tuple(sorted(nouvelles, key=_instant, reverse=True)),
        _echeances(vue, jour),
    )


@Preparee
def _invitations(personne: int) -> QuerySet[Invitation]:
    return Invitation.objects.filter(utilisateur=personne).select_related("etablissement", "par")


def _instant(ligne: AFaire) -> datetime.datetime:
    return ligne.depuis or timezone.now()


def _derniere_visite(user: Utilisateur, maintenant: datetime.datetime) -> datetime.datetime:
    """Un mois au plus : au-delà, rien n'est plus nouveau."""
    mois = maintenant - RECENTES
    return max(user.vu_le, mois) if user.vu_le else mois


def _echeances(vue: Regard, jour: datetime.date) -> tuple[Echeance, ...]:
    """Celles de l'établissement, pour qui l'administre ou préside."""
    if not peut(vue.user, Action.PREPARER_COMMISSION):
        return ()
    toutes = [
        *seances_prochaines(vue.user, jour),
        *periodes_prochaines(vue.classes, jour),
        *fins_de_semestre(vue.classes, jour),
    ]
    return tuple(sorted(toutes, key=lambda une: une.le))
