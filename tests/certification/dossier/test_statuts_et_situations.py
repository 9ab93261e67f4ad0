"""Les neuf statuts, les six situations devant l’épreuve, et tout ce qui les dit (Q13, Q33)."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from certification.document.releves import bordereau
from certification.dossier.figement import figer
from livret.models import Eleve
from tests import factories
from tests.certification.dossier.sorties import A_LIRE, dites
from tests.certification.scene import adresse, lu
from tests.litanie import connecte
from tests.moulage import mouler
from trpm.permissions import Role

CCF = ("scolaire", "apprentissage-habilite", "fc-public-habilite", "fc-public")
PONCTUEL = "épreuve ponctuelle (pratique, 3 h 30 min)"
SITUATIONS = {
    "a_evaluer": ("15.5", PONCTUEL),
    "absent_justifie": ("absent justifié",) * 2,
    "absent_non_justifie": ("absent non justifié",) * 2,
    "dispense": ("dispensé",) * 2,
    "note_conservee": ("12,5 / 20, conservée (session 2025)",) * 2,
    "bloc_acquis": ("bloc acquis (VAE)",) * 2,
}
"""Ce que dit un candidat en CCF, puis un candidat dont l’épreuve est ponctuelle."""


@pytest.fixture
def candidats(db):
    """Un candidat par statut, tous décidés à 15,5 pendant qu’ils étaient scolaires."""
    return mouler("candidats", par_statut)


def par_statut():
    diplome = factories.trpm()
    lycee = factories.etablissement()
    classe = factories.classe(factories.promotion(lycee, diplome, "RSP"))
    membre = factories.utilisateur(Role.PRESIDENT, etablissement=lycee, identifiant="president")
    commission = factories.commission(classe.promotion, "E2", [membre])
    situation = factories.situation(classe, membre)
    dossiers = {}
    for statut in diplome.statuts.all():
        dossier = factories.dossier(commission, factories.eleve(classe))
        for code, valeur in {"C1": 2, "C4": 3, "C5": 2}.items():
            factories.evaluation(situation, dossier.eleve, code, valeur, auteur=membre)
            factories.decision(dossier, code, membre, valeur)
        factories.note(dossier, "15.5")
        Eleve.objects.filter(pk=dossier.eleve_id).update(statut=statut)
        dossiers[statut.code] = dossier
    return dossiers


@pytest.mark.parametrize("situation", SITUATIONS)
def test_statut_et_situation_se_combinent(candidats, situation):
    """La situation l’emporte sur la voie ; un ponctuel n’a de note nulle part, même s’il en eut une."""
    president = next(iter(candidats.values())).commission.membres.get().utilisateur
    client = connecte(president)
    conservee = {"note_conservee": "12,5", "session_conservee": "2025"}
    for dossier in candidats.values():
        donnees = {"situation": situation, "lu": lu(dossier).grille.jeton_situation}
        donnees |= conservee if situation == "note_conservee" else {}
        assert client.post(adresse("situation-candidat", dossier.pk), donnees).status_code == 302
    attendus = {statut: SITUATIONS[situation][statut not in CCF] for statut in candidats}
    for statut, dossier in candidats.items():
        vu = lu(dossier)
        assert dites(vu, client) == dict.fromkeys(A_LIRE, attendus[statut]), statut
        assert vu.figeable is (attendus[statut] != PONCTUEL), statut
        if vu.figeable:
            figer(dossier, president)
            assert dites(lu(dossier), client) == dict.fromkeys(A_LIRE, attendus[statut]), statut


def test_le_bordereau_imprime_dit_la_note_et_pourquoi_il_n_y_en_a_pas(candidats):
    (page,) = PdfReader(BytesIO(bordereau([lu(dossier) for dossier in candidats.values()]))).pages
    tout = " ".join(page.extract_text().split())
    assert (tout.count("15,5 / 20"), tout.count("Épreuve ponctuelle")) == (4, 5)


def test_redevenu_scolaire_il_retrouve_sa_note(candidats):
    dossier = candidats["distance"]
    Eleve.objects.filter(pk=dossier.eleve_id).update(statut=candidats["scolaire"].eleve.statut)
    assert (lu(dossier).grille.etat, lu(dossier).grille.texte_note[:4]) == ("décidé", "15,5")
