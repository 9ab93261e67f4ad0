"""La première page d'une machine neuve rétablit une sauvegarde : après le code, tout ou rien."""

import os
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.sql import emit_post_migrate_signal
from django.test import Client
from django.utils import timezone

from livret.models import CodeOuverture, Utilisateur
from livret.ouverture import restauration
from livret.ouverture.models import ESSAIS
from tests.livret.ouverture.test_ouverture import codes_dits, ouvrir, servi
from tests.monde import Monde
from tests.test_sauvegarde import (
    PHRASE,
    adresse_des_tests,
    changee,
    ecarts,
    fichiers,
    lieux,
    lignes,
)
from trpm.models import Restauration
from trpm.sauvegarde import coffre, retablir
from trpm.sauvegarde.prendre import sauvegarder

__all__ = ["lieux", "servi"]

pytestmark = pytest.mark.django_db(transaction=True)
RESTAURER = "/ouverture/restaurer/"


def envoyer(code: str, **champs: object) -> str:
    """Ce que dit la page, espaces insécables ouvertes ; l'adresse si elle mène ailleurs."""
    reponse = Client().post(RESTAURER, {"code": code, **champs})
    return reponse.headers.get("Location", "") or reponse.text.replace("\xa0", " ").replace("&nbsp;", " ")


def depose(chemin: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(chemin.name, chemin.read_bytes())


PRISES: dict[str, bytes] = {}
"""Les sauvegardes d'une base vide, prises une fois."""


def prendre(dossier: Path) -> None:
    default_storage.save("un.txt", ContentFile(os.urandom(200_000)))
    PRISES["claire"] = sauvegarder(dossier / "claire").read_bytes()
    PRISES["chiffree"] = sauvegarder(dossier / "chiffree", PHRASE).read_bytes()
    default_storage.delete("un.txt")
    coffre.fermer(dossier / "demain", {"migrations": [["trpm", "0999_demain"]]}, "", lambda contenu: None)
    PRISES["demain"] = (dossier / "demain").read_bytes()
    PRISES["abimee"] = changee(PRISES["claire"])
    PRISES["coupee"] = PRISES["claire"][: len(PRISES["claire"]) // 2]
    PRISES["photo"] = b"\x89PNG" * 500


@pytest.fixture
def sauvegardes(settings, tmp_path: Path) -> dict[str, Path]:
    """Une sauvegarde claire, une chiffrée, et ce qui n'en est pas, dans le dossier du serveur."""
    if not PRISES:
        prendre(tmp_path)
    settings.SAUVEGARDES.mkdir()
    lues = {quoi: settings.SAUVEGARDES / f"2026-01-0{rang}.sauvegarde" for rang, quoi in enumerate(PRISES)}
    for quoi, chemin in lues.items():
        chemin.write_bytes(PRISES[quoi])
    return lues


@pytest.mark.long
def test_le_code_d_abord_et_les_sauvegardes_ne_se_montrent_pas_sans_lui(sauvegardes: dict[str, Path]) -> None:
    assert ".sauvegarde" not in Client().get("/ouverture/").text
    code = CodeOuverture.tirer(timezone.now())
    refusee = envoyer("aaaa-bbbb-cccc")
    assert "Ce n’est pas le code que le serveur a donné" in refusee
    assert "2026-01-0" not in refusee
    assert CodeOuverture.objects.get().essais == 1
    montree = envoyer(code.upper())
    assert montree.index("2026-01-05") < montree.index("2026-01-00")
    assert "Phrase de passe" in montree
    assert CodeOuverture.objects.get().essais == 1
    for _ in range(ESSAIS - 2):
        assert "Ce n’est pas le code" in envoyer("aaaa-bbbb-cccc", choix=sauvegardes["claire"].name)
    assert "redémarrez le serveur" in envoyer("aaaa", choix=sauvegardes["claire"].name)
    assert "redémarrez le serveur" in envoyer(code, choix=sauvegardes["claire"].name)


@pytest.mark.parametrize(
    ("quoi", "phrase", "dit"),
    [
        ("abimee", "", coffre.ABIMEE),
        ("coupee", "", coffre.ABIMEE),
        ("photo", "", "Ce fichier n’est pas une sauvegarde de cette application."),
        ("demain", "", retablir.PLUS_RECENTE),
        ("chiffree", "", "Cette sauvegarde est chiffrée : donnez sa phrase de passe."),
        ("chiffree", "faux", "Cette phrase de passe n’ouvre pas cette sauvegarde : rien n’a été changé."),
    ],
)
def test_un_refus_s_explique_et_le_code_sert_encore(
    sauvegardes: dict[str, Path], settings, quoi: str, phrase: str, dit: str
) -> None:
    """Du navigateur comme du dossier du serveur ; la base et les fichiers restent, le code aussi."""
    settings.SAUVEGARDES_PHRASE = ""
    code = CodeOuverture.tirer(timezone.now())
    sans_le_code = {"livret_codeouverture"}
    avant = lignes(adresse_des_tests()), fichiers(settings.MEDIA_ROOT)
    chemin = sauvegardes[quoi]
    for source in ({"fichier": depose(chemin), "choix": ""}, {"choix": chemin.name}):
        assert dit.replace("\xa0", " ") in envoyer(code, phrase=phrase, **source)
        assert (
            set(ecarts((lignes(adresse_des_tests()), fichiers(settings.MEDIA_ROOT)), avant)) <= sans_le_code
        )
        assert not (settings.SAUVEGARDES / ".restauration").exists()
    assert ouvrir(code).url == "/ouverture/etablissement/"


def test_un_choix_et_un_seul(sauvegardes: dict[str, Path], monkeypatch) -> None:
    code = CodeOuverture.tirer(timezone.now())
    claire = sauvegardes["claire"]
    assert "Choisissez une sauvegarde" in envoyer(code, choix="")
    assert "Choisissez l’un ou l’autre" in envoyer(code, choix=claire.name, fichier=depose(claire))
    assert "Ce fichier est vide." in envoyer(code, choix="", fichier=SimpleUploadedFile("rien", b""))
    for ailleurs in ("../media/un.txt", "/etc/passwd", "2020-01-01-02h00.sauvegarde"):
        assert "Sélectionnez un choix valide" in envoyer(code, choix=ailleurs)
    monkeypatch.setattr(restauration, "OCTETS_MAX", 1000)
    assert "Ce fichier dépasse 512 Mo" in envoyer(code, choix="", fichier=depose(claire))
    assert (Restauration.objects.count(), CodeOuverture.objects.get().essais) == (0, 0)


def test_un_disque_plein_se_dit(sauvegardes: dict[str, Path], monkeypatch) -> None:
    code = CodeOuverture.tirer(timezone.now())

    def plein(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restauration, "restaurer", plein)
    assert "Vérifiez la place du disque" in envoyer(code, choix=sauvegardes["claire"].name)
    assert ouvrir(code).status_code == 302


def test_un_code_ne_sert_pas_deux_fois_a_la_fois(sauvegardes: dict[str, Path], monkeypatch) -> None:
    """Pendant une restauration, ni une autre, ni un compte."""
    code = CodeOuverture.tirer(timezone.now())
    claire, dits = sauvegardes["claire"], []

    def pendant(*_: object) -> None:
        dits.append(envoyer(code, choix=claire.name))
        dits.append(ouvrir(code).content.decode().replace("\xa0", " "))
        raise coffre.SauvegardeRefusee("fini")

    monkeypatch.setattr(restauration, "restaurer", pendant)
    assert "fini" in envoyer(code, choix=claire.name)
    assert ["Aucun code n’est attendu" in un for un in dits] == [True, True]
    assert not Utilisateur.objects.exists()


def test_des_qu_un_compte_existe_elle_se_refuse(sauvegardes: dict[str, Path], settings, monde: Monde) -> None:
    avant = lignes(adresse_des_tests()), fichiers(settings.MEDIA_ROOT)
    for champs in ({}, {"choix": sauvegardes["claire"].name}, {"choix": "", "fichier": b"x"}):
        assert envoyer("aaaa-bbbb-cccc", **champs) == "/connexion/"
    assert ecarts((lignes(adresse_des_tests()), fichiers(settings.MEDIA_ROOT)), avant) == {}
    assert Client().get(RESTAURER).status_code == 405


# --- De bout en bout : un vrai serveur, sur une base vide -----------------------------------------


class Visiteur:
    """Un navigateur sans image : les témoins, le jeton du formulaire."""

    def __init__(self, port: int) -> None:
        self.site, self.temoins = f"http://127.0.0.1:{port}", CookieJar()
        self.ouvreur = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.temoins))
        self.ouvreur.open(f"{self.site}/ouverture/", timeout=300).read()

    def envoyer(self, **champs: str) -> tuple[str, str]:
        jeton = next(un.value for un in self.temoins if un.name == "csrftoken") or ""
        corps = urlencode({"csrfmiddlewaretoken": jeton, **champs}).encode()
        rendue = self.ouvreur.open(f"{self.site}{RESTAURER}", corps, timeout=300)
        return rendue.url.removeprefix(self.site), rendue.read().decode().replace("\xa0", " ")


