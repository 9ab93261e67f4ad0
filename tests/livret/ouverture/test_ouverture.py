"""Ouvrir une installation : le code, ce qu’il ouvre, et ce qui se reprend."""

import os
import pty
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from bench.serveur import port_libre
from livret.models import (
    Appartenance,
    Classe,
    CodeOuverture,
    Eleve,
    Etablissement,
    Promotion,
    Utilisateur,
)
from livret.ouverture.annonce import annoncer, fichier_du_code
from livret.ouverture.models import ESSAIS, MEME_DEMARRAGE
from referentiel.models import Referentiel
from tests import factories
from tests.litanie import adresse, connecte, messages, requetes
from tests.livret.administration.fichiers import csv, envoi
from tests.simultane import ensemble
from trpm.permissions import Role

COMPTE = {
    "last_name": "LEROY",
    "first_name": "Dominique",
    "username": "dominique.leroy",
    "password1": "atelier-copeaux-12",
    "password2": "atelier-copeaux-12",
}
OUVERTURE = "/ouverture/"


def ouvrir(code: str, **champs: str) -> object:
    return Client().post(OUVERTURE, {**COMPTE, "code": code, **champs})


# --- Le code ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_sans_compte_tout_mene_a_l_ouverture(client: Client) -> None:
    for chemin in ("/", "/classes/", "/administration/"):
        assert client.get(chemin).headers["Location"] == OUVERTURE
    assert client.post("/classes/").headers["Location"] == OUVERTURE
    assert "Ouvrir cette installation" in client.get(OUVERTURE).content.decode()


@pytest.mark.django_db
def test_le_code_sert_une_fois_et_la_base_ne_garde_que_son_empreinte() -> None:
    code = CodeOuverture.tirer(timezone.now())
    assert code.replace("-", "") not in CodeOuverture.objects.get().empreinte
    assert ouvrir(code.upper().replace("-", " ")).url == "/ouverture/etablissement/"
    assert Utilisateur.objects.get().is_superuser
    assert CodeOuverture.objects.count() == 0
    assert ouvrir(code, username="autre").url == "/connexion/"
    assert Utilisateur.objects.count() == 1
    assert CodeOuverture.tirer(timezone.now()) == ""


@pytest.mark.django_db
def test_un_code_faux_se_compte_et_le_vingtieme_ferme() -> None:
    code = CodeOuverture.tirer(timezone.now())
    for _ in range(ESSAIS - 1):
        assert "Ce n’est pas le code" in ouvrir("aaaa-bbbb-cccc").content.decode()
    assert "redémarrez le serveur" in ouvrir("aaaa-bbbb-cccc").content.decode()
    assert "redémarrez le serveur" in ouvrir(code).content.decode()
    assert not Utilisateur.objects.exists()
    neuf = CodeOuverture.tirer(timezone.now() + 2 * MEME_DEMARRAGE)
    assert ouvrir(neuf).status_code == 302


@pytest.mark.django_db
def test_un_mot_de_passe_refuse_ne_coute_pas_un_essai() -> None:
    CodeOuverture.tirer(timezone.now())
    assert "trop court" in ouvrir("faux", password1="court", password2="court").content.decode()
    assert CodeOuverture.objects.get().essais == 0


@pytest.mark.django_db
def test_sans_code_tire_rien_ne_s_ouvre() -> None:
    assert ouvrir("").status_code == 200
    assert ouvrir("aaaa-bbbb-cccc").status_code == 200
    assert not Utilisateur.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_deux_personnes_au_meme_instant_un_seul_compte() -> None:
    code = CodeOuverture.tirer(timezone.now())
    noms = ("un", "deux", "trois")
    reponses = ensemble(*(lambda nom=nom: ouvrir(code, username=nom).status_code for nom in noms))
    assert Utilisateur.objects.count() == 1
    assert all(une in (200, 302) for une in reponses)


@pytest.mark.django_db(transaction=True)
def test_les_processus_d_un_meme_demarrage_n_en_tirent_qu_un() -> None:
    le = timezone.now()
    codes = ensemble(*(lambda: CodeOuverture.tirer(le) for _ in range(4)))
    assert len([code for code in codes if code]) == 1


@pytest.mark.django_db
def test_sans_terminal_le_code_va_dans_un_fichier_que_le_compte_efface(capsys: pytest.CaptureFixture) -> None:
    annoncer()
    dit, chemin = capsys.readouterr().err, fichier_du_code()
    code = chemin.read_text().strip()
    assert (str(chemin) in dit, code in dit) == (True, False)
    assert chemin.stat().st_mode & 0o777 == 0o600
    assert ouvrir(code).status_code == 302
    assert not chemin.exists()
    annoncer()
    assert capsys.readouterr().err == ""


