"""La grille sans JavaScript : un seul formulaire, qui n'écrit que ce qui a changé."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from livret.models import (
    Eleve,
    Evaluation,
    Fiche,
    Observation,
    Situation,
)
from referentiel.models import Detaillee
from tests import factories
from tests.litanie import (
    EQUIPE_ET_ADMINISTRATION,
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.livret.grille_lue import grille_lue
from tests.monde import INTRUS, Monde


def url(monde: Monde) -> str:
    return reverse("livret:grille", args=[monde.a.situation.pk])


def case(monde: Monde, code: str, eleve: Eleve, option: str = "USI") -> str:
    """Nom de la case : `c…` pour une compétence, `d…` pour une détaillée."""
    if "." not in code:
        return f"c{monde.referentiel.competences.get(code=code).pk}-{eleve.pk}"
    detaillees = Detaillee.objects.filter(code=code, competence__referentiel=monde.referentiel)
    detaillee = next(une for une in detaillees if une.option is None or une.option.code == option)
    return f"d{detaillee.pk}-{eleve.pk}"


def niveaux(monde: Monde, eleve: Eleve) -> dict[str, str]:
    """Ce que porte un élève dans la situation de A, par code."""
    scene = monde.a.situation
    lus = {une.detaillee.code: str(une) for une in scene.observations.filter(eleve=eleve)}
    return lus | {une.competence.code: str(une) for une in scene.evaluations.filter(eleve=eleve)}


def test_droits(monde: Monde) -> None:
    assert statuts(monde, url(monde)) == EQUIPE_ET_ADMINISTRATION
    assert statuts(monde, url(monde), "post") == {**EQUIPE_SEULE, "enseignant": 302}


def test_la_grille(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).get(url(monde))
    grille = grille_lue(reponse)
    assert grille.colonnes == ["C1.1", "C1.2", "C1", "C2.1", "C2"]
    assert list(grille.lignes.items()) == [
        ("ALPHA-A1 Camille", ["2", "", "2", "", "3"]),
        ("ALPHA-A2 Dominique", ["1", "", "1", "", "ABS"]),
    ]
    page = reponse.content.decode()
    assert f'name="{case(monde, "C1.1", monde.a.eleves[0])}=2" value="2"' in page
    assert "Gamme cohérente" in page


def test_seul_ce_qui_change_est_ecrit(monde: Monde) -> None:
    premier, second = monde.a.eleves
    avant = Observation.history.count() + Evaluation.history.count()
    envoi = {
        case(monde, "C1.1", premier): "2",
        f"vu-{case(monde, 'C1.1', premier)}": "2",
        case(monde, "C1.2", premier): "3",
        case(monde, "C1", second): "n",
        f"vu-{case(monde, 'C1', second)}": "1",
        case(monde, "C2", second): "",
        f"vu-{case(monde, 'C2', second)}": "ABS",
    }
    reponse = connecte(monde.a.enseignant).post(url(monde), envoi, follow=True)
    assert "3 cases enregistrées à " in reponse.content.decode()
    assert niveaux(monde, premier) == {"C1.1": "2", "C1.2": "3", "C1": "2", "C2": "3"}
    assert niveaux(monde, second) == {"C1.1": "1", "C1": "NE"}
    assert Observation.history.count() + Evaluation.history.count() == avant + 3


def test_l_historique_garde_l_ancienne_valeur_et_son_auteur(monde: Monde) -> None:
    premier = monde.a.eleves[0]
    collegue = monde.a.collegue
    monde.a.classe.equipe.add(collegue)
    nom = case(monde, "C1", premier)
    connecte(collegue).post(url(monde), {nom: "0", f"vu-{nom}": "2"})
    connecte(collegue).post(url(monde), {nom: "", f"vu-{nom}": "0"})
    traces = Evaluation.history.filter(eleve=premier, competence__code="C1").order_by("history_id")
    assert [(t.history_type, t.niveau.code, t.history_user) for t in traces] == [
        ("+", "2", None),
        ("~", "0", collegue),
        ("-", "0", collegue),
    ]


def test_une_case_fausse_garde_ce_qui_est_tape_et_laisse_passer_les_autres(monde: Monde) -> None:
    premier = monde.a.eleves[0]
    envoi = {case(monde, "C1.2", premier): "7", case(monde, "C2.1", premier): "3"}
    reponse = connecte(monde.a.enseignant).post(url(monde), envoi)
    page = reponse.content.decode()
    assert reponse.status_code == 200
    assert "C1.2, ALPHA-A1 Camille" in page
    assert "« 7 » n’est pas un niveau : tapez 0, 1, 2, 3, N (non évalué)" in page
    assert f'name="{case(monde, "C1.2", premier)}" value="7" data-vu=""' in page
    assert niveaux(monde, premier) == {"C1.1": "2", "C2.1": "3", "C1": "2", "C2": "3"}


@pytest.mark.parametrize(("etat", "dit"), [("brouillon", "un brouillon"), ("close", "close")])
def test_une_situation_non_saisissable_refuse_et_rappelle_ce_qui_etait_tape(
    monde: Monde, etat: str, dit: str
) -> None:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=etat)
    premier = monde.a.eleves[0]
    reponse = connecte(monde.a.enseignant).post(url(monde), {case(monde, "C1.2", premier): "3"})
    page = reponse.content.decode()
    assert f"La situation est {dit}\xa0: on n’y saisit pas. Vous aviez tapé « 3 »." in page
    assert "Enregistrer la grille" not in page
    assert niveaux(monde, premier) == {"C1.1": "2", "C1": "2", "C2": "3"}


def test_chaque_refus_a_sa_phrase(monde: Monde) -> None:
    a, b = monde.a, monde.b
    outilleur = factories.eleve(a.classe, "ZOLA", option=monde.referentiel.options.get(code="OUT"))
    voisin = factories.eleve(factories.classe(a.promotion, [a.enseignant]), "VOISIN")
    usinage = Detaillee.objects.get(code="C3.1", option__code="USI")
    a.situation.detaillees.add(usinage)
    envoi = {
        f"d{usinage.pk}-{outilleur.pk}": "2",
        case(monde, "C1.1", voisin): "2",
        case(monde, "C1.1", b.eleves[0]): "2",
        case(monde, "C5", a.eleves[0]): "2",
        case(monde, "C5.1", a.eleves[0]): "2",
        f"d999999-{a.eleves[0].pk}": "2",
    }
    reponse = connecte(a.enseignant).post(url(monde), envoi)
    motifs = [refus.motif for _, refus in reponse.context["refus"]]
    assert motifs == [
        "C3.1 ne concerne pas l’option OUT, celle de ZOLA Alix.",
        "Cet élève n’est pas dans la classe de la situation.",
        "Cet élève n’est pas dans la classe de la situation.",
        "Cette compétence n’est pas visée par la situation.",
        "Cette compétence détaillée n’est pas visée par la situation.",
        "Cette compétence détaillée n’est pas visée par la situation.",
    ]
    assert INTRUS not in reponse.content.decode()
    assert Observation.objects.filter(situation=a.situation).count() == 2


def test_les_cases_hors_option_sont_hachurees(monde: Monde) -> None:
    outilleur = factories.eleve(monde.a.classe, "ZOLA", option=monde.referentiel.options.get(code="OUT"))
    monde.a.situation.detaillees.add(Detaillee.objects.get(code="C3.1", option__code="USI"))
    page = connecte(monde.a.enseignant).get(url(monde)).content.decode()
    assert f'name="{case(monde, "C3.1", monde.a.eleves[0])}"' in page
    assert f'name="{case(monde, "C3.1", outilleur)}"' not in page
    assert page.count("hachuree") == 1


def test_une_suggestion_se_montre_et_ne_s_ecrit_pas_seule(monde: Monde) -> None:
    scene, premier = monde.a.situation, monde.a.eleves[0]
    scene.evaluations.all().delete()
    factories.observation(scene, premier, "C1.2", 3)
    client = connecte(monde.a.enseignant)
    suggestions = grille_lue(client.get(url(monde))).suggestions
    assert suggestions == {case(monde, "C1", premier): "2", case(monde, "C1", monde.a.eleves[1]): "1"}
    client.post(url(monde), {f"suggere-{cle}": code for cle, code in suggestions.items()})
    assert not Evaluation.objects.filter(situation=scene).exists()


def test_accepter_une_suggestion_ou_toutes(monde: Monde) -> None:
    scene, (premier, second) = monde.a.situation, monde.a.eleves
    scene.evaluations.all().delete()
    suggestions = {
        f"suggere-{case(monde, 'C1', premier)}": "2",
        f"suggere-{case(monde, 'C1', second)}": "1",
    }
    client = connecte(monde.a.enseignant)
    client.post(url(monde), {**suggestions, "accepter": case(monde, "C1", second)})
    assert (niveaux(monde, premier).get("C1"), niveaux(monde, second).get("C1")) == (None, "1")
    client.post(url(monde), {**suggestions, "accepter": "toutes"})
    assert (niveaux(monde, premier).get("C1"), niveaux(monde, second).get("C1")) == ("2", "1")


def test_ce_qui_est_tape_l_emporte_sur_la_suggestion(monde: Monde) -> None:
    premier = monde.a.eleves[0]
    monde.a.situation.evaluations.all().delete()
    nom = case(monde, "C1", premier)
    connecte(monde.a.enseignant).post(url(monde), {nom: "3", f"suggere-{nom}": "2", "accepter": "toutes"})
    assert niveaux(monde, premier)["C1"] == "3"


def test_une_mention_ne_pese_pas_dans_la_suggestion(monde: Monde) -> None:
    scene, premier = monde.a.situation, monde.a.eleves[0]
    scene.evaluations.all().delete()
    factories.observation(scene, premier, "C1.2", mention="ABS")
    suggestions = grille_lue(connecte(monde.a.enseignant).get(url(monde))).suggestions
    assert suggestions[case(monde, "C1", premier)] == "2"


def test_un_commentaire_par_eleve(monde: Monde) -> None:
    premier, second = monde.a.eleves
    envoi = {
        f"commentaire-{premier.pk}": "Très bien.\r\nÀ poursuivre.",
        f"vu-commentaire-{premier.pk}": "Gamme cohérente",
        f"commentaire-{second.pk}": "",
        f"vu-commentaire-{second.pk}": "Gamme cohérente",
    }
    reponse = connecte(monde.a.enseignant).post(url(monde), envoi, follow=True)
    assert [(fiche.eleve, fiche.commentaire) for fiche in monde.a.situation.fiches.all()] == [
        (premier, "Très bien.\nÀ poursuivre.")
    ]
    # Renvoyé tel que le navigateur l'affiche, il n'a pas changé.
    assert "2 cases enregistrées" in reponse.content.decode()
    renvoi = {nom: "Très bien.\r\nÀ poursuivre." for nom in envoi if nom.endswith(str(premier.pk))}
    reponse = connecte(monde.a.enseignant).post(url(monde), renvoi, follow=True)
    assert "Tout était déjà enregistré." in reponse.content.decode()


def test_une_grille_perimee_n_ecrase_pas_un_collegue(monde: Monde) -> None:
    premier, collegue = monde.a.eleves[0], monde.a.collegue
    monde.a.classe.equipe.add(collegue)
    nom = case(monde, "C1", premier)
    connecte(collegue).post(url(monde), {nom: "3", f"vu-{nom}": "2"})
    heure = timezone.localtime(Evaluation.objects.get(eleve=premier, competence__code="C1").modifie_le)
    reponse = connecte(monde.a.enseignant).post(url(monde), {nom: "1", f"vu-{nom}": "2"})
    page = reponse.content.decode()
    assert niveaux(monde, premier)["C1"] == "3"
    assert f"{collegue.nom_complet} y a écrit « 3 » à {heure.hour} h {heure.minute:02d}" in page
    assert "Vous vouliez « 1 »." in page
    assert f'name="{nom}=3" value="3"' in page


def test_un_conflit_se_tranche_en_enregistrant_de_nouveau(monde: Monde) -> None:
    premier = monde.a.eleves[0]
    nom = case(monde, "C1", premier)
    client = connecte(monde.a.enseignant)
    tranche = {nom: "2", f"vu-{nom}": "2", "remplacer": nom, f"voulu-{nom}": "1", f"present-{nom}": "2"}
    client.post(url(monde), tranche)
    assert niveaux(monde, premier)["C1"] == "1"
    # Mais si la case a encore changé, c'est encore un conflit.
    reponse = client.post(url(monde), {**tranche, f"voulu-{nom}": "3"})
    assert len(reponse.context["conflits"]) == 1
    assert niveaux(monde, premier)["C1"] == "1"


def test_effacer_une_case_changee_entre_temps_est_un_conflit(monde: Monde) -> None:
    premier = monde.a.eleves[0]
    nom = case(monde, "C1", premier)
    reponse = connecte(monde.a.enseignant).post(url(monde), {nom: "", f"vu-{nom}": "1"})
    assert "Vous vouliez l’effacer." in reponse.content.decode()
    assert niveaux(monde, premier)["C1"] == "2"


def test_remplir_une_case_videe_entre_temps_est_un_conflit(monde: Monde) -> None:
    premier = monde.a.eleves[0]
    nom = case(monde, "C1", premier)
    monde.a.situation.evaluations.filter(eleve=premier).delete()
    reponse = connecte(monde.a.enseignant).post(url(monde), {nom: "3", f"vu-{nom}": "2"})
    assert "la case a été vidée après l’affichage de votre grille." in reponse.content.decode()
    assert "C1" not in niveaux(monde, premier)


def test_la_meme_valeur_deja_ecrite_n_est_pas_un_conflit(monde: Monde) -> None:
    premier = monde.a.eleves[0]
    nom = case(monde, "C1", premier)
    reponse = connecte(monde.a.enseignant).post(url(monde), {nom: "2", f"vu-{nom}": ""}, follow=True)
    assert "Tout était déjà enregistré." in reponse.content.decode()


def test_un_brouillon_ouvre_sa_grille_en_lecture(monde: Monde) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant, competences=["C1"], etat="brouillon")
    page = connecte(monde.a.enseignant).get(reverse("livret:grille", args=[scene.pk])).content.decode()
    assert "Cette situation est un brouillon&nbsp;: on n’y saisit pas encore." in page
    assert "Ouvrir la saisie" in page
    assert 'id="saisie"' not in page


def test_sans_competence_visee_la_grille_dit_quoi_faire(monde: Monde) -> None:
    scene = factories.situation(monde.a.classe, monde.a.enseignant)
    page = connecte(monde.a.enseignant).get(reverse("livret:grille", args=[scene.pk])).content.decode()
    assert "Aucune compétence n’est visée par cette situation." in page


def test_l_administrateur_lit_la_grille_sans_champ(monde: Monde) -> None:
    page = connecte(monde.a.administrateur).get(url(monde)).content.decode()
    assert "ALPHA-A1" in page
    assert "<input" not in page.split("<main", 1)[1]


def test_toute_une_classe_s_enregistre_en_un_nombre_fixe_de_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    premier = monde.a.eleves[0]
    un = {
        case(monde, "C1.2", premier): "3",
        case(monde, "C2", premier): "1",
        f"vu-{case(monde, 'C2', premier)}": "3",
    }
    seul = requetes(lambda: client.post(url(monde), un))
    eleves = [factories.eleve(monde.a.classe) for _ in range(3)]
    tous = {case(monde, code, eleve): "2" for eleve in eleves for code in ("C1.1", "C1.2", "C2.1")}
    tous |= {case(monde, "C2", premier): "2", f"vu-{case(monde, 'C2', premier)}": "1"}
    assert (seul, requetes(lambda: client.post(url(monde), tous))) == (16, 16)
    assert Observation.objects.filter(eleve__in=eleves).count() == 9


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    second = monde.a.eleves[1]
    for lien in (Evaluation, Observation, Fiche):
        lien.objects.filter(eleve=second).delete()
    second.scolarites.update(sortie=datetime.date(2026, 1, 5))
    assert requetes(lambda: client.get(url(monde))) == 14
    second.scolarites.update(sortie=None)
    factories.observation(monde.a.situation, factories.eleve(monde.a.classe), "C1.2", 1)
    assert requetes(lambda: client.get(url(monde))) == 14
