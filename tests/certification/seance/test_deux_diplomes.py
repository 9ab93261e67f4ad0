"""Deux diplômes dans un établissement : leurs épreuves de même code ne se confondent nulle part."""

from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup

from certification.document.tables import cyclades
from certification.dossier.resultats import dossiers_lus
from certification.models import Commission, Dossier
from certification.seance.avancement import cockpit
from certification.seance.resumes import RESUMES
from livret.models import Eleve
from referentiel.models import Niveau, Option
from referentiel.reglement.distinction import distingues
from tests import factories
from tests.certification.scene import adresse, decider, figer
from tests.certification.seance.test_commission_form import saisie
from tests.litanie import connecte, requetes
from tests.monde import Monde


@dataclass(frozen=True)
class Autre:
    """Un CAP sans option, dans le même établissement, la même session ; son EP1 n'est pas celle du bac."""

    commission: Commission
    eleve: Eleve
    dossier: Dossier


@pytest.fixture
def autre(monde: Monde) -> Autre:
    diplome = factories.referentiel("CAP")
    Option.objects.filter(referentiel=diplome).update(seule=True)
    for valeur, code in ((0, "--"), (1, "-"), (2, "+"), (3, "++")):
        Niveau.objects.filter(echelle__referentiel=diplome, valeur=valeur).update(code=code)
    promotion = factories.promotion(monde.a.etablissement, diplome, nom="CAP A")
    classe = factories.classe(promotion, [monde.a.enseignant], nom="Tle CAP")
    eleve = factories.eleve(classe, "BRAVO", "Noa")
    situation = factories.situation(classe, monde.a.enseignant, ["C1", "C2"], intitule="Étude du CAP")
    for code in ("C1", "C2"):
        factories.evaluation(situation, eleve, code, 3)
    commission = factories.commission(promotion, "EP1", [monde.a.membre], intitule="Commission du CAP")
    return Autre(commission, eleve, factories.dossier(commission, eleve))


def texte(page) -> str:
    return " ".join(BeautifulSoup(page.content.decode(), "html.parser").get_text(" ").split())


def session(monde: Monde, nom: str) -> str:
    return adresse(nom, monde.a.etablissement.pk, monde.a.promotion.session)


def test_un_diplome_se_nomme_parmi_les_autres(monde: Monde) -> None:
    seul, cap = monde.referentiel, factories.referentiel("CAP")
    nouvelle = factories.referentiel("CAP", "2")
    assert distingues([seul, seul]) == {seul.pk: ""}
    assert distingues([seul, cap]) == {seul.pk: "ESSAI", cap.pk: "CAP"}
    assert distingues([seul, cap, nouvelle]) == {seul.pk: "ESSAI", cap.pk: "CAP 1", nouvelle.pk: "CAP 2"}


def test_l_avancement_a_un_tableau_par_diplome(monde: Monde, president, autre: Autre) -> None:
    tableau = cockpit(list(Commission.objects.filter(etablissement=monde.a.etablissement)), monde.a.president)
    vus = {
        un.diplome: ([c.code for c in un.colonnes], [c.comptes for c in un.colonnes], len(un.rangees))
        for un in tableau.tableaux
    }
    assert vus == {
        "CAP": (["EP1"], [(("complet", 1),)], 1),
        "ESSAI": (["EP1"], [(("à compléter", 1), ("complet", 1))], 2),
    }
    page = president.get(session(monde, "cockpit"))
    soupe = BeautifulSoup(page.content.decode(), "html.parser")
    assert [un.text for un in soupe.select("main > h2")] == ["CAP", "ESSAI"]
    assert "sans dossier" not in texte(page)
    renverse = president.get(f"{session(monde, 'cockpit')}?tri=-{tableau.tableaux[1].colonnes[0].cle}")
    assert [len(rangees) for _, rangees in renverse.context["tableaux"]] == [1, 2]


