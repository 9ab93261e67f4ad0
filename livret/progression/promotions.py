"""Une promotion vue par qui la demande : la trouver, savoir s'il y planifie."""

from django.shortcuts import get_object_or_404

from livret.personnes.models.classe import Classe, Promotion
from livret.personnes.requete import Requete
from trpm.garde.heure import a_l_heure_de
from trpm.permissions import Action
from trpm.textes import entier


def promotion_suivie(request: Requete, pk: int, action: Action = Action.VOIR_CLASSE) -> Promotion:
    suivies = Promotion.objects.suivies(request.user, action)
    promotion = get_object_or_404(suivies.select_related("option", "referentiel", "etablissement"), pk=pk)
    a_l_heure_de(promotion.etablissement)
    return promotion


def de_l_equipe(request: Requete, promotion: Promotion) -> bool:
    """Faux pour qui ne lit cette échelle qu'en commission ; hors commission, aucune requête."""
    if not request.user.siege(Action.VOIR_ECHELLE):
        return True
    return Promotion.objects.suivies(request.user, Action.VOIR_CLASSE).filter(pk=promotion.pk).exists()


def peut_planifier(request: Requete, promotion: Promotion) -> bool:
    return Promotion.objects.suivies(request.user, Action.PLANIFIER).filter(pk=promotion.pk).exists()


def classe_d_ou_l_on_vient(request: Requete, promotion: Promotion) -> Classe | None:
    """La classe de la promotion que nomme l'adresse, sinon sa plus récente ; `None` si la personne n'en suit
    aucune. Une requête."""
    suivies = Classe.objects.for_user(request.user, Action.VOIR_CLASSE).filter(promotion=promotion)
    classes = list(suivies.select_related("annee").order_by("annee__debut", "nom", "pk"))
    nommee = entier(request.GET.get("classe"))
    return next((une for une in classes if une.pk == nommee), classes[-1] if classes else None)
