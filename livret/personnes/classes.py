"""Une classe vue par qui la demande : la trouver, savoir s'il l'évalue, lire qui y est."""

from collections.abc import Iterable

from django.db.models import F, Func, OuterRef, QuerySet, Subquery
from django.http import Http404

from livret.personnes.homonymes import distinguer
from livret.personnes.inscriptions import tels_qu_inscrits
from livret.personnes.models.classe import Classe, ClasseQuerySet, Promotion
from livret.personnes.models.compte import Portee, Utilisateur
from livret.personnes.models.eleve import Eleve, Scolarite, cles_de_lecture
from livret.personnes.requete import Requete
from referentiel.models import Referentiel
from trpm.base.preparees import Petit, Preparee
from trpm.garde.heure import a_l_heure_de
from trpm.permissions import Action


def avec_effectif(classes: ClasseQuerySet) -> ClasseQuerySet:
    """`effectif` : les élèves présents de chacune, comptés à part. Regrouper des lignes aussi larges coûte le
    double, et fait perdre l'ordre du modèle."""
    presents = Scolarite.objects.filter(classe=OuterRef("pk"), sortie__isnull=True).order_by()
    nombre = presents.annotate(nombre=Func(F("pk"), function="COUNT")).values("nombre")
    return classes.annotate(effectif=Subquery(nombre))


def eleves_presents(classe: Classe) -> list[Eleve]:
    """Ceux de la classe, chacun tel qu'il est, ou était, sous le référentiel de celle-ci."""
    presents = _presents(classe.pk)
    distinguer(presents)
    promotions = _promotions({un.promotion_id for un in presents}, classe.promotion)
    for eleve in presents:
        eleve.promotion = promotions[eleve.promotion_id]
    return tels_qu_inscrits((eleve, classe.promotion) for eleve in presents)


@Preparee
def _presents(classe: int) -> QuerySet[Eleve, Eleve]:
    return Eleve.objects.presents(classe).select_related("option", "statut")


def sous_referentiels(classes: Iterable[Classe], *connus: Referentiel) -> None:
    """Les réunit sous les référentiels déjà lus, sans relire leurs règles ; une requête s'il en manque."""
    promotions = [une.promotion for une in classes]
    lus = {un.pk: un for un in connus}
    if manquent := {une.referentiel_id for une in promotions} - lus.keys():
        lus |= Referentiel.objects.in_bulk(manquent)
    for promotion in promotions:
        promotion.referentiel = lus[promotion.referentiel_id]


def _promotions(voulues: set[int], sienne: Promotion) -> dict[int, Promotion]:
    """Celle de la classe sert à tous : la relire à chaque élève coûtait ses règles. Une requête s'il y en a
    d'autres."""
    autres = voulues - {sienne.pk}
    toutes = Promotion.toutes.select_related("referentiel").in_bulk(autres) if autres else {}
    return {**toutes, sienne.pk: sienne}


def peut_evaluer(user: Utilisateur, classe: Classe) -> bool:
    return bool(_evaluee(classe.pk, *user.perimetre(Action.EVALUER)))


@Preparee
def _evaluee(
    pk: int, entiers: tuple[int, ...], equipes: tuple[int, ...], personne: int | None
) -> QuerySet[Classe, tuple[int]]:
    return Classe.objects.dans(entiers, equipes, personne).filter(pk=pk).order_by().values_list("pk")


def suit(user: Utilisateur, eleve: int, action: Action = Action.VOIR_CLASSE) -> bool:
    """Il suit cet élève dans une classe, ou dans tout l'établissement."""
    return bool(_suivi(eleve, *cles_de_lecture(user, action)))


@Preparee
def _suivi(pk: int, annee: Petit | None, portee: Portee) -> QuerySet[Eleve, tuple[int]]:
    return Eleve.objects.lus(annee, portee).filter(pk=pk).order_by().values_list("pk")


def classe_suivie(request: Requete, pk: int, action: Action = Action.VOIR_CLASSE) -> Classe:
    for classe in _suivie(pk, *request.user.perimetre(action)):
        a_l_heure_de(classe.etablissement)
        return classe
    raise Http404("Aucune classe ne répond à cette adresse.")


@Preparee
def _suivie(
    pk: int, entiers: tuple[int, ...], equipes: tuple[int, ...], personne: int | None
) -> QuerySet[Classe, Classe]:
    siennes = Classe.objects.dans(entiers, equipes, personne).filter(pk=pk).order_by()
    return siennes.select_related("annee", "promotion__option", "promotion__referentiel", "etablissement")
