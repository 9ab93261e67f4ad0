"""Ce qu'il reste à prouver, la demande de l'élève et la réponse de ses enseignants."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from livret.eleve.echeance import semaines_restantes
from livret.models import Demande, Situation
from tests import factories
from tests.litanie import connecte, requetes, statuts
from tests.monde import INTRUS, Monde


def url(monde: Monde, nom: str = "a-prouver", rang: int = 0) -> str:
    return reverse(f"livret:{nom}", args=[monde.a.eleves[rang].pk])


def demander(monde: Monde, code: str = "C3") -> Demande:
    return factories.demande(monde.a.eleves[0], monde.a.classe, code)


def lignes(reponse: object) -> list[tuple[str, list[str]]]:
    return [
        (bloc.epreuve, [une.ligne.code for une, _ in paires]) for bloc, paires in reponse.context["blocs"]
    ]


def test_droits(monde: Monde) -> None:
    lecture = {
        "administrateur": 200,
        "enseignant": 200,
        "collègue": 404,
        "élève": 200,
        "membre": 200,
        "président": 200,
        "ailleurs": 404,
    }
    assert statuts(monde, url(monde)) == lecture
    assert statuts(monde, url(monde, rang=1)) == {**lecture, "élève": 404}


def test_sans_echelle_seules_les_jamais_evaluees(monde: Monde) -> None:
    Situation.objects.update(etat="publiee")
    reponse = connecte(monde.a.compte_eleve).get(url(monde))
    assert lignes(reponse) == [("EP1", []), ("EP2", ["C3", "C4"]), ("EP3", ["C5"])]
    page = reponse.content.decode()
    assert "seules les compétences jamais évaluées sont ici" in page
    assert page.count("Je demande une évaluation") == 3
    assert INTRUS not in page


def test_sous_l_attendu_et_jamais_vue(monde: Monde) -> None:
    Situation.objects.update(etat="publiee")
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {6: 3}, "C2": {6: 3}})
    reponse = connecte(monde.a.compte_eleve).get(url(monde))
    assert lignes(reponse) == [("EP1", ["C1"]), ("EP2", ["C3", "C4"]), ("EP3", ["C5"])]


def test_ce_qui_n_est_pas_publie_ne_prouve_rien_aux_yeux_de_l_eleve(monde: Monde) -> None:
    assert lignes(connecte(monde.a.compte_eleve).get(url(monde)))[0] == ("EP1", ["C1", "C2"])
    assert lignes(connecte(monde.a.enseignant).get(url(monde)))[0] == ("EP1", [])


@pytest.mark.parametrize(
    ("jour", "semaines"),
    [("2026-06-30", 0), ("2026-06-29", 1), ("2026-06-23", 1), ("2026-06-22", 2), ("2026-09-01", 0)],
)
def test_semaines_restantes(monde: Monde, jour: str, semaines: int) -> None:
    assert semaines_restantes(monde.a.eleves[0], timezone.datetime.fromisoformat(jour).date()) == semaines


def test_demander_puis_retirer(monde: Monde) -> None:
    client = connecte(monde.a.compte_eleve)
    page = client.post(url(monde, "demande-create"), {"competence": "C3"}, follow=True).content.decode()
    assert "Demande envoyée pour C3 : vos enseignants la voient." in page
    (demande,) = Demande.objects.all()
    assert (demande.eleve, demande.classe, demande.competence.code) == (
        monde.a.eleves[0],
        monde.a.classe,
        "C3",
    )
    assert 'Je demande une évaluation<span class="visually-hidden"> sur C3' not in page
    client.post(reverse("livret:demande-delete", args=[demande.pk]))
    assert list(Demande.objects.all()) == []


def test_une_seule_demande_ouverte_par_competence(monde: Monde) -> None:
    client = connecte(monde.a.compte_eleve)
    for _ in range(2):
        reponse = client.post(url(monde, "demande-create"), {"competence": "C3"}, follow=True)
    assert "Vous avez déjà demandé une évaluation sur C3." in reponse.content.decode()
    assert Demande.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        demander(monde)
    Demande.objects.get().traiter(monde.a.enseignant, timezone.now(), "Jeudi.")
    demander(monde)


@pytest.mark.parametrize("code", ["", "C99", "C3' OR 1=1"])
def test_une_competence_hors_du_livret_est_refusee(monde: Monde, code: str) -> None:
    client = connecte(monde.a.compte_eleve)
    page = client.post(url(monde, "demande-create"), {"competence": code}, follow=True).content.decode()
    assert "Cette compétence n’est pas dans votre livret." in page
    assert Demande.objects.count() == 0


def test_on_ne_demande_que_pour_soi(monde: Monde) -> None:
    client = connecte(monde.a.compte_eleve)
    assert client.post(url(monde, "demande-create", rang=1), {"competence": "C3"}).status_code == 404
    autre = factories.demande(monde.a.eleves[1], monde.a.classe)
    assert client.post(reverse("livret:demande-delete", args=[autre.pk])).status_code == 404


def test_les_enseignants_de_la_classe_la_voient(monde: Monde) -> None:
    demander(monde)
    factories.demande(monde.b.eleves[0], monde.b.classe)
    client = connecte(monde.a.enseignant)
    for adresse in ("/", monde.a.classe.get_absolute_url()):
        page = client.get(adresse).content.decode()
        assert "demande une évaluation sur C3" in page.replace("<strong>", "")
        assert INTRUS not in page
    assert "demande une évaluation" not in connecte(monde.a.collegue).get("/").content.decode()
    page = connecte(monde.a.administrateur).get(monde.a.classe.get_absolute_url()).content.decode()
    assert "demande une évaluation" in page
    assert "Envoyer la réponse" not in page


def test_repondre(monde: Monde) -> None:
    demande = demander(monde)
    adresse = reverse("livret:demande-repondre", args=[demande.pk])
    assert connecte(monde.a.collegue).post(adresse, {"reponse": "Non"}).status_code == 404
    assert connecte(monde.b.enseignant).post(adresse, {"reponse": "Non"}).status_code == 404
    assert connecte(monde.a.compte_eleve).post(adresse, {"reponse": "Oui"}).status_code == 403
    client = connecte(monde.a.enseignant)
    assert "Écrivez quelques mots" in client.post(adresse, {"reponse": " "}, follow=True).content.decode()
    longue = client.post(adresse, {"reponse": "x" * 301}, follow=True).content.decode()
    assert "301 caractères : 300 au plus" in longue
    assert "x" * 301 in longue
    client.post(adresse, {"reponse": "Jeudi, au tour numérique."})
    demande.refresh_from_db()
    assert (demande.reponse, demande.traitee_par) == ("Jeudi, au tour numérique.", monde.a.enseignant)
    assert (
        "Un collègue a déjà répondu" in client.post(adresse, {"reponse": "x"}, follow=True).content.decode()
    )
    page = connecte(monde.a.compte_eleve).get(url(monde)).content.decode()
    assert "Enseignant-A Personne-A" in page
    assert "« Jeudi, au tour numérique. »" in page


def test_ouvrir_une_grille_ne_repond_a_rien(monde: Monde) -> None:
    """La demande attend encore ; « Évaluer » rouvre la grille commencée au lieu d'en créer une autre."""
    demande = demander(monde)
    client = connecte(monde.a.enseignant)
    volee = reverse("livret:situation-volee", args=[monde.a.classe.pk])
    adresse = f"{volee}?eleve={monde.a.eleves[0].pk}&demande={demande.pk}"
    competence = demande.competence_id
    page = client.get(adresse).content.decode()
    assert f'name="competences" value="{competence}" checked' in page
    assert "un niveau publié répondra à sa demande" in page
    reponse = client.post(adresse, {"competences": [competence]})
    situation = Situation.objects.latest("pk")
    grille = reverse("livret:grille", args=[situation.pk]) + f"#e{monde.a.eleves[0].pk}"
    assert reponse.url == grille
    demande.refresh_from_db()
    assert (demande.situation, demande.traitee_le) == (situation, None)
    assert list(Demande.objects.ouvertes()) == [demande]
    assert client.get(adresse).url == grille
    assert "évaluation commencée" in connecte(monde.a.compte_eleve).get(url(monde)).content.decode()


