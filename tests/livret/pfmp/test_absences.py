"""Une absence ne compte que des jours travaillés, dans le séjour, une fois chacun, et jamais plus que lui."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from livret.models import Absence
from tests import factories
from tests.livret.pfmp.scene import Scene, scene
from tests.monde import Monde
from tests.simultane import ensemble

JOUR = datetime.date.fromisoformat


@pytest.fixture
def tenue(monde: Monde) -> Scene:
    """Camille est en entreprise du lundi 5 janvier au vendredi 30 janvier 2026 ; rien n'y manque encore."""
    tenue = scene(monde.a)
    tenue.absence.delete()
    assert (tenue.sejour.debut, tenue.sejour.fin) == (JOUR("2026-01-05"), JOUR("2026-01-30"))
    return tenue


def noter(tenue: Scene, debut: str, fin: str, jours: str) -> str:
    """Vide si l'absence est notée ; sinon ce qui la refuse."""
    absence = Absence(pfmp=tenue.camille, debut=JOUR(debut), fin=JOUR(fin), jours=Decimal(jours))
    try:
        absence.save()
    except ValidationError as refus:
        return " ".join(refus.messages)
    return ""


@pytest.mark.parametrize(
    ("debut", "fin", "jours", "refus"),
    [
        ("2026-01-05", "2026-01-09", "5", ""),
        ("2026-01-05", "2026-01-11", "5", ""),
        ("2026-01-08", "2026-01-13", "4", ""),
        ("2026-01-08", "2026-01-13", "4.5", "il n’y a que 4 jours travaillés"),
        ("2026-01-05", "2026-01-11", "7", "il n’y a que 5 jours travaillés"),
        ("2026-01-10", "2026-01-11", "1", "n’est pas travaillé"),
        ("2026-01-10", "2026-01-10", "0.5", "n’est pas travaillé"),
        ("2026-01-02", "2026-01-05", "1", "Aucun séjour de cette PFMP ne contient ces dates"),
        ("2026-01-30", "2026-02-02", "1", "Aucun séjour de cette PFMP ne contient ces dates"),
        ("2026-01-07", "2026-01-07", "0.3", "demi-journées"),
    ],
)
def test_des_jours_travailles_dans_le_sejour(
    tenue: Scene, debut: str, fin: str, jours: str, refus: str
) -> None:
    dit = noter(tenue, debut, fin, jours)
    assert refus in dit
    assert bool(dit) is bool(refus)


def test_le_samedi_d_une_semaine_de_six_jours_se_manque(tenue: Scene) -> None:
    tenue.sejour.jours_par_semaine = 6
    tenue.sejour.save()
    assert noter(tenue, "2026-01-10", "2026-01-10", "1") == ""
    assert "n’est pas travaillé" in noter(tenue, "2026-01-11", "2026-01-11", "1")


def test_jamais_le_meme_jour_deux_fois(tenue: Scene) -> None:
    assert noter(tenue, "2026-01-06", "2026-01-08", "3") == ""
    for debut, fin in (
        ("2026-01-08", "2026-01-09"),
        ("2026-01-06", "2026-01-06"),
        ("2026-01-05", "2026-01-09"),
    ):
        assert "Déjà dans l’absence du 6 janvier 2026" in noter(tenue, debut, fin, "1")
    assert noter(tenue, "2026-01-09", "2026-01-09", "1") == ""
    absence = Absence.objects.get(debut=JOUR("2026-01-09"))
    absence.jours = Decimal("0.5")
    absence.save()


def test_jamais_plus_que_le_sejour(tenue: Scene) -> None:
    tenue.sejour.jours = 3
    tenue.sejour.save()
    assert noter(tenue, "2026-01-06", "2026-01-07", "2") == ""
    assert "dépasserait les 3 jours de ce séjour" in noter(tenue, "2026-01-12", "2026-01-13", "2")
    assert noter(tenue, "2026-01-12", "2026-01-12", "1") == ""
    tenue.sejour.jours = 2
    with pytest.raises(ValidationError, match="comptent déjà 3 jours"):
        tenue.sejour.save()


@pytest.mark.django_db(transaction=True)
def test_deux_personnes_notent_le_meme_jour_au_meme_instant() -> None:
    lieu = factories.etablissement()
    promotion = factories.promotion(lieu, factories.referentiel())
    classe = factories.classe(promotion, [])
    pfmp = factories.pfmp(factories.periode(classe, "P"), factories.eleve(classe, "ALPHA", "Lou"))
    factories.sejour(pfmp, factories.tuteur(factories.entreprise(lieu, "Usinage"), "Ana"))
    jour = JOUR("2026-01-06")

    def note() -> str:
        try:
            Absence(pfmp_id=pfmp.pk, debut=jour, fin=jour, jours=Decimal(1)).save()
        except ValidationError as refus:
            return " ".join(refus.messages)
        return ""

    rendus = ensemble(note, note, note)
    assert sorted(map(bool, rendus)) == [False, True, True]
    assert Absence.objects.count() == 1
