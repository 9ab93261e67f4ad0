"""Ce que la séance garde de chaque dossier n'est jamais périmé, d'où que vienne l'écriture."""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certification.models import Decision, Dossier, Membre
from certification.seance.a_faire import RESTES
from certification.seance.place import deplacer
from certification.seance.resumes import RESUMES, Resumes
from livret.models import Eleve, Evaluation, Groupe, Observation, Situation
from tests import factories
from tests.certification.scene import adresse, decider, figer, lu
from tests.litanie import connecte, requetes
from tests.monde import Monde
from tests.simultane import ensemble
from trpm.permissions import Role

JETONS = re.compile(r'(x-csrftoken": |name="(?:csrfmiddlewaretoken|envoi)" value=|nonce=)"[^"]*"')


def pages(client: Client, monde: Monde) -> list[str]:
    lieu = (monde.a.etablissement.pk, monde.a.promotion.session)
    adresses = [
        adresse("cockpit", *lieu),
        f"{adresse('cockpit', *lieu)}?voir=suspens&tri=-e{monde.a.commission.epreuve_id}",
        adresse("harmonisation", *lieu),
        f"{adresse('harmonisation', *lieu)}?anonyme",
        adresse("commission", monde.a.commission.pk),
        reverse("accueil"),
    ]
    return [JETONS.sub("", client.get(une).content.decode()) for une in adresses]


def vider() -> None:
    RESUMES.vider()
    RESTES.vider()


def sql(ordre: str) -> Callable[[Monde, int], None]:
    def executer(monde: Monde, n: int) -> None:
        with connection.cursor() as curseur:
            curseur.execute(ordre.format(n=n % 4, m=n))

    return executer


