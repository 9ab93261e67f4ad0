"""Les cases s'enregistrent dès qu'elles changent, par des opérations que l'on peut rejouer."""

import json
import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livret.models import (
    Evaluation,
    Observation,
    Operation,
    Situation,
    Utilisateur,
)
from livret.saisie.case import SUR_DETAILLEE, Case
from livret.saisie.enregistrement import enregistrer
from livret.saisie.jugement import DEJA_SERVI, Envoi, Geste
from livret.situation.colonnes import DETAILLEE
from tests import factories
from tests.litanie import (
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.livret.saisie.test_grille import case, niveaux
from tests.monde import INTRUS, Monde


def url(monde: Monde) -> str:
    return reverse("livret:operations", args=[monde.a.situation.pk])


def operation(monde: Monde, code: str, texte: str, vu: str = "", rang: int = 0) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "case": case(monde, code, monde.a.eleves[rang]),
        "texte": texte,
        "vu": vu,
    }


def envoyer(monde: Monde, auteur: Utilisateur, *operations: dict[str, Any]) -> HttpResponse:
    courrier = {"personne": auteur.pk, "operations": operations}
    return connecte(auteur).post(url(monde), json.dumps(courrier), content_type="application/json")


def resultats(reponse: HttpResponse) -> list[str]:
    return resultats_lus(reponse.json())


def resultats_lus(reponse: dict[str, Any]) -> list[str]:
    return [un["resultat"] for un in reponse["resultats"]]


def test_droits(monde: Monde) -> None:
    assert statuts(monde, url(monde), "post") == {**EQUIPE_SEULE, "enseignant": 400}
    assert statuts(monde, url(monde)) == {**EQUIPE_SEULE, "enseignant": 405, "collègue": 405, "ailleurs": 405}


def test_des_operations_dans_l_ordre(monde: Monde) -> None:
    premiere, seconde = operation(monde, "C1.2", "3"), operation(monde, "C1.2", "n", rang=1)
    reponse = envoyer(monde, monde.a.enseignant, premiere, seconde)
    lue = reponse.json()
    assert lue["resultats"] == [
        {"id": premiere["id"], "case": premiere["case"], "valeur": "3", "resultat": "enregistre"},
        {"id": seconde["id"], "case": seconde["case"], "valeur": "NE", "resultat": "enregistre"},
    ]
    assert lue["etat"].startswith("2 cases enregistrées à ")
    assert "Bien maîtrisé · Enseignant-A Personne-A" in lue["cases"][premiere["case"]]
    assert niveaux(monde, monde.a.eleves[0])["C1.2"] == "3"
    recue = Operation.objects.get(pk=premiere["id"])
    assert (recue.auteur, recue.situation, recue.case, recue.texte, recue.vu, recue.resultat) == (
        monde.a.enseignant,
        monde.a.situation,
        premiere["case"],
        "3",
        "",
        "enregistre",
    )


def test_un_detail_redessine_la_suggestion_de_sa_competence(monde: Monde) -> None:
    monde.a.situation.evaluations.all().delete()
    reponse = envoyer(monde, monde.a.enseignant, operation(monde, "C1.2", "3"))
    competence = case(monde, "C1", monde.a.eleves[0])
    dessin = reponse.json()["cases"][competence]
    assert f'name="suggere-{competence}" value="2"' in dessin
    assert not Evaluation.objects.filter(situation=monde.a.situation).exists()


def test_un_refus_s_explique(monde: Monde) -> None:
    envoi = operation(monde, "C1.2", "9")
    (resultat,) = envoyer(monde, monde.a.enseignant, envoi).json()["resultats"]
    assert resultat["resultat"] == "refus"
    assert resultat["motif"].startswith("« 9 » n’est pas un niveau")
    assert f'data-case="{envoi["case"]}"' in resultat["avis"]
    assert "C1.2" not in niveaux(monde, monde.a.eleves[0])


