"""Toute couleur choisie se lit, de jour comme de nuit ; le site et le manifeste la prennent."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from livret.models import Etablissement
from tests.litanie import connecte
from tests.monde import Monde
from trpm.base.couleurs import ACCENT, BLANC, JOUR, MINIMUM, NUIT, contraste, feuille, palette


@given(st.integers(0, 0xFFFFFF).map(lambda nombre: f"#{nombre:06x}"))
@example("#ffff00")
@example("#ffffff")
@example("#000000")
@example("#808080")
@example(ACCENT)
def test_toute_couleur_se_lit(couleur: str) -> None:
    for quand, fonds in (("jour", JOUR), ("nuit", NUIT)):
        dites = palette(couleur)[quand]
        for accent in (dites["--accent"], dites["--accent-fonce"]):
            assert min(contraste(accent, fond) for fond in (*fonds, dites["--accent-pale"])) >= MINIMUM
        for fond in (dites["--accent-fond"], dites["--accent-fond-fonce"]):
            assert contraste(BLANC, fond) >= MINIMUM


@pytest.mark.parametrize(
    ("une", "autre", "attendu"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48)]
)
def test_le_contraste_est_celui_de_wcag(une: str, autre: str, attendu: float) -> None:
    assert contraste(une, autre) == pytest.approx(attendu, abs=0.005)


def test_la_feuille_se_sert_a_tous_et_ne_dit_qu_une_couleur(db: None) -> None:
    reponse = Client().get(reverse("couleurs", args=["7a1f3d"]))
    assert reponse["Content-Type"] == "text/css; charset=utf-8"
    assert reponse["Cache-Control"] == "public, max-age=31536000, immutable"
    assert reponse.content.decode() == feuille("#7a1f3d")
    assert Client().get(reverse("couleurs", args=["7a1f3"])).status_code == 404
    assert Client().get("/couleurs/7a1f3d;}.css").status_code == 404


def test_le_site_prend_la_couleur_de_l_etablissement(monde: Monde) -> None:
    assert "/couleurs/" not in connecte(monde.a.enseignant).get("/").content.decode()
    Etablissement.objects.filter(pk=monde.a.etablissement.pk).update(couleur="#7a1f3d")
    for compte in (monde.a.enseignant, monde.a.compte_eleve):
        assert 'href="/couleurs/7a1f3d.css"' in connecte(compte).get("/").content.decode()
    assert "/couleurs/" not in connecte(monde.b.enseignant).get("/").content.decode()
    assert "/couleurs/" not in Client().get(reverse("connexion")).content.decode()


def test_le_manifeste_porte_le_nom_et_la_couleur_de_l_etablissement(monde: Monde) -> None:
    Etablissement.objects.filter(pk=monde.a.etablissement.pk).update(couleur="#7a1f3d")
    page = connecte(monde.a.enseignant).get("/").content.decode()
    (lien,) = re.findall(r'<link rel="manifest"[^>]*>', page)
    assert 'crossorigin="use-credentials"' in lien  # sans quoi le navigateur le demande sans session
    reponse = connecte(monde.a.enseignant).get(reverse("manifeste"))
    assert (reponse.json()["name"], reponse.json()["theme_color"]) == ("Livret TRPM · Lycée A", "#7a1f3d")
    assert "private" in reponse["Cache-Control"]
    public = Client().get(reverse("manifeste")).json()
    assert (public["name"], public["theme_color"]) == ("Livret TRPM", ACCENT)


@pytest.mark.parametrize(("ecrit", "garde"), [("#7A1F3D", "#7a1f3d"), ("", ACCENT), ("rouge", None)])
def test_l_administrateur_choisit_la_couleur(monde: Monde, ecrit: str, garde: str | None) -> None:
    page = reverse("livret:etablissement-update", args=[monde.a.etablissement.pk])
    client = connecte(monde.a.administrateur)
    form = client.get(page).context["form"]
    assert 'type="color"' in str(form["couleur"])
    donnees = {nom: form[nom].value() or "" for nom in form.fields} | {"couleur": ecrit, "uai": "0400740M"}
    donnees.pop("noms_a_l_inspection"), donnees.pop("photos_d_eleves")
    reponse = client.post(page, donnees)
    if garde is None:
        assert "Écrivez une couleur comme #1b4b82." in reponse.content.decode()
    else:
        assert Etablissement.objects.get(pk=monde.a.etablissement.pk).couleur == garde
