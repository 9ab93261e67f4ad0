"""Figer et rouvrir : qui le peut, quand, et ce que plus rien ne change ensuite."""

import datetime
import json
from hashlib import sha256
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import ProtectedError
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from certification.dossier.figement import figer, figer_tous, rouvrir
from certification.models import (
    Decision,
    Dossier,
    DossierFige,
    VersionFigee,
)
from livret.models import Eleve
from livret.situation.rubrique import Rubrique
from tests import factories
from tests.certification import scene
from tests.certification.scene import (
    MAINTENANT,
    REFUS,
    adresse,
    decider,
    lu,
    statuts,
)
from tests.litanie import messages

PRESIDENT_SEUL = {**REFUS, "president": 302}

SANS = {"sans_presences": "on"}


# --- Figer ------------------------------------------------------------------------------------


def test_le_president_fige_et_lui_seul(monde, camille):
    decider(monde, camille)
    assert statuts(monde, adresse("figer", camille.pk), "post", SANS) == PRESIDENT_SEUL
    version = camille.versions.get()
    assert (version.numero, version.figee_par) == (1, monde.a.president)
    assert version.empreinte == sha256(version.contenu.encode()).hexdigest()


def test_un_dossier_incomplet_dit_ce_qui_manque(president, dominique):
    reponse = president.post(adresse("figer", dominique.pk))
    assert reponse.status_code == 409
    assert reponse.context["refus"] == [
        "Aucun niveau pour C2.",
        "Niveau proposé mais non arrêté pour C1.",
        "La note proposée n’est pas enregistrée.",
    ]
    assert "Aucun niveau pour C2." in reponse.content.decode()
    assert VersionFigee.objects.count() == 0


def test_un_candidat_ponctuel_ne_se_fige_pas(monde, president, camille):
    Eleve.objects.filter(pk=camille.eleve_id).update(
        statut=monde.referentiel.statuts.get(code="hors-contrat")
    )
    reponse = president.post(adresse("figer", camille.pk), SANS)
    assert reponse.context["refus"] == [
        "Le candidat ne relève pas de la commission : épreuve ponctuelle (pratique, 4 h)."
    ]


def test_un_absent_se_fige_avec_sa_situation_et_sans_note(president, camille):
    camille.situation = "absent_justifie"
    camille.save()
    assert president.post(adresse("figer", camille.pk), SANS).status_code == 302
    grille = lu(camille).grille
    assert (grille.texte_note, grille.note, grille.note_proposee) == ("absent justifié", None, None)


def test_un_dossier_ne_se_fige_pas_deux_fois(monde, president, camille):
    decider(monde, camille)
    president.post(adresse("figer", camille.pk), SANS)
    assert president.post(adresse("figer", camille.pk), SANS).status_code == 409
    assert camille.versions.count() == 1


def test_des_presences_en_blanc_se_refusent_ou_se_choisissent(monde, president, camille):
    """Un dossier, puis toute la commission : rien n'est figé sans savoir qui était là, ou l'avoir voulu."""
    decider(monde, camille)
    nom, ici = monde.a.membre.nom_complet, monde.a.commission
    attendu = f"La présence n’est pas notée pour {nom}"
    refus = president.post(adresse("figer", camille.pk))
    assert (refus.status_code, attendu in refus.context["refus"][0]) == (409, True)
    reponse = president.post(adresse("figer-tous", ici.pk), follow=True)
    assert attendu in messages(reponse)[0]
    assert VersionFigee.objects.count() == 0
    for url in (camille.get_absolute_url(), ici.get_absolute_url()):
        page = president.get(url).content.decode()
        assert (attendu in page, 'name="sans_presences"' in page, f"{ici.pk}/modifier/" in page) == (
            True,
        ) * 3
    ici.membres.update(present=False)
    assert 'name="sans_presences"' not in president.get(camille.get_absolute_url()).content.decode()
    assert president.post(adresse("figer", camille.pk)).status_code == 302
    assert [m.present for m in lu(camille).grille.commission.membres] == [False]


# --- Toute la commission ----------------------------------------------------------------------


def test_figer_tous_fige_les_decides_et_nomme_les_autres(monde, president, camille):
    decider(monde, camille)
    reponse = president.post(adresse("figer-tous", monde.a.commission.pk), SANS, follow=True)
    assert messages(reponse) == [
        "Dossiers figés : ALPHA-A1 Camille.",
        "Restent ouverts : ALPHA-A2 Dominique.",
    ]
    assert list(VersionFigee.objects.values_list("dossier", flat=True)) == [camille.pk]


def test_figer_tous_est_reserve_au_president(monde):
    assert statuts(monde, adresse("figer-tous", monde.a.commission.pk), "post") == PRESIDENT_SEUL
    assert VersionFigee.objects.count() == 0


def test_figer_tous_laisse_les_dossiers_deja_figes(monde, camille):
    decider(monde, camille)
    figer(camille, monde.a.president)
    bilan = figer_tous(monde.a.commission.dossiers.all(), monde.a.president)
    assert ([str(lu.dossier.pk) for lu in bilan.figes], camille.versions.count()) == ([], 1)


