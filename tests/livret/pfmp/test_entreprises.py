"""Le carnet d'entreprises et leurs tuteurs."""

from django.urls import reverse

from livret.models import Appartenance, Entreprise, Tuteur
from tests import factories
from tests.litanie import (
    EQUIPE_ET_ADMINISTRATION,
    connecte,
    requetes,
    statuts,
)
from tests.livret.pfmp.scene import Scene
from tests.monde import INTRUS, Monde
from trpm.permissions import Role

LISTE, NOUVELLE = "/entreprises/", "/entreprises/nouvelle/"
SAISIE = {"nom": "Moules du Forez", "siret": "732 829 320 00074", "ville": "Thiers", "secteur": "moules"}
OUVERTES = {**EQUIPE_ET_ADMINISTRATION, "collègue": 200, "ailleurs": 200}


def test_droits(monde: Monde, pfmps: Scene) -> None:
    fiche = pfmps.entreprise.get_absolute_url()
    assert statuts(monde, LISTE) == OUVERTES
    assert statuts(monde, NOUVELLE) == OUVERTES
    for adresse in (
        fiche,
        f"{fiche}modifier/",
        f"{fiche}tuteurs/nouveau/",
        reverse("livret:tuteur-update", args=[pfmps.tuteur.pk]),
    ):
        assert statuts(monde, adresse) == EQUIPE_ET_ADMINISTRATION


def test_les_coordonnees_ne_sortent_pas_des_equipes(monde: Monde, pfmps: Scene) -> None:
    """Un collègue sans classe voit un carnet vide ; une équipe, le sien et lui seul."""
    page = connecte(monde.a.collegue).get(LISTE).content.decode()
    assert "Le carnet est vide" in page
    assert "Tutrice" not in page
    page = connecte(monde.a.enseignant).get(LISTE).content.decode()
    assert "Maryse Tutrice A" in page
    assert INTRUS not in page
    fiche = connecte(monde.a.enseignant).get(pfmps.entreprise.get_absolute_url()).content.decode()
    assert "04 70 00 00 01" in fiche
    assert "tutrice@entreprise.invalid" in fiche
    assert "ALPHA-A1 Camille" in fiche


def test_une_autre_classe_ne_montre_pas_ses_eleves(monde: Monde, pfmps: Scene) -> None:
    autre = factories.utilisateur(Role.ENSEIGNANT, etablissement=monde.a.etablissement)
    factories.classe(monde.a.promotion, [autre])
    fiche = connecte(autre).get(pfmps.entreprise.get_absolute_url()).content.decode()
    assert "Usinage A" in fiche
    assert "ALPHA" not in fiche


def test_chercher(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    assert list(client.get(LISTE, {"q": "usinage tutrice"}).context["entreprises"]) == [pfmps.entreprise]
    assert "ne répond à « moules »" in client.get(LISTE, {"q": "moules"}).content.decode()


def test_creer_puis_ajouter_un_tuteur(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    reponse = client.post(NOUVELLE, SAISIE)
    entreprise = Entreprise.objects.get(nom="Moules du Forez")
    assert reponse.url == entreprise.get_absolute_url()
    assert (entreprise.siret, entreprise.etablissement) == ("73282932000074", monde.a.etablissement)
    tuteur = {"nom": "Paul Fondeur", "courriel": "paul@entreprise.invalid", "telephone": "0470000002"}
    client.post(f"{reponse.url}tuteurs/nouveau/", tuteur)
    assert list(entreprise.tuteurs.values_list("nom", "courriel")) == [
        ("Paul Fondeur", "paul@entreprise.invalid")
    ]
    double = client.post(f"{reponse.url}tuteurs/nouveau/", tuteur)
    assert "Cette personne est déjà inscrite dans cette entreprise." in double.content.decode()
    trace = Entreprise.history.get(id=entreprise.pk)
    assert trace.history_user == monde.a.enseignant


def test_le_meme_siret_est_refuse_et_montre(monde: Monde, pfmps: Scene) -> None:
    reponse = connecte(monde.a.enseignant).post(NOUVELLE, {**SAISIE, "siret": "11004301500012"})
    page = reponse.content.decode()
    assert "Une entreprise de l’établissement porte déjà ce SIRET." in page
    assert f'href="{pfmps.entreprise.get_absolute_url()}"' in page
    assert 'value="Moules du Forez"' in page
    assert INTRUS not in page


def test_le_meme_nom_se_confirme(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    saisie = {"nom": "USINAGE A", "ville": "Thiers"}
    page = client.post(NOUVELLE, saisie).content.decode()
    assert "Une entreprise du carnet porte déjà ce nom." in page
    assert f'href="{pfmps.entreprise.get_absolute_url()}"' in page
    assert 'type="checkbox" name="autre"' in page
    assert client.post(NOUVELLE, {**saisie, "autre": "on"}).status_code == 302


def test_une_mauvaise_saisie_s_explique(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    page = client.post(NOUVELLE, {**SAISIE, "siret": "732 829 320 00075", "telephone": "?"}).content.decode()
    assert "La clé du SIRET « 73282932000075 » est fausse" in page
    assert "Ce numéro est illisible" in page
    assert not Entreprise.objects.filter(nom="Moules du Forez").exists()


def test_modifier_garde_le_siret_et_le_nom(monde: Monde, pfmps: Scene) -> None:
    fiche = pfmps.entreprise.get_absolute_url()
    donnees = {"nom": "Usinage A", "siret": "11004301500012", "ville": "Vichy"}
    assert connecte(monde.a.administrateur).post(f"{fiche}modifier/", donnees).url == fiche
    assert Entreprise.objects.get(pk=pfmps.entreprise.pk).ville == "Vichy"
    adresse = reverse("livret:tuteur-update", args=[pfmps.tuteur.pk])
    connecte(monde.a.enseignant).post(adresse, {"nom": "Maryse Tutrice A", "courriel": ""})
    assert Tuteur.objects.get(pk=pfmps.tuteur.pk).courriel == ""


def test_qui_suit_deux_etablissements_choisit_le_carnet(monde: Monde, pfmps: Scene) -> None:
    Appartenance.objects.create(
        utilisateur=monde.a.administrateur, etablissement=monde.b.etablissement, role=Role.ADMINISTRATEUR
    )
    client = connecte(monde.a.administrateur)
    assert "Ce champ est obligatoire." in client.post(NOUVELLE, SAISIE).content.decode()
    client.post(NOUVELLE, {**SAISIE, "etablissement": monde.b.etablissement.pk})
    assert Entreprise.objects.get(nom="Moules du Forez").etablissement == monde.b.etablissement


def test_requetes(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    fiche = pfmps.entreprise.get_absolute_url()
    assert requetes(lambda: client.get(LISTE)) == 6
    assert requetes(lambda: client.get(fiche)) == 7
    for rang in range(2):
        factories.tuteur(factories.entreprise(monde.a.etablissement, f"Autre {rang}"))
        eleve = factories.eleve(monde.a.classe)
        factories.sejour(factories.pfmp(pfmps.periode, eleve), pfmps.tuteur)
    assert requetes(lambda: client.get(LISTE)) == 6
    assert requetes(lambda: client.get(fiche)) == 7
