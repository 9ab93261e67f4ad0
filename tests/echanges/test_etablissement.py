"""L'établissement entier : relu, compté, fermé sur lui-même, sans secret, et sans rien d'un autre."""

import json
import os
import tracemalloc
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from livret.models import Etablissement, Evaluation, PieceJointe, Utilisateur
from tests import factories
from tests.certification.scene import decider, lu
from tests.litanie import connecte, requetes, verifier_droits
from tests.livret.pfmp.scene import scene
from tests.monde import INTRUS, Monde
from tests.tirage_blanc import pdf_de
from trpm.echanges.etablissement import EtablissementSorti, lecture_figee
from trpm.echanges.lignes import APPLICATIONS, EXCLUS, exclu, tables
from trpm.models import ActeNote, Sortie

COMMUNES = {"livret.AnneeScolaire", "livret.Utilisateur"}


class Relu:
    """Le zip, tel que le lirait quelqu'un qui n'a que la page de docs."""

    def __init__(self, lieu: Etablissement, par: Utilisateur) -> None:
        octets = b"".join(EtablissementSorti(lieu, par).morceaux())
        self.zip = ZipFile(BytesIO(octets))
        assert self.zip.testzip() is None
        self.manifeste: dict[str, Any] = json.loads(self.zip.read("manifeste.json"))
        self.tables = {nom: self._lignes(nom) for nom in self.manifeste["tables"]}

    def _lignes(self, nom: str) -> list[dict[str, Any]]:
        texte = self.zip.read(f"lignes/{nom}.jsonl")
        decrite = self.manifeste["tables"][nom]
        lignes = [json.loads(une) for une in texte.decode().splitlines()]
        assert (sha256(texte).hexdigest(), len(lignes)) == (decrite["sha256"], decrite["lignes"])
        assert all(set(une) == set(decrite["champs"]) for une in lignes)
        return lignes

    def cles(self, nom: str) -> set[Any]:
        cle = apps.get_model(nom)._meta.pk.attname
        return {une[cle] for une in self.tables[nom]}


@pytest.fixture
def garni(monde: Monde) -> Monde:
    for ecole in (monde.a, monde.b):
        scene(ecole)
        marque = ecole.etablissement.nom.replace("Lycée ", "")
        factories.piece(ecole.situation, f"Sujet {marque}.pdf", pdf_de(marque))
        factories.bilan(ecole.eleves[0], ecole.enseignant, "valide")
    return monde


def test_chaque_modele_sort_ou_dit_pourquoi_il_reste() -> None:
    sortent = {une.nom for une in tables()}
    restent = {
        un._meta.label
        for un in apps.get_models(include_auto_created=True)
        if un._meta.app_label in APPLICATIONS and not un._meta.proxy and un._meta.label not in sortent
    }
    assert {nom for nom in restent if not exclu(apps.get_model(nom))} == set()
    assert {apps.get_model(nom)._meta.label for nom in EXCLUS} <= restent


def test_rien_qui_ressemble_a_un_secret_ne_sort() -> None:
    """Un champ de plus qui porte un tel nom se décide ici."""
    noms = ("password", "mot_de_passe", "secret", "jeton", "empreinte", "code_", "cle")
    suspects = {
        f"{une.nom}.{un.attname}"
        for une in tables()
        for un in une.champs
        if any(mot in un.attname for mot in noms) and not un.is_relation
    }
    assert suspects == {
        # Condensés de contenus : ils prouvent, ils n'ouvrent rien.
        "certification.Extraction.empreinte",
        "certification.VersionFigee.empreinte",
        "livret.Bilan.empreinte",
        "livret.HistoricalBilan.empreinte",
        "livret.HistoricalTrace.empreinte",
        "livret.Trace.empreinte",
        "livret.TransfertRecu.empreinte",
        "referentiel.Referentiel.empreinte",
        "trpm.Sortie.empreinte",
        # Ni secrets ni condensés.
        "livret.Entreprise.code_postal",
        "livret.HistoricalEntreprise.code_postal",
        "livret.LienTuteur.code_expire_le",
        "referentiel.Option.code_scolarite",
    }


def test_les_deux_etablissements_se_partagent_toutes_les_lignes(garni: Monde) -> None:
    """Aucune ligne n'est de deux lieux, aucune n'est de personne : comptées dans la base même."""
    relus = [Relu(un.etablissement, un.administrateur) for un in (garni.a, garni.b)]
    for nom in relus[0].tables:
        if nom in COMMUNES or nom.startswith(("referentiel.", "trpm.")):
            continue
        ici, la = (relu.cles(nom) for relu in relus)
        with connection.cursor() as curseur:
            curseur.execute(f'SELECT COUNT(*) FROM "{apps.get_model(nom)._meta.db_table}"')
            (tous,) = curseur.fetchone()
        assert (nom, len(ici & la), len(ici | la)) == (nom, 0, tous)
    assert all(
        relus[0].tables[f"livret.{nom}"] for nom in ("Evaluation", "Sejour", "Bilan", "HistoricalVisite")
    )


