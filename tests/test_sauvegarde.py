"""Sauvegarder pendant que l'on écrit, puis rétablir : chaque ligne, chaque fichier, ou rien de changé."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings as reglages
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from livret.transfert.models import TransfertRecu
from tests.certification.lot.test_ouvrier import attendre
from tests.monde import Monde
from trpm.models import EnvoiRecu, Restauration, Sauvegarde
from trpm.sauvegarde import coffre, prendre, retablir
from trpm.sauvegarde.coffre import SauvegardeRefusee
from trpm.sauvegarde.prendre import sauvegarder

PHRASE = "tour, fraise et rabot"
# Ce que la restauration écrit elle-même ; ce qui ne se transporte pas : échecs de tâches, comptes.
A_PART = {"django_migrations", "trpm_restauration", "django_q_task", "trpm_revision"}


@pytest.fixture(autouse=True)
def lieux(settings, tmp_path) -> None:
    settings.MIGRATION_MODULES = {}  # les tests s'en passent ; une sauvegarde dit où elles en sont
    settings.MEDIA_ROOT, settings.SAUVEGARDES = tmp_path / "media", tmp_path / "sauvegardes"


class Ailleurs:
    """Une autre installation : sa base, ses fichiers, ses commandes."""

    def __init__(self, adresse: str, lieu: Path) -> None:
        self.adresse, self.media = adresse, lieu / "ailleurs" / "media"
        self.env = os.environ | {
            "DEBUG": "1",
            "DATABASE_URL": adresse,
            "MEDIA_ROOT": str(self.media),
            "SAUVEGARDES": str(lieu / "ailleurs" / "sauvegardes"),
            "SAUVEGARDES_PHRASE": PHRASE,
            "NIVEAU_JOURNAL": "ERROR",
        }
        self.atelier = lieu / "ailleurs" / "sauvegardes" / ".restauration"

    def lancer(self, *arguments: object) -> subprocess.Popen:
        commande = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.Popen(commande, cwd=reglages.BASE_DIR, env=self.env, stdout=subprocess.DEVNULL)

    def restaurer(self, chemin: Path) -> None:
        assert self.lancer("restaurer", chemin).wait() == 0

    def etat(self) -> tuple[dict[str, list[str]], dict[str, bytes]]:
        return lignes(self.adresse), fichiers(self.media)


@pytest.fixture
def ailleurs(neuve: str, tmp_path: Path) -> Ailleurs:
    return Ailleurs(neuve, tmp_path)


def lignes(adresse: str) -> dict[str, list[str]]:
    """Toutes les lignes de toutes les tables, par le pilote seul."""
    if adresse.startswith("sqlite"):
        base = sqlite3.connect(adresse.removeprefix("sqlite:///"))
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        colonnes = "SELECT name FROM pragma_table_info('{}') ORDER BY name"
    else:
        base = psycopg2.connect(adresse)
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        colonnes = (
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = '{}' ORDER BY 1"
        )
    curseur, lues = base.cursor(), {}
    curseur.execute(tables)
    for (table,) in curseur.fetchall():
        curseur.execute(colonnes.format(table))
        noms = ", ".join(f'"{nom}"' for (nom,) in curseur.fetchall())
        curseur.execute(f'SELECT {noms} FROM "{table}"')
        lues[table] = sorted(map(repr, curseur.fetchall()))
    base.close()
    return {table: lues[table] for table in sorted(lues) if table not in A_PART}


def ecarts(obtenu, attendu) -> dict[str, list[str]]:
    """Ce qui n'est que d'un côté : lignes de chaque table, puis fichiers."""
    (tables, poses), (toutes, voulus) = obtenu, attendu
    vus = {nom: sorted({*tables.get(nom, ())} ^ {*toutes.get(nom, ())}) for nom in {*tables, *toutes}}
    vus["fichiers"] = sorted(nom for nom in {*poses, *voulus} if poses.get(nom) != voulus.get(nom))
    return {nom: differe for nom, differe in vus.items() if differe}


def adresse_des_tests() -> str:
    acces = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{acces['NAME']}"
    hote = acces["HOST"] or acces["OPTIONS"].get("host", "")
    return f"postgresql://{acces['USER']}@/{acces['NAME']}?host={hote}&port={acces['PORT'] or 5432}"


def fichiers(media: Path) -> dict[str, bytes]:
    return {un.relative_to(media).as_posix(): un.read_bytes() for un in media.rglob("*") if un.is_file()}


def deposer(monde: Monde, nom: str) -> str:
    """Un fichier et deux lignes qui le tiennent, qui n'ont de sens qu'ensemble."""
    pose = default_storage.save(nom, ContentFile(b"x" * 5000))
    commun = {"etablissement": monde.a.etablissement, "par": monde.a.enseignant, "le": timezone.now()}
    with transaction.atomic():
        for moitie in "ab":
            TransfertRecu.objects.create(empreinte=f"{moitie}:{nom}", archive=pose, **commun)
    return pose


def effacer(nom: str) -> None:
    """Comme partout : les lignes, puis le fichier."""
    TransfertRecu.objects.filter(archive=nom).delete()
    default_storage.delete(nom)


def ecrivain(monde: Monde, arret: threading.Event, rang: int) -> None:
    """Dépose sans fin, et efface aussitôt un dépôt sur trois."""
    for numero in range(10_000):
        nom = deposer(monde, f"essai/{rang}-{numero}.txt")
        if numero % 3 == 2:
            effacer(nom)
        if arret.wait(0.005):
            break
    connections.close_all()


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_prise_pendant_que_l_on_ecrit_elle_se_tient(monde: Monde, ailleurs: Ailleurs, tmp_path, settings):
    arret = threading.Event()
    fils = [threading.Thread(target=ecrivain, args=(monde, arret, rang)) for rang in range(3)]
    for fil in fils:
        fil.start()
    attendre(lambda: TransfertRecu.objects.count() > 20)
    avant = TransfertRecu.objects.count()
    chemin = sauvegarder(tmp_path / "une.sauvegarde", PHRASE)
    apres = TransfertRecu.objects.count()
    arret.set()
    for fil in fils:
        fil.join()
    assert apres > avant, "Personne n'a écrit pendant la sauvegarde."
    ailleurs.restaurer(chemin)
    lues, poses = ailleurs.etat()
    moities = [re.search(r"\b([ab]):(essai/[\d-]+\.txt)", un).groups() for un in lues["livret_transfertrecu"]]
    premieres = {nom for moitie, nom in moities if moitie == "a"}
    assert premieres == {nom for moitie, nom in moities if moitie == "b"}
    assert len(premieres) * 2 == len(moities) >= 20
    assert premieres <= set(poses)
    assert {len(poses[nom]) for nom in premieres} == {5000}


def depliee(chemin: Path, dossier: Path) -> dict[str, bytes]:
    """Ce que tient la sauvegarde : les fichiers et les lignes, par leur nom."""
    dossier.mkdir()
    coffre.ouvrir(chemin, "", dossier)
    return fichiers(dossier)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("efface", [True, False])
def test_un_fichier_ne_puis_efface_autour_de_l_instant(efface, monde: Monde, tmp_path, monkeypatch):
    """Arrivé après le premier passage, effacé juste après l'instant : ni lui, ni ses lignes. Perdu alors
    que ses lignes restent, rien n'est à attendre : elles y sont."""
    tenus = prendre.fichiers_tenus
    noms = []

    def a_l_instant(*base):
        if noms or not base:
            return tenus(*base)
        noms.append(deposer(monde, "essai/bref.txt"))
        lus = tenus(*base)
        effacer(noms[0]) if efface else default_storage.delete(noms[0])
        return lus

    monkeypatch.setattr(prendre, "fichiers_tenus", a_l_instant)
    reste = deposer(monde, "essai/reste.txt")
    pris = depliee(sauvegarder(tmp_path / "une.sauvegarde"), tmp_path / "deplie")
    assert f"fichiers/{reste}" in pris
    assert "fichiers/essai/bref.txt" not in pris
    lignes_prises = pris["base/livret.transfertrecu.jsonl"].decode()
    tenant = {nom: lignes_prises.count(f'"essai/{nom}.txt"') for nom in ("reste", "bref")}
    assert tenant == {"reste": 2, "bref": 0 if efface else 2}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("commence", [True, False])
