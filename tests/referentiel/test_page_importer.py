from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from referentiel.models import Referentiel
from tests import factories
from tests.referentiel.texte import rangees, texte
from trpm.permissions import Role

ADRESSE = reverse("referentiel:importer")
CONFIRMATION = reverse("referentiel:importer-confirmer")
DEMO = Path(__file__).with_name("demo.json").read_text(encoding="utf-8")


def deposer(client, contenu=DEMO):
    octets = contenu if isinstance(contenu, bytes) else contenu.encode()
    return client.post(ADRESSE, {"fichier": SimpleUploadedFile("diplome.json", octets)})


def confirmer(client, reponse):
    return client.post(CONFIRMATION, {"jeton": reponse.context["form"].initial["jeton"]}, follow=True)


def test_deposer_voir_appliquer(admin_client):
    apercu = deposer(admin_client)
    assert "DEMO 1 nouveau référentiel" in texte(apercu)
    assert "29 ajouts" in texte(apercu)
    assert Referentiel.objects.count() == 0
    suite = confirmer(admin_client, apercu)
    assert suite.redirect_chain == [(reverse("referentiel:liste"), 302)]
    assert "Le référentiel DEMO 1 est importé." in texte(suite)
    assert Referentiel.objects.get().code == "DEMO"


def test_deja_importe(admin_client):
    confirmer(admin_client, deposer(admin_client))
    reponse = deposer(admin_client)
    assert "Aucun changement : la base contient déjà ce référentiel, à l’identique." in texte(reponse)
    assert "Appliquer" not in texte(reponse)


def test_modifications_et_retraits(admin_client):
    confirmer(admin_client, deposer(admin_client))
    change = DEMO.replace('"Raconter"', '"Conter"').replace(
        '{"code": "CP01.a.1", "intitule": "Mesurer la taille"},', ""
    )
    lignes = rangees(deposer(admin_client, change))
    assert ["Compétence CP03intitulé", "Raconter", "Conter", "rien"] in lignes
    assert ["Compétence détaillée CP01.a.1Mesurer la taille", "rien"] in lignes


def test_fautes(admin_client):
    mauvais = DEMO.replace('"echelle": "trois"', '"echelle": "troi"').replace('"valeur": 5', '"valeur": 1')
    reponse = deposer(admin_client, mauvais)
    assert "diplome.json contient 2 fautes. Rien n’a été écrit." in texte(reponse)
    ligne = mauvais[: mauvais.index('"echelle": "troi"')].count("\n") + 1
    assert rangees(reponse)[2] == [
        str(ligne),
        "« troi » ne désigne aucune échelle du fichier. Codes déclarés : « trois ». "
        "Vouliez-vous écrire « trois » ?/grilles/0/echelle",
    ]
    assert Referentiel.objects.count() == 0


@pytest.mark.parametrize(
    ("contenu", "message"),
    [
        (b"", "Ce fichier est vide. Choisissez un fichier JSON de référentiel."),
        (b"PK\x03\x04\xff", "Ce classeur est abîmé ou n’est pas un xlsx."),
        (b"x" * (2 * 1024 * 1024 + 1), "Le fichier dépasse 2 Mo."),
        (b"<html>", "Ce n’est pas du JSON valide, colonne 1"),
    ],
    ids=["vide", "binaire", "trop gros", "html"],
)
def test_fichier_impropre(admin_client, contenu, message):
    assert message in texte(deposer(admin_client, contenu))


def test_trop_de_fautes_pour_une_page(admin_client):
    mauvais = DEMO.replace('"savoirs": [', '"savoirs": [' + "{}, " * 300)
    reponse = deposer(admin_client, mauvais)
    assert "diplome.json contient 600 fautes." in texte(reponse)
    assert "les 500 premières" in texte(reponse)
    assert len(rangees(reponse)) == 501


def test_sans_fichier(admin_client):
    assert "Choisissez un fichier JSON de référentiel." in texte(admin_client.post(ADRESSE))