def test_rien_de_l_autre_etablissement(garni: Monde) -> None:
    relu = Relu(garni.a.etablissement, garni.a.administrateur)
    for nom in relu.zip.namelist():
        assert INTRUS not in nom
        assert INTRUS.encode() not in relu.zip.read(nom)


def test_toute_cle_citee_se_retrouve(garni: Monde) -> None:
    relu = Relu(garni.a.etablissement, garni.a.administrateur)
    for nom, decrite in relu.manifeste["tables"].items():
        if ".Historical" in nom:
            continue
        for champ, dit in decrite["champs"].items():
            if dit.get("vers") in relu.tables:
                citees = {une[champ] for une in relu.tables[nom]} - {None}
                assert (nom, champ, citees - relu.cles(dit["vers"])) == (nom, champ, set())


def test_un_enseignant_parti_reste_nomme_et_nul_mot_de_passe_ne_sort(garni: Monde) -> None:
    garni.a.enseignant.appartenances.all().delete()
    relu = Relu(garni.a.etablissement, garni.a.administrateur)
    comptes = {une["id"]: une for une in relu.tables["livret.Utilisateur"]}
    assert garni.a.enseignant.pk in comptes
    assert {"password", "is_superuser", "last_login"} & set(comptes[garni.a.enseignant.pk]) == set()


def test_les_fichiers_sont_les_memes_a_l_octet(garni: Monde) -> None:
    relu = Relu(garni.a.etablissement, garni.a.administrateur)
    piece = PieceJointe.objects.get(situation=garni.a.situation)
    chemin = f"fichiers/{piece.fichier.name}"
    with piece.fichier.open() as lu:
        assert relu.zip.read(chemin) == lu.read()
    for un in relu.manifeste["fichiers"]:
        octets = relu.zip.read(un["chemin"])
        assert (len(octets), sha256(octets).hexdigest()) == (un["octets"], un["sha256"])


def test_un_fichier_perdu_se_dit_et_n_arrete_rien(garni: Monde) -> None:
    piece = PieceJointe.objects.get(situation=garni.a.situation)
    piece.fichier.storage.delete(piece.fichier.name)
    relu = Relu(garni.a.etablissement, garni.a.administrateur)
    assert relu.manifeste["absents"] == [piece.fichier.name]


def test_l_empreinte_ne_change_qu_avec_le_contenu(garni: Monde) -> None:
    empreintes = []
    for rang in range(3):
        if rang == 2:
            factories.eleve(garni.a.classe, "Nouvelle", "Alix")
        Relu(garni.a.etablissement, garni.a.administrateur)
        empreintes.append(Sortie.objects.get().empreinte)
    assert empreintes[0] == empreintes[1] != empreintes[2]
    assert (Sortie.objects.get().par, Sortie.objects.get().genre) == (garni.a.administrateur, "etablissement")


def test_une_sortie_interrompue_n_est_pas_notee(garni: Monde) -> None:
    morceaux = EtablissementSorti(garni.a.etablissement, garni.a.administrateur).morceaux()
    next(morceaux)
    morceaux.close()
    assert not Sortie.objects.exists()


def test_la_memoire_ne_suit_pas_la_taille(garni: Monde) -> None:
    """Vingt-quatre mégaoctets de fichier, que rien ne comprime : on n'en tient jamais quatre."""
    piece = PieceJointe.objects.get(situation=garni.a.situation)
    piece.fichier.save("gros", ContentFile(os.urandom(24 * 1024 * 1024)))
    morceaux = EtablissementSorti(garni.a.etablissement, garni.a.administrateur).morceaux()
    tables()
    tracemalloc.start()
    poids = sum(len(un) for un in morceaux)
    _, pointe = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert poids > 24 * 1024 * 1024
    assert pointe < 4 * 1024 * 1024


def test_les_lignes_se_lisent_par_paquets(garni: Monde) -> None:
    """Le nombre de requêtes est celui des tables, et de quelques comptes."""

    def lues() -> int:
        return requetes(
            lambda: list(EtablissementSorti(garni.a.etablissement, garni.a.administrateur).morceaux())
        )

    lues()
    avant = lues()
    assert avant == len(tables()) + 6
    for rang in range(5):
        factories.eleve(garni.a.classe, f"Ajout{rang}", "Alix")
    assert lues() == avant


