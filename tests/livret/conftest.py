"""La scène de PFMP, partagée par les tests de ses pages."""

import pytest

from tests.livret.pfmp.scene import APRES, Scene, scene
from tests.monde import Monde
from tests.moulage import mouler


@pytest.fixture
def pfmps(monde: Monde, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """La scène de A, lue le 10 février 2026, une fois la période finie ; celle de B existe aussi."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *arguments: APRES)
    _, decor = mouler("pfmps", lambda: (scene(monde.b), scene(monde.a)), monde.objets())
    return decor