# --- Un vrai serveur, au terminal -------------------------------------------------------------


@pytest.fixture
def servi(neuve: str, tmp_path: Path) -> Iterator[Callable[[list[str]], tuple[str, int]]]:
    """Lance un serveur sur une base vide, dans un terminal ; rend ce qu’il y écrit et son port."""
    lances: list[subprocess.Popen] = []

    def lancer(commande: list[str]) -> tuple[str, int]:
        maitre, esclave = pty.openpty()
        port = port_libre()
        commande = [sys.executable, *(un.replace("PORT", str(port)) for un in commande)]
        lieux = {nom: str(tmp_path / nom.lower()) for nom in ("MEDIA_ROOT", "SAUVEGARDES")}
        reglages = {"DEBUG": "1", "DATABASE_URL": neuve, **lieux}
        processus = subprocess.Popen(
            commande, cwd=settings.BASE_DIR, env={**os.environ, **reglages}, stdout=esclave, stderr=esclave
        )
        lances.append(processus)
        os.close(esclave)
        os.set_blocking(maitre, False)
        return _attendre(maitre, port), port

    yield lancer
    for processus in lances:
        processus.terminate()
        processus.wait(20)


def _attendre(terminal: int, port: int) -> str:
    """Ce que le terminal montre, jusqu’à ce que la page d’ouverture réponde."""
    ecrit = b""
    with closing(os.fdopen(terminal, "rb", 0)) as flux:
        for _ in range(1800):
            ecrit += flux.read(65536) or b""
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).read().decode()
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
                continue
            assert "Ouvrir cette installation" in page
            return (ecrit + (flux.read(65536) or b"")).decode(errors="replace")
    raise AssertionError(ecrit)


def codes_dits(ecrit: str) -> list[str]:
    return re.findall(r"donnez ce code\s: ([a-z2-9]{4}(?:-[a-z2-9]{4}){2})", ecrit)


@pytest.mark.long
@pytest.mark.parametrize(
    "commande",
    [
        ["manage.py", "runserver", "--noreload", "PORT"],
        ["manage.py", "servir", "--", "--bind=127.0.0.1:PORT", "--workers=2"],
    ],
    ids=["runserver", "gunicorn"],
)
def test_une_base_vide_servie_pour_la_premiere_fois_donne_son_code(
    servi: Callable, commande: list[str], tmp_path: Path
) -> None:
    """Migrations comprises, aucune autre commande ; deux processus n’annoncent qu’un code."""
    ecrit, _ = servi(commande)
    assert len(codes_dits(ecrit)) == 1, ecrit
    assert not (tmp_path / "media_root" / "code-ouverture.txt").exists()


# --- Les étapes -------------------------------------------------------------------------------


@pytest.fixture
def lieu(db: None) -> Etablissement:
    factories.referentiel()
    return factories.etablissement("Lycée ALPHA")


@pytest.fixture
def admin(lieu: Etablissement) -> Client:
    return connecte(factories.utilisateur(Role.ADMINISTRATEUR, etablissement=lieu))


def classes(*lignes: tuple[str, str, str], annee: int = 2026) -> dict[str, object]:
    donnees = {"annee": annee, "form-TOTAL_FORMS": 6, "form-INITIAL_FORMS": 0}
    for rang, valeurs in enumerate(lignes):
        for nom, valeur in zip(("nom", "parcours", "niveau"), valeurs, strict=True):
            donnees[f"form-{rang}-{nom}"] = valeur
    return donnees


def _cle(option: str) -> str:
    return f"{diplome().pk}-{option}"


def diplome() -> Referentiel:
    return Referentiel.objects.get(code="ESSAI")


def test_seule_la_personne_qui_tient_l_installation_ouvre_un_etablissement(admin: Client) -> None:
    assert admin.get("/ouverture/etablissement/").status_code == 403
    racine = connecte(Utilisateur.objects.create_superuser("racine"))
    choix = {"uai": "0400740M", "nom": "Lycée BETA", "fuseau": "Europe/Paris", "diplomes": ["plp"]}
    assert "lettre de contrôle" in racine.post("/ouverture/etablissement/", {**choix, "uai": "0400740A"}).text
    assert racine.post("/ouverture/etablissement/", choix).status_code == 302
    ouvert = Etablissement.objects.get(uai="0400740M")
    assert Appartenance.objects.get(etablissement=ouvert).utilisateur.username == "racine"


