"""Page d'une commission : candidats, états, notes, figement."""

from livret.models import Eleve
from tests import factories
from tests.certification.scene import (
    COMMISSION,
    adresse,
    decider,
    figer,
    statuts,
)
from tests.litanie import requetes


def test_qui_la_voit(monde):
    assert statuts(monde, adresse("commission", monde.a.commission.pk)) == COMMISSION


def test_chaque_candidat_a_son_etat_et_ses_notes(monde, president, camille, dominique):
    decider(monde, camille)
    figer(monde, camille)
    ponctuel = factories.dossier(
        monde.a.commission, factories.eleve(monde.a.classe, "ALPHA-A3", statut="hors-contrat")
    )
    absent = factories.dossier(
        monde.a.commission, factories.eleve(monde.a.classe, "ALPHA-A4"), situation="absent_justifie"
    )
    pret = factories.dossier(monde.a.commission, factories.eleve(monde.a.classe, "ALPHA-A5"))
    factories.evaluation(monde.a.situation, pret.eleve, "C1", 3)
    factories.evaluation(monde.a.situation, pret.eleve, "C2", 3)
    contexte = president.get(adresse("commission", monde.a.commission.pk)).context

    assert [(un.lu.cle, un.lu.etat, str(un.lu.grille.calculee)) for un in contexte["dossiers"]] == [
        (camille.pk, "figé", "15.0"),
        (dominique.pk, "à compléter", "None"),
        (ponctuel.pk, "ponctuel", "None"),
        (absent.pk, "absent justifié", "None"),
        (pret.pk, "complet", "20.0"),
    ]
    assert [un.lu.cle for un in contexte["figeables"]] == [absent.pk]


def test_la_confirmation_nomme_les_consequences(monde, president, camille):
    decider(monde, camille)
    page = president.get(adresse("commission", monde.a.commission.pk)).content.decode()
    assert "Le dossier de ce candidat sera figé" in page
    assert "ALPHA-A1 Camille (15,0\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}20)" in page
    assert "1 dossier reste ouvert." in " ".join(page.split())


def test_seul_le_president_voit_figer(monde, membre, president, camille):
    decider(monde, camille)
    url, geste = adresse("commission", monde.a.commission.pk), adresse("figer-tous", monde.a.commission.pk)
    assert (geste in president.get(url).content.decode(), geste in membre.get(url).content.decode()) == (
        True,
        False,
    )


def test_sans_candidat_elle_dit_quoi_faire(monde, president):
    vide = factories.commission(monde.a.promotion, "EP2")
    page = president.get(adresse("commission", vide.pk)).content.decode()
    assert adresse("commission-candidats", vide.pk) in page


def test_un_eleve_d_une_autre_option_garde_ses_poids(monde, president, camille):
    Eleve.objects.filter(pk=camille.eleve_id).update(option=monde.referentiel.options.get(code="OUT"))
    lus = president.get(adresse("commission", monde.a.commission.pk)).context["dossiers"]
    assert [str(un.lu.grille.calculee) for un in lus] == ["17.0", "None"]


def test_requetes(monde, president):
    url = adresse("commission", monde.a.commission.pk)
    monde.a.dossiers[0].delete()
    assert [requetes(lambda: president.get(url)) for _ in range(2)] == [33, 10]
    for rang in range(2):
        eleve = factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}")
        factories.dossier(monde.a.commission, eleve)
        factories.evaluation(monde.a.situation, eleve, "C1", 2)
    assert [requetes(lambda: president.get(url)) for _ in range(2)] == [33, 10]
