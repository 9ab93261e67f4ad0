"""Le tableau de bord d'une classe et son classeur."""

import datetime
import re
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from livret.models import Scolarite
from livret.personnes.classes import eleves_presents
from livret.situation.temps import de_ce_temps
from livret.synthese.livrets import livrets
from livret.synthese.tableau import tableau
from tests import factories
from tests.litanie import (
    EQUIPE_ET_ADMINISTRATION,
    connecte,
    requetes,
    statuts,
)
from tests.monde import Monde

ONGLETS = {
    "Niveaux": "classe",
    "Situations": "situations",
    "PFMP": "classe-pfmp",
    "Bilans": "bilans",
    "Progression": "progression",
    "Couverture": "couverture",
    "Groupes": "groupes",
    "Échanges": "echanges",
}


def url(monde: Monde, nom: str = "classe") -> str:
    cle = monde.a.promotion.pk if nom == "progression" else monde.a.classe.pk
    return reverse(f"livret:{nom}", args=[cle])


def test_droits(monde: Monde) -> None:
    for page in ("classe", "classe-xlsx", "situations", "echanges"):
        assert statuts(monde, url(monde, page)) == EQUIPE_ET_ADMINISTRATION


@pytest.mark.parametrize("page", ONGLETS)
def test_chaque_page_de_la_classe_mene_aux_autres(monde: Monde, page: str) -> None:
    contenu = connecte(monde.a.enseignant).get(url(monde, ONGLETS[page])).content.decode()
    barre = contenu[contenu.index('aria-label="Pages de la classe"') :].partition("</nav>")[0]
    assert re.findall(r">([^<]+)</a>", barre) == list(ONGLETS)
    assert re.findall(r'aria-current="page">([^<]+)<', barre) == [page]
    for autre in ONGLETS.values():
        assert f'href="{url(monde, autre)}' in barre


def test_au_plus_une_action_principale(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    for page in ONGLETS.values():
        contenu = client.get(url(monde, page)).content.decode()
        assert contenu.count("btn-primary") <= 1, page


def test_la_progression_garde_la_classe_d_ou_l_on_vient(monde: Monde) -> None:
    ancienne = factories.classe(monde.a.promotion, [monde.a.enseignant], niveau="2de", nom="2de REMI")
    client = connecte(monde.a.enseignant)
    adresse = url(monde, "progression")
    assert client.get(adresse).context["classe"] == monde.a.classe
    assert client.get(f"{adresse}?classe={ancienne.pk}").context["classe"] == ancienne
    assert client.get(f"{adresse}?classe={monde.b.classe.pk}").context["classe"] == monde.a.classe


def test_les_situations(monde: Monde) -> None:
    factories.situation(monde.a.classe, monde.a.enseignant, etat="brouillon", intitule="À préparer")
    page = connecte(monde.a.enseignant).get(url(monde, "situations")).content.decode()
    grille = reverse("livret:grille", args=[monde.a.situation.pk])
    assert re.search(rf'href="{grille}">Saisir<span class="visually-hidden"> la grille de Étude', page)
    assert "Lire<span" in page
    lue = connecte(monde.a.administrateur).get(url(monde, "situations")).content.decode()
    assert ("Saisir" in lue, "Créer une situation" in lue) == (False, False)


def test_requetes_des_situations(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert requetes(lambda: client.get(url(monde, "situations"))) == 6
    for _ in range(3):
        factories.situation(monde.a.classe, monde.a.enseignant)
    assert requetes(lambda: client.get(url(monde, "situations"))) == 6


def noms(monde: Monde, demande: str) -> list[str]:
    reponse = connecte(monde.a.enseignant).get(url(monde) + demande)
    return [livret.eleve.prenom for livret, _ in reponse.context["rangees"]]


def test_le_tableau_se_filtre_et_se_trie(monde: Monde) -> None:
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {5: 2}})
    factories.groupe(monde.a.classe, [monde.a.eleves[0]], "Demi-classe A")
    groupe = monde.a.classe.groupes.get().pk
    attendus = {
        "": ["Camille", "Dominique"],
        "?montrer=retard": ["Dominique"],
        "?montrer=jamais": ["Camille", "Dominique"],
        f"?groupe={groupe}": ["Camille"],
        "?nom=DOMÍ": ["Dominique"],
        "?nom=personne": [],
        "?tri=C1": ["Dominique", "Camille"],
        "?tri=-C1": ["Camille", "Dominique"],
        "?tri=C2": ["Dominique", "Camille"],
        "?montrer=pirate&groupe=x&tri=C99": ["Camille", "Dominique"],
    }
    assert {demande: noms(monde, demande) for demande in attendus} == attendus


