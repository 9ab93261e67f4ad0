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
from certification.seance.resumes import RESUMES, Resumes
from livret.models import Eleve, Evaluation, Groupe, Observation, Situation
from tests import factories
from tests.certification.scene import adresse, decider, figer, lu
from tests.litanie import connecte
from tests.monde import Monde
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


def test_une_commission_dont_rien_ne_change_ne_se_recompose_pas(monde: Monde, acteur: Client) -> None:
    autre = factories.commission(monde.a.promotion, "EP2")
    factories.dossier(autre, factories.eleve(monde.a.classe))
    (avant,) = RESUMES.de([autre.pk])
    pages(acteur, monde)
    Decision.objects.all().delete()
    Membre.objects.filter(commission=monde.a.commission).update(present=True)
    assert RESUMES.de([autre.pk])[0] is avant


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
