"""Éteints par défaut : ni adresse, ni bouton, ni bibliothèque chargée ; allumés par l'environnement."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from tests.test_droits import TOUTES
from trpm.comptes.annuaires import cas, oidc


def lance(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "trpm.settings", **variables},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )


ADRESSES = """
import sys, django
django.setup()
from django.urls import get_resolver
noms = sorted(un for un in get_resolver().reverse_dict if str(un).startswith("connexion"))
print(*noms, "cas" in sys.modules, "authlib" in sys.modules)
"""


def test_eteints(db: None) -> None:
    assert not {un for un in TOUTES if un.startswith("connexion-")}
    assert Client().get("/connexion/ent/").status_code == 404
    assert "Se connecter par" not in Client().get("/connexion/").text


def test_allumees_ces_adresses_sont_publiques_et_sans_autre() -> None:
    """L'aller et le retour de qui n'a pas encore de session : rien d'autre ne s'ouvre."""
    vues = {motif.name: motif.callback for motif in (*cas.urlpatterns, *oidc.urlpatterns)}
    assert sorted(vues) == ["connexion-ent", "connexion-oidc", "connexion-oidc-retour"]
    assert all(vue.public for vue in vues.values())


@pytest.mark.parametrize(
    ("variables", "attendu"),
    [
        ({}, "connexion False False"),
        ({"CAS_SERVEUR": "https://ent.example/cas"}, "connexion connexion-ent True False"),
        (
            {"OIDC_EMETTEUR": "https://portail.example"},
            "connexion connexion-oidc connexion-oidc-retour False True",
        ),
    ],
    ids=["éteints", "CAS", "OIDC"],
)
def test_allumes_par_l_environnement(variables: dict[str, str], attendu: str) -> None:
    lu = lance(ADRESSES, **variables)
    assert lu.stdout.strip() == attendu, lu.stderr


@pytest.mark.parametrize(
    ("variables", "phrase"),
    [
        ({"CAS_CHAMP": "superutilisateur"}, "CAS_CHAMP doit être l’un de"),
        ({"OIDC_CHAMP": "pk"}, "OIDC_CHAMP doit être l’un de"),
        (
            {
                "DEBUG": "0",
                "SECRET_KEY": "k" * 60,
                "ALLOWED_HOSTS": "x",
                "CAS_SERVEUR": "http://ent.example/cas",
            },
            "doit commencer par https://",
        ),
    ],
)
def test_un_reglage_faux_arrete_le_demarrage(variables: dict[str, str], phrase: str) -> None:
    lu = lance("import trpm.settings", **variables)
    assert (lu.returncode, phrase in lu.stderr) == (1, True)


def test_la_sortie_de_l_annuaire_est_permise_au_formulaire() -> None:
    code = "from trpm import settings as s; print(s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    lu = lance(code, CAS_SERVEUR="https://ent.example/cas/", OIDC_EMETTEUR="https://portail.example/realms/x")
    assert lu.stdout.strip() == "[\"'self'\", 'https://ent.example', 'https://portail.example']"
