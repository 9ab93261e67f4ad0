"""Le logo d'un établissement : redessiné, imprimé en tête, et nulle part ailleurs."""

from io import BytesIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from livret.models import Entete
from tests.certification.scene import REFUS, adresse, statuts
from tests.litanie import messages
from tests.livret.photo import jpeg


def png(taille: tuple[int, int] = (900, 300)) -> bytes:
    sortie = BytesIO()
    Image.new("RGBA", taille, (18, 63, 115, 128)).save(sortie, "PNG")
    return sortie.getvalue()


def envoyer(client, monde, contenu: bytes, nom: str = "logo.png"):
    url = adresse("logo", monde.a.etablissement.pk)
    return client.post(url, {"logo": SimpleUploadedFile(nom, contenu)}, follow=True)


def images(octets: bytes) -> int:
    with pikepdf.open(BytesIO(octets)) as ouvert:
        return sum(len(page.get_images()) for page in ouvert.pages)


def test_seul_l_administrateur_le_change(monde):
    assert statuts(monde, adresse("logo", monde.a.etablissement.pk)) == {
        **REFUS,
        "administrateur": 200,
        "ailleurs": 403,
    }


def test_recu_il_est_redessine_petit_et_sans_rien_d_autre(monde, administrateur):
    reponse = envoyer(administrateur, monde, png())
    assert messages(reponse) == ["Le logo est enregistré."]
    entete = Entete.objects.get()
    with Image.open(BytesIO(bytes(entete.logo))) as garde:
        assert (garde.size, garde.format, garde.mode, garde.info) == ((480, 160), "PNG", "RGBA", {})
    assert (entete.etablissement, entete.type_mime) == (monde.a.etablissement, "image/png")


def test_une_photo_y_perd_ses_coordonnees(monde, administrateur):
    envoyer(administrateur, monde, jpeg((600, 400)), "photo.jpg")
    with Image.open(BytesIO(bytes(Entete.objects.get().logo))) as garde:
        assert (garde.format, dict(garde.getexif())) == ("JPEG", {})


@pytest.mark.parametrize("contenu", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", png()[:200]])
def test_ce_qui_n_est_pas_une_image_est_refuse_avec_une_phrase(monde, administrateur, contenu):
    reponse = envoyer(administrateur, monde, contenu)
    assert reponse.status_code == 422
    assert "« logo.png » est abîmée et ne se lit pas" in reponse.content.decode()
    assert Entete.objects.count() == 0


def test_il_s_imprime_chez_soi_puis_se_retire(monde, administrateur, camille):
    url = adresse("grille-pdf", camille.pk)
    assert images(administrateur.get(url).content) == 0
    envoyer(administrateur, monde, jpeg((600, 400)), "logo.jpg")
    assert images(administrateur.get(url).content) == 1
    administrateur.post(adresse("logo", monde.a.etablissement.pk), {"retirer": "1"})
    assert (Entete.objects.count(), images(administrateur.get(url).content)) == (0, 0)