def passer(monde: Monde, scene: Situation, etat: str, **champs: str) -> str:
    adresse = reverse("livret:situation-etat", args=[scene.pk])
    reponse = connecte(monde.a.enseignant).post(adresse, {"etat": etat, **champs}, follow=True)
    return " ".join(str(message) for message in reponse.context["messages"])


def test_un_niveau_publie_repond_et_le_dit(monde: Monde) -> None:
    demande = demander(monde)
    scene = factories.situation(monde.a.classe, monde.a.enseignant, ["C3"], intitule="Tour numérique")
    factories.evaluation(scene, monde.a.eleves[0], "C3", 2)
    assert list(Demande.objects.ouvertes()) == [demande]
    dit = passer(monde, scene, "publiee")
    assert f"Elle répond à ce qui était demandé\xa0: {monde.a.eleves[0]} (C3)." in dit
    assert list(Demande.objects.ouvertes()) == []
    page = connecte(monde.a.compte_eleve).get(url(monde)).content.decode()
    assert "Mes demandes" in page
    assert "Tour numérique" in page
    # Dépubliée, elle ne répond plus à rien.
    passer(monde, scene, "ouverte")
    assert list(Demande.objects.ouvertes()) == [demande]


def test_publiee_pour_plus_tard_elle_ne_repond_qu_au_jour_dit(monde: Monde) -> None:
    demande = demander(monde)
    scene = factories.situation(monde.a.classe, monde.a.enseignant, ["C3"])
    factories.evaluation(scene, monde.a.eleves[0], "C3", 2)
    demain = timezone.localdate() + timezone.timedelta(days=1)
    Situation.objects.filter(pk=scene.pk).update(
        etat="publiee", publiee_le=timezone.now() - timezone.timedelta(days=9), visible_des=demain
    )
    assert list(Demande.objects.ouvertes()) == [demande]
    Situation.objects.filter(pk=scene.pk).update(visible_des=timezone.localdate())
    assert list(Demande.objects.ouvertes()) == []


