"""Le mode, le cycle et les règles de commission viennent du fichier ; ce qui sert ne change plus."""

import datetime
import json

import pytest

from certification.dossier.grille.citations import CommissionCitee, MembreCite
from certification.dossier.grille.conseils import conseils
from certification.dossier.resultats import dossier_lu
from livret.models import Classe
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.importation import ImportRefuse, importer, previsualiser
from referentiel.fichier.lecture import Document, lire_texte
from referentiel.models import Referentiel
from referentiel.reglement.commission import PIECES, ReglesCommission
from referentiel.reglement.cycle import Cycle
from tests import diplomes, factories

MODE = {"voie": "V1", "ccf": False, "forme": "ponctuel écrit"}


def lu(brut: dict) -> Document:
    return lire_texte(json.dumps(brut))


def avec_bloc(*modalites: dict) -> dict:
    brut = diplomes.diplome("MODES", {"E1": {"C1": 1, "C2": 2}}, **diplomes.avec_voies())
    brut["epreuves"][0]["bloc"] = "BC1"
    bloc = {"code": "BC1", "intitule": "Bloc"}
    return brut | {"blocs": [bloc | ({"modalites": list(modalites)} if modalites else {})]}


def candidat(statut: str | None = "sco"):
    """Un candidat devant la commission d'E1, sur le référentiel importé."""
    diplome = Referentiel.objects.get()
    promotion = factories.promotion(factories.etablissement(), diplome, "SANS")
    classe = factories.classe(promotion, niveau=diplome.cycle.annees[-1])
    eleve = factories.eleve(classe, statut=statut)
    return factories.dossier(factories.commission(promotion, "E1"), eleve)


@pytest.fixture
def en_service(db):
    importer(lu(avec_bloc()))
    return candidat()


def test_un_mode_ne_s_ajoute_ni_ne_change_quand_l_epreuve_sert(en_service) -> None:
    """Une modalité ajoutée retirait leur note à des candidats déjà devant la commission."""
    d_epreuve = avec_bloc()
    d_epreuve["epreuves"][0]["modalites"] = [MODE]
    for brut in (avec_bloc(MODE), avec_bloc({**MODE, "voie": "V2"}), d_epreuve):
        with pytest.raises(ImportRefuse, match="modalité"):
            importer(lu(brut))
    assert dossier_lu(en_service).grille.mode_a_dire


def test_un_mode_se_complete_tant_que_rien_ne_sert(db) -> None:
    importer(lu(avec_bloc()))
    importer(lu(avec_bloc(MODE)))
    brut = avec_bloc(MODE)
    brut["epreuves"][0]["modalites"] = [{**MODE, "ccf": True, "forme": "CCF"}]
    importer(lu(brut))
    assert dossier_lu(candidat()).grille.modalite.ccf  # celui de l'épreuve l'emporte sur celui du bloc
    with pytest.raises(ImportRefuse):
        importer(lu(avec_bloc(MODE)))


def test_sans_mode_rien_ne_se_propose_et_le_mode_se_demande(en_service) -> None:
    grille = dossier_lu(en_service).grille
    assert (grille.note, grille.etat, grille.texte_note) == (None, "mode à dire", "mode d’évaluation à dire")
    assert "dites celui de ce candidat" in grille.obstacles()[0]
    en_service.mode = "ponctuel"
    en_service.save()
    assert dossier_lu(en_service).grille.ponctuel
    assert str(dossier_lu(en_service).grille.modalite) == "épreuve ponctuelle"
    en_service.mode = "ccf"
    en_service.save()
    assert dossier_lu(en_service).grille.a_evaluer


def test_le_cycle_ne_change_plus_une_fois_qu_une_promotion_le_suit(en_service) -> None:
    assert Referentiel.objects.get().cycle.annees == ("1re année", "2e année", "3e année")
    with pytest.raises(ImportRefuse, match="Créez une nouvelle version"):
        importer(lu(avec_bloc() | {"cycle": ["A1", "A2"]}))


