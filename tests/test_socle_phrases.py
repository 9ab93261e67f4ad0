"""Une phrase finit par un point, et un seul."""

import pytest

from trpm.templatetags.textes import phrase


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [("Tour, F.A.O.", "Tour, F.A.O."), ("Tour ", "Tour."), ("Lequel\xa0?", "Lequel\xa0?"), ("etc…", "etc…")],
)
def test_un_point_au_bout_et_un_seul(texte: str, attendu: str) -> None:
    assert phrase(texte) == attendu
