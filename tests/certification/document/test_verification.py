"""La page publique de vérification : ce qu'elle affirme, et ce qu'elle tait."""

import re
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from certification.declencheurs import GARDES
from certification.document import releves, tirage
from certification.document.sceau import SANS_SCEAU, TAILLE_MAX, sceau
from certification.dossier.figement import figer as figer_dossier
from certification.dossier.resultats import dossiers_lus
from certification.models import Dossier, Verification
from certification.seance.place import clore
from livret.models import Eleve
from tests import factories
from tests.certification.scene import (
    adresse,
    decider,
    figer,
    lu,
)
from tests.litanie import connecte, requetes
from trpm.base.declencheurs import lever
from trpm.garde.reseau import adresse_du_site

SITE = "https://livret.exemple.fr"
PERSONNEL = ["ALPHA", "Camille", "Lycée A", "EP1", "Étude de gamme", "15,0", "2008"]


@pytest.fixture
def fige(monde, camille) -> Dossier:
    decider(monde, camille)
    figer(monde, camille)
    return Dossier.objects.get(pk=camille.pk)


def qr_de(dossier: Dossier) -> str:
    """Le chemin que le QR code du document fait ouvrir."""
    version = lu(dossier).version
    return sceau(version.verification, version.empreinte, SITE).adresse.removeprefix(SITE)


