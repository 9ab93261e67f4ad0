"""Une version figée reste lisible et imprimable, et dit ce qui a changé jusqu’à la suivante."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from urllib.parse import unquote

import pytest
from pypdf import PdfReader

from certification.dossier.figement import figer, rouvrir
from certification.dossier.grille.citations import MembreCite
from certification.dossier.grille.ecarts import ecarts
from certification.dossier.grille.epreuve import GrilleEpreuve
from certification.models import Dossier
from livret.models import Eleve
from tests import factories
from tests.certification.scene import (
    COMMISSION,
    adresse,
    arreter,
    decider,
    lu,
    statuts,
)
from tests.litanie import requetes
from tests.monde import Monde


def simple(texte: str) -> str:
    return " ".join(texte.split())


def pdf(contenu: bytes) -> str:
    return simple(" ".join(page.extract_text() for page in PdfReader(BytesIO(contenu)).pages))


@pytest.fixture
def rouvert(monde: Monde, camille: Dossier) -> Dossier:
    """Figé à 15, rouvert, C1 portée à 3 avec son motif, le livret renommé entre-temps."""
    decider(monde, camille)
    figer(camille, monde.a.president)
    rouvrir(camille, "Une preuve manquait.", monde.a.president)
    camille.refresh_from_db()
    arreter(camille, "C1", "3", "Preuve ajoutée.", monde.a.membre)
    factories.note(camille, 20)
    Eleve.objects.filter(pk=camille.eleve_id).update(prenom="Camillette")
    return camille


def test_qui_la_lit(monde: Monde, rouvert: Dossier) -> None:
    for nom in ("version", "version-grille", "version-dossier"):
        assert statuts(monde, adresse(nom, rouvert.pk, 1)) == COMMISSION


def test_la_version_1_reste_consultable(membre, rouvert: Dossier) -> None:
    page = simple(membre.get(adresse("version", rouvert.pk, 1)).content.decode())
    for attendu in ("Camille, version 1", "15,0 / 20", "Une preuve manquait.", "Rouverte le"):
        assert attendu in page
    assert "Camillette, version" not in page
    assert adresse("version", rouvert.pk, 1) in membre.get(rouvert.get_absolute_url()).content.decode()
    assert membre.get(adresse("version", rouvert.pk, 2)).status_code == 404


@pytest.mark.parametrize("nom", ["version-grille", "version-dossier"])
def test_ses_documents_viennent_de_son_instantane(membre, rouvert: Dossier, nom: str) -> None:
    version = rouvert.versions.get()
    reponse = membre.get(adresse(nom, rouvert.pk, 1))
    assert ", version 1.pdf" in unquote(reponse["Content-Disposition"])
    texte = pdf(reponse.content)
    assert "Version 1, rouverte le " in texte
    assert "ALPHA-A1 Camille" in texte
    assert "Camillette" not in texte
    assert version.empreinte[:16] in texte


def test_une_version_en_vigueur_ne_se_dit_pas_rouverte(monde: Monde, membre, camille: Dossier) -> None:
    decider(monde, camille)
    figer(camille, monde.a.president)
    assert "rouverte" not in pdf(membre.get(adresse("version-grille", camille.pk, 1)).content)
    assert "rouverte" not in pdf(membre.get(adresse("grille-pdf", camille.pk)).content)


def test_ce_qui_a_change_ensuite(monde: Monde, membre, rouvert: Dossier) -> None:
    attendus = (
        "Candidat : ALPHA-A1 Camille, puis ALPHA-A1 Camillette",
        "C1, niveau arrêté : 2, puis 3",
        "C1, motif : rien, puis « Preuve ajoutée. »",
        "Note calculée : 15,0 / 20, puis 20,0 / 20",
        "Note : 15,0 / 20, puis 20,0 / 20",
    )
    [suite] = membre.get(adresse("version", rouvert.pk, 1)).context["comparaisons"]
    assert (suite.titre, tuple(map(simple, suite.ecarts))) == ("Ensuite, dans le dossier rouvert", attendus)
    figer(rouvert, monde.a.president)
    [suite] = membre.get(adresse("version", rouvert.pk, 1)).context["comparaisons"]
    [depuis] = membre.get(adresse("version", rouvert.pk, 2)).context["comparaisons"]
    assert (suite.titre, depuis.titre) == ("Ensuite, dans la version 2", "Depuis la version 1")
    assert tuple(map(simple, depuis.ecarts)) == tuple(map(simple, suite.ecarts)) == attendus


def grille(dossier: Dossier) -> GrilleEpreuve:
    return lu(dossier).grille


def test_rien_ne_change_d_une_grille_a_elle_meme(camille: Dossier) -> None:
    assert ecarts(grille(camille), GrilleEpreuve.depuis_json(grille(camille).vers_json())) == ()


EXPERT = MembreCite("M. Expert", "professionnel", "", True)
CHANGEMENTS = [
    (lambda g: {"situation_libelle": "dispensé"}, "Situation devant l’épreuve : à évaluer, puis dispensé"),
    (lambda g: {"observations": "Sérieux."}, "Observations : rien, puis « Sérieux. »"),
    (lambda g: {"lignes": g.lignes[:1]}, "C2 : retirée de la grille"),
    (lambda g: {"lignes": (replace(g.lignes[0], poids=Fraction(2)), *g.lignes[1:])}, "C1, poids : 3, puis 2"),
    (
        lambda g: {"lignes": (replace(g.lignes[0], non_demontree=True, motif="Absente."), *g.lignes[1:])},
        "C1, niveau arrêté : rien, puis non démontrée",
    ),
    (
        lambda g: {"lignes": (replace(g.lignes[0], preuves=()), *g.lignes[1:])},
        "C1, niveau proposé : 2, puis rien",
    ),
    (lambda g: {"note_proposee": Decimal("12.5")}, "Note : non arrêtée, puis 12,5 / 20"),
    (lambda g: {"situations": ()}, "Situation retenue de moins : Étude de gamme A"),
    (lambda g: {"regle": replace(g.regle, version="2")}, "Version de grille : {version}, puis 2"),
    (lambda g: {"commission": replace(g.commission, membres=())}, "Membre de moins : {membre}"),
    (
        lambda g: {
            "commission": replace(
                g.commission,
                membres=(*g.commission.membres, EXPERT),
            )
        },
        "Membre de plus : M. Expert",
    ),
    (
        lambda g: {
            "commission": replace(
                g.commission, membres=tuple(replace(un, present=False) for un in g.commission.membres)
            )
        },
        "{membre} : présence non marquée, puis absent",
    ),
]


@pytest.mark.parametrize(("change", "dit"), CHANGEMENTS, ids=[cas[1] for cas in CHANGEMENTS])
def test_chaque_changement_se_dit(monde: Monde, camille: Dossier, change, dit: str) -> None:
    avant = grille(camille)
    attendu = dit.format(version=avant.regle.version, membre=monde.a.membre.nom_complet)
    assert attendu in [simple(un) for un in ecarts(avant, replace(avant, **change(avant)))]


def test_requetes(monde: Monde, membre, camille: Dossier) -> None:
    decider(monde, camille)
    figer(camille, monde.a.president)
    assert requetes(lambda: membre.get(adresse("version", camille.pk, 1))) == 7
