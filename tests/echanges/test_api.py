"""L'interface d'un programme : ce qu'un jeton ouvre, à qui, et jamais d'un autre établissement."""

import datetime
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from livret.models import Evaluation, Jeton, Operation, Situation, Utilisateur
from referentiel.models import Referentiel
from tests import factories
from tests.litanie import connecte, requetes
from tests.livret.saisie.test_grille import case
from tests.monde import INTRUS, Ecole, Monde
from trpm.acces import peut
from trpm.echanges.api import urlpatterns
from trpm.models import ActeNote
from trpm.permissions import Action, Role

DEMAIN = datetime.timedelta(days=1)
Arguments = Callable[[Ecole], list[int]]


def classe(ecole: Ecole) -> list[int]:
    return [ecole.classe.pk]


def situation(ecole: Ecole) -> list[int]:
    return [ecole.situation.pk]


def referentiel(ecole: Ecole) -> list[int]:
    return [ecole.promotion.referentiel_id]


def rien(ecole: Ecole) -> list[int]:
    return []


ROLES = [Role.ADMINISTRATEUR, Role.ENSEIGNANT, Role.ELEVE, Role.MEMBRE, Role.PRESIDENT, Role.INSPECTEUR]
#                                       admin ens éle mem pré ins
TABLE: dict[tuple[str, str], tuple[Arguments, str]] = {
    ("get", "classes"): (rien, "200 200 403 403 403 403"),
    ("get", "eleves"): (classe, "200 200 403 403 403 403"),
    ("get", "situations"): (classe, "200 200 403 403 403 403"),
    ("get", "lire_la_grille"): (situation, "200 200 403 403 403 403"),
    ("post", "envoyer"): (situation, "403 200 403 403 403 403"),
    ("get", "referentiels"): (rien, "200 200 200 200 200 200"),
    ("get", "referentiel"): (referentiel, "200 200 200 200 200 200"),
}
COMMUNES = {"referentiel"}


def secret(user: Utilisateur, usage: Jeton.Usage = Jeton.Usage.SAISIE) -> str:
    return Jeton.creer(user, usage, "Programme", timezone.now(), timezone.now() + DEMAIN).secret


def demander(
    jeton: str, nom: str, arguments: list[int], methode: str = "get", corps: Any = None
) -> HttpResponse:
    return Client().generic(
        methode.upper(),
        reverse(f"api-v1:{nom}", args=arguments),
        json.dumps(corps) if corps is not None else "",
        content_type="application/json",
        headers={"Authorization": f"Bearer {jeton}"},
    )


def niveau(monde: Monde, texte: str = "3", vu: str = "", code: str = "C1.2", rang: int = 0) -> dict[str, Any]:
    adresse = case(monde, code, monde.a.eleves[rang])
    return {"id": str(uuid.uuid4()), "case": adresse, "texte": texte, "vu": vu}


# --- Qui ouvre quoi --------------------------------------------------------------------------------


def test_la_table_est_complete() -> None:
    motifs: list[URLPattern] = urlpatterns
    assert {nom for _, nom in TABLE} | {"openapi-json", "api-root"} == {motif.name for motif in motifs}


@pytest.mark.parametrize(("methode", "nom"), TABLE, ids=lambda un: str(un))
def test_chaque_role_et_chaque_etablissement(monde: Monde, methode: str, nom: str) -> None:
    arguments, attendues = TABLE[methode, nom]
    corps = {"operations": [niveau(monde)]} if methode == "post" else None
    for role, attendue in zip(ROLES, map(int, attendues.split()), strict=True):
        jeton = secret(monde.a.comptes[role])
        ici = demander(jeton, nom, arguments(monde.a), methode, corps)
        assert (role, ici.status_code) == (role, attendue)
        assert INTRUS not in ici.content.decode()
        if arguments(monde.b) and nom not in COMMUNES:
            ailleurs = demander(jeton, nom, arguments(monde.b), methode, corps)
            assert (role, ailleurs.status_code) == (role, 404 if attendue == 200 else 403)
            assert INTRUS not in ailleurs.content.decode()
    if arguments in (classe, situation):
        collegue = demander(secret(monde.a.collegue), nom, arguments(monde.a), methode, corps)
        assert (collegue.status_code, "ALPHA" in collegue.content.decode()) == (404, False)


