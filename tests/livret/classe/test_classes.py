"""La liste des classes : une année une fois, la plus récente d'abord."""

from django.urls import reverse

from tests import factories
from tests.litanie import connecte
from tests.monde import Monde


def test_chaque_annee_se_dit_une_fois(monde: Monde) -> None:
    """Deux promotions, deux années chacune : on ne saute pas d'une promotion à l'autre."""
    autre = factories.promotion(monde.a.etablissement, monde.referentiel, nom="Autre promotion")
    for promotion in (monde.a.promotion, autre):
        for niveau in ("1re", "Tle"):
            factories.classe(promotion, [monde.a.enseignant], niveau=niveau, nom=f"{niveau} {promotion}")
    for compte in (monde.a.administrateur, monde.a.enseignant):
        annees = connecte(compte).get(reverse("livret:classes")).context["annees"]
        debuts = [annee.debut for annee, _ in annees]
        assert debuts == sorted(set(debuts), reverse=True)
        assert len(debuts) == 2
