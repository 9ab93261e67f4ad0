"""Le logo de l'établissement en tête des documents de la commission."""

from io import BytesIO

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from livret.models import Entete
from tests.certification.scene import adresse
from tests.livret.photo import jpeg


def images(octets: bytes) -> int:
    with pikepdf.open(BytesIO(octets)) as ouvert:
        return sum(len(page.get_images()) for page in ouvert.pages)


def test_il_s_imprime_chez_soi_puis_se_retire(monde, administrateur, camille):
    url, page = adresse("grille-pdf", camille.pk), reverse("livret:logo", args=[monde.a.etablissement.pk])
    assert images(administrateur.get(url).content) == 0
    administrateur.post(page, {"logo": SimpleUploadedFile("logo.jpg", jpeg((600, 400)))})
    assert images(administrateur.get(url).content) == 1
    administrateur.post(page, {"retirer": "1"})
    assert (Entete.objects.count(), images(administrateur.get(url).content)) == (0, 0)
