import pytest
from django.core.management import call_command
from django.urls import reverse

from referentiel.models import Detaillee, Indicateur, Tache
from tests import factories
from tests.referentiel.texte import rangees, texte


def adresse(referentiel, option="RSP"):
    return reverse("referentiel:detail", args=[referentiel.pk, option])


REGLEMENT = {
    "RSP": [
        [
            "E2 Étude et préparation de la réalisation",
            "U2",
            "5",
            "CCF",
            "ponctuel pratique (3 h 30 min)",
            "CCF",
        ],
        ["E3 Épreuve pratique prenant en compte la formation en milieu professionnel", "", "14", "", "", ""],
        [
            "E31 Projet de réalisation d’un produit ou d’un outillage",
            "U31",
            "7",
            "CCF",
            "ponctuel pratique (4 h)",
        ]
        + ["CCF"],
        [
            "E32 Suivi de production et maintenance",
            "U32",
            "5",
            "CCF",
            "ponctuel oral et pratique (4 h)",
            "CCF",
        ],
    ],
    "RMO": [
        [
            "E2 Étude et préparation de la réalisation",
            "U2",
            "5",
            "CCF",
            "ponctuel pratique (3 h 30 min)",
            "CCF",
        ],
        ["E3 Épreuve pratique prenant en compte la formation en milieu professionnel", "", "14", "", "", ""],
        [
            "E31 Projet de réalisation d’un produit ou d’un outillage",
            "U31",
            "5",
            "CCF",
            "ponctuel pratique (4 h)",
        ]
        + ["CCF"],
        [
            "E32 Suivi de production et maintenance",
            "U32",
            "7",
            "CCF",
            "ponctuel oral et pratique (4 h)",
            "CCF",
        ],
    ],
}


@pytest.mark.parametrize("option", REGLEMENT)
def test_reglement_d_examen(trpm, prof_client, option):
    assert rangees(prof_client.get(adresse(trpm, option)))[1:5] == REGLEMENT[option]


@pytest.mark.parametrize(
    ("option", "presents", "absents"),
    [
        (
            "RSP",
            ["Vérifier la conformité du produit réalisé propre à RSP", "Conduire la production stabilisée"],
            [
                "Vérifier la conformité de l’outillage assemblé",
                "C9.4",
                "Mettre en œuvre les moyens de retouches",
            ],
        ),
        (
            "RMO",
            ["Vérifier la conformité de l’outillage assemblé propre à RMO", "C9.4 Effectuer les corrections"],
            ["Vérifier la conformité du produit réalisé", "Conduire la production stabilisée"],
        ),
    ],
)
def test_ce_qui_change_avec_l_option(trpm, prof_client, option, presents, absents):
    page = texte(prof_client.get(adresse(trpm, option)))
    assert [extrait for extrait in presents if extrait not in page] == []
    assert [extrait for extrait in absents if extrait in page] == []


@pytest.mark.parametrize(("option", "detaillees", "taches"), [("RSP", 57, 23), ("RMO", 58, 23)])
def test_tout_y_est(trpm, prof_client, option, detaillees, taches):
    page = texte(prof_client.get(adresse(trpm, option)))
    codes = {code for code in Detaillee.objects.values_list("code", flat=True) if f" {code} " in page}
    assert len(codes) == detaillees
    assert (
        len({code for code in Tache.objects.values_list("code", flat=True) if f" {code} " in page}) == taches
    )


def test_ordre_bloc_epreuve_competence(trpm, prof_client):
    page = texte(prof_client.get(adresse(trpm)))
    page = page[page.index("Bloc RNCP35697BC01") :]
    codes = ["C1 Rech", "C4 Inter", "C5 Prép", "BC02", "C6 Conf", "C7 Mettre", "C8 Exp", "C9 Ass", "BC03"]
    codes += ["C2 Form", "C3 S’imp", "C10 Contr", "C11 Eff", "C12 App"]
    places = [page.index(code) for code in codes]
    assert places == sorted(places)


def test_autres_blocs(trpm, prof_client):
    lignes = rangees(prof_client.get(adresse(trpm)))
    assert ["Mathématiques RNCP35697BC04".replace(" ", ""), "CCF", "ponctuel écrit et pratique", "CCF"] in [
        [ligne[0].replace(" ", ""), *ligne[1:]] for ligne in lignes
    ]
    mobilite = next(ligne for ligne in lignes if ligne[0].startswith("Mobilité"))
    assert mobilite[1:] == ["oral et pratique", "non proposé", "oral et pratique"]


def test_deux_niveaux_et_indicateurs(db, prof_client):
    call_command("importer_referentiel", "tests/referentiel/demo.json", verbosity=0)
    indicateur = Indicateur.objects.get(intitule="La sangle tient")
    referentiel = indicateur.detaillee.competence.referentiel
    bois = texte(prof_client.get(adresse(referentiel, "BOIS")))
    aero = texte(prof_client.get(adresse(referentiel, "AERO")))
    assert "CP01.a Placer les enfants CP01.a.1 Mesurer la taille CP01.b Vérifier les sangles" in bois
    assert "La sangle tient Le mors est fixé" in bois
    assert "CP01.a.1 Mesurer la taille CP01.a.2 Boucler la ceinture propre à AERO" in aero
    assert "La sangle tient" not in aero
    assert aero.count("CP01.a Placer les enfants") == 2


def test_competence_hors_epreuve(monde, prof_client):
    monde.referentiel.competences.create(code="C9", intitule="Orpheline", ordre=9)
    page = texte(prof_client.get(adresse(monde.referentiel, "USI")))
    assert page.endswith("Compétences hors épreuve C9 Orpheline")


def test_libelle_d_affichage(trpm, prof_client):
    Detaillee.objects.filter(code="C5.7").update(libelle="Établir un mode opératoire de contrôle")
    assert "C5.7 Établir un mode opératoire de contrôle" in texte(prof_client.get(adresse(trpm)))


@pytest.mark.parametrize("chemin", ["/referentiels/999999/RSP/", "/referentiels/{pk}/ZZZ/"])
def test_introuvable(trpm, prof_client, chemin):
    assert prof_client.get(chemin.format(pk=trpm.pk)).status_code == 404


def test_grille_inconnue(trpm, prof_client):
    assert prof_client.get(adresse(trpm) + "?grille=ZZZ").status_code == 404


def test_sans_session_ni_role(trpm, client, personne):
    assert client.get(adresse(trpm)).status_code == 302
    assert personne()[0].get(adresse(trpm)).status_code == 403


def test_rien_d_un_etablissement(monde, client):
    client.force_login(monde.a.enseignant)
    assert "INTRUS" not in texte(client.get(adresse(monde.referentiel, "USI")))


def test_nombre_de_requetes(trpm, prof_client, django_assert_num_queries):
    with django_assert_num_queries(21):
        prof_client.get(adresse(trpm))
    petit = factories.referentiel()
    with django_assert_num_queries(21):
        prof_client.get(adresse(petit, "USI"))
