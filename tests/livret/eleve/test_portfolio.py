"""Le portfolio : ce que l'élève dépose, relie, choisit et retire."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from livret.eleve.forms import portfolio as formulaire
from livret.models import Situation, Trace
from tests import factories
from tests.litanie import connecte, requetes, statuts
from tests.livret import photo
from tests.monde import INTRUS, Monde


def url(monde: Monde, rang: int = 0) -> str:
    return reverse("livret:portfolio", args=[monde.a.eleves[rang].pk])


def sienne(monde: Monde, texte: str = "Ma pièce", **champs: object) -> Trace:
    return factories.trace_d_eleve(monde.a.eleves[0], monde.a.compte_eleve, texte, **champs)


def action(trace: Trace, nom: str) -> str:
    return reverse(f"livret:portfolio-{nom}", args=[trace.pk])


def deposer(monde: Monde, **champs: object) -> object:
    return connecte(monde.a.compte_eleve).post(url(monde), champs, follow=True)


def test_droits(monde: Monde) -> None:
    lecture = {
        "administrateur": 200,
        "enseignant": 200,
        "collègue": 404,
        "élève": 200,
        "membre": 200,
        "président": 200,
        "ailleurs": 404,
    }
    assert statuts(monde, url(monde)) == lecture
    assert statuts(monde, url(monde, rang=1)) == {**lecture, "élève": 404}
    envoi = statuts(monde, url(monde), "post", {"texte": "essai"})
    assert envoi == {**dict.fromkeys(lecture, 404), "élève": 302}
    assert [trace.auteur for trace in Trace.objects.all()] == [monde.a.compte_eleve]


@pytest.mark.parametrize("nom", ["update", "dossier", "retrait"])
def test_nul_autre_ne_touche_a_sa_trace(monde: Monde, nom: str) -> None:
    adresse = action(sienne(monde), nom)
    for compte in (monde.a.administrateur, monde.a.enseignant, monde.a.membre):
        assert connecte(compte).post(adresse).status_code == 403
    assert connecte(monde.b.compte_eleve).post(adresse).status_code == 404


def test_un_texte_relie_a_tout(monde: Monde) -> None:
    Situation.objects.update(etat="publiee")
    pfmp = factories.pfmp(factories.periode(monde.a.classe), monde.a.eleves[0])
    c3 = monde.referentiel.competences.get(code="C3")
    page = deposer(
        monde,
        texte="J’ai réglé la butée.",
        competences=[c3.pk],
        situation=monde.a.situation.pk,
        pfmp=pfmp.pk,
        au_dossier="on",
    ).content.decode()
    (trace,) = Trace.objects.all()
    assert (trace.origine, trace.au_dossier, trace.situation, trace.pfmp) == (
        "eleve",
        True,
        monde.a.situation,
        pfmp,
    )
    assert [une.code for une in trace.competences.all()] == ["C3"]
    for attendu in ("J’ai réglé la butée.", "PFMP n° 1", "au dossier", "Étude de gamme A"):
        assert attendu in page
    assert "J’ai réglé la butée." in connecte(monde.a.enseignant).get(url(monde)).content.decode()


def test_une_photo_est_redessinee_sans_ce_qu_elle_cachait(monde: Monde) -> None:
    contenu = photo.jpeg()
    assert all(secret in contenu for secret in photo.SECRETS)
    deposer(monde, photo=SimpleUploadedFile("IMG_0042.jpg", contenu, "image/jpeg"))
    (trace,) = Trace.objects.all()
    garde = trace.fichier.read()
    assert [secret for secret in photo.SECRETS if secret in garde] == []
    with Image.open(BytesIO(garde)) as image:
        assert (image.format, image.size, len(image.getexif())) == ("JPEG", (900, 1200), 0)
    assert "IMG_0042" not in str(trace.fichier.name)


@pytest.mark.parametrize(
    ("nom", "contenu", "phrase"),
    [
        ("virus.exe", b"MZ\x90\x00", "« virus.exe » n’est pas accepté."),
        ("gamme.pdf", b"%PDF-" + b"0" * (10 * 1024 * 1024), "« gamme.pdf » dépasse 10 Mo."),
        ("plan.png", b"%PDF-1.7 essai", "ne correspond pas au contenu"),
        ("photo.jpg", photo.jpeg()[:200], "est abîmée"),
        ("photo.heic", b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "HEIC"),
    ],
)
def test_un_fichier_refuse_dit_pourquoi_et_garde_les_mots(
    monde: Monde, nom: str, contenu: bytes, phrase: str
) -> None:
    reponse = deposer(monde, fichier=SimpleUploadedFile(nom, contenu), texte="Mes mots restent")
    page = reponse.content.decode()
    assert reponse.status_code == 422
    assert phrase in page
    assert "Mes mots restent" in page
    assert Trace.objects.count() == 0


def test_rien_du_tout_est_refuse(monde: Monde) -> None:
    page = deposer(monde, texte="").content.decode()
    assert "Ajoutez une photo, un fichier ou quelques mots." in page
    trace = sienne(monde)
    reponse = connecte(monde.a.compte_eleve).post(action(trace, "update"), {"texte": ""})
    assert "Cette trace n’a que ses mots" in reponse.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        sienne(monde, texte="")


def test_un_portfolio_a_une_limite(monde: Monde, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formulaire, "TRACES_MAX", 1)
    sienne(monde)
    page = deposer(monde, texte="De trop").content.decode()
    assert "Un portfolio garde 1 traces au plus" in page
    assert Trace.objects.count() == 1


def test_les_liens_d_un_autre_sont_refuses(monde: Monde) -> None:
    Situation.objects.update(etat="publiee")
    autrui = factories.pfmp(factories.periode(monde.a.classe), monde.a.eleves[1])
    for lien in ({"situation": monde.b.situation.pk}, {"pfmp": autrui.pk}):
        page = deposer(monde, texte="Essai", **lien).content.decode()
        assert "Ce choix n’est pas dans votre livret" in page
        assert INTRUS not in page
    assert Trace.objects.count() == 0


def test_une_situation_non_publiee_ne_se_choisit_pas(monde: Monde) -> None:
    page = connecte(monde.a.compte_eleve).get(url(monde)).content.decode()
    assert monde.a.situation.intitule not in page


def test_choisir_modifier_retirer(monde: Monde) -> None:
    trace = sienne(monde)
    client = connecte(monde.a.compte_eleve)
    client.post(action(trace, "dossier"), {"au_dossier": "1"})
    client.post(action(trace, "update"), {"texte": "Ma pièce contrôlée", "au_dossier": "on"})
    trace.refresh_from_db()
    assert (trace.texte, trace.au_dossier) == ("Ma pièce contrôlée", True)
    pdf = client.get(reverse("livret:eleve-pdf", args=[monde.a.eleves[0].pk])).content
    assert "Ma pièce contrôlée" in "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    client.post(action(trace, "retrait"))
    trace.refresh_from_db()
    assert (trace.retiree_par, trace.au_dossier) == (monde.a.compte_eleve, False)
    client.get(url(monde))
    assert 'class="portfolio"' not in client.get(url(monde)).content.decode().split("Traces retirées")[0]
    assert client.get(action(trace, "update")).status_code == 404


def test_la_preuve_d_un_enseignant_attend_la_publication(monde: Monde) -> None:
    factories.trace_d_eleve(
        monde.a.eleves[0],
        monde.a.enseignant,
        "Relevé de l’enseignant",
        origine="enseignant",
        situation=monde.a.situation,
    )
    client = connecte(monde.a.compte_eleve)
    assert "Relevé de l’enseignant" not in client.get(url(monde)).content.decode()
    Situation.objects.update(etat="publiee")
    page = client.get(url(monde)).content.decode()
    assert "Relevé de l’enseignant" in page
    assert "Retirer" not in page


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.compte_eleve)
    sienne(monde)
    assert requetes(lambda: client.get(url(monde))) == 25
    for rang in range(3):
        trace = sienne(monde, f"Pièce {rang}")
        trace.competences.set(monde.referentiel.competences.filter(code="C1"))
        factories.trace_d_eleve(factories.eleve(monde.a.classe), monde.a.enseignant)
    assert requetes(lambda: client.get(url(monde))) == 25


def test_une_trace_qui_ne_montre_rien_le_dit(monde: Monde) -> None:
    trace = sienne(monde)
    client = connecte(monde.a.compte_eleve)
    reponse = client.post(action(trace, "dossier"), {"au_dossier": "1"}, follow=True)
    assert "ne montre encore aucune compétence" in reponse.content.decode()
    trace.competences.set(monde.referentiel.competences.filter(code="C1"))
    reponse = client.post(action(trace, "dossier"), {"au_dossier": "1"}, follow=True)
    assert "ira dans votre dossier" in reponse.content.decode()


def test_une_photo_retiree_s_efface_avec_son_fichier(
    monde: Monde, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[object]]]
) -> None:
    """L’élève, ce qu’il avait déposé et retiré ; son équipe et l’administrateur aussi."""
    a = monde.a
    for rang, qui in enumerate((a.compte_eleve, a.enseignant, a.administrateur)):
        deposer(monde, photo=SimpleUploadedFile(f"piece-{rang}.jpg", photo.jpeg(), "image/jpeg"))
        trace = Trace.objects.latest("pk")
        fichiers = [(un.storage, un.name) for un in (trace.fichier, trace.miniature)]
        assert connecte(qui).post(action(trace, "effacer")).status_code == 404  # pas encore retirée
        connecte(a.compte_eleve).post(action(trace, "retrait"))
        assert "Effacer pour toujours" in connecte(qui).get(url(monde)).content.decode()
        for autre, statut in ((a.collegue, 404), (monde.b.compte_eleve, 404), (monde.b.administrateur, 404)):
            assert connecte(autre).post(action(trace, "effacer")).status_code == statut
        assert all(stockage.exists(nom) for stockage, nom in fichiers)
        with django_capture_on_commit_callbacks(execute=True):
            assert "est effacée" in connecte(qui).post(action(trace, "effacer"), follow=True).content.decode()
        assert not any(stockage.exists(nom) for stockage, nom in fichiers)
        assert not Trace.objects.filter(pk=trace.pk).exists()
        assert {(une.texte, une.nom, une.fichier) for une in Trace.history.filter(id=trace.pk)} == {
            ("", "", "")
        }


def test_l_enseignant_d_une_classe_passee_n_efface_plus_rien(monde: Monde) -> None:
    a = monde.a
    trace = sienne(monde, origine="enseignant", situation=a.situation)
    trace.retirer(a.enseignant, timezone.now())
    suivante = factories.promotion(a.etablissement, monde.referentiel, a.promotion.option.code, session=2027)
    factories.classe(suivante, [a.collegue]).scolarites.create(eleve=a.eleves[0])
    assert "Effacer pour toujours" not in connecte(a.enseignant).get(url(monde)).content.decode()
    assert connecte(a.enseignant).post(action(trace, "effacer")).status_code == 404
    assert connecte(a.collegue).post(action(trace, "effacer")).status_code == 302


def test_l_eleve_n_efface_pas_la_preuve_d_un_enseignant(monde: Monde) -> None:
    trace = sienne(monde, origine="enseignant", situation=monde.a.situation)
    trace.retirer(monde.a.enseignant, timezone.now())
    assert connecte(monde.a.compte_eleve).post(action(trace, "effacer")).status_code == 404
    assert connecte(monde.a.enseignant).post(action(trace, "effacer")).status_code == 302
    assert not Trace.objects.exists()
