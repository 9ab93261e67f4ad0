"""L'archive d'une commission : complète, relue sans la base, et dénoncée au premier octet changé."""

import json
import re
from html import unescape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from certification.dossier.figement import rouvrir
from certification.lot import archive as archives
from certification.lot import tirages
from certification.models import VersionFigee
from tests.certification.document.test_pdf_conformes import fautes
from tests.certification.scene import (
    COMMISSION,
    adresse,
    decider,
    figer,
    lu,
    statuts,
)
from tests.litanie import connecte, messages
from tests.monde import INTRUS
from tests.ouvrage import toutes_les_taches
from trpm.base import archive


@pytest.fixture(autouse=True)
def medias(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "medias"


def produite(monde) -> bytes:
    lot = tirages.demander(monde.a.commission, "archive", monde.a.president)
    toutes_les_taches()
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


def test_ses_pdf_portent_les_donnees_dont_ils_sont_tires(monde, figee, settings):
    """PDF/A-3 : la grille et le dossier leur instantané, le procès-verbal celui de chaque dossier figé."""
    settings.ADRESSE_DU_SITE = "https://livret.exemple.fr"
    fichiers = archive.lire(produite(monde))
    imprimes = {nom: octets for nom, octets in fichiers.items() if nom.startswith("documents/")}
    assert len(imprimes) == 3
    version = VersionFigee.objects.get(numero=2)
    for nom, octets in imprimes.items():
        assert fautes(octets, "3a") == [], nom
        (jointe,) = PdfReader(BytesIO(octets)).attachment_list
        assert jointe.content == version.contenu.encode()
        assert jointe.name == (
            f"ALPHA-A1 Camille EP1 dossier {version.dossier_id} version 2.json"
            if "Procès-verbal" in nom
            else "instantane.json"
        )


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
        "Aucun dossier n’est figé : une archive ne contient que ce que le président a figé."
    ]


def test_la_page_donne_la_cle_et_qui_manque(monde, president, figee):
    lot = tirages.demander(monde.a.commission, "archive", monde.a.president)
    page = president.get(lot.get_absolute_url()).content.decode()
    assert archives.empreinte_de_la_cle() in page
    assert "Non figé. Aucun niveau pour C2." in page
    assert json.loads(figee.contenu)["candidat"]["nom"] == "ALPHA-A1"


# --- Relire dans l'application ----------------------------------------------------------------


def relire(client, contenu: bytes, nom: str = "archive.zip", **champs: str):
    fichier = SimpleUploadedFile(nom, contenu, "application/zip")
    return client.post(adresse("archive-relire"), {"fichier": fichier, **champs})


