"""Tables à recopier : notes pour CYCLADES, degrés pour LSL Pro ; un texte n'y devient jamais une formule."""

import datetime
import json
from decimal import Decimal
from io import BytesIO

import pytest
from django.conf import settings
from django.utils import timezone
from openpyxl import load_workbook

from certification.document.forms_tables import CorrespondanceForm
from certification.document.lsl import degres_par_defaut
from certification.models import Extraction
from livret.models import (
    Bilan,
    Eleve,
    FicheTuteur,
    Situation,
)
from referentiel.echelle import Degre, Echelle
from tests import factories
from tests.certification.scene import (
    COMMISSION,
    adresse,
    decider,
    figer,
    statuts,
)
from tests.litanie import connecte, requetes
from tests.livret.pfmp.scene import scene
from tests.monde import INTRUS
from trpm.impression.documents import table_csv

PIEGES = ["=1+1", "+33", "-2", "@SOMME(A1)", "\t=1", "\r=1", "\n=1", "  =1"]


def lignes_csv(reponse) -> list[list[str]]:
    octets = reponse.getvalue()
    assert octets.startswith(b"\xef\xbb\xbf")
    return [ligne.split(";") for ligne in octets.decode("utf-8-sig").splitlines()]


def feuille(reponse) -> list[list[object]]:
    page = load_workbook(BytesIO(reponse.getvalue())).active
    return [[cellule.value for cellule in rang] for rang in page]


@pytest.fixture
def cyclades(monde) -> str:
    return adresse("cyclades", monde.a.etablissement.pk, monde.a.commission.session)


@pytest.fixture
def enseignant(monde):
    return connecte(monde.a.enseignant)


@pytest.fixture
def lsl(monde) -> str:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat="publiee")
    return adresse("lsl", monde.a.classe.pk)


PRESIDENT_ET_ADMINISTRATEUR = {**COMMISSION, "membre": 403, "membre d’une autre commission": 403}


@pytest.mark.parametrize("methode", ["get", "post"])
def test_qui_exporte_les_notes(monde, cyclades, methode):
    assert statuts(monde, cyclades, methode) == PRESIDENT_ET_ADMINISTRATEUR


def test_les_notes_figees_et_proposees_sortent_seules(monde, president, camille, dominique, cyclades):
    """Une table pour toutes les épreuves de la session, les candidats dans l'ordre du français."""
    decider(monde, camille, "15.5")
    Eleve.objects.filter(pk=camille.eleve_id).update(numero_candidat="02612345")
    camille.motif_ecart = "Progrès."
    camille.save()
    figer(monde, camille)
    propose = factories.dossier(monde.a.commission, factories.eleve(monde.a.classe, "ÀLPHA-A3", "Sacha"))
    decider(monde, propose, "12")
    absent = factories.eleve(monde.a.classe, "ALPHA-A4", "Lou")
    factories.dossier(monde.a.commission, absent, situation="absent_justifie")
    factories.dossier(factories.commission(monde.a.promotion, "EP2"), camille.eleve)

    sans = "sans dossier"
    attendues = [
        ["N° candidat", "Nom", "Prénom", "EP1", "EP1, état", "EP2", "EP2, état"],
        ["02612345", "ALPHA-A1", "Camille", "15,50", "figée le 3 juin 2026, version 1", "", "à compléter"],
        ["", "ALPHA-A2", "Dominique", "", "à compléter", "", sans],
        ["", "ÀLPHA-A3", "Sacha", "12,00", "proposée, non figée", "", sans],
        ["", "ALPHA-A4", "Lou", "", "absent justifié", "", sans],
    ]
    page = president.get(cyclades)
    assert [*page.context["table"].manques] == [
        "Sans numéro de candidat (3 élèves)\xa0: ALPHA-A2 Dominique, ÀLPHA-A3 Sacha, ALPHA-A4 Lou.",
        "EP1, à compléter (1 élève)\xa0: ALPHA-A2 Dominique.",
        "EP1, proposée, non figée (1 élève)\xa0: ÀLPHA-A3 Sacha.",
        "EP1, absent justifié (1 élève)\xa0: ALPHA-A4 Lou.",
        "EP2, à compléter (1 élève)\xa0: ALPHA-A1 Camille.",
        "EP2, sans dossier (3 élèves)\xa0: ALPHA-A2 Dominique, ÀLPHA-A3 Sacha, ALPHA-A4 Lou.",
    ]
    assert "15,50" in page.content.decode()
    assert lignes_csv(president.post(cyclades, {"csv": "1"})) == attendues
    classeur = feuille(president.post(cyclades, {"xlsx": "1"}))
    assert [rang[3] for rang in classeur] == ["EP1", 15.5, None, 12, None]
    assert [rang[4] for rang in classeur] == [rang[4] for rang in attendues]