@pytest.mark.django_db(transaction=True)
def test_la_lecture_est_au_meme_instant_et_ne_retient_personne() -> None:
    """Hors transaction, comme servie : la lecture ouvre la sienne et la referme."""
    lieu = factories.etablissement("Lycée seul")
    with lecture_figee():
        assert Etablissement.objects.get().pk == lieu.pk
    Etablissement.objects.update(nom="Après")
    assert Etablissement.objects.get().nom == "Après"


# --- La page ----------------------------------------------------------------------------------------


def page(monde: Monde) -> str:
    adresse = reverse("echanges", args=[monde.a.etablissement.pk])
    return connecte(monde.a.administrateur).get(adresse).content.decode()


def test_droits(monde: Monde) -> None:
    contenu = verifier_droits(
        monde,
        reverse("echanges", args=[monde.a.etablissement.pk]),
        reverse("echanges", args=[monde.b.etablissement.pk]),
    )
    assert "Tle A" in contenu
    assert "export LSL" not in contenu


def test_la_page_dit_qui_a_pris_quoi_et_ce_qui_a_change(monde: Monde) -> None:
    assert page(monde).count("jamais pris") == 5
    client = connecte(monde.a.enseignant)
    client.get(reverse("livret:classe-xlsx", args=[monde.a.classe.pk]))
    client.post(reverse("certification:lsl", args=[monde.a.classe.pk]), {"csv": "1"})
    contenu = page(monde)
    assert (contenu.count("jamais pris"), contenu.count("par Enseignant-A")) == (3, 2)
    assert contenu.count("aucun niveau n’a changé depuis") == 2
    factories.evaluation(monde.a.situation, monde.a.eleves[1], "C3", 2)
    assert page(monde).count("1 niveau changé depuis") == 2


def test_ce_qui_change_apres_cyclades_est_un_dossier(monde: Monde) -> None:
    """Une note proposée, un dossier figé : ce que l'on y recopie. Un niveau de plus n'y change rien."""
    a = monde.a
    session = [a.etablissement.pk, a.commission.session]
    connecte(a.president).post(reverse("certification:cyclades", args=session), {"csv": "1"})
    factories.evaluation(a.situation, a.eleves[1], "C3", 2)
    assert "aucun dossier n’a changé depuis" in page(monde)
    decider(monde, a.dossiers[0], note="12", C1=3, C2=2)
    assert "1 dossier changé depuis" in page(monde)
    connecte(a.president).post(reverse("certification:cyclades", args=session), {"csv": "1"})
    assert "aucun dossier n’a changé depuis" in page(monde)
    a.dossiers[0].figer(lu(a.dossiers[0]).grille.vers_json(), a.president, timezone.now())
    assert "1 dossier changé depuis" in page(monde)


def test_la_page_dit_qui_a_pris_une_archive(monde: Monde) -> None:
    """D'un élève, ou d'une commission : le journal le sait, la page le redit ; rien d'ailleurs."""
    a = monde.a
    assert "Aucun acte." in page(monde)
    connecte(a.administrateur).get(reverse("livret:eleve-archive", args=[a.eleves[0].pk]))
    connecte(a.president).get(reverse("certification:bordereau", args=[a.commission.pk]))
    connecte(monde.b.administrateur).get(reverse("livret:eleve-archive", args=[monde.b.eleves[0].pk]))
    contenu = page(monde)
    assert contenu.count('<td data-titre="Acte">Téléchargement</td>') == 2
    for compte in (a.administrateur, a.president):
        assert f'<td data-titre="Qui">{compte.nom_complet}</td>' in contenu
    assert '<td data-titre="De qui">ALPHA-A1 Camille</td>' in contenu


def test_la_page_dit_ce_qui_manque(monde: Monde) -> None:
    monde.a.eleves[0].ine = None
    monde.a.eleves[0].save()
    contenu = page(monde)
    assert "2 élèves, 1 sans INE" in contenu
    assert "2 dossiers, 2 à figer, 2 candidats sans numéro" in contenu


def test_requetes_de_la_page(monde: Monde) -> None:
    client, adresse = connecte(monde.a.administrateur), reverse("echanges", args=[monde.a.etablissement.pk])
    client.get(adresse)
    avant = requetes(lambda: client.get(adresse))
    for rang in range(2):
        autre = factories.classe(monde.a.promotion, [monde.a.enseignant], nom=f"Tle {rang}")
        factories.eleve(autre, f"Ajout{rang}", "Alix")
        connecte(monde.a.enseignant).get(reverse("livret:classe-csv", args=[autre.pk]))
        factories.commission(monde.a.promotion, "EP2", [monde.a.membre])
    assert (avant, requetes(lambda: client.get(adresse))) == (11, 11)


