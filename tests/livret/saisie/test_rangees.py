"""Les rangées gardées d'une grille : ce qui n'a pas changé ne se relit pas, et rien ne se montre périmé."""

import re
import time

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livret.models import Eleve, Etablissement, Evaluation, Fiche, Observation
from livret.saisie import rangees
from livret.saisie.rangees import RANGEES
from referentiel.models import Niveau
from tests import factories
from tests.litanie import connecte, requetes
from tests.livret.classe.test_condition import ECRITURES, JETONS, Ecriture, sql
from tests.livret.grille_lue import grille_lue
from tests.monde import Monde
from trpm.base.revisions import DUREE
from trpm.conservation.effacement import effacer_eleves

CASES: dict[str, Ecriture] = {
    "un détail change": lambda m: Observation.objects.filter(eleve=m.a.eleves[0]).update(
        niveau=factories.niveau(m.referentiel, 1)
    ),
    "un détail part": lambda m: Observation.objects.filter(eleve=m.a.eleves[1]).delete(),
    "une remarque": lambda m: factories.remarque(m.a.situation, m.a.eleves[0], "C1"),
    "une preuve": lambda m: factories.trace(m.a.situation, m.a.eleves[0], b"%PDF-1.4 preuve"),
    "un commentaire change": lambda m: Fiche.objects.filter(eleve=m.a.eleves[0]).update(commentaire="Mieux."),
    "une saisie plus tard": sql(
        "UPDATE livret_observation SET modifie_le = '2026-03-12 10:42:00+00' WHERE eleve_id = {eleve}"
    ),
    "un homonyme change de nom": lambda m: Eleve.objects.filter(pk=m.a.eleves[1].pk).update(
        nom="ALPHA-A1", prenom="Camille"
    ),
    "un niveau se dit autrement": lambda m: Niveau.objects.filter(valeur=2).update(libelle="Presque"),
    "un détail n’est plus visé": lambda m: m.a.situation.detaillees.remove(m.a.situation.detaillees.first()),
    "une autre compétence est visée": lambda m: m.a.situation.competences.add(
        m.referentiel.competences.get(code="C3")
    ),
    "la situation se clôt": lambda m: (
        type(m.a.situation).objects.filter(pk=m.a.situation.pk).update(etat="close")
    ),
    "un autre fuseau": lambda m: Etablissement.objects.update(fuseau="Indian/Reunion"),
}
TOUTES = ECRITURES | CASES


@pytest.fixture(autouse=True)
def _rien_de_garde() -> None:
    RANGEES.vider()


@pytest.fixture
def lecteur(monde: Monde) -> Client:
    return connecte(monde.a.enseignant)


def url(monde: Monde) -> str:
    return reverse("livret:grille", args=[monde.a.situation.pk])


def page(client: Client, monde: Monde) -> tuple[int, str]:
    reponse = client.get(url(monde))
    return reponse.status_code, JETONS.sub(r"\1", reponse.content.decode())


def lues(client: Client, monde: Monde) -> list[str]:
    with CaptureQueriesContext(connection) as faites:
        client.get(url(monde))
    return [une["sql"] for une in faites]


def test_rien_n_ayant_change_aucune_case_ne_se_relit(monde: Monde, lecteur: Client) -> None:
    premiere = page(lecteur, monde)
    ordres = lues(lecteur, monde)
    assert len(ordres) == 12
    assert not any('"livret_observation"."modifie_le"' in un for un in ordres)
    assert page(lecteur, monde) == premiere


