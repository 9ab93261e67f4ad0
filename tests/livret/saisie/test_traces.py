"""Les preuves : une photo, un fichier, quelques mots, sur une case ou sur la fiche d'un élève."""

import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from livret.models import Situation, Trace
from livret.saisie.forms.trace import TRACES_MAX
from livret.synthese.livrets import passages
from tests import factories
from tests.litanie import (
    COMMISSION_QUI_SIEGE,
    EQUIPE_ET_ADMINISTRATION,
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.livret.photo import (
    HAUTEUR,
    LARGEUR,
    SECRETS,
    jpeg,
)
from tests.livret.saisie.test_grille import case
from tests.monde import INTRUS, Monde
from trpm.permissions import Action

PDF = b"%PDF-1.7\ngamme"
EN_POST = {nom: 302 if code == 200 else code for nom, code in EQUIPE_SEULE.items()}
HTMX = {"HX-Request": "true"}


def fiche(monde: Monde, rang: int = 0) -> str:
    return reverse("livret:trace-create", args=[monde.a.situation.pk, monde.a.eleves[rang].pk])


def colonne(monde: Monde, code: str) -> str:
    return case(monde, code, monde.a.eleves[0]).partition("-")[0]


def ajouter(monde: Monde, contenu: bytes = b"", nom: str = "vue.jpg", **champs: str) -> HttpResponse:
    donnees = {**champs, "fichier": SimpleUploadedFile(nom, contenu)} if contenu else champs
    return connecte(monde.a.enseignant).post(fiche(monde), donnees)


def passer(monde: Monde, etat: str) -> None:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=etat)


def rangees() -> list[Path]:
    return [chemin for chemin in Path(settings.MEDIA_ROOT).rglob("*") if chemin.is_file()]


# --- Le modèle --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "champs",
    [
        {"texte": ""},
        {"texte": "", "fichier": "traces/x"},
        {"situation": None},
        {"retiree_le": timezone.now()},
        {"au_dossier": True, "retiree_le": timezone.now(), "retiree_par": "enseignant"},
        {"competence": "C1", "detaillee": "C1.1"},
    ],
    ids=["vide", "sans empreinte", "sans situation", "retrait anonyme", "retirée imprimée", "deux cases"],
)
def test_la_base_refuse_une_trace_sans_sens(monde: Monde, champs: dict) -> None:
    scene = monde.a.situation
    cibles = {
        "retiree_par": monde.a.enseignant,
        "competence": scene.competences.get(code="C1"),
        "detaillee": scene.detaillees.get(code="C1.1"),
    }
    champs = {nom: cibles.get(nom, valeur) if valeur else valeur for nom, valeur in champs.items()}
    commun = {"eleve": monde.a.eleves[0], "auteur": monde.a.enseignant, "origine": "enseignant"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Trace.objects.create(**{"situation": scene, "texte": "Vu.", **commun, **champs})


def test_l_eleve_voit_les_siennes_et_celles_d_une_situation_visible(monde: Monde) -> None:
    """Q36 : rien d'un enseignant avant la publication, ni avant la date annoncée, ni une fois retiré."""
    camille, dominique = monde.a.eleves
    scene, compte = monde.a.situation, monde.a.compte_eleve
    lue = factories.trace(scene, camille)
    retiree = factories.trace(scene, camille)
    retiree.retirer(monde.a.enseignant, timezone.now())
    sienne = factories.trace(None, camille, auteur=compte, origine="eleve")
    factories.trace(scene, dominique)

    def vues() -> set[Trace]:
        return set(Trace.objects.for_user(compte, Action.VOIR_LIVRET))

    assert vues() == {sienne}
    passer(monde, "publiee")
    assert vues() == {lue, sienne}
    Situation.objects.filter(pk=scene.pk).update(
        visible_des=timezone.localdate() + datetime.timedelta(days=1)
    )
    assert vues() == {sienne}


def test_l_equipe_lit_celles_de_ses_eleves_et_modifie_celles_de_ses_situations(monde: Monde) -> None:
    ici = factories.trace(monde.a.situation, monde.a.eleves[0])
    sienne = factories.trace(None, monde.a.eleves[0], auteur=monde.a.compte_eleve, origine="eleve")
    factories.trace(monde.b.situation, monde.b.eleves[0], texte=INTRUS)
    enseignant = monde.a.enseignant
    assert set(Trace.objects.for_user(enseignant, Action.VOIR_LIVRET)) == {ici, sienne}
    assert set(Trace.objects.for_user(enseignant, Action.EVALUER)) == {ici}
    assert not Trace.objects.for_user(monde.a.collegue, Action.VOIR_LIVRET).exists()


def test_une_situation_ou_un_eleve_qui_porte_une_preuve_ne_se_supprime_pas(monde: Monde) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, competences=["C1"])
    eleve = factories.eleve(monde.a.classe)
    factories.trace(scene, eleve)
    assert scene.porte() == "1 preuve"
    assert eleve.scolarites.get().saisies() == 1
    eleve.scolarites.update(sortie=datetime.date(2026, 1, 5))
    assert eleve in scene.eleves()