def test_efface_apres_l_instant_il_est_entier_ou_absent(commence, monde: Monde, tmp_path, monkeypatch):
    """Pris entier au premier passage, il reste. Pris quand il s'écrivait encore, achevé avant l'instant et
    effacé après : ce qui en fut pris ne vaut pas, ses lignes n'y sont pas."""
    tenus, nom = prendre.fichiers_tenus, "essai/bref.txt"
    vus = []

    def a_l_instant(*base):
        if vus or not base:
            return tenus(*base)
        vus.append(base)
        if commence:
            default_storage.delete(nom)
            deposer(monde, nom)
        lus = tenus(*base)
        effacer(nom)
        return lus

    monkeypatch.setattr(prendre, "fichiers_tenus", a_l_instant)
    default_storage.save(nom, ContentFile(b"le debut")) if commence else deposer(monde, nom)
    pris = depliee(sauvegarder(tmp_path / "une.sauvegarde"), tmp_path / "deplie")
    lues = pris["base/livret.transfertrecu.jsonl"].decode().count(f'"{nom}"')
    assert (lues, len(pris[f"fichiers/{nom}"])) == ((0, 8) if commence else (2, 5000))


@pytest.mark.django_db(transaction=True)
def test_un_fichier_qui_s_ecrit_au_premier_passage_est_pris_entier(monde: Monde, tmp_path, monkeypatch):
    """Sa ligne s'écrit après lui, avant l'instant : l'un et l'autre sont de la sauvegarde."""
    nom = default_storage.save("traces/lente.txt", ContentFile(b"le debut"))

    def achever(*base):
        Path(default_storage.path(nom)).write_bytes(b"le debut, puis la fin")
        return tenus(*base)

    tenus = prendre.fichiers_tenus
    monkeypatch.setattr(prendre, "fichiers_tenus", achever)
    chemin = sauvegarder(tmp_path / "une.sauvegarde")
    assert depliee(chemin, tmp_path / "deplie")[f"fichiers/{nom}"] == b"le debut, puis la fin"


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_chaque_ligne_et_chaque_fichier_reviennent(monde: Monde, ailleurs: Ailleurs, tmp_path, settings):
    """Puis la machine vit : une seconde restauration, tuée, laisse l'avant ou l'après, entier."""
    emit_post_migrate_signal(0, False, "default")  # les droits de Django, qu'un test d'avant a pu vider
    default_storage.save("traces/2026/é.txt", ContentFile("été".encode()))
    default_storage.save("lots/1/1-1.pdf", ContentFile(os.urandom(3_000_000)))
    une = sauvegarder(tmp_path / "une.sauvegarde", PHRASE)
    premier = (lignes(adresse_des_tests()), fichiers(settings.MEDIA_ROOT))
    assert sum(map(len, premier[0].values())) > 200
    ailleurs.restaurer(une)
    assert ecarts(ailleurs.etat(), premier) == {}

    default_storage.delete("traces/2026/é.txt")
    default_storage.delete("lots/1/1-1.pdf")
    default_storage.save("lots/1/1-1.pdf", ContentFile(b"un autre, sous le meme nom"))
    EnvoiRecu.objects.create(cle="nouveau", recu_le=timezone.now())
    type(monde.a.enseignant).objects.filter(pk=monde.a.enseignant.pk).update(last_name="CHANGÉ")
    deux = sauvegarder(tmp_path / "deux.sauvegarde")
    second = (lignes(adresse_des_tests()), fichiers(settings.MEDIA_ROOT))
    assert second != premier

    en_train = [
        ailleurs.atelier.exists,
        (ailleurs.atelier / "base" / "migrations.json").exists,
        (ailleurs.atelier / "jeton").exists,
    ]
    for moment in en_train:
        restauration = ailleurs.lancer("restaurer", deux)
        attendre(moment)
        os.kill(restauration.pid, signal.SIGKILL)
        restauration.wait()
        attendre(lambda: charger_a_fini(ailleurs))
        assert ailleurs.lancer("travailler", "--une-fois").wait() == 0
        assert not ailleurs.atelier.exists()
        assert (etat := ailleurs.etat()) in (premier, second)
        if etat == second:
            break
    ailleurs.restaurer(deux)
    assert ecarts(ailleurs.etat(), second) == {}