def test_ce_qui_a_change_depuis_la_derniere_extraction(monde, president, camille, cyclades):
    """Qui, quand, l'empreinte et les rangées de la dernière fois, et d'elle seule."""
    decider(monde, camille, "15")
    assert "n’a pas encore été prise" in president.get(cyclades).content.decode()
    president.post(cyclades, {"csv": "1"})
    prise = Extraction.objects.get()
    assert (prise.faite_par, prise.session, prise.classe) == (monde.a.president, 2026, None)
    page = president.get(cyclades)
    assert (page.context["changements"], page.context["table"].empreinte) == ((), prise.empreinte)
    assert "Rien n’a changé depuis." in page.content.decode()

    camille.note_proposee, camille.motif_ecart = "16.5", "Progrès."
    camille.save()
    nouveau = factories.dossier(monde.a.commission, factories.eleve(monde.a.classe, "ALPHA-A3", "Sacha"))
    monde.a.dossiers[1].delete()
    assert [*president.get(cyclades).context["changements"]] == [
        "ALPHA-A1 Camille\xa0: EP1, «\xa015,00\xa0» devient «\xa016,50\xa0».",
        "ALPHA-A3 Sacha\xa0: n’y était pas.",
        "ALPHA-A2 Dominique\xa0: n’y est plus.",
    ]
    connecte(monde.a.administrateur).post(cyclades, {"xlsx": "1"})
    reprise = Extraction.objects.get()
    assert (reprise.pk, reprise.faite_par) == (prise.pk, monde.a.administrateur)
    assert str(nouveau.eleve_id) in reprise.contenu["rangees"]
    assert president.get(cyclades).context["changements"] == ()


@pytest.mark.parametrize("texte", PIEGES)
def test_un_texte_n_est_jamais_une_formule(monde, president, camille, cyclades, texte):
    assert table_csv([[texte, Decimal("-1.5")]]).decode("utf-8-sig").lstrip('"').startswith("'" + texte[0])
    assert table_csv([[Decimal("-1.5")]]) == b"\xef\xbb\xbf-1,5\r\n"
    Eleve.objects.filter(pk=camille.eleve_id).update(prenom=texte)
    page = load_workbook(BytesIO(president.post(cyclades, {"xlsx": "1"}).getvalue())).active
    assert {cellule.data_type for rang in page for cellule in rang if isinstance(cellule.value, str)} == {"s"}


@pytest.mark.parametrize("methode", ["get", "post"])
def test_qui_ouvre_l_aide_lsl(monde, lsl, methode):
    assert statuts(monde, lsl, methode) == {
        "administrateur": 200,
        "enseignant": 200,
        "eleve": 403,
        "membre": 403,
        "president": 200,
        "inspecteur": 403,
        "membre d’une autre commission": 403,
        "ailleurs": 404,
    }
    assert getattr(connecte(monde.b.enseignant), methode)(lsl).status_code == 404
    assert getattr(connecte(monde.a.collegue), methode)(lsl).status_code == 404


def test_le_degre_est_le_niveau_plus_un(monde, enseignant, lsl):
    Eleve.objects.filter(pk=monde.a.eleves[0].pk).update(ine="123456789AB")
    page = enseignant.get(lsl)
    texte = page.content.decode()
    assert "Aide à la saisie LSL Pro" in texte
    assert "export LSL" not in texte
    donnees = {champ.html_name: champ.value() for champ in page.context["form"]}
    assert donnees == {"niveau-0": "1", "niveau-1": "2", "niveau-2": "3", "niveau-3": "4", "niveau-": "NE"}
    lignes = lignes_csv(enseignant.post(lsl, {**donnees, "csv": "1"}))
    fin = ["Semaines de PFMP", "Appréciation de PFMP", "Appréciation de l’équipe"]
    assert lignes[0] == ["Nom", "Prénom", "INE", "C1", "C2", "C3", "C4", "C5", *fin]
    assert lignes[1:] == [
        ["ALPHA-A1", "Camille", "123456789AB", "3", "4", "NE", "NE", "NE", "0", "", ""],
        ["ALPHA-A2", "Dominique", monde.a.eleves[1].ine, "2", "NE", "NE", "NE", "NE", "0", "", ""],
    ]
    assert INTRUS not in str(lignes)


def test_seuls_comptent_les_niveaux_de_l_annee_de_la_classe(monde, enseignant, lsl):
    """Un niveau de terminale n'est pas un résultat de première, ni l'inverse."""
    annee = monde.a.classe.annee.debut
    for jour, degres in (
        (datetime.date(annee, 7, 31), ["NE", "NE"]),
        (datetime.date(annee, 8, 1), ["3", "4"]),
        (datetime.date(annee + 1, 7, 31), ["3", "4"]),
        (datetime.date(annee + 1, 8, 1), ["NE", "NE"]),
    ):
        Situation.objects.filter(pk=monde.a.situation.pk).update(debut=jour, fin=jour)
        assert lignes_csv(enseignant.post(lsl))[1][3:5] == degres, jour


def test_un_eleve_qui_ne_releve_pas_de_lsl_pro_n_y_est_pas(monde, enseignant, lsl):
    autre = factories.eleve(monde.a.classe, "ALPHA-A3", "Sacha", statut="hors-contrat")
    page = enseignant.get(lsl)
    assert [une.qui for une in page.context["table"].rangees] == ["ALPHA-A1 Camille", "ALPHA-A2 Dominique"]
    assert f"N’y sont donc pas&nbsp;: ALPHA-A3 Sacha ({autre.statut.intitule})." in page.content.decode()


