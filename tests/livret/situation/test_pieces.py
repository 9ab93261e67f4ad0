"""Les pièces jointes : reconnues à leur contenu en entrant, jamais exécutées en sortant."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from livret.models import PieceJointe, Situation
from livret.situation.models.piece import PIECES_MAX
from tests import factories
from tests.litanie import (
    EQUIPE_ET_ADMINISTRATION,
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.monde import INTRUS, Monde
from trpm.fichiers import (
    TAILLE_MAX,
    TYPES,
    FichierRefuse,
    type_verifie,
)

PDF = b"%PDF-1.7\nsujet"
EN_POST = {nom: 302 if code == 200 else code for nom, code in EQUIPE_SEULE.items()}


def archive(**contenus: str) -> bytes:
    sortie = BytesIO()
    with zipfile.ZipFile(sortie, "w") as fichier:
        for nom, texte in contenus.items():
            fichier.writestr(nom.replace("__", "/").replace("CT", "[Content_Types].xml"), texte)
    return sortie.getvalue()


BONS = {
    "a.pdf": PDF,
    "a.PNG": b"\x89PNG\r\n\x1a\n...",
    "a.jpg": b"\xff\xd8\xff\xe0...",
    "a.jpeg": b"\xff\xd8\xff\xe1...",
    "a.gif": b"GIF89a...",
    "a.webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "a.docx": archive(CT="", word__document="x"),
    "a.xlsx": archive(CT="", xl__workbook="x"),
    "a.pptx": archive(CT="", ppt__presentation="x"),
    "a.odt": archive(mimetype=TYPES["odt"], content="x"),
    "a.ods": archive(mimetype=TYPES["ods"]),
    "a.odp": archive(mimetype=TYPES["odp"]),
}
REFUS = {
    "vide.pdf": (b"", "est vide."),
    "trop.pdf": (PDF.ljust(TAILLE_MAX + 1), "dépasse 10 Mo."),
    "page.html": (b"<script>alert(1)</script>", "n’est pas accepté."),
    "dessin.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "n’est pas accepté."),
    "deguise.pdf": (b"<html><script>alert(1)</script>", "n’est pas accepté."),
    "programme.pdf": (b"MZ\x90\x00", "n’est pas accepté."),
    "decale.pdf": (b"<script></script>%PDF-1.7", "n’est pas accepté."),
    "page.pdf.html": (PDF, "ne correspond pas au contenu, qui est du pdf"),
    "image.pdf": (BONS["a.PNG"], "ne correspond pas au contenu, qui est du png"),
    "sans-extension": (PDF, "ne correspond pas au contenu, qui est du pdf"),
    "macros.docx": (archive(CT="", word__document="x", word__vbaProject="x"), "sans macro."),
    "macros.odt": (archive(mimetype=TYPES["odt"], Basic__script="x"), "sans macro."),
    "archive.docx": (archive(autre="x"), "n’est pas accepté."),
    "faux.odt": (archive(mimetype="text/html"), "n’est pas accepté."),
    "abime.docx": (b"PK\x03\x04abime", "n’est pas accepté."),
    "ancien.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "n’est pas accepté."),
}


def depot(monde: Monde) -> str:
    return reverse("livret:piece-create", args=[monde.a.situation.pk])


def joindre(monde: Monde, nom: str = "Sujet.pdf", contenu: bytes = PDF, annonce: str = "text/html"):
    fichier = SimpleUploadedFile(nom, contenu, content_type=annonce)
    return connecte(monde.a.enseignant).post(depot(monde), {"fichier": fichier})


def rangees() -> list[Path]:
    return [chemin for chemin in Path(settings.MEDIA_ROOT).rglob("*") if chemin.is_file()]


@pytest.mark.parametrize("nom", BONS)
def test_un_contenu_reconnu_donne_son_type(nom: str) -> None:
    assert type_verifie(BONS[nom], nom) == TYPES[nom.rpartition(".")[2].lower()]


@pytest.mark.parametrize("nom", REFUS)
def test_un_contenu_refuse_dit_pourquoi(nom: str) -> None:
    contenu, phrase = REFUS[nom]
    with pytest.raises(FichierRefuse) as refus:
        type_verifie(contenu, nom)
    assert nom in str(refus.value)
    assert phrase in str(refus.value)


def test_droits(monde: Monde) -> None:
    factories.piece(monde.b.situation, f"{INTRUS}.pdf")
    piece = factories.piece(monde.a.situation)
    retrait = reverse("livret:piece-delete", args=[piece.pk])
    assert statuts(monde, piece.get_absolute_url()) == EQUIPE_ET_ADMINISTRATION
    assert statuts(monde, depot(monde), "post") == EQUIPE_SEULE
    assert statuts(monde, retrait, "post") == EN_POST
    autre = PieceJointe.objects.get(situation=monde.b.situation)
    assert connecte(monde.a.enseignant).get(autre.get_absolute_url()).status_code == 404


def test_joindre_puis_telecharger(monde: Monde) -> None:
    avant = set(rangees())
    reponse = joindre(monde, "Sujet d’usinage.pdf")
    piece = PieceJointe.objects.get()
    assert reponse.url == monde.a.situation.get_absolute_url()
    assert (piece.nom, piece.type_mime, piece.taille, piece.auteur) == (
        "Sujet d’usinage.pdf",
        "application/pdf",
        len(PDF),
        monde.a.enseignant,
    )
    (range_sous,) = set(rangees()) - avant
    assert len(range_sous.name) == 32
    assert range_sous.suffix == ""
    assert "usinage" not in str(range_sous)
    recu = connecte(monde.a.administrateur).get(piece.get_absolute_url())
    assert recu.content == PDF
    assert recu["Content-Type"] == "application/pdf"
    assert recu["Content-Disposition"].startswith("attachment;")
    assert recu["X-Content-Type-Options"] == "nosniff"
    assert recu["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("nom", ["vide.pdf", "trop.pdf", "deguise.pdf", "image.pdf", "macros.docx"])
def test_un_refus_s_explique_sur_la_page_et_ne_range_rien(monde: Monde, nom: str) -> None:
    avant = rangees()
    reponse = joindre(monde, nom, REFUS[nom][0], annonce="application/pdf")
    assert reponse.status_code == 200
    (phrase,) = reponse.context["piece_form"].errors["fichier"]
    assert phrase in {f"« {nom} » {REFUS[nom][1]}", "Ce fichier est vide."} or REFUS[nom][1] in phrase
    assert not PieceJointe.objects.exists()
    assert rangees() == avant


def test_sans_fichier_on_dit_quoi_faire(monde: Monde) -> None:
    page = connecte(monde.a.enseignant).post(depot(monde)).content.decode()
    assert "Choisissez d’abord un fichier." in page


def test_un_nom_a_chemin_ou_a_balise_reste_un_nom(monde: Monde) -> None:
    joindre(monde, "../../etc/<b>plan</b>.pdf")
    nom = PieceJointe.objects.get().nom
    assert "/" not in nom
    assert "<" not in nom


def test_vingt_pieces_au_plus(monde: Monde) -> None:
    for rang in range(PIECES_MAX):
        factories.piece(monde.a.situation, f"{rang}.pdf")
    reponse = joindre(monde)
    assert "Une situation porte 20 pièces au plus" in reponse.content.decode()
    assert monde.a.situation.pieces.count() == 20


def test_retirer_efface_le_fichier_et_garde_la_trace(
    monde: Monde, django_capture_on_commit_callbacks
) -> None:
    piece = factories.piece(monde.a.situation)
    chemin = Path(piece.fichier.path)
    with django_capture_on_commit_callbacks(execute=True):
        connecte(monde.a.enseignant).post(reverse("livret:piece-delete", args=[piece.pk]))
    assert (chemin.exists(), PieceJointe.objects.exists()) == (False, False)
    trace = PieceJointe.history.first()
    assert (trace.history_type, trace.nom, trace.history_user) == ("-", "Sujet.pdf", monde.a.enseignant)


def test_supprimer_un_brouillon_emporte_ses_fichiers(
    monde: Monde, django_capture_on_commit_callbacks
) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, etat=Situation.Etat.BROUILLON)
    chemin = Path(factories.piece(scene).fichier.path)
    with django_capture_on_commit_callbacks(execute=True):
        scene.delete()
    assert not chemin.exists()


def test_une_situation_close_garde_ses_pieces(monde: Monde) -> None:
    piece = factories.piece(monde.a.situation)
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=Situation.Etat.CLOSE)
    joindre(monde)
    client = connecte(monde.a.enseignant)
    reponse = client.post(reverse("livret:piece-delete", args=[piece.pk]), follow=True)
    page = reponse.content.decode()
    assert "Cette situation est close" in page
    assert "Joindre le fichier" not in page
    assert list(PieceJointe.objects.all()) == [piece]
    assert client.get(piece.get_absolute_url()).status_code == 200


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    piece = factories.piece(monde.a.situation)
    page = monde.a.situation.get_absolute_url()
    assert requetes(lambda: client.get(piece.get_absolute_url())) == 4
    assert requetes(lambda: client.get(page)) == 19
    factories.piece(monde.a.situation, "Plan.pdf")
    assert requetes(lambda: client.get(page)) == 19
