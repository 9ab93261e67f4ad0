"""Ce que l'accueil et les pages d'une classe partagent."""

from django.db.models import Count, Prefetch, Q
from django.http import QueryDict

from livret.classe.filtre import Filtre, Montrer
from livret.personnes.models.classe import Classe, ClasseQuerySet
from livret.personnes.models.compte import Utilisateur
from livret.situation.models.demande import Demande, DemandeQuerySet
from livret.situation.models.groupe import Groupe
from livret.situation.models.situation import Situation
from trpm.permissions import Action
from trpm.textes import entier


def classes_suivies(user: Utilisateur) -> ClasseQuerySet:
    """Classes de la personne, leur effectif et leurs situations à évaluer."""
    presents = Count("scolarites", filter=Q(scolarites__sortie__isnull=True))
    ouvertes = Situation.objects.filter(etat=Situation.Etat.OUVERTE)
    return (
        Classe.objects.for_user(user, Action.VOIR_CLASSE)
        .select_related("annee", "promotion__option", "etablissement")
        .annotate(effectif=presents)
        .prefetch_related(Prefetch("situations", queryset=ouvertes, to_attr="ouvertes"))
        .order_by("-annee__debut", "nom")  # compter fait perdre l'ordre du modèle
    )


def demandes_ouvertes(user: Utilisateur) -> DemandeQuerySet:
    """Ce que des élèves de ses classes demandent encore."""
    demandes = Demande.objects.for_user(user, Action.VOIR_CLASSE).ouvertes()
    return demandes.select_related("eleve", "classe", "competence")


def filtre_lu(demande: QueryDict, classe: Classe) -> Filtre:
    """Ce que l'adresse demande de montrer, parmi les groupes de la classe. Une requête."""
    groupes: dict[int, tuple[str, set[int]]] = {}
    actifs = Groupe.objects.actifs().filter(classe=classe)
    for pk, nom, eleve in actifs.values_list("pk", "nom", "eleves"):
        groupes.setdefault(pk, (nom, set()))[1].add(eleve)
    codes = {un.code: un for un in Montrer}
    voulu = entier(demande.get("groupe"))
    return Filtre(
        codes.get(demande.get("montrer", ""), Montrer.TOUS),
        voulu if voulu in groupes else None,
        demande.get("nom", "").strip()[:60],
        demande.get("tri", "")[:20],
        groupes,
    )
