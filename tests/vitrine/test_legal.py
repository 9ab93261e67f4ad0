"""Les pages que la loi demande : ouvertes à tous, remplies par les réglages de l'exploitant."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

REGLAGES = {
    "mentions": {
        "editeur": "EDITEUR",
        "publication": "DIRECTEUR_DE_PUBLICATION",
        "hebergeur": "HEBERGEUR",
        "contact": "CONTACT",
    },
    "donnees": {"editeur": "EDITEUR", "donnees": "CONTACT_DONNEES", "conservation": "CONSERVATION"},
    "accessibilite": {"editeur": "EDITEUR", "contact": "CONTACT", "audit": "AUDIT_ACCESSIBILITE"},
}


@pytest.mark.parametrize(("page", "dits"), REGLAGES.items())
@pytest.mark.django_db
def test_chaque_reglage_parait_ou_se_dit_vide(
    client: Client, settings: Settings, page: str, dits: dict[str, str]
) -> None:
    vide = client.get(reverse(page)).content.decode()
    assert all(reglage in vide for reglage in dits.values())
    settings.MENTIONS = settings.MENTIONS | {cle: f"Dit de <{cle}>\nsuite" for cle in dits}
    rempli = client.get(reverse(page)).content.decode()
    for cle, reglage in dits.items():
        assert f"Dit de &lt;{cle}&gt;<br>suite" in rempli
        assert reglage not in rempli


@pytest.mark.django_db
def test_le_pied_de_chaque_page_y_mene(client: Client) -> None:
    page = client.get(reverse("connexion")).content.decode()
    assert all(reverse(nom) in page for nom in REGLAGES)


def test_le_manifeste_se_pose_sur_un_ecran_sans_rien_dire_de_personne(
    client: Client, settings: Settings
) -> None:
    settings.NOM_DU_PRODUIT = "Livret du lycée des Trois-Étaux"
    recu = client.get(reverse("manifeste"))
    assert recu["Content-Type"] == "application/manifest+json"
    manifeste = recu.json()
    assert manifeste["name"] == "Livret du lycée des Trois-Étaux"
    assert (manifeste["start_url"], manifeste["display"]) == ("/", "standalone")
    assert {icone["sizes"] for icone in manifeste["icons"]} == {"192x192", "512x512"}
    for icone in manifeste["icons"]:
        chemin = icone["src"].removeprefix(settings.STATIC_URL)
        image = next(settings.BASE_DIR.glob(f"static/{chemin}")).read_bytes()
        cote = int(icone["sizes"].partition("x")[0])
        assert image[16:24] == cote.to_bytes(4) * 2, "les dimensions annoncées"


@pytest.mark.django_db
def test_la_charte_n_existe_qu_en_developpement(client: Client, settings: Settings) -> None:
    assert client.get(reverse("charte")).status_code == 404
    settings.DEBUG = True
    assert client.get(reverse("charte")).status_code == 200