# --- Ensuite, plus rien ne bouge --------------------------------------------------------------


@pytest.fixture
def fige(monde, camille) -> Dossier:
    decider(monde, camille)
    figer(camille, monde.a.president)
    return Dossier.objects.get(pk=camille.pk)


def test_le_modele_refuse_toute_ecriture(monde, fige):
    decision = fige.decisions.first()
    ecritures = [
        fige.save,
        fige.delete,
        decision.save,
        decision.delete,
        lambda: Dossier.objects.filter(pk=fige.pk).update(observations="x"),
        lambda: Decision.objects.filter(dossier=fige).update(motif="x"),
        lambda: Decision.objects.filter(dossier=fige).delete(),
        lambda: Decision.objects.bulk_create([Decision(dossier=fige, competence=decision.competence)]),
        lambda: scene.arreter(fige, "C1", "1", "", monde.a.membre),
        lambda: fige.desarreter("C1"),
        lambda: fige.versions.get().save(),
        lambda: fige.versions.get().delete(),
        lambda: VersionFigee.objects.update(contenu="{}"),
        lambda: VersionFigee.objects.all().delete(),
    ]
    avant = VersionFigee.objects.get().contenu
    for ecriture in ecritures:
        with pytest.raises(DossierFige) as refus:
            ecriture()
        assert refus.value.messages == [
            "Ce dossier est figé : plus rien ne s’y modifie tant que le président ne l’a pas rouvert."
        ]
    with pytest.raises(ProtectedError):
        Dossier.objects.filter(pk=fige.pk).delete()
    assert VersionFigee.objects.get().contenu == avant
    assert fige.decisions.count() == 2


@pytest.mark.parametrize(
    ("nom", "donnees"),
    [
        ("decision", {"niveau": "1", "motif": "x"}),
        ("acceptation", {}),
        ("proposition", {"note_proposee": "10", "motif_ecart": "x"}),
        ("observations", {"observations": "x"}),
        ("situation-candidat", {"situation": "dispense"}),
    ],
)
def test_chaque_page_refuse_avec_une_phrase(membre, fige, nom, donnees):
    avant = fige.versions.get().contenu
    args = [fige.pk, "C1"] if nom == "decision" else [fige.pk]
    reponse = membre.post(adresse(nom, *args), donnees)
    assert reponse.status_code == 409
    assert VersionFigee.objects.get().contenu == avant
    assert Dossier.objects.get(pk=fige.pk).observations == ""


def test_l_option_et_le_statut_d_un_candidat_fige_ne_changent_plus(monde, fige):
    eleve = Eleve.objects.get(pk=fige.eleve_id)
    eleve.statut = monde.referentiel.statuts.get(code="hors-contrat")
    with pytest.raises(ValidationError) as refus:
        eleve.full_clean()
    assert refus.value.message_dict == {
        "statut": [
            "Un dossier de ALPHA-A1 Camille est figé avec « Scolaire sous contrat » : "
            "le président doit d’abord le rouvrir."
        ]
    }
    eleve.refresh_from_db()
    eleve.nom = "AUTRE"
    eleve.full_clean()


MODIFICATIONS = {
    "niveau": lambda m: m.a.eleves[0].evaluations.update(niveau=factories.niveau(m.referentiel, 0)),
    "nouvelle preuve": lambda m: factories.evaluation(
        factories.situation(m.a.classe, m.a.enseignant), m.a.eleves[0], "C1", 3
    ),
    "observation": lambda m: m.a.eleves[0].observations.update(niveau=None, mention="NE"),
    "fiche": lambda m: m.a.eleves[0].fiches.update(commentaire="Tout autre."),
    "situation": lambda m: type(m.a.situation).objects.update(
        intitule="Autre", nature="formative", moyens="", fin=datetime.date(2027, 1, 1)
    ),
    "poids": lambda m: m.referentiel.grilles.get().poids.update(valeur=1),
    "arrondi": lambda m: m.referentiel.grilles.update(arrondi="centieme", intitule="Autre grille"),
    "échelle": lambda m: m.referentiel.echelles.get().niveaux.update(libelle="Autre libellé"),
    "intitulés": lambda m: m.referentiel.competences.update(intitule="Autre intitulé"),
    "épreuve": lambda m: m.referentiel.epreuves.update(intitule="Autre épreuve", unite="U9"),
    "coefficient": lambda m: [e.coefficients.update(valeur=9) for e in m.referentiel.epreuves.all()],
    "modalité": lambda m: [b.modalites.all().delete() for b in m.referentiel.blocs.all()],
    "élève": lambda m: Eleve.objects.filter(pk=m.a.eleves[0].pk).update(nom="AUTRE", numero_candidat="9"),
    "établissement": lambda m: (
        type(m.a.etablissement).objects.filter(pk=m.a.etablissement.pk).update(nom="L")
    ),
    "commission": lambda m: type(m.a.commission).objects.filter(pk=m.a.commission.pk).update(lieu="Ailleurs"),
    "membres": lambda m: m.a.commission.membres.all().delete(),
}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(noms=st.lists(st.sampled_from(sorted(MODIFICATIONS)), min_size=1, max_size=6))
def test_aucune_modification_ne_change_un_octet_de_l_instantane(monde, fige, noms):
    avant = fige.versions.get()
    montree = lu(fige).grille
    for nom in noms:
        MODIFICATIONS[nom](monde)
    apres = VersionFigee.objects.get(pk=avant.pk)
    assert apres.contenu.encode() == avant.contenu.encode()
    assert sha256(apres.contenu.encode()).hexdigest() == avant.empreinte
    assert lu(fige).grille == montree
    assert lu(fige).grille.vers_json() == avant.contenu