def test_un_seul_eleve_change_seul_il_se_relit(
    monde: Monde, lecteur: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page(lecteur, monde)
    ecrites = []
    ecrire = rangees.rangee
    monkeypatch.setattr(rangees, "rangee", lambda une, *a: ecrites.append(une.eleve) or ecrire(une, *a))
    Observation.objects.filter(eleve=monde.a.eleves[1]).update(mention="ABS", niveau=None)
    page(lecteur, monde)
    assert ecrites == [monde.a.eleves[1]]


@pytest.mark.parametrize("ecriture", sorted(CASES))
def test_chaque_ecriture_se_voit(monde: Monde, lecteur: Client, ecriture: str) -> None:
    avant = page(lecteur, monde)
    CASES[ecriture](monde)
    apres = page(lecteur, monde)
    assert apres != avant
    RANGEES.vider()
    assert page(lecteur, monde) == apres


@given(st.lists(st.sampled_from(sorted(TOUTES)), min_size=1, max_size=6, unique=True))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_jamais_une_grille_perimee(monde: Monde, lecteur: Client, suite: list[str]) -> None:
    """Quoi que l'on écrive, d'où que ce soit, la grille est celle que l'on composerait sans rien garder."""
    with transaction.atomic():
        page(lecteur, monde)
        for ecriture in suite:
            TOUTES[ecriture](monde)
            gardee = page(lecteur, monde)
            RANGEES.vider()
            assert gardee == page(lecteur, monde)
        transaction.set_rollback(True)


def test_qui_ne_peut_ecrire_ne_recoit_aucun_champ(monde: Monde, lecteur: Client) -> None:
    """Une rangée gardée pour qui évalue n'est pas celle de qui lit."""
    assert re.search(r"<td [^>]*><input", page(lecteur, monde)[1])
    lue = page(connecte(monde.a.administrateur), monde)[1]
    assert "<input" not in lue.split("<main", 1)[1]
    assert re.search(r"<td [^>]*><input", page(lecteur, monde)[1])


def test_inscrit_entre_temps_un_eleve_se_montre_et_ne_se_garde_pas(
    monde: Monde, lecteur: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Les révisions lues, il arrive : il n'en a pas ; rien de lui ne sert une seconde fois."""
    lire = rangees.revisions_des_rangees
    arrive = factories.eleve(monde.a.classe, "TARDIF", "Sacha")
    monkeypatch.setattr(
        "livret.saisie.views.grille.revisions_des_rangees",
        lambda pk: {eleve: une for eleve, une in lire(pk).items() if eleve != arrive.pk},
    )
    assert "TARDIF Sacha" in grille_lue(lecteur.get(url(monde))).lignes
    factories.observation(monde.a.situation, arrive, "C1.1", 3)
    assert grille_lue(lecteur.get(url(monde))).lignes["TARDIF Sacha"][0] == "3"


def test_requetes(monde: Monde, lecteur: Client) -> None:
    """Deux cases de plus, autant de requêtes, qu'une rangée se relise ou toutes."""
    nombre = requetes(lambda: lecteur.get(url(monde)))
    Evaluation.objects.filter(eleve=monde.a.eleves[0]).update(mention="ABS", niveau=None)
    with CaptureQueriesContext(connection) as une:
        lecteur.get(url(monde))
    assert (nombre, len(une)) == (14, 14)


def test_la_reserve_est_bornee(monde: Monde, lecteur: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page(lecteur, monde)
    poids = RANGEES._prise
    assert poids == sum(len(une.valeur.html) for une in RANGEES._gardees.values())
    monkeypatch.setattr(RANGEES, "place", poids // 2)
    page(connecte(monde.a.administrateur), monde)
    assert RANGEES._prise <= poids // 2
    assert page(lecteur, monde)[0] == 200


def test_ce_que_nul_ne_demande_plus_s_en_va(
    monde: Monde, lecteur: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Un élève effacé par un autre processus n'est plus jamais demandé à celui-ci."""
    page(lecteur, monde)
    parti = monde.a.eleves[1]
    assert any(cle[-1] == parti.pk for cle in RANGEES._gardees)
    parti.scolarites.update(sortie="2026-01-05")
    for modele in (Evaluation, Observation, Fiche):
        modele.objects.filter(eleve=parti).delete()
    page(lecteur, monde)
    assert any(cle[-1] == parti.pk for cle in RANGEES._gardees)
    depuis = time.monotonic()
    monkeypatch.setattr("trpm.base.revisions.time.monotonic", lambda: depuis + DUREE + 1)
    page(lecteur, monde)
    assert {cle[-1] for cle in RANGEES._gardees} == {monde.a.eleves[0].pk}


def test_effacer_un_eleve_vide_la_reserve(monde: Monde, lecteur: Client) -> None:
    page(lecteur, monde)
    assert RANGEES._gardees
    effacer_eleves([monde.a.eleves[1].pk])
    assert not RANGEES._gardees


def test_le_droit_se_verifie_toujours(monde: Monde, lecteur: Client) -> None:
    page(lecteur, monde)
    monde.a.classe.equipe.clear()
    assert page(lecteur, monde)[0] == 404