def charger_a_fini(ailleurs: Ailleurs) -> bool:
    """L'enfant d'une restauration tuée finit dans la base d'à côté : on l'attend, pour compter juste."""
    vivants = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    return f"charger_sauvegarde {ailleurs.atelier}" not in vivants


@pytest.mark.django_db(transaction=True)
def test_tuee_entre_la_base_et_les_fichiers_elle_s_acheve_au_demarrage(
    monde: Monde, tmp_path, settings, monkeypatch
):
    """Le point le plus étroit, joué : la base est échangée, les fichiers ne sont pas posés."""
    default_storage.save("apres.txt", ContentFile(b"apres"))
    Restauration.objects.create(jeton="j")
    atelier = settings.SAUVEGARDES / ".restauration"
    (atelier / "fichiers").mkdir(parents=True)
    (atelier / "fichiers" / "retabli.txt").write_bytes(b"retabli")
    (atelier / "jeton").write_text("autre")
    shutil.copytree(atelier, tmp_path / "copie")
    retablir.achever()
    assert (fichiers(settings.MEDIA_ROOT), atelier.exists()) == ({"apres.txt": b"apres"}, False)
    shutil.copytree(tmp_path / "copie", atelier)
    (atelier / "jeton").write_text("j")
    retablir.achever()
    assert (fichiers(settings.MEDIA_ROOT), atelier.exists()) == ({"retabli.txt": b"retabli"}, False)


