"""Les PFMP d'une classe : prévoir, placer, suivre, relancer."""

import datetime
import smtplib
from datetime import date
from decimal import Decimal

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse
from django.utils import timezone

from livret.models import (
    Evaluation,
    Periode,
    Pfmp,
    Sejour,
    Situation,
)
from livret.pfmp.suivi import semaines_par_eleve
from tests import factories
from tests.litanie import (
    EQUIPE_ET_ADMINISTRATION,
    connecte,
    requetes,
    statuts,
)
from tests.livret.pfmp.scene import APRES, Scene
from tests.monde import INTRUS, Monde

CONSOLE = "django.core.mail.backends.console.EmailBackend"


def tableau(monde: Monde) -> str:
    return reverse("livret:classe-pfmp", args=[monde.a.classe.pk])


def nouvelle(monde: Monde) -> str:
    return reverse("livret:periode-create", args=[monde.a.classe.pk])


def relances(pfmps: Scene) -> str:
    return reverse("livret:periode-relances", args=[pfmps.periode.pk])


def coche(monde: Monde) -> dict[str, int]:
    return {"referent": monde.a.enseignant.pk}


def saisie(monde: Monde, **champs: object) -> dict[str, object]:
    """PFMP de mars : Camille et Dominique ont chacun leur ligne."""
    camille, dominique = monde.a.eleves
    vide = {f"place_{camille.pk}": "", f"place_{dominique.pk}": ""}
    return {"intitule": "PFMP de mars", "debut": "2026-03-02", "fin": "2026-03-27", **vide, **champs}


def test_droits(monde: Monde, pfmps: Scene) -> None:
    for adresse in (tableau(monde), nouvelle(monde), pfmps.periode.modification, relances(pfmps)):
        assert statuts(monde, adresse) == EQUIPE_ET_ADMINISTRATION


# --- Le tableau ---------------------------------------------------------------------------------


def test_le_tableau_dit_qui_est_ou_et_ce_qui_manque(monde: Monde, pfmps: Scene) -> None:
    reponse = connecte(monde.a.enseignant).get(tableau(monde))
    [periode] = reponse.context["tableaux"]
    assert [
        (suivi.eleve.prenom, suivi.etat, suivi.jours_faits, suivi.jours_prevus, suivi.manques)
        for suivi in periode.suivis
    ] == [
        ("Camille", "terminée", Decimal(19), 20, ("l’évaluation",)),
        (
            "Dominique",
            "sans entreprise",
            0,
            0,
            ("une entreprise", "un enseignant référent", "la relecture de l’annexe"),
        ),
    ]
    page = reponse.content.decode()
    for attendu in ("Usinage A, Maryse Tutrice A", "19 / 20", "20 janvier", "Relancer (2)", "3,8\xa0/\xa022"):
        assert attendu in page
    assert "tutrice@entreprise.invalid" not in page
    assert INTRUS not in page


@pytest.mark.parametrize(
    ("jour", "etat", "manques"),
    [
        (date(2025, 12, 1), "à venir", ("la relecture de l’annexe",)),
        (date(2026, 1, 5), "en cours", ("la relecture de l’annexe",)),
        (date(2026, 1, 30), "en cours", ("la relecture de l’annexe",)),
        (date(2026, 1, 31), "terminée", ("l’évaluation",)),
    ],
)
def test_ce_qui_manque_depend_du_jour(
    monde: Monde, pfmps: Scene, monkeypatch: pytest.MonkeyPatch, jour: date, etat: str, manques: tuple[str]
) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: jour)
    [periode] = connecte(monde.a.enseignant).get(tableau(monde)).context["tableaux"]
    assert (periode.suivis[0].etat, periode.suivis[0].manques) == (etat, manques)


