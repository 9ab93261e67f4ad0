"""Les fichiers de plusieurs machines, dans un seau S3 : un vrai serveur, et ce qui lit ou écrit."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from moto.server import ThreadedMotoServer

from certification.lot import tirages
from tests.certification.scene import adresse
from tests.litanie import connecte
from tests.monde import Monde
from tests.ouvrage import toutes_les_taches
from tests.test_socle_reglages import en_production
from trpm.sauvegarde import coffre
from trpm.sauvegarde.prendre import sauvegarder, tous_les_fichiers


@pytest.fixture
def seau(monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[str]:
    """L'adresse d'un serveur S3, où le site range désormais ses fichiers : rien n'y est d'avant."""
    for nom, valeur in {"ACCESS_KEY_ID": "cle", "SECRET_ACCESS_KEY": "secret"}.items():
        monkeypatch.setenv(f"AWS_{nom}", valeur)
    serveur = ThreadedMotoServer(port=0, verbose=False)
    serveur.start()
    hote, port = serveur.get_host_and_port()
    lieu = f"http://{hote}:{port}"
    seau = boto3.resource("s3", endpoint_url=lieu, region_name="us-east-1").Bucket("livret")
    seau.create()
    seau.objects.all().delete()  # un serveur arrêté laisse le sien à celui qui le suit dans ce processus
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": "livret",
                "file_overwrite": False,
                "endpoint_url": lieu,
                "region_name": "us-east-1",
            },
        },
    }
    yield lieu
    serveur.stop()


@pytest.mark.base
def test_un_seul_reglage_y_mene() -> None:
    lu = en_production(
        "print(settings.STORAGES['default'])",
        FICHIERS_S3="s3://livret?endpoint_url=https://s3.example.fr&region_name=fr",
    )
    assert lu.stdout.strip() == str(
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": "livret",
                "file_overwrite": False,
                "endpoint_url": "https://s3.example.fr",
                "region_name": "fr",
            },
        }
    )


@pytest.mark.django_db
def test_un_lot_s_y_tire_s_y_telecharge_et_s_en_efface(monde: Monde, seau: str, monkeypatch) -> None:
    monkeypatch.setattr(tirages, "produire", lambda tirage: f"%PDF {tirage.nom}".encode())
    lot = tirages.demander(monde.a.commission, "grilles", monde.a.president)
    toutes_les_taches()
    assert len(list(tous_les_fichiers())) == lot.avancement().total == 3
    client: Client = connecte(monde.a.president)
    recu = b"".join(client.get(adresse("lot-zip", lot.pk)).streaming_content)
    assert len(ZipFile(BytesIO(recu)).namelist()) == 2
    ensemble = b"".join(client.get(adresse("lot-fichier", lot.pk)).streaming_content)
    assert ensemble.startswith(b"%PDF Grilles")
    lot.retirer()
    assert list(tous_les_fichiers()) == []


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_une_sauvegarde_les_prend(seau: str, tmp_path: Path, settings) -> None:
    default_storage.save("traces/é.txt", ContentFile("été".encode()))
    default_storage.save("traces/2026/deux.bin", ContentFile(b"\0" * 3_000_000))
    chemin = sauvegarder(tmp_path / "s.sauvegarde", "phrase")
    (tmp_path / "dossier").mkdir()
    coffre.ouvrir(chemin, "phrase", tmp_path / "dossier")
    pris = tmp_path / "dossier" / "fichiers" / "traces"
    assert ((pris / "é.txt").read_text(), (pris / "2026" / "deux.bin").stat().st_size) == ("été", 3_000_000)