def refus(chemin: Path, phrase: str = "") -> str:
    """La phrase ; et rien n'a été écrit."""
    avant = fichiers(Path(reglages.MEDIA_ROOT))
    with pytest.raises(SauvegardeRefusee) as leve:
        retablir.restaurer(chemin, phrase)
    assert not (Path(reglages.SAUVEGARDES) / ".restauration").exists()
    assert fichiers(Path(reglages.MEDIA_ROOT)) == avant
    assert not Restauration.objects.exists()
    return str(leve.value).replace("\xa0", " ")


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_un_refus_s_explique_et_n_ecrit_rien(monde: Monde, tmp_path):
    default_storage.save("un.txt", ContentFile(os.urandom(200_000)))
    claire, chiffree = sauvegarder(tmp_path / "a.sauvegarde"), sauvegarder(tmp_path / "b.sauvegarde", PHRASE)
    assert refus(chiffree, "faux") == (
        "Cette phrase de passe n’ouvre pas cette sauvegarde : rien n’a été changé."
    )
    assert refus(chiffree) == "Cette sauvegarde est chiffrée : donnez sa phrase de passe."
    assert refus(tmp_path / "absente") == "Ce fichier ne se lit pas : No such file or directory."
    (tmp_path / "photo.sauvegarde").write_bytes(b"\x89PNG" * 500)
    assert refus(tmp_path / "photo.sauvegarde") == "Ce fichier n’est pas une sauvegarde de cette application."
    for entiere in (claire, chiffree):
        octets = entiere.read_bytes()
        abimee = tmp_path / "abimee.sauvegarde"
        for essai in (octets[: len(octets) // 2], octets[:-12_000], changee(octets)):
            abimee.write_bytes(essai)
            assert refus(abimee, PHRASE) == coffre.ABIMEE.replace("\xa0", " ")


def changee(octets: bytes) -> bytes:
    milieu = len(octets) // 2
    return octets[:milieu] + bytes([octets[milieu] ^ 1]) + octets[milieu + 1 :]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "entete", [{"migrations": [["trpm", "0999_demain"]]}, {"format": 2, "migrations": []}]
)
def test_une_version_plus_recente_se_refuse(entete, tmp_path):
    coffre.fermer(tmp_path / "demain", entete, "", lambda contenu: None)
    assert refus(tmp_path / "demain") == retablir.PLUS_RECENTE.replace("\xa0", " ")


@pytest.mark.django_db(transaction=True)
def test_chaque_nuit_les_n_dernieres_et_la_page_le_dit(monde: Monde, settings, monkeypatch, client):
    settings.SAUVEGARDES_GARDEES = 2
    client.force_login(monde.a.administrateur)
    page = reverse("livret:etablissement", args=[monde.a.etablissement.pk])

    def lue() -> str:
        return client.get(page).content.decode()

    assert "Aucune sauvegarde n’a encore été prise." in lue()
    settings.SAUVEGARDES.mkdir()
    for jour in ("2026-01-01-02h00", "2026-01-02-02h00", "2026-01-03-02h00"):
        (settings.SAUVEGARDES / f"{jour}{prendre.SUFFIXE}").touch()
    prendre.nocturne()
    gardees = sorted(un.name for un in settings.SAUVEGARDES.glob(f"*{prendre.SUFFIXE}"))
    assert gardees == ["2026-01-03-02h00.sauvegarde", Sauvegarde.objects.get().fichier]
    assert ("Dernière bonne sauvegarde" in lue(), 'class="conseil"' in lue()) == (True, False)
    monkeypatch.setattr(prendre, "fermer", lambda *_: (_ for _ in ()).throw(OSError("disque plein")))
    with pytest.raises(OSError, match="disque plein"):
        prendre.nocturne()
    assert "La dernière sauvegarde a manqué" in lue()
    Sauvegarde.objects.filter(motif="").update(le=timezone.now() - timedelta(days=3))
    assert "La dernière bonne sauvegarde a plus de deux jours." in lue()


@pytest.mark.django_db(transaction=True)
def test_la_commande_chiffre_et_dit_ce_qu_elle_fait(monde: Monde, tmp_path, capsys):
    (tmp_path / "phrase").write_text(f"{PHRASE}\n")
    chemin = tmp_path / "x.sauvegarde"
    call_command("sauvegarder", str(chemin), phrase_dans=tmp_path / "phrase")
    assert capsys.readouterr().out.endswith("octets, chiffrée.\n")
    with tarfile.open(chemin) as tar:
        assert json.load(tar.extractfile("entete.json"))["format"] == 1
    assert chemin.stat().st_mode & 0o077 == 0
    assert "ALPHA" not in chemin.read_bytes().decode("latin-1")
    with pytest.raises(CommandError, match="donnez sa phrase"):
        call_command("restaurer", str(chemin))