def page(reponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", reponse.content.decode())).split())


def zip_de(**contenus: bytes) -> bytes:
    sortie = BytesIO()
    with ZipFile(sortie, "w", ZIP_DEFLATED) as ecrit:
        for nom, contenu in contenus.items():
            ecrit.writestr(nom, contenu)
    return sortie.getvalue()


def test_qui_relit_une_archive(monde):
    autre = {**COMMISSION, "membre d’une autre commission": 200, "ailleurs": 200}
    assert statuts(monde, adresse("archive-relire")) == autre


def test_deposee_elle_se_relit_sans_rien_ecrire(monde, president, figee):
    contenu = produite(monde)
    avant = VersionFigee.objects.count()
    with CaptureQueriesContext(connection) as requetes:
        reponse = relire(president, contenu)
    lectures = ("SELECT", "PREPARE lecture_", "EXECUTE lecture_")
    assert [r["sql"] for r in requetes if not r["sql"].lstrip("(").startswith(lectures)] == []
    assert (len(requetes), VersionFigee.objects.count()) == (3, avant)
    dite = page(reponse)
    assert "Intacte. Ses 11 fichiers sont ceux qui ont été signés" in dite
    relue = reponse.context["relue"]
    (premiere, sa_version), (derniere, sa_suite) = relue.rangees
    assert (derniere.candidat, derniere.epreuve, derniere.niveaux) == (
        "ALPHA-A1 Camille",
        "EP1",
        "C1 2, C2 3",
    )
    assert derniere.commission == "Commission EP1 A, session 2026, Lycée A"
    assert derniere.note == "15,0\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}20"
    assert (sa_version[0], sa_version[5], sa_suite[0], sa_suite[5]) == ("1", "Niveau mal recopié.", "2", "")
    assert "1, figée le 03/06/2026 par President-A Personne-A ; rouverte le" in dite


def test_ce_qui_a_change_manque_ou_s_ajoute_se_lit(monde, president, figee):
    intacte = archive.lire(produite(monde))
    donnees = next(nom for nom in intacte if nom.endswith("version 2.json"))
    changee = {
        **intacte,
        donnees: intacte[donnees].replace(b'"note_proposee":"15', b'"note_proposee":"19'),
        "intrus.txt": b"?",
        "donnees/casse.json": b'{"candidat": [[]]}',
    }
    del changee["versions.csv"]
    dite = page(relire(president, archive._zip(changee)))
    for attendu in (
        "Modifiée. Ce fichier n’est plus ce qui a été signé",
        "versions.csv : retiré.",
        "intrus.txt : ajouté, le manifeste ne le connaît pas.",
        f"{donnees} : modifié.",
        "n’en tirez aucune note",
        "19,0 / 20",
        "absente de versions.csv",
        "Ne se lisent pas : donnees/casse.json.",
    ):
        assert attendu in dite, attendu
    assert "Intacte" not in dite


def test_l_archive_d_une_autre_cle_se_relit_et_le_dit(monde, figee, settings):
    """Celle d'une autre installation appartient à qui la dépose ; rien d'ici ne s'y mêle."""
    contenu, ancienne = produite(monde), archives.empreinte_de_la_cle()
    settings.CLE_ARCHIVE = "11" * 32
    client = connecte(monde.b.president)
    reponse = relire(client, contenu)
    assert "Intacte, mais signée par une autre clé." in page(reponse)
    assert ancienne in page(reponse)
    assert {dossier.candidat for dossier in reponse.context["relue"].dossiers} == {"ALPHA-A1 Camille"}
    recopiee = page(relire(client, contenu, cle=ancienne.upper().replace(" ", "")))
    assert "la clé est celle que l’on attendait" in recopiee
    assert "Intacte, mais signée par une autre clé." in page(relire(client, contenu, cle="0000"))


@pytest.mark.parametrize(
    ("contenu", "phrase"),
    [
        (b"rien", "n’est pas une archive zip lisible : il est tronqué ou abîmé."),
        (b"", "Ce fichier est vide."),
        (zip_de(**{"a.txt": b"a"}), "Ce zip n’est pas une archive de commission"),
        (zip_de(**{"manifeste.sig": b"", "../../etc/passwd": b"x"}), "un chemin qui sort de son dossier"),
        (zip_de(**{"manifeste.sig": b"", "/etc/passwd": b"x"}), "un chemin qui sort de son dossier"),
        (zip_de(**{"manifeste.sig": b"", "gros": bytes(2**21)}), "Décompressé, ce fichier dépasse 1 Mo"),
        (
            zip_de(**{"manifeste.sig": b"", **{str(n): b"" for n in range(archive.FICHIERS_MAX)}}),
            "Ce zip porte 5001 fichiers",
        ),
        (bytes(2**20 + 1), "Ce fichier dépasse 1 Mo : relisez-le sur le serveur"),
    ],
    ids=["pas un zip", "vide", "autre zip", "remonte", "absolu", "bombe", "foule", "lourd"],
)
def test_un_fichier_qui_n_en_est_pas_une_est_refuse_avec_une_phrase(president, monkeypatch, contenu, phrase):
    monkeypatch.setattr("certification.document.forms.ARCHIVE_MAX", 2**20)
    reponse = relire(president, contenu)
    assert (reponse.status_code, phrase in page(reponse)) == (422, True)


def test_un_index_qui_ment_ne_rend_pas_plus_que_promis():
    """Une entrée qui annonce dix octets et en porte deux millions n'en donne pas dix de plus."""
    bombe = bytearray(zip_de(**{"manifeste.sig": bytes(2**21)}))
    bombe = bombe.replace((2**21).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert archive.piege(bytes(bombe), 1024) == ""
    assert [len(contenu) for contenu in archive.lisibles(bytes(bombe)).values() if len(contenu) > 10] == []


def test_des_donnees_piegees_ne_cassent_pas_la_page(president):
    pieges = [
        b"[" * 100_000,
        b'{"candidat": null}',
        b"\xff",
        b'{"lignes": [{"valeur": "<script>"}]}',
        b"9" * 5000,
    ]
    noms = {f"donnees/{rang}.json": contenu for rang, contenu in enumerate(pieges)}
    reponse = relire(president, archive.ecrire(noms, archive.cle(bytes(32))))
    assert reponse.status_code == 200
    assert reponse.context["relue"].illisibles == tuple(sorted(noms))
    assert "Aucun dossier ne s’y lit." in page(reponse)