def test_la_promotion_se_deduit_et_les_options_se_melent(admin: Client, lieu: Etablissement) -> None:
    page = adresse("ouverture-classes", lieu.pk)
    donnees = classes(
        ("2 ESSAI", _cle("toutes"), "2de"), ("T USI", _cle("USI"), "Tle"), ("T OUT", _cle("OUT"), "Tle")
    )
    assert admin.post(page, donnees).url == adresse("ouverture-eleves", lieu.pk)
    assert {une.nom: str(une.promotion) for une in Classe.objects.all()} == {
        "2 ESSAI": "ESSAI 2029",
        "T USI": "ESSAI USI 2027",
        "T OUT": "ESSAI OUT 2027",
    }
    admin.post(page, donnees)
    assert (Classe.objects.count(), Promotion.objects.count()) == (3, 3)


@pytest.mark.parametrize(
    ("lignes", "dit"),
    [
        ([], "Décrivez au moins une classe."),
        ([("", "USI", "2de")], "obligatoire"),
        ([("2 A", "USI", "4e")], "4e"),
        ([("2 A", "USI", "2de"), ("2 A", "OUT", "2de")], "Deux classes portent le même nom."),
    ],
)
def test_une_classe_mal_dite_n_ecrit_rien(
    admin: Client, lieu: Etablissement, lignes: list[tuple[str, str, str]], dit: str
) -> None:
    donnees = classes(*((nom, _cle(option), niveau) for nom, option, niveau in lignes))
    assert dit in admin.post(adresse("ouverture-classes", lieu.pk), donnees).text
    assert not Classe.objects.exists()


def deux_classes(lieu: Etablissement) -> tuple[Classe, Classe]:
    promotion = factories.promotion(lieu, diplome(), option="USI", session=2029)
    return factories.classe(promotion, niveau="2de", nom="2 A"), factories.classe(
        promotion, niveau="2de", nom="2 B"
    )


def test_les_listes_tapees_de_deux_classes_ou_aucune(admin: Client, lieu: Etablissement) -> None:
    une, autre = deux_classes(lieu)
    page = adresse("ouverture-eleves", lieu.pk)
    listes = {f"liste_{une.pk}": "LE GOFF Malo ; OUT\nDURAND Léa\n", f"liste_{autre.pk}": "Dupont Alex"}
    refusee = admin.post(page, listes)
    assert "Ligne 1\xa0: « Dupont Alex », écrivez le nom en capitales." in refusee.text
    assert "LE GOFF Malo ; OUT" in refusee.text
    assert not Eleve.objects.exists()
    listes[f"liste_{autre.pk}"] = "DUPONT Alex"
    assert admin.post(page, listes).url == adresse("ouverture-pfmp", lieu.pk)
    assert {(un.nom, un.option.code, un.statut is None) for un in Eleve.objects.all()} == {
        ("LE GOFF", "OUT", False), ("DURAND", "USI", False), ("DUPONT", "USI", False)
    }  # fmt: skip


def test_les_comptes_d_homonymes_et_les_classes_de_chacun(admin: Client, lieu: Etablissement) -> None:
    une, autre = deux_classes(lieu)
    donnees: dict[str, object] = {"form-TOTAL_FORMS": 5, "form-INITIAL_FORMS": 0, "miennes": [une.pk]}
    for rang in (0, 1):
        donnees |= {
            f"form-{rang}-last_name": "MARTIN",
            f"form-{rang}-first_name": "Camille",
            f"form-{rang}-roles": ["enseignant"],
            f"form-{rang}-classes": [autre.pk],
        }
    lue = admin.post(adresse("ouverture-equipes", lieu.pk), donnees)
    assert [un.identifiant for un in lue.context["acces"]] == ["camille.martin", "camille.martin2"]
    assert [classe.equipe.count() for classe in (une, autre)] == [1, 2]
    renvoyee = admin.get(adresse("ouverture", lieu.pk))
    assert "camille.martin" not in renvoyee.text


def test_evaluer_demande_le_role(admin: Client, lieu: Etablissement) -> None:
    une, _ = deux_classes(lieu)
    donnees = {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 0,
        "form-0-last_name": "MARTIN",
        "form-0-first_name": "Camille",
        "form-0-roles": ["membre"],
        "form-0-classes": [une.pk],
    }
    assert "demande le rôle d’enseignant" in admin.post(adresse("ouverture-equipes", lieu.pk), donnees).text
    assert Utilisateur.objects.filter(last_name="MARTIN").count() == 0