@pytest.mark.parametrize(("methode", "nom"), TABLE, ids=lambda un: str(un))
def test_sans_jeton_rien_ne_s_ouvre(monde: Monde, methode: str, nom: str) -> None:
    adresse = reverse(f"api-v1:{nom}", args=TABLE[methode, nom][0](monde.a))
    session = connecte(monde.a.enseignant)
    for client in (Client(), session):
        reponse = getattr(client, methode)(adresse)
        assert (reponse.status_code, reponse["WWW-Authenticate"]) == (401, "Bearer")
        assert "ALPHA" not in reponse.content.decode()
    assert getattr(session, methode)(adresse, headers={"Authorization": "Basic abc"}).status_code == 401


def test_un_jeton_retire_perime_d_un_compte_ferme_ou_de_calendrier_n_ouvre_rien(monde: Monde) -> None:
    enseignant, hier = monde.a.enseignant, timezone.now() - DEMAIN
    retire = secret(enseignant)
    Jeton.objects.get().retirer(timezone.now())
    perime = Jeton.creer(enseignant, Jeton.Usage.LECTURE, "Vieux", hier - DEMAIN, hier).secret
    agenda = Jeton.creer(enseignant, Jeton.Usage.CALENDRIER, "Agenda", timezone.now()).secret
    ferme = secret(monde.a.administrateur)
    Utilisateur.objects.filter(pk=monde.a.administrateur.pk).update(is_active=False)
    for jeton in (retire, perime, agenda, ferme, "", "x" * 43):
        assert demander(jeton, "classes", []).status_code == 401


def test_un_jeton_de_lecture_n_ecrit_pas(monde: Monde) -> None:
    jeton = secret(monde.a.enseignant, Jeton.Usage.LECTURE)
    reponse = demander(jeton, "envoyer", situation(monde.a), "post", {"operations": [niveau(monde)]})
    assert (reponse.status_code, reponse.json()) == (403, {"faute": "Ce jeton ne permet que de lire."})
    assert not Operation.objects.exists()


def test_un_role_perdu_ferme_a_la_demande_suivante(monde: Monde) -> None:
    jeton = secret(monde.a.enseignant)
    assert demander(jeton, "eleves", classe(monde.a)).status_code == 200
    monde.a.classe.equipe.clear()
    assert demander(jeton, "eleves", classe(monde.a)).status_code == 404
    monde.a.enseignant.appartenances.all().delete()
    assert demander(jeton, "eleves", classe(monde.a)).status_code == 403


def test_qui_peut_tenir_des_jetons() -> None:
    """Les mêmes que ceux à qui l'interface sert."""
    assert {role for role in ROLES if peut(_Tenant(role), Action.TENIR_JETONS)} == {
        Role.ADMINISTRATEUR,
        Role.ENSEIGNANT,
    }


class _Tenant:
    def __init__(self, role: Role) -> None:
        self.roles = {role}


def test_rien_ne_se_garde(monde: Monde) -> None:
    reponse = demander(secret(monde.a.enseignant), "classes", [])
    assert (reponse["Cache-Control"], "Set-Cookie" in reponse) == ("private, no-store", False)


# --- Ce qui se lit ---------------------------------------------------------------------------------


def test_les_classes_page_par_page(monde: Monde) -> None:
    jeton = secret(monde.a.administrateur)
    seconde = factories.classe(monde.a.promotion, [], nom="Tle Z")
    toutes = demander(jeton, "classes", []).json()
    assert (toutes["total"], [une["nom"] for une in toutes["lignes"]]) == (2, ["Tle A", "Tle Z"])
    assert toutes["lignes"][0]["etablissement"] == monde.a.etablissement.uai
    reste = Client().get(
        reverse("api-v1:classes"), {"limit": 1, "offset": 1}, headers={"Authorization": f"Bearer {jeton}"}
    )
    assert [une["id"] for une in reste.json()["lignes"]] == [seconde.pk]