def test_des_neuf_statuts_livres_un_seul_releve_de_lsl_pro():
    livres = json.loads((settings.BASE_DIR / "fixtures/trpm.json").read_text(encoding="utf-8"))["statuts"]
    assert [un["intitule"] for un in livres if un.get("lsl")] == ["Scolaire public ou privé sous contrat"]
    assert len(livres) == 9


def test_avec_les_semaines_de_pfmp_et_les_appreciations(monde, enseignant, lsl):
    """Vingt jours moins un d'absence font 3,8 semaines ; la fiche du tuteur et le bilan, une fois validés."""
    stage = scene(monde.a)
    fiche = factories.fiche_tuteur(stage.camille, stage.tuteur)
    FicheTuteur.objects.filter(pk=fiche.pk).update(points_forts="Ponctuelle.")
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "prepare")
    assert lignes_csv(enseignant.post(lsl))[1][-3:] == ["3,8", "", ""]
    Bilan.objects.filter(pk=bilan.pk).delete()
    factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")
    maintenant = timezone.now()
    FicheTuteur.objects.filter(pk=fiche.pk).update(
        etat="validee",
        envoyee_le=maintenant,
        signee_le=maintenant.date(),
        signataire="Maryse",
        signature_mode="coche",
        validee_le=maintenant,
        validee_par=monde.a.enseignant,
        situation=monde.a.situation,
    )
    camille, dominique = lignes_csv(enseignant.post(lsl))[1:]
    assert camille[-3:] == ["3,8", "PFMP A\xa0: Ponctuelle.", "Un semestre régulier."]
    assert dominique[-3:] == ["0", "", ""]


def test_ce_qui_manque_a_l_aide_et_ce_qui_y_a_change(monde, enseignant, lsl):
    Eleve.objects.filter(pk=monde.a.eleves[0].pk).update(ine=None)
    manques = enseignant.get(lsl).context["table"].manques
    assert manques[0] == "Sans INE (1 élève)\xa0: ALPHA-A1 Camille."
    assert "C3 non évaluée cette année\xa0: les 2 élèves." in manques
    assert "C2 non évaluée cette année (1 élève)\xa0: ALPHA-A2 Dominique." in manques
    enseignant.post(lsl)
    assert Extraction.objects.get().classe == monde.a.classe
    Eleve.objects.filter(pk=monde.a.eleves[0].pk).update(ine="123456789AB")
    assert [*enseignant.get(lsl).context["changements"]] == [
        "ALPHA-A1 Camille\xa0: INE, rien devient «\xa0123456789AB\xa0»."
    ]


def test_la_correspondance_se_change_et_se_verifie(enseignant, lsl):
    choix = {"niveau-0": "A", "niveau-1": "B", "niveau-2": "C", "niveau-3": "D", "niveau-": "X"}
    classeur = feuille(enseignant.post(lsl, {**choix, "xlsx": "1"}))
    assert classeur[1][3:6] == ["C", "D", "X"]
    assert Extraction.objects.count() == 1
    incomplet = enseignant.post(lsl, {**choix, "niveau-2": "", "csv": "1"})
    assert (incomplet.status_code, "Ce champ est obligatoire" in incomplet.content.decode()) == (422, True)


def test_rien_de_non_publie_n_en_sort(monde, enseignant):
    page = enseignant.get(adresse("lsl", monde.a.classe.pk))
    assert {cellule for une in page.context["table"].rangees for cellule in une.cellules[3:-3]} == {"NE"}


def test_requetes(monde, president, enseignant, lsl, cyclades):
    notes = cyclades
    monde.a.dossiers[1].delete()
    assert (requetes(lambda: president.get(notes)), requetes(lambda: enseignant.get(lsl))) == (26, 21)
    for rang in range(2):
        eleve = factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}")
        factories.dossier(monde.a.commission, eleve)
    assert (requetes(lambda: president.get(notes)), requetes(lambda: enseignant.get(lsl))) == (26, 21)


def test_le_degre_de_lsl_pro_est_un_rang_et_non_une_valeur():
    """Valeurs 0, 5, 10, 20 : degrés 1 à 4 ; deux échelles dans une classe ont chacune les leurs."""
    trous = Echelle(tuple(Degre(f"N{une}", une, "", "plein", 20) for une in (0, 5, 10, 20)))
    lettres = Echelle(tuple(Degre(code, rang, "", "plein", 2) for rang, code in enumerate("CBA")))
    degres = degres_par_defaut([trous, lettres])
    assert [degres[degre] for degre in (*trous.degres, *lettres.degres, None)] == [*"1234", *"123", "NE"]
    assert [*CorrespondanceForm([trous, lettres], degres).niveaux] == [
        *("niveau-0", "niveau-5", "niveau-10", "niveau-20"),
        *("niveau-1-0", "niveau-1-1", "niveau-1-2"),
    ]
