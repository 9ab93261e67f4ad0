"""Ce qu’une impression peut coûter : du texte démesuré, trop de temps, une police illisible."""

import gc
import multiprocessing
import resource
import sys
import threading
import time
from collections.abc import Callable
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from django.test import RequestFactory
from PIL import Image

from trpm.impression import bornes, documents, polices
from trpm.impression.images import adresse_en_ligne

pytestmark = pytest.mark.imprime
PAGE = '<html lang="fr"><title>Essai</title><body><h1>Essai</h1><p>{}</p></body></html>'


def rendu(html: str) -> str:
    try:
        return documents.pdf_depuis_textes(html)[:4].decode()
    except bornes.DocumentTropLourd as refus:
        return str(refus)


def test_un_mot_demesure_se_coupe() -> None:
    html = bornes.bornee(f'<style>{"a" * 200}</style><p title="{"b" * 200}">{"c" * 200} {"&amp;" * 81}</p>')
    assert f'<style>{"a" * 200}</style><p title="{"b" * 200}">' in html
    assert html.endswith(f"{'c' * 80}\u200b{'c' * 80}\u200b{'c' * 40} {'&amp;' * 80}\u200b&amp;</p>")
    assert bornes.bornee(PAGE.format("Un texte ordinaire")) == PAGE.format("Un texte ordinaire")


def test_trop_de_texte_se_refuse_avant_la_mise_en_page() -> None:
    with pytest.raises(bornes.DocumentTropLourd, match="plus que les 1000000"):
        documents.pdf_depuis_textes(PAGE.format("mot " * 250_001))


@pytest.mark.parametrize(
    "hostile",
    ["a" * 200_000, "👍🏽" * 50_000, f"<table>{'<tr><td>x</td><td>y</td></tr>' * 20_000}</table>"],
    ids=["mot", "emojis", "tableau"],
)
def test_un_texte_hostile_rend_la_main(monkeypatch: pytest.MonkeyPatch, hostile: str) -> None:
    """Imprimé ou refusé avec une phrase, à temps (le délai est écourté ici)."""
    monkeypatch.setattr(bornes.en_temps_compte.__wrapped__, "__defaults__", (3,))
    debut = time.thread_time()
    assert rendu(PAGE.format(hostile)).startswith(("%PDF", "La mise en page de ce document a été arrêtée"))
    assert time.thread_time() - debut < 3 + 5
    assert bornes.SECONDES + 5 <= 30
    assert documents.pdf_depuis_textes(PAGE.format("Le suivant")).startswith(b"%PDF")


def _travailler(secondes: float) -> None:
    fin = time.thread_time() + secondes
    while time.thread_time() < fin:
        pass


def _ravaler_et_continuer() -> None:
    try:
        _travailler(30)
    except BaseException:  # comme la lecture d’une image, dans WeasyPrint
        _travailler(30)


def test_le_temps_est_celui_du_travail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attendre son tour ne compte pas ; ravaler l’interruption ne la détourne pas."""
    monkeypatch.setattr(bornes, "REPRISE", 0.2)
    with bornes.en_temps_compte(0.1):
        time.sleep(0.3)
    with pytest.raises(bornes.DocumentTropLourd, match=r"après 0\.1 secondes"), bornes.en_temps_compte(0.1):
        _ravaler_et_continuer()
    _travailler(0.1)


def test_la_veille_ne_prend_pas_le_temps_du_fil(monkeypatch: pytest.MonkeyPatch) -> None:
    """Un fil qui attend, tout près de sa borne, n’est pas regardé sans cesse."""
    regards: list[float] = []

    def presque(_: int) -> float:
        regards.append(0.999999 if regards else 0)
        return regards[-1]

    monkeypatch.setattr(bornes, "temps_du_fil", presque)
    with bornes.en_temps_compte(1):
        time.sleep(0.3)
    assert len(regards) < 30


def test_chaque_fil_a_sa_borne() -> None:
    """Un fil d’un serveur est interrompu comme le premier, et le travail d’un autre ne lui est pas compté."""
    refus = []

    def imprimer() -> None:
        try:
            with bornes.en_temps_compte(0.1), bornes.en_temps_compte(60):
                _travailler(30)
        except bornes.DocumentTropLourd as faute:
            refus.append(str(faute))

    fil = threading.Thread(target=imprimer)
    with bornes.en_temps_compte(0.3):
        fil.start()
        fil.join(20)
    assert len(refus) == 1


def _mesurer(cas: str, envoi: Connection) -> None:
    """Dans un processus neuf : ce qu'il advient de la page, et le plus haut de sa mémoire, en mébioctets."""
    bornes.en_temps_compte.__wrapped__.__defaults__ = (5,)
    verdict = rendu(PAGE.format(HOSTILES[cas]()))
    envoi.send((verdict, _plus_haut()))


