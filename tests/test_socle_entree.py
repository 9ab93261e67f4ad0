"""Ce qui entre est propre, ou refusé d’une phrase ; ce qui sort d’une panne reste sûr et en français."""

import datetime
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import OperationalError, connections
from django.test import Client
from django.urls import reverse
from PIL import Image
from pypdf import PdfWriter

from bench.serveur import gunicorn
from certification.document.sceau import donnees_jointes
from livret.models import Classe, LienTuteur, Situation
from tests.monde import Monde
from trpm.champs import DateField
from trpm.courriel import envoyer
from trpm.garde.confidentialite import masque
from trpm.garde.mot_de_passe import PAR_ADRESSE, PAR_APPAREIL
from trpm.impression.images import image_propre
from trpm.textes import entier, propre, une_ligne

pytestmark = pytest.mark.django_db
SECRET = "Abc-_" * 8 + "xyz"
SURETE = ("X-Frame-Options", "X-Content-Type-Options", "Cache-Control")
FICHE = f"/fiche/12/{SECRET}/"


# --- Les textes et les nombres -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("recu", "attendu"),
    [
        ("Tournage", "Tournage"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\0b\x07\x1b\x85c", "abc"),
        ("a\ufffeb\uffff\U0001fffe\ufdd0", "ab"),
        ("a\ud800b", "ab"),
        ("e\u0301le\u0300ve", "élève"),
        ("👩‍🔧 ⌀ 12 ±0,1", "👩‍🔧 ⌀ 12 ±0,1"),
    ],
)
def test_un_texte_propre(recu: str, attendu: str) -> None:
    assert propre(recu) == attendu
    assert propre(propre(recu)) == attendu


@pytest.mark.parametrize(
    ("recu", "attendu"),
    [("12", 12), ("007", 7), ("9223372036854775807", 2**63 - 1)]
    + [(un, None) for un in ("²", "٣", "-1", "+1", " 1", "1_0", "", "9223372036854775808", "9" * 5000, None)],
)
def test_un_entier_que_la_base_porte(recu: str, attendu: int | None) -> None:
    assert entier(recu) == attendu


@pytest.mark.parametrize(
    ("recu", "attendu"), [("a\r\nBcc: x", "a Bcc: x"), ("a\u2028b", "a b"), ("a\n", "a"), ("a  b", "a  b")]
)
def test_une_ligne(recu: str, attendu: str) -> None:
    assert une_ligne(recu) == attendu


def test_un_nom_de_classe_est_nettoye_a_l_entree(monde: Monde, client: Client) -> None:
    """Un signe de commande dans ce nom faisait tomber les classeurs de toute une commission."""
    client.force_login(monde.a.administrateur)
    classe = monde.a.classe
    adresse = reverse("livret:classe-update", args=[classe.pk])
    form = client.get(adresse).context["form"]
    envoi = {nom: "" if (lu := form[nom].value()) is None else lu for nom in form.fields}
    envoi["equipe"] = [getattr(un, "pk", un) for un in form["equipe"].value() or []]
    assert client.post(adresse, envoi | {"nom": "Tle\x0b\ufffe e\u0301\r\nquipe"}).status_code == 302
    assert Classe.objects.get(pk=classe.pk).nom == "Tle é quipe"
    assert client.get(reverse("livret:classe-xlsx", args=[classe.pk])).status_code == 200


def test_un_objet_de_courriel_tient_sur_une_ligne(mailoutbox: list, settings: object) -> None:
    assert envoyer("Fiche de Camille\nDurand", "Bonjour.", "prof@example.fr") == ""
    assert mailoutbox[0].subject == "Fiche de Camille Durand"


@pytest.mark.parametrize("date", ["9999-12-31", "0001-01-01", "1899-12-31", "2200-01-01"])
def test_une_date_hors_du_possible_est_refusee(date: str) -> None:
    for champ in (forms.DateField(), DateField(), Situation._meta.get_field("debut").formfield()):
        with pytest.raises(ValidationError, match="Cette date est hors du possible"):
            champ.clean(date)
        assert champ.clean("2026-03-12") == datetime.date(2026, 3, 12)


@pytest.mark.parametrize("taille", [(2000, 1), (1, 2000), (3000, 2)])
def test_une_photo_d_une_ligne(taille: tuple[int, int]) -> None:
    sortie = BytesIO()
    Image.new("RGB", taille, "red").save(sortie, "PNG")
    propre_ = image_propre(sortie.getvalue(), "trait.png")
    assert min(Image.open(BytesIO(propre_.miniature)).size) == 1


