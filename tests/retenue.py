"""Retenir une réponse du serveur, pour que deux choses arrivent dans l'ordre qui fâche."""

import time

from playwright.sync_api import APIResponse, Page, Route

from tests.ecran import PATIENCE


class Retenue:
    """Le serveur répond, mais la première réponse n'arrive que lorsqu'on la laisse passer."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.gardees: list[tuple[Route, APIResponse]] = []
        page.route(f"**{url}", lambda route: self.gardees.append((route, route.fetch())), times=1)

    def attendre(self) -> None:
        fin = time.monotonic() + PATIENCE
        while not self.gardees:
            assert time.monotonic() < fin, "Rien n’a été envoyé."
            self.page.wait_for_timeout(50)

    def laisser_passer(self) -> None:
        ((route, reponse),) = self.gardees
        route.fulfill(response=reponse)
