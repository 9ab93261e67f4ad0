"""Ce que l'accueil et les pages d'une classe partagent."""

import datetime

from django.db.models import Prefetch, QuerySet
from django.http import QueryDict

from livret.classe.filtre import Filtre, Montrer
from livret.personnes.classes import avec_effectif
from livret.personnes.homonymes import distinguer
from livret.personnes.models.classe import Classe, ClasseQuerySet
from livret.personnes.models.compte import Utilisateur
from livret.situation.models.demande import Demande, DemandeQuerySet
from livret.situation.models.groupe import Groupe
from livret.situation.models.situation import Situation
from trpm.base.preparees import Preparee
from trpm.permissions import Action
from trpm.textes import entier


def classes_suivies(user: Utilisateur) -> ClasseQuerySet:
    """Classes de la personne, leur effectif et leurs situations à évaluer."""
    ouvertes = Situation.objects.filter(etat=Situation.Etat.OUVERTE)
    return (
        avec_effectif(Classe.objects.for_user(user, Action.VOIR_CLASSE))
        .select_related("annee", "promotion__option", "etablissement")
        .prefetch_related(Prefetch("situations", queryset=ouvertes, to_attr="ouvertes"))
    )


def demandes_ouvertes(user: Utilisateur, classe: Classe, jour: datetime.date) -> list[Demande]:
    """Ce que des élèves de l'une de ses classes demandent encore. Une requête."""
    demandes = _demandes(classe.pk, jour, *user.perimetre(Action.VOIR_CLASSE))
    distinguer(demande.eleve for demande in demandes)
    return demandes


@Preparee
def _demandes(
    classe: int, jour: datetime.date, entiers: tuple[int, ...], equipes: tuple[int, ...], personne: int | None
) -> DemandeQuerySet:
    siennes = Classe.objects.dans(entiers, equipes, personne).filter(pk=classe)
    demandes = Demande.objects.ouvertes(jour).filter(classe__in=siennes)
    return demandes.select_related("eleve", "classe", "competence")


@Preparee
def ouvertes(classe: int) -> QuerySet[Situation, tuple[int, str]]:
    """Les situations à évaluer d'une classe : leur clé, leur intitulé."""
    return Situation.objects.filter(classe=classe, etat=Situation.Etat.OUVERTE).values_list("pk", "intitule")


def filtre_lu(demande: QueryDict, classe: Classe) -> Filtre:
    """Ce que l'adresse demande de montrer, parmi les groupes de la classe. Une requête."""
    groupes: dict[int, tuple[str, set[int]]] = {}
    for pk, nom, eleve in _groupes(classe.pk):
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


@Preparee
def _groupes(classe: int) -> QuerySet[Groupe, tuple[int, str, int]]:
    return Groupe.objects.actifs().filter(classe=classe).values_list("pk", "nom", "eleves")
