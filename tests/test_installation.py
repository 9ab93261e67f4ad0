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
OUTILS = (".ci/serve", ".ci/mettre_a_jour", ".ci/revenir")
VISITE = """
import re
from django.test import Client
from django.urls import resolve
from livret.models import Utilisateur

for nom in ("prof", "president", "eleve", "admin"):
    client, a_voir, vues = Client(headers={"host": "livret.example.fr"}), ["/"], set()
    client.force_login(Utilisateur.objects.get(username=nom))
    while a_voir and len(vues) < 12:
        chemin = a_voir.pop(0)
        page = resolve(chemin).view_name
        if page in vues or re.search("pdf|xlsx|csv|zip|deconnexion|compteurs", chemin):
            continue
        vues.add(page)
        rendue = client.get(chemin, secure=True)
        print(rendue.status_code, chemin)
        a_voir += re.findall('href="(/(?!static/)[^"#?]*)"', rendue.content.decode())
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


def test_toute_facon_de_servir_prend_le_meme_reglage() -> None:
    facons = ("docs/installation/trpm.service", ".ci/demo", "trpm/management/commands/servir.py")
    textes = [(RACINE / nom).read_text().replace('", "', " ") for nom in facons]
    assert [texte.count("--config python:trpm.base.serveur") for texte in textes] == [1, 1, 1]


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

    def lancer(self, *commande: str) -> str:
        rendu = subprocess.run(commande, cwd=self.lieu, env=self.env, capture_output=True, text=True)
        assert rendu.returncode == 0, rendu.stdout + rendu.stderr
        return rendu.stdout

    def gerer(self, *commande: str) -> str:
        return self.lancer(".venv/bin/python", "manage.py", *commande)


def inscrire(lieu: Path, message: str) -> str:
    git(lieu, "add", "--all")
    git(lieu, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(lieu, "rev-parse", "HEAD")


def poser_la_version_d_ici(lieu: Path) -> str:
    """Le dépôt tel qu'il est ici, ce qui n'est pas encore inscrit compris."""
    for nom in git(lieu, "ls-files").splitlines():
        (lieu / nom).unlink()
    suivis = git(RACINE, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for nom in filter(lambda nom: (RACINE / nom).is_file(), suivis):
        (lieu / nom).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(RACINE / nom, lieu / nom)
    return inscrire(lieu, "version d'après")


def migrations_de(lieu: Path, commit: str) -> set[str]:
    """Chacune avec l'empreinte de ce qu'elle contient."""
    lignes = git(lieu, "ls-tree", "-r", commit).splitlines()
    return {ligne for ligne in lignes if "/migrations/0" in ligne}


def version_d_avant(lieu: Path, ici: str) -> str:
    """Le plus récent des commits à qui il manque des migrations d'ici, et dont aucune n'a changé depuis."""
    voulues = migrations_de(lieu, ici)
    for commit in git(lieu, "log", "--format=%H", "HEAD", "--", ":(glob)*/migrations/0*.py").splitlines():
        if migrations_de(lieu, commit) < voulues:
            return commit
    pytest.skip("aucun commit de cet historique n'a moins de migrations qu'ici")


@pytest.fixture
def amont(tmp_path: Path) -> Path:
    """Un vrai commit d'avant, puis, sur la branche « suite », la version d'ici. Les outils de mise à jour
    sont ceux d'ici quand ce commit ne les avait pas encore."""
    lieu = tmp_path / "amont"
    if not (RACINE / ".git").exists():
        pytest.skip("sans dépôt git (archive\xa0?), aucune version d'avant à mettre à jour")
    if git(RACINE, "rev-parse", "--is-shallow-repository") == "true":
        pytest.skip(
            "clone superficiel\xa0: l'historique ne donne pas de version d'avant (git fetch --unshallow)"
        )
    git(RACINE, "clone", "--quiet", "--shared", str(RACINE), str(lieu))
    git(lieu, "switch", "--quiet", "--force-create", "suite")
    avant = version_d_avant(lieu, poser_la_version_d_ici(lieu))
    git(lieu, "switch", "--quiet", "--force-create", "main", avant)
    for nom in (*OUTILS, *(f"docs/installation/{un.name}" for un in INSTALLATION.iterdir())):
        if not (lieu / nom).exists():
            (lieu / nom).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(RACINE / nom, lieu / nom)
    inscrire(lieu, "version d'avant")
    return lieu


