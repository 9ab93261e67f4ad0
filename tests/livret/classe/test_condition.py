"""Une page de classe redemandée : 304 tant que rien n'a changé, jamais une page périmée."""

import re
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livret.classe import condition
from livret.models import Classe, Eleve, Etablissement, Evaluation, PhotoEleve, Scolarite, Situation
from tests import factories
from tests.litanie import connecte, requetes
from tests.livret.photo import jpeg
from tests.monde import Monde

JETONS = re.compile(r'(x-csrftoken": "|name="csrfmiddlewaretoken" value="|name="envoi" value=")[^"]+')
Ecriture = Callable[[Monde], object]


def sql(ordre: str) -> Ecriture:
    """En SQL nu : rien de Django n'en sait rien. `{eleve}`, `{classe}`… : les clés de l'école A."""

    def executer(monde: Monde) -> None:
        cles = {
            "eleve": monde.a.eleves[0].pk,
            "classe": monde.a.classe.pk,
            "situation": monde.a.situation.pk,
            "enseignant": monde.a.enseignant.pk,
        }
        with connection.cursor() as curseur:
            curseur.execute(ordre.format(**cles))

    return executer


ECRITURES: dict[str, Ecriture] = {
    "un niveau change": lambda m: Evaluation.objects.filter(eleve=m.a.eleves[1]).update(
        niveau=factories.niveau(m.referentiel, 3), mention=""
    ),
    "un niveau s’ajoute": lambda m: factories.evaluation(
        factories.situation(m.a.classe, m.a.enseignant, ["C3"]), m.a.eleves[0], "C3", 2
    ),
    "un niveau part": sql("DELETE FROM livret_evaluation WHERE eleve_id = {eleve}"),
    "une situation change": sql(
        "UPDATE livret_situation SET intitule = intitule || 'x' WHERE id = {situation}"
    ),
    "une situation s’ouvre": lambda m: Situation.objects.filter(pk=m.a.situation.pk).update(etat="ouverte"),
    "un nom change": lambda m: Eleve.objects.filter(pk=m.a.eleves[0].pk).update(prenom="Andréa"),
    "un élève sort": lambda m: Scolarite.objects.filter(eleve=m.a.eleves[1]).update(sortie="2026-01-05"),
    "un élève arrive": lambda m: factories.eleve(m.a.classe, "NOUVEAU"),
    "la classe change de nom": sql("UPDATE livret_classe SET nom = nom || 'y' WHERE id = {classe}"),
    "un groupe": lambda m: factories.groupe(m.a.classe, m.a.eleves),
    "une demande": lambda m: factories.demande(m.a.eleves[0], m.a.classe),
    "les photos se montrent": lambda m: Etablissement.objects.update(photos_d_eleves=True),
    "une photo": lambda m: PhotoEleve.objects.update_or_create(
        eleve=m.a.eleves[0], defaults={"image": jpeg((40, 30))}
    ),
    "un mot du référentiel": sql("UPDATE referentiel_competence SET intitule = intitule || 'z'"),
    "une échelle attendue": lambda m: factories.echelle_attendue(
        m.a.promotion, m.a.enseignant, {"C1": {5: 2}}
    ),
    "l’enseignant quitte l’équipe": lambda m: m.a.classe.equipe.clear(),
    "l’enseignant y revient": lambda m: m.a.classe.equipe.add(m.a.enseignant),
    "le compte change de nom": sql(
        "UPDATE livret_utilisateur SET last_name = 'AUTRE' WHERE id = {enseignant}"
    ),
    "ailleurs, rien d’ici": lambda m: Classe.objects.filter(pk=m.b.classe.pk).update(nom="Ailleurs"),
}


def adresse(monde: Monde) -> str:
    return reverse("livret:classe", args=[monde.a.classe.pk])


def page(client: Client, monde: Monde, **entetes: str) -> tuple[int, str, str]:
    """Le statut, l'étiquette, et la page sans ses jetons."""
    reponse = client.get(adresse(monde), headers=entetes)
    return reponse.status_code, reponse.get("ETag", ""), JETONS.sub(r"\1", reponse.content.decode())


