"""Qui a vu, emporté, changé ; ce que la base en garde, et qui le lit."""

import datetime
from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from livret.models import Appartenance, Eleve
from tests import factories
from tests.factories.personnes import MOT_DE_PASSE
from tests.monde import INTRUS, Monde
from tests.test_droits import TOUTES
from trpm.conservation.effacement import appliquer_durees
from trpm.journal.models import ActeNote
from trpm.journal.objets import OBJETS, est_un_fichier, lecture_notee, vise
from trpm.journal.phrases import PHRASES, phrase


def notes(*natures: str) -> list[tuple[str, str]]:
    lignes = ActeNote.objects.order_by("pk").exclude(nature="connexion")
    return [(un.nature, un.adresse) for un in lignes if un.nature in natures or not natures]


def test_lire_un_livret_se_note_une_fois_par_heure(client: Client, monde: Monde) -> None:
    eleve = monde.a.eleves[0]
    client.force_login(monde.a.enseignant)
    for _ in range(3):
        client.get(reverse("livret:eleve", args=[eleve.pk]))
    (acte,) = ActeNote.objects.filter(nature="vu")
    assert (acte.adresse, acte.auteur, acte.qualite) == ("livret:eleve", monde.a.enseignant, "enseignant")
    assert (acte.eleve, acte.etablissement, acte.cle) == (eleve, monde.a.etablissement, eleve.pk)


@pytest.mark.parametrize(
    ("adresse", "nature"),
    [("bilan", "vu"), ("bilan-pdf", "emporte"), ("eleve-pdf", "emporte"), ("portfolio", "vu")],
)
def test_ce_qui_mene_a_un_eleve_le_nomme(client: Client, monde: Monde, adresse: str, nature: str) -> None:
    eleve = monde.a.eleves[0]
    bilan = factories.bilan(eleve, monde.a.enseignant, "valide")
    client.force_login(monde.a.administrateur)
    client.get(reverse(f"livret:{adresse}", args=[bilan.pk if "bilan" in adresse else eleve.pk]))
    acte = ActeNote.objects.exclude(nature="connexion").get()
    assert (acte.nature, acte.eleve) == (nature, eleve)


def test_un_dossier_et_une_table_de_classe(client: Client, monde: Monde) -> None:
    client.force_login(monde.a.president)
    client.get(reverse("certification:dossier", args=[monde.a.dossiers[0].pk]))
    client.get(reverse("certification:commission", args=[monde.a.commission.pk]))
    client.force_login(monde.a.enseignant)
    client.get(reverse("livret:classe", args=[monde.a.classe.pk]))
    client.get(reverse("livret:classe-xlsx", args=[monde.a.classe.pk]))
    assert notes() == [("vu", "certification:dossier"), ("emporte", "livret:classe-xlsx")]
    assert ActeNote.objects.get(adresse="certification:dossier").eleve == monde.a.eleves[0]
    assert ActeNote.objects.get(adresse="livret:classe-xlsx").classe == monde.a.classe


def test_l_eleve_qui_se_lit_et_le_refus_ne_se_notent_pas(client: Client, monde: Monde) -> None:
    client.force_login(monde.a.compte_eleve)
    client.get(reverse("livret:eleve", args=[monde.a.eleves[0].pk]))
    client.force_login(monde.a.enseignant)
    assert client.get(reverse("livret:eleve", args=[monde.b.eleves[0].pk])).status_code == 404
    assert notes() == []


def test_un_changement_se_note_avec_son_objet_et_sa_transaction(client: Client, monde: Monde) -> None:
    client.force_login(monde.a.administrateur)
    page = reverse("livret:compte", args=[monde.a.etablissement.pk, monde.a.collegue.pk])
    assert client.post(page, {"roles": ["enseignant", "membre"]}).status_code == 302
    assert client.post(page, {"roles": ["enseignant"]}).status_code == 302
    premier, second = ActeNote.objects.filter(nature="change").order_by("pk")
    assert (premier.objet, premier.cle) == ("livret.Utilisateur", monde.a.collegue.pk)
    assert premier.etablissement == second.etablissement == monde.a.etablissement
    assert list(Appartenance.objects.filter(utilisateur=monde.a.collegue).values_list("role", flat=True)) == [
        "enseignant"
    ]


def test_un_formulaire_refuse_n_est_pas_un_changement(client: Client, monde: Monde) -> None:
    client.force_login(monde.a.administrateur)
    page = reverse("livret:etablissement-update", args=[monde.a.etablissement.pk])
    assert client.post(page, {"nom": ""}).status_code == 200
    assert notes() == []


def test_les_connexions_et_leurs_refus(client: Client, monde: Monde) -> None:
    identifiant = monde.a.enseignant.username
    client.post(reverse("connexion"), {"username": identifiant, "password": "faux"})
    client.post(reverse("connexion"), {"username": "personne", "password": "faux"})
    client.post(reverse("connexion"), {"username": identifiant, "password": MOT_DE_PASSE})
    client.post(reverse("deconnexion"))
    lignes = ActeNote.objects.order_by("pk").values_list("adresse", "cle", "auteur")
    compte = monde.a.enseignant.pk
    assert list(lignes) == [
        ("connexion-refusee", compte, None),
        ("connexion", compte, compte),
        ("deconnexion", compte, compte),
    ]


