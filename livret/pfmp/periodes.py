"""Une période de PFMP vue par qui la demande."""

from django.shortcuts import get_object_or_404

from livret.personnes.requete import Requete
from livret.pfmp.models.pfmp import Periode
from trpm.garde.heure import a_l_heure_de
from trpm.permissions import Action


def periode_suivie(request: Requete, pk: int) -> Periode:
    periodes = Periode.objects.for_user(request.user, Action.SUIVRE_PFMP)
    periode = get_object_or_404(
        periodes.select_related(
            "classe__annee",
            "classe__promotion__option",
            "classe__promotion__referentiel",
            "classe__etablissement",
        ),
        pk=pk,
    )
    a_l_heure_de(periode.classe.etablissement)
    return periode
