"""La PFMP d'un élève : séjours, absences, visites, annexe, état."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from livret.models import (
    Absence,
    Pfmp,
    Sejour,
    Visite,
)
from tests import factories
from tests.litanie import (
    COMMISSION_QUI_SIEGE,
    EQUIPE_ET_ADMINISTRATION,
    connecte,
    requetes,
    statuts,
)
from tests.livret.pfmp.scene import Scene
from tests.monde import INTRUS, Monde

AVEC_L_ELEVE = {**EQUIPE_ET_ADMINISTRATION, **COMMISSION_QUI_SIEGE, "élève": 200}
E = Pfmp.Etat


def adresse(nom: str, objet: object) -> str:
    return reverse(f"livret:{nom}", args=[objet.pk])  # type: ignore[attr-defined]


def test_droits(monde: Monde, pfmps: Scene) -> None:
    assert statuts(monde, pfmps.camille.get_absolute_url()) == AVEC_L_ELEVE
    assert statuts(monde, pfmps.dominique.get_absolute_url()) == AVEC_L_ELEVE | {"élève": 404}
    assert statuts(monde, adresse("eleve-pfmp", monde.a.eleves[0])) == AVEC_L_ELEVE
    assert statuts(monde, adresse("eleve-pfmp", monde.a.eleves[1])) == {**AVEC_L_ELEVE, "élève": 404}
    for nom, objet in (
        ("sejour-create", pfmps.camille),
        ("sejour-update", pfmps.sejour),
        ("absence-create", pfmps.camille),
        ("absence-update", pfmps.absence),
        ("visite-create", pfmps.camille),
        ("visite-update", pfmps.visite),
        ("annexe", pfmps.camille),
    ):
        assert statuts(monde, adresse(nom, objet)) == EQUIPE_ET_ADMINISTRATION


def test_ce_que_l_equipe_lit(monde: Monde, pfmps: Scene) -> None:
    page = connecte(monde.a.enseignant).get(pfmps.camille.get_absolute_url()).content.decode()
    for attendu in (
        "du 5 janvier 2026 au 30 janvier 2026, 20 jours",
        "19 jours faits sur 20, soit 3,8 semaines",
        "tutrice@entreprise.invalid",
        "04 70 00 00 01",
        "6 janvier 2026, 1 jour<",
        "non justifiée, non rattrapée",
        "Bonne tenue du poste",
        "Il manque : l’évaluation.",
        "Clore la PFMP",
    ):
        assert attendu in page


def test_l_eleve_lit_la_sienne_sans_coordonnees_ni_comptes_rendus(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.compte_eleve)
    page = client.get(pfmps.camille.get_absolute_url()).content.decode()
    assert "Usinage A" in page
    assert "Maryse Tutrice A" in page
    assert "20 janvier 2026, visite en entreprise" in page
    for interdit in (
        "tutrice@entreprise.invalid",
        "04 70 00 00 01",
        "Bonne tenue",
        "Modifier",
        "Il manque",
        "Attestation",
        "/entreprises/",
        "/classes/",
        "Dominique",
    ):
        assert interdit not in page
    liste = client.get(adresse("eleve-pfmp", monde.a.eleves[0])).content.decode()
    assert "3,8\xa0/\xa022\xa0semaines" in liste
    assert "Usinage A" in liste
    assert f'href="{adresse("eleve-pfmp", monde.a.eleves[0])}"' in (
        client.get(reverse("livret:mon-livret")).content.decode()
    )


def test_precedent_et_suivant(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    premiere, seconde = (
        client.get(pfmp.get_absolute_url()).content.decode() for pfmp in (pfmps.camille, pfmps.dominique)
    )
    assert ('rel="prev"' in premiere, 'rel="next"' in premiere) == (False, True)
    assert ('rel="prev"' in seconde, 'rel="next"' in seconde) == (True, False)


def test_requetes(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    page, liste = pfmps.camille.get_absolute_url(), adresse("eleve-pfmp", monde.a.eleves[0])
    assert requetes(lambda: client.get(page)) == 16
    assert requetes(lambda: client.get(liste)) == 17
    for rang in range(2):
        factories.pfmp(pfmps.periode, factories.eleve(monde.a.classe))
        autre = factories.tuteur(factories.entreprise(monde.a.etablissement, f"E{rang}"))
        factories.sejour(pfmps.camille, autre, f"2026-0{rang + 3}-02", f"2026-0{rang + 3}-06")
        factories.visite(pfmps.camille, monde.a.enseignant)
    assert requetes(lambda: client.get(page)) == 16
    assert requetes(lambda: client.get(liste)) == 17


# --- Séjours ------------------------------------------------------------------------------------


def test_changer_de_tuteur_en_cours(monde: Monde, pfmps: Scene) -> None:
    """Le premier séjour s'arrête, un second commence ailleurs ; les jours s'ajoutent."""
    client = connecte(monde.a.enseignant)
    autre = factories.tuteur(pfmps.entreprise, "Paul Relève")
    fini = {
        "place": f"t{pfmps.tuteur.pk}",
        "debut": "2026-01-05",
        "fin": "2026-01-16",
        "jours_par_semaine": 5,
    }
    suite = {"place": f"t{autre.pk}", "debut": "19/01/2026", "fin": "30/01/2026", "jours_par_semaine": 4}
    assert client.post(adresse("sejour-update", pfmps.sejour), fini).url == pfmps.camille.get_absolute_url()
    assert client.post(adresse("sejour-create", pfmps.camille), suite).status_code == 302
    assert list(pfmps.camille.sejours.values_list("tuteur__nom", "debut", "jours_par_semaine")) == [
        ("Maryse Tutrice A", date(2026, 1, 5), 5),
        ("Paul Relève", date(2026, 1, 19), 4),
    ]
    suivi = client.get(pfmps.camille.get_absolute_url()).context["suivi"]
    assert (suivi.jours_prevus, suivi.jours_faits) == (18, Decimal(17))


def test_rattraper_un_jour(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    samedi = {
        "place": f"t{pfmps.tuteur.pk}",
        "debut": "2026-02-07",
        "fin": "2026-02-07",
        "rattrapage": "on",
        "jours_par_semaine": 5,
    }
    assert client.post(adresse("sejour-create", pfmps.camille), samedi).status_code == 302
    rattrapee = {"debut": "2026-01-06", "jours": "1", "rattrapee": "on"}
    assert client.post(adresse("absence-update", pfmps.absence), rattrapee).status_code == 302
    suivi = client.get(pfmps.camille.get_absolute_url()).context["suivi"]
    assert (suivi.jours_prevus, suivi.jours_faits, suivi.fin) == (20, Decimal(20), date(2026, 2, 7))


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"debut": "2026-01-30"}, "Ces dates croisent un autre séjour de ALPHA-A1 Camille"),
        ({"debut": "2026-03-01"}, "La date de fin précède la date de début."),
        ({"fin": "2026-09-01"}, "Cette date n’est pas dans l’année scolaire 2025-2026."),
        ({"jours": "9"}, "Du premier au dernier, il n’y a que 5 jours."),
        ({"jours_par_semaine": "7"}, "inférieure ou égale à 6"),
        ({"place": ""}, "Choisissez une entreprise du carnet."),
        ({"place": "t0"}, "Sélectionnez un choix valide."),
    ],
)
def test_un_sejour_refuse_s_explique(monde: Monde, pfmps: Scene, champs: dict[str, str], phrase: str) -> None:
    donnees = {"place": f"t{pfmps.tuteur.pk}", "debut": "2026-02-09", "fin": "2026-02-13"}
    donnees |= {"jours_par_semaine": "5"} | champs
    page = connecte(monde.a.enseignant).post(adresse("sejour-create", pfmps.camille), donnees)
    assert phrase in page.content.decode()
    assert pfmps.camille.sejours.count() == 1


def test_un_sejour_garde_ses_absences(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    donnees = {"place": f"t{pfmps.tuteur.pk}", "debut": "2026-01-12", "fin": "2026-01-30"}
    page = client.post(adresse("sejour-update", pfmps.sejour), donnees | {"jours_par_semaine": "5"})
    assert "Une absence sortirait de ces dates" in page.content.decode()
    page = client.post(adresse("sejour-delete", pfmps.sejour), follow=True).content.decode()
    assert "Ce séjour contient une absence : retirez-la d’abord." in page
    client.post(adresse("absence-delete", pfmps.absence))
    client.post(adresse("sejour-delete", pfmps.sejour))
    assert (pfmps.camille.absences.count(), pfmps.camille.sejours.count()) == (0, 0)
    trace = Sejour.history.filter(id=pfmps.sejour.pk).first()
    assert (trace.history_type, trace.history_user) == ("-", monde.a.enseignant)


# --- Absences et visites ------------------------------------------------------------------------


def test_noter_une_demi_journee(monde: Monde, pfmps: Scene) -> None:
    donnees = {"debut": "2026-01-13", "jours": "0,5", "justifiee": "on"}
    connecte(monde.a.enseignant).post(adresse("absence-create", pfmps.camille), donnees)
    absence = pfmps.camille.absences.get(debut=date(2026, 1, 13))
    assert (absence.fin, absence.jours, absence.justifiee, absence.rattrapee) == (
        date(2026, 1, 13),
        Decimal("0.5"),
        True,
        False,
    )


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"debut": "2026-02-10"}, "Aucun séjour de cette PFMP ne contient ces dates."),
        ({"jours": "2"}, "Du premier au dernier, il n’y a que 1 jour."),
        ({"jours": "0,3"}, "Comptez par demi-journées"),
        ({"jours": "0"}, "supérieure ou égale à 0.5"),
        ({"jours": "beaucoup"}, "Saisissez un nombre."),
        ({"debut": ""}, "Ce champ est obligatoire."),
    ],
)
def test_une_absence_refusee_s_explique(
    monde: Monde, pfmps: Scene, champs: dict[str, str], phrase: str
) -> None:
    donnees = {"debut": "2026-01-13", "jours": "1"} | champs
    page = connecte(monde.a.enseignant).post(adresse("absence-create", pfmps.camille), donnees)
    assert phrase in page.content.decode().replace("0,5.", "0.5.")
    assert pfmps.camille.absences.count() == 1


def test_noter_une_visite(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    page = client.get(adresse("visite-create", pfmps.camille)).content.decode()
    assert f'<option value="{monde.a.enseignant.pk}" selected>' in page
    donnees = {"date": "2026-01-27", "par": monde.a.enseignant.pk, "nature": "telephone"}
    client.post(adresse("visite-create", pfmps.camille), donnees | {"compte_rendu": "RAS"})
    assert list(pfmps.camille.visites.values_list("date", "nature", "compte_rendu"))[1:] == [
        (date(2026, 1, 27), "telephone", "RAS")
    ]
    refus = client.post(adresse("visite-create", pfmps.camille), donnees | {"par": monde.b.enseignant.pk})
    assert list(refus.context["form"].errors) == ["par"]
    assert INTRUS not in refus.content.decode()
    client.post(adresse("visite-delete", pfmps.visite))
    assert not Visite.objects.filter(pk=pfmps.visite.pk).exists()


# --- État ---------------------------------------------------------------------------------------


def test_close_elle_se_lit_et_ne_change_plus(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    client.post(adresse("pfmp-etat", pfmps.camille), {"etat": E.CLOSE})
    page = client.get(pfmps.camille.get_absolute_url()).content.decode()
    assert ("Modifier" in page, "Il manque" in page, "Rouvrir la PFMP" in page) == (False, False, True)
    avant = (Sejour.objects.count(), Absence.objects.count(), Visite.objects.count())
    for nom, objet in (
        ("sejour-create", pfmps.camille),
        ("sejour-update", pfmps.sejour),
        ("sejour-delete", pfmps.sejour),
        ("absence-create", pfmps.camille),
        ("absence-delete", pfmps.absence),
        ("visite-update", pfmps.visite),
        ("visite-delete", pfmps.visite),
        ("annexe", pfmps.camille),
    ):
        reponse = client.post(adresse(nom, objet), {}, follow=True)
        assert "Cette PFMP n’est plus ouverte" in reponse.content.decode()
    assert (Sejour.objects.count(), Absence.objects.count(), Visite.objects.count()) == avant
    client.post(adresse("pfmp-etat", pfmps.camille), {"etat": E.OUVERTE})
    assert Pfmp.objects.get(pk=pfmps.camille.pk).modifiable


def test_un_passage_impossible_s_explique(monde: Monde, pfmps: Scene) -> None:
    reponse = connecte(monde.a.enseignant).post(
        adresse("pfmp-etat", pfmps.camille), {"etat": "inventé"}, follow=True
    )
    assert "ne peut pas devenir «\xa0inventé\xa0»" in reponse.content.decode()


# --- Annexe -------------------------------------------------------------------------------------


def test_relire_l_annexe(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    c1, c5 = (monde.referentiel.competences.get(code=code) for code in ("C1", "C5"))
    reponse = client.get(adresse("annexe", pfmps.camille))
    assert [
        (code, [(une.code, une.coche, une.ligne.valeur) for une in cochables])
        for code, _, cochables in reponse.context["epreuves"]
    ] == [
        ("EP1", [("C1", False, 2), ("C2", False, 3)]),
        ("EP2", [("C3", False, None), ("C4", False, None)]),
        ("EP3", [("C5", False, None)]),
    ]
    vide = client.post(adresse("annexe", pfmps.camille), {"activites": "Tenir le tour"})
    assert "Cochez au moins une compétence" in vide.content.decode()
    assert "Tenir le tour" in vide.content.decode()
    client.post(
        adresse("annexe", pfmps.camille), {"competences": [c1.pk, c5.pk], "activites": "Tenir le tour"}
    )
    pfmp = Pfmp.objects.get(pk=pfmps.camille.pk)
    assert (list(pfmp.competences.all()), pfmp.activites) == ([c1, c5], "Tenir le tour")
    assert pfmp.annexe_relue_le == date(2026, 2, 10)


def test_proposer_de_nouveau_ne_change_rien_avant_d_enregistrer(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    reponse = client.get(adresse("annexe", pfmps.camille), {"proposition": "1"})
    cochees = [une.code for _, _, cochables in reponse.context["epreuves"] for une in cochables if une.coche]
    assert cochees == ["C1", "C3", "C4", "C5"]
    assert [
        (code, [(une.code, une.coche) for une in cochables])
        for code, _, cochables, _ in reponse.context["form"].par_activite()
    ] == [
        ("A1", [("A1-T1", True), ("A1-T2", True)]),
        ("A2", [("A2-T1", True)]),
        ("A3", [("A3-T1", True)]),
    ]
    assert pfmps.camille.competences.count() == 0


def test_une_competence_d_un_autre_referentiel_est_refusee(monde: Monde, pfmps: Scene) -> None:
    autre = factories.referentiel(code="AUTRE").competences.first()
    reponse = connecte(monde.a.enseignant).post(adresse("annexe", pfmps.camille), {"competences": [autre.pk]})
    assert list(reponse.context["form"].errors) == ["competences"]
