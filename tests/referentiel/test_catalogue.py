"""Le catalogue livré : chaque diplôme complet, sourcé, sans poids que personne n'a publié."""

import pytest
from django.urls import reverse

from referentiel.echange.catalogue import catalogue
from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.fichier.importation import importer
from referentiel.fichier.lecture import lire_texte
from referentiel.models import ImportReferentiel, Referentiel
from tests.referentiel.texte import texte
from trpm.permissions import Role

GROUPES = {"options", "epreuves", "competences", "activites", "echelles", "grilles"}


def test_deux_diplomes_au_moins_a_cote_de_trpm():
    assert list(catalogue()) == ["cip", "plp", "trpm"]


@pytest.mark.parametrize("nom", ["cip", "plp", "trpm"])
def test_chacun_est_complet_source_et_s_exporte_a_l_octet(nom, db):
    livre = catalogue()[nom]
    document = lire_texte(livre.texte).brut
    sources = {source["groupe"]: source["nature"] for source in document["sources"]}
    assert set(sources) >= GROUPES
    assert (sources["competences"], sources["echelles"], sources["grilles"]) == (
        "certain",
        "defaut",
        "defaut",
    )
    evaluees = {code for une in document["grilles"][-1]["poids"] for code in une["competences"]}
    assert evaluees == {competence["code"] for competence in document["competences"]}
    importer(lire_texte(livre.texte))
    assert ContenuReferentiel(Referentiel.objects.get()).texte() == livre.texte


@pytest.mark.parametrize("nom", ["cip", "plp"])
def test_aucun_poids_publie_aucun_poids_ecrit(nom):
    document = lire_texte(catalogue()[nom].texte).brut
    poids = [valeur for une in document["grilles"][0]["poids"] for valeur in une["competences"].values()]
    assert set(poids) == {None}
    assert all(competence["indicateurs"] for competence in document["competences"])


def test_la_premiere_page_les_propose(admin_client, personne):
    page = admin_client.get(reverse("referentiel:liste"))
    assert "Diplômes livrés avec l’application" in texte(page)
    assert "CIP Certificat d’aptitude professionnelle Conducteur d’installations de production" in texte(page)
    assert "Diplômes livrés" not in texte(personne(Role.ENSEIGNANT)[0].get(reverse("referentiel:liste")))
    apercu = admin_client.post(reverse("referentiel:choisir", args=["cip"]))
    jeton = apercu.context["form"].initial["jeton"]
    admin_client.post(reverse("referentiel:importer-confirmer"), {"jeton": jeton})
    assert ImportReferentiel.objects.get().origine == "catalogue"
    assert Referentiel.objects.get().code == "CIP"
    suite = texte(admin_client.get(reverse("referentiel:liste")))
    assert "PLP Baccalauréat professionnel Pilote de ligne de production" in suite
    assert suite.count("Conducteur d’installations de production") == 1
    assert admin_client.post(reverse("referentiel:choisir", args=["inconnu"])).status_code == 404


def test_indicateurs_et_savoirs_la_ou_ils_servent(admin_client, db):
    importer(
        lire_texte(catalogue()["cip"].texte.replace('"S8", ', '"S8", "niveau": 1, "competences": ["CP06"], '))
    )
    referentiel = Referentiel.objects.get()
    page = texte(admin_client.get(reverse("referentiel:appui", args=[referentiel.pk, "CP06"])))
    assert "Identifier des risques au poste" in page
    assert "Les dangers sont énoncés" in page
    assert (
        "Ils concourent à la compétence et ne s’évaluent jamais seuls. S8 Gestion du risque niveau 1" in page
    )
    assert admin_client.get(reverse("referentiel:appui", args=[referentiel.pk, "CP99"])).status_code == 404
