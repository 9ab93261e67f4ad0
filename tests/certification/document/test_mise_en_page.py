"""La mise en page des documents : la même sur toute machine, et rien de seul sur une page."""

import os
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from certification.document import releves, tirage
from certification.document.genres import DOCUMENTS, STYLES
from certification.dossier.resultats import DossierLu, dossiers_lus
from livret.models import Eleve
from tests import factories
from tests.certification.document.test_documents_pdf import pages
from tests.certification.document.test_pdf_conformes import fautes
from tests.certification.scene import (
    adresse,
    decider,
    figer,
    lu,
)
from trpm.impression import documents, polices

pytestmark = pytest.mark.imprime

TIRER = """
import sys
from pathlib import Path
from trpm.impression import documents
*pages, feuilles = [Path(chemin).read_text(encoding="utf-8") for chemin in sys.argv[1:]]
for chemin, page in zip(sys.argv[1:], pages):
    Path(chemin).with_suffix(".pdf").write_bytes(documents.pdf_depuis_textes(page, [feuilles]))
"""


# --- Deux machines ----------------------------------------------------------------------------


def _reglage(dossier: Path, nom: str, *repertoires: Path) -> dict[str, str]:
    """Un fontconfig qui ne connaît que ces répertoires, et qui y prend n’importe quelle famille."""
    lignes = "".join(f"<dir>{repertoire}</dir>" for repertoire in repertoires)
    fichier = dossier / f"{nom}.conf"
    fichier.write_text(f"<fontconfig>{lignes}<cachedir>{dossier / 'cache'}</cachedir></fontconfig>")
    return {"FONTCONFIG_FILE": str(fichier)}


def _tirer(
    dossier: Path, pages: dict[str, str], feuilles: str, reglage: dict[str, str]
) -> dict[str, PdfReader]:
    dossier.mkdir()
    chemins = {nom: dossier / f"{nom}.html" for nom in pages}
    for nom, chemin in chemins.items():
        chemin.write_text(pages[nom], encoding="utf-8")
    (dossier / "styles.css").write_text(feuilles, encoding="utf-8")
    arguments = [*map(str, chemins.values()), str(dossier / "styles.css")]
    racine = Path(documents.__file__).parents[2]
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TIRER, *arguments],
        cwd=racine,
        env=os.environ | reglage,
        check=True,
    )
    return {nom: PdfReader(chemin.with_suffix(".pdf")) for nom, chemin in chemins.items()}


def _polices(lu: PdfReader) -> list:
    return [police.get_object() for page in lu.pages for police in page["/Resources"]["/Font"].values()]


def _dessin(lu: PdfReader) -> list[bytes]:
    """Ce que chaque page trace, au point près : positions et glyphes."""
    return [page.get_contents().get_data() for page in lu.pages]


@pytest.mark.long
def test_deux_machines_impriment_la_meme_chose(monde, camille, dominique, tmp_path: Path) -> None:
    """Sans aucune police, avec une seule tout autre, et avec celles de cette machine."""
    decider(monde, camille)
    figer(monde, camille)
    factories.observations(dominique, "Bon travail 👍🏽 ; Ra ≤ 3,2 ; ⌀ 12 → مُحَمَّد ✓")
    lus = dossiers_lus(monde.a.commission.dossiers.all())
    releve = {"releve": releves.releve(lus), "logo": ""}
    pages = {genre: tirage.pages(lus[-1:], genre)[0] for genre in DOCUMENTS} | {
        nom: documents.render_to_string(f"documents/{nom}.html", releve)
        for nom in ("bordereau", "proces_verbal")
    }
    feuilles = "\n".join(documents.feuille_de_style(chemin) for chemin in STYLES)
    autre = polices.fichiers()["secours"].parent
    tires = [
        _tirer(tmp_path / "aucune", pages, feuilles, _reglage(tmp_path, "aucune")),
        _tirer(tmp_path / "autre", pages, feuilles, _reglage(tmp_path, "autre", autre)),
        _tirer(tmp_path / "machine", pages, feuilles, {}),
    ]
    for nom in pages:
        dessins = [_dessin(un[nom]) for un in tires]
        assert dessins[0] == dessins[1] == dessins[2], nom
        noms = [{police["/BaseFont"][8:] for police in _polices(un[nom])} for un in tires]
        assert noms[0] == noms[1] == noms[2], nom
        assert all(police.startswith("Document") for police in noms[0])


# --- Rien de seul -----------------------------------------------------------------------------

