"""Les colonnes désignées à l’import : proposées, changées, retenues, oubliées, jamais celles d’ailleurs."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client

from livret.administration.lecture.entetes import empreinte
from livret.models import ColonnesRetenues, Eleve, Etablissement, Utilisateur
from tests.litanie import adresse, connecte
from tests.livret.administration.fichiers import csv, deux_feuilles, envoi
from tests.livret.administration.test_import_eleves import Import, ici
from tests.livret.administration.test_import_enseignants import ImportEnseignants
from tests.monde import Ecole, Monde
from trpm.permissions import Role

__all__ = ["ici"]

ETRANGE = ["Untel", "Comment", "Quand", "Là"]
LISTE = csv(ETRANGE, ["Morel", "Lina", "01/07/2008", ""])
PROFS = csv(["Qui", "Appel", "Où écrire"], ["Kerjean", "Lou", "lou@exemple.fr"])


def choix(intitules: list[str], **rangs: int | str) -> dict[str, object]:
    return {f"colonne-{empreinte(intitules)}-{champ}": rang for champ, rang in rangs.items()}


class Designation:
    """Un fichier d'élèves, envoyé avec des colonnes désignées, puis confirmé."""

    def __init__(self, ecole: Ecole) -> None:
        self.client, self.ecole = connecte(ecole.administrateur), ecole

    def envoyer(self, contenu: bytes, **champs: object) -> HttpResponse:
        donnees = {
            "fichier": envoi(contenu),
            "statut": Import(self.client, self.ecole.classe).statut,
            **champs,
        }
        return self.client.post(adresse("eleves-import", self.ecole.classe.pk), donnees)

    def confirmer(self, vue: HttpResponse) -> HttpResponse:
        page = adresse("eleves-import-apercu", self.ecole.classe.pk)
        envoyees = {"etat": vue.context["etat"], "empreinte": vue.context["apercu"].empreinte}
        return self.client.post(page, {**envoyees, "acte": "confirmer", "sortie": ""})


def noms(vue: HttpResponse) -> list[str]:
    return [un.ligne.nom_complet for un in vue.context["apercu"].nouveaux]


def choisi(vue: HttpResponse, champ: str) -> str:
    """L'intitulé que la page montre choisi pour cette donnée."""
    liste = re.search(rf'name="colonne-[0-9a-f]+-{champ}".*?</select>', vue.text, re.DOTALL)
    assert liste
    trouve = re.search(r"selected>\d+\. ([^<]*)<", liste[0])
    return trouve[1] if trouve else ""


@pytest.fixture
def a(monde: Monde) -> Designation:
    return Designation(monde.a)


def test_des_colonnes_inconnues_se_designent_et_se_retiennent(a: Designation, monde: Monde) -> None:
    refusee = a.envoyer(LISTE)
    assert "Il manque les colonnes" in refusee.text
    assert all(f"{rang}. {un}</option>" in refusee.text for rang, un in enumerate(ETRANGE, 1))
    vue = a.envoyer(LISTE, **choix(ETRANGE, nom=0, prenom=1, naissance=2))
    assert noms(vue) == ["Morel Lina"]
    assert (choisi(vue, "nom"), choisi(vue, "naissance"), choisi(vue, "ine")) == ("Untel", "Quand", "")
    assert not ColonnesRetenues.objects.exists()
    a.confirmer(vue)
    assert Eleve.objects.filter(nom="Morel", naissance="2008-07-01").exists()
    tenues = ColonnesRetenues.objects.get()
    assert (tenues.etablissement, tenues.genre) == (monde.a.etablissement, "eleves")
    assert tenues.colonnes == {"nom": 0, "prenom": 1, "naissance": 2}
    assert not set(ETRANGE) & set(map(str, vars(tenues).values()))
    suivante = a.envoyer(csv(ETRANGE, ["Petit", "Sacha", "", ""]))
    assert noms(suivante) == ["Petit Sacha"]
    assert "celles que l’établissement a choisies" in suivante.text


def test_une_colonne_bien_lue_se_change_puis_revient(a: Designation) -> None:
    """« Nom d'usage », non « Nom de famille » ; relire sans rien désigner l'oublie à la confirmation."""
    entete = ["Nom de famille", "Nom d’usage", "Prénom"]
    contenu = csv(entete, ["Famille", "Usage", "Zoé"])
    assert noms(a.envoyer(contenu)) == ["Famille Zoé"]
    a.confirmer(a.envoyer(contenu, **choix(entete, nom=1, prenom=2)))
    assert noms(a.envoyer(csv(entete, ["Famille", "Autre", "Léa"]))) == ["Autre Léa"]
    ordinaire = a.envoyer(csv(entete, ["Famille", "Autre", "Léa"]), ordinaire="1")
    assert noms(ordinaire) == ["Famille Léa"]
    assert ColonnesRetenues.objects.count() == 1
    a.confirmer(ordinaire)
    assert ColonnesRetenues.objects.count() == 0
    assert noms(a.envoyer(csv(entete, ["Tiers", "Autre", "Mia"]))) == ["Tiers Mia"]


