"""Lots de toute la commission : demander, tirer en fond, suivre, annuler, télécharger."""

import datetime
from email.message import Message
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from django_q.brokers import get_broker
from pypdf import PdfReader

from certification.lot import tirages
from certification.models import Lot, Tirage
from tests import factories
from tests.certification.scene import (
    COMMISSION,
    REFUS,
    adresse,
    decider,
    figer,
    statuts,
)
from tests.litanie import messages, requetes
from tests.monde import INTRUS
from tests.ouvrage import toutes_les_taches, une_tache

pytestmark = pytest.mark.usefixtures("sans_mise_en_page_sur_postgresql")

IMPRIMEURS = {role: 302 if statut == 200 else statut for role, statut in COMMISSION.items()}


@pytest.fixture(autouse=True)
def medias(settings, tmp_path) -> None:
    """Un dossier neuf : les numéros de lots reviennent d'un test à l'autre."""
    settings.MEDIA_ROOT = tmp_path


def octets(reponse) -> bytes:
    return b"".join(reponse.streaming_content)


def tout_tirer() -> None:
    toutes_les_taches()


def lot_de(monde, genre: str = "grilles") -> Lot:
    return tirages.demander(monde.a.commission, genre, monde.a.president)


def lot_tire(monde, monkeypatch, genre: str = "grilles") -> Lot:
    """Sans dessiner de PDF : seule la file est en jeu."""
    monkeypatch.setattr(tirages, "produire", lambda tirage: f"%PDF {tirage.nom}".encode())
    lot = lot_de(monde, genre)
    tout_tirer()
    return lot


def fichiers(lot: Lot) -> list[str]:
    dossier = f"lots/{lot.pk}"
    return sorted(default_storage.listdir(dossier)[1]) if default_storage.exists(dossier) else []


def test_qui_en_demande_un(monde):
    url = adresse("lot-create", monde.a.commission.pk)
    assert statuts(monde, url, "post", {"genre": "grilles"}) == IMPRIMEURS


@pytest.mark.parametrize(("nom", "methode"), [("lot", "get"), ("lot-fichier", "get"), ("lot-zip", "get")])
def test_qui_le_suit_et_le_telecharge(monde, monkeypatch, nom, methode):
    assert statuts(monde, adresse(nom, lot_tire(monde, monkeypatch).pk), methode) == COMMISSION


def test_le_fichier_unique_a_un_plan_et_se_demande_en_recto_verso(monde, president):
    url = adresse("lot-create", monde.a.commission.pk)
    president.post(url, {"genre": "complet", "recto_verso": "on"})
    assert Lot.objects.get().recto_verso
    president.post(url, {"genre": "complet"})
    simple = Lot.objects.latest("pk")
    assert (Lot.objects.count(), simple.recto_verso) == (2, False)
    tout_tirer()
    for lot in Lot.objects.all():
        lu = PdfReader(BytesIO(octets(president.get(adresse("lot-fichier", lot.pk)))))
        titres, debuts = [], []
        for un in lu.outline:
            titres.append([une.title for une in un] if isinstance(un, list) else un.title)
            debuts += [lu.get_destination_page_number(une) for une in (un if isinstance(un, list) else [un])]
        assert titres[:4] == [
            "ALPHA-A1 Camille EP1",
            ["Grille", "Dossier"],
            "ALPHA-A2 Dominique EP1",
            ["Grille", "Dossier"],
        ]
        assert titres[4].startswith("Procès-verbal")
        assert lot.recto_verso == all(debut % 2 == 0 for debut in debuts)


def test_qui_le_retire(monde):
    assert statuts(monde, adresse("lot-retrait", lot_de(monde).pk), "post") == IMPRIMEURS
    assert REFUS["ailleurs"] == 404


