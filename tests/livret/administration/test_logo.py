"""Le logo d'un établissement : reçu, redessiné, retiré."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from livret.models import Entete
from tests.litanie import (
    adresse,
    connecte,
    messages,
    verifier_droits,
)
from tests.livret.photo import jpeg
from tests.monde import Monde


def png(taille: tuple[int, int] = (900, 300)) -> bytes:
    sortie = BytesIO()
    Image.new("RGBA", taille, (18, 63, 115, 128)).save(sortie, "PNG")
    return sortie.getvalue()


def envoyer(client, monde, contenu: bytes, nom: str = "logo.png"):
    url = adresse("logo", monde.a.etablissement.pk)
    return client.post(url, {"logo": SimpleUploadedFile(nom, contenu)}, follow=True)


def test_seul_l_administrateur_le_change(monde: Monde) -> None:
    page, ailleurs = (adresse("logo", lieu.etablissement.pk) for lieu in (monde.a, monde.b))
    assert "Aucun logo" in verifier_droits(monde, page, ailleurs)


@pytest.fixture
def administrateur(monde: Monde) -> Client:
    return connecte(monde.a.administrateur)


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


def test_il_se_retire(monde, administrateur):
    envoyer(administrateur, monde, png())
    reponse = administrateur.post(adresse("logo", monde.a.etablissement.pk), {"retirer": "1"}, follow=True)
    retire = "Le logo est retiré : les documents portent le nom de l’établissement."
    assert (messages(reponse), Entete.objects.count()) == ([retire], 0)