@pytest.mark.parametrize("ancien", [True, False], ids=["niveau d’avant la demande", "une mention"])
def test_ce_qui_ne_repond_pas(monde: Monde, ancien: bool) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, ["C3"], etat="publiee")
    posee = factories.evaluation(scene, monde.a.eleves[0], "C3", 2)
    hier = timezone.now() - timezone.timedelta(days=1)
    Situation.objects.filter(pk=scene.pk).update(publiee_le=hier)
    demande = demander(monde)
    if ancien:
        type(posee).objects.filter(pk=posee.pk).update(modifie_le=hier)
    else:
        type(posee).objects.filter(pk=posee.pk).update(niveau=None, mention="ABS", modifie_le=timezone.now())
    assert list(Demande.objects.ouvertes()) == [demande]


def test_une_demande_evaluee_laisse_place_a_une_autre(monde: Monde) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, ["C3"], etat="publiee")
    demande = demander(monde)
    factories.evaluation(scene, monde.a.eleves[0], "C3", 1)
    client = connecte(monde.a.compte_eleve)
    assert (
        "a déjà reçu sa réponse"
        in client.post(reverse("livret:demande-delete", args=[demande.pk]), follow=True).content.decode()
    )
    page = client.post(url(monde, "demande-create"), {"competence": "C3"}, follow=True).content.decode()
    assert "Demande envoyée pour C3" in page
    demande.refresh_from_db()
    assert (demande.situation, demande.traitee_par) == (scene, monde.a.enseignant)
    assert [une.competence.code for une in Demande.objects.ouvertes()] == ["C3"]
    assert page.count("<strong>C3</strong>") == 2


def test_un_niveau_pose_dans_une_situation_deja_publiee_repond_et_le_dit(monde: Monde) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, ["C3"], etat="publiee")
    demande = demander(monde)
    operation = {
        "id": "6f6c1a0e-2b7a-4c57-9d0e-0d8b4c1d9a11",
        "case": f"c{demande.competence_id}-{monde.a.eleves[0].pk}",
        "texte": "2",
        "vu": "",
    }
    reponse = connecte(monde.a.enseignant).post(
        reverse("livret:operations", args=[scene.pk]),
        {"personne": monde.a.enseignant.pk, "operations": [operation]},
        content_type="application/json",
    )
    assert f"Demande évaluée\xa0: {monde.a.eleves[0]}." in reponse.json()["etat"]
    assert list(Demande.objects.ouvertes()) == []


def test_la_demande_d_une_autre_classe_n_ouvre_rien(monde: Monde) -> None:
    ailleurs = factories.demande(monde.b.eleves[0], monde.b.classe)
    volee = reverse("livret:situation-volee", args=[monde.a.classe.pk])
    client = connecte(monde.a.enseignant)
    assert client.get(f"{volee}?eleve={monde.a.eleves[0].pk}&demande={ailleurs.pk}").status_code == 404
    assert client.get(f"{volee}?eleve={monde.a.eleves[0].pk}&demande=un").status_code == 404


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.compte_eleve)
    assert requetes(lambda: client.get(url(monde))) == 18
    for code in ("C3", "C4"):
        demander(monde, code)
        factories.demande(factories.eleve(monde.a.classe), monde.a.classe, code)
    assert requetes(lambda: client.get(url(monde))) == 18