def test_ce_qui_ne_se_peut_pas_se_dit(a: Designation) -> None:
    avant = Eleve.objects.count()
    double = a.envoyer(LISTE, **choix(ETRANGE, nom=0, prenom=0))
    assert "chaque colonne n’en dit qu’une" in double.text
    assert "Il manque les colonnes" in a.envoyer(LISTE, **choix(ETRANGE, ine=0)).text
    for rang in ("9999", "-1", "deux", "99999999999"):
        assert "Il manque les colonnes" in a.envoyer(LISTE, **choix(ETRANGE, complet=rang)).text
    assert "Il manque les colonnes" in a.envoyer(LISTE, **{f"colonne-{'0' * 64}-nom": 0}).text
    assert (Eleve.objects.count(), ColonnesRetenues.objects.count()) == (avant, 0)


def test_celles_d_un_autre_etablissement_ne_servent_pas(a: Designation, monde: Monde) -> None:
    a.confirmer(a.envoyer(LISTE, **choix(ETRANGE, nom=0, prenom=1)))
    b = Designation(monde.b)
    assert "Il manque les colonnes" in b.envoyer(LISTE).text
    b.confirmer(b.envoyer(LISTE, **choix(ETRANGE, nom=1, prenom=0)))
    assert ColonnesRetenues.objects.count() == 2
    assert noms(a.envoyer(csv(ETRANGE, ["Petit", "Sacha", "", ""]))) == ["Petit Sacha"]
    assert noms(b.envoyer(csv(ETRANGE, ["Petit", "Sacha", "", ""]))) == ["Sacha Petit"]


def test_un_refus_de_l_apercu_ne_retient_rien(a: Designation, monde: Monde) -> None:
    vue = a.envoyer(LISTE, **choix(ETRANGE, nom=0, prenom=1))
    Eleve.objects.filter(pk=monde.a.eleves[0].pk).update(nom="Morel", prenom="Lina")
    assert a.confirmer(vue).status_code == 409
    assert not ColonnesRetenues.objects.exists()


def test_elles_partent_avec_l_etablissement(db: None) -> None:
    lieu = Etablissement.objects.create(uai="0400740M", nom="Ouvert hier")
    ligne = {"etablissement": lieu, "genre": "eleves", "entetes": "a" * 64, "colonnes": {"nom": 0}}
    ColonnesRetenues.objects.create(**ligne)
    with pytest.raises(IntegrityError), transaction.atomic():
        ColonnesRetenues.objects.create(**ligne)
    lieu.delete()
    assert not ColonnesRetenues.objects.exists()


def test_chaque_feuille_a_les_siennes(a: Designation) -> None:
    un, deux = ["Untel", "Comment"], ["Appel", "Famille d’ici", "Né"]
    classeur = deux_feuilles(Un=[un, ["Morel", "Lina"]], Deux=[deux, ["Zoé", "Roux", "01/07/2008"]])
    assert a.envoyer(classeur).text.count('class="colonnes-designees"') == 2
    designees = choix(un, nom=0, prenom=1) | choix(deux, nom=1, prenom=0, naissance=2)
    vue = a.envoyer(classeur, **designees)
    lus = [lecture.lignes[0].nom_complet for lecture in vue.context["fichier"].lectures]
    assert lus == ["Morel Lina", "Roux Zoé"]


def test_un_export_xml_ne_se_designe_pas(a: Designation) -> None:
    xml = (
        "<?xml version='1.0'?><BEE_ELEVES><DONNEES><ELEVES><ELEVE ELEVE_ID='1'><NOM_DE_FAMILLE>MOREL"
        "</NOM_DE_FAMILLE><PRENOM>Lina</PRENOM></ELEVE></ELEVES></DONNEES></BEE_ELEVES>"
    )
    vue = a.envoyer(xml.encode(), **choix(ETRANGE, nom=0, prenom=1))
    assert noms(vue) == ["MOREL Lina"]
    assert "Changer les colonnes" not in vue.text


def test_celles_des_enseignants_sont_a_part(a: Designation, monde: Monde) -> None:
    page = ImportEnseignants(a.client, monde.a)
    assert "Où se lit chaque donnée" in re.sub(r"\s+", " ", page.fichier(PROFS).reponse.text)
    lieu = adresse("enseignants-import", monde.a.etablissement.pk)
    designees = choix(["Qui", "Appel", "Où écrire"], nom=0, prenom=1, courriel=2)
    page.reponse = a.client.post(lieu, {"fichier": envoi(PROFS), **designees})
    assert page.effets == {"nouveaux": ["Lou Kerjean"]}
    page.confirmer()
    assert Utilisateur.objects.filter(username="lou.kerjean", email="lou@exemple.fr").exists()
    assert ColonnesRetenues.objects.get().genre == "enseignants"
    assert page.fichier(PROFS).effets == {"connus": [2]}
    assert "celles que l’établissement a choisies" in page.reponse.text
    assert "Il manque les colonnes" in a.envoyer(PROFS).text


@pytest.mark.parametrize("role", [Role.ENSEIGNANT, Role.PRESIDENT, Role.MEMBRE])
def test_un_autre_role_n_en_designe_pas(monde: Monde, role: Role) -> None:
    client: Client = connecte({
        Role.ENSEIGNANT: monde.a.enseignant, Role.PRESIDENT: monde.a.president, Role.MEMBRE: monde.a.membre
    }[role])  # fmt: skip
    donnees = {"fichier": envoi(PROFS), **choix(["Qui", "Appel", "Où écrire"], nom=0, prenom=1)}
    page = adresse("enseignants-import", monde.a.etablissement.pk)
    assert client.post(page, donnees).status_code == 403