def test_un_conflit_dit_qui_quoi_quand_et_laisse_choisir(monde: Monde) -> None:
    enseignant, collegue = monde.a.enseignant, monde.a.collegue
    monde.a.classe.equipe.add(collegue)
    envoyer(monde, collegue, operation(monde, "C1", "3", vu="2"))
    (resultat,) = envoyer(monde, enseignant, operation(monde, "C1", "1", vu="2")).json()["resultats"]
    actuelle = Evaluation.objects.get(
        situation=monde.a.situation, eleve=monde.a.eleves[0], competence__code="C1"
    )
    assert (resultat["resultat"], resultat["valeur"], resultat["actuel"]) == ("conflit", "3", "3")
    assert (resultat["auteur"], resultat["le"]) == (collegue.nom_complet, actuelle.modifie_le.isoformat())
    assert f"{collegue.nom_complet} y a écrit « 3 » à " in resultat["avis"]
    assert "Garder « 3 »" in resultat["avis"]
    assert "Remplacer par « 1 »" in resultat["avis"]
    assert resultats(envoyer(monde, enseignant, operation(monde, "C1", "1", vu="3"))) == ["enregistre"]
    assert niveaux(monde, monde.a.eleves[0])["C1"] == "1"


def test_rejouer_le_meme_envoi_rend_la_meme_reponse_sans_rien_ecrire(monde: Monde) -> None:
    envoi = operation(monde, "C1.2", "3")
    premiere = envoyer(monde, monde.a.enseignant, envoi)
    envoyer(monde, monde.a.enseignant, operation(monde, "C1.2", "1", vu="3"))
    encore = envoyer(monde, monde.a.enseignant, envoi, envoi)
    assert (resultats(premiere), resultats(encore)) == (["enregistre"], ["enregistre"] * 2)
    assert niveaux(monde, monde.a.eleves[0])["C1.2"] == "1"
    assert Observation.history.filter(detaillee__code="C1.2").count() == 2


def test_un_conflit_rejoue_reste_un_conflit(monde: Monde) -> None:
    envoi = operation(monde, "C1", "1", vu="0")
    assert resultats(envoyer(monde, monde.a.enseignant, envoi)) == ["conflit"]
    envoyer(monde, monde.a.enseignant, operation(monde, "C1", "0", vu="2"))
    assert resultats(envoyer(monde, monde.a.enseignant, envoi)) == ["conflit"]
    assert niveaux(monde, monde.a.eleves[0])["C1"] == "0"


def test_un_envoi_rejoue_apres_la_cloture_garde_sa_reponse(monde: Monde) -> None:
    envoi = operation(monde, "C1.2", "3")
    envoyer(monde, monde.a.enseignant, envoi)
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=Situation.Etat.CLOSE)
    nouvelle = operation(monde, "C1.2", "1", vu="3")
    assert resultats(envoyer(monde, monde.a.enseignant, envoi, nouvelle)) == ["enregistre", "refus"]


@pytest.mark.parametrize("difference", ["personne", "case", "situation"])
def test_un_identifiant_ne_sert_qu_une_fois(monde: Monde, difference: str) -> None:
    enseignant, collegue = monde.a.enseignant, monde.a.collegue
    monde.a.classe.equipe.add(collegue)
    envoi = operation(monde, "C1.2", "3")
    envoyer(monde, enseignant, envoi)
    geste = Geste(
        Case(DETAILLEE, int(envoi["case"][1:].split("-")[0]), monde.a.eleves[0].pk),
        "1",
        "3",
        Envoi(uuid.UUID(envoi["id"]), uuid.UUID(envoi["id"])),
    )
    if difference == "personne":
        rendu = enregistrer(monde.a.situation, [geste], collegue)
    elif difference == "case":
        autre = Case(DETAILLEE, geste.case.item, monde.a.eleves[1].pk)
        rendu = enregistrer(monde.a.situation, [Geste(autre, "1", "", geste.envoi)], enseignant)
    else:
        scene = factories.situation(monde.a.classe, enseignant, competences=["C1"], detaillees=["C1.2"])
        rendu = enregistrer(scene, [geste], enseignant)
    assert [refus.motif for refus in rendu.refus] == [DEJA_SERVI]
    assert Operation.objects.get().auteur == enseignant
    assert [str(une) for une in Observation.objects.filter(detaillee=geste.case.item)] == ["3"]


