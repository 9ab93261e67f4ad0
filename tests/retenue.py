"""Retenir une réponse du serveur, pour que deux choses arrivent dans l'ordre qui fâche."""

from playwright.sync_api import APIResponse, Page, Route


class Retenue:
    """Le serveur répond, mais la première réponse n'arrive que lorsqu'on la laisse passer."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.gardees: list[tuple[Route, APIResponse]] = []
        page.route(f"**{url}", lambda route: self.gardees.append((route, route.fetch())), times=1)

    def attendre(self) -> None:
        for _ in range(100):
            if self.gardees:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("Rien n’a été envoyé.")

    def laisser_passer(self) -> None:
        ((route, reponse),) = self.gardees
        route.fulfill(response=reponse)