def test_un_texte_du_fichier_n_est_jamais_du_html(admin_client):
    piege = DEMO.replace('"Raconter"', '"<script>alert(1)</script>"')
    assert b"<script>alert(1)" not in deposer(admin_client, piege).content


def test_base_changee_entre_apercu_et_confirmation(admin_client):
    confirmer(admin_client, deposer(admin_client))
    apercu = deposer(admin_client, DEMO.replace('"Raconter"', '"Conter"'))
    Referentiel.objects.get().competences.filter(code="CP02").update(intitule="Rendre la monnaie")
    suite = confirmer(admin_client, apercu)
    assert "Le référentiel a changé depuis cet aperçu ; rien n’a été écrit." in texte(suite)
    assert ["Compétence CP02intitulé", "Rendre la monnaie", "Encaisser", "rien"] in rangees(suite)
    assert Referentiel.objects.get().competences.get(code="CP03").intitule == "Raconter"
    confirmer(admin_client, suite)
    assert Referentiel.objects.get().competences.get(code="CP03").intitule == "Conter"


def test_refus_annonce_et_maintenu(admin_client, lycee):
    """Un élément sert au moment de la confirmation, pas encore à l'aperçu : rien ne s'écrit."""
    confirmer(admin_client, deposer(admin_client))
    sans = DEMO.replace(
        ',\n        {"code": "CP01.b", "intitule": "Vérifier les commandes", "option": "AERO"}', ""
    )
    apercu = deposer(admin_client, sans)
    assert "Appliquer ces changements" in texte(apercu)
    prof = factories.utilisateur(Role.ENSEIGNANT, etablissement=lycee)
    classe = factories.classe(factories.promotion(lycee, Referentiel.objects.get(), "AERO"), [prof])
    factories.situation(classe, prof, detaillees=["CP01.b"])
    suite = confirmer(admin_client, apercu)
    assert "DEMO 1 import refusé" in texte(suite)
    assert (
        "Compétence détaillée CP01.b (AERO) : utilisé (1 situation d’évaluation). "
        "Laissez-le, ou créez une nouvelle version du référentiel." in texte(suite)
    )
    assert "Appliquer ces changements" not in texte(suite)
    assert Referentiel.objects.get().competences.get(code="CP01").detaillees.count() == 5


def test_jeton_falsifie_ou_d_un_autre(admin_client, personne):
    autre, _ = personne(Role.ADMINISTRATEUR)
    jeton = deposer(autre).context["form"].initial["jeton"]
    for faux in (jeton, jeton[:-1], "", "x"):
        reponse = admin_client.post(CONFIRMATION, {"jeton": faux}, follow=True)
        assert "Cet aperçu a expiré ou a été modifié. Déposez de nouveau le fichier." in texte(reponse)
    assert Referentiel.objects.count() == 0


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMINISTRATEUR, Role.ELEVE)])
def test_mauvais_role(personne, role):
    client, _ = personne(role)
    assert client.get(ADRESSE).status_code == 403
    assert deposer(client).status_code == 403
    assert client.post(CONFIRMATION).status_code == 403


def test_un_eleve_n_importe_pas(client, monde):
    client.force_login(monde.a.compte_eleve)
    assert client.get(ADRESSE).status_code == 403
    assert client.post(CONFIRMATION).status_code == 403


def test_sans_session(client, db):
    assert client.get(ADRESSE).status_code == 302
    assert client.post(CONFIRMATION).status_code == 302
    assert Referentiel.objects.count() == 0


def test_confirmer_ne_s_ouvre_pas(admin_client):
    assert admin_client.get(CONFIRMATION).status_code == 405


def test_nombre_de_requetes_de_l_apercu(admin_client, trpm, django_assert_num_queries):
    """Un nombre fixe ; les usages d'un genre absent du diplôme (tâches, statuts) ne se cherchent pas."""
    contenu = factories.FICHIER_TRPM.read_bytes()
    confirmer(admin_client, deposer(admin_client))
    with django_assert_num_queries(78):
        deposer(admin_client, contenu)
    with django_assert_num_queries(70):
        deposer(admin_client)