def test_les_saisies_d_une_autre_personne_ne_partent_pas_sous_mon_nom(monde: Monde) -> None:
    courrier = {"personne": monde.a.collegue.pk, "operations": [operation(monde, "C1.2", "3")]}
    client = connecte(monde.a.enseignant)
    reponse = client.post(url(monde), json.dumps(courrier), content_type="application/json")
    assert reponse.status_code == 409
    assert (Operation.objects.count(), "C1.2" in niveaux(monde, monde.a.eleves[0])) == (0, False)


@pytest.mark.parametrize(
    "corps",
    [
        "",
        "[]",
        "{}",
        '{"personne": 1, "operations": []}',
        '{"personne": 1, "operations": [3]}',
        '{"personne": 1, "operations": [{"id": "x", "case": "c1-1", "texte": ""}]}',
        '{"personne": 1, "operations": [{"id": 7, "case": "c1-1", "texte": ""}]}',
        json.dumps({"personne": 1, "operations": [{}] * 501}),
        json.dumps(
            {
                "personne": 1,
                "operations": [{"id": str(uuid.uuid4()), "case": "c1-1", "texte": "", "rang": 2**31}],
            }
        ),
        "\\xff",
    ],
)
def test_un_courrier_illisible(monde: Monde, client: Client, corps: str) -> None:
    client.force_login(monde.a.enseignant)
    assert client.post(url(monde), corps, content_type="application/json").status_code == 400


def test_une_case_impossible_n_arrete_pas_les_autres(monde: Monde) -> None:
    mauvaise = operation(monde, "C1.2", "3") | {"case": "x1-1"}
    reponse = envoyer(monde, monde.a.enseignant, mauvaise, operation(monde, "C1.2", "3"))
    assert resultats(reponse) == ["refus", "enregistre"]


def test_un_commentaire_garde_ce_que_toute_base_sait_garder(monde: Monde) -> None:
    cle = f"commentaire-{monde.a.eleves[0].pk}"
    envoi = operation(monde, "C1", "") | {"case": cle, "texte": "ab\0c\ud800", "vu": "Gamme cohérente"}
    assert resultats(envoyer(monde, monde.a.enseignant, envoi)) == ["enregistre"]
    assert monde.a.situation.fiches.get(eleve=monde.a.eleves[0]).commentaire == "abc?"


def test_un_eleve_d_ailleurs_est_inconnu(monde: Monde) -> None:
    envoi = operation(monde, "C1.1", "0", vu="2") | {"case": case(monde, "C1.1", monde.b.eleves[0])}
    reponse = envoyer(monde, monde.a.enseignant, envoi)
    assert reponse.json()["resultats"][0]["motif"] == "Cet élève n’est pas dans la classe de la situation."
    assert reponse.json()["cases"] == {}
    assert INTRUS not in reponse.content.decode()
    assert str(Observation.objects.get(eleve=monde.b.eleves[0], detaillee__code="C1.1")) == "2"


def test_un_texte_saisi_ne_devient_jamais_du_html(monde: Monde) -> None:
    eleve = monde.a.eleves[0]
    niveau = operation(monde, "C1.2", "<b>x</b>")
    mots = operation(monde, "C1", "</textarea><script>1</script>", "Gamme cohérente")
    reponse = envoyer(monde, monde.a.enseignant, niveau, mots | {"case": f"commentaire-{eleve.pk}"}).json()
    assert resultats_lus(reponse) == ["refus", "enregistre"]
    html = "".join([reponse["resultats"][0]["avis"], *reponse["cases"].values()])
    assert ("<b>x" in html, "<script" in html) == (False, False)


