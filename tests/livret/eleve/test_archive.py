"""L'élève emporte tout ce qui le concerne, et rien d'autre."""

import json
from io import BytesIO
from zipfile import ZipFile

from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from livret.models import Situation
from tests import factories
from tests.litanie import connecte, requetes, statuts
from tests.monde import INTRUS, Monde


def url(monde: Monde, rang: int = 0) -> str:
    return reverse("livret:eleve-archive", args=[monde.a.eleves[rang].pk])


def ouvrir(client: Client, adresse: str) -> ZipFile:
    reponse = client.get(adresse)
    assert reponse["Content-Type"] == "application/zip"
    assert reponse["Cache-Control"] == "private, no-store"
    return ZipFile(BytesIO(reponse.getvalue()))


def remplir(monde: Monde) -> None:
    """Une année d'élève, pour lui et pour son voisin, et une commission qui a proposé une note."""
    Situation.objects.update(etat="publiee")
    for eleve, mot in zip(monde.a.eleves, ("Camille", "Dominique"), strict=True):
        factories.autoevaluation(eleve, "C1", 3)
        factories.demande(eleve, monde.a.classe).traiter(monde.a.enseignant, timezone.now(), f"Oui {mot}")
        factories.trace_d_eleve(
            eleve,
            monde.a.enseignant,
            f"Pièce de {mot}",
            fichier=ContentFile(f"%PDF relevé de {mot}".encode(), "x"),
            nom=f"Relevé {mot}.pdf",
            type_mime="application/pdf",
            taille=22,
            empreinte="0" * 64,
        )
    for dossier in monde.a.dossiers:
        factories.note(dossier, "17.50")
        factories.observations(dossier, "Confidentiel")


def test_droits(monde: Monde) -> None:
    attendus = {
        "administrateur": 200,
        "enseignant": 403,
        "collègue": 403,
        "élève": 200,
        "membre": 403,
        "président": 403,
        "ailleurs": 403,
    }
    assert statuts(monde, url(monde)) == attendus
    assert statuts(monde, url(monde, rang=1)) == {**attendus, "élève": 404}


def test_le_zip_contient_le_livret_les_donnees_et_ses_fichiers(monde: Monde) -> None:
    remplir(monde)
    archive = ouvrir(connecte(monde.a.compte_eleve), url(monde))
    fichiers = sorted(archive.namelist())
    assert fichiers[1:] == ["livret.json", "livret.pdf"]
    assert fichiers[0].startswith("fichiers/")
    assert fichiers[0].endswith("-Relevé Camille.pdf")
    assert archive.read(fichiers[0]) == "%PDF relevé de Camille".encode()
    assert "ALPHA-A1" in PdfReader(BytesIO(archive.read("livret.pdf"))).pages[0].extract_text()


