from fractions import Fraction

import pytest
from django.core.management import call_command
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from referentiel.consultation import pourcentage
from referentiel.models import Grille, Poids, Referentiel
from tests import factories
from tests.referentiel.texte import rangees, texte


def adresse(referentiel, option="RSP"):
    return reverse("referentiel:poids", args=[referentiel.pk, option])


TOTAUX = {
    "RSP": {
        "E2": ("35", "28,23 %"),
        "E31": ("47", "37,90 %"),
        "E32": ("42", "33,87 %"),
        "Total": ("124", "100 %"),
    },
    "RMO": {
        "E2": ("37", "30,08 %"),
        "E31": ("39", "31,71 %"),
        "E32": ("47", "38,21 %"),
        "Total": ("123", "100 %"),
    },
}
PARTS = {
    "RSP": "C1 25,71 C4 28,57 C5 45,71 C6 46,81 C7 25,53 C8 14,89 C9 12,77 "
    "C2 14,29 C3 19,05 C10 28,57 C11 16,67 C12 21,43",
    "RMO": "C1 24,32 C4 35,14 C5 40,54 C6 28,21 C7 17,95 C8 15,38 C9 38,46 "
    "C2 12,77 C3 17,02 C10 23,40 C11 21,28 C12 25,53",
}


@pytest.mark.parametrize("option", TOTAUX)
def test_part_de_chaque_epreuve(trpm, prof_client, option):
    lignes = rangees(prof_client.get(adresse(trpm, option)))
    lues = {ligne[0].split()[0]: (ligne[1], ligne[3]) for ligne in lignes if ligne[0][0] in "ET"}
    assert lues == TOTAUX[option]


@pytest.mark.parametrize("option", PARTS)
def test_part_de_chaque_competence(trpm, prof_client, option):
    lignes = rangees(prof_client.get(adresse(trpm, option)))
    lues = [
        f"{ligne[0].split()[0]} {ligne[2].removesuffix(' %')}" for ligne in lignes[1:] if ligne[0][0] == "C"
    ]
    assert " ".join(lues) == PARTS[option]


def test_reglages(trpm, prof_client):
    page = texte(prof_client.get(adresse(trpm)))
    reglages = page[page.index("Réglages de cette grille") :]
    assert "Arrondi de la note au demi-point supérieur Bonus maximal aucun" in reglages
    assert "pondération : référentiel, tableau de pondération option RSP/RMO" in reglages
    assert "Réglage livré faute de grille nationale accessible" in reglages


def test_choisir_une_version_de_grille(trpm, prof_client):
    ancienne = Grille.objects.get(referentiel=trpm)
    nouvelle = Grille.objects.create(
        referentiel=trpm, version="2", intitule="Nouvelle", echelle=ancienne.echelle, ordre=2
    )
    Poids.objects.create(
        grille=nouvelle,
        epreuve=trpm.epreuves.get(code="E2"),
        competence=trpm.competences.get(code="C1"),
        valeur=1,
    )
    assert "Nouvelle (2)" in texte(prof_client.get(adresse(trpm) + "?grille=2"))
    assert "Grille livrée, non officielle (livree-1)" in texte(
        prof_client.get(adresse(trpm) + "?grille=livree-1")
    )
    assert prof_client.get(adresse(trpm) + "?grille=3").status_code == 404


def test_la_grille_montree_est_celle_que_l_etablissement_suit(trpm, lycee, prof_client):
    """Une grille de plus importée ne remplace rien : la page montre la grille suivie, dit par qui, et laisse
    choisir ; les promotions d'un autre établissement n'y sont pas."""
    ancienne = Grille.objects.get(referentiel=trpm)
    factories.promotion(lycee, trpm, "RSP", nom="Les 2026")
    nouvelle = Grille.objects.create(
        referentiel=trpm, version="2", intitule="Nouvelle", echelle=ancienne.echelle, ordre=2
    )
    ailleurs = factories.promotion(factories.etablissement("Ailleurs"), trpm, "RSP", nom="INTRUS")
    type(ailleurs).objects.filter(pk=ailleurs.pk).update(grille=nouvelle)
    page = texte(prof_client.get(adresse(trpm)))
    assert "Grille livree-1, suivie ici par Les 2026." in page
    assert "Grille livrée, non officielle (livree-1)" in page
    autre = texte(prof_client.get(adresse(trpm) + "?grille=2"))
    assert "Grille 2 : aucune promotion de votre établissement ne la suit." in autre
    assert "INTRUS" not in page + autre
    detail = reverse("referentiel:detail", args=[trpm.pk, "RSP"])
    assert "suivie ici par Les 2026" in texte(prof_client.get(detail))
    suivante = factories.promotion(lycee, trpm, "RSP", nom="Les 2027")
    type(suivante).objects.filter(pk=suivante.pk).update(grille=nouvelle, session=2027)
    assert "Grille 2, suivie ici par Les 2027." in texte(prof_client.get(adresse(trpm)))


def test_sans_poids_publie(db, prof_client):
    call_command("importer_referentiel", "tests/referentiel/demo.json", verbosity=0)
    reponse = prof_client.get(adresse(Referentiel.objects.get(code="DEMO"), "AERO"))
    assert "aucun poids publié, les compétences d’une épreuve pèsent autant" in texte(reponse)
    assert [ligne[1:] for ligne in rangees(reponse)[1:4]] == [
        ["2", "100 %", "50,00 %"],
        ["1", "50,00 %", "25,00 %"],
        ["1", "50,00 %", "25,00 %"],
    ]


def test_pourcentage_a_la_demie():
    assert [str(pourcentage(Fraction(n, 20_000))) for n in (1, 2, 3, 5647)] == [
        "0.01",
        "0.01",
        "0.02",
        "28.24",
    ]


@given(st.fractions(0, 1))
def test_pourcentage_au_plus_proche(part):
    ecart = Fraction(pourcentage(part)) - part * 100
    assert Fraction(-1, 200) < ecart <= Fraction(1, 200)


def test_sans_session_ni_role(trpm, client, personne):
    assert client.get(adresse(trpm)).status_code == 302
    assert personne()[0].get(adresse(trpm)).status_code == 403


def test_nombre_de_requetes(trpm, prof_client, django_assert_num_queries):
    with django_assert_num_queries(9):
        prof_client.get(adresse(trpm))
    petit = factories.referentiel()
    with django_assert_num_queries(9):
        prof_client.get(adresse(petit, "USI"))
