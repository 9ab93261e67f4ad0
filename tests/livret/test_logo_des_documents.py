"""Le logo de l'établissement en tête des documents du livret : le sien, ou rien."""

from io import BytesIO

import pikepdf
import pytest
from django.urls import reverse
from PIL import Image

from livret.models import Entete, Etablissement
from tests import factories
from tests.litanie import connecte
from tests.livret.bilan.bilans import url
from tests.livret.tuteur.scene import Accueil, accueil, stage
from tests.monde import Monde
from trpm.impression.images import logo_propre

__all__ = ["stage"]


def donner_un_logo(etablissement: Etablissement) -> Entete:
    sortie = BytesIO()
    Image.new("RGBA", (900, 300), (18, 63, 115, 128)).save(sortie, "PNG")
    image = logo_propre(sortie.getvalue(), "logo.png")
    return Entete.objects.create(etablissement=etablissement, logo=image.contenu, type_mime=image.type_mime)


def logos(octets: bytes) -> list[int]:
    """Combien d'images sur chaque page."""
    with pikepdf.open(BytesIO(octets)) as ouvert:
        return [len(page.get_images()) for page in ouvert.pages]


@pytest.fixture
def documents(monde: Monde, stage: Accueil) -> dict[str, str]:
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")
    factories.bilan(monde.a.eleves[1], monde.a.enseignant, "prepare")
    accueil(monde.a, 1)
    return {
        "livret": reverse("livret:eleve-pdf", args=[monde.a.eleves[0].pk]),
        "bilan": url("bilan-pdf", bilan.pk),
        "bilans de la classe": url("bilans-pdf", monde.a.classe.pk, 6),
        "attestation": reverse("livret:attestation-pdf", args=[stage.pfmp.pk]),
        "attestations": reverse("livret:periode-attestations", args=[stage.pfmp.periode_id]),
        "annexe": reverse("livret:annexe-pdf", args=[stage.pfmp.pk]),
    }


def test_il_est_en_tete_de_chaque_page(monde: Monde, documents: dict[str, str]) -> None:
    client = connecte(monde.a.enseignant)

    def tires() -> dict[str, list[int]]:
        return {nom: logos(client.get(adresse).content) for nom, adresse in documents.items()}

    donner_un_logo(monde.b.etablissement)
    sans = tires()
    assert {nombre for pages in sans.values() for nombre in pages} == {0}
    donner_un_logo(monde.a.etablissement)
    assert tires() == {nom: [1] * len(pages) for nom, pages in sans.items()}


def test_chaque_etablissement_a_le_sien(monde: Monde) -> None:
    sien = donner_un_logo(monde.a.etablissement)
    autre = donner_un_logo(monde.b.etablissement)
    assert Entete.objects.logos([monde.a.etablissement.pk]) == {monde.a.etablissement.pk: sien.adresse}
    assert Entete.objects.logos([]) == {}
    assert autre.adresse.startswith("data:image/png;base64,")