def _plus_haut() -> int:
    """Le plus haut de la mémoire de ce processus, en mébioctets ; sous Linux, `ru_maxrss` porterait aussi
    celle du processus qui l'a lancé."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024**2
    lignes = Path("/proc/self/status").read_text().splitlines()
    return next(int(ligne.split()[1]) for ligne in lignes if ligne.startswith("VmHWM")) // 1024


def _photos(nombre: int, qualite: int) -> str:
    """Du bruit, ce qui pèse le plus ; chacune a sa fin, que rien ne soit partagé entre elles."""
    sortie = BytesIO()
    Image.effect_noise((640, 480), 90).convert("RGB").save(sortie, "JPEG", quality=qualite)
    adresses = (adresse_en_ligne(sortie.getvalue() + b"%d" % rang, "image/jpeg") for rang in range(nombre))
    return "".join(f'<img alt="" src="{une}">' for une in adresses)


RANGEE = f"<tr><th>Compétence</th>{'<td>2</td>' * 8}</tr>"
HOSTILES: dict[str, Callable[[], str]] = {
    "texte collé d’un million de signes": lambda: "mot collé " * 99_000,
    "deux cents photos": lambda: _photos(200, 20),
    "deux cents photos de bruit": lambda: _photos(200, 90),
    "quatre-vingts compétences": lambda: f"<table>{RANGEE * 80}</table>",
}


@pytest.mark.parametrize(
    ("cas", "attendus"),
    [
        ("texte collé d’un million de signes", ("%PDF", "La mise en page de ce document a été arrêtée")),
        ("deux cents photos", ("%PDF", "La mise en page de ce document a été arrêtée")),
        ("deux cents photos de bruit", ("Ce document porterait",)),
        ("quatre-vingts compétences", ("%PDF",)),
    ],
)
def test_la_memoire_d_un_ouvrier_reste_bornee(cas: str, attendus: tuple[str, ...]) -> None:
    """Imprimé, ou refusé d'une phrase ; jamais plus que ce que l'exploitation demande de prévoir (400 Mo)."""
    contexte = multiprocessing.get_context("spawn")
    recu, envoi = contexte.Pipe(duplex=False)
    processus = contexte.Process(target=_mesurer, args=(cas, envoi))
    processus.start()
    verdict, mebioctets = recu.recv()
    processus.join()
    assert verdict.startswith(attendus)
    assert mebioctets < 400


def test_un_document_trop_lourd_est_une_page(rf: RequestFactory) -> None:
    garde = documents.PangoAbsentMiddleware(lambda request: None)
    reponse = garde.process_exception(rf.get("/"), bornes.DocumentTropLourd("Raccourcissez ce texte."))
    assert reponse.status_code == 422
    assert "Raccourcissez ce texte." in reponse.content.decode()


def test_une_police_illisible_leve(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    fausse = tmp_path / "fausse.ttf"
    fausse.write_bytes(b"rien d'une police")
    polices.police.cache_clear()
    monkeypatch.setattr(polices, "fichiers", lambda: dict.fromkeys(("droit", "italique", "secours"), fausse))
    with pytest.raises(polices.PoliceRefusee, match="« droit » ne se lit pas"):
        documents.pdf_depuis_textes(PAGE.format("mot"))
    polices.police.cache_clear()


@pytest.mark.parametrize("avant", [True, False])
def test_le_ramasse_miettes_reprend_comme_avant(avant: bool) -> None:
    """Même quand la mise en page échoue, et quand il était déjà arrêté."""
    gc.enable() if avant else gc.disable()
    try:
        with pytest.raises(ZeroDivisionError), bornes.sans_ramassage():  # noqa: PT012
            assert not gc.isenabled()
            raise ZeroDivisionError
        assert gc.isenabled() is avant
    finally:
        gc.enable()