def contenu(site: Site) -> list[str]:
    """Tables et lignes, au jour près où une migration s’est faite, sans la trace d’un retour ni les révisions
    qu’une sauvegarde n’emporte pas."""
    with sqlite3.connect(site.lieu / "trpm.sqlite3") as base:
        lignes = [re.sub(r'(INTO "django_migrations" .*),.*', r"\1", ligne) for ligne in base.iterdump()]
    omises = re.compile(r"INSERT.*(trpm_restauration|trpm_revision)")
    return sorted(un for un in lignes if not omises.match(un))


@pytest.mark.long
def test_servir_mettre_a_jour_une_vraie_version_d_avant_et_revenir(amont: Path, tmp_path: Path) -> None:
    site = Site(amont, tmp_path / "site")
    assert "systemctl enable --now trpm trpm-ouvrier" in site.lancer(".ci/serve")
    unite = (tmp_path / "racine" / "etc" / "systemd" / "system" / "trpm.service").read_text()
    assert f"WorkingDirectory={site.lieu}\n" in unite
    assert (site.lieu / ".env").stat().st_mode & 0o077 == 0
    assert (site.lieu / "staticfiles" / "staticfiles.json").exists()
    reglages = (site.lieu / ".env").read_text()
    assert "ALLOWED_HOSTS=livret.example.fr\n" in reglages
    site.gerer("importer_referentiel", "fixtures/trpm.json")
    site.gerer("charger_demo")
    site.lancer(".ci/serve")  # rejouable : les réglages restent
    assert (site.lieu / ".env").read_text() == reglages
    site.env["DEBUG"] = "1"  # les fichiers statiques ne se compriment plus : le tiers du temps

    version, avant = git(site.lieu, "rev-parse", "HEAD"), contenu(site)
    git(amont, "switch", "--quiet", "suite")
    ici = git(amont, "rev-parse", "HEAD^{tree}")
    git(
        amont,
        "branch",
        "--quiet",
        "--force",
        "main",
        git(amont, "commit-tree", ici, "-p", version, "-m", "x"),
    )
    site.lancer(".ci/mettre_a_jour")
    manquent = site.gerer("showmigrations", "--plan")
    assert ("[X]" in manquent, "[ ]" in manquent) == (True, False)
    assert contenu(site) != avant
    vues = site.gerer("shell", "--no-imports", "--command", VISITE).splitlines()
    assert len(vues) >= 40
    assert [vue for vue in vues if not vue.startswith(("200 ", "302 "))] == []
    with sqlite3.connect(site.lieu / "trpm.sqlite3") as base:
        base.execute("DELETE FROM trpm_envoirecu")
        base.execute("UPDATE livret_etablissement SET nom = 'Autre'")

    site.lancer(".ci/revenir")
    assert git(site.lieu, "rev-parse", "HEAD") == version
    assert contenu(site) == avant
    assert len(list((site.lieu / "sauvegardes").glob("avant-retour-*"))) == 1


def test_sans_systemd_make_serve_le_dit_et_ne_fait_rien(tmp_path: Path) -> None:
    if os.getuid() == 0 and shutil.which("systemctl"):
        pytest.skip("cette machine est root avec systemd : « make serve » y installerait pour de bon")
    rendu = subprocess.run([RACINE / ".ci" / "serve"], capture_output=True, text=True)
    assert (rendu.returncode, "make demo" in rendu.stderr) == (1, True)