PHRASE = "Le candidat a montré une maîtrise réelle des réglages et du contrôle en cours de production. "
NOM = "DE LA ROCHEFOUCAULD-MONTMORENCY-LAVAL Marie-Apolline Bérengère"


def lignes(octets: bytes) -> list[list[str]]:
    """Les lignes de chaque page, sans sa tête ni son pied."""
    toutes = [page.extract_text().splitlines() for page in PdfReader(BytesIO(octets)).pages]
    reperes = (
        "page ",
        "Lycée A",
        "Académie",
        "Document de travail",
        "Version ",
        "EP1 · ",
        "ALPHA-A1 Camille",
    )
    return [[ligne for ligne in page if ligne.strip() and not ligne.startswith(reperes)] for page in toutes]


def avec(lu: DossierLu, **champs: object) -> DossierLu:
    return replace(lu, grille=replace(lu.grille, **champs))


@pytest.mark.parametrize(
    ("genre", "signe"),
    [("grilles", "Commission de certification"), ("bilans", "Pour l’équipe pédagogique")],
)
def test_les_signatures_ne_sont_jamais_seules(monde, camille, genre: str, signe: str) -> None:
    """Un long motif, de longues observations et un long nom remplissent la page, peu à peu."""
    decider(monde, camille, "16.5")
    dossier = lu(camille)
    candidat = replace(dossier.grille.candidat, nom=NOM)
    nombres = set()
    for longueur in range(4, 32, 4):
        long = avec(dossier, candidat=candidat, observations=PHRASE * longueur, motif_ecart=PHRASE * 12)
        feuilles = lignes(tirage.pdf([long], genre, processus=1))
        nombres.add(len(feuilles))
        rang = next(rang for rang, ligne in enumerate(feuilles[-1]) if ligne.startswith(signe))
        assert rang >= 3, (longueur, feuilles[-1])
    assert nombres == {1, 2}


def _releve(monde, combien: int) -> releves.Releve:
    """Autant de candidats, le premier au nom le plus long."""
    releve = releves.releve(dossiers_lus(monde.a.commission.dossiers.all()))
    modele = releve.propositions[0]
    noms = [NOM, *(f"BETA-{rang}" for rang in range(1, combien))]
    candidats = [replace(modele.candidat, nom=nom, prenom="Lou") for nom in noms]
    propositions = (
        replace(modele, grille=replace(modele.grille, candidat=un), eleve=Eleve(pk=rang))
        for rang, un in enumerate(candidats)
    )
    return replace(releve, propositions=tuple(propositions))


@pytest.mark.parametrize("nom", ["bordereau", "proces_verbal"])
def test_le_bordereau_garde_trois_candidats_avec_sa_signature(monde, nom: str) -> None:
    nombres = set()
    for combien in range(26, 40, 2):
        contexte = {"releve": _releve(monde, combien), "logo": ""}
        feuilles = lignes(documents.pdf(f"documents/{nom}.html", contexte, styles=STYLES))
        nombres.add(len(feuilles))
        fin = next(rang for rang, ligne in enumerate(feuilles[-1]) if ligne.startswith("Fait à"))
        assert sum("BETA-" in ligne for ligne in feuilles[-1][:fin]) >= 3, (combien, feuilles[-1])
    assert nombres == ({1, 2} if nom == "bordereau" else {2})


def test_un_bordereau_de_trois_epreuves_laisse_lire_les_noms(monde) -> None:
    """Trois colonnes de notes ne réduisent pas celle du nom à une lettre."""
    releve = _releve(monde, 32)
    epreuves = tuple(replace(releve.epreuves[0], code=code) for code in ("E2", "E31", "E32"))
    propositions = (
        replace(une, grille=replace(une.grille, epreuve=epreuve))
        for une in releve.propositions
        for epreuve in epreuves
    )
    contexte = {"releve": replace(releve, epreuves=epreuves, propositions=tuple(propositions)), "logo": ""}
    feuilles = lignes(documents.pdf("documents/bordereau.html", contexte, styles=STYLES))
    assert len(feuilles) in (1, 2)
    assert any("DE LA ROCHEFOUCAULD" in ligne for ligne in feuilles[0])
    fin = next(rang for rang, ligne in enumerate(feuilles[-1]) if ligne.startswith("Fait à"))
    assert sum("BETA-" in ligne for ligne in feuilles[-1][:fin]) >= 3


