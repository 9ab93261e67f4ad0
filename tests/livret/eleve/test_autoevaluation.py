"""L'élève s'évalue : sur tout le référentiel à une date, ou sur une situation publiée."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from livret.models import AutoEvaluation, Situation
from tests import factories
from tests.litanie import connecte, requetes, statuts
from tests.monde import INTRUS, Monde


def url(monde: Monde, rang: int = 0) -> str:
    return reverse("livret:autoevaluation", args=[monde.a.eleves[rang].pk])


def champ(monde: Monde, code: str) -> str:
    return f"c{monde.referentiel.competences.get(code=code).pk}"


def ecrites() -> list[tuple[str, str, str]]:
    return sorted(
        (une.competence.code, une.niveau.code, str(une.situation or une.date))
        for une in AutoEvaluation.objects.select_related("competence", "niveau", "situation")
    )


def publier(monde: Monde) -> Situation:
    Situation.objects.update(etat="publiee")
    return monde.a.situation


def test_droits(monde: Monde) -> None:
    attendus = dict.fromkeys(
        ["administrateur", "enseignant", "collègue", "membre", "président", "ailleurs"], 403
    )
    assert statuts(monde, url(monde)) == {**attendus, "élève": 200}
    assert statuts(monde, url(monde, rang=1)) == {**attendus, "élève": 404}
    assert statuts(monde, url(monde, rang=1), "post") == {**attendus, "élève": 404}


def test_sur_tout_le_referentiel_aujourd_hui(monde: Monde) -> None:
    client = connecte(monde.a.compte_eleve)
    page = client.get(url(monde)).content.decode()
    assert page.count("<fieldset") == 5
    reponse = client.post(
        url(monde), {champ(monde, "C1"): "2", champ(monde, "C5"): "0", champ(monde, "C2"): ""}
    )
    assert reponse.url == monde.a.eleves[0].get_absolute_url()
    jour = str(timezone.localdate())
    assert ecrites() == [("C1", "2", jour), ("C5", "0", jour)]
    assert [trace.history_user for trace in AutoEvaluation.history.all()] == [monde.a.compte_eleve] * 2


def test_un_champ_absent_ne_change_rien_et_sans_reponse_efface(monde: Monde) -> None:
    client = connecte(monde.a.compte_eleve)
    jour = str(timezone.localdate())
    client.post(url(monde), {champ(monde, "C1"): "2", champ(monde, "C2"): "1"})
    client.post(url(monde), {champ(monde, "C1"): "3"})
    assert ecrites() == [("C1", "3", jour), ("C2", "1", jour)]
    client.post(url(monde), {champ(monde, "C2"): ""})
    assert ecrites() == [("C1", "3", jour)]
    assert AutoEvaluation.history.filter(history_type="-").count() == 1


def test_un_point_d_hier_ne_se_recrit_pas(monde: Monde) -> None:
    factories.autoevaluation(monde.a.eleves[0], "C1", 1, "2026-01-12")
    client = connecte(monde.a.compte_eleve)
    assert "12 janvier 2026" in client.get(url(monde)).content.decode()
    client.post(url(monde), {champ(monde, "C1"): "3"})
    assert ecrites() == [("C1", "1", "2026-01-12"), ("C1", "3", str(timezone.localdate()))]


def test_sur_une_situation_publiee(monde: Monde) -> None:
    situation = publier(monde)
    client = connecte(monde.a.compte_eleve)
    adresse = f"{url(monde)}?situation={situation.pk}"
    page = client.get(adresse).content.decode()
    assert page.count("<fieldset") == 2
    assert situation.intitule in client.get(url(monde)).content.decode()
    client.post(adresse, {champ(monde, "C1"): "3", champ(monde, "C5"): "3"})
    assert ecrites() == [("C1", "3", situation.intitule)]


@pytest.mark.parametrize("etat", ["brouillon", "ouverte"])
def test_une_situation_non_publiee_n_existe_pas(monde: Monde, etat: str) -> None:
    Situation.objects.update(etat=etat)
    adresse = f"{url(monde)}?situation={monde.a.situation.pk}"
    assert connecte(monde.a.compte_eleve).get(adresse).status_code == 404


def test_la_situation_d_une_autre_ecole_n_existe_pas(monde: Monde) -> None:
    publier(monde)
    client = connecte(monde.a.compte_eleve)
    for pk in (monde.b.situation.pk, "un"):
        reponse = client.get(f"{url(monde)}?situation={pk}")
        assert reponse.status_code == 404
        assert INTRUS not in reponse.content.decode()


def test_une_situation_annoncee_pour_plus_tard_attend(monde: Monde) -> None:
    demain = timezone.localdate() + datetime.timedelta(days=1)
    Situation.objects.update(etat="publiee", visible_des=demain)
    adresse = f"{url(monde)}?situation={monde.a.situation.pk}"
    assert connecte(monde.a.compte_eleve).get(adresse).status_code == 404


def test_une_reponse_incomprise_s_explique_et_les_autres_s_ecrivent(monde: Monde) -> None:
    reponse = connecte(monde.a.compte_eleve).post(
        url(monde), {champ(monde, "C1"): "9", champ(monde, "C2"): "2"}
    )
    assert reponse.status_code == 422
    assert "C1 : « 9 » n’est pas un niveau ; choisissez 0, 1, 2, 3" in reponse.content.decode()
    assert ecrites() == [("C2", "2", str(timezone.localdate()))]


def test_l_appareil_recoit_l_heure_et_les_refus(monde: Monde) -> None:
    client = connecte(monde.a.compte_eleve)
    json = {"headers": {"Accept": "application/json"}}
    reponse = client.post(url(monde), {champ(monde, "C1"): "2"}, **json)
    assert (reponse.status_code, reponse.json()["repondues"], reponse.json()["refus"]) == (200, 1, {})
    reponse = client.post(url(monde), {champ(monde, "C1"): "9"}, **json)
    assert (reponse.status_code, list(reponse.json()["refus"])) == (422, [champ(monde, "C1")])
    assert ecrites() == [("C1", "2", str(timezone.localdate()))]


def test_la_base_refuse_deux_reponses(monde: Monde) -> None:
    situation = publier(monde)
    for ou in (None, situation):
        factories.autoevaluation(monde.a.eleves[0], "C1", 1, situation=ou)
        with pytest.raises(IntegrityError), transaction.atomic():
            factories.autoevaluation(monde.a.eleves[0], "C1", 2, situation=ou)


def test_requetes(monde: Monde) -> None:
    publier(monde)
    client = connecte(monde.a.compte_eleve)
    assert requetes(lambda: client.get(url(monde))) == 22
    for eleve in (monde.a.eleves[0], factories.eleve(monde.a.classe), factories.eleve(monde.a.classe)):
        for code in ("C1", "C2", "C3"):
            factories.autoevaluation(eleve, code, 2, str(timezone.localdate()))
    assert requetes(lambda: client.get(url(monde))) == 22
