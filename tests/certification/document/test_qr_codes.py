"""Les QR codes imprimés, lus sur l'image de la page par un décodeur qui n'est pas celui qui les dessine."""

import shutil
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from django.test import Client
from django.urls import reverse
from PIL import Image

from certification.document.views.documents import RELEVES
from certification.models import Dossier, Lot
from tests.certification.document.test_verification import texte
from tests.certification.scene import adresse, decider, figer
from tests.litanie import connecte
from tests.livret.tuteur.scene import Accueil, accueil, stage
from tests.monde import Monde
from tests.ouvrage import toutes_les_taches

__all__ = ["stage"]

pytestmark = [
    pytest.mark.imprime,
    pytest.mark.skipif(
        not shutil.which("pdftoppm"), reason="pdftoppm est introuvable : apt-get install poppler-utils"
    ),
]

SITE = "https://livret.exemple.fr"


@pytest.fixture(autouse=True)
def site(settings) -> None:
    settings.ADRESSE_DU_SITE = SITE


def lus(pdf: bytes, dossier: Path) -> list[list[str]]:
    """Page par page, ce qu'un téléphone lirait sur une impression grise à 100 points par pouce."""
    (dossier / "lu.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "100", "-gray", "lu.pdf", "lu"], cwd=dossier, check=True)
    pages = []
    for image in sorted(dossier.glob("lu-*.pgm")):
        with Image.open(image) as ouverte:
            pages.append([code.text for code in zxingcpp.read_barcodes(ouverte)])
        image.unlink()
    return pages


@pytest.mark.parametrize("variante", ["", "?archive=1"])
@pytest.mark.parametrize("document", ["grille-pdf", "dossier-pdf", "origine-pdf"])
def test_celui_d_un_dossier_fige_ouvre_la_page_conforme(
    monde: Monde, president: Client, camille: Dossier, tmp_path: Path, document: str, variante: str
) -> None:
    decider(monde, camille)
    version = figer(monde, camille)
    premiere, *suite = lus(president.get(adresse(document, camille.pk) + variante).content, tmp_path)
    assert premiere == [f"{SITE}{version.verification.get_absolute_url()}?e={version.empreinte[:16]}"]
    assert [page for page in suite if page] == []
    assert "Conforme à la version figée le 3 juin 2026" in texte(Client().get(premiere[0].removeprefix(SITE)))


@pytest.mark.parametrize("document", RELEVES)
def test_celui_de_la_commission_ouvre_la_page_conforme(
    monde: Monde, president: Client, camille: Dossier, dominique: Dossier, tmp_path: Path, document: str
) -> None:
    decider(monde, camille)
    decider(monde, dominique, "7", C1=1, C2=1)
    for dossier in (camille, dominique):
        figer(monde, dossier)
    ((lu,),) = lus(president.get(adresse(document, monde.a.commission.pk)).content, tmp_path)
    assert "Conforme aux 2 dossiers figés" in texte(Client().get(lu.removeprefix(SITE)))


def test_un_lot_mene_la_d_ou_il_est_demande(
    monde: Monde,
    president: Client,
    camille: Dossier,
    dominique: Dossier,
    tmp_path: Path,
    settings,
) -> None:
    """L'ouvrier ne reçoit aucune requête, et ici aucun réglage ne lui dit l'adresse du site."""
    settings.ADRESSE_DU_SITE, settings.ALLOWED_HOSTS = "", ["*"]
    decider(monde, camille)
    decider(monde, dominique, "7", C1=1, C2=1)
    for dossier in (camille, dominique):
        figer(monde, dossier)
    for genre in ("complet", "archive"):
        url = adresse("lot-create", monde.a.commission.pk)
        president.post(url, {"genre": genre}, headers={"host": "livret.exemple.fr"}, secure=True)
    toutes_les_taches()
    assert Lot.objects.count() == 2
    for lot in Lot.objects.all():
        produits = lot.avancement().produits
        assert len(produits) == 5
        for produit in produits:
            ((code, *_), *_) = lus(produit.fichier.read(), tmp_path)
            assert code.startswith(f"{SITE}/verification/"), produit.nom


def test_un_document_de_travail_n_en_porte_pas(president: Client, camille: Dossier, tmp_path: Path) -> None:
    assert lus(president.get(adresse("grille-pdf", camille.pk)).content, tmp_path) == [[]]


def test_celui_de_la_fiche_papier_rouvre_cette_fiche(monde: Monde, stage: Accueil, tmp_path: Path) -> None:
    client = connecte(monde.a.enseignant)
    ouvertes = []
    for accueilli in (stage, accueil(monde.a, 1)):
        ((lu,),) = lus(client.get(reverse("livret:fiche-tuteur-pdf", args=accueilli.args)).content, tmp_path)
        assert lu == "http://testserver" + reverse("livret:fiche-tuteur-saisie", args=accueilli.args)
        ouvertes.append(client.get(lu).context["fiche"])
    assert [(fiche.pfmp.eleve.prenom, fiche.tuteur.nom) for fiche in ouvertes] == [
        ("Camille", "Maryse Tutrice 1"),
        ("Dominique", "Maryse Tutrice 2"),
    ]
