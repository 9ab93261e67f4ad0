"""L'ouvrier des lots, pour de vrai : des processus à part, dont l'un est tué au milieu de son travail."""

import datetime
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings as reglages
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ
from pypdf import PdfReader

from certification.lot import tirages
from certification.models import Lot, Tirage
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
DELAI = 240
"""Secondes : deux baux, qu'une tâche prise puis perdue soit présentée de nouveau."""


@pytest.fixture
def lot(monde, settings, tmp_path) -> Lot:
    settings.MEDIA_ROOT = tmp_path
    for rang in range(3, 9):
        eleve = factories.eleve(monde.a.classe, f"ALPHA-A{rang}")
        factories.dossier(monde.a.commission, eleve)
    return tirages.demander(monde.a.commission, "grilles", monde.a.president)


def ouvrier(medias: Path, *arguments: str, sortie: int | None = None) -> subprocess.Popen:
    acces = connection.settings_dict
    if connection.vendor == "sqlite":
        adresse = f"sqlite:///{acces['NAME']}"
    else:
        hote = acces["HOST"] or acces["OPTIONS"].get("host", "")
        adresse = f"postgresql://{acces['USER']}@/{acces['NAME']}?host={hote}"
        adresse += f"&port={acces['PORT']}" if acces["PORT"] else ""
    return subprocess.Popen(
        [sys.executable, "manage.py", "travailler", *arguments],
        cwd=reglages.BASE_DIR,
        env={
            **os.environ,
            "DEBUG": "1",
            "DATABASE_URL": adresse,
            "MEDIA_ROOT": str(medias),
            "NIVEAU_JOURNAL": "ERROR",
        },
        stdout=sortie,
    )


def equipe_a_tuer(medias: Path) -> subprocess.Popen:
    return ouvrier(medias, sortie=subprocess.PIPE)


def tuer(equipe: subprocess.Popen) -> None:
    """Net. Le premier processus emporte les autres, un instant après lui : leur sortie commune ne se ferme
    qu'avec le dernier, qui d'ici là peut encore prendre une tâche et son bail."""
    equipe.kill()
    equipe.communicate(timeout=DELAI)
    assert equipe.returncode == -signal.SIGKILL


def achever(medias: Path) -> None:
    """Une équipe fait ce qui reste, et s'en va."""
    equipe = ouvrier(medias, "--une-fois")
    try:
        assert equipe.wait(DELAI) == 0
    except subprocess.TimeoutExpired:
        equipe.kill()
        pytest.fail(f"Ces tâches attendent encore : {list(OrmQ.objects.values('pk', 'lock'))}")


def attendre(condition) -> None:
    fin = time.monotonic() + DELAI
    while not condition():
        assert time.monotonic() < fin, "L'ouvrier n'a rien fait à temps."
        time.sleep(0.005)


def etats() -> Counter:
    return Counter(Tirage.objects.values_list("etat", flat=True))


def verifier_complet(lot: Lot, medias: Path) -> None:
    """Chaque document une fois : en base, sur le disque, et dans le fichier unique."""
    assert etats() == {"fait": 9}
    noms = {Path(tirage.fichier.name).name for tirage in lot.tirages.all()}
    assert sorted(noms) == sorted(fichier.name for fichier in (medias / "lots" / str(lot.pk)).iterdir())
    final = lot.avancement().final
    textes = [page.extract_text() for page in PdfReader(final.fichier.open()).pages]
    assert [sum(f"ALPHA-A{rang}" in texte for texte in textes) for rang in range(1, 9)] == [1] * 8


@pytest.mark.long
def test_un_ouvrier_tue_au_milieu_laisse_un_lot_que_le_suivant_acheve(lot, tmp_path):
    premier = equipe_a_tuer(tmp_path)
    try:
        attendre(lambda: etats()["fait"] >= 1 and etats()["en_cours"])
    finally:
        tuer(premier)
    interrompu = Tirage.objects.get(etat="en_cours")
    assert not lot.avancement().fini
    # Deux minutes plus tard, les baux de l'ouvrier disparu sont échus.
    OrmQ.objects.update(lock=timezone.now() - datetime.timedelta(seconds=1))

    achever(tmp_path)
    verifier_complet(lot, tmp_path)
    interrompu.refresh_from_db()
    assert interrompu.tentatives == 2
    assert set(lot.tirages.exclude(pk=interrompu.pk).values_list("tentatives", flat=True)) == {1}


@pytest.mark.long
def test_deux_ouvriers_ne_tirent_jamais_le_meme(lot, tmp_path):
    equipe = ouvrier(tmp_path, "--ouvriers", "2")
    try:
        attendre(lambda: lot.avancement().fini)
    finally:
        equipe.terminate()
    assert equipe.wait(DELAI) == 0
    verifier_complet(lot, tmp_path)
    assert set(lot.tirages.values_list("tentatives", flat=True)) == {1}