def test_le_tableau(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).get(url(monde))
    tableau = reponse.context["tableau"]
    assert [colonne.code for colonne in tableau.colonnes] == ["C1", "C2", "C3", "C4", "C5"]
    assert [colonne.evalues for colonne in tableau.colonnes] == [2, 1, 0, 0, 0]
    assert [(code, largeur) for code, _, largeur in tableau.epreuves] == [("EP1", 2), ("EP2", 2), ("EP3", 1)]
    assert [
        (str(livret.eleve), [ligne and ligne.degre and ligne.degre.code for ligne in lignes])
        for livret, lignes in tableau.rangees
    ] == [
        ("ALPHA-A1 Camille", ["2", "3", None, None, None]),
        ("ALPHA-A2 Dominique", ["1", None, None, None, None]),
    ]


def test_ce_qui_n_a_jamais_ete_evalue_se_voit(monde: Monde) -> None:
    page = connecte(monde.a.enseignant).get(url(monde)).content.decode()
    debut = page.index("Jamais évaluée dans cette classe")
    avis = page[debut : page.index("</p>", debut)]
    assert [code for code in ("C1", "C2", "C3", "C4", "C5") if f"<strong>{code}</strong>" in avis] == [
        "C3",
        "C4",
        "C5",
    ]


def test_chaque_niveau_dit_sa_preuve_et_mene_au_livret(monde: Monde) -> None:
    page = connecte(monde.a.enseignant).get(url(monde)).content.decode()
    assert "Partiellement maîtrisé · Étude de gamme A, centre de formation, 13 mars 2026" in page
    assert f'href="{monde.a.eleves[0].get_absolute_url()}#C1"' in page


def test_seul_qui_evalue_cree_une_situation(monde: Monde) -> None:
    creation = reverse("livret:situation-create", args=[monde.a.classe.pk])
    assert creation in connecte(monde.a.enseignant).get(url(monde)).content.decode()
    assert creation not in connecte(monde.a.administrateur).get(url(monde)).content.decode()


def test_un_eleve_sorti_quitte_le_tableau(monde: Monde) -> None:
    Scolarite.objects.filter(eleve=monde.a.eleves[1]).update(sortie="2026-01-05")
    reponse = connecte(monde.a.enseignant).get(url(monde))
    assert [str(livret.eleve) for livret in reponse.context["tableau"].livrets] == ["ALPHA-A1 Camille"]


def test_une_classe_vide_dit_quoi_faire(monde: Monde) -> None:
    vide = factories.classe(monde.a.promotion, [monde.a.enseignant])
    client = connecte(monde.a.enseignant)
    assert "Aucun élève dans cette classe." in client.get(vide.get_absolute_url()).content.decode()
    page = client.get(reverse("livret:situations", args=[vide.pk])).content.decode()
    assert "Aucune situation pour l’instant." in page


def test_un_brouillon_ne_compte_pas(monde: Monde) -> None:
    brouillon = factories.situation(monde.a.classe, monde.a.enseignant, competences=["C5"], etat="brouillon")
    factories.evaluation(brouillon, monde.a.eleves[0], "C5", 3)
    tableau = connecte(monde.a.enseignant).get(url(monde)).context["tableau"]
    assert [colonne.evalues for colonne in tableau.colonnes] == [2, 1, 0, 0, 0]