def test_les_donnees_suivent_le_format_annonce(monde: Monde) -> None:
    remplir(monde)
    donnees = json.loads(ouvrir(connecte(monde.a.compte_eleve), url(monde)).read("livret.json"))
    assert list(donnees) == [
        "format",
        "version",
        "edite_le",
        "eleve",
        "parcours",
        "pfmp",
        "echelle",
        "competences",
        "avant",
        "situations",
        "autoevaluations",
        "demandes",
        "portfolio",
        "bilans",
    ]
    assert (donnees["format"], donnees["version"]) == ("trpm-livret-eleve", 1)
    (classe,) = donnees["parcours"]
    assert classe.pop("diplome")["code"] == monde.referentiel.code
    assert classe == {"annee": "2025-2026", "classe": "Tle A", "niveau": "Tle", "sortie": None}
    assert donnees["avant"] == []
    assert donnees["competences"][0] | {"evolution": []} == {
        "bloc": "BC01",
        "epreuve": "EP1",
        "code": "C1",
        "intitule": "Lire un plan",
        "meilleur_niveau": "2",
        "preuve": {
            "date": "2026-03-13",
            "situation": "Étude de gamme A",
            "lieu": "centre de formation",
            "evaluateur": "Enseignant-A Personne-A",
        },
        "attendu": None,
        "position": "sans attente",
        "evolution": [],
    }
    assert [une.pop("diplome")["code"] for une in donnees["situations"]] == [monde.referentiel.code]
    assert donnees["situations"] == [
        {
            "intitule": "Étude de gamme A",
            "nature": "certificative",
            "lieu": "centre de formation",
            "du": "2026-03-09",
            "au": "2026-03-13",
            "niveaux": [
                {"competence": "C1", "niveau": "2", "mention": ""},
                {"competence": "C2", "niveau": "3", "mention": ""},
            ],
            "details": [{"competence_detaillee": "C1.1", "niveau": "2", "mention": ""}],
            "remarques": [],
            "commentaire": "Gamme cohérente",
        }
    ]
    assert donnees["autoevaluations"] == [
        {
            "competence": "C1",
            "diplome": monde.referentiel.code,
            "niveau": "3",
            "date": "2026-04-02",
            "situation": None,
        }
    ]
    assert donnees["demandes"][0]["reponse"] == "Oui Camille"
    assert donnees["portfolio"][0]["texte"] == "Pièce de Camille"


def test_ni_un_autre_eleve_ni_une_note(monde: Monde) -> None:
    """Les octets de chaque pièce du zip, texte du PDF compris."""
    remplir(monde)
    archive = ouvrir(connecte(monde.a.compte_eleve), url(monde))
    pdf = "".join(page.extract_text() for page in PdfReader(BytesIO(archive.read("livret.pdf"))).pages)
    lu = "\n".join(
        [pdf, *archive.namelist(), *(archive.read(nom).decode("latin-1") for nom in archive.namelist())]
    )
    lu += archive.read("livret.json").decode()
    for interdit in ("Dominique", "ALPHA-A2", INTRUS, "17.5", "17,5", "Confidentiel", "/ 20", '"note'):
        assert interdit not in lu


def test_l_administrateur_exporte_ce_que_voit_l_eleve(monde: Monde) -> None:
    client = connecte(monde.a.administrateur)
    donnees = json.loads(ouvrir(client, url(monde)).read("livret.json"))
    assert donnees["situations"] == []
    assert donnees["competences"][0]["meilleur_niveau"] is None
    archive = ouvrir(client, url(monde))
    pdf = "".join(page.extract_text() for page in PdfReader(BytesIO(archive.read("livret.pdf"))).pages)
    assert "Étude de gamme A" not in pdf


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.compte_eleve)
    remplir(monde)
    assert requetes(lambda: client.get(url(monde)).getvalue()) == 55
    for rang in range(3):
        factories.trace_d_eleve(monde.a.eleves[0], monde.a.compte_eleve, f"Pièce {rang}")
        factories.autoevaluation(monde.a.eleves[0], "C2", rang, f"2026-04-0{rang + 1}")
        factories.eleve(monde.a.classe)
    assert requetes(lambda: client.get(url(monde)).getvalue()) == 55


def test_les_bilans_valides_en_font_partie(monde: Monde) -> None:
    for eleve in monde.a.eleves:
        factories.bilan(eleve, monde.a.enseignant, "valide", semestre=5)
    factories.bilan(monde.a.eleves[0], monde.a.enseignant, "prepare", objectifs="Pas encore lu.")
    archive = ouvrir(connecte(monde.a.compte_eleve), url(monde))
    (bilan,) = json.loads(archive.read("livret.json"))["bilans"]
    fige = monde.a.eleves[0].bilans.valides().get()
    assert bilan["empreinte_sha256"] == fige.empreinte
    assert bilan["contenu"] == json.loads(fige.contenu)
    assert [nom for nom in archive.namelist() if nom.startswith("bilans/")] == [
        "bilans/Bilan du semestre 5, ALPHA-A1 Camille.pdf"
    ]
    assert "Pas encore lu." not in archive.read("livret.json").decode()
