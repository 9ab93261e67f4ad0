"""Ce qui regarde une page attend qu'elle soit là."""

import time
from collections.abc import Iterable, Iterator
from threading import Thread
from wsgiref.simple_server import make_server

import pytest
from playwright.sync_api import Page

from tests import ecran
from tests.ecran import accessible, sans_debordement


def deux_pages(environ: dict, commencer) -> Iterable[bytes]:
    commencer("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    if environ["PATH_INFO"] == "/":
        yield b"<form action=suite><button>Suivante</button></form>"
        return
    yield b"<!doctype html>"
    time.sleep(1)
    yield b"<main style='width: 3000px'><button id=sans-nom></button></main>"


@pytest.fixture
def lent() -> Iterator[str]:
    with make_server("localhost", 0, deux_pages) as serveur:
        Thread(target=serveur.serve_forever, daemon=True).start()
        yield f"http://localhost:{serveur.server_port}/"
        serveur.shutdown()


def test_sa_largeur(page: Page, lent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecran, "PATIENCE", 0)
    page.goto(lent)
    page.get_by_role("button").click()
    with pytest.raises(AssertionError, match="plus de 1280 px"):
        sans_debordement(page)


def test_ses_fautes(page: Page, lent: str) -> None:
    page.goto(lent)
    page.get_by_role("button").click()
    with pytest.raises(AssertionError, match="sans-nom"):
        accessible(page)