def test_l_avancement_coute_autant_a_un_diplome_qu_a_deux(monde: Monde, president) -> None:
    RESUMES.vider()
    avant = requetes(lambda: president.get(session(monde, "cockpit")))
    RESUMES.vider()
    factories.dossier(autre_commission := factories.commission(monde.a.promotion, "EP2"), monde.a.eleves[0])
    assert requetes(lambda: president.get(session(monde, "cockpit"))) == avant
    autre_commission.dossiers.all().delete()


def test_l_harmonisation_ne_melange_ni_diplomes_ni_echelles(monde: Monde, president, autre: Autre) -> None:
    page = president.get(session(monde, "harmonisation"))
    vus = {
        nom: {
            groupe.nom: {part.degre.code: part.nombre for part in groupe.parts if part.nombre}
            for groupe in axes["Épreuve"]
        }
        for nom, axes, _ in page.context["diplomes"]
    }
    assert vus == {"CAP": {"EP1 Préparer": {"++": 2}}, "ESSAI": {"EP1 Préparer": {"1": 1, "2": 1, "3": 1}}}
    dessins = [(nom, [une.nom for une in histogrammes]) for nom, _, histogrammes in page.context["diplomes"]]
    assert dessins == [("CAP", ["EP1, notes calculées"]), ("ESSAI", ["EP1, notes calculées"])]
    anonyme = president.get(f"{session(monde, 'harmonisation')}?anonyme")
    assert "BRAVO" not in texte(anonyme)
    assert [nom for nom, _, _ in anonyme.context["diplomes"]] == ["CAP", "ESSAI"]


def test_cyclades_a_les_colonnes_de_chaque_diplome(monde: Monde, autre: Autre, camille) -> None:
    decider(monde, camille)
    figer(monde, camille)
    factories.note(autre.dossier, "20")
    table = cyclades(dossiers_lus(Dossier.objects.filter(commission__etablissement=monde.a.etablissement)))
    assert table.titres[3:] == ("CAP EP1", "CAP EP1, état", "ESSAI EP1", "ESSAI EP1, état")
    lues = {rangee.qui: [str(une or "") for une in rangee.cellules[3:]] for rangee in table.rangees}
    assert lues["BRAVO Noa"][2:] == ["", ""]
    assert lues["ALPHA-A1 Camille"][:2] == ["", ""]
    assert lues["ALPHA-A1 Camille"][2] == "15.00"
    assert [rangee.qui for rangee in table.rangees][0] == "BRAVO Noa"
    assert not [phrase for phrase in table.manques if "sans dossier" in phrase or "None" in phrase]


def test_la_liste_et_les_titres_par_defaut_nomment_le_diplome(monde: Monde, president, autre: Autre) -> None:
    page = texte(president.get(adresse("commissions")))
    assert "CAP EP1 Préparer" in page
    assert "ESSAI EP1 Préparer" in page
    ep3 = monde.referentiel.epreuves.get(code="EP3").pk
    president.post(adresse("commission-create"), saisie(monde, intitule="", autres=[ep3]))
    assert Commission.objects.get(epreuve__code="EP2").intitule == "Commission ESSAI EP2, session 2026"
    reunie = Commission.objects.get(epreuve__code="EP3")
    assert reunie.intitule == "Commission ESSAI EP3, session 2026"
    assert reunie.reunion.intitule == "Réunion ESSAI EP2, EP3, session 2026"


def test_un_diplome_seul_ne_se_nomme_pas(monde: Monde, president) -> None:
    assert "ESSAI EP1" not in texte(president.get(adresse("commissions")))
    president.post(adresse("commission-create"), saisie(monde, intitule=""))
    assert Commission.objects.get(epreuve__code="EP2").intitule == "Commission EP2, session 2026"
    tableau = president.get(session(monde, "cockpit")).context["cockpit"]
    assert [un.diplome for un in tableau.tableaux] == [""]


def test_l_inspection_nomme_le_diplome_de_chaque_option(monde: Monde, autre: Autre) -> None:
    page = texte(connecte(monde.a.inspecteur).get(session(monde, "inspection-situations")))
    assert "CAP, Baccalauréat professionnel d’essai" in page
    assert "ESSAI, option USI" in page
