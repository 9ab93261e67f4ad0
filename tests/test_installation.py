"""Servir pour de vrai : les unités, le mandataire, l'installation, la mise à jour et le retour, joués."""

import os
import re
import shutil
import sqlite3
import subprocess
from getpass import getuser
from pathlib import Path

import pytest
from django.conf import settings

RACINE = Path(settings.BASE_DIR)
INSTALLATION = RACINE / "docs" / "installation"
PROPRES = {"DEBUG", "DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE", "SECRET_KEY"}
TEMPORAIRES = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
ANNEXE = """from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("trpm", "{derniere}")]
    operations = [migrations.RunSQL("CREATE TABLE essai_version (id integer)", "DROP TABLE essai_version")]
"""


def outil(nom: str, commande: str) -> str:
    deplies = RACINE / ".venv" / "paquets" / "usr"
    trouve = shutil.which(nom, path=f"{os.environ['PATH']}:/usr/sbin:{deplies}/sbin:{deplies}/bin")
    if trouve is None:
        pytest.skip(f"{nom} est introuvable : {commande}")
    return trouve


def git(lieu: Path, *arguments: str) -> str:
    qui = ["-c", "user.name=essai", "-c", "user.email=essai@example.fr", "-c", f"safe.directory={lieu}"]
    return subprocess.run(
        ["git", "-C", str(lieu), *qui, *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.parametrize("unite", ["trpm.service", "trpm-ouvrier.service"])
def test_les_unites_se_verifient(unite: str, tmp_path: Path) -> None:
    analyse = outil("systemd-analyze", "apt-get install systemd")
    texte = (INSTALLATION / unite).read_text().replace("/srv/trpm", str(RACINE))
    (tmp_path / unite).write_text(texte.replace("User=trpm", "User=root"))
    rendu = subprocess.run([analyse, "verify", str(tmp_path / unite)], capture_output=True, text=True)
    fautes = [ligne for ligne in rendu.stderr.splitlines() if unite in ligne]
    assert (rendu.returncode, fautes) == (0, []), rendu.stderr


def test_le_mandataire_nginx_se_verifie(tmp_path: Path) -> None:
    nginx = outil("nginx", ".ci/paquets nginx")
    certificat = [
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-x509",
        "-subj",
        "/CN=x",
        "-keyout",
        str(tmp_path / "cle"),
    ]
    subprocess.run(["openssl", "req", *certificat, "-out", str(tmp_path / "pem")], check=True)
    site = (INSTALLATION / "nginx.conf").read_text()
    site = site.replace("/etc/ssl/livret.pem", f"{tmp_path}/pem")
    site = site.replace("/etc/ssl/livret.key", f"{tmp_path}/cle")
    # nginx -t ouvre ce qu'il écoute et ses dossiers : une prise et des dossiers à nous, aucun port.
    site = site.replace("listen 443 ssl", f"listen unix:{tmp_path}/prise ssl")
    dossiers = "".join(f"{nom}_temp_path {tmp_path}/{nom};\n" for nom in TEMPORAIRES)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{dossiers}{site}\n}}\n"
    )
    essai = [nginx, "-t", "-e", "stderr", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    rendu = subprocess.run(essai, capture_output=True, text=True)
    assert (rendu.returncode, "[warn]" in rendu.stderr) == (0, False), rendu.stderr


def test_caddy_se_verifie(tmp_path: Path) -> None:
    caddy = outil("caddy", ".ci/paquets caddy")
    commande = [caddy, "validate", "--adapter", "caddyfile", "--config", str(INSTALLATION / "Caddyfile")]
    rendu = subprocess.run(
        commande, env={**os.environ, "HOME": str(tmp_path)}, capture_output=True, text=True
    )
    assert (rendu.returncode, "Valid configuration" in rendu.stdout + rendu.stderr) == (0, True), rendu.stderr


def test_l_exemple_de_reglages_ne_nomme_que_des_variables_lues() -> None:
    noms = re.findall(r"^(?:# )?([A-Z_]+)=", (INSTALLATION / "env.exemple").read_text(), re.MULTILINE)
    lues = (RACINE / "trpm" / "settings.py").read_text()
    assert len(noms) >= 6
    assert [nom for nom in noms if f'"{nom}"' not in lues] == []


def test_servir_n_installe_ni_s3_ni_redis_que_leurs_verrous_ajoutent() -> None:
    verrous = {nom: (RACINE / f"requirements{nom}.txt").read_text() for nom in ("", "-reparti", "-dev")}
    for paquet in ("boto3", "botocore", "django-storages", "redis"):
        portent = [nom for nom, texte in verrous.items() if re.search(rf"^{paquet}==", texte, re.MULTILINE)]
        assert portent == ["-reparti", "-dev"], paquet


def test_la_documentation_cite_ces_fichiers() -> None:
    doc = (RACINE / "docs" / "exploitation.md").read_text()
    assert [un.name for un in INSTALLATION.iterdir() if f"installation/{un.name}" not in doc] == []
    assert "[Service]" not in doc


class Site:
    """Une copie du dépôt, servie sur SQLite ; systemd et pip n'y sont que notés."""

    def __init__(self, amont: Path, lieu: Path) -> None:
        self.lieu = lieu
        git(RACINE, "clone", "--quiet", str(amont), str(lieu))
        (lieu / ".venv").symlink_to(RACINE / ".venv")
        (lieu / ".git" / "info" / "exclude").write_text(".venv\nappels\n")
        self.env = {nom: valeur for nom, valeur in os.environ.items() if nom not in PROPRES}
        self.env |= {"SYSTEMCTL": "echo systemctl", "INSTALLER": "true", "COMPTE": getuser()}
        self.env |= {"DESTDIR": str(lieu.parent / "racine"), "ALLOWED_HOSTS": "livret.example.fr"}

    def lancer(self, script: str) -> str:
        rendu = subprocess.run([f".ci/{script}"], cwd=self.lieu, env=self.env, capture_output=True, text=True)
        assert rendu.returncode == 0, rendu.stdout + rendu.stderr
        return rendu.stdout

    def lire(self, requete: str) -> list[tuple]:
        with sqlite3.connect(self.lieu / "trpm.sqlite3") as base:
            return base.execute(requete).fetchall()


@pytest.fixture
def amont(tmp_path: Path) -> Path:
    """Le dépôt tel qu'il est ici, ce qui n'est pas encore inscrit compris."""
    lieu = tmp_path / "amont"
    lieu.mkdir()
    suivis = git(RACINE, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for nom in filter(lambda nom: (RACINE / nom).is_file(), suivis):
        (lieu / nom).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(RACINE / nom, lieu / nom)
    git(lieu, "init", "--quiet", "--initial-branch", "main")
    git(lieu, "add", "--all")
    git(lieu, "commit", "--quiet", "--message", "version d'avant")
    return lieu


def test_servir_mettre_a_jour_et_revenir(amont: Path, tmp_path: Path) -> None:
    site = Site(amont, tmp_path / "site")
    assert "systemctl enable --now trpm trpm-ouvrier" in site.lancer("serve")
    unite = (tmp_path / "racine" / "etc" / "systemd" / "system" / "trpm.service").read_text()
    assert f"WorkingDirectory={site.lieu}\n" in unite
    assert (site.lieu / ".env").stat().st_mode & 0o077 == 0
    assert (site.lieu / "staticfiles" / "staticfiles.json").exists()
    reglages = (site.lieu / ".env").read_text()
    assert "ALLOWED_HOSTS=livret.example.fr\n" in reglages
    site.lancer("serve")  # rejouable : les réglages restent
    assert (site.lieu / ".env").read_text() == reglages

    version = git(site.lieu, "rev-parse", "HEAD")
    with sqlite3.connect(site.lieu / "trpm.sqlite3") as base:
        base.execute(
            "INSERT INTO trpm_envoirecu (cle, empreinte, suite, recu_le) VALUES ('a', '', '', '2026-01-01')"
        )
    migrations = amont / "trpm" / "migrations"
    derniere = max(un.stem for un in migrations.glob("0*.py"))
    (migrations / "0999_annexe.py").write_text(ANNEXE.format(derniere=derniere))
    git(amont, "add", "--all")
    git(amont, "commit", "--quiet", "--message", "version d'après")

    site.lancer("mettre_a_jour")
    assert site.lire("SELECT count(*) FROM essai_version") == [(0,)]
    with sqlite3.connect(site.lieu / "trpm.sqlite3") as base:
        base.execute("DELETE FROM trpm_envoirecu")

    site.lancer("revenir")
    assert git(site.lieu, "rev-parse", "HEAD") == version
    assert site.lire("SELECT cle FROM trpm_envoirecu") == [("a",)]
    assert site.lire("SELECT name FROM sqlite_master WHERE name = 'essai_version'") == []
    assert len(list((site.lieu / "sauvegardes").glob("avant-retour-*"))) == 1


def test_sans_systemd_make_serve_le_dit_et_ne_fait_rien(tmp_path: Path) -> None:
    if os.getuid() == 0 and shutil.which("systemctl"):
        pytest.skip("cette machine est root avec systemd : « make serve » y installerait pour de bon")
    rendu = subprocess.run([RACINE / ".ci" / "serve"], capture_output=True, text=True)
    assert (rendu.returncode, "make demo" in rendu.stderr) == (1, True)
