"""Un élève passe d’un serveur à l’autre par le navigateur : deux vrais serveurs, deux bases, deux clés."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from bench.serveur import gunicorn
from tests.ecran import accessible, sans_debordement

MOT_DE_PASSE = "atelier-copeaux-12"
LARGEURS = (390, 820, 1440)

COMMUN = """
import json, sys, django
django.setup()
from tests import factories
from trpm.permissions import Role
def ecole(nom, uai, classe):
    lieu = factories.etablissement(nom, uai)
    for role, identifiant in ((Role.ADMINISTRATEUR, "admin"), (Role.ENSEIGNANT, "prof")):
        compte = factories.utilisateur(role, etablissement=lieu, identifiant=identifiant)
        compte.set_password(sys.argv[1])
        compte.save()
    promotion = factories.promotion(lieu, factories.referentiel())
    return lieu, compte, factories.classe(promotion, [compte], nom=classe)
"""
DEPART = """
from livret.models import Situation
lieu, prof, classe = ecole("Lycée de départ", "0750001", "Tle Départ")
eleve = factories.eleve(classe, "PARTANT", "Camille", ine="060012345AB")
situation = factories.situation(classe, prof, ["C1"], intitule="Usiner un palier")
Situation.objects.update(etat="publiee")
factories.evaluation(situation, eleve, "C1", 3)
factories.trace(situation, eleve, b"%PDF-1.4 preuve")
periode = factories.periode(classe, "PFMP de mars")
tuteur = factories.tuteur(factories.entreprise(lieu, "Usinage du Nord"), "Maryse Tutrice")
factories.sejour(factories.pfmp(periode, eleve, prof), tuteur)
factories.bilan(eleve, prof, "valide")
print(json.dumps([lieu.pk, eleve.pk]))
"""
ARRIVEE = """
lieu, prof, classe = ecole("Lycée d'accueil", "0400740", "Tle Accueil")
print(json.dumps([lieu.pk, classe.pk]))
"""


@dataclass
class Installation:
    """Une base, ses fichiers, sa clé secrète ; et l’adresse qui la sert."""

    dossier: Path
    adresse: str = ""

    @property
    def variables(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "trpm.settings",
            "DEBUG": "1",
            "SECRET_KEY": f"{self.dossier.name}-" * 12,
            "DATABASE_URL": f"sqlite:///{self.dossier}/base.sqlite3",
            "MEDIA_ROOT": str(self.dossier),
        }

    def jouer(self, *commande: str) -> str:
        return subprocess.run(
            [sys.executable, *commande], cwd=settings.BASE_DIR, env={**os.environ, **self.variables},
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    def peupler(self, suite: str) -> list[int]:
        return json.loads(self.jouer("-c", COMMUN + suite, MOT_DE_PASSE).splitlines()[-1])


@pytest.fixture
def serveurs(tmp_path: Path) -> Iterator[tuple[Installation, Installation, list[int], list[int]]]:
    ici, la = Installation(tmp_path / "depart"), Installation(tmp_path / "arrivee")
    ici.dossier.mkdir()
    ici.jouer("manage.py", "migrate", "--verbosity=0")
    shutil.copytree(ici.dossier, la.dossier)
    cles = ici.peupler(DEPART), la.peupler(ARRIVEE)
    with ExitStack() as ouverts:
        for une in (ici, la):
            serveur = ouverts.enter_context(gunicorn(une.variables, processus=1))
            une.adresse = f"http://127.0.0.1:{serveur.port}"
        yield (ici, la, *cles)


def entrer(page: Page, ou: Installation, identifiant: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{ou.adresse}/connexion/")
    page.get_by_label("Nom d’utilisateur").fill(identifiant)
    page.get_by_label("Mot de passe").first.fill(MOT_DE_PASSE)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("heading", level=1).first.wait_for()


def regarder(page: Page, capturer: Callable, nom: str) -> None:
    for largeur in LARGEURS:
        page.set_viewport_size({"width": largeur, "height": 900})
        sans_debordement(page, (nom, largeur))
        capturer(page, f"transfert-{nom}-{largeur}")
        accessible(page, (nom, largeur))


@pytest.mark.long
def test_d_un_serveur_a_l_autre(
    serveurs: tuple[Installation, Installation, list[int], list[int]],
    new_context: Callable,
    capturer: Callable,
    tmp_path: Path,
) -> None:
    ici, la, (_, eleve), (lieu, classe) = serveurs
    page = new_context(locale="fr-FR", timezone_id="Europe/Paris").new_page()

    entrer(page, ici, "admin")
    page.goto(f"{ici.adresse}/administration/eleves/{eleve}/transfert/")
    cle = page.locator("main code").inner_text()
    with page.expect_download() as partie:
        page.get_by_role("button", name="Télécharger l’archive signée").click()
    archive = tmp_path / "transfert.zip"
    partie.value.save_as(archive)

    entrer(page, la, "admin")
    page.goto(f"{la.adresse}/administration/{lieu}/accueil/")
    page.get_by_label("Archive de l’élève").set_input_files(archive)
    page.get_by_label("Clé de signature").fill(cle)
    page.get_by_role("button", name="Voir ce que porte l’archive").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accueillir PARTANT Camille")
    expect(page.get_by_label("Classe rejointe")).to_have_value(str(classe))
    expect(page.get_by_role("cell", name="et pour la certification")).to_be_visible()
    regarder(page, capturer, "apercu")
    page.get_by_role("button", name="Accueillir").click()
    expect(page.get_by_text("Le livret de PARTANT Camille est accueilli.")).to_be_visible()

    entrer(page, la, "prof")
    page.goto(f"{la.adresse}/classes/{classe}/")
    page.get_by_role("link", name="PARTANT").first.click()
    page.locator("#situations > summary").click()
    expect(page.get_by_role("heading", name="Usiner un palier")).to_be_visible()
    expect(page.get_by_text("D’un autre établissement, Tle Départ (0750001")).to_be_visible()
    regarder(page, capturer, "livret")
    page.get_by_role("link", name="Ses bilans et PFMP d’un autre établissement").click()
    page.locator("summary", has_text="Semestre").click()
    expect(page.get_by_text("Un semestre régulier.")).to_be_visible()
    expect(page.get_by_text("Usinage du Nord")).to_be_visible()
    regarder(page, capturer, "recus")
    assert not page.locator("a", has_text="Tle Départ").count()