@pytest.mark.long
@pytest.mark.ecritures
def test_une_machine_neuve_reprend_chaque_ligne_et_chaque_fichier(
    monde: Monde, neuve: str, servi: Callable, settings, tmp_path: Path
) -> None:
    emit_post_migrate_signal(0, False, "default")  # les droits de Django, qu'un test d'avant a pu vider
    default_storage.save("traces/2026/é.txt", ContentFile("été".encode()))
    prise = sauvegarder(tmp_path / "sauvegardes" / "2026-01-01-02h00.sauvegarde", PHRASE)
    attendu = lignes(adresse_des_tests()), fichiers(settings.MEDIA_ROOT)
    ecrit, port = servi(["manage.py", "servir", "--", "--bind=127.0.0.1:PORT", "--threads=4"])
    [code] = codes_dits(ecrit)
    visiteur = Visiteur(port)
    assert "n’ouvre pas cette sauvegarde" in visiteur.envoyer(code=code, choix=prise.name, phrase="faux")[1]
    assert lignes(neuve)["livret_utilisateur"] == []
    chemin, page = visiteur.envoyer(code=code, choix=prise.name, phrase=PHRASE)
    assert chemin == "/connexion/"
    assert "rétablie : entrez avec votre compte d’alors." in page
    assert ecarts((lignes(neuve), fichiers(tmp_path / "media_root")), attendu) == {}
    assert visiteur.envoyer(code=code)[0] == "/connexion/"
