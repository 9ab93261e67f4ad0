"""Du dossier, la commission lit le parcours de ses candidats, de personne d’autre, et n’y écrit rien."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certification.dossier.figement import rouvrir
from certification.models import Dossier
from livret.models import Appartenance, Eleve
from tests import factories
from tests.certification.scene import MAINTENANT, decider, figer
from tests.litanie import connecte
from tests.livret.pfmp.scene import scene
from tests.monde import INTRUS, Monde
from tests.test_droits import TABLE
from trpm.permissions import Action, Role

PARCOURS = ("eleve", "eleve-pdf", "a-prouver", "portfolio", "eleve-pfmp")


def page(client: Client, nom: str, eleve: Eleve) -> int:
    return client.get(reverse(f"livret:{nom}", args=[eleve.pk])).status_code


def parcours(client: Client, eleve: Eleve) -> set[int]:
    return {page(client, nom, eleve) for nom in PARCOURS if not nom.endswith("pdf")}


@pytest.mark.parametrize("qui", ["membre", "president"])
def test_du_dossier_au_parcours_et_retour(monde: Monde, camille: Dossier, qui: str) -> None:
    client = connecte(getattr(monde.a, qui))
    livret = reverse("livret:eleve", args=[camille.eleve_id])
    assert livret in client.get(camille.get_absolute_url()).content.decode()
    assert parcours(client, camille.eleve) == {200}
    contenu = client.get(livret).content.decode()
    assert f'<a href="{camille.get_absolute_url()}">Dossier EP1</a>' in contenu
    assert INTRUS not in contenu
    echelle = reverse("livret:echelle", args=[monde.a.promotion.pk])
    assert echelle in contenu
    assert client.get(echelle).status_code == 200


def test_un_autre_eleve_de_la_classe_ne_s_ouvre_pas(monde: Monde, membre: Client, president: Client) -> None:
    hors = factories.eleve(monde.a.classe, "BETA", "Claude")
    for client in (membre, president):
        assert parcours(client, hors) == {404}
        assert parcours(client, monde.b.eleves[0]) == {404}


def test_le_membre_d_une_autre_commission_n_a_pas_ces_candidats(monde: Monde, camille: Dossier) -> None:
    """Deux commissions siègent ; chacune n’a que les siens, le président tous."""
    autre = factories.utilisateur(Role.MEMBRE, etablissement=monde.a.etablissement, identifiant="voisin")
    seconde = factories.commission(monde.a.promotion, "EP2", [autre])
    hors = factories.eleve(monde.a.classe, "BETA", "Claude")
    factories.dossier(seconde, hors)
    lus = {
        qui.username: set(Eleve.objects.for_user(qui, Action.VOIR_LIVRET))
        for qui in (autre, monde.a.membre, monde.a.president)
    }
    assert lus == {
        "voisin": {hors},
        "membre-a": set(monde.a.eleves),
        "president-a": {hors, *monde.a.eleves},
    }


def test_ils_ne_lisent_que_tant_que_la_commission_siege(
    monde: Monde, camille: Dossier, dominique: Dossier, membre: Client, president: Client
) -> None:
    """Tous figés, elle ne siège plus ; l’un rouvert, elle siège de nouveau, pour tous."""
    decider(monde, camille)
    figer(monde, camille)
    assert parcours(membre, camille.eleve) == parcours(president, dominique.eleve) == {200}

    decider(monde, dominique, "5", C1=1, C2=0)
    figer(monde, dominique)
    assert parcours(membre, camille.eleve) == parcours(president, dominique.eleve) == {404}
    assert "Examiner le parcours" not in membre.get(camille.get_absolute_url()).content.decode()

    rouvrir(camille, "Une preuve manquait.", monde.a.president)
    assert parcours(membre, dominique.eleve) == {200}


def test_un_dossier_clos_n_est_plus_devant_personne(
    monde: Monde, camille: Dossier, dominique: Dossier, membre: Client, president: Client
) -> None:
    """Camille close, la commission ne siège que pour Dominique ; tous clos, elle ne siège plus."""
    camille.clore("Parti.", MAINTENANT)
    assert parcours(membre, camille.eleve) == parcours(president, camille.eleve) == {404}
    assert parcours(membre, dominique.eleve) == {200}
    assert "Examiner le parcours" not in membre.get(camille.get_absolute_url()).content.decode()

    dominique.clore("Parti.", MAINTENANT)
    assert parcours(membre, dominique.eleve) == parcours(president, dominique.eleve) == {404}


def test_un_candidat_d_une_commission_finie_ne_s_ouvre_pas_par_une_autre(
    monde: Monde, camille: Dossier, dominique: Dossier
) -> None:
    """Le candidat est devant deux commissions : celle du membre est finie, l’autre siège sans lui."""
    for dossier, note, c2 in ((camille, "15", 3), (dominique, "5", 0)):
        decider(monde, dossier, note, C1=2 if c2 else 1, C2=c2)
        figer(monde, dossier)
    autre = factories.utilisateur(Role.MEMBRE, etablissement=monde.a.etablissement, identifiant="voisin")
    factories.dossier(factories.commission(monde.a.promotion, "EP2", [autre]), camille.eleve)
    assert not Eleve.objects.for_user(monde.a.membre, Action.VOIR_LIVRET).exists()
    assert set(Eleve.objects.for_user(autre, Action.VOIR_LIVRET)) == {camille.eleve}


def test_le_livret_montre_a_la_commission_ce_qui_compte_pour_elle(
    monde: Monde, camille: Dossier, membre: Client
) -> None:
    """La situation n’est pas publiée : l’élève ne la voit pas encore, la grille la compte déjà."""
    url = reverse("livret:eleve", args=[camille.eleve_id])
    assert "Étude de gamme A" not in connecte(monde.a.compte_eleve).get(url).content.decode()
    contenu = membre.get(url).content.decode()
    assert "Étude de gamme A" in contenu
    assert monde.a.situation.get_absolute_url() not in contenu


def test_seuls_les_bilans_valides_se_lisent(monde: Monde, camille: Dossier, membre: Client) -> None:
    valide = factories.bilan(camille.eleve, monde.a.enseignant, "valide")
    brouillon = factories.bilan(camille.eleve, monde.a.enseignant, "brouillon", semestre=5)
    assert membre.get(valide.get_absolute_url()).status_code == 200
    assert membre.get(brouillon.get_absolute_url()).status_code == 404
    contenu = membre.get(reverse("livret:eleve", args=[camille.eleve_id])).content.decode()
    assert valide.get_absolute_url() in contenu
    assert brouillon.get_absolute_url() not in contenu


def test_la_pfmp_et_la_fiche_du_tuteur_sans_coordonnees(
    monde: Monde, camille: Dossier, membre: Client
) -> None:
    ici = scene(monde.a)
    contenu = membre.get(ici.camille.get_absolute_url()).content.decode()
    fiche = reverse("livret:fiche-tuteur", args=[ici.camille.pk, ici.tuteur.pk])
    assert fiche in contenu
    assert "mailto:" not in contenu
    lue = membre.get(fiche).content.decode()
    assert "Le tuteur n’a pas encore rempli cette fiche." in lue
    assert 'method="post" action="/pfmp' not in lue


def test_qui_siege_et_enseigne_garde_la_page_de_l_equipe(monde: Monde, camille: Dossier) -> None:
    enseignant = monde.a.enseignant
    Appartenance.objects.create(utilisateur=enseignant, etablissement=monde.a.etablissement, role=Role.MEMBRE)
    factories.membre(monde.a.commission, enseignant)
    contenu = connecte(enseignant).get(reverse("livret:eleve", args=[camille.eleve_id])).content.decode()
    assert monde.a.situation.get_absolute_url() in contenu
    assert f'<a href="{camille.get_absolute_url()}">Dossier EP1</a>' in contenu


OUVERTES = [une for une in TABLE if une.nom.startswith("livret:") and une.attendues[Role.MEMBRE] == 200]


@pytest.mark.parametrize("adresse_lue", [une for une in OUVERTES if une.arguments], ids=str)
@pytest.mark.parametrize("qui", ["membre", "president"])
def test_aucun_envoi_n_ecrit_rien(monde: Monde, adresse_lue, qui: str) -> None:
    """Chaque page ouverte à la commission, lue puis envoyée : seule la lecture se note en base."""
    arguments = adresse_lue.arguments(monde.a)
    client = connecte(getattr(monde.a, qui))
    url = reverse(adresse_lue.nom, args=arguments)
    with CaptureQueriesContext(connection) as capture:
        client.post(url, {"texte": "écrit", "au_dossier": "1", "envoyer": "1", "nom": "x"})
    ecrites = [une["sql"] for une in capture if une["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    traces = ("django_session", "trpm_actenote")
    assert [une for une in ecrites if not any(trace in une for trace in traces)] == []
