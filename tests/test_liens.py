"""Aucun lien montré ne mène à un refus ni à une page absente, pour celui à qui on le montre."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urldefrag, urljoin

import pytest
from django.test import Client

from livret.models import Scolarite, Situation, Utilisateur
from tests import factories
from tests.monde import Ecole, Monde
from tests.pages_servies import _page, _remplir
from tests.test_droits import ROLES, TABLE, Adresse, Essai, Sessions, monde, parent_de, sans_suite, sessions
from trpm.permissions import Role

__all__ = ["monde", "sessions"]
pytestmark = [pytest.mark.django_db, pytest.mark.une_base]
LIEN = re.compile(r'<a\b[^>]*?\bhref="([^"#][^"]*)"')
AILLEURS = re.compile(r"^(https?:|mailto:|tel:|data:|//)|^/(deconnexion|static|admin-technique)/")
PAGES = [une for une in TABLE if une.methode == "get"]
suivis: dict[int, set[str]] = {}
"""Par compte, ce qui a déjà répondu : l'en-tête et le pied reviennent sur chaque page."""


def liens(chemin: str, corps: bytes) -> Iterator[str]:
    for brut in dict.fromkeys(LIEN.findall(corps.decode())):
        if not AILLEURS.match(dit := unescape(brut)):
            yield urldefrag(urljoin(chemin, dit))[0]


def perdus(client: Client, compte: Utilisateur, chemin: str) -> dict[str, int]:
    """Les liens de cette page qui ne mènent nulle part pour ce compte."""
    deja = suivis.setdefault(compte.pk, set())
    nouveaux = [un for un in liens(chemin, _page(client.get(chemin))) if un not in deja]
    statuts = {un: client.get(un).status_code for un in nouveaux}
    deja.update(un for un, statut in statuts.items() if statut < 400)
    return {un: statut for un, statut in statuts.items() if statut >= 400}


def passe(ecole: Ecole) -> None:
    """Le premier élève vient d'une classe d'avant, d'une autre équipe, où il fut évalué et eut un bilan."""
    autre = factories.utilisateur(Role.ENSEIGNANT, etablissement=ecole.etablissement, identifiant="d-avant")
    avant = factories.classe(ecole.promotion, [autre], "1re", "1re d’avant")
    Scolarite.objects.create(eleve=ecole.eleves[0], classe=avant)
    vecue = factories.situation(avant, autre, intitule="Vécue avant")
    Situation.objects.filter(pk=vecue.pk).update(etat="publiee")
    factories.evaluation(vecue, ecole.eleves[0], "C1", 3)
    factories.trace(vecue, ecole.eleves[0], b"%PDF-1.4 d'avant")


@pytest.mark.parametrize("adresse", PAGES, ids=str)
def test_chaque_lien_montre_s_ouvre(monde: Monde, sessions: Sessions, adresse: Adresse) -> None:
    comptes = [monde.a.comptes[role] for role in ROLES if adresse.attendues[role] == 200]
    fautifs = {}
    with sans_suite():
        _remplir(monde.a)
        passe(monde.a)
        essai = Essai.de(monde, sessions, adresse)
        for compte in [*comptes, monde.a.collegue, parent_de(monde.a)]:
            with sans_suite() as client:
                essai.entrer(client, compte)
                if rien := perdus(client, compte, essai.ici):
                    fautifs[compte.username] = rien
    assert fautifs == {}