def test_un_fichier_qui_tait_le_cycle_et_la_commission_ne_les_change_pas(db) -> None:
    complet = diplomes.bts()
    importer(lu(complet))
    assert not previsualiser(lu({cle: v for cle, v in complet.items() if cle not in ("cycle", "commission")}))
    assert previsualiser(lu(complet | {"cycle": ["1", "2", "3"]}))


def test_une_classe_est_d_une_annee_du_cycle(db) -> None:
    importer(lu(diplomes.cap()))
    promotion = factories.promotion(factories.etablissement(), Referentiel.objects.get(), "SANS")
    classe = factories.classe(promotion, niveau="2e année")
    classe.full_clean()
    with pytest.raises(Exception, match="1re année, 2e année"):
        Classe(
            etablissement=classe.etablissement,
            annee=classe.annee,
            nom="Autre",
            niveau="Tle",
            promotion=promotion,
        ).full_clean()


def test_le_cycle_nomme_ses_semestres() -> None:
    deux = Cycle(("1re année", "2e année"))
    assert list(deux.semestres.items())[-1] == (4, "2e année S2")
    assert (deux.semestres_de("2e année"), deux.nom(9), deux.nom(None)) == ((3, 4), "", "")


TRPM = ReglesCommission.des(diplomes.trpm()["commission"])
BTS = ReglesCommission.des(diplomes.bts()["commission"])
MUETTE = ReglesCommission.des({})


@pytest.mark.parametrize(
    ("regles", "attendus"),
    [
        (
            TRPM,
            [
                "Aucune situation retenue en centre de formation : "
                "deux à trois sont attendues pour l’épreuve.",
                "Aucun professeur de génie mécanique construction n’est inscrit parmi les membres : "
                "le texte le nomme, pensez à vérifier la liste.",
                "La date de la commission n’est pas dans le dernier trimestre habituel, d’avril à juin de "
                "l’année 2026 : pensez à la vérifier.",
            ],
        ),
        (
            BTS,
            [
                "Aucune situation retenue en centre de formation : une est attendue pour l’épreuve.",
                "Aucun professeur d’anglais n’est inscrit parmi les membres : "
                "le texte le nomme, pensez à vérifier la liste.",
            ],
        ),
        (MUETTE, []),
    ],
)
def test_la_commission_est_conseillee_d_apres_le_referentiel(regles, attendus) -> None:
    membres = (MembreCite("A", "enseignant", "enseignant", None),)
    citee = CommissionCitee("Commission", 2026, datetime.date(2026, 2, 1), "", membres)
    assert list(conseils(citee, (), (), 50, regles, "E31")) == attendus


def test_une_qualite_n_est_attendue_que_pour_ses_epreuves() -> None:
    brut = diplomes.bts()["commission"]
    brut["qualites"][1]["epreuves"] = ["E31"]
    anglais = ReglesCommission.des(brut).qualites[1]
    assert (anglais.manque("E31"), anglais.manque("E2")) == (True, False)


def test_les_pieces_du_trpm_sont_celles_par_defaut() -> None:
    assert TRPM.pieces == PIECES == MUETTE.pieces


@pytest.mark.parametrize(
    ("chemin", "valeur", "faute"),
    [
        (("qualites",), [{"code": "a", "intitule": "A"}, {"code": "a", "intitule": "B"}], "existe déjà"),
        (("qualites",), [{"code": "a", "intitule": "A", "epreuves": ["E9"]}], "aucune épreuve"),
        (("situations",), {"minimum": 3, "maximum": 2}, "Corrigez l’un des deux"),
        (("mois",), {"premier": 6, "dernier": 4}, "Corrigez l’un des deux"),
        (("pieces",), [{"intitule": "a", "titre": "b"}], ""),
    ],
)
def test_une_regle_fausse_est_refusee_avec_sa_place(chemin, valeur, faute) -> None:
    brut = diplomes.bts()
    brut["commission"][chemin[0]] = valeur
    with pytest.raises(FichierInvalide) as refus:
        lu(brut)
    assert faute in str(refus.value)
    assert refus.value.fautes[0].pointeur.startswith(f"/commission/{chemin[0]}")