@pytest.mark.parametrize("nom", sorted(MODIFICATIONS))
def test_chacune_de_ces_modifications_change_un_dossier_ouvert(monde, camille, nom):
    """Sans quoi la propriété précédente ne prouverait rien."""
    decider(monde, camille)
    avant = lu(camille).grille.vers_json()
    MODIFICATIONS[nom](monde)
    assert lu(camille).grille.vers_json() != avant


def test_un_dossier_fige_avant_les_rubriques_se_relit_et_s_imprime(monde, president, camille):
    """Son inventaire était d'un seul tenant, et rien n'en est réécrit."""
    decider(monde, camille)
    ancien = json.loads(lu(camille).grille.vers_json())
    for situation in ancien["situations"]:
        assert situation.pop("inventaire") == [{"intitule": "", "moyens": ["Plan de définition"]}]
        situation["moyens"] = ["Plan de définition", "Pied à coulisse"]
    contenu = json.dumps(ancien)
    version = camille.figer(contenu, monde.a.president, MAINTENANT)
    (situation,) = lu(camille).grille.situations
    assert situation.rubriques == (Rubrique("", ("Plan de définition", "Pied à coulisse")),)
    pdf = president.get(adresse("dossier-pdf", camille.pk)).content
    texte = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    assert "Pied à coulisse" in texte
    assert VersionFigee.objects.get(pk=version.pk).contenu == contenu


# --- Rouvrir ----------------------------------------------------------------------------------


def test_le_president_rouvre_avec_un_motif_et_lui_seul(monde, fige):
    url = adresse("rouvrir", fige.pk)
    assert statuts(monde, url, "post", {"motif": "Erreur de saisie sur C1."}) == PRESIDENT_SEUL
    version = fige.versions.get()
    assert (version.motif_reouverture, version.rouverte_par) == (
        "Erreur de saisie sur C1.",
        monde.a.president,
    )
    assert lu(fige).etat == "décidé"


def test_rouvrir_sans_motif_est_refuse(president, fige):
    reponse = president.post(adresse("rouvrir", fige.pk), {"motif": "  "})
    assert (reponse.status_code, fige.fige) == (422, True)
    assert reponse.context["reouverture"].errors["motif"] == ["Ce champ est obligatoire."]


def test_rouvrir_un_dossier_ouvert_se_refuse(president, camille):
    reponse = president.post(adresse("rouvrir", camille.pk), {"motif": "x"})
    assert (reponse.status_code, reponse.context["refus"]) == (409, ["Ce dossier n’est pas figé."])


def test_figer_a_nouveau_fait_une_version_de_plus(monde, fige):
    premiere = fige.versions.get()
    rouvrir(fige, "Oubli.", monde.a.president)
    scene.arreter(fige, "C1", "3", "Situation de mai.", monde.a.membre)
    factories.note(fige, "20")
    seconde = figer(fige, monde.a.president)

    assert [version.numero for version in fige.versions.all()] == [2, 1]
    premiere.refresh_from_db()
    assert premiere.contenu != seconde.contenu
    assert lu(fige).version == seconde
    with pytest.raises(ValidationError):
        premiere.rouvrir("Encore.", monde.a.president, datetime.datetime.now(datetime.UTC))


def test_un_import_d_eleves_ne_change_ni_option_ni_statut_d_un_candidat_fige(client, monde, fige):
    eleve = Eleve.objects.get(pk=fige.eleve_id)
    client.force_login(monde.a.administrateur)
    fichier = SimpleUploadedFile(
        "eleves.csv",
        "Nom;Prénom;Né(e) le;Option;Statut;N° candidat\r\n"
        f"{eleve.nom};{eleve.prenom};{eleve.naissance:%d/%m/%Y};OUT;Scolaire hors contrat;42\r\n".encode(),
    )
    apercu = client.post(
        reverse("livret:eleves-import", args=[monde.a.classe.pk]),
        {"fichier": fichier, "statut": eleve.statut_id},
    ).context["apercu"]
    assert [[c.champ for c in entree.changements] for entree in apercu.modifies] == [["numéro de candidat"]]
    assert [remarque.message for remarque in apercu.avertissements if "figé" in remarque.message] == [
        eleve.refus_fige("option"),
        eleve.refus_fige("statut"),
    ]
