"""CASE 1.1 en sortie et en entrée, CSV de Moodle en sortie et en entrée."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator

from referentiel.echange.case import CadreCase
from referentiel.echange.case_recu import reprise_de_case
from referentiel.echange.moodle import COLONNES, csv_de, reprise_de_csv
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.importation import importer
from referentiel.fichier.lecture import lire_texte
from referentiel.models import ImportReferentiel, Referentiel
from tests.litanie import requetes
from tests.referentiel.texte import texte

ICI = Path(__file__)
DEMO = ICI.with_name("demo.json").read_text(encoding="utf-8")
FORMES = json.loads(ICI.with_name("case-1.1.schema.json").read_text(encoding="utf-8"))
FICHIERS = [ICI.with_name("demo.json"), *sorted(ICI.parents[2].glob("fixtures/*.json"))]


def conforme(forme, contenu):
    schema = {"$ref": f"#/$defs/{forme}", "$defs": FORMES["$defs"]}
    return [erreur.message for erreur in Draft202012Validator(schema).iter_errors(contenu)]


def cadre(document):
    return CadreCase(document, "2026-01-02T03:04:05Z", "https://exemple.fr")


@pytest.mark.parametrize("fichier", FICHIERS, ids=lambda chemin: chemin.stem)
def test_le_paquet_a_les_formes_publiees_et_se_relit(fichier):
    document = lire_texte(fichier.read_text(encoding="utf-8")).brut
    paquet = cadre(document).paquet()
    assert conforme("CFPackage", json.loads(json.dumps(paquet))) == []
    idents = [
        un["identifier"] for un in (*paquet["CFItems"], *paquet["CFAssociations"], paquet["CFDocument"])
    ]
    assert len(set(idents)) == len(idents)
    reprise = reprise_de_case(paquet)
    relu = lire_texte(ecrire(reprise.brut)).brut
    for partie in ("code", "version", "intitule"):
        assert relu[partie] == document[partie]
    assert _squelette(relu["competences"]) == _squelette(document["competences"])
    for partie in ("savoirs", "activites"):
        assert [un["intitule"] for un in relu.get(partie, [])] == [
            un["intitule"] for un in document.get(partie, [])
        ]
    assert "ni option, ni épreuve, ni grille" in reprise.remarques[0]


def _squelette(elements):
    return [
        (
            un["code"],
            un["intitule"],
            un.get("option"),
            [indicateur["intitule"] for indicateur in un.get("indicateurs", [])],
            _squelette(un.get("detaillees", [])),
        )
        for un in elements
    ]


def test_les_adresses_publiques(db):
    importer(lire_texte(DEMO))
    client = Client()

    def lire(chemin, statut=200):
        reponse = client.get(f"/ims/case/v1p1/{chemin}")
        assert (chemin, reponse.status_code) == (chemin, statut)
        assert reponse["Content-Type"] == "application/json"
        return reponse.json()

    documents = lire("CFDocuments")
    assert conforme("CFDocumentSet", documents) == []
    ident = documents["CFDocuments"][0]["identifier"]
    assert conforme("CFDocument", lire(f"CFDocuments/{ident}")) == []
    paquet = lire(f"CFPackages/{ident}")
    assert conforme("CFPackage", paquet) == []
    element = paquet["CFItems"][0]
    assert (element["humanCodingScheme"], element["fullStatement"]) == ("CP01", "Accueillir")
    assert conforme("CFItem", lire(f"CFItems/{element['identifier']}")) == []
    assert (
        conforme("CFAssociation", lire(f"CFAssociations/{paquet['CFAssociations'][0]['identifier']}")) == []
    )
    siennes = lire(f"CFItemAssociations/{element['identifier']}")
    assert conforme("CFAssociationSet", siennes) == []
    assert {une["associationType"] for une in siennes["CFAssociations"]} == {"isChildOf", "isRelatedTo"}
    assert conforme("CFItemTypeSet", lire(f"CFItemTypes/{element['CFItemTypeURI']['identifier']}")) == []
    for lien in (element["uri"], paquet["CFDocument"]["uri"], element["CFItemTypeURI"]["uri"]):
        assert client.get(lien.replace("http://testserver", "")).status_code == 200
    assert conforme("StatusInfo", lire("CFItems/pas-un-uuid", 404)) == []
    assert conforme("StatusInfo", lire("CFItems/00000000-0000-4000-8000-000000000000", 404)) == []
    assert lire("CFDocuments?limit=0")["CFDocuments"] == []
    assert client.post("/ims/case/v1p1/CFDocuments").status_code == 405
    importer(
        lire_texte(DEMO.replace('"version": "1",\n  "intitule": "Dip', '"version": "2",\n  "intitule": "Dip'))
    )
    assert len(lire("CFDocuments")["CFDocuments"]) == 2
    assert requetes(lambda: client.get("/ims/case/v1p1/CFDocuments")) == 2


def test_un_paquet_d_ailleurs_dit_ce_qu_il_laisse():
    def noeud(ident):
        return {"title": ident, "identifier": ident, "uri": f"urn:{ident}"}

    def lien(origine, cible, sorte="isChildOf", rang=None):
        un = {"associationType": sorte, "originNodeURI": noeud(origine), "destinationNodeURI": noeud(cible)}
        return un | ({} if rang is None else {"sequenceNumber": rang})

    elements = [
        {"identifier": "a", "fullStatement": "Usiner <b>juste</b>", "humanCodingScheme": "U 1"},
        {"identifier": "b", "fullStatement": "Régler", "humanCodingScheme": "U 1", "educationLevel": ["11"]},
        {"identifier": "c", "fullStatement": "Détail"},
        {"identifier": "d", "fullStatement": "Sous-détail"},
        {"identifier": "e", "fullStatement": "Trop profond"},
    ]
    associations = [
        lien("b", "doc", rang=2),
        lien("a", "doc", rang=1),
        lien("c", "a"),
        lien("d", "c"),
        lien("e", "d"),
        lien("e", "a"),
        lien("a", "b", "precedes"),
    ]
    document = {
        "identifier": "doc",
        "title": "Cadre d’ailleurs",
        "lastChangeDateTime": "2024-05-06T00:00:00Z",
    }
    brut = {"CFDocument": document, "CFItems": elements, "CFAssociations": associations, "CFRubrics": [{}]}
    reprise = reprise_de_case({"CFPackage": brut})
    relu = lire_texte(ecrire(reprise.brut)).brut
    assert (relu["code"], relu["version"]) == ("Cadre-dailleurs", "2024-05-06")
    assert [(un["code"], un["intitule"]) for un in relu["competences"]] == [
        ("U-1", "Usiner juste"),
        ("U-1-2", "Régler"),
    ]
    dites = [remarque.replace("\xa0", " ") for remarque in reprise.remarques[1:]]
    assert dites == [
        "CFItem Trop profond : un second parent n’a pas de place ici : laissé de côté.",
        "CFItem U 1 : l’association « precedes » n’a pas de place ici : laissée de côté.",
        "CFItem U 1 : « educationLevel » n’a pas de place ici : laissé de côté.",
        "CFRubrics : n’a pas de place ici : laissé de côté.",
        "CFItem U 1 : le code « U 1 » devient « U-1 ».",
        "CFItem U 1 : le code « U 1 » devient « U-1 ».",
        "CFItem U 1 : le code « U-1 » est déjà pris : il devient « U-1-2 ».",
        "CFItem Détail : sans code, il reçoit « U-1.1 ».",
        "CFItem Sous-détail : sans code, il reçoit « U-1.1.1 ».",
        "CFItem Trop profond : plus de deux niveaux sous une compétence : laissé de côté.",
    ]
    boucle = {
        "CFDocument": document,
        "CFItems": elements[:2],
        "CFAssociations": [lien("a", "b"), lien("b", "a")],
    }
    with pytest.raises(FichierInvalide, match="ne décrit aucune compétence"):
        reprise_de_case(boucle)


@pytest.mark.parametrize("fichier", FICHIERS, ids=lambda chemin: chemin.stem)
def test_le_csv_de_moodle_a_ses_colonnes_et_se_relit(fichier):
    document = lire_texte(fichier.read_text(encoding="utf-8")).brut
    ecrit = csv_de(document)
    lignes = list(csv.reader(io.StringIO(ecrit, newline="")))
    assert lignes[0] == [
        "Parent ID number",
        "ID number",
        "Short name",
        "Description",
        "Description format",
        "Scale values",
        "Scale configuration",
        "Rule type (optional)",
        "Rule outcome (optional)",
        "Rule config (optional)",
        "Cross-referenced competency ID numbers",
        "Exported ID (optional)",
        "Is framework",
        "Taxonomy",
    ]
    idents = [ligne[1] for ligne in lignes[1:]]
    assert len(set(idents)) == len(idents)
    assert max(len(ligne[2]) for ligne in lignes) <= 100
    assert {ligne[0] for ligne in lignes[2:]} <= {"", *idents}
    reglage = json.loads(lignes[1][6])
    assert (reglage[0], reglage[1]["scaledefault"], reglage[1]["proficient"]) == ({"scaleid": "1"}, 1, 1)
    reprise = reprise_de_csv(ecrit)
    relu = lire_texte(ecrire(reprise.brut)).brut
    assert _squelette(relu["competences"]) == _squelette(document["competences"])
    libelles = [niveau["libelle"] for niveau in document["echelles"][-1]["niveaux"]]
    assert [niveau["libelle"] for niveau in relu["echelles"][0]["niveaux"]] == libelles
    assert len(reprise.remarques) == 1


def test_un_csv_d_ailleurs_dit_ce_qu_il_laisse():
    titres = ["Parent", "Numéro", *list(COLONNES.values())[2:]]
    lignes = [
        ["", "CADRE", "Mon cadre", "", "1", "non,oui", "[]", "", "", "", "", "", "1", "competency"],
        ["", "A", "Usiner", "<p>Une longue explication</p>", "1", "x,y", "[]", "", "", "", "", "", "", ""],
        ["A", "A1", "Régler", "", "1", "", "", "core_rule", "1", "{}", "A", "", "", ""],
        ["Z", "B", "Perdu", "", "1", "", "", "", "", "", "", "", "", ""],
    ]
    sortie = io.StringIO()
    csv.writer(sortie, delimiter=";").writerows([titres, *lignes])
    reprise = reprise_de_csv(sortie.getvalue())
    relu = lire_texte(ecrire(reprise.brut)).brut
    assert _squelette(relu["competences"]) == [("A", "Usiner", None, [], [("A1", "Régler", None, [], [])])]
    dites = [remarque.replace("\xa0", " ") for remarque in reprise.remarques[1:]]
    assert dites == [
        "Ligne 3 : sa description n’a pas de place ici : le nom court est gardé.",
        "Ligne 3 : une échelle propre à une compétence n’a pas de place ici : laissée de côté.",
        "Ligne 4 : « Rule type (optional) » (règle) n’a pas de place ici : laissé de côté.",
        "Ligne 4 : « Rule outcome (optional) » (issue de la règle) n’a pas de place ici : laissé de côté.",
        "Ligne 4 : « Cross-referenced competency ID numbers » (renvois à d’autres compétences) n’a pas de "
        "place ici : laissé de côté.",
        "Ligne 5 : le parent « Z » n’est pas dans le fichier : laissée de côté.",
    ]
    for faux in ("nom;prénom\na;b", "", ",".join(COLONNES.values()) + "\n"):
        with pytest.raises(FichierInvalide):
            reprise_de_csv(faux)


def test_deposer_un_paquet_case_puis_un_csv_de_moodle(admin_client):
    def depose(nom, contenu):
        return admin_client.post(
            reverse("referentiel:importer"), {"fichier": SimpleUploadedFile(nom, contenu.encode())}
        )

    document = lire_texte(DEMO).brut
    apercu = depose("cadre.json", json.dumps(cadre(document).paquet()))
    assert "Ce fichier ne dit pas tout" in texte(apercu)
    assert "ni option, ni épreuve, ni grille" in texte(apercu)
    jeton = apercu.context["form"].initial["jeton"]
    admin_client.post(reverse("referentiel:importer-confirmer"), {"jeton": jeton})
    assert ImportReferentiel.objects.get().origine == "case"
    apercu = depose("cadre.csv", csv_de(document | {"version": "9"}))
    jeton = apercu.context["form"].initial["jeton"]
    admin_client.post(reverse("referentiel:importer-confirmer"), {"jeton": jeton})
    assert ImportReferentiel.objects.first().origine == "moodle"
    referentiel = Referentiel.objects.get(version="9")
    export = admin_client.get(reverse("referentiel:exporter-moodle", args=[referentiel.pk]))
    assert export.content.decode("utf-8").startswith("Parent ID number,ID number,Short name")
