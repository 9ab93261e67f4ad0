"""Le jury lit, pour un temps et sous trace, ce qu’une commission a figé ; le secret ne se garde pas."""

import datetime
import logging
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from certification.dossier.figement import figer, rouvrir
from certification.lot.tirages import demander
from certification.models import (
    AccesJury,
    Dossier,
    OuvertureJury,
    Tirage,
)
from tests.certification.scene import (
    REFUS,
    adresse,
    decider,
    statuts,
)
from tests.monde import INTRUS, Monde

JOUR = datetime.timedelta(days=1)


def ouvrir(monde: Monde, jours: int = 7):
    maintenant = timezone.now()
    return AccesJury.creer(
        monde.a.commission, "Mme Jury", monde.a.president, maintenant, maintenant + jours * JOUR
    )


@pytest.fixture
def fige(monde: Monde, camille: Dossier) -> Dossier:
    decider(monde, camille)
    figer(camille, monde.a.president)
    return camille


def pages(lien, dossier: Dossier) -> list[str]:
    cles = [lien.acces.pk, lien.jeton]
    version = dossier.versions.first()
    return [
        adresse("jury", *cles),
        adresse("jury-archive", *cles),
        adresse("jury-grille", *cles, version.pk),
        adresse("jury-dossier", *cles, version.pk),
    ]


def test_seul_le_president_ouvre_un_acces(monde: Monde) -> None:
    assert statuts(monde, adresse("jury-acces", monde.a.commission.pk)) == {**REFUS, "president": 200}


def test_le_president_ouvre_un_acces_et_ne_voit_le_lien_qu_une_fois(monde: Monde, president) -> None:
    url = adresse("jury-acces", monde.a.commission.pk)
    jour = timezone.localdate() + JOUR
    reponse = president.post(url, {"destinataire": "Mme Jury", "jusqu_au": jour.isoformat()})
    lien = reponse.context["lien"]
    assert lien.chemin in reponse.content.decode()
    assert lien.jeton not in president.get(url).content.decode()
    acces = AccesJury.objects.get()
    assert lien.jeton not in str(AccesJury.objects.values().get())
    assert timezone.localtime(acces.expire_le).isoformat()[:19] == f"{jour}T23:59:59"


@pytest.mark.parametrize(
    ("ecart", "faute"), [(-1, "Cette date est passée"), (200, "trois mois au plus"), (None, "obligatoire")]
)
def test_une_date_impropre_s_explique(monde: Monde, president, ecart, faute: str) -> None:
    jour = "" if ecart is None else (timezone.localdate() + ecart * JOUR).isoformat()
    reponse = president.post(
        adresse("jury-acces", monde.a.commission.pk), {"destinataire": "Mme Jury", "jusqu_au": jour}
    )
    assert reponse.status_code == 422
    assert faute in reponse.content.decode()
    assert not AccesJury.objects.exists()


def test_ce_que_lit_le_jury(monde: Monde, fige: Dossier) -> None:
    """Les versions figées, rouvertes comprises ; rien du dossier resté ouvert."""
    rouvrir(fige, "Une preuve manquait.", monde.a.president)
    lien, client = ouvrir(monde), Client()
    liste, archive, grille, dossier = pages(lien, fige)
    contenu = client.get(liste).content.decode()
    assert "ALPHA-A1 Camille" in contenu
    assert "Une preuve manquait." in contenu
    assert "Dominique" not in contenu
    assert INTRUS not in contenu
    for url in (grille, dossier):
        texte = "".join(page.extract_text() for page in PdfReader(BytesIO(client.get(url).content)).pages)
        assert "ALPHA-A1 Camille" in texte
    noms = ZipFile(BytesIO(client.get(archive).content)).namelist()
    assert {"versions.csv", "notes.csv", "manifeste.sig", "LISEZ-MOI.txt"} <= set(noms)
    assert any(nom.startswith("donnees/") for nom in noms)


def test_l_archive_tiree_est_celle_qui_est_remise(monde: Monde, fige: Dossier) -> None:
    demander(monde.a.commission, "archive", monde.a.president)
    for pk in Tirage.objects.order_by("rang").values_list("pk", flat=True):
        if tirage := Tirage.objects.commencer(pk):
            tirage.rendre(b"PK archive")
    lien = ouvrir(monde)
    assert Client().get(pages(lien, fige)[1]).content == b"PK archive"


def test_chaque_ouverture_est_tracee(monde: Monde, fige: Dossier, president) -> None:
    lien = ouvrir(monde)
    for url in pages(lien, fige):
        Client().get(url)
    objets = [ouverture.objet for ouverture in OuvertureJury.objects.order_by("pk")]
    assert objets == [
        "La liste des versions figées",
        f"Archive {monde.a.commission}.zip",
        "ALPHA-A1 Camille EP1 grille, version 1.pdf",
        "ALPHA-A1 Camille EP1 dossier, version 1.pdf",
    ]
    contenu = president.get(adresse("jury-acces", monde.a.commission.pk)).content.decode()
    for objet in objets:
        assert objet in contenu


def test_un_mauvais_secret_n_ouvre_rien_et_ne_trace_rien(monde: Monde, fige: Dossier, caplog) -> None:
    lien = ouvrir(monde)
    with caplog.at_level(logging.DEBUG):
        for url in pages(lien, fige):
            faux = url.replace(lien.jeton, "x" * len(lien.jeton))
            assert Client().get(faux).status_code == 404
    autre = AccesJury.creer(
        monde.b.commission, "M. Ailleurs", monde.b.president, timezone.now(), timezone.now() + JOUR
    )
    version = fige.versions.get()
    assert Client().get(adresse("jury", lien.acces.pk, autre.jeton)).status_code == 404
    assert Client().get(adresse("jury-grille", autre.acces.pk, autre.jeton, version.pk)).status_code == 404
    assert not OuvertureJury.objects.filter(acces=lien.acces).exists()


def test_le_secret_ne_s_ecrit_nulle_part(monde: Monde, fige: Dossier, caplog) -> None:
    lien = ouvrir(monde, jours=1)
    lien.acces.retirer(monde.a.president, timezone.now())
    with caplog.at_level(logging.DEBUG):
        reponses = [Client().get(url) for url in pages(lien, fige)]
    assert {reponse.status_code for reponse in reponses} == {410}
    assert lien.jeton not in caplog.text
    for reponse in reponses:
        assert reponse["Cache-Control"] == "private, no-store"
        assert reponse["Referrer-Policy"] == "no-referrer"


def test_ferme_apres_sa_date_ou_son_retrait(monde: Monde, fige: Dossier, president) -> None:
    perime, retire = ouvrir(monde), ouvrir(monde)
    AccesJury.objects.filter(pk=perime.acces.pk).update(
        cree_le=timezone.now() - 2 * JOUR, expire_le=timezone.now() - JOUR
    )
    president.post(adresse("jury-retrait", retire.acces.pk))
    for lien in (perime, retire):
        for url in pages(lien, fige):
            reponse = Client().get(url)
            assert reponse.status_code == 410
            assert "Camille" not in reponse.content.decode()
    assert not OuvertureJury.objects.exists()


def test_rien_ne_s_y_ecrit(monde: Monde, fige: Dossier) -> None:
    for url in pages(ouvrir(monde), fige):
        assert Client().post(url).status_code == 405


def test_la_base_refuse_un_acces_sans_duree(monde: Monde) -> None:
    maintenant = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        AccesJury.creer(monde.a.commission, "Mme Jury", monde.a.president, maintenant, maintenant)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccesJury.creer(monde.a.commission, "", monde.a.president, maintenant, maintenant + JOUR)