def test_le_journal_ne_se_change_ni_ne_s_ote_avant_son_jour(client: Client, monde: Monde) -> None:
    client.force_login(monde.a.enseignant)
    acte = ActeNote.objects.get()
    with pytest.raises(IntegrityError, match="ne se modifie pas"), transaction.atomic():
        ActeNote.objects.filter(pk=acte.pk).update(nature="vu")
    with pytest.raises(IntegrityError, match="garde cette ligne"), transaction.atomic():
        acte.delete()
    appliquer_durees(timezone.now())
    assert ActeNote.objects.count() == 1


def test_son_jour_passe_la_nuit_l_ote(monde: Monde) -> None:
    hier = timezone.now() - datetime.timedelta(days=2)
    commun = {"nature": "vu", "adresse": "livret:eleve", "le": hier, "auteur": monde.a.enseignant}
    ActeNote.objects.create(**commun, tranche=1, garde_jusqu_au=hier.date())
    ActeNote.objects.create(
        **commun, tranche=2, garde_jusqu_au=timezone.localdate() + datetime.timedelta(days=1)
    )
    appliquer_durees(timezone.now())
    assert [un.tranche for un in ActeNote.objects.all()] == [2]


def test_un_an_apres_l_acte(client: Client, monde: Monde) -> None:
    client.force_login(monde.a.enseignant)
    acte = ActeNote.objects.get()
    assert acte.garde_jusqu_au.year == acte.le.year + 1


def test_un_eleve_sans_niveau_se_supprime_encore(client: Client, monde: Monde) -> None:
    """Ce que le journal dit de lui n'oblige à rien."""
    eleve = factories.eleve(monde.a.classe)
    client.force_login(monde.a.administrateur)
    client.get(reverse("livret:eleve", args=[eleve.pk]))
    eleve.scolarites.all().delete()
    Eleve.objects.get(pk=eleve.pk).delete()
    page = client.get(reverse("journal", args=[monde.a.etablissement.pk]))
    assert page.status_code == 200
    assert ActeNote.objects.filter(cle=eleve.pk, objet="livret.Eleve").count() == 1


# --- Qui le lit ------------------------------------------------------------------------------------


def lignes_de(reponse: object) -> list[tuple[str, str, str]]:
    return [(un.qui, un.quoi, un.de_qui) for un in reponse.context["actes"]]


def test_l_administrateur_lit_son_etablissement_et_lui_seul(client: Client, monde: Monde) -> None:
    for ecole in (monde.a, monde.b):
        client.force_login(ecole.enseignant)
        client.get(reverse("livret:eleve", args=[ecole.eleves[0].pk]))
    client.force_login(monde.a.administrateur)
    page = client.get(reverse("journal", args=[monde.a.etablissement.pk]))
    assert INTRUS not in page.content.decode()
    nom = monde.a.enseignant.nom_complet
    assert (nom, "livret", str(monde.a.eleves[0])) in lignes_de(page)
    assert (nom, "connexion", "") in lignes_de(page)
    assert client.get(reverse("journal", args=[monde.b.etablissement.pk])).status_code == 404


@pytest.mark.parametrize(
    ("recherche", "trouves"),
    [
        ({"q": "ALPHA-A1"}, 1),
        ({"q": "enseignant"}, 2),
        ({"nature": "vu"}, 1),
        ({"nature": "emporte"}, 0),
        ({"au": "2020-01-01"}, 0),
        ({"du": "2020-01-01", "nature": "vu"}, 1),
        ({"q": "inconnu"}, 0),
        ({"du": "n’importe quoi"}, 3),
    ],
)
def test_chercher_et_filtrer(client: Client, monde: Monde, recherche: dict[str, str], trouves: int) -> None:
    client.force_login(monde.a.enseignant)
    client.get(reverse("livret:eleve", args=[monde.a.eleves[0].pk]))
    client.force_login(monde.a.administrateur)
    page = client.get(reverse("journal", args=[monde.a.etablissement.pk]), recherche)
    assert len(page.context["actes"]) == trouves


def test_le_journal_se_lit_par_pages_au_meme_cout(
    client: Client, monde: Monde, django_assert_num_queries
) -> None:
    client.force_login(monde.a.administrateur)
    page = reverse("journal", args=[monde.a.etablissement.pk])
    for nombre in (1, 120):
        ActeNote.objects.bulk_create(
            ActeNote(
                nature="vu",
                adresse="livret:eleve",
                le=timezone.now(),
                tranche=nombre * 1000 + rang,
                auteur=monde.a.enseignant,
                eleve=monde.a.eleves[0],
                etablissement=monde.a.etablissement,
                garde_jusqu_au=timezone.localdate(),
            )
            for rang in range(nombre)
        )
        with django_assert_num_queries(6):
            lue = client.get(page)
    assert len(lue.context["actes"]) == 50
    assert len(client.get(page, {"page": 3, "nature": "vu"}).context["actes"]) == 21