def test_le_zip_se_telecharge(garni: Monde) -> None:
    adresse = reverse("etablissement-zip", args=[garni.a.etablissement.pk])
    reponse = connecte(garni.a.administrateur).get(adresse, headers={"Accept-Encoding": "gzip"})
    assert reponse.streaming
    assert ZipFile(BytesIO(reponse.getvalue())).testzip() is None
    assert reponse["Content-Disposition"].startswith(f'attachment; filename="{garni.a.etablissement.uai}-')
    assert Sortie.objects.get().par == garni.a.administrateur
    acte = ActeNote.objects.get(adresse="etablissement-zip")
    assert (acte.nature, acte.auteur, acte.etablissement) == (
        "emporte",
        garni.a.administrateur,
        garni.a.etablissement,
    )
    assert Client().get(adresse).status_code == 302


# --- La classe --------------------------------------------------------------------------------------


def test_le_tableau_en_texte_separe(monde: Monde) -> None:
    client, adresse = connecte(monde.a.enseignant), reverse("livret:classe-csv", args=[monde.a.classe.pk])
    reponse = client.get(adresse)
    lignes = [une.split(";") for une in reponse.content.decode("utf-8-sig").splitlines()]
    assert lignes[0][:6] == ["Nom", "Prénom", "Date de naissance", "Classe", "Option", "EP1 C1"]
    assert lignes[1][:7] == ["ALPHA-A1", "Camille", "14/03/2008", "Tle A", "USI", "2", "3"]
    assert lignes[2][:7] == ["ALPHA-A2", "Dominique", "14/03/2008", "Tle A", "USI", "1", "NE"]


def test_l_onglet_de_la_classe_dit_si_le_tableau_a_change(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    onglet = reverse("livret:echanges", args=[monde.a.classe.pk])
    assert client.get(onglet).content.decode().count("jamais pris") == 2
    client.get(reverse("livret:classe-csv", args=[monde.a.classe.pk]))
    assert "rien n’a changé depuis" in client.get(onglet).content.decode()
    factories.evaluation(monde.a.situation, monde.a.eleves[1], "C3", 2)
    assert "a changé depuis" in client.get(onglet).content.decode()
    assert "rien n’a changé depuis" not in client.get(onglet).content.decode()


def test_l_onglet_de_la_classe_dit_chaque_niveau_qui_a_change(monde: Monde) -> None:
    """Donné, changé, ôté ; un niveau remis comme il était n’y est pas. De même pour les deux tables."""
    client, pk = connecte(monde.a.enseignant), monde.a.classe.pk
    un, deux = monde.a.eleves
    for nom in ("classe-csv", "classe-xlsx"):
        client.get(reverse(f"livret:{nom}", args=[pk]))
    change = Evaluation.objects.get(eleve=un, competence__code="C1")
    avant, autre = change.niveau, change.niveau.echelle.niveaux.order_by("valeur")[0]
    change.niveau = autre
    change.save()
    remis = Evaluation.objects.get(eleve=un, competence__code="C2")
    etait = remis.niveau
    for niveau in (autre, etait):
        remis.niveau = niveau
        remis.save()
    factories.evaluation(monde.a.situation, deux, "C3", 2)
    Evaluation.objects.get(eleve=deux, competence__code="C1").delete()
    lue = client.get(reverse("livret:echanges", args=[pk]))
    attendues = [
        (str(un), "C1", avant.code, autre.code),
        (str(deux), "C1", "1", "rien"),
        (str(deux), "C3", "rien", "2"),
    ]
    for sortie in lue.context["sorties"].values():
        assert [(une.eleve, une.competence, une.avant, une.apres) for une in sortie.lignes] == attendues
    assert lue.text.count("C3&nbsp;: rien → 2") == 2


def test_la_page_dit_par_eleve_ce_qui_a_change_depuis_l_archive(garni: Monde) -> None:
    Relu(garni.a.etablissement, garni.a.administrateur)
    Relu(garni.b.etablissement, garni.b.administrateur)
    assert "élève par élève" not in page(garni)
    deux = garni.a.eleves[1]
    factories.evaluation(garni.a.situation, deux, "C3", 2)
    factories.evaluation(garni.b.situation, garni.b.eleves[1], "C3", 2)
    contenu = page(garni)
    assert f"<li>{deux}&nbsp;: 1 niveau</li>" in contenu
    assert INTRUS not in contenu