def test_les_meilleurs_niveaux_sont_ceux_du_livret(monde: Monde) -> None:
    premier, second = demander(secret(monde.a.enseignant), "eleves", classe(monde.a)).json()
    assert (premier["nom"], premier["prenom"]) == ("ALPHA-A1", "Camille")
    lus = {une["competence"]: (une["valeur"], une["situation"]) for une in premier["niveaux"]}
    assert (lus["C1"], lus["C2"]) == ((2, monde.a.situation.pk), (3, monde.a.situation.pk))
    absente = next(une for une in second["niveaux"] if une["competence"] == "C2")
    assert absente == {"competence": "C2", "niveau": None, "valeur": None, "date": None, "situation": None}


def test_un_referentiel_est_le_fichier_que_l_import_accepte(monde: Monde) -> None:
    jeton = secret(monde.a.enseignant)
    par_api = demander(jeton, "referentiel", referentiel(monde.a)).json()
    fichier = connecte(monde.a.enseignant).get(reverse("referentiel:exporter", args=referentiel(monde.a)))
    assert par_api == json.loads(fichier.content)
    assert demander(jeton, "referentiels", []).json()["total"] == Referentiel.objects.count()


def test_requetes(monde: Monde) -> None:
    """Le même nombre à deux élèves et à cinq, à une situation et à quatre ; le journal en a une."""
    jeton, pk = secret(monde.a.enseignant), monde.a.classe.pk
    demander(jeton, "classes", [])  # la première utilisation de la minute se note
    attendues = {"classes": 4, "eleves": 13, "situations": 6, "lire_la_grille": 9}

    def comptees() -> dict[str, int]:
        cibles = {"classes": [], "lire_la_grille": [monde.a.situation.pk]}
        return {
            nom: requetes(lambda nom=nom: demander(jeton, nom, cibles.get(nom, [pk]))) for nom in attendues
        }

    assert comptees() == attendues
    for rang in range(3):
        factories.eleve(monde.a.classe, f"Ajout{rang}", "Alix")
        factories.situation(monde.a.classe, monde.a.enseignant, competences=["C1"], intitule=f"S{rang}")
    assert comptees() == attendues


# --- Ce qui s'envoie -------------------------------------------------------------------------------


def test_envoyer_comme_la_grille(monde: Monde) -> None:
    jeton, envoi = secret(monde.a.enseignant), niveau(monde, "2", "", "C1.2")
    reponse = demander(jeton, "envoyer", situation(monde.a), "post", {"operations": [envoi]})
    sien = {"id": envoi["id"], "case": envoi["case"], "valeur": "2", "resultat": "enregistre"}
    vide = {"motif": "", "actuel": "", "auteur": "", "le": None}
    assert reponse.json() == {"resultats": [sien | vide]}
    lignes = demander(jeton, "lire_la_grille", situation(monde.a)).json()["lignes"]
    assert {"case": envoi["case"], "texte": "2"} in lignes[0]["cases"]
    assert Operation.objects.get().auteur == monde.a.enseignant


def test_rejouer_n_ecrit_pas_deux_fois(monde: Monde) -> None:
    jeton, corps = secret(monde.a.enseignant), {"operations": [niveau(monde)]}
    reponses = [demander(jeton, "envoyer", situation(monde.a), "post", corps).json() for _ in range(2)]
    assert reponses[0] == reponses[1]
    assert Operation.objects.count() == 1


def test_un_conflit_n_ecrase_rien_et_se_dit(monde: Monde) -> None:
    """La case porte 2 ; le programme la croyait vide."""
    envoi = niveau(monde, "0", "", "C1")
    jeton = secret(monde.a.enseignant)
    (lu,) = demander(jeton, "envoyer", situation(monde.a), "post", {"operations": [envoi]}).json()[
        "resultats"
    ]
    assert (lu["resultat"], lu["actuel"], lu["auteur"]) == ("conflit", "2", "Enseignant-A Personne-A")
    assert Evaluation.objects.get(eleve=monde.a.eleves[0], competence__code="C1").niveau.valeur == 2


