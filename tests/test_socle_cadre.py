"""Le cadre gardé d'une page ne dépend que de ce qu'on lui dit ; les pages se compressent et se relisent."""

import gzip
import re
from pathlib import Path
from zlib import decompress

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from tests.litanie import connecte
from tests.monde import Monde

pytestmark = pytest.mark.django_db
GABARITS = Path(settings.BASE_DIR) / "templates"
GARDE = re.compile(r"{% cache .*?{% endcache %}", re.DOTALL)
SEULE = re.compile(r'{% cache None \w+ cadre %}{% include "_\w+\.html" with user=cadre only %}{% endcache %}')
PAGES = ("accueil", "livret:classes", "certification:commissions", "livret:administration", "livret:aide")
JETONS = re.compile(r'(value|x-csrftoken)": "\w+"|(name="(csrfmiddlewaretoken|envoi)" value)="[^"]+"')


def test_un_morceau_garde_ne_recoit_que_le_cadre() -> None:
    """Rien d'une personne ni d'une demande ne peut donc y être repris pour une autre."""
    gardes = [morceau for un in GABARITS.rglob("*.html") for morceau in GARDE.findall(un.read_text())]
    assert len(gardes) == 5
    assert [un for un in gardes if not SEULE.fullmatch(un)] == []


def _lues(client: Client) -> list[tuple[int, str]]:
    reponses = [client.get(reverse(page)) for page in PAGES]
    return [(une.status_code, JETONS.sub("", une.content.decode())) for une in reponses]


def test_les_morceaux_gardes_ne_passent_pas_d_un_role_a_l_autre(monde: Monde) -> None:
    clients = [Client(), *(connecte(compte) for compte in monde.a.comptes.values())]
    neuves = []
    for client in clients:
        caches["template_fragments"].clear()
        neuves.append(_lues(client))
    assert [_lues(client) for client in clients] == neuves
    assert len({str(une) for une in neuves}) == len(clients)


def test_le_nom_du_produit_et_la_couleur_changent_le_cadre_aussitot(monde: Monde, settings) -> None:
    client = connecte(monde.a.comptes["enseignant"])
    avant = client.get("/").content.decode()
    settings.NOM_DU_PRODUIT = "Autre livret"
    assert "Autre livret, logiciel libre" in client.get("/").content.decode()
    assert "Autre livret" not in avant
    monde.a.etablissement.couleur = "#7a1f5c"
    monde.a.etablissement.save()
    assert reverse("couleurs", args=["7a1f5c"]) in client.get("/").content.decode()


def test_un_role_retire_quitte_le_bandeau_aussitot(monde: Monde) -> None:
    compte = monde.a.comptes["enseignant"]
    client = connecte(compte)
    assert reverse("livret:classes") in client.get("/").content.decode()
    compte.appartenances.all().delete()
    assert reverse("livret:classes") not in client.get("/").content.decode()


def test_une_page_se_decompresse_par_les_outils_de_python(monde: Monde) -> None:
    """Le flux est le même pour qui le lit, et sa taille reste brouillée (BREACH)."""
    client = connecte(monde.a.comptes["enseignant"])
    lues = [client.get("/", headers={"accept-encoding": "gzip"}).content for _ in range(20)]
    corps = gzip.decompress(lues[0])
    assert b"<!doctype html>" in corps
    assert len({len(une) for une in lues}) > 1
    nom = lues[0].index(b"\0", 10)
    assert decompress(lues[0][nom + 1 : -8], wbits=-15) == corps
