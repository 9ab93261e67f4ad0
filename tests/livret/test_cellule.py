"""Une case s'enregistre seule, dès qu'elle change."""

from django.urls import reverse

from livret.models import Evaluation, Observation
from tests.distribution import INTRUS, Monde
from tests.livret.litanie import EQUIPE_SEULE, connecte, requetes, statuts
from tests.livret.test_grille import case, niveaux

HTMX = {"HTTP_HX_REQUEST": "true"}


def url(monde: Monde) -> str:
    return reverse("livret:cellule", args=[monde.a.situation.pk])


def geste(monde: Monde, code: str, texte: str, vu: str = "", rang: int = 0) -> dict[str, str]:
    return {"case": case(monde, code, monde.a.eleves[rang]), "texte": texte, "vu": vu}


def test_droits(monde: Monde) -> None:
    assert statuts(monde, url(monde), "post", geste(monde, "C1.2", "3")) == {
        **EQUIPE_SEULE,
        "enseignant": 302,
    }
    assert statuts(monde, url(monde)) == {**EQUIPE_SEULE, "enseignant": 405, "collègue": 405, "ailleurs": 405}


def test_la_reponse_est_la_case_seule_et_l_heure(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).post(url(monde), geste(monde, "C1.2", "3"), **HTMX)
    page = reponse.content.decode()
    nom = case(monde, "C1.2", monde.a.eleves[0])
    assert "<html" not in page
    assert f'<td id="k-{nom}" class="case"' in page
    assert f'name="vu-{nom}" form="saisie" value="3"' in page
    assert "Bien maîtrisé · Enseignant-A Personne-A" in page
    assert "1 case enregistrée à " in page
    assert niveaux(monde, monde.a.eleves[0])["C1.2"] == "3"


def test_un_detail_redessine_la_suggestion_de_sa_competence(monde: Monde) -> None:
    monde.a.situation.evaluations.all().delete()
    reponse = connecte(monde.a.enseignant).post(url(monde), geste(monde, "C1.2", "3"), **HTMX)
    page = reponse.content.decode()
    competence = case(monde, "C1", monde.a.eleves[0])
    assert f'<td id="k-{competence}" class="case officielle suggeree" hx-swap-oob="outerHTML"' in page
    assert f'name="suggere-{competence}" form="saisie" value="2"' in page
    assert not Evaluation.objects.filter(situation=monde.a.situation).exists()


def test_un_refus_s_explique_et_garde_ce_qui_est_tape(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).post(url(monde), geste(monde, "C1.2", "9"), **HTMX)
    page = reponse.content.decode()
    assert "« 9 » n’est pas un niveau" in page
    assert 'value="9"' in page
    assert "Rien n’a été enregistré." in page


def test_un_conflit_dit_qui_quoi_quand_et_laisse_choisir(monde: Monde) -> None:
    client, collegue = connecte(monde.a.enseignant), monde.a.collegue
    monde.a.classe.equipe.add(collegue)
    connecte(collegue).post(url(monde), geste(monde, "C1", "3", vu="2"), **HTMX)
    page = client.post(url(monde), geste(monde, "C1", "1", vu="2"), **HTMX).content.decode()
    assert f"{collegue.nom_complet} y a écrit « 3 » à " in page
    assert "Garder « 3 »" in page
    assert "Remplacer par « 1 »" in page
    assert niveaux(monde, monde.a.eleves[0])["C1"] == "3"
    client.post(url(monde), geste(monde, "C1", "1", vu="3"), **HTMX)
    assert niveaux(monde, monde.a.eleves[0])["C1"] == "1"


def test_rejouer_le_meme_envoi_ne_change_rien(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    for _ in range(3):
        reponse = client.post(url(monde), geste(monde, "C1.2", "3"), **HTMX)
        assert "conflit" not in reponse.content.decode()
    assert Observation.history.filter(detaillee__code="C1.2").count() == 1


def test_un_eleve_d_ailleurs_est_inconnu(monde: Monde) -> None:
    envoi = {"case": case(monde, "C1.1", monde.b.eleves[0]), "texte": "0", "vu": "2"}
    page = connecte(monde.a.enseignant).post(url(monde), envoi, **HTMX).content.decode()
    assert "Cet élève n’est pas dans la classe de la situation." in page
    assert INTRUS not in page
    assert str(Observation.objects.get(eleve=monde.b.eleves[0], detaillee__code="C1.1")) == "2"


def test_une_case_qui_n_existe_pas(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    for adresse in ("", "x1-2", "d1", "d-1", "d1-2; DROP", "d1-" + "9" * 30):
        reponse = client.post(url(monde), {"case": adresse, "texte": "1"}, **HTMX)
        assert (reponse.status_code, reponse.content.decode()) == (400, "Cette case n’existe pas.")


def test_un_texte_saisi_ne_devient_jamais_du_html(monde: Monde) -> None:
    envoi = geste(monde, "C1.2", "<b>x</b>")
    page = connecte(monde.a.enseignant).post(url(monde), envoi, **HTMX).content.decode()
    assert "<b>x" not in page
    eleve = monde.a.eleves[0]
    envoi = {
        "case": f"commentaire-{eleve.pk}",
        "texte": "</textarea><script>1</script>",
        "vu": "Gamme cohérente",
    }
    page = connecte(monde.a.enseignant).post(url(monde), envoi, **HTMX).content.decode()
    assert "<script" not in page


def test_sans_htmx_on_revient_a_la_grille(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    reponse = client.post(url(monde), geste(monde, "C1.2", "3"))
    assert reponse.url == reverse("livret:grille", args=[monde.a.situation.pk])
    reponse = client.post(url(monde), geste(monde, "C1.2", "9", vu="3"))
    assert "« 9 » n’est pas un niveau" in reponse.content.decode()
    assert "<html" in reponse.content.decode()


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    assert requetes(lambda: client.post(url(monde), geste(monde, "C1.2", "3"), **HTMX)) == 24
