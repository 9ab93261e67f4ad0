"""La page des bilans d'une classe : les préparer, suivre leur avancement, les imprimer."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from pypdf import PdfReader

from livret.models import Bilan, Etablissement, Scolarite, Situation
from tests import factories
from tests.litanie import (
    EQUIPE_ET_ADMINISTRATION,
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.livret.bilan.bilans import messages, url
from tests.monde import INTRUS, Monde


@pytest.fixture
def publiee(monde: Monde) -> Situation:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=Situation.Etat.PUBLIEE)
    return monde.a.situation


def preparer(monde: Monde, semestre: object = 6, date: str = "2026-03-30"):
    client = connecte(monde.a.enseignant)
    adresse = url("bilans-preparer", monde.a.classe.pk)
    return client.post(adresse, {"semestre": semestre, "date": date}, follow=True)


def faits() -> list[tuple[str, int, str, str]]:
    return [
        (str(un.eleve), un.semestre, un.date.isoformat(), un.etat)
        for un in Bilan.objects.select_related("eleve")
    ]


def test_droits(monde: Monde) -> None:
    classe = monde.a.classe.pk
    factories.bilan(monde.a.eleves[0], monde.a.enseignant)
    assert statuts(monde, url("bilans", classe)) == EQUIPE_ET_ADMINISTRATION
    assert statuts(monde, url("bilans-pdf", classe, 6)) == EQUIPE_ET_ADMINISTRATION
    assert statuts(monde, url("bilans-zip", classe, 6)) == EQUIPE_ET_ADMINISTRATION
    envoi = {"semestre": 6, "date": "2026-03-30"}
    assert statuts(monde, url("bilans-preparer", classe), "post", envoi) == {
        **EQUIPE_SEULE,
        "enseignant": 302,
    }
    assert statuts(monde, url("bilans-prepares", classe), "post") == {**EQUIPE_SEULE, "enseignant": 302}


@pytest.mark.parametrize("familles", [False, True])
def test_ils_se_lisent_dans_l_ordre_des_noms(monde: Monde, familles: bool) -> None:
    """Compter les lectures des familles ne le change pas."""
    Etablissement.objects.update(familles=familles)
    for eleve in (*reversed(monde.a.eleves), factories.eleve(monde.a.classe, "AARON", "Sacha")):
        factories.bilan(eleve, monde.a.enseignant)
    page = connecte(monde.a.enseignant).get(f"{url('bilans', monde.a.classe.pk)}?semestre=6")
    noms = [str(un.eleve) for un in page.context["avancement"].bilans]
    assert (noms, len(noms)) == (sorted(noms), 3)


def test_on_ne_prepare_que_par_un_envoi(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    for nom in ("bilans-preparer", "bilans-prepares"):
        assert client.get(url(nom, monde.a.classe.pk)).status_code == 405


def test_preparer_toute_la_classe(monde: Monde, publiee: Situation) -> None:
    reponse = preparer(monde)
    assert faits() == [
        ("ALPHA-A1 Camille", 6, "2026-03-30", "brouillon"),
        ("ALPHA-A2 Dominique", 6, "2026-03-30", "brouillon"),
    ]
    assert messages(reponse) == ["2 bilans créés au 30 mars 2026, à relire élève par élève."]
    camille, dominique = Bilan.objects.all()
    assert camille.objectifs == "Être évalué en C3, C4, C5.\nProgresser en C1."
    assert dominique.objectifs == "Être évalué en C2, C3, C4, C5."
    assert [(une.history_type, une.history_user) for une in camille.history.all()] == [
        ("+", monde.a.enseignant)
    ]


def test_preparer_de_nouveau_ne_double_rien_et_deplace_les_brouillons(monde: Monde) -> None:
    factories.bilan(monde.a.eleves[0], monde.a.enseignant, "prepare")
    preparer(monde)
    reponse = preparer(monde, date="2026-04-03")
    assert faits() == [
        ("ALPHA-A1 Camille", 6, "2026-03-30", "prepare"),
        ("ALPHA-A2 Dominique", 6, "2026-04-03", "brouillon"),
    ]
    assert messages(reponse) == [
        "Aucun bilan à créer : chaque élève a le sien.",
        "Brouillons déjà là, portés au 3 avril 2026 : 1.",
        "Laissés tels quels : ALPHA-A1 Camille.",
    ]


def test_un_bilan_valide_n_empeche_pas_le_suivant(monde: Monde) -> None:
    """Le nombre de bilans est libre (Q31)."""
    factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")
    preparer(monde, date="2026-05-29")
    assert faits() == [
        ("ALPHA-A1 Camille", 6, "2026-03-30", "valide"),
        ("ALPHA-A1 Camille", 6, "2026-05-29", "brouillon"),
        ("ALPHA-A2 Dominique", 6, "2026-05-29", "brouillon"),
    ]


@pytest.mark.parametrize(
    ("semestre", "date", "faute"),
    [
        (2, "2026-03-30", "Sélectionnez un choix valide"),
        ("six", "2026-03-30", "Sélectionnez un choix valide"),
        (6, "2024-03-30", "Cette date n’est pas dans l’année scolaire 2025-2026."),
        (6, "hier", "Saisissez une date valide."),
        (6, "", "Ce champ est obligatoire."),
    ],
)
def test_une_saisie_invalide_s_explique(monde: Monde, semestre: object, date: str, faute: str) -> None:
    reponse = preparer(monde, semestre, date)
    assert (reponse.status_code, faute in reponse.content.decode()) == (422, True)
    assert faits() == []


def test_un_eleve_sorti_n_est_pas_prepare(monde: Monde) -> None:
    Scolarite.objects.filter(eleve=monde.a.eleves[1]).update(sortie="2026-01-05")
    preparer(monde)
    assert [nom for nom, *_ in faits()] == ["ALPHA-A1 Camille"]


def test_l_avancement(monde: Monde) -> None:
    factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")
    trois = factories.eleve(monde.a.classe, "ALPHA-A3")
    factories.bilan(trois, monde.a.enseignant)
    reponse = connecte(monde.a.administrateur).get(url("bilans", monde.a.classe.pk, 6))
    avancement, page = reponse.context["avancement"], reponse.content.decode()
    assert avancement.par_etat == [("brouillon", 1), ("préparé", 0), ("entretien fait", 0), ("validé", 1)]
    assert "1 bilan validé sur 2" in page
    assert "Sans bilan ce semestre&nbsp;: ALPHA-A2 Dominique." in page
    assert "Préparer la classe" not in page
    assert reponse.context["semestres"] == (5, 6)
    assert (
        connecte(monde.a.enseignant).get(url("bilans", monde.a.classe.pk, 5)).context["avancement"].bilans
        == ()
    )


def test_marquer_prepares_ceux_qui_sont_ecrits(monde: Monde, publiee: Situation) -> None:
    ecrit = factories.bilan(monde.a.eleves[0], monde.a.enseignant, appreciation="Sérieux.")
    vide = factories.bilan(monde.a.eleves[1], monde.a.enseignant)
    client = connecte(monde.a.enseignant)
    reponse = client.post(url("bilans-prepares", monde.a.classe.pk, 6), follow=True)
    assert messages(reponse) == [
        "1 bilan préparé.",
        "Attendent l’appréciation de l’équipe : ALPHA-A2 Dominique.",
    ]
    ecrit.refresh_from_db()
    vide.refresh_from_db()
    assert (ecrit.etat, ecrit.intact, vide.etat, vide.contenu) == ("prepare", True, "brouillon", "")
    assert '"code":"C1"' in ecrit.contenu
    assert ecrit.niveaux_pris_le is not None


def test_la_classe_s_imprime_en_un_fichier(monde: Monde) -> None:
    factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")
    factories.bilan(monde.a.eleves[1], monde.a.enseignant)
    reponse = connecte(monde.a.enseignant).get(url("bilans-pdf", monde.a.classe.pk, 6))
    lecteur = PdfReader(BytesIO(reponse.content))
    assert lecteur.metadata.title == "Bilans du semestre 6 Tle A 2025-2026"
    pages = [page.extract_text() for page in lecteur.pages]
    assert [
        nom for texte in pages for nom in ("ALPHA-A1", "ALPHA-A2") if nom in texte and "page 1 /" in texte
    ] == [
        "ALPHA-A1",
        "ALPHA-A2",
    ]
    assert INTRUS not in "".join(pages)


def test_la_prose_d_un_bilan_n_est_pas_en_gras(monde: Monde) -> None:
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")
    contenu = connecte(monde.a.enseignant).get(url("bilan-pdf", bilan.pk)).content
    graisses: dict[str, set[bool]] = {}

    def note(texte: str, _matrice, _place, police, _taille) -> None:
        for mot in ("semestre régulier", "Appréciation de"):
            if mot in texte:
                graisses.setdefault(mot, set()).add("Bold" in police["/BaseFont"])

    for page in PdfReader(BytesIO(contenu)).pages:
        page.extract_text(visitor_text=note)
    assert graisses == {"semestre régulier": {False}, "Appréciation de": {True}}


def test_la_classe_s_imprime_en_recto_verso(monde: Monde) -> None:
    for eleve in monde.a.eleves[:2]:
        factories.bilan(eleve, monde.a.enseignant)
    client, adresse = connecte(monde.a.enseignant), url("bilans-pdf", monde.a.classe.pk, 6)
    simple = PdfReader(BytesIO(client.get(adresse).content))
    double = PdfReader(BytesIO(client.get(f"{adresse}&recto_verso=1").content))
    assert [un.title for un in simple.outline] == [un.title for un in double.outline]
    debuts = [double.get_destination_page_number(un) for un in double.outline]
    assert (len(simple.outline), [debut % 2 for debut in debuts]) == (2, [0, 0])


def test_ou_un_fichier_par_eleve_au_nom_sur(monde: Monde) -> None:
    factories.bilan(monde.a.eleves[0], monde.a.enseignant)
    for prenom in ("Lou/../Anne", "Lou:..:Anne"):
        factories.bilan(factories.eleve(monde.a.classe, "D’ÔME", prenom), monde.a.enseignant)
    reponse = connecte(monde.a.enseignant).get(url("bilans-zip", monde.a.classe.pk, 6))
    assert reponse["Content-Type"] == "application/zip"
    archive = ZipFile(BytesIO(reponse.content))
    assert archive.namelist() == [
        "Bilan du semestre 6, ALPHA-A1 Camille.pdf",
        "Bilan du semestre 6, D’ÔME Lou-..-Anne.pdf",
        "Bilan du semestre 6, D’ÔME Lou-..-Anne (2).pdf",
    ]
    assert all(archive.read(nom).startswith(b"%PDF") for nom in archive.namelist())


def test_rien_a_imprimer(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    for nom in ("bilans-pdf", "bilans-zip"):
        assert client.get(url(nom, monde.a.classe.pk, 6)).status_code == 404


def test_une_inscription_qui_porte_un_bilan_ne_se_retire_pas(monde: Monde) -> None:
    sans_note = factories.eleve(monde.a.classe, "ALPHA-A3")
    factories.bilan(sans_note, monde.a.enseignant)
    assert Scolarite.objects.get(eleve=sans_note).saisies() == 1


def test_requetes(monde: Monde, publiee: Situation) -> None:
    """Page, préparation, passage et impression : autant de requêtes pour un élève que pour trois."""
    client, classe = connecte(monde.a.enseignant), monde.a.classe.pk
    Scolarite.objects.filter(eleve=monde.a.eleves[1]).update(sortie="2026-01-05")
    mesures = []
    for _ in range(2):
        Bilan.objects.all().delete()
        preparation = requetes(
            lambda: client.post(url("bilans-preparer", classe), {"semestre": 6, "date": "2026-03-30"})
        )
        page = requetes(lambda: client.get(url("bilans", classe, 6)))
        brouillons = requetes(lambda: client.get(url("bilans-pdf", classe, 6)))
        Bilan.objects.update(appreciation="Sérieux.")
        passage = requetes(lambda: client.post(url("bilans-prepares", classe, 6)))
        prepares = requetes(lambda: client.get(url("bilans-pdf", classe, 6)))
        mesures.append((preparation, page, brouillons, passage, prepares))
        Scolarite.objects.filter(eleve=monde.a.eleves[1]).update(sortie=None)
        factories.eleve(monde.a.classe, "ALPHA-A3")
    assert mesures == [(23, 8, 18, 23, 9)] * 2