def test_un_lot_complet_en_un_pdf_et_en_zip(monde, president, camille):
    decider(monde, camille)
    figer(monde, camille)
    reponse = president.post(adresse("lot-create", monde.a.commission.pk), {"genre": "complet"})
    lot = Lot.objects.get()
    assert (reponse.url, lot.demande_par) == (lot.get_absolute_url(), monde.a.president)
    tout_tirer()

    noms = [
        "ALPHA-A1 Camille EP1 grille.pdf",
        "ALPHA-A1 Camille EP1 dossier.pdf",
        "ALPHA-A2 Dominique EP1 grille.pdf",
        "ALPHA-A2 Dominique EP1 dossier.pdf",
        "Procès-verbal Commission EP1 A.pdf",
    ]
    archive = ZipFile(BytesIO(octets(president.get(adresse("lot-zip", lot.pk)))))
    assert archive.namelist() == noms
    combien = [len(PdfReader(BytesIO(archive.read(nom))).pages) for nom in noms]
    ensemble = PdfReader(BytesIO(octets(president.get(adresse("lot-fichier", lot.pk)))))
    assert (combien[0], len(ensemble.pages)) == (1, sum(combien))
    assert "ALPHA-A1" in ensemble.pages[0].extract_text()
    assert "ALPHA-A2" in ensemble.pages[-combien[-1]].extract_text()

    avancement = president.get(lot.get_absolute_url()).context["avancement"]
    assert (avancement.etat, avancement.faits, avancement.total) == ("terminé", 6, 6)
    travail = "Document de travail, non figé. Aucun niveau pour C2."
    motifs = [tirage.motif[: len(travail)] for tirage in avancement.documents]
    assert motifs == ["", "", travail, travail, ""]


def nom_annonce(reponse) -> str:
    octets(reponse)
    message = Message()
    message["Content-Disposition"] = reponse["Content-Disposition"]
    assert message.get_content_disposition() == "attachment"
    return message.get_filename()


def test_les_fichiers_portent_leur_nom(monde, president, monkeypatch):
    """Ni le numéro du tirage, ni celui du lot."""
    lot = lot_tire(monde, monkeypatch)
    assert nom_annonce(president.get(adresse("lot-fichier", lot.pk))) == (
        "Grilles d’évaluation, Commission EP1 A.pdf"
    )
    assert nom_annonce(president.get(adresse("lot-zip", lot.pk))) == (
        "Grilles d’évaluation, Commission EP1 A.zip"
    )
    autre = lot_tire(monde, monkeypatch, "dossiers")
    assert nom_annonce(president.get(adresse("lot-fichier", autre.pk))) == "Dossiers, Commission EP1 A.pdf"


def test_il_dit_qui_manque_et_pourquoi(monde, president, monkeypatch):
    ponctuel = factories.eleve(monde.a.classe, "ALPHA-A3", statut="hors-contrat")
    factories.dossier(monde.a.commission, ponctuel)
    lot = lot_tire(monde, monkeypatch)
    page = president.get(lot.get_absolute_url())
    (manquant,) = page.context["avancement"].manquants
    assert (manquant.dossier.eleve, manquant.motif) == (
        ponctuel,
        "Ne relève pas de la commission : épreuve ponctuelle (pratique, 4 h).",
    )
    assert (page.context["avancement"].etat, page.context["avancement"].total) == ("incomplet", 3)
    assert "Ce qui manque" in page.content.decode()


def test_un_document_qui_echoue_n_arrete_pas_les_autres(monde, president, monkeypatch):
    def produire(tirage: Tirage) -> bytes:
        if tirage.rang == 1:
            raise ValueError("image illisible")
        return b"%PDF"

    monkeypatch.setattr(tirages, "produire", produire)
    lot = lot_de(monde)
    tout_tirer()
    assert list(lot.tirages.values_list("etat", "tentatives")) == [("echoue", 3), ("fait", 1), ("fait", 1)]
    page = president.get(lot.get_absolute_url()).content.decode()
    assert "La production s’est interrompue 3 fois" in page
    assert "image illisible" not in page


def test_le_meme_lot_demande_deux_fois_n_en_fait_qu_un(monde):
    assert lot_de(monde) == lot_de(monde)
    assert lot_de(monde, "dossiers") != lot_de(monde)


