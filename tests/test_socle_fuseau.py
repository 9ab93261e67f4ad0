"""L'heure et le jour sont ceux de l'établissement : ses pages, ses courriels, ses papiers."""

import datetime
import re
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from certification.dossier.resultats import dossiers_lus
from certification.lot import tirages
from certification.lot.models import Tirage
from livret.models import Etablissement, LienTuteur, Utilisateur
from livret.tuteur.courriel import prevenir_le_referent
from livret.tuteur.models.lien import DUREE_LIEN
from tests import factories
from tests.litanie import connecte
from tests.livret.pfmp.scene import Scene, scene
from tests.monde import Monde
from tests.test_droits import texte
from tests.tirage_blanc import sans_mise_en_page
from trpm.dates import FUSEAUX, heure_dite
from trpm.garde.heure import HeureLocaleMiddleware
from trpm.garde.mot_de_passe import FIL

SOIR = datetime.datetime(2026, 3, 10, 22, 30, tzinfo=datetime.UTC)


def a_la_reunion(lieu: Etablissement, fuseau: str = "Indian/Reunion") -> None:
    Etablissement.objects.filter(pk=lieu.pk).update(fuseau=fuseau)


@pytest.mark.parametrize(
    ("fuseau", "jour", "heure"),
    [
        ("Europe/Paris", 10, "23\xa0h\xa030"),
        ("Indian/Reunion", 11, "2\xa0h\xa030"),
        ("America/Martinique", 10, "18\xa0h\xa030"),
        ("Pacific/Noumea", 11, "9\xa0h\xa030"),
    ],
)
def test_la_page_a_l_heure_de_l_etablissement(monde: Monde, fuseau: str, jour: int, heure: str) -> None:
    a_la_reunion(monde.a.etablissement, fuseau)
    lus: list[tuple[int, str]] = []

    def vue(request: HttpRequest) -> HttpResponse:
        lus.append((timezone.localdate(SOIR).day, heure_dite(SOIR)))
        return HttpResponse()

    def suite(request: HttpRequest) -> HttpResponse:
        garde.process_view(request, vue, (), {})
        return vue(request)

    garde = HeureLocaleMiddleware(suite)
    request = RequestFactory().get("/")
    request.user = Utilisateur.objects.get(pk=monde.a.enseignant.pk)
    garde(request)
    assert lus == [(jour, heure)]
    assert timezone.get_current_timezone_name() == "Europe/Paris", "la demande suivante repart de Paris"


def test_chaque_fuseau_existe_et_se_choisit(monde: Monde) -> None:
    adresse = reverse("livret:etablissement-update", args=[monde.a.etablissement.pk])
    client = connecte(monde.a.administrateur)
    page = client.get(adresse).content.decode()
    for nom, libelle in FUSEAUX:
        with timezone.override(nom):
            assert timezone.localtime(SOIR)
        assert f'value="{nom}"' in page, libelle


def test_le_tuteur_lit_l_heure_de_l_etablissement_de_son_eleve(client: Client, monde: Monde) -> None:
    a_la_reunion(monde.a.etablissement)
    tenue = scene(monde.a)
    tenue.camille.competences.set(monde.a.situation.competences.all())
    fiche = tenue.camille.fiches_tuteur.create(tuteur=tenue.tuteur)
    acces = LienTuteur.creer(fiche, monde.a.enseignant, timezone.now())
    LienTuteur.objects.update(expire_le=SOIR)
    page = client.get(acces.chemin).content.decode()
    assert "11 mars 2026" in page.replace("\xa0", " ")
    assert "10 mars 2026" not in page.replace("\xa0", " ")


