"""Les semaines de PFMP : une règle en table, puis les élèves d'une classe en deux requêtes."""

from datetime import date
from decimal import Decimal

import pytest

from livret.pfmp.semaines import (
    Manque,
    Presence,
    Semaines,
    decimales,
    jours_faits,
    jours_ouvres,
)

LUNDI, VENDREDI = date(2026, 1, 5), date(2026, 1, 30)


@pytest.mark.parametrize(
    ("debut", "fin", "par_semaine", "attendus"),
    [
        (LUNDI, VENDREDI, 5, 20),
        (LUNDI, date(2026, 2, 1), 5, 20),
        (LUNDI, LUNDI, 5, 1),
        (date(2026, 1, 8), date(2026, 1, 13), 5, 4),
        (date(2026, 1, 10), date(2026, 1, 11), 5, 0),
        (LUNDI, VENDREDI, 4, 16),
        (date(2026, 1, 8), date(2026, 1, 13), 2, 4),
        (LUNDI, date(2026, 1, 31), 6, 24),
        (date(2025, 12, 29), date(2026, 1, 2), 5, 5),
    ],
)
def test_jours_ouvres(debut: date, fin: date, par_semaine: int, attendus: int) -> None:
    assert jours_ouvres(debut, fin, par_semaine) == attendus


def test_un_sejour_en_cours_ne_compte_que_les_jours_passes() -> None:
    sejour = Presence(LUNDI, VENDREDI)
    jours = [date(2026, 1, 4), LUNDI, date(2026, 1, 11), date(2026, 1, 12), VENDREDI, date(2026, 6, 1)]
    assert [sejour.faits(jour) for jour in jours] == [0, 1, 5, 6, 20, 20]


def test_les_jours_ecrits_remplacent_le_decompte() -> None:
    sejour = Presence(LUNDI, VENDREDI, jours=18)
    assert [sejour.faits(jour) for jour in (date(2026, 1, 9), date(2026, 1, 29), VENDREDI)] == [5, 18, 18]


PLEIN = Presence(LUNDI, VENDREDI)
SAMEDI = Presence(date(2026, 2, 7), date(2026, 2, 7), rattrapage=True)
UN, UN_RENDU = Manque(LUNDI, Decimal(1)), Manque(LUNDI, Decimal(1), rattrapee=True)


@pytest.mark.parametrize(
    ("presences", "manques", "attendus"),
    [
        ([], [], "0"),
        ([PLEIN], [], "20"),
        ([PLEIN], [UN], "19"),
        ([PLEIN], [Manque(LUNDI, Decimal("0.5"))], "19.5"),
        ([PLEIN], [UN_RENDU], "20"),
        ([PLEIN, SAMEDI], [UN], "20"),
        ([PLEIN, SAMEDI], [UN_RENDU], "20"),
        ([PLEIN, SAMEDI], [UN_RENDU, UN_RENDU], "20"),
        ([PLEIN, SAMEDI], [UN, UN], "19"),
        ([PLEIN], [Manque(date(2026, 3, 2), Decimal(3))], "20"),
        ([], [UN], "0"),
    ],
)
def test_jours_faits(presences: list[Presence], manques: list[Manque], attendus: str) -> None:
    assert jours_faits(presences, manques, date(2026, 2, 28)) == Decimal(attendus)


def test_les_semaines_se_disent_en_francais() -> None:
    assert Semaines(Decimal(62), Decimal(80), 22).texte == "12,4\xa0/\xa022\xa0semaines"
    assert Semaines(Decimal("7.5"), Decimal(0), None).texte == "1,5\xa0semaine"
    assert Semaines(Decimal(62), Decimal(80), 22).restantes == Decimal("9.6")
    assert Semaines(Decimal(120), Decimal(120), 22).restantes == 0
    assert [decimales(Decimal(nombre)) for nombre in ("0", "10", "20.0", "19.5")] == ["0", "10", "20", "19,5"]