def test_une_autre_composition_se_dit_une_fois_par_candidat(monde) -> None:
    releve = _releve(monde, 2)
    epreuves = tuple(replace(releve.epreuves[0], code=code) for code in ("E2", "E31"))
    propositions = tuple(
        replace(une, version=1, autre_composition=True, grille=replace(une.grille, epreuve=epreuve))
        for une in releve.propositions
        for epreuve in epreuves
    )
    citees = replace(releve, propositions=propositions).autres_compositions
    assert [str(une.candidat) for une in citees] == [f"{NOM} Lou", "BETA-1 Lou"]


def test_ni_titre_ni_legende_seuls() -> None:
    """Ce qui précède descend peu à peu : le titre suit son texte, la légende sa table."""
    coupes = set()
    for hauteur in range(195, 256, 3):
        corps = (
            f'<div style="height: {hauteur}mm"></div><table><tbody><tr><td>rang</td></tr></tbody></table>'
            '<p class="legende">Niveaux</p><h2>Titre</h2><p>un<br>deux<br>trois</p>'
        )
        page = f'<html lang="fr"><title>É</title>{corps}</html>'
        textes = pages(documents.pdf_depuis_html(page, styles=STYLES))
        (ou,) = {rang for rang, texte in enumerate(textes) if "rang" in texte or "Niveaux" in texte}
        (titre,) = {rang for rang, texte in enumerate(textes) if "Titre" in texte or "un deux trois" in texte}
        coupes.add((ou, titre))
    assert coupes == {(0, 0), (0, 1), (1, 1)}


# --- Rien hors de sa place --------------------------------------------------------------------


def test_un_long_libelle_reste_dans_sa_colonne(monde, camille) -> None:
    """La colonne du niveau a 42 mm : un libellé de soixante lettres y va à la ligne."""
    decider(monde, camille)
    la = lu(camille)
    libelle = "Partiellement maîtrisé avec une aide ponctuelle de l’enseignant"
    degres = tuple(replace(d, libelle=libelle) for d in la.grille.regle.echelle.degres)
    echelle = replace(la.grille.regle.echelle, degres=degres)
    regle = replace(la.grille.regle, echelle=echelle)
    texte = " ".join(pages(tirage.pdf([avec(la, regle=regle)], "syntheses", processus=1)))
    assert f"2 {libelle} Étude de gamme A" in texte
    assert "enseignantÉtude" not in texte


def test_une_longue_adresse_ne_sort_pas_de_la_page(monde, camille) -> None:
    decider(monde, camille)
    long = avec(lu(camille), observations=f"Voir https://exemple.invalid/{'a' * 400}")
    for genre in ("grilles", "dossiers", "bilans", "syntheses"):
        tire = tirage.pdf([long], genre, processus=1)
        assert "a" * 40 in "".join(ligne for page in lignes(tire) for ligne in page)
        assert max(len(ligne) for page in lignes(tire) for ligne in page if "aaaaa" in ligne) < 130


def test_un_texte_de_telephone_reste_conforme(monde, president, camille) -> None:
    decider(monde, camille)
    factories.observations(camille, "Bon travail 👍🏽 continue ; modi\ufffefication ; Ra ≤ 3,2 ⏥ 0,02 → مُحَمَّد")
    figer(monde, camille)
    archive = president.get(adresse("grille-pdf", camille.pk) + "?archive=1").content
    assert {profil: fautes(archive, profil) for profil in ("3a", "ua1")} == {"3a": [], "ua1": []}
    assert "Bon travail □ continue ; modification ; Ra ≤ 3,2 planéité 0,02 →" in " ".join(pages(archive))


# --- Ce que dit chaque document ---------------------------------------------------------------


def test_la_grille_a_la_place_du_lieu_de_la_date_et_du_cachet(president, camille) -> None:
    (texte,) = pages(president.get(adresse("grille-pdf", camille.pk)).content)
    assert "Fait à …" in texte
    assert ", le …" in texte
    assert "Cachet de l’établissement" in texte


def test_le_proces_verbal_s_ouvre_et_se_leve(monde, president) -> None:
    factories.membre(monde.a.commission, None, "professionnel", "M. Tour")
    monde.a.commission.membres.filter(nom="M. Tour").update(present=False)
    tout = " ".join(pages(president.get(adresse("proces-verbal", monde.a.commission.pk)).content))
    assert "La commission de certification s’est réunie le" in tout
    assert "Séance ouverte à ……… h ………, levée à ……… h ………" in tout
    assert "Nom et prénom Qualité Présence Signature" in tout
    assert "M. Tour représentant du monde professionnel absent" in tout
    assert "Le représentant du monde professionnel n’est pas présent ; son absence n’invalide pas" in tout
    assert "nom, signature, cachet" in tout