def test_un_document_tire_en_fond_est_a_l_heure_de_l_etablissement(
    monde: Monde, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_la_reunion(monde.a.etablissement)
    lot = monde.a.commission.lots.model(commission=monde.a.commission)
    monkeypatch.setattr(tirages, "_produire", lambda pris: heure_dite(SOIR).encode())
    monde.a.commission.etablissement.refresh_from_db()
    assert tirages.produire(Tirage(lot=lot)).decode() == "2\xa0h\xa030"


# --- Qui exerce dans deux établissements écrit et imprime à l’heure de celui dont il parle ---

OUTRE_MER = pytest.mark.parametrize("fuseau", ["Indian/Reunion", "America/Guadeloupe"])
INSTANTS = {"Indian/Reunion": SOIR, "America/Guadeloupe": SOIR + datetime.timedelta(hours=4)}
"""À Paris le 10 au soir, à la Réunion déjà le 11 ; à Paris le 11 dans la nuit, en Guadeloupe encore le 10."""
LA_BAS = {"Indian/Reunion": "11 mars 2026", "America/Guadeloupe": "10 mars 2026"}
A_PARIS = {"Indian/Reunion": "10 mars 2026", "America/Guadeloupe": "11 mars 2026"}
HEURE_OU_JOUR = re.compile(r"\d\s?h\s?\d|\d{1,2}(er)? (janvier|février|mars|avril|mai|juin)|\d/\d")


@pytest.fixture
def la_bas(monde: Monde, monkeypatch: pytest.MonkeyPatch, fuseau: str) -> Scene:
    """L'établissement A outre-mer, cette nuit-là ; ses gens exercent aussi, et d'abord, à Paris."""
    tenue = scene(monde.a)
    tenue.camille.competences.set(monde.a.situation.competences.all())
    type(tenue.tuteur).objects.update(courriel="tuteur@essai.invalid")
    tenue.tuteur.refresh_from_db()
    a_la_reunion(monde.a.etablissement, fuseau)
    monkeypatch.setattr(Utilisateur, "fuseau", "Europe/Paris")
    monkeypatch.setattr("django.utils.timezone.now", lambda: INSTANTS[fuseau])
    return tenue


def dit(texte: str) -> str:
    return " ".join(texte.split())


@OUTRE_MER
def test_les_courriels_au_tuteur_disent_l_echeance_de_la_bas(
    monde: Monde, la_bas: Scene, monkeypatch: pytest.MonkeyPatch, mailoutbox: list, fuseau: str
) -> None:
    """Un lien envoyé de sa fiche, puis la relance de toute la période."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: INSTANTS[fuseau] - DUREE_LIEN)
    client, cles = connecte(monde.a.enseignant), (la_bas.camille.pk, la_bas.tuteur.pk)
    client.post(reverse("livret:fiche-tuteur-lien", args=cles), {"courriel": "1"})
    relance = reverse("livret:periode-tuteurs", args=[la_bas.periode.pk])
    client.post(relance, {"fiche": "{}-{}".format(*cles)})
    assert [f"sert jusqu’au {LA_BAS[fuseau]}." in dit(un.body) for un in mailoutbox] == [True, True]


@OUTRE_MER
def test_la_relance_du_referent_juge_au_jour_de_la_bas(
    monde: Monde, la_bas: Scene, mailoutbox: list, fuseau: str
) -> None:
    """La période finit le 10 : le 11, il y manque l'évaluation ; le 10, pas encore."""
    dernier = datetime.date(2026, 3, 10)
    type(la_bas.sejour).objects.update(fin=dernier)
    type(la_bas.periode).objects.update(fin=dernier)
    type(la_bas.visite).objects.all().delete()
    page = reverse("livret:periode-relances", args=[la_bas.periode.pk])
    connecte(monde.a.enseignant).post(page, {"referent": monde.a.enseignant.pk})
    (courriel,) = mailoutbox
    assert ("l’évaluation" in courriel.body) is (fuseau == "Indian/Reunion")


@OUTRE_MER
def test_les_autres_courriels_ne_disent_ni_jour_ni_heure(
    monde: Monde, la_bas: Scene, mailoutbox: list, fuseau: str
) -> None:
    """La fiche reçue et le mot de passe oublié : rien à traduire, et rien ne s'y ajoute sans ce test."""
    fiche = la_bas.camille.fiches_tuteur.create(tuteur=la_bas.tuteur, signataire="Maryse Tutrice")
    prevenir_le_referent(RequestFactory().get("/"), fiche)
    Client().post(reverse("mot-de-passe-oublie"), {"email": monde.a.enseignant.email})
    for fil in [un for un in threading.enumerate() if un.name == FIL]:
        fil.join()
    assert len(mailoutbox) == 2
    for courriel in mailoutbox:
        sans_adresse = re.sub(r"https?://\S+", "", courriel.body)
        assert not HEURE_OU_JOUR.search(sans_adresse), sans_adresse


@OUTRE_MER
@pytest.mark.parametrize(
    ("nom", "qui", "arguments"),
    [
        ("livret:eleve-pdf", "enseignant", "eleve"),
        ("livret:echelle-pdf", "enseignant", "promotion"),
        ("livret:progression-pdf", "enseignant", "promotion"),
        ("livret:annexe-pdf", "enseignant", "pfmp"),
        ("livret:attestation-pdf", "enseignant", "pfmp"),
        ("livret:periode-attestations", "enseignant", "periode"),
        ("livret:fiche-tuteur-pdf", "enseignant", "fiche"),
        ("livret:bilan-pdf", "enseignant", "bilan"),
        ("livret:bilans-pdf", "enseignant", "classe"),
        ("certification:dossier-pdf", "president", "dossier"),
        ("certification:grille-pdf", "president", "dossier"),
        ("certification:version-dossier", "president", "version"),
        ("certification:version-grille", "president", "version"),
        ("certification:origine-pdf", "president", "dossier"),
        ("certification:proces-verbal", "president", "commission"),
        ("certification:bordereau", "president", "commission"),
    ],
)
def test_les_papiers_disent_le_jour_de_la_bas(
    monde: Monde, la_bas: Scene, fuseau: str, nom: str, qui: str, arguments: str
) -> None:
    """Édité, figé, validé, signé : aucun ne dit le jour qu'il était à Paris."""
    a, instant = monde.a, INSTANTS[fuseau]
    bilan = factories.bilan(a.eleves[0], a.enseignant, "valide")
    for lu in dossiers_lus(a.commission.dossiers.all()):
        lu.dossier.figer(lu.grille.vers_json(), a.president, instant)
    de = {
        "eleve": [a.eleves[0].pk],
        "promotion": [a.promotion.pk],
        "pfmp": [la_bas.camille.pk],
        "periode": [la_bas.periode.pk],
        "fiche": [la_bas.camille.pk, la_bas.tuteur.pk],
        "bilan": [bilan.pk],
        "classe": [a.classe.pk],
        "dossier": [a.dossiers[0].pk],
        "version": [a.dossiers[0].pk, 1],
        "commission": [a.commission.pk],
    }[arguments]
    with sans_mise_en_page():
        papier = connecte(getattr(a, qui)).get(reverse(nom, args=de))
    assert papier.status_code == 200
    lu = dit(texte(papier))
    assert A_PARIS[fuseau] not in lu
    if nom not in SANS_DATE:
        assert LA_BAS[fuseau] in lu


SANS_DATE: set[str] = set()


def test_tout_courriel_est_eprouve_ici() -> None:
    """Une page nouvelle qui écrit à quelqu'un fait échouer ce test tant qu'on n'a pas dit à quelle heure."""
    racine = Path(settings.BASE_DIR)
    ecrivent = {
        str(un.relative_to(racine))
        for paquet in ("livret", "certification", "referentiel", "trpm")
        for un in (racine / paquet).rglob("*.py")
        if re.search(r"from trpm\.courriel import .*envoyer|django\.core\.mail import", un.read_text("utf-8"))
    }
    assert ecrivent == {
        "livret/administration/invitations.py",  # une durée, quinze jours ; aucune date
        "livret/pfmp/views/periode.py",
        "livret/tuteur/courriel.py",
        "trpm/accueil/avis.py",  # des nombres, comptés à l'heure de la personne ; aucune date
        "trpm/courriel.py",
        "trpm/garde/mot_de_passe.py",
    }
