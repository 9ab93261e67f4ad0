"""Les photos des élèves : fermées par défaut, déposées une à une ou d'un lot, vues de l'équipe seule."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse
from PIL import Image

from livret.classe.portraits import EleveNomme, a_qui
from livret.models import Eleve, Etablissement, PhotoEleve
from tests import factories
from tests.litanie import connecte, messages, requetes
from tests.livret.photo import jpeg
from tests.monde import Monde
from trpm.fichiers import FichierRefuse


@pytest.fixture
def ouvert(monde: Monde) -> Monde:
    Etablissement.objects.update(photos_d_eleves=True)
    return monde


def page(monde: Monde) -> str:
    return reverse("livret:photos", args=[monde.a.classe.pk])


def pages_a_photos(monde: Monde) -> tuple[str, ...]:
    grille = reverse("livret:grille", args=[monde.a.situation.pk])
    return monde.a.classe.get_absolute_url(), grille, monde.a.eleves[0].get_absolute_url()


def image(nom: str = "photo.jpg", contenu: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(nom, contenu if contenu is not None else jpeg((300, 200)), "image/jpeg")


def deposer(monde: Monde, **fichiers: object) -> HttpResponse:
    return connecte(monde.a.enseignant).post(page(monde), fichiers, follow=True)


def test_fermees_par_defaut(monde: Monde) -> None:
    client, camille = connecte(monde.a.enseignant), monde.a.eleves[0]
    PhotoEleve.objects.create(eleve=camille, image=jpeg((40, 30)))
    assert client.get(page(monde)).status_code == client.post(page(monde)).status_code == 404
    assert client.get(reverse("livret:photo", args=[camille.pk])).status_code == 404
    for lue in pages_a_photos(monde):
        assert 'class="portrait"' not in client.get(lue).content.decode()
        assert page(monde) not in client.get(lue).content.decode()


def test_une_photo_deposee_se_voit_sur_la_classe_la_grille_et_le_livret(ouvert: Monde) -> None:
    camille, dominique = ouvert.a.eleves
    reponse = deposer(ouvert, **{f"photo_{camille.pk}": image()})
    assert messages(reponse) == ["1 photo enregistrée."]
    client, adresse = connecte(ouvert.a.enseignant), reverse("livret:photo", args=[camille.pk])
    servie = client.get(adresse)
    assert (servie["Content-Type"], servie["Cache-Control"]) == ("image/jpeg", "private, max-age=3600")
    with Image.open(BytesIO(servie.content)) as lue:
        assert (lue.size, lue.format, lue.getexif()) == ((192, 192), "JPEG", {})
    for vue in pages_a_photos(ouvert):
        texte = client.get(vue).content.decode()
        assert texte.count('class="portrait"') == 1
        assert adresse in texte
    assert client.get(reverse("livret:photo", args=[dominique.pk])).status_code == 404


def test_personne_d_autre_ne_la_voit(ouvert: Monde) -> None:
    camille = ouvert.a.eleves[0]
    PhotoEleve.objects.create(eleve=camille, image=jpeg((40, 30)))
    adresse = reverse("livret:photo", args=[camille.pk])
    for compte, attendu in (
        (ouvert.a.administrateur, 200),
        (ouvert.a.collegue, 404),
        (ouvert.b.enseignant, 404),
        (ouvert.a.compte_eleve, 403),
        (ouvert.a.president, 403),
    ):
        assert connecte(compte).get(adresse).status_code == attendu
    for compte in (ouvert.a.compte_eleve, ouvert.a.president):
        livret = connecte(compte).get(camille.get_absolute_url())
        assert (livret.status_code, adresse in livret.text) == (200, False)
    ailleurs = connecte(ouvert.b.enseignant).post(page(ouvert), {f"photo_{camille.pk}": image()})
    assert ailleurs.status_code == 404


def test_une_autre_classe_ne_recoit_rien_d_ici(ouvert: Monde) -> None:
    """Le champ nomme un élève d'ailleurs : il n'est pas lu."""
    intrus = ouvert.b.eleves[0]
    assert messages(deposer(ouvert, **{f"photo_{intrus.pk}": image()})) == [
        "Aucune photo reçue\xa0: choisissez au moins une image."
    ]
    assert not PhotoEleve.objects.exists()


def test_un_lot_se_reconnait_a_ses_noms(ouvert: Monde) -> None:
    camille, dominique = ouvert.a.eleves
    Eleve.objects.filter(pk=dominique.pk).update(ine="123456789AB")
    lot = BytesIO()
    with ZipFile(lot, "w") as archive:
        archive.writestr("classe/Camille_Alpha-A1.JPG", jpeg((40, 30)))
        archive.writestr("classe/123456789ab.jpg", jpeg((40, 30)))
        archive.writestr("classe/Inconnu.jpg", jpeg((40, 30)))
        archive.writestr("__MACOSX/._x.jpg", b"rien")
    dits = messages(deposer(ouvert, lot=[image("photos.zip", lot.getvalue()), image("x.jpg", b"rien")]))
    assert dits[0] == "2 photos enregistrées."
    assert len(dits) == 3
    assert dits[1].startswith("«\xa0Inconnu.jpg\xa0»\xa0: aucun élève de la classe")
    assert dits[2].startswith("«\xa0x.jpg\xa0»\xa0: aucun élève de la classe")
    assert set(PhotoEleve.objects.values_list("eleve", flat=True)) == {camille.pk, dominique.pk}


@pytest.mark.parametrize("contenu", [b"rien", b"PK\x03\x04abime"])
def test_ce_qui_ne_se_lit_pas_est_refuse(ouvert: Monde, contenu: bytes) -> None:
    (dit,) = messages(deposer(ouvert, lot=[image("ALPHA-A1 Camille.jpg", contenu)]))
    assert "Camille.jpg" in dit
    assert not PhotoEleve.objects.exists()


def test_des_homonymes_ne_se_devinent_pas() -> None:
    lina = EleveNomme(1, "123456789AB", "Morel", "Lina")
    assert a_qui("lina MOREL.png", [lina]) == a_qui("123456789AB.png", [lina]) == 1
    with pytest.raises(FichierRefuse, match="plusieurs élèves portent ce nom"):
        a_qui("Morel Lina.png", [lina, lina._replace(pk=2, ine="X")])


def test_retirer(ouvert: Monde) -> None:
    camille = ouvert.a.eleves[0]
    PhotoEleve.objects.create(eleve=camille, image=jpeg((40, 30)))
    reponse = connecte(ouvert.a.enseignant).post(page(ouvert), {"retirer": camille.pk}, follow=True)
    assert messages(reponse) == ["La photo est effacée."]
    assert not PhotoEleve.objects.exists()


def test_fermer_le_reglage_efface_tout_ici_et_rien_ailleurs(ouvert: Monde) -> None:
    for ecole in (ouvert.a, ouvert.b):
        PhotoEleve.objects.create(eleve=ecole.eleves[0], image=jpeg((40, 30)))
    reglages = reverse("livret:etablissement-update", args=[ouvert.a.etablissement.pk])
    client = connecte(ouvert.a.administrateur)
    form = client.get(reglages).context["form"]
    donnees = {nom: form[nom].value() or "" for nom in form.fields} | {"uai": "0400740M"}
    del donnees["photos_d_eleves"], donnees["noms_a_l_inspection"]
    assert client.post(reglages, donnees).status_code == 302
    assert list(PhotoEleve.objects.values_list("eleve", flat=True)) == [ouvert.b.eleves[0].pk]


def test_la_photo_part_avec_l_eleve(ouvert: Monde) -> None:
    eleve = factories.eleve(ouvert.a.classe, "PARTI", "Sacha")
    PhotoEleve.objects.create(eleve=eleve, image=jpeg((40, 30)))
    eleve.scolarites.all().delete()
    eleve.delete()
    assert not PhotoEleve.objects.exists()


def test_une_requete_de_plus_quel_que_soit_le_nombre(ouvert: Monde) -> None:
    client, classe = connecte(ouvert.a.enseignant), ouvert.a.classe.get_absolute_url()
    client.get(classe)
    PhotoEleve.objects.create(eleve=ouvert.a.eleves[0], image=jpeg((40, 30)))
    une = requetes(lambda: client.get(classe))
    PhotoEleve.objects.create(eleve=ouvert.a.eleves[1], image=jpeg((40, 30)))
    assert requetes(lambda: client.get(classe)) == une
    livret = ouvert.a.eleves[0].get_absolute_url()
    avec = requetes(lambda: client.get(livret))
    Etablissement.objects.update(photos_d_eleves=False)
    assert requetes(lambda: client.get(classe)) == une - 1
    assert requetes(lambda: client.get(livret)) == avec - 1
