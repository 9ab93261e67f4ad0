"""Le cadre des livrets se garde tant que rien de commun n'y change ; ce qui le change se voit aussitôt."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from livret.synthese.cadre import CadreLivret, _cadres, cadres
from referentiel.models import Competence
from tests.monde import Monde
from tests.test_revisions import SUIVIS, TABLES

pytestmark = pytest.mark.django_db
COMMUNES = {suivi.table for suivi in SUIVIS if suivi.genre == "commune" and not suivi.colonnes}


def _cadre(monde: Monde) -> CadreLivret:
    promotion = monde.a.promotion
    return cadres({promotion.grille_id: promotion.referentiel_id})[promotion.grille_id]


def test_une_requete_tant_que_rien_ne_change(monde: Monde) -> None:
    avant = _cadre(monde)
    with CaptureQueriesContext(connection) as requetes:
        assert _cadre(monde) is avant
    assert len(requetes) == 1


def test_tout_ce_qu_il_lit_avance_la_revision_commune(monde: Monde) -> None:
    promotion = monde.a.promotion
    with CaptureQueriesContext(connection) as requetes:
        _cadres.__wrapped__(((promotion.grille_id, promotion.referentiel_id),), True)  # type: ignore[attr-defined]
    lues = {table for une in requetes.captured_queries for table in TABLES.findall(une["sql"])}
    assert {"referentiel_poids", "referentiel_competence", "referentiel_detaillee"} <= lues
    assert lues <= COMMUNES


@pytest.mark.parametrize("table", ["referentiel_competence", "referentiel_poids", "referentiel_niveau"])
def test_une_ecriture_en_sql_nu_fait_relire_le_cadre(monde: Monde, table: str) -> None:
    avant = _cadre(monde)
    with connection.cursor() as curseur:
        curseur.execute(f'UPDATE "{table}" SET id = id')
    assert _cadre(monde) is not avant


def test_une_ecriture_defaite_se_defait_aussi_dans_le_cadre(monde: Monde) -> None:
    with transaction.atomic():
        Competence.objects.update(intitule="Provisoire")
        assert {une.intitule for une in _cadre(monde).competences} == {"Provisoire"}
        transaction.set_rollback(True)
    assert "Provisoire" not in {une.intitule for une in _cadre(monde).competences}