def test_requetes(monde: Monde) -> None:
    """Autant pour une case que pour les trente d'une colonne."""
    auteur, client = monde.a.enseignant, connecte(monde.a.enseignant)
    classe = [*monde.a.eleves, *(factories.eleve(monde.a.classe) for _ in range(28))]

    def poster(*operations: dict[str, Any]) -> int:
        corps = json.dumps({"personne": auteur.pk, "operations": operations})
        return requetes(lambda: client.post(url(monde), corps, content_type="application/json"))

    def colonne(texte: str, vu: str = "") -> list[dict[str, Any]]:
        vide = operation(monde, "C1.2", texte, vu)
        return [vide | {"id": str(uuid.uuid4()), "case": case(monde, "C1.2", eleve)} for eleve in classe]

    assert poster(operation(monde, "C2.1", "3", rang=1)) == 14
    assert poster(*colonne("2")) == 14
    assert poster(*colonne("3", vu="2")) == 14
    assert Observation.objects.filter(detaillee__code="C1.2", niveau__code="3").count() == 30


# --- Propriétés ---------------------------------------------------------------------------------

TEXTES = st.sampled_from(["", "0", "1", "2", "3", "n", "abs", "7"])
REMARQUE = 3  # la quatrième case est une remarque, posée sur la première
GESTES = st.lists(st.tuples(st.integers(0, REMARQUE), TEXTES), min_size=1, max_size=8)


def file_d_un_appareil(cases: list[Case], gestes: list[tuple[int, str]]) -> list[Geste]:
    """Ce qu'un appareil sans réseau empile : par case, une chaîne partie de ce qu'il montrait (rien)."""
    chaines = [uuid.uuid4() for _ in cases]
    return [
        Geste(cases[rang], texte, "", Envoi(uuid.uuid4(), chaines[rang], position))
        for position, (rang, texte) in enumerate(gestes)
    ]


def etat(scene: Situation, cases: list[Case]) -> list[str]:
    lues = {Case(DETAILLEE, une.detaillee_id, une.eleve_id): str(une) for une in scene.observations.all()}
    lues |= {Case(SUR_DETAILLEE, une.detaillee_id, une.eleve_id): str(une) for une in scene.remarques.all()}
    return [lues.get(une, "") for une in cases]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gestes=GESTES, donnees=st.data())
def test_repetees_melangees_coupees_les_operations_finissent_au_meme_etat(
    monde: Monde, gestes: list[tuple[int, str]], donnees: st.DataObject
) -> None:
    scene, auteur = monde.a.situation, monde.a.enseignant
    eleves, detaillees = monde.a.eleves, list(scene.detaillees.order_by("code"))
    cases = [
        Case(DETAILLEE, detaillees[0].pk, eleves[0].pk),
        Case(DETAILLEE, detaillees[0].pk, eleves[1].pk),
        Case(DETAILLEE, detaillees[1].pk, eleves[0].pk),
        Case(SUR_DETAILLEE, detaillees[0].pk, eleves[0].pk),
    ]

    def jouer(file: list[Geste], coupures: list[int]) -> tuple[list[str], int]:
        scene.observations.all().delete()
        scene.remarques.all().delete()
        bornes = [0, *sorted(coupures), len(file)]
        conflits = 0
        for debut, fin in zip(bornes, bornes[1:], strict=False):
            conflits += len(enregistrer(scene, file[debut:fin], auteur).conflits)
        return etat(scene, cases), conflits

    attendu, sans_conflit = jouer(file_d_un_appareil(cases, gestes), [])
    file = file_d_un_appareil(cases, gestes)
    doubles = donnees.draw(st.lists(st.sampled_from(file), max_size=4))
    melange = donnees.draw(st.permutations([*file, *doubles]))
    coupures = donnees.draw(st.lists(st.integers(0, len(melange)), max_size=3))
    obtenu, conflits = jouer(melange, coupures)
    assert (obtenu, conflits, sans_conflit) == (attendu, 0, 0)
    derniers = {rang: texte for rang, texte in gestes if texte != "7" or rang == REMARQUE}
    lisibles = {"n": "NE", "abs": "ABS"}
    niveaux_lus = [lisibles.get(derniers.get(rang, ""), derniers.get(rang, "")) for rang in range(REMARQUE)]
    assert attendu == [*niveaux_lus, derniers.get(REMARQUE, "")]