def test_une_visite_prevue_suffit_avant_la_fin_pas_apres(
    monde: Monde, pfmps: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connecte(monde.a.enseignant)

    def manques(jour: date) -> tuple[str, ...]:
        monkeypatch.setattr("django.utils.timezone.localdate", lambda: jour)
        return client.get(tableau(monde)).context["tableaux"][0].suivis[0].manques

    Pfmp.objects.update(annexe_relue_le=date(2025, 12, 1))
    pfmps.visite.date = date(2026, 3, 1)
    pfmps.visite.save()
    assert manques(date(2026, 1, 15)) == ()
    assert manques(date(2026, 2, 1)) == ("une visite", "l’évaluation")
    pfmps.visite.delete()
    assert manques(date(2026, 1, 15)) == ("une visite",)
    Sejour.objects.update(tuteur=None)
    assert manques(date(2026, 1, 15)) == ("un tuteur", "une visite")


def test_une_situation_en_entreprise_vaut_evaluation(monde: Monde, pfmps: Scene) -> None:
    """Q9 : une situation comme une autre, en entreprise, aux dates de la PFMP."""
    client = connecte(monde.a.enseignant)

    def evaluee() -> bool:
        return client.get(tableau(monde)).context["tableaux"][0].suivis[0].evaluee

    scene = factories.situation(
        monde.a.classe, monde.a.enseignant, ["C1"], lieu="entreprise", debut="2026-01-30", fin="2026-02-02"
    )
    assert not evaluee()
    evaluation = factories.evaluation(scene, monde.a.eleves[0], "C1", mention="ABS")
    assert not evaluee()
    Evaluation.objects.filter(pk=evaluation.pk).update(
        mention="", niveau=factories.niveau(monde.referentiel, 2)
    )
    assert evaluee()
    for champs in ({"lieu": "centre"}, {"etat": "brouillon"}, {"debut": "2026-01-31"}):
        avant = Situation.objects.filter(pk=scene.pk).values(*champs)[0]
        Situation.objects.filter(pk=scene.pk).update(**champs)
        assert not evaluee()
        Situation.objects.filter(pk=scene.pk).update(**avant)


def test_les_semaines_de_chaque_eleve(monde: Monde, pfmps: Scene) -> None:
    """Toutes années confondues ; une PFMP annulée ne compte pas ; trois requêtes."""
    passee = factories.classe(monde.a.promotion, niveau="1re")
    camille = monde.a.eleves[0]
    monde.a.eleves[0].scolarites.create(classe=passee)
    ancienne = factories.pfmp(factories.periode(passee, "Avant", "2025-01-06", "2025-01-10"), camille)
    factories.sejour(ancienne, pfmps.tuteur)
    annulee = factories.pfmp(
        factories.periode(monde.a.classe, "Annulée", "2026-06-01", "2026-06-05"), camille, etat="annulee"
    )
    factories.sejour(annulee, pfmps.tuteur)
    un, deux = list(monde.a.eleves)[:1], list(monde.a.eleves)
    semaines = semaines_par_eleve(deux, APRES)
    assert [semaines[eleve.pk].texte for eleve in deux] == [
        "4,8\xa0/\xa022\xa0semaines",
        "0\xa0/\xa022\xa0semaines",
    ]
    assert semaines_par_eleve(un, date(2026, 1, 9))[camille.pk].faites == Decimal("1.8")
    assert semaines_par_eleve(un, date(2026, 1, 9))[camille.pk].prevues == Decimal("4.8")
    assert requetes(lambda: semaines_par_eleve(un, APRES)) == 3
    assert requetes(lambda: semaines_par_eleve(deux, APRES)) == 3


def test_requetes(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    pfmps.dominique.delete()
    monde.a.eleves[1].scolarites.update(sortie="2026-01-05")
    assert requetes(lambda: client.get(tableau(monde))) == 17
    assert requetes(lambda: client.get(pfmps.periode.modification)) == 13
    for rang in range(2):
        pfmp = factories.pfmp(pfmps.periode, factories.eleve(monde.a.classe), monde.a.enseignant)
        factories.sejour(pfmp, factories.tuteur(factories.entreprise(monde.a.etablissement, f"E{rang}")))
        factories.absence(pfmp)
        factories.visite(pfmp, monde.a.enseignant)
    factories.periode(monde.a.classe, "Autre", "2026-06-01", "2026-06-05")
    assert requetes(lambda: client.get(tableau(monde))) == 17
    assert requetes(lambda: client.get(pfmps.periode.modification)) == 13


# --- Prévoir et placer --------------------------------------------------------------------------


def test_prevoir_pour_toute_la_classe(monde: Monde, pfmps: Scene) -> None:
    camille, dominique = monde.a.eleves
    donnees = saisie(
        monde,
        **{f"place_{camille.pk}": f"t{pfmps.tuteur.pk}", f"referent_{camille.pk}": monde.a.enseignant.pk},
        **{f"place_{dominique.pk}": f"e{pfmps.entreprise.pk}"},
    )
    reponse = connecte(monde.a.enseignant).post(nouvelle(monde), donnees)
    periode = Periode.objects.get(intitule="PFMP de mars")
    assert reponse.url == f"{tableau(monde)}#p{periode.pk}"
    assert list(
        Sejour.objects.filter(pfmp__periode=periode).values_list(
            "pfmp__eleve", "pfmp__referent", "entreprise", "tuteur", "debut", "fin"
        )
    ) == [
        (pfmp, referent, pfmps.entreprise.pk, tuteur, date(2026, 3, 2), date(2026, 3, 27))
        for pfmp, referent, tuteur in (
            (camille.pk, monde.a.enseignant.pk, pfmps.tuteur.pk),
            (dominique.pk, None, None),
        )
    ]


def test_l_annexe_est_remplie_par_ce_qui_reste_a_prouver(monde: Monde, pfmps: Scene) -> None:
    """Camille a C1 à 2 et C2 au maximum ; les tâches sont de son option."""
    connecte(monde.a.enseignant).post(nouvelle(monde), saisie(monde))
    pfmp = Pfmp.objects.get(periode__intitule="PFMP de mars", eleve=monde.a.eleves[0])
    assert list(pfmp.competences.values_list("code", flat=True)) == ["C1", "C3", "C4", "C5"]
    assert list(pfmp.taches.order_by("ordre").values_list("code", "option__code")) == [
        ("A1-T1", None),
        ("A1-T2", None),
        ("A2-T1", "USI"),
        ("A3-T1", None),
    ]
    assert pfmp.annexe_relue_le is None


def test_qui_ne_part_pas_n_a_pas_de_pfmp_et_peut_partir_ensuite(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    camille, dominique = monde.a.eleves
    client.post(nouvelle(monde), saisie(monde, **{f"place_{dominique.pk}": "non"}))
    periode = Periode.objects.get(intitule="PFMP de mars")
    assert list(periode.pfmps.values_list("eleve", flat=True)) == [camille.pk]
    assert '<option value="non" selected>ne part pas</option>' in (
        client.get(periode.modification).content.decode()
    )
    client.post(
        periode.modification,
        saisie(monde, **{f"place_{camille.pk}": f"e{pfmps.entreprise.pk}", f"place_{dominique.pk}": ""}),
    )
    assert sorted(periode.pfmps.values_list("eleve", "sejours__entreprise")) == sorted(
        [(camille.pk, pfmps.entreprise.pk), (dominique.pk, None)]
    )


def test_deplacer_la_periode_deplace_les_sejours_qui_la_suivent(monde: Monde, pfmps: Scene) -> None:
    a_part = factories.sejour(pfmps.dominique, pfmps.tuteur, "2026-01-12", "2026-01-16")
    pfmps.absence.delete()
    donnees = {"intitule": "PFMP A", "debut": "2026-01-12", "fin": "2026-02-06"}
    assert connecte(monde.a.enseignant).post(pfmps.periode.modification, donnees).status_code == 302
    assert list(Sejour.objects.filter(pfmp__periode=pfmps.periode).values_list("pk", "debut", "fin")) == [
        (pfmps.sejour.pk, date(2026, 1, 12), date(2026, 2, 6)),
        (a_part.pk, date(2026, 1, 12), date(2026, 1, 16)),
    ]
    assert Pfmp.objects.get(pk=pfmps.camille.pk).referent is None


def test_un_deplacement_impossible_ne_change_rien(monde: Monde, pfmps: Scene) -> None:
    """L'absence de Camille sortirait de son séjour : la période garde ses dates."""
    donnees = {"intitule": "PFMP A", "debut": "2026-01-12", "fin": "2026-02-06"}
    page = connecte(monde.a.enseignant).post(pfmps.periode.modification, donnees).content.decode()
    assert "Une absence sortirait de ces dates" in page
    assert 'value="2026-01-12"' in page
    assert Periode.objects.get(pk=pfmps.periode.pk).debut == date(2026, 1, 5)
    assert Pfmp.objects.get(pk=pfmps.camille.pk).referent == monde.a.enseignant


def test_deux_periodes_ne_se_croisent_pas_pour_un_eleve(monde: Monde, pfmps: Scene) -> None:
    camille = monde.a.eleves[0]
    donnees = saisie(
        monde, debut="2026-01-30", fin="2026-02-13", **{f"place_{camille.pk}": f"t{pfmps.tuteur.pk}"}
    )
    reponse = connecte(monde.a.enseignant).post(nouvelle(monde), donnees)
    assert reponse.context["form"].errors == {
        f"place_{camille.pk}": [
            "Déjà en entreprise à ces dates : Usinage A (Essai-sur-Loire), "
            "du 5 janvier 2026 au 30 janvier 2026."
        ]
    }
    assert Periode.objects.filter(classe=monde.a.classe).count() == 1


@pytest.mark.parametrize(
    ("champs", "champ", "phrase"),
    [
        ({"intitule": "PFMP A"}, "__all__", "Une période de cette classe porte déjà cet intitulé."),
        ({"fin": "2026-03-01"}, "__all__", "La date de fin précède la date de début."),
        ({"debut": "2025-06-02"}, "debut", "Cette date n’est pas dans l’année scolaire 2025-2026."),
        ({"debut": "lundi"}, "debut", "Cette date est illisible ; écrivez par exemple 14/03/2008."),
    ],
)
def test_une_mauvaise_saisie_s_explique(
    monde: Monde, pfmps: Scene, champs: dict[str, str], champ: str, phrase: str
) -> None:
    reponse = connecte(monde.a.enseignant).post(nouvelle(monde), saisie(monde, **champs))
    assert reponse.context["form"].errors[champ] == [phrase]
    assert phrase in reponse.content.decode()
    assert Pfmp.objects.filter(eleve__in=monde.a.eleves).count() == 2


def test_ni_entreprise_ni_referent_d_ailleurs(monde: Monde, pfmps: Scene) -> None:
    camille = monde.a.eleves[0]
    ailleurs = Sejour.objects.get(pfmp__eleve=monde.b.eleves[0])
    for champs in (
        {f"place_{camille.pk}": f"t{ailleurs.tuteur_id}"},
        {f"place_{camille.pk}": f"e{ailleurs.entreprise_id}"},
        {f"referent_{camille.pk}": monde.b.enseignant.pk},
        {f"referent_{camille.pk}": monde.a.collegue.pk},
    ):
        reponse = connecte(monde.a.enseignant).post(nouvelle(monde), saisie(monde, **champs))
        assert list(reponse.context["form"].errors) == list(champs)
        assert INTRUS not in reponse.content.decode()


# --- Relancer -----------------------------------------------------------------------------------


def test_relancer_les_referents(monde: Monde, pfmps: Scene, mailoutbox: list) -> None:
    client = connecte(monde.a.enseignant)
    assert "Relancer les personnes cochées" in client.get(relances(pfmps)).content.decode()
    assert "cochez au moins une personne" in client.post(relances(pfmps)).content.decode()
    assert mailoutbox == []
    page = client.post(relances(pfmps), coche(monde)).content.decode()
    [message] = mailoutbox
    assert (message.to, message.subject) == (
        [monde.a.enseignant.email],
        "PFMP A, Tle A : ce qui manque",
    )
    assert "- ALPHA-A1 Camille : l’évaluation\n" in message.body
    assert "Dominique" not in message.body
    assert f"http://testserver{tableau(monde)}#p{pfmps.periode.pk}" in message.body
    assert f"Envoyé à {monde.a.enseignant.email}." in page
    assert "Sans enseignant référent" in page
    assert "Dominique : une entreprise, un enseignant référent" in page
    assert INTRUS not in page + message.body


@pytest.mark.parametrize(
    ("jour", "relancee", "cochee"),
    [
        ("2025-12-21", None, False),
        ("2025-12-22", None, True),
        ("2026-01-20", None, True),
        ("2026-02-10", "2026-02-04", False),
        ("2026-02-10", "2026-02-03", True),
    ],
)
def test_n_est_coche_d_avance_que_le_referent_a_relancer(
    monde: Monde,
    pfmps: Scene,
    monkeypatch: pytest.MonkeyPatch,
    jour: str,
    relancee: str | None,
    cochee: bool,
) -> None:
    """Du 5 au 30 janvier : due à quinze jours, plus pendant la semaine qui suit une relance."""
    pfmps.camille.annexe_relue_le = None
    pfmps.camille.save()
    Pfmp.objects.update(relancee_le=relancee)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: datetime.date.fromisoformat(jour))
    page = connecte(monde.a.enseignant).get(relances(pfmps)).content.decode()
    assert (f'name="referent" value="{monde.a.enseignant.pk}" checked' in page) is cochee
    assert page.count('name="referent"') == 1  # sans référent, personne à cocher


def test_la_relance_partie_est_datee(monde: Monde, pfmps: Scene, mailoutbox: list) -> None:
    connecte(monde.a.enseignant).post(relances(pfmps), coche(monde))
    dates = Pfmp.objects.filter(periode=pfmps.periode).order_by("pk").values_list("relancee_le", flat=True)
    assert list(dates) == [timezone.localdate(), None]
    page = connecte(monde.a.enseignant).get(relances(pfmps)).content.decode()
    assert "dernière relance le" in page
    assert f'value="{monde.a.enseignant.pk}" checked' not in page


def test_une_panne_se_dit_et_le_texte_reste(
    monde: Monde, pfmps: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for panne in (ConnectionRefusedError(), smtplib.SMTPRecipientsRefused({})):

        def tomber(*arguments: object, panne: Exception = panne) -> None:
            raise panne

        monkeypatch.setattr(EmailBackend, "send_messages", tomber)
        page = connecte(monde.a.enseignant).post(relances(pfmps), coche(monde)).content.decode()
        assert "Rien n’est parti\xa0: le serveur de courriel ne répond pas ou refuse l’envoi." in page
        assert "- ALPHA-A1 Camille : l’évaluation" in page


def test_sans_serveur_de_courriel_on_copie(monde: Monde, pfmps: Scene, settings, mailoutbox: list) -> None:
    settings.EMAIL_BACKEND = CONSOLE
    client = connecte(monde.a.enseignant)
    page = client.get(relances(pfmps)).content.decode()
    assert "Aucun serveur de courriel n’est réglé" in page
    assert "- ALPHA-A1 Camille : l’évaluation" in page
    assert "Relancer les personnes cochées" not in page
    page = client.post(relances(pfmps), coche(monde)).content.decode()
    assert "Rien n’est parti\xa0: aucun serveur" in page
    assert Pfmp.objects.filter(relancee_le__isnull=False).count() == 0
    assert mailoutbox == []


def test_sans_adresse_on_le_dit(monde: Monde, pfmps: Scene, mailoutbox: list) -> None:
    monde.a.enseignant.email = ""
    monde.a.enseignant.save()
    page = connecte(monde.a.administrateur).post(relances(pfmps), coche(monde)).content.decode()
    assert "cette personne n’a pas d’adresse de courriel" in page
    assert mailoutbox == []