def test_l_eleve_lit_ce_qui_le_concerne_sans_nom_de_personne(client: Client, monde: Monde) -> None:
    client.force_login(monde.a.enseignant)
    for eleve in monde.a.eleves:
        client.get(reverse("livret:eleve", args=[eleve.pk]))
    client.get(reverse("livret:classe-xlsx", args=[monde.a.classe.pk]))
    client.force_login(monde.a.compte_eleve)
    page = client.get(reverse("mon-journal"))
    lus = [(un.nature, un.quoi, un.qualite) for un in page.context["actes"]]
    assert lus == [
        ("Connexion", "connexion", ""),
        ("Téléchargement", "compétences de la classe (classeur)", "équipe pédagogique"),
        ("Consultation", "livret", "équipe pédagogique"),
    ]
    assert monde.a.enseignant.nom_complet not in page.content.decode()


def test_un_enseignant_lit_ce_qu_il_a_fait_et_ce_qui_touche_son_compte(client: Client, monde: Monde) -> None:
    client.force_login(monde.a.administrateur)
    client.post(
        reverse("livret:compte", args=[monde.a.etablissement.pk, monde.a.enseignant.pk]),
        {"roles": ["enseignant"]},
    )
    client.get(reverse("livret:eleve", args=[monde.a.eleves[0].pk]))
    client.force_login(monde.a.enseignant)
    client.get(reverse("livret:eleve", args=[monde.a.eleves[1].pk]))
    lus = lignes_de(client.get(reverse("mon-journal")))
    assert [quoi for _, quoi, _ in lus] == ["livret", "connexion", "rôles d’un compte"]
    assert str(monde.a.eleves[0]) not in str(lus)


# --- Un seul endroit pour toutes -----------------------------------------------------------------------


def notees() -> Iterable[tuple[str, str]]:
    return (
        (nom, str(motif.pattern)) for nom, motif in TOUTES.items() if getattr(motif.callback, "actions", None)
    )


def test_chaque_mot_d_adresse_connu_mene_a_un_modele_et_par_de_vrais_chemins(monde: Monde) -> None:
    for objet in OBJETS.values():
        for chemin in filter(None, (objet.eleve, objet.classe, objet.etablissement)):
            list(apps.get_model(objet.modele)._base_manager.filter(pk=0).values(chemin))


def test_toute_adresse_d_une_personne_se_note() -> None:
    """Celles dont une clé désigne un élève, un dossier, un bilan, une période en entreprise."""
    valeurs = dict.fromkeys(("pk", "eleve", "pfmp", "dossier", "etablissement"), 1)
    lues = {
        nom for nom, route in notees() if lecture_notee(route, nom, vise(route, _cles(route, valeurs)).objet)
    }
    personnelles = {
        nom
        for nom, route in notees()
        if any(mot in route for mot in ("eleves/<", "bilans/<", "dossiers/<", "pfmp/<", "preuves/<"))
    }
    assert personnelles - lues == {"livret:trace-miniature", "certification:fil"}


def _cles(route: str, valeurs: dict[str, int]) -> dict[str, int]:
    return {nom: cle for nom, cle in valeurs.items() if f"<int:{nom}>" in route}


def test_tout_fichier_de_plusieurs_personnes_se_note() -> None:
    valeurs = {"pk": 1, "etablissement": 1, "pfmp": 1}
    muets = {
        nom
        for nom, route in notees()
        if est_un_fichier(route, nom)
        and not lecture_notee(route, nom, vise(route, _cles(route, valeurs)).objet)
    }
    sans_personne = {"livret:echelle-pdf", "livret:echelle-xlsx", "livret:progression-pdf"}
    assert {nom for nom in muets if not nom.startswith("referentiel:")} == sans_personne


def test_la_table_des_phrases_ne_cite_que_des_adresses() -> None:
    connexions = {"connexion", "deconnexion", "connexion-refusee"}
    programmes = {nom for nom in PHRASES if nom.startswith("api-v1:")}
    assert set(PHRASES) - connexions - programmes <= set(TOUTES)
    assert phrase("livret:sequence-update", "séquence") == "modification\xa0: séquence"
    assert phrase("inconnue", "") == "réglage"


def test_une_lecture_nominative_coute_une_ecriture(client: Client, monde: Monde, monkeypatch) -> None:
    client.force_login(monde.a.enseignant)
    page = reverse("livret:eleve", args=[monde.a.eleves[0].pk])
    client.get(page)
    with CaptureQueriesContext(connection) as avec:
        client.get(page)
    monkeypatch.setattr("trpm.acces.noter", lambda request, reponse: reponse)
    with CaptureQueriesContext(connection) as sans:
        client.get(page)
    assert len(avec) - len(sans) == 1
    assert "trpm_actenote" in avec.captured_queries[-1]["sql"]


def test_une_adresse_inconnue_n_a_pas_d_objet() -> None:
    assert vise("ailleurs/<int:pk>/", {"pk": 3}).objet is None
    assert vise("situations/<int:pk>/eleves/<int:eleve>/", {"pk": 3, "eleve": 12}).cle == 12