# --- La fiche ---------------------------------------------------------------------------------


def test_droits(monde: Monde) -> None:
    factories.trace(monde.b.situation, monde.b.eleves[0], texte=INTRUS)
    trace = factories.photo(monde.a.situation, monde.a.eleves[0], jpeg((40, 30)))
    lecture = {**EQUIPE_ET_ADMINISTRATION, **COMMISSION_QUI_SIEGE, "élève": 404}
    assert statuts(monde, fiche(monde)) == EQUIPE_ET_ADMINISTRATION
    assert statuts(monde, fiche(monde), "post", {"texte": "Vu."}) == EN_POST
    for nom in ("trace", "trace-miniature"):
        assert statuts(monde, reverse(f"livret:{nom}", args=[trace.pk])) == lecture
    for nom in ("trace-dossier", "trace-retrait"):
        assert statuts(monde, reverse(f"livret:{nom}", args=[trace.pk]), "post") == EN_POST
    ailleurs = reverse("livret:trace-create", args=[monde.a.situation.pk, monde.b.eleves[0].pk])
    assert connecte(monde.a.enseignant).get(ailleurs).status_code == 404


def test_une_photo_sur_une_case(monde: Monde) -> None:
    avant = set(rangees())
    reponse = ajouter(monde, jpeg(), "IMG 0042.HEIC", case=colonne(monde, "C1.1"), texte="Prise d’origine")
    assert reponse.url == fiche(monde)
    trace = Trace.objects.get()
    contenu = trace.fichier.read()
    assert (trace.eleve, trace.situation, trace.case) == (monde.a.eleves[0], monde.a.situation, "C1.1")
    assert (trace.auteur, trace.origine, trace.texte) == (monde.a.enseignant, "enseignant", "Prise d’origine")
    assert (trace.nom, trace.type_mime) == ("IMG 0042.jpg", "image/jpeg")
    assert (trace.largeur, trace.hauteur, trace.au_dossier) == (HAUTEUR, LARGEUR, False)
    assert (trace.taille, trace.empreinte) == (len(contenu), sha256(contenu).hexdigest())
    neufs = set(rangees()) - avant
    assert {(len(chemin.name), chemin.suffix) for chemin in neufs} == {(32, "")}
    for chemin in neufs:
        octets = chemin.read_bytes()
        assert [secret for secret in (*SECRETS, b"Exif") if secret in octets] == []


def test_l_image_s_affiche_et_le_fichier_s_enregistre(monde: Monde) -> None:
    client = connecte(monde.a.administrateur)
    photo = factories.photo(monde.a.situation, monde.a.eleves[0], jpeg((40, 30)))
    papier = factories.trace(monde.a.situation, monde.a.eleves[0], PDF)
    vue, lue = client.get(photo.get_absolute_url()), client.get(papier.get_absolute_url())
    apercu = client.get(reverse("livret:trace-miniature", args=[photo.pk]))
    assert (vue["Content-Type"], apercu["Content-Type"], lue["Content-Type"]) == (
        "image/jpeg",
        "image/jpeg",
        "application/pdf",
    )
    assert vue["Content-Disposition"].startswith("inline")
    assert lue["Content-Disposition"].startswith("attachment;")
    assert lue.content == PDF
    for reponse in (vue, lue, apercu):
        assert reponse["X-Content-Type-Options"] == "nosniff"
        assert reponse["Cache-Control"] == "private, no-store"
    assert client.get(reverse("livret:trace-miniature", args=[papier.pk])).status_code == 404
    mots = factories.trace(monde.a.situation, monde.a.eleves[0])
    assert client.get(mots.get_absolute_url()).status_code == 404


