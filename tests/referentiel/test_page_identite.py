import pytest
from django.urls import reverse

from referentiel.templatetags.identite import en_clair
from tests import factories
from tests.referentiel.texte import rangees, texte


def adresse(referentiel, option="RSP"):
    return reverse("referentiel:identite", args=[referentiel.pk, option])


def test_identite(trpm, prof_client):
    page = texte(prof_client.get(adresse(trpm)))
    assert "Journal officiel 8 janvier 2021" in page
    assert (
        "RNCP35697, parcours ouverts depuis le 1er septembre 2021, enregistrée jusqu’au 1er septembre 2025"
        in page
    )
    assert "Première session 2024" in page
    assert (
        "Codes ROME H2903 Conduite d’équipement d’usinage H2901 Ajustement et montage de fabrication" in page
    )
    assert "Code scolarité RSP 40025014" in page
    assert "Remplace RNCP422 BAC PRO - Technicien outilleur RNCP792" in page


def test_les_semaines_de_pfmp_sont_une_hypothese(trpm, prof_client):
    assert "PFMP visées 22 semaines hypothèse" in texte(prof_client.get(adresse(trpm)))


def test_statuts_et_voies(trpm, prof_client):
    lignes = rangees(prof_client.get(adresse(trpm)))
    assert lignes[1:4] == [
        ["Scolaire public ou privé sous contrat", "R1"],
        ["Scolaire privé hors contrat", "R2"],
        ["Apprentissage habilité", "R1"],
    ]


def test_sources_et_leur_nature(trpm, prof_client):
    natures = {ligne[0]: ligne[1] for ligne in rangees(prof_client.get(adresse(trpm))) if len(ligne) == 3}
    assert natures == {
        "Données": "Nature",
        "Documents cités": "publié",
        "Identité": "publié",
        "Semaines de PFMP": "hypothèse",
        "Options": "publié",
        "Voies": "publié",
        "Statuts": "recoupé",
        "Cycle": "publié",
        "Blocs et modes": "publié",
        "Épreuves": "publié",
        "Compétences": "publié",
        "Activités et tâches": "publié",
        "Repères": "publié",
        "Savoirs associés": "publié",
        "Échelles": "réglage livré",
        "Grilles et poids": "réglage livré",
        "Commission de certification": "publié",
    }


def test_telecharger_le_fichier(trpm, prof_client):
    reponse = prof_client.get(reverse("referentiel:exporter", args=[trpm.pk]))
    assert reponse.content == factories.FICHIER_TRPM.read_bytes()
    assert reponse["Content-Disposition"] == 'attachment; filename="trpm-2020.json"'


def test_sans_session_ni_role(trpm, client, personne):
    for nom, arguments in (("identite", [trpm.pk, "RSP"]), ("exporter", [trpm.pk])):
        chemin = reverse(f"referentiel:{nom}", args=arguments)
        assert client.get(chemin).status_code == 302
        assert personne()[0].get(chemin).status_code == 403


def test_nombre_de_requetes(trpm, prof_client, django_assert_num_queries):
    with django_assert_num_queries(7):
        prof_client.get(adresse(trpm))
    petit = factories.referentiel()
    with django_assert_num_queries(7):
        prof_client.get(adresse(petit, "USI"))


@pytest.mark.parametrize(
    ("ecrite", "dite"),
    [
        ("2021-01-08", "8 janvier 2021"),
        ("2021-12-31", "31 décembre 2021"),
        ("2021-02-29", "2021-02-29"),
        ("2021-02-30", "2021-02-30"),
        ("20210108", "20210108"),
    ],
)
def test_une_date_se_dit_en_toutes_lettres_si_elle_existe(ecrite, dite):
    assert list(en_clair({"publication": ecrite})) == [("Journal officiel", [dite])]