def evaluer(monde: Monde, n: int) -> None:
    Evaluation.objects.update_or_create(
        situation=monde.a.situation,
        eleve=monde.a.eleves[n % 2],
        competence=monde.referentiel.competences.get(code=("C1", "C2")[n // 2 % 2]),
        defaults={
            "niveau": factories.niveau(monde.referentiel, n % 4),
            "mention": "",
            "auteur": monde.a.enseignant,
        },
    )


def observer(monde: Monde, n: int) -> None:
    for detaillee in monde.referentiel.competences.get(code="C1").detaillees.all()[:1]:
        Observation.objects.filter(detaillee=detaillee).delete()
        niveau = factories.niveau(monde.referentiel, n % 4)
        commun = {"situation": monde.a.situation, "detaillee": detaillee, "auteur": monde.a.enseignant}
        Observation.objects.bulk_create(
            [Observation(eleve=eleve, niveau=niveau, **commun) for eleve in monde.a.eleves]
        )


def viser(monde: Monde, n: int) -> None:
    monde.a.situation.competences.set(
        monde.referentiel.competences.filter(code__in=("C1", "C2", "C3")[: n % 4])
    )


def situer(monde: Monde, n: int) -> None:
    scene = factories.situation(monde.a.classe, monde.a.collegue, ["C1", "C2"])
    factories.evaluation(scene, monde.a.eleves[n % 2], "C2", n % 4)


def retenir(monde: Monde, n: int) -> None:
    Situation.objects.get(pk=monde.a.situation.pk).retenir((None, True, False)[n % 3], "Essai.")


def decide(monde: Monde, n: int) -> None:
    dossier = Dossier.objects.get(pk=monde.a.dossiers[n % 2].pk)
    if dossier.fige or lu(dossier).grille.calculee is None:
        return
    dossier.decisions.all().delete()
    decider(monde, dossier, note=str(n % 20), C1=n % 4, C2=n // 4 % 4)


def fige(monde: Monde, n: int) -> None:
    dossier = Dossier.objects.get(pk=monde.a.dossiers[n % 2].pk)
    if not dossier.fige:
        figer(monde, dossier)
    else:
        dossier.versions.en_vigueur().get().rouvrir(
            "Essai.", monde.a.president, datetime.datetime.now(datetime.UTC)
        )


def inscrire(monde: Monde, n: int) -> None:
    factories.dossier(monde.a.commission, factories.eleve(monde.a.classe, f"ALPHA-{n}", "Camille"))


def renommer(monde: Monde, n: int) -> None:
    Eleve.objects.filter(pk=monde.a.eleves[n % 2].pk).update(nom="ALPHA", prenom="Homonyme")


def grouper(monde: Monde, n: int) -> None:
    groupe = factories.groupe(monde.a.classe, monde.a.eleves[: n % 3], f"Groupe {Groupe.objects.count()}")
    Situation.objects.filter(pk=monde.a.situation.pk).update(groupe=groupe)


ECRITURES: list[Callable[[Monde, int], Any]] = [
    *(evaluer, observer, viser, situer, retenir, decide, decide, fige, inscrire, renommer, grouper),
    sql("DELETE FROM livret_evaluation WHERE id % 3 = {n}"),
    sql("UPDATE livret_evaluation SET mention = 'ABS', niveau_id = NULL WHERE id % 4 = {n}"),
    sql("UPDATE livret_situation SET intitule = 'Essai {m}', nature = 'certificative'"),
    sql("UPDATE livret_situation SET lieu = 'entreprise' WHERE id % 2 = {n}"),
    sql("UPDATE livret_scolarite SET sortie = '2026-02-1{n}'"),
    sql("UPDATE livret_utilisateur SET last_name = 'Renommé {m}' WHERE id % 2 = 0"),
    sql("UPDATE livret_eleve SET prenom = 'Sans détour {n}' WHERE id % 2 = 0"),
    sql("UPDATE certification_commission SET intitule = 'Autre {m}', date = '2026-12-1{n}'"),
    sql("UPDATE certification_membre SET present = (id % 2 = 0)"),
    sql("DELETE FROM certification_membre WHERE id % 4 = {n}"),
    sql("UPDATE referentiel_poids SET valeur = 1 + {n}"),
    sql("UPDATE referentiel_grille SET seuil_couverture = 10 * {n}"),
    sql("UPDATE referentiel_niveau SET libelle = 'Niveau {m}'"),
    sql("UPDATE referentiel_epreuve SET intitule = 'Épreuve {m}'"),
]


@pytest.fixture
def acteur(monde: Monde) -> Client:
    """Qui préside et enseigne voit tout lien, et la grille de sa classe."""
    monde.a.president.appartenances.create(etablissement=monde.a.etablissement, role=Role.ENSEIGNANT)
    monde.a.classe.equipe.add(monde.a.president)
    return connecte(monde.a.president)


@pytest.mark.long
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(suite=st.lists(st.tuples(st.sampled_from(ECRITURES), st.integers(0, 50)), min_size=1, max_size=5))
def test_les_pages_gardees_sont_celles_que_l_on_composerait(
    monde: Monde, acteur: Client, suite: list[tuple[Callable[[Monde, int], Any], int]]
) -> None:
    pages(acteur, monde)
    with transaction.atomic():
        for ecrire, n in suite:
            ecrire(monde, n)
            gardees = pages(acteur, monde)
            vider()
            assert gardees == pages(acteur, monde), ecrire
        transaction.set_rollback(True)
    defaites = pages(acteur, monde)
    vider()
    assert defaites == pages(acteur, monde)


@pytest.mark.parametrize("ecrire", ECRITURES, ids=range(len(ECRITURES)))
def test_chaque_ecriture_se_voit(monde: Monde, acteur: Client, ecrire: Callable[[Monde, int], Any]) -> None:
    pages(acteur, monde)
    ecrire(monde, 1)
    gardees = pages(acteur, monde)
    vider()
    assert gardees == pages(acteur, monde)


@pytest.fixture
def composes(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[int]]:
    """Les dossiers que composent, au fil du test, les résumés et l'accueil."""
    vus: dict[str, list[int]] = {"resumes": [], "restes": []}
    for nom, gardes in (("resumes", RESUMES.dossiers), ("restes", RESTES.dossiers)):
        composer: Any = gardes.composer

        def noter(dossiers: Any, nom: str = nom, composer: Any = composer) -> Any:
            vus[nom] += dossiers
            return composer(dossiers)

        monkeypatch.setattr(gardes, "composer", noter)
    return vus


TOUCHENT: dict[str, tuple[Callable[[Monde], Any], list[int]]] = {
    "une case": (lambda monde: evaluer(monde, 2), [0]),
    "une décision": (lambda monde: factories.decision(monde.a.dossiers[1], "C1", monde.a.membre, 1), [1]),
    "une note": (lambda monde: decider(monde, monde.a.dossiers[0]), [0]),
    "un dossier figé": (lambda monde: figer(monde, monde.a.dossiers[0]), [0, 1]),
    "un second dossier figé": (lambda monde: figer(monde, monde.a.dossiers[1]), [1]),
    "un élève renommé": (lambda monde: renommer(monde, 1), [1]),
    "un retrait": (lambda monde: monde.a.dossiers[0].delete(), [1]),
    "une situation": (
        lambda monde: Situation.objects.filter(pk=monde.a.situation.pk).update(lieu="x"),
        [0, 1],
    ),
    "une classe": (lambda monde: monde.a.classe.equipe.add(monde.a.collegue), [0, 1]),
    "un compte renommé": (lambda monde: sql(RENOMMER)(monde, 1), [0, 1]),
    "un membre présent": (lambda monde: monde.a.commission.membres.update(present=True), [0, 1]),
    "un autre établissement": (lambda monde: factories.evaluation(*ailleurs(monde), "C3", 2), []),
}
RENOMMER = "UPDATE livret_utilisateur SET last_name = 'Renommé' WHERE id % 2 = {n}"


def ailleurs(monde: Monde) -> tuple[Situation, Eleve]:
    return monde.b.situation, monde.b.eleves[0]


@pytest.mark.parametrize("ecriture", TOUCHENT)
def test_seul_se_recompose_un_dossier_qui_change(
    monde: Monde, acteur: Client, composes: dict[str, list[int]], ecriture: str
) -> None:
    """Le premier dossier figé crée aussi le jeton des documents de sa commission."""
    ecrire, rangs = TOUCHENT[ecriture]
    cles = [un.pk for un in monde.a.dossiers]
    if "second" in ecriture:
        figer(monde, monde.a.dossiers[0])
    pages(acteur, monde)
    composes |= {"resumes": [], "restes": []}
    ecrire(monde)
    gardees = pages(acteur, monde)
    attendus = [cles[rang] for rang in rangs]
    assert {nom: sorted(vus) for nom, vus in composes.items()} == {"resumes": attendus, "restes": attendus}
    vider()
    assert gardees == pages(acteur, monde)


def test_une_commission_dont_rien_ne_change_ne_se_recompose_pas(monde: Monde, acteur: Client) -> None:
    autre = factories.commission(monde.a.promotion, "EP2")
    factories.dossier(autre, factories.eleve(monde.a.classe))
    (avant,) = RESUMES.de([autre.pk])
    pages(acteur, monde)
    Decision.objects.all().delete()
    Membre.objects.filter(commission=monde.a.commission).update(present=True)
    assert RESUMES.de([autre.pk])[0] is avant


def test_un_dossier_deplace_change_de_page(
    monde: Monde, acteur: Client, composes: dict[str, list[int]]
) -> None:
    autre = factories.commission(monde.a.promotion, "EP1")
    parti, reste = monde.a.dossiers
    cles = (monde.a.commission.pk, autre.pk)
    assert [len(RESUMES.de([cle])) for cle in cles] == [2, 0]
    composes["resumes"].clear()
    deplacer(parti, autre)
    assert [[un.cle for un in RESUMES.de([cle])] for cle in cles] == [[reste.pk], [parti.pk]]
    assert composes["resumes"] == [reste.pk, parti.pk]


def test_un_dossier_parti_pendant_qu_on_le_compose_ne_se_montre_pas(
    monde: Monde, composes: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Déplacé, ou ôté, entre la lecture des révisions et celle des dossiers."""
    autre = factories.commission(monde.a.promotion, "EP1")
    composer = RESUMES.dossiers.composer

    def trop_tard(dossiers: Any) -> Any:
        if not composes["resumes"]:
            deplacer(monde.a.dossiers[0], autre)
            monde.a.dossiers[1].delete()
        return composer(dossiers)

    monkeypatch.setattr(RESUMES.dossiers, "composer", trop_tard)
    assert RESUMES.de([monde.a.commission.pk]) == []
    assert [un.cle for un in RESUMES.de([autre.pk])] == [monde.a.dossiers[0].pk]


def test_une_decision_se_relit_sans_recomposer_la_commission(monde: Monde, acteur: Client) -> None:
    """Autant de requêtes, que la commission ait deux ou quatre candidats ; moins, s'il ne manque au candidat
    aucun niveau."""
    url = adresse("commission", monde.a.commission.pk)
    nombres: list[int] = []
    for _ in range(2):
        acteur.get(url)
        evaluer(monde, 2 + len(nombres))
        nombres.append(requetes(lambda: acteur.get(url)))
        for rang in range(2):
            inscrire(monde, 10 * len(nombres) + rang)
    assert nombres == [26, 26]


@pytest.mark.django_db(transaction=True)
def test_deux_qui_decident_a_la_fois_se_voient(monde: Monde, acteur: Client) -> None:
    """Et qui lit pendant ce temps ne garde rien de périmé."""
    pages(acteur, monde)
    lecteur = connecte(monde.a.president)
    url = adresse("commission", monde.a.commission.pk)

    def decider_de(rang: int) -> Callable[[], object]:
        dossier = Dossier.objects.get(pk=monde.a.dossiers[rang].pk)
        return lambda: factories.decision(dossier, "C1", monde.a.membre, rang + 1).pk

    rendus = ensemble(decider_de(0), decider_de(1), lambda: lecteur.get(url).status_code)
    assert [type(rendu) for rendu in rendus] == [int] * 3
    assert Decision.objects.count() == 2
    gardees = pages(acteur, monde)
    vider()
    assert gardees == pages(acteur, monde)


def test_le_jour_compte(monde: Monde, acteur: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Une situation publiée pour plus tard se montre à son jour, sans que rien ne s'écrive."""
    demain = datetime.date(2026, 6, 4)
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat="publiee", visible_des=demain)
    dites = []
    for jour in (demain - datetime.timedelta(days=1), demain):
        monkeypatch.setattr("django.utils.timezone.localdate", lambda *_, jour=jour: jour)
        dites.append("pas encore publiée" in pages(acteur, monde)[0])
    assert dites == [True, False]


def test_la_place_est_bornee(monde: Monde) -> None:
    autre = factories.commission(monde.a.promotion, "EP2")
    factories.dossier(autre, monde.a.eleves[0])
    resumes = Resumes(place=2)
    premier = resumes.de([monde.a.commission.pk])[0]
    assert resumes.de([monde.a.commission.pk])[0] is premier
    assert len(resumes.de([autre.pk])) == 1
    assert resumes.de([monde.a.commission.pk])[0] is not premier