def test_un_refus_dit_son_motif_et_n_arrete_pas_les_autres(monde: Monde) -> None:
    operations = [niveau(monde, "9"), niveau(monde) | {"case": "x1-2"}, niveau(monde, "1", "", "C1.2", 1)]
    corps = {"operations": operations}
    lus = demander(secret(monde.a.enseignant), "envoyer", situation(monde.a), "post", corps).json()[
        "resultats"
    ]
    assert [un["resultat"] for un in lus] == ["refus", "refus", "enregistre"]
    assert all(un["motif"] for un in lus[:2])


def test_une_situation_close_refuse(monde: Monde) -> None:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat="close")
    corps = {"operations": [niveau(monde)]}
    (lu,) = demander(secret(monde.a.enseignant), "envoyer", situation(monde.a), "post", corps).json()[
        "resultats"
    ]
    assert lu["resultat"] == "refus"


@pytest.mark.parametrize(
    ("corps", "nature"),
    [
        ("{", "application/json"),
        ('{"operations": []}', "application/json"),
        ('{"operations": [{"id": "x"}]}', "application/json"),
        ("a=1", "application/x-www-form-urlencoded"),
        (
            "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--",
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_un_envoi_mal_fait_s_explique(monde: Monde, corps: str, nature: str) -> None:
    reponse = Client().generic(
        "POST",
        reverse("api-v1:envoyer", args=situation(monde.a)),
        corps,
        content_type=nature,
        headers={"Authorization": f"Bearer {secret(monde.a.enseignant)}"},
    )
    assert reponse.status_code in (400, 415, 422)
    assert reponse.json()["faute"]


def test_le_journal_dit_ce_qu_un_programme_a_lu_et_ecrit(monde: Monde) -> None:
    jeton = secret(monde.a.enseignant)
    demander(jeton, "eleves", classe(monde.a))
    demander(jeton, "eleves", classe(monde.b))
    demander(jeton, "envoyer", situation(monde.a), "post", {"operations": [niveau(monde)]})
    actes = ActeNote.objects.order_by("pk").values_list("adresse", "nature", "auteur", "etablissement")
    lui, ici = monde.a.enseignant.pk, monde.a.etablissement.pk
    assert list(actes) == [
        ("api-v1:eleves", "emporte", lui, ici),
        ("api-v1:envoyer", "change", lui, ici),
    ]


# --- La page ----------------------------------------------------------------------------------------


def test_creer_un_jeton_le_montre_une_fois(monde: Monde) -> None:
    client, jour = connecte(monde.a.enseignant), timezone.localdate() + datetime.timedelta(days=30)
    champs = {"nom": "Pronote", "usage": "lecture", "jusqu_au": f"{jour:%d/%m/%Y}"}
    page = client.post(reverse("jetons"), champs)
    neuf = page.context["neuf"]
    assert neuf.secret in page.content.decode()
    assert demander(neuf.secret, "classes", []).status_code == 200
    relue = client.get(reverse("jetons")).content.decode()
    assert ("Pronote" in relue, neuf.secret in relue, "jamais" in relue) == (True, False, False)
    retrait = client.post(reverse("jeton-retrait", args=[neuf.jeton.pk]))
    assert retrait.url == reverse("jetons")
    assert demander(neuf.secret, "classes", []).status_code == 401


@pytest.mark.parametrize(("jours", "phrase"), [(-1, "Cette date est passée"), (400, "un an au plus")])
def test_une_echeance_est_proche_et_a_venir(monde: Monde, jours: int, phrase: str) -> None:
    jour = timezone.localdate() + datetime.timedelta(days=jours)
    champs = {"nom": "Pronote", "usage": "saisie", "jusqu_au": f"{jour:%d/%m/%Y}"}
    page = connecte(monde.a.enseignant).post(reverse("jetons"), champs)
    assert (page.status_code, phrase in page.content.decode()) == (422, True)
    assert not Jeton.objects.exists()
