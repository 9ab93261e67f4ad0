"""PDF/UA-1 et PDF/A-3a : un vérificateur indépendant, puis pikepdf, règle par règle."""

import datetime
import re
import zlib
from io import BytesIO

import pikepdf
import pytest
from django.test import Client
from page import validate_pdf_bytes
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from certification.document import tirage
from certification.dossier.resultats import dossiers_lus
from tests import factories
from tests.certification.scene import adresse, decider, figer
from tests.livret.administration.test_logo import envoyer
from tests.livret.photo import jpeg
from tests.monde import Monde
from trpm.impression import balises, documents
from trpm.impression.assemblage import pdf_reunis

pytestmark = pytest.mark.imprime

SITE = "https://livret.exemple.fr"
PAR_DOSSIER = ["grille-pdf", "dossier-pdf", "bilan-pdf", "synthese-pdf", "origine-pdf"]


@pytest.fixture
def fige(monde: Monde, administrateur: Client, camille, dominique, settings):
    """Un dossier avec tout ce qui se dessine : logo, QR code, photo, niveaux, listes, commentaires."""
    settings.ADRESSE_DU_SITE = SITE
    envoyer(administrateur, monde, jpeg((600, 400)), "logo.jpg")
    factories.photo(monde.a.situation, camille.eleve, jpeg((600, 400)), au_dossier=True)
    factories.membre(monde.a.commission, None, "professionnel", "M. Tour")
    for dossier, note, niveaux in ((camille, "15", {}), (dominique, "7", {"C1": 1, "C2": 1})):
        decider(monde, dossier, note, **niveaux)
        figer(monde, dossier)
    return camille


def fautes(pdf: bytes, profil: str) -> list[tuple[str, str]]:
    """La longueur de chaque flux se vérifie aussi à part."""
    assert flux_mal_mesures(pdf) == 0
    relevees = validate_pdf_bytes(pdf, profile=profil).failures
    return [(une.rule_id, une.message) for une in relevees]


def flux_mal_mesures(pdf: bytes) -> int:
    """Combien de flux ne s'arrêtent pas, après `/Length` octets, sur une fin de ligne et `endstream`."""
    debuts = [un.end() for un in re.finditer(rb"/Length (\d+)[^>]*>*\s*stream\r?\n", pdf)]
    longueurs = [int(un) for un in re.findall(rb"/Length (\d+)[^>]*>*\s*stream\r?\n", pdf)]
    assert debuts
    fins = (pdf[debut + long :][:11] for debut, long in zip(debuts, longueurs, strict=True))
    return sum(re.match(rb"\r?\n?endstream", fin) is None for fin in fins)


@pytest.mark.parametrize("nom", PAR_DOSSIER)
def test_un_document_de_dossier_est_un_pdf_ua(president: Client, fige, nom: str) -> None:
    assert fautes(president.get(adresse(nom, fige.pk)).content, "ua1") == []


@pytest.mark.parametrize("nom", ["proces-verbal", "bordereau", "convocations"])
def test_un_document_de_commission_est_un_pdf_ua(president: Client, fige, nom: str) -> None:
    assert fautes(president.get(adresse(nom, fige.commission_id)).content, "ua1") == []


@pytest.mark.parametrize("genre", ["grilles", "dossiers"])
def test_un_lot_reuni_est_un_pdf_ua(fige, genre: str) -> None:
    lus = dossiers_lus(fige.commission.dossiers.all())
    assert fautes(tirage.pdf(lus, genre, processus=1), "ua1") == []


@pytest.mark.parametrize("nom", PAR_DOSSIER)
def test_une_archive_est_un_pdf_a3_et_un_pdf_ua(president: Client, fige, nom: str) -> None:
    archive = president.get(adresse(nom, fige.pk) + "?archive=1").content
    assert {profil: fautes(archive, profil) for profil in ("3a", "ua1")} == {"3a": [], "ua1": []}


@pytest.fixture(scope="module")
def au_retour_chariot() -> bytes:
    """Une archive dont un flux, compressé, finit par un retour chariot."""
    contenu = next(c for c in (b"a" * n for n in range(1, 2000)) if zlib.compress(c, 9)[-1:] == b"\r")
    page = "<html lang='fr'><title>É</title><h1>É</h1></html>"
    jointe = documents.Jointe("a.txt", contenu, "Des a.", datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC))
    return documents.pdf_depuis_textes(page, archive=True, jointes=[jointe])


@pytest.mark.parametrize("profil", ["3a", "ua1"])
def test_un_flux_qui_finit_par_un_retour_chariot_se_mesure(au_retour_chariot: bytes, profil: str) -> None:
    assert b"\r\r\nendstream" in au_retour_chariot
    assert fautes(au_retour_chariot, profil) == []


def test_reuni_il_se_mesure_encore(au_retour_chariot: bytes) -> None:
    ensemble = pdf_reunis([au_retour_chariot, au_retour_chariot], titre="Deux")
    with pikepdf.open(BytesIO(ensemble)) as pdf:
        assert len(pdf.pages) == 2
    assert fautes(ensemble, "ua1") == []


