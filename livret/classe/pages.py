"""Ce que l'accueil et les pages d'une classe partagent."""

from django.db.models import Count, Prefetch, Q

from livret.personnes.models.classe import Classe, ClasseQuerySet
from livret.personnes.models.compte import Utilisateur
from livret.situation.models.demande import Demande, DemandeQuerySet
from livret.situation.models.situation import Situation
from trpm.permissions import Action


def classes_suivies(user: Utilisateur) -> ClasseQuerySet:
    """Classes de la personne, leur effectif et leurs situations à évaluer."""
    presents = Count("scolarites", filter=Q(scolarites__sortie__isnull=True))
    ouvertes = Situation.objects.filter(etat=Situation.Etat.OUVERTE)
    return (
        Classe.objects.for_user(user, Action.VOIR_CLASSE)
        .select_related("annee", "promotion__option", "etablissement")
        .annotate(effectif=presents)
        .prefetch_related(Prefetch("situations", queryset=ouvertes, to_attr="ouvertes"))
    )


def demandes_ouvertes(user: Utilisateur) -> DemandeQuerySet:
    """Ce que des élèves de ses classes demandent encore."""
    demandes = Demande.objects.for_user(user, Action.VOIR_CLASSE).ouvertes()
    return demandes.select_related("eleve", "classe", "competence")
