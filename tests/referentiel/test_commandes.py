from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from referentiel.models import Referentiel
from tests import factories

DEMO = Path(__file__).with_name("demo.json")


def lancer(capsys, *arguments, **options):
    call_command(*arguments, **options)
    return capsys.readouterr().out.replace("\u00a0", " ").splitlines()


def test_importer_puis_exporter(db, capsys):
    lignes = lancer(capsys, "importer_referentiel", str(factories.FICHIER_TRPM))
    assert lignes[0] == "Référentiel TRPM 2020"
    assert "+ compétence détaillée : 61" in lignes
    assert lignes[-1] == "Import appliqué."
    assert lancer(capsys, "importer_referentiel", str(factories.FICHIER_TRPM)) == [
        "Référentiel TRPM 2020",
        "Aucun changement : la base contient déjà ce référentiel.",
    ]
    call_command("exporter_referentiel", "TRPM", "2020")
    assert capsys.readouterr().out == factories.FICHIER_TRPM.read_text(encoding="utf-8")


def test_simuler(db, capsys):
    lignes = lancer(capsys, "importer_referentiel", str(DEMO), simuler=True)
    assert lignes[-1] == "Simulation : rien n’a été écrit."
    assert Referentiel.objects.count() == 0


def test_fautes(db, capsys, tmp_path):
    mauvais = tmp_path / "mauvais.json"
    mauvais.write_text(DEMO.read_text().replace('"valeur": 5', '"valeur": 1'), encoding="utf-8")
    with pytest.raises(CommandError, match="/echelles/0/niveaux/2/valeur") as erreur:
        call_command("importer_referentiel", str(mauvais))
    assert erreur.value.returncode == 1
    assert "1 faute dans" in capsys.readouterr().err
    assert Referentiel.objects.count() == 0


def test_fichier_absent(db):
    with pytest.raises(CommandError, match="ne se lit pas"):
        call_command("importer_referentiel", "absent.json")


def test_modifications_dites(db, capsys, tmp_path):
    call_command("importer_referentiel", str(DEMO))
    capsys.readouterr()
    change = tmp_path / "change.json"
    change.write_text(DEMO.read_text().replace('"Raconter"', '"Conter"'), encoding="utf-8")
    assert lancer(capsys, "importer_referentiel", str(change)) == [
        "Référentiel DEMO 1",
        "~ compétence CP03, intitule : 'Raconter' → 'Conter'",
        "Import appliqué.",
    ]


@pytest.mark.parametrize("simuler", [True, False])
def test_refus(monde, tmp_path, simuler, capsys):
    call_command("exporter_referentiel", "ESSAI", "1")
    texte = capsys.readouterr().out
    change = tmp_path / "change.json"
    change.write_text(texte.replace('"demi_superieur"', '"centieme"'), encoding="utf-8")
    with pytest.raises(CommandError, match="refusé"):
        call_command("importer_referentiel", str(change), simuler=simuler)
    assert "! grille 1 : déjà en service" in capsys.readouterr().out.replace("\u00a0", " ")
    assert monde.referentiel.grilles.get().arrondi == "demi_superieur"


def test_exporter_inconnu(db):
    with pytest.raises(CommandError, match="Aucun référentiel TRPM 1900"):
        call_command("exporter_referentiel", "TRPM", "1900")