@pytest.mark.parametrize("graine", range(40))
def test_un_pdf_altere_ne_fait_pas_tomber_la_verification(graine: int) -> None:
    lu = bytearray(_pdf_avec_piece())
    lu[(graine * 37) % len(lu)] ^= 0xFF
    lu[(graine * 101 + 13) % len(lu)] ^= 0x3C
    assert isinstance(donnees_jointes(bytes(lu)), list)


def _pdf_avec_piece() -> bytes:
    ecrit, sortie = PdfWriter(), BytesIO()
    ecrit.add_blank_page(100, 100)
    ecrit.add_attachment("donnees.json", b'{"a": 1}')
    ecrit.write(sortie)
    return sortie.getvalue()


# --- Les adresses et les corps ------------------------------------------------------------------


@pytest.mark.parametrize(
    "chemin",
    ["/verification/%00/", "/verification/%EF%BF%BE/", f"/classes/{2**63}/", f"/classes/{'9' * 5000}/"]
    + [f"/pfmp/1/tuteurs/{'9' * 20}/", "/referentiels/1/%00/", "/dossiers/1/niveaux/%1B/"],
)
def test_une_adresse_impossible_est_introuvable(monde: Monde, client: Client, chemin: str) -> None:
    client.force_login(monde.a.enseignant)
    reponse = client.get(chemin)
    assert reponse.status_code == 404
    assert "Cette page n’existe pas" in reponse.content.decode()


def test_un_identifiant_impossible_parmi_d_autres_est_refuse(monde: Monde) -> None:
    assert not Situation.objects.filter(pk__in=[2**63, 10**40]).exists()
    assert Situation.objects.filter(pk__in=[2**63, monde.a.situation.pk]).count() == 1


@pytest.mark.parametrize("jeu", ["utf-16", "idna", "utf-7", "iso-8859-1"])
def test_un_corps_n_est_qu_en_utf_8(client: Client, jeu: str) -> None:
    nature = f"application/x-www-form-urlencoded; charset={jeu}"
    reponse = client.generic("POST", "/connexion/", b"username=a", content_type=nature)
    assert (reponse.status_code, "n’est pas écrite en UTF-8" in reponse.content.decode()) == (400, True)


@pytest.mark.parametrize(
    "corps", [b"[" * 200_000, b'{"personne": ' + b"9" * 5000 + b"}", b"\xff\xfe{", b'"\\ud800"', b"1e999"]
)
def test_un_courrier_illisible_est_refuse(monde: Monde, client: Client, corps: bytes) -> None:
    client.force_login(monde.a.enseignant)
    adresse = reverse("livret:operations", args=[monde.a.situation.pk])
    assert client.post(adresse, corps, content_type="application/json").status_code == 400


def test_un_temoin_et_un_nom_de_compte_qui_portent_un_nul(client: Client) -> None:
    client.cookies.load(f'sessionid="\\000{"a" * 31}"')
    assert client.get("/connexion/").status_code == 200
    for nom in ("a\0b", "ab"):
        envoi = {"username": nom, "password": "faux"}
        assert client.post("/connexion/", envoi, headers={"user-agent": "a\0b"}).status_code == 200