def test_les_options_se_melangent_dans_une_classe(monde: Monde) -> None:
    outilleur = factories.eleve(monde.a.classe, "ZOLA", option=monde.referentiel.options.get(code="OUT"))
    reponse = connecte(monde.a.enseignant).get(url(monde))
    dernier, lignes = reponse.context["tableau"].rangees[-1]
    assert (dernier.eleve, len(lignes)) == (outilleur, 5)
    assert "ZOLA Alix</a> <small>OUT</small>" in reponse.content.decode()


def test_le_classeur(monde: Monde) -> None:
    factories.eleve(monde.a.classe, "=SOMME(1)")
    reponse = connecte(monde.a.enseignant).get(url(monde, "classe-xlsx"))
    classeur = load_workbook(BytesIO(reponse.content))
    feuille = classeur[monde.a.classe.nom]
    assert list(feuille.iter_rows(values_only=True)) == [
        ("Nom", "Prénom", "Option", "EP1 C1", "EP1 C2", "EP2 C3", "EP2 C4", "EP3 C5"),
        ("ALPHA-A1", "Camille", "USI", "2", "3", "NE", "NE", "NE"),
        ("ALPHA-A2", "Dominique", "USI", "1", "NE", "NE", "NE", "NE"),
        ("=SOMME(1)", "Alix", "USI", "NE", "NE", "NE", "NE", "NE"),
    ]
    assert feuille["A4"].data_type == "s"
    assert classeur["Légende"]["B2"].value == "Non maîtrisé"
    assert "A%202025-2026%20-%20comp%C3%A9tences.xlsx" in reponse["Content-Disposition"]


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    client.get(url(monde))  # reçoit son jeton
    Scolarite.objects.filter(eleve=monde.a.eleves[1]).update(sortie="2026-01-05")
    assert requetes(lambda: client.get(url(monde))) == 18
    Scolarite.objects.filter(eleve=monde.a.eleves[1]).update(sortie=None)
    factories.evaluation(monde.a.situation, factories.eleve(monde.a.classe), "C1", 3)
    assert requetes(lambda: client.get(url(monde))) == 18


def test_sans_echelle_aucune_position(monde: Monde) -> None:
    assert "position-" not in connecte(monde.a.enseignant).get(url(monde)).content.decode()


def test_l_echelle_situe_chaque_niveau(monde: Monde) -> None:
    attentes = {"C1": {5: 2}, "C2": {5: 1}, "C3": {1: 1}}
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, attentes)
    reponse = connecte(monde.a.enseignant).get(url(monde))
    positions = [[repere.position.value for _, repere in lignes] for _, lignes in reponse.context["rangees"]]
    assert positions == [
        ["attendu", "en avance", "jamais évaluée", "sans attente", "sans attente"],
        ["en retard", "jamais évaluée", "jamais évaluée", "sans attente", "sans attente"],
    ]
    page = reponse.content.decode()
    assert "en retard, attendu 2 Partiellement maîtrisé</span>" in page


def test_le_tableau_dit_ce_que_disent_les_livrets(monde: Monde) -> None:
    """Lu autrement, pour aller vite : même niveau, même preuve, à niveau égal comme à date égale."""
    classe, (premier, _) = monde.a.classe, monde.a.eleves
    for jour in (13, 14, 14):
        scene = factories.situation(
            classe, monde.a.enseignant, ["C1", "C3"], fin=datetime.date(factories.SESSION, 3, jour)
        )
        factories.evaluation(scene, premier, "C1", 2)
        factories.evaluation(scene, premier, "C3", jour % 3)
    eleves = eleves_presents(classe)
    lus = {livret.eleve: livret for livret in livrets(eleves, comptent=de_ce_temps(classe, "situation__"))}
    for rangee in tableau(eleves, classe).livrets:
        livret = lus[rangee.eleve]
        assert (rangee.evaluees, rangee.epreuves) == (livret.evaluees, livret.epreuves)
        assert [
            (une.code, une.intitule, une.epreuve, une.valeur, une.degre, une.situation, une.lieu, une.date)
            for une in rangee.lignes
        ] == [
            (une.code, une.intitule, une.epreuve, une.valeur, une.degre)
            + ((preuve.situation, preuve.lieu, preuve.date) if (preuve := une.meilleure) else ("", "", None))
            for une in livret.lignes
        ]