def texte(reponse) -> str:
    principal = reponse.content.decode().split("<main", 1)[1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", principal)).split())


def test_sans_compte_elle_dit_conforme_et_rien_de_personnel(fige):
    reponse = Client().get(qr_de(fige))
    assert reponse.status_code == 200
    assert "Conforme à la version figée le 3 juin 2026 à 17 h 04" in texte(reponse)
    assert fige.versions.get().empreinte[:16] in texte(reponse)
    assert [mot for mot in PERSONNEL if mot in reponse.content.decode()] == []
    assert "no-store" in reponse["Cache-Control"]


def test_le_qr_code_mene_a_une_adresse_complete_et_impossible_a_deviner(fige, settings):
    verification = Verification.objects.get(version__dossier=fige)
    empreinte = fige.versions.get().empreinte[:16]
    assert sceau(verification, empreinte, SITE).adresse == (
        f"{SITE}/verification/{verification.jeton}/?e={empreinte}"
    )
    assert len(verification.jeton) == 22
    html = tirage.html(lu(fige), "grilles", site=SITE)
    assert html.count('class="qr"') == 1
    settings.ALLOWED_HOSTS = ["*"]
    assert 'class="qr"' not in tirage.html(lu(fige), "grilles")


@pytest.mark.parametrize(
    ("site", "debug", "hotes", "attendue"),
    [
        (SITE, True, ["testserver"], SITE),
        ("", True, ["livret.exemple.fr"], ""),
        ("", False, [".exemple.fr", "livret.exemple.fr"], SITE),
        ("", False, ["*"], ""),
    ],
)
def test_l_adresse_du_site_vient_des_reglages(settings, site, debug, hotes, attendue):
    settings.ADRESSE_DU_SITE, settings.DEBUG, settings.ALLOWED_HOSTS = site, debug, hotes
    assert adresse_du_site() == attendue


def test_sans_reglage_elle_vient_de_la_requete(rf):
    assert adresse_du_site(rf.get("/", secure=True)) == "https://testserver"


def test_une_autre_empreinte_n_est_pas_conforme(fige):
    reponse = Client().get(qr_de(fige).split("?")[0] + "?e=0123456789abcdef")
    assert "Non conforme. L’empreinte de ce document n’est pas celle de la version figée." in texte(reponse)


def test_un_jeton_inconnu_n_est_pas_conforme_et_n_apprend_rien(fige):
    for jeton in ("x" * 22, str(fige.versions.get().pk), str(fige.pk)):
        reponse = Client().get(adresse("verifier", jeton))
        assert reponse.status_code == 404
        assert "Non conforme. Ce code n’est celui d’aucun document figé" in texte(reponse)


def test_une_version_rouverte_le_dit(president, fige):
    qr = qr_de(fige)
    president.post(adresse("rouvrir", fige.pk), {"motif": "Erreur sur Camille."})
    page = texte(Client().get(qr))
    assert "Version remplacée : le dossier a été rouvert le" in page
    assert "Erreur sur" not in page


def test_un_dossier_rouvert_puis_clos_dit_que_rien_ne_le_remplace(monde, president, fige):
    qr = qr_de(fige)
    president.post(adresse("rouvrir", fige.pk), {"motif": "Erreur sur Camille."})
    clore(monde.a.commission, "Commission en double.", monde.a.president)
    page = texte(Client().get(qr))
    assert "Version sans suite : le dossier a été rouvert le" in page
    assert "n’est plus en vigueur et aucun ne le remplace : le dossier a été clos le" in page
    assert [mot for mot in ("Camille", "double", "demandez le plus récent") if mot in page] == []
    with pytest.raises(ValidationError, match="clos"):
        figer_dossier(Dossier.objects.get(pk=fige.pk), monde.a.president)


def test_le_jeton_d_une_reunion_verifie_toutes_ses_epreuves(monde, president, membre, fige, dominique):
    """Le procès-verbal et le bordereau de la réunion mènent à leur page, tant que rien n'y change."""
    decider(monde, dominique, "7", C1=1, C2=1)
    figer(monde, dominique)
    autre = factories.commission(monde.a.promotion, "EP2")
    reunion = factories.reunion(monde.a.commission, autre)
    seul = factories.dossier(autre, fige.eleve)
    Dossier.objects.filter(pk=seul.pk).update(situation="dispense")
    tires = releves.releve(dossiers_lus(Dossier.objects.filter(commission__reunion=reunion)), reunion)
    assert releves.sceau_du_releve(tires, reunion, SITE) == SANS_SCEAU
    assert not Verification.objects.filter(reunion=reunion).exists()
    figer(monde, Dossier.objects.get(pk=seul.pk))

    for nom in ("reunion-proces-verbal", "reunion-bordereau"):
        assert president.get(adresse(nom, reunion.pk)).status_code == 200
        assert membre.get(adresse(nom, reunion.pk)).status_code == 404  # il n'en voit qu'une épreuve
    verification = Verification.objects.get(reunion=reunion)
    tires = releves.releve(dossiers_lus(Dossier.objects.filter(commission__reunion=reunion)), reunion)
    qr = releves.sceau_du_releve(tires, reunion, SITE).adresse.removeprefix(SITE)
    assert qr == f"{verification.get_absolute_url()}?e={tires.empreinte[:16]}"
    page = Client().get(qr)
    assert "Conforme aux 3 dossiers figés, le dernier le 3 juin 2026" in texte(page)
    assert [mot for mot in [*PERSONNEL, reunion.intitule] if mot in page.content.decode()] == []
    assert reunion.intitule in texte(president.get(qr))
    assert reunion.intitule not in texte(connecte(monde.b.president).get(qr))
    seule = Verification.objects.get(commission=autre)
    assert "Non conforme" in texte(Client().get(f"{seule.get_absolute_url()}?e={tires.empreinte[:16]}"))

    president.post(adresse("rouvrir", seul.pk), {"motif": "Erreur."})
    assert "Non conforme. Ce document ne correspond pas aux dossiers figés" in texte(Client().get(qr))


def test_ce_qui_est_garde_et_ne_correspond_plus_se_voit(fige):
    qr = qr_de(fige)
    lever(connection, GARDES)
    with connection.cursor() as curseur:
        curseur.execute("UPDATE certification_versionfigee SET contenu = contenu || ' '")
    assert "Non conforme. Ce qui est gardé ici ne correspond plus à sa propre empreinte." in texte(
        Client().get(qr)
    )


def test_seul_qui_peut_imprimer_lit_de_quel_dossier_il_s_agit(monde, fige):
    qr = qr_de(fige)
    voient = {
        nom: "ALPHA-A1" in texte(connecte(compte).get(qr))
        for nom, compte in {**monde.a.comptes, "ailleurs": monde.b.president}.items()
    }
    assert voient == {
        "administrateur": True,
        "enseignant": False,
        "eleve": False,
        "membre": True,
        "president": True,
        "inspecteur": False,
        "ailleurs": False,
    }


def comparer(url: str, contenu: bytes, nom: str = "document.pdf") -> tuple[int, str]:
    reponse = Client().post(url, {"fichier": SimpleUploadedFile(nom, contenu)})
    return reponse.status_code, texte(reponse)


def test_un_fichier_se_compare_par_ses_donnees_jointes(monde, president, fige, dominique):
    qr = qr_de(fige)
    archive = president.get(adresse("grille-pdf", fige.pk) + "?archive=1").content
    donnees = fige.versions.get().contenu.encode()
    decider(monde, dominique, "7", C1=1, C2=1)
    figer(monde, dominique)
    autre = tirage.archive(lu(dominique), "grilles", site=SITE)

    assert "Données conformes." in comparer(qr, archive)[1]
    assert "Données conformes." in comparer(qr, donnees, "instantane.json")[1]
    assert "Données différentes." in comparer(qr, autre)[1]
    assert "Données différentes." in comparer(qr, donnees.replace(b"Camille", b"Camilla"))[1]
    sans = president.get(adresse("grille-pdf", fige.pk)).content
    for muet in (sans, b"%PDF-1.7 rien", b"{pas du json", b"quelconque"):
        statut, page = comparer(qr, muet)
        assert (statut, "Ce fichier ne porte pas de données jointes" in page) == (200, True)


def test_un_fichier_absent_ou_trop_lourd_est_refuse_avec_une_phrase(fige, monkeypatch):
    assert "Choisissez un fichier." in texte(Client().post(qr_de(fige)))
    monkeypatch.setattr("certification.document.forms.TAILLE_MAX", 1024 * 1024)
    statut, page = comparer(qr_de(fige), b"x" * (1024 * 1024 + 1))
    assert (statut, "Ce fichier dépasse 1 Mo" in page) == (422, True)
    assert TAILLE_MAX == 20 * 1024 * 1024


def test_le_proces_verbal_se_verifie_tant_que_rien_ne_change(monde, president, fige, dominique):
    decider(monde, dominique, "7", C1=1, C2=1)
    figer(monde, dominique)
    lus = dossiers_lus(monde.a.commission.dossiers.all())
    releve = releves.releve(lus)
    verification = Verification.objects.get(commission=monde.a.commission)
    qr = sceau(verification, releve.empreinte, SITE).adresse.removeprefix(SITE)
    page = Client().get(qr)
    assert "Conforme aux 2 dossiers figés, le dernier le 3 juin 2026 à 17 h 04" in texte(page)
    assert [mot for mot in PERSONNEL if mot in page.content.decode()] == []

    president.post(adresse("rouvrir", dominique.pk), {"motif": "Erreur."})
    assert "Non conforme. Ce document ne correspond pas aux dossiers figés aujourd’hui" in texte(
        Client().get(qr)
    )


def test_requetes(monde, fige, dominique):
    url = Verification.objects.get(commission=monde.a.commission).get_absolute_url()
    assert requetes(lambda: Client().get(url)) == 2
    decider(monde, dominique, "7", C1=1, C2=1)
    figer(monde, dominique)
    Eleve.objects.update(numero_candidat="1")
    assert requetes(lambda: Client().get(url)) == 2