def test_un_pdf_sur_la_fiche_et_quelques_mots_sur_une_competence(monde: Monde) -> None:
    ajouter(monde, PDF, "Gamme.pdf", au_dossier="on")
    ajouter(monde, texte="Explique sa gamme sans notes.", case=colonne(monde, "C1"))
    papier, mots = Trace.objects.all()
    assert (papier.nom, papier.type_mime, papier.case, papier.au_dossier) == (
        "Gamme.pdf",
        "application/pdf",
        "",
        True,
    )
    assert (mots.case, mots.fichier.name, mots.taille) == ("C1", "", 0)


@pytest.mark.parametrize(
    ("contenu", "nom", "phrase"),
    [
        (b"", "", "Ajoutez une photo, un fichier ou quelques mots."),
        (b"<script>alert(1)</script>", "a.jpg", "« a.jpg » n’est pas accepté."),
        (jpeg()[:-2000], "a.jpg", "« a.jpg » est abîmée et ne se lit pas"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "a.heic", "« a.heic » est une image HEIC"),
        (PDF.ljust(10 * 1024**2 + 1), "gros.pdf", "« gros.pdf » dépasse 10 Mo."),
        (jpeg().ljust(10 * 1024**2 + 1), "grosse.jpg", "« grosse.jpg » dépasse 10 Mo."),
        (PDF, "gamme.docx", "ne correspond pas au contenu, qui est du pdf"),
    ],
)
def test_un_refus_s_explique_et_ne_range_rien(monde: Monde, contenu: bytes, nom: str, phrase: str) -> None:
    avant = rangees()
    reponse = ajouter(monde, contenu, nom)
    assert reponse.status_code == 200
    fautes = [faute for groupe in reponse.context["form"].errors.values() for faute in groupe]
    assert len(fautes) == 1
    assert phrase in fautes[0]
    assert (Trace.objects.count(), rangees()) == (0, avant)


def test_un_refus_garde_la_legende_et_la_case(monde: Monde) -> None:
    reponse = ajouter(monde, b"rien", "a.jpg", texte="Mors doux", case=colonne(monde, "C1.1"))
    page = reponse.content.decode()
    assert "Mors doux</textarea>" in page
    assert f'<option value="{colonne(monde, "C1.1")}" selected>' in page


def test_photo_ou_fichier_pas_les_deux(monde: Monde) -> None:
    donnees = {nom: SimpleUploadedFile("a.jpg", jpeg((40, 30))) for nom in ("photo", "fichier")}
    reponse = connecte(monde.a.enseignant).post(fiche(monde), donnees)
    assert reponse.context["form"].errors["fichier"] == [
        "Une preuve à la fois : gardez la photo ou le fichier."
    ]
    ajoutee = {"photo": SimpleUploadedFile("image", jpeg((40, 30)))}
    assert connecte(monde.a.enseignant).post(fiche(monde), ajoutee).status_code == 302
    assert Trace.objects.get().nom == "image.jpg"


def test_une_case_hors_de_la_grille_est_refusee(monde: Monde) -> None:
    for intruse in ("d999999", colonne(monde, "C5.1"), "commentaire", "<b>"):
        reponse = ajouter(monde, texte="Vu.", case=intruse)
        assert reponse.context["form"].errors["case"] == ["Cette case n’est pas dans la grille de cet élève."]
    assert not Trace.objects.exists()


def test_trente_preuves_au_plus(monde: Monde) -> None:
    for _ in range(TRACES_MAX):
        factories.trace(monde.a.situation, monde.a.eleves[0])
    assert "Une fiche porte 30 preuves au plus" in ajouter(monde, texte="Vu.").content.decode()


@pytest.mark.parametrize("etat", ["brouillon", "close"])
def test_une_situation_fermee_ne_recoit_ni_ne_perd_rien(monde: Monde, etat: str) -> None:
    trace = factories.trace(monde.a.situation, monde.a.eleves[0])
    passer(monde, etat)
    page = ajouter(monde, texte="Trop tard.").content.decode()
    assert "On n’ajoute et ne retire une preuve que dans une situation ouverte ou publiée." in page
    assert "Vous aviez écrit « Trop tard. »." in page
    retrait = reverse("livret:trace-retrait", args=[trace.pk])
    suite = connecte(monde.a.enseignant).post(retrait, follow=True).content.decode()
    assert "On n’ajoute et ne retire une preuve" in suite
    assert list(Trace.objects.gardees()) == [trace]