def test_trop_gros_se_dit(client: Client, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    corps = "username=" + "x" * 2000
    reponse = client.post("/connexion/", corps, content_type="application/x-www-form-urlencoded")
    assert (reponse.status_code, "trop gros pour être reçu" in reponse.content.decode()) == (413, True)


# --- Les pages d’erreur -------------------------------------------------------------------------


def test_une_panne_est_une_page_sans_base_avec_ses_en_tetes(
    monde: Monde, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(monde.a.enseignant)

    def tomber(*_: object, **__: object) -> None:
        raise OperationalError("la base est arrêtée")

    monkeypatch.setattr(type(connections["default"]), "cursor", tomber)
    reponse = client.get(reverse("livret:classes"))
    assert (reponse.status_code, "Le site a rencontré une panne" in reponse.content.decode()) == (500, True)
    entetes = {
        nom: reponse.get(nom) for nom in ("X-Frame-Options", "X-Content-Type-Options", "Cache-Control")
    }
    assert entetes == {
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    assert "default-src 'self'" in reponse["Content-Security-Policy"]
    sante = client.get("/sante/")
    assert (sante.status_code, sante.text) == (503, "la base de données ne répond pas")


@pytest.mark.parametrize(
    ("role", "methode", "nom", "statut", "phrase"),
    [
        ("eleve", "get", "livret:classes", 403, "Votre rôle ne permet pas d’ouvrir cette page."),
        ("enseignant", "get", "livret:bilans-preparer", 405, "Cette adresse ne s’ouvre pas ainsi"),
        ("enseignant", "get", "livret:classe", 404, "Cette page n’existe pas"),
    ],
)
def test_une_erreur_est_une_page_de_l_application(
    monde: Monde, client: Client, role: str, methode: str, nom: str, statut: int, phrase: str
) -> None:
    client.force_login({"eleve": monde.a.compte_eleve, "enseignant": monde.a.enseignant}[role])
    arguments = {403: [], 405: [monde.a.classe.pk], 404: [monde.b.classe.pk]}[statut]
    reponse = getattr(client, methode)(reverse(nom, args=arguments))
    page = reponse.content.decode()
    assert (reponse.status_code, phrase in page, "Aller à l’accueil" in page) == (statut, True, True)
    assert "Se déconnecter" in page
    assert ("Allow" in reponse.headers) == (statut == 405)
    # Une longueur restée à zéro ferait une page blanche dans un navigateur.
    assert reponse.headers.get("Content-Length") in (None, str(len(reponse.content)))


def test_un_jeton_perdu_le_dit(monde: Monde) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(monde.a.enseignant)
    reponse = client.post(reverse("livret:phrases"), {"texte": "a"})
    assert (reponse.status_code, "Cette page a vieilli" in reponse.content.decode()) == (403, True)


# --- Les pages d’une personne, et ce qui se tait -----------------------------------------------


def test_une_page_d_une_personne_ne_se_garde_pas(monde: Monde, client: Client) -> None:
    client.force_login(monde.a.enseignant)
    for nom, arguments in [
        ("livret:classes", []),
        ("livret:eleve", [monde.a.eleves[0].pk]),
        ("referentiel:liste", []),
        ("livret:classe", [monde.b.classe.pk]),
    ]:
        assert client.get(reverse(nom, args=arguments))["Cache-Control"] == "private, no-store"
    sortie = client.post(reverse("deconnexion"))
    assert (sortie.status_code, sortie["Clear-Site-Data"]) == (302, '"cache"')


@pytest.mark.parametrize(
    "texte",
    [
        f"Not Found: {FICHE}",
        f'"GET {FICHE} HTTP/1.1" 500',
        f"referer=https://trpm.example.fr{FICHE}?x",
        f"%66iche/12/{SECRET}/",
        f"<WSGIRequest: POST '{FICHE}'>",
    ],
)
def test_un_secret_se_masque(texte: str) -> None:
    assert SECRET not in masque(texte)
    assert masque("Not Found: /fiche/12/court/") == "Not Found: /fiche/12/[secret]/"
    assert masque("/mot-de-passe/nouveau/MQ/abc-def/") == "/mot-de-passe/nouveau/MQ/[secret]/"
    assert masque("Not Found: /classes/12/") == "Not Found: /classes/12/"


def test_le_secret_du_tuteur_n_est_dans_aucun_journal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def tomber(*_: object) -> None:
        raise OperationalError(f"la base est arrêtée : {FICHE}")

    monkeypatch.setattr(LienTuteur, "trouver", tomber)
    console = next(un for un in logging.getLogger().handlers if type(un) is logging.StreamHandler)
    ecrit = StringIO()
    monkeypatch.setattr(console, "stream", ecrit)
    for methode in ("get", "post"):
        reponse = getattr(Client(raise_request_exception=False), methode)(FICHE)
        assert reponse.status_code == 500
        assert (reponse["Referrer-Policy"], reponse["X-Robots-Tag"][:7]) == ("no-referrer", "noindex")
        assert SECRET not in reponse.content.decode()
    assert "Internal Server Error: /fiche/12/[secret]/" in ecrit.getvalue()
    assert "la base est arrêtée : /fiche/12/[secret]/" in ecrit.getvalue()
    assert SECRET not in ecrit.getvalue()


@pytest.mark.long
def test_la_base_arretee_le_serveur_tait_le_secret_et_garde_ses_en_tetes(tmp_path: Path) -> None:
    """De vrais processus gunicorn, journal d’accès compris, devant une base que rien ne sert."""
    variables = {
        "DEBUG": "0",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "localhost",
        "SECURE_SSL_REDIRECT": "0",
        "DATABASE_URL": "postgres://trpm@127.0.0.1:1/trpm",
        "GUNICORN_CMD_ARGS": "--access-logfile=- --log-level=debug",
        "STATIC_ROOT": str(tmp_path),
    }
    commande = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run(commande, cwd=settings.BASE_DIR, env={**os.environ, **variables}, check=True)
    with gunicorn(variables, processus=1) as serveur:
        reponses, pages = [], []
        for chemin in (FICHE, FICHE.replace("/f", "/%66"), "/sante/"):
            lien = HTTPConnection("localhost", serveur.port)
            lien.request("GET", chemin, headers={"Referer": f"http://localhost{FICHE}"})
            reponses.append(lien.getresponse())
            pages.append(reponses[-1].read().decode())
            lien.close()
        journal = serveur.journal()
    assert [une.status for une in reponses] == [500, 500, 503]
    assert "Le site a rencontré une panne" in pages[0]
    assert reponses[0].headers["X-Frame-Options"] == "DENY"
    assert reponses[0].headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'self'" in reponses[0].headers["Content-Security-Policy"]
    assert '"GET /fiche/12/[secret]/ HTTP/1.1" 500' in journal
    assert SECRET not in journal


# --- La session finie, le mot de passe oublié -------------------------------------------------


def test_un_envoi_sans_session_revient_a_la_page_du_formulaire(monde: Monde, client: Client) -> None:
    adresse = reverse("livret:situation-etat", args=[monde.a.situation.pk])
    page = monde.a.situation.get_absolute_url()
    venue = client.post(adresse, {"etat": "publiee"}, headers={"referer": f"http://testserver{page}?a=1"})
    assert venue.url == f"/connexion/?next={page}%3Fa%3D1%26reprise%3D1"
    ailleurs = client.post(adresse, headers={"referer": "https://example.org/x/"})
    assert ailleurs.url == f"/connexion/?next={adresse}%3Freprise%3D1"
    assert "Votre session a pris fin" in client.get(ailleurs.url).content.decode()

    client.force_login(monde.a.enseignant)
    assert client.get(adresse).status_code == 405
    assert client.get(f"{adresse}?reprise=1").url == f"{page}?reprise=1"


@dataclass
class Demandes:
    """Des « mot de passe oublié », et les courriels écrits, à qui que ce soit."""

    client: Client
    ecrits: list[EmailMessage] = field(default_factory=list)

    def faire(self, adresse: str, ip: str = "192.0.2.1") -> int:
        reponse = self.client.post("/mot-de-passe/oublie/", {"email": adresse}, REMOTE_ADDR=ip)
        assert reponse.url == "/mot-de-passe/oublie/envoye/"
        return len(self.ecrits)


@pytest.fixture
def demandes(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demandes]:
    cache.clear()
    faites = Demandes(client)
    monkeypatch.setattr("trpm.garde.mot_de_passe._envoyer", faites.ecrits.append)
    yield faites
    cache.clear()


def test_une_adresse_inconnue_demande_le_meme_travail(
    monde: Monde, demandes, django_assert_num_queries
) -> None:
    monde.a.enseignant.email = "prof@example.fr"
    monde.a.enseignant.set_password("tournage-fraisage-2026")
    monde.a.enseignant.save()
    for adresse in ("prof@example.fr", "inconnue@example.fr"):
        with django_assert_num_queries(1):
            demandes.faire(adresse)
    connue, inconnue = demandes.ecrits
    assert (connue.to, inconnue.to) == (["prof@example.fr"], [""])
    assert len(inconnue.body.splitlines()) == len(connue.body.splitlines())


def test_les_demandes_sont_comptees(demandes: Demandes) -> None:
    assert [demandes.faire("a@example.fr") for _ in range(PAR_ADRESSE + 1)] == [1, 2, 3, 3]
    recues = [demandes.faire(f"{rang}@example.fr", "192.0.2.9") for rang in range(PAR_APPAREIL + 5)]
    assert recues[-1] - 3 == PAR_APPAREIL
