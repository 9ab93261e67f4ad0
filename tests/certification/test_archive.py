"""L'archive d'une commission : complète, relue sans la base, et dénoncée au premier octet changé."""

import json
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command
from pypdf import PdfReader

from certification import archives, lots
from certification.figement import rouvrir
from certification.models import Lot
from tests.certification.scene import adresse, decider, figer, lu, messages
from tests.distribution import INTRUS
from trpm import archive


@pytest.fixture(autouse=True)
def medias(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "medias"


def produite(monde) -> bytes:
    lot = lots.demander(monde.a.commission, Lot.Genre.ARCHIVE, monde.a.president)
    while lots.travailler_une_fois():
        pass
    return lot.avancement().final.fichier.read()


@pytest.fixture
def figee(monde, camille):
    decider(monde, camille)
    rouvrir_apres = figer(monde, camille)
    rouvrir(camille, "Niveau mal recopié.", monde.a.president)
    camille.refresh_from_db()
    figer(monde, camille)
    return rouvrir_apres


def test_elle_contient_tout_ce_qui_est_fige(monde, camille, figee):
    fichiers = archive.lire(produite(monde))
    base = f"donnees/ALPHA-A1 Camille EP1 dossier {camille.pk} version"
    assert sorted(fichiers) == [
        "LISEZ-MOI.txt",
        "cle-publique.pem",
        "documents/ALPHA-A1 Camille EP1 dossier.pdf",
        "documents/ALPHA-A1 Camille EP1 grille.pdf",
        "documents/Procès-verbal Commission EP1 A.pdf",
        f"{base} 1.json",
        f"{base} 2.json",
        "manifeste.sha256",
        "manifeste.sig",
        "notes.csv",
        "versions.csv",
    ]
    assert fichiers[f"{base} 1.json"].decode() == figee.contenu
    assert dict(archives.grilles(fichiers))[f"{base} 2.json"] == lu(camille).grille
    assert (
        "ALPHA-A1"
        in PdfReader(BytesIO(fichiers["documents/ALPHA-A1 Camille EP1 grille.pdf"])).pages[0].extract_text()
    )
    lisez_moi = fichiers["LISEZ-MOI.txt"].decode()
    assert (
        "- ALPHA-A1 Camille : 15,0\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}20 (version 2, empreinte " in lisez_moi
    )
    assert "- ALPHA-A2 Dominique : Non figé. Aucun niveau pour C2." in lisez_moi
    assert archives.empreinte_de_la_cle() in lisez_moi
    assert "Niveau mal recopié." in fichiers["versions.csv"].decode("utf-8-sig")
    assert (
        fichiers["notes.csv"]
        .decode("utf-8-sig")
        .splitlines()[1]
        .startswith(";ALPHA-A1;Camille;EP1;15,00;figée")
    )
    assert not [nom for nom, octets in fichiers.items() if INTRUS in nom or INTRUS.encode() in octets]


def test_deux_archives_du_meme_etat_sont_les_memes_octets(monde, figee):
    assert produite(monde) == produite(monde)


def test_intacte_la_commande_le_dit_et_la_relit(monde, figee, tmp_path, capsys):
    fichier = tmp_path / "archive.zip"
    fichier.write_bytes(produite(monde))
    call_command("verifier_archive", fichier)
    assert "est intact, signé par la clé " in capsys.readouterr().out
    call_command("lire_archive", fichier)
    sortie = capsys.readouterr()
    assert "ALPHA-A1 Camille, EP1 : 15,0" in sortie.out
    assert "C1 2, C2 3" in sortie.out
    assert sortie.err == ""


def test_une_note_changee_est_denoncee(monde, figee, tmp_path, capsys):
    fichier = tmp_path / "archive.zip"
    fichier.write_bytes(produite(monde).replace(b";15,00;", b";19,00;"))
    with pytest.raises(CommandError) as refus:
        call_command("verifier_archive", fichier)
    assert "notes.csv : modifié" in str(refus.value)
    with pytest.raises(CommandError, match="verifier_archive dit ce qui a changé"):
        call_command("lire_archive", fichier)


def test_une_autre_cle_est_denoncee_ou_nommee(monde, figee, tmp_path, settings):
    fichier = tmp_path / "archive.zip"
    fichier.write_bytes(produite(monde))
    ancienne = archives.empreinte_de_la_cle()
    settings.CLE_ARCHIVE = "11" * 32
    with pytest.raises(CommandError, match="signée par une autre clé"):
        call_command("verifier_archive", fichier)
    call_command("verifier_archive", fichier, cle=ancienne)


@pytest.mark.parametrize("commande", ["verifier_archive", "lire_archive"])
def test_un_fichier_qui_n_en_est_pas_une_s_explique(tmp_path, commande):
    fichier = tmp_path / "rien.zip"
    with pytest.raises(CommandError, match="ne se lit pas"):
        call_command(commande, fichier)
    fichier.write_bytes(b"rien")
    with pytest.raises(CommandError, match="archive"):
        call_command(commande, fichier)


def test_rien_de_fige_pas_d_archive(monde, president):
    url = adresse("lot-create", monde.a.commission.pk)
    reponse = president.post(url, {"genre": "archive"}, follow=True)
    assert messages(reponse) == [
        "Aucun dossier n’est figé : une archive ne contient que ce que le président a figé."
    ]


def test_la_page_donne_la_cle_et_qui_manque(monde, president, figee):
    lot = lots.demander(monde.a.commission, Lot.Genre.ARCHIVE, monde.a.president)
    page = president.get(lot.get_absolute_url()).content.decode()
    assert archives.empreinte_de_la_cle() in page
    assert "Non figé. Aucun niveau pour C2." in page
    assert json.loads(figee.contenu)["candidat"]["nom"] == "ALPHA-A1"
