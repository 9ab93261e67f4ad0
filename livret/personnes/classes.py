"""Une classe vue par qui la demande : la trouver, savoir s'il l'évalue, lire qui y est."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from livret.personnes.inscriptions import tels_qu_inscrits
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete
from trpm.base.preparees import Preparee
from trpm.garde.heure import a_l_heure_de
from trpm.permissions import Action


def eleves_presents(classe: Classe) -> list[Eleve]:
    """Ceux de la classe, chacun tel qu'il est, ou était, sous le référentiel de celle-ci."""
    presents = Eleve.objects.presents(classe).select_related("promotion__referentiel", "option", "statut")
    return tels_qu_inscrits((eleve, classe.promotion) for eleve in presents)


def peut_evaluer(user: Utilisateur, classe: Classe) -> bool:
    return bool(_evaluee(classe.pk, *user.perimetre(Action.EVALUER)))


@Preparee
def _evaluee(
    pk: int, entiers: tuple[int, ...], equipes: tuple[int, ...], personne: int
) -> QuerySet[Classe, tuple[int]]:
    return Classe.objects.dans(entiers, equipes, personne).filter(pk=pk).order_by().values_list("pk")


def classe_suivie(request: Requete, pk: int, action: Action = Action.VOIR_CLASSE) -> Classe:
    visibles = Classe.objects.for_user(request.user, action)
    classe = get_object_or_404(
        visibles.select_related("annee", "promotion__option", "promotion__referentiel", "etablissement"),
        pk=pk,
    )
    a_l_heure_de(classe.etablissement)
    return classe