def test_une_periode_mal_datee_se_dit_et_n_ecrit_rien(admin: Client, lieu: Etablissement) -> None:
    une, autre = deux_classes(lieu)
    page = adresse("ouverture-pfmp", lieu.pk)
    dates = {
        f"{une.pk}-intitule": "PFMP 1", f"{une.pk}-debut": "2027-05-11", f"{une.pk}-fin": "2027-06-05",
        f"{autre.pk}-intitule": "PFMP 1", f"{autre.pk}-debut": "2027-06-05", f"{autre.pk}-fin": "2027-05-11",
    }  # fmt: skip
    assert "précède" in admin.post(page, dates).text
    assert une.periodes.count() == 0
    vides = {**dates, f"{autre.pk}-debut": "", f"{autre.pk}-fin": ""}
    assert messages(admin.post(page, vides, follow=True)) == ["1 période de PFMP."]
    assert (une.periodes.count(), autre.periodes.count()) == (1, 0)


def test_des_enseignants_d_un_fichier_ramenent_a_l_ouverture(admin: Client, lieu: Etablissement) -> None:
    une, _ = deux_classes(lieu)
    factories.eleve(une)
    page = admin.get(adresse("ouverture-equipes", lieu.pk))
    assert adresse("enseignants-import", lieu.pk) in page.text
    assert "2 A</a> (0 personne)" in page.text
    liste = csv(["Nom", "Prénom", "Classes"], ["KERJEAN", "Lou", "2 A"])
    for fois in ("neuf", "déjà là"):
        vue = admin.post(adresse("enseignants-import", lieu.pk), {"fichier": envoi(liste)})
        champs = {"etat": vue.context["etat"], "empreinte": vue.context["apercu"].empreinte}
        champs["retenu"] = sorted(vue.context["retenus"])
        fait = admin.post(adresse("enseignants-import-apercu", lieu.pk), champs)
        if fois == "neuf":
            assert "lou.kerjean" in fait.text
            assert f'href="{adresse("ouverture", lieu.pk)}">Poursuivre l’ouverture' in fait.text
        else:
            assert fait.url == adresse("ouverture", lieu.pk)
    assert list(une.equipe.values_list("username", flat=True)) == ["lou.kerjean"]
    assert "L’établissement est ouvert" in admin.get(adresse("ouverture", lieu.pk)).text
    vue = admin.post(adresse("enseignants-import", lieu.pk), {"fichier": envoi(liste)})
    champs = {"etat": vue.context["etat"], "empreinte": vue.context["apercu"].empreinte}
    fait = admin.post(adresse("enseignants-import-apercu", lieu.pk), champs)
    assert fait.url == adresse("comptes", lieu.pk)


def test_chaque_etape_s_explique_et_se_reprend(admin: Client, lieu: Etablissement) -> None:
    """Après chaque fait, une session neuve retrouve la suite : rien n'est retenu que ce qui existe."""
    compte = Utilisateur.objects.get()

    def suite() -> str:
        page = connecte(compte).get(adresse("ouverture", lieu.pk))
        ouvert = page.context["ouverture"]
        assert all(str(une.pourquoi) in page.text for une in ouvert.etapes)
        for une in ouvert.etapes[1:]:
            assert str(une.pourquoi) in connecte(compte).get(une.adresse).text, une.nom
        return ouvert.suivante.nom if ouvert.suivante else ""

    vues = [suite()]
    une, _ = deux_classes(lieu)
    vues.append(suite())
    factories.eleve(une)
    vues.append(suite())
    factories.periode(une)
    vues.append(suite())
    une.equipe.add(factories.utilisateur(Role.ENSEIGNANT, etablissement=lieu))
    assert [*vues, suite()] == ["classes", "eleves", "pfmp", "equipes", ""]


@pytest.mark.parametrize("etape", ["ouverture", "ouverture-classes", "ouverture-equipes"])
def test_le_nombre_de_requetes_ne_depend_pas_des_classes(
    admin: Client, lieu: Etablissement, etape: str
) -> None:
    page = adresse(etape, lieu.pk)
    deux_classes(lieu)
    admin.get(page)
    avant = requetes(lambda: admin.get(page))
    deux = factories.promotion(lieu, diplome(), option="OUT", session=2029)
    for nom in ("2 C", "2 D", "2 E"):
        factories.eleve(factories.classe(deux, niveau="2de", nom=nom))
    apres = requetes(lambda: admin.get(page))
    assert (avant, apres) == (avant, avant)