def test_le_verificateur_sait_refuser(president: Client, fige, monkeypatch) -> None:
    """Sans `balises.finir`, les mêmes documents ne passent pas."""
    monkeypatch.setattr(balises, "finir", lambda pdf, **suite: None)
    archive = president.get(adresse("grille-pdf", fige.pk) + "?archive=1").content
    regles = {regle for profil in ("3a", "ua1") for regle, _ in fautes(archive, profil)}
    assert {
        "PDFA3A-IMAGE-INTERPOLATE-001",
        "PDFA3A-METADATA-FILTER-001",
        "PDFUA1-ID-PART-001",
        "PDFUA1-L-KIDS-001",
    } <= regles


def test_l_archive_promet_ce_que_demandent_les_normes(president: Client, fige) -> None:
    contenu = president.get(adresse("dossier-pdf", fige.pk) + "?archive=1").content
    with pikepdf.open(BytesIO(contenu)) as pdf:
        racine = pdf.Root
        with pdf.open_metadata() as xmp:
            assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"], xmp["pdfuaid:part"]) == ("3", "A", "1")
        assert "/Filter" not in racine.Metadata
        (intention,) = racine.OutputIntents
        assert (str(intention.S), intention.DestOutputProfile.N) == ("/GTS_PDFA1", 3)
        assert intention.DestOutputProfile.read_bytes()[36:40] == b"acsp"
        (jointe,) = racine.AF
        assert (str(jointe.AFRelationship), str(jointe.UF)) == ("/Data", "instantane.json")
        assert str(jointe.EF.F.Subtype) == "/application/json"
        assert jointe.EF.F.read_bytes() == fige.versions.get().contenu.encode()
        assert (pdf.is_encrypted, "/OpenAction" in racine, "/AA" in racine) == (False, False, False)
        assert "/JavaScript" not in racine.Names
        assert (str(racine.Lang), bool(racine.MarkInfo.Marked)) == ("fr", True)
        assert bool(racine.ViewerPreferences.DisplayDocTitle)
        assert [str(une.obj.Tabs) for une in pdf.pages] == ["/S"] * len(pdf.pages)
        polices = [police for une in pdf.pages for police in une.Resources.Font.values()]
        assert polices
        for police in polices:
            descripteur = police.DescendantFonts[0].FontDescriptor
            assert any(cle in descripteur for cle in ("/FontFile", "/FontFile2", "/FontFile3"))
            assert "/ToUnicode" in police
        figures = [
            str(objet.Alt)
            for objet in pdf.objects
            if isinstance(objet, pikepdf.Dictionary) and objet.get("/S") == "/Figure" and "/P" in objet
            if objet.objgen in _atteints(racine.StructTreeRoot.K)
        ]
    assert sorted(set(figures)) == ["Photo photo.jpg", "Vérifier ce document en ligne"]


def test_chaque_trace_mene_a_la_balise_qui_la_porte(president: Client, fige) -> None:
    """Dans un sens et dans l'autre ; et aucune balise ne redit sans rien y ajouter."""
    contenu = president.get(adresse("dossier-pdf", fige.pk)).content
    with pikepdf.open(BytesIO(contenu)) as pdf:
        portees = dict(_portees(pdf.Root.StructTreeRoot.K))
        rangs = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        par_page = dict(zip(map(int, rangs[::2]), rangs[1::2], strict=True))
        annoncees = {
            (page.obj.objgen, trace): element.objgen
            for page in pdf.pages
            for trace, element in enumerate(par_page[int(page.obj.StructParents)])
            if element is not None
        }
        assert len(portees) > 100
        assert {cle: annoncees[cle] for cle in portees} == portees
        simples = {"/Type", "/S", "/K", "/P", "/Pg"}
        redites = [
            str(objet.S)
            for objet in pdf.objects
            if isinstance(objet, pikepdf.Dictionary) and objet.get("/Type") == "/StructElem"
            if objet.S in ("/Span", "/NonStruct") and set(objet.keys()) == simples
            if objet.P.S in ("/P", "/TD", "/TH") and objet.objgen in _atteints(objet.P.K)
        ]
    assert redites == []


def test_chaque_objet_est_au_rang_annonce(president: Client, fige) -> None:
    """qpdf ne se sert pas de ces rangs, d'autres lecteurs si ; pypdf, strict, les vérifie un à un."""
    lu = PdfReader(BytesIO(president.get(adresse("dossier-pdf", fige.pk)).content), strict=True)
    roles = {lu.get_object(IndirectObject(numero, 0, lu)).get("/S") for numero in lu.xref_objStm}
    assert {"/Document", "/P", "/TD", "/TH", "/H1"} <= roles


def _portees(element):
    """Page et rang de chaque trace que l'arbre atteint, et la balise qui la porte."""
    if isinstance(element, pikepdf.Array):
        for enfant in element:
            yield from _portees(enfant)
    elif isinstance(element, pikepdf.Dictionary) and "/S" in element and "/K" in element:
        enfants = element.K if isinstance(element.K, pikepdf.Array) else [element.K]
        for enfant in enfants:
            if isinstance(enfant, int):
                yield (element.Pg.objgen, enfant), element.objgen
            else:
                yield from _portees(enfant)


def _atteints(element, vus: set | None = None) -> set:
    vus = set() if vus is None else vus
    if isinstance(element, pikepdf.Array):
        for enfant in element:
            _atteints(enfant, vus)
    elif isinstance(element, pikepdf.Dictionary) and "/S" in element:
        vus.add(element.objgen)
        if "/K" in element:
            _atteints(element.K, vus)
    return vus