@pytest.mark.parametrize("genre", ["", "tout", INTRUS])
def test_un_genre_inconnu_s_explique(monde, president, genre):
    url = adresse("lot-create", monde.a.commission.pk)
    reponse = president.post(url, {"genre": genre}, follow=True)
    assert messages(reponse) == [
        "Choisissez ce qu’il faut produire : grilles, dossiers, les deux ou l’archive."
    ]
    assert Lot.objects.count() == 0


def test_une_commission_vide_s_explique(monde, president):
    vide = factories.commission(monde.a.promotion, "EP2")
    reponse = president.post(adresse("lot-create", vide.pk), {"genre": "grilles"}, follow=True)
    assert messages(reponse) == ["Aucun candidat n’est devant la commission : il n’y a rien à imprimer."]


def test_annule_en_cours_de_route_rien_n_en_reste(monde, president, monkeypatch):
    monkeypatch.setattr(tirages, "produire", lambda tirage: b"%PDF")
    lot = lot_de(monde)
    assert une_tache()
    en_main = Tirage.objects.commencer(lot.tirages.get(rang=2).pk)
    assert len(fichiers(lot)) == 1
    president.post(adresse("lot-retrait", lot.pk))
    assert (en_main.rendre(b"%PDF"), fichiers(lot)) == (False, [])
    toutes_les_taches()
    assert fichiers(lot) == []
    assert "annulé" in president.get(lot.get_absolute_url()).content.decode()
    assert president.get(adresse("lot-zip", lot.pk)).status_code == 404
    assert president.get(adresse("lot-fichier", lot.pk)).status_code == 404


def test_rien_ne_se_telecharge_avant_la_fin(monde, president, monkeypatch):
    monkeypatch.setattr(tirages, "produire", lambda tirage: b"%PDF")
    lot = lot_de(monde)
    une_tache()
    page = president.get(lot.get_absolute_url(), headers={"hx-request": "true"})
    assert (page.templates[0].name, page.context["avancement"].faits) == ("certification/lot/_lot.html", 1)
    assert 'hx-trigger="every 2s"' in page.content.decode()
    assert president.get(adresse("lot-zip", lot.pk)).status_code == 404


def test_un_bail_echu_est_repris_et_le_premier_ouvrier_n_ecrase_rien(monde):
    lot = lot_de(monde)
    premier = Tirage.objects.commencer(lot.tirages.get(rang=1).pk)
    second = Tirage.objects.commencer(premier.pk)
    assert (second.pk, second.tentatives) == (premier.pk, 2)
    assert (premier.rendre(b"vieux"), second.rendre(b"neuf")) == (False, True)
    assert (lot.tirages.get(pk=premier.pk).fichier.read(), len(fichiers(lot))) == (b"neuf", 1)


def test_sans_ouvrier_la_page_le_dit(monde, president):
    lot = lot_de(monde)
    assert "Aucun ouvrier" not in president.get(lot.get_absolute_url()).content.decode()
    Lot.objects.update(demande_le=timezone.now() - datetime.timedelta(minutes=1))
    assert "Aucun ouvrier ne travaille" in president.get(lot.get_absolute_url()).content.decode()
    get_broker().dequeue()
    assert "Aucun ouvrier" not in president.get(lot.get_absolute_url()).content.decode()


def test_les_fichiers_perimes_s_effacent(monde, monkeypatch, capsys):
    ancien, recent = lot_tire(monde, monkeypatch), lot_tire(monde, monkeypatch, "dossiers")
    ancien_le = timezone.now() - datetime.timedelta(days=7, minutes=1)
    Lot.objects.filter(pk=ancien.pk).update(demande_le=ancien_le)
    call_command("purger_lots")
    assert capsys.readouterr().out == "Lots effacés : 1.\n"
    assert (list(Lot.objects.all()), fichiers(ancien), len(fichiers(recent))) == ([recent], [], 3)


def test_requetes(monde, president):
    monde.a.dossiers[1].delete()
    url = lot_de(monde).get_absolute_url()
    assert requetes(lambda: president.get(url)) == 5
    Lot.objects.all().delete()
    for rang in range(2):
        factories.dossier(monde.a.commission, factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}"))
    url = lot_de(monde).get_absolute_url()
    assert requetes(lambda: president.get(url)) == 5
