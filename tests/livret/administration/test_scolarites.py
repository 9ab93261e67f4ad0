"""Inscrire dans une classe, marquer un départ, l'annuler, retirer une inscription."""

import datetime

from livret.models import Scolarite
from tests import factories
from tests.litanie import adresse, connecte, verifier_droits
from tests.monde import Monde


def test_inscrire(monde: Monde) -> None:
    suivante = factories.classe(monde.a.promotion, nom="Autre Tle")
    ailleurs = factories.classe(monde.b.promotion, nom="INTRUS")
    url = adresse("classe-inscrire", suivante.pk)
    contenu = verifier_droits(monde, url, adresse("classe-inscrire", ailleurs.pk))
    assert "ALPHA-A1 Camille (USI)" in contenu
    client = connecte(monde.a.administrateur)
    reponse = client.post(url, {"eleves": [eleve.pk for eleve in monde.a.eleves]})
    assert reponse.status_code == 302
    assert set(suivante.scolarites.values_list("eleve", flat=True)) == {e.pk for e in monde.a.eleves}
    reponse = client.post(url, {"eleves": [monde.a.eleves[0].pk]})
    assert list(reponse.context["form"].errors) == ["eleves"]


def test_on_n_inscrit_ni_un_eleve_d_ailleurs_ni_personne(monde: Monde) -> None:
    suivante = factories.classe(monde.a.promotion)
    client = connecte(monde.a.administrateur)
    for choix in ([monde.b.eleves[0].pk], []):
        reponse = client.post(adresse("classe-inscrire", suivante.pk), {"eleves": choix})
        assert list(reponse.context["form"].errors) == ["eleves"]
    assert suivante.scolarites.count() == 0


def test_depart_et_retour(monde: Monde) -> None:
    eleve = monde.a.eleves[0]
    scolarite = eleve.scolarites.get()
    url = adresse("scolarite-sortie", scolarite.pk)
    verifier_droits(monde, url, adresse("scolarite-sortie", monde.b.eleves[0].scolarites.get().pk))
    client = connecte(monde.a.administrateur)
    reponse = client.post(url, {"sortie": "2026-03-12"}, follow=True)
    assert [str(message) for message in reponse.context["messages"]] == [
        "ALPHA-A1 Camille est sorti de Tle A le 12 mars 2026."
    ]
    scolarite.refresh_from_db()
    eleve.refresh_from_db()
    assert (scolarite.sortie, eleve.actif) == (datetime.date(2026, 3, 12), False)
    assert eleve.evaluations.count() == 2
    # Parti, l'élève n'ouvre plus rien avec son compte.
    assert connecte(monde.a.compte_eleve).get("/mon-livret/").status_code == 403

    retour = adresse("scolarite-retour", scolarite.pk)
    de_b = adresse("scolarite-retour", monde.b.eleves[0].scolarites.get().pk)
    verifier_droits(monde, retour, de_b, methode="post", succes=302)
    scolarite.refresh_from_db()
    eleve.refresh_from_db()
    assert (scolarite.sortie, eleve.actif) == (None, True)
    assert client.get(retour).status_code == 405


def test_quitter_une_classe_pour_une_autre_n_est_pas_partir(monde: Monde) -> None:
    eleve = monde.a.eleves[0]
    Scolarite.objects.create(eleve=eleve, classe=factories.classe(monde.a.promotion))
    url = adresse("scolarite-sortie", eleve.scolarites.get(classe=monde.a.classe).pk)
    connecte(monde.a.administrateur).post(url, {"sortie": "2026-03-12"})
    eleve.refresh_from_db()
    assert eleve.actif


def test_date_hors_de_l_annee(monde: Monde) -> None:
    scolarite = monde.a.eleves[0].scolarites.get()
    url = adresse("scolarite-sortie", scolarite.pk)
    reponse = connecte(monde.a.administrateur).post(url, {"sortie": "2024-03-12"})
    assert reponse.context["form"].errors == {
        "sortie": ["Cette date n’est pas dans l’année scolaire 2025-2026."]
    }
    assert 'value="2024-03-12"' in reponse.content.decode()
    scolarite.refresh_from_db()
    assert scolarite.sortie is None


def test_retrait_refuse_apres_une_saisie(monde: Monde) -> None:
    scolarite = monde.a.eleves[0].scolarites.get()
    url = adresse("scolarite-delete", scolarite.pk)
    verifier_droits(monde, url, adresse("scolarite-delete", monde.b.eleves[0].scolarites.get().pk))
    reponse = connecte(monde.a.administrateur).post(url)
    assert reponse.status_code == 409
    assert reponse.context["refus"] == (
        "Retrait refusé : 4 saisies évaluent ALPHA-A1 Camille dans cette classe. "
        "Marquez plutôt l’élève comme parti."
    )
    assert Scolarite.objects.filter(pk=scolarite.pk).exists()


def test_retirer_une_inscription_faite_par_erreur(monde: Monde) -> None:
    eleve = factories.eleve(monde.a.classe)
    scolarite = eleve.scolarites.get()
    reponse = connecte(monde.a.administrateur).post(adresse("scolarite-delete", scolarite.pk))
    assert reponse.status_code == 302
    assert (eleve.scolarites.count(), type(eleve).objects.filter(pk=eleve.pk).count()) == (0, 1)