def test_choisir_ce_qui_s_imprime_meme_close(monde: Monde) -> None:
    trace = factories.trace(monde.a.situation, monde.a.eleves[0])
    passer(monde, "close")
    adresse = reverse("livret:trace-dossier", args=[trace.pk])
    client = connecte(monde.a.enseignant)
    page = client.post(adresse, {"au_dossier": "on"}, follow=True).content.decode()
    assert "« Vu à l’atelier. » s’imprimera dans le dossier de l’épreuve." in page
    assert Trace.objects.get().au_dossier
    client.post(adresse)
    assert not Trace.objects.get().au_dossier


def test_retirer_archive_sans_effacer(monde: Monde) -> None:
    trace = factories.photo(monde.a.situation, monde.a.eleves[0], jpeg((40, 30)), au_dossier=True)
    chemin = Path(trace.fichier.path)
    client = connecte(monde.a.enseignant)
    page = client.post(reverse("livret:trace-retrait", args=[trace.pk]), follow=True).content.decode()
    assert "« photo.jpg » est retirée de la fiche." in page
    trace.refresh_from_db()
    assert (trace.retiree_par, trace.au_dossier, chemin.exists()) == (monde.a.enseignant, False, True)
    assert [(une.history_type, une.history_user) for une in Trace.history.all()] == [
        ("~", monde.a.enseignant),
        ("+", None),
    ]
    assert client.post(reverse("livret:trace-retrait", args=[trace.pk])).status_code == 404
    assert passages(monde.a.eleves[0])[0].traces == ()


def test_depuis_la_grille_seule_la_case_se_redessine(monde: Monde) -> None:
    factories.trace(monde.a.situation, monde.a.eleves[0], texte="Sur la fiche")
    cle = colonne(monde, "C1.1")
    client = connecte(monde.a.enseignant)
    envoi = {"texte": "Sur la case", "case": cle, "vue": cle}
    page = client.post(fiche(monde), envoi, headers=HTMX).content.decode()
    assert "La preuve est ajoutée." in page
    assert ("Sur la case" in page, "Sur la fiche" in page, "<html" in page) == (True, False, False)
    assert f'<template data-cle="{case(monde, "C1.1", monde.a.eleves[0])}">' in page
    assert "1 preuve" in page
    entiere = client.get(fiche(monde), headers=HTMX).content.decode()
    assert ("Sur la case" in entiere, "Sur la fiche" in entiere) == (False, True)


def test_une_case_qui_porte_une_preuve_le_montre(monde: Monde) -> None:
    eleve = monde.a.eleves[0]
    detaillee = monde.a.situation.detaillees.get(code="C1.1")
    factories.trace(monde.a.situation, eleve, detaillee=detaillee)
    factories.trace(monde.a.situation, eleve)
    factories.trace(monde.a.situation, eleve)
    factories.trace(monde.a.situation, eleve).retirer(monde.a.enseignant, timezone.now())
    page = connecte(monde.a.enseignant).get(reverse("livret:grille", args=[monde.a.situation.pk]))
    html = page.content.decode()
    assert html.count('class="signe-preuve"') == 1
    assert f'aria-describedby="m-{case(monde, "C1.1", eleve)}"' in html
    assert '<span class="visually-hidden">1 preuve</span>' in html
    assert "Fiche (2)" in html


def test_la_preuve_au_livret(monde: Monde) -> None:
    """À la page et dans le PDF, pour l'équipe d'abord, pour l'élève une fois la situation visible."""
    eleve = monde.a.eleves[0]
    factories.photo(monde.a.situation, eleve, jpeg((400, 300)), texte="Mors doux en place")
    factories.trace(monde.b.situation, monde.b.eleves[0], texte=INTRUS)
    pages = [reverse(f"livret:{nom}", args=[eleve.pk]) for nom in ("eleve", "eleve-pdf")]

    def lue(compte: object) -> list[bool]:
        html, imprime = (connecte(compte).get(page) for page in pages)
        return ["Mors doux en place" in html.content.decode(), b"/DCTDecode" in imprime.content]

    assert lue(monde.a.enseignant) == [True, True]
    assert lue(monde.a.compte_eleve) == [False, False]
    passer(monde, "publiee")
    assert lue(monde.a.compte_eleve) == [True, True]


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    trace = factories.photo(monde.a.situation, monde.a.eleves[0], jpeg((40, 30)))
    assert requetes(lambda: client.get(trace.get_absolute_url())) == 5
    assert requetes(lambda: client.get(fiche(monde))) == 15
    for _ in range(3):
        factories.trace(monde.a.situation, monde.a.eleves[0])
        factories.eleve(monde.a.classe)
    assert requetes(lambda: client.get(fiche(monde))) == 15
