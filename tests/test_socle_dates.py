"""Les dates en toutes lettres disent « 1er », partout, et par un seul chemin."""

import datetime
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import timezone

from trpm.dates import date_dite

ICI = Path(settings.BASE_DIR)
AILLEURS = re.compile(r"""date:["'](?:[^"']*j F|[GH]:i|H ?\\h|G\\h)|date_format\(.*j F""")


@pytest.mark.parametrize(
    ("jour", "modele", "dit"),
    [
        (datetime.date(2026, 5, 1), "j F Y", "1er mai 2026"),
        (datetime.date(2026, 5, 2), "j F Y", "2 mai 2026"),
        (datetime.date(2026, 5, 11), "j F Y", "11 mai 2026"),
        (datetime.date(2026, 8, 1), "l j F", "samedi 1er août"),
        (datetime.datetime(2026, 1, 1, 9, 5), "j F Y à G \\h i", "1er janvier 2026 à 9 h 05"),
    ],
)
def test_date_dite(jour: datetime.date, modele: str, dit: str) -> None:
    assert date_dite(jour, modele) == dit


def test_le_filtre_dit_le_jour_d_ici_et_rien_sans_date() -> None:
    tard = datetime.datetime(2026, 4, 30, 22, 30, tzinfo=datetime.UTC)
    assert timezone.localtime(tard).day == 1
    gabarit = Template("{{ tard|jour }}, {{ tard|jour:'j F' }}{{ vide|jour }}")
    assert gabarit.render(Context({"tard": tard, "vide": None})) == "1er mai 2026, 1er mai"


def test_aucune_date_n_est_dite_autrement() -> None:
    fichiers = [
        *(ICI / "templates").rglob("*.*"),
        *(un for nom in ("certification", "livret", "referentiel") for un in (ICI / nom).rglob("*.py")),
    ]
    assert len(fichiers) > 200
    assert [str(un.relative_to(ICI)) for un in fichiers if AILLEURS.search(un.read_text("utf-8"))] == []


def test_un_instant_se_dit_au_jour_de_son_fuseau() -> None:
    """Deux instants égaux ne sont pas le même jour partout : rien de l'un ne sert à l'autre."""
    soir = datetime.datetime(2026, 3, 12, 23, 30, tzinfo=datetime.UTC)
    la_bas = soir.astimezone(datetime.timezone(datetime.timedelta(hours=4)))
    assert soir == la_bas
    assert [date_dite(un) for un in (soir, la_bas, soir)] == ["12 mars 2026", "13 mars 2026", "12 mars 2026"]