@pytest.fixture
def lecteur(monde: Monde) -> Client:
    client = connecte(monde.a.enseignant)
    client.get(adresse(monde))  # reçoit son jeton
    return client


def test_rien_n_a_change(monde: Monde, lecteur: Client) -> None:
    pleine = lecteur.get(adresse(monde))
    assert pleine["Cache-Control"] == "private, no-cache"
    assert "Cookie" in pleine["Vary"]
    reponse = lecteur.get(adresse(monde), headers={"If-None-Match": pleine["ETag"]})
    assert (reponse.status_code, reponse.content, reponse["ETag"]) == (304, b"", pleine["ETag"])
    assert reponse["Cache-Control"] == "private, no-cache"


def test_requetes_d_une_page_inchangee(monde: Monde, lecteur: Client) -> None:
    _, marque, _ = page(lecteur, monde)
    redemander = {"If-None-Match": marque}
    assert requetes(lambda: lecteur.get(adresse(monde), headers=redemander)) == 4
    factories.eleve(monde.b.classe, "AILLEURS")
    factories.groupe(monde.b.classe, monde.b.eleves)
    _, marque, _ = page(lecteur, monde)
    redemander = {"If-None-Match": marque}
    assert requetes(lambda: lecteur.get(adresse(monde), headers=redemander)) == 4


@pytest.mark.parametrize(
    "ecriture", [nom for nom in ECRITURES if "revient" not in nom and "ailleurs" not in nom]
)
def test_chaque_ecriture_se_voit(monde: Monde, lecteur: Client, ecriture: str) -> None:
    _, marque, _ = page(lecteur, monde)
    ECRITURES[ecriture](monde)
    assert page(lecteur, monde, **{"If-None-Match": marque})[0] in (200, 404)


@given(st.lists(st.sampled_from(sorted(ECRITURES)), min_size=1, max_size=6, unique=True))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_jamais_une_page_perimee(monde: Monde, lecteur: Client, suite: list[str]) -> None:
    """Quoi que l'on écrive, une page redemandée est celle que l'on aurait sans l'avoir gardée."""
    with transaction.atomic():
        gardee = page(lecteur, monde)
        for ecriture in suite:
            ECRITURES[ecriture](monde)
            recue = page(lecteur, monde, **{"If-None-Match": gardee[1]})
            fraiche = page(lecteur, monde)
            assert (recue[0] == 304) <= (fraiche == gardee)
            if recue[0] != 304:
                assert recue[0] == fraiche[0]
            gardee = fraiche
        transaction.set_rollback(True)


def test_une_etiquette_n_est_que_d_une_personne(monde: Monde, lecteur: Client) -> None:
    _, marque, _ = page(lecteur, monde)
    for qui in (monde.a.administrateur, monde.a.enseignant):
        autre = connecte(qui)
        assert page(autre, monde, **{"If-None-Match": marque})[0] == 200
        assert page(autre, monde, **{"If-None-Match": marque})[0] == 200
    for qui, statut in ((monde.a.collegue, 404), (monde.b.enseignant, 404), (monde.a.compte_eleve, 403)):
        assert page(connecte(qui), monde, **{"If-None-Match": marque})[0] == statut


def test_l_heure_et_la_version_en_sont(
    monde: Monde, lecteur: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, marque, _ = page(lecteur, monde)
    monkeypatch.setattr(condition, "version_du_code", lambda: "autre")
    assert page(lecteur, monde, **{"If-None-Match": marque})[0] == 200
    monkeypatch.undo()
    monkeypatch.setattr(condition, "DUREE", 7)
    assert page(lecteur, monde, **{"If-None-Match": marque})[0] == 200


def test_un_message_attend_d_etre_lu(monde: Monde, lecteur: Client) -> None:
    _, marque, _ = page(lecteur, monde)
    factories.demande(monde.a.eleves[0], monde.a.classe)
    demande = monde.a.classe.demandes.get()
    lecteur.post(reverse("livret:demande-repondre", args=[demande.pk]), {"reponse": "Jeudi."})
    reponse = lecteur.get(adresse(monde), headers={"If-None-Match": marque})
    assert (reponse.status_code, reponse["Cache-Control"], "ETag" in reponse) == (
        200,
        "private, no-store",
        False,
    )
