"""Le même envoi reçu deux fois : fichiers, groupes, commission, lot, lien de tuteur. Un seul monde."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from certification.models import Commission, Lot
from livret.models import Groupe, LienTuteur, PieceJointe, Trace
from tests.certification.seance.test_commission_form import saisie
from tests.litanie import connecte
from tests.livret.photo import jpeg
from tests.monde import Monde
from tests.test_droits import fiche_tuteur
from trpm.base.envois import DEJA_RECU


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("piece.jpg", jpeg((60, 40)), "image/jpeg")


Cas = tuple[str, str, Callable[[Monde], list[Any]], type[Any], Callable[[Monde], dict[str, Any]]]
CAS: list[Cas] = [
    (
        "enseignant",
        "livret:piece-create",
        lambda m: [m.a.situation.pk],
        PieceJointe,
        lambda m: {"fichier": photo()},
    ),
    (
        "enseignant",
        "livret:trace-create",
        lambda m: [m.a.situation.pk, m.a.eleves[0].pk],
        Trace,
        lambda m: {"photo": photo()},
    ),
    ("compte_eleve", "livret:portfolio", lambda m: [m.a.eleves[0].pk], Trace, lambda m: {"photo": photo()}),
    ("enseignant", "livret:groupe-create", lambda m: [m.a.classe.pk], Groupe, lambda m: {"nom": "TP 3"}),
    ("president", "certification:commission-create", lambda m: [], Commission, saisie),
    (
        "president",
        "certification:lot-create",
        lambda m: [m.a.commission.pk],
        Lot,
        lambda m: {"genre": "grilles"},
    ),
    ("enseignant", "livret:fiche-tuteur-lien", lambda m: fiche_tuteur(m.a), LienTuteur, lambda m: {}),
]


def test_le_meme_envoi_deux_fois_n_en_fait_qu_un(monde: Monde, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    for role, nom, cles, modele, valeurs in CAS:
        client, adresse = connecte(getattr(monde.a, role)), reverse(nom, args=cles(monde))
        avant = modele.objects.count()
        premiere = client.post(adresse, {**valeurs(monde), "envoi": "le-meme"})
        fichiers = sorted(tmp_path.rglob("*"))
        seconde = client.post(adresse, {**valeurs(monde), "envoi": "le-meme"})
        assert modele.objects.count() == avant + 1, nom
        assert sorted(tmp_path.rglob("*")) == fichiers, nom
        assert seconde.status_code == 302, nom
        if premiere.status_code == 302:
            assert seconde["Location"] == premiere["Location"], nom
        page = client.get(seconde["Location"]).content.decode().replace("&nbsp;", "\xa0")
        assert DEJA_RECU in page, nom
