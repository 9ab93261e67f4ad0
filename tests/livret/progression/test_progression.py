"""La progression d'une promotion, ses fiches de séquence, ses déplacements et ses PFMP prévues."""

import datetime
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from livret.models import PfmpPrevue, SansCours, Sequence
from tests import factories
from tests.litanie import (
    EQUIPE_ET_ADMINISTRATION,
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.monde import INTRUS, Monde

JOUR = datetime.date.fromisoformat


def url(monde: Monde, nom: str = "progression") -> str:
    return reverse(f"livret:{nom}", args=[monde.a.promotion.pk])


def adresse(sequence: Sequence, nom: str = "sequence") -> str:
    return reverse(f"livret:{nom}", args=[sequence.pk])


def posee(monde: Monde, **champs: object) -> Sequence:
    return factories.sequence(monde.a.classe, monde.a.enseignant, **champs)


def pks(monde: Monde, nom: str, *codes: str) -> list[int]:
    chemins = {
        "competences": monde.referentiel.competences.filter(code__in=codes),
        "detaillees": [
            d
            for c in monde.referentiel.competences.all()
            for d in c.detaillees.filter(code__in=codes)
            if d.concerne(monde.a.promotion.option_id)
        ],
        "taches": [
            t
            for a in monde.referentiel.activites.all()
            for t in a.taches.filter(code__in=codes)
            if t.option_id in (None, monde.a.promotion.option_id)
        ],
    }
    return [un.pk for un in chemins[nom]]


def fiche(monde: Monde, **champs: object) -> dict[str, object]:
    return {
        "intitule": "Usiner une petite série",
        "nature": "projet",
        "debut": "2025-11-05",
        "fin": "2025-11-20",
        "description": "Trente pièces.",
        **champs,
    }


def codes(lien: object) -> list[str]:
    return [un.code for un in lien.all()]  # type: ignore[attr-defined]


def poser(client: Client, sequence: Sequence, debut: str, fin: str, vue: int, **entetes: str):
    return client.post(
        adresse(sequence, "sequence-poser"), {"debut": debut, "fin": fin, "vue": vue}, headers=entetes
    )


# --- Voir -------------------------------------------------------------------------------------


def test_droits(monde: Monde) -> None:
    factories.sequence(monde.b.classe, monde.b.enseignant, intitule=INTRUS)
    sequence = posee(monde)
    for nom in ("progression", "progression-pdf"):
        assert statuts(monde, url(monde, nom)) == EQUIPE_ET_ADMINISTRATION
    assert statuts(monde, adresse(sequence)) == EQUIPE_ET_ADMINISTRATION
    assert statuts(monde, url(monde, "sequence-create")) == EQUIPE_SEULE
    assert statuts(monde, adresse(sequence, "sequence-update")) == EQUIPE_SEULE
    redirige = {**EQUIPE_SEULE, "enseignant": 302}
    for nom in ("sequence-poser", "sequence-retrait"):
        assert statuts(monde, adresse(sequence, nom), "post") == redirige
    assert statuts(monde, url(monde, "pfmp-prevue-create"), "post") == {**EQUIPE_SEULE, "enseignant": 422}
    pfmp = reverse("livret:pfmp-prevue-delete", args=[factories.pfmp_prevue(monde.a.promotion).pk])
    assert statuts(monde, pfmp, "post") == {**redirige, "ailleurs": 404}


def test_trois_annees_de_semaines(monde: Monde) -> None:
    posee(monde, intitule="Deux", debut="2025-09-08", semaines=2)
    posee(monde, intitule="Chevauche", debut="2025-09-15", semaines=1)
    posee(monde, intitule="En seconde", debut="2024-06-24", semaines=2)
    factories.pfmp_prevue(monde.a.promotion, "2026-01-12", 4)
    reponse = connecte(monde.a.enseignant).get(url(monde))
    annees = reponse.context["progression"].annees
    assert [(str(un), len(un.semaines), un.semestres) for un in annees] == [
        ("2de, 2023-2024", 45, ((1, 22), (2, 23))),
        ("1re, 2024-2025", 45, ((3, 23), (4, 22))),
        ("Tle, 2025-2026", 44, ((5, 22), (6, 22))),
    ]
    assert [
        [[c.sequence.intitule for c in couloir if c.sequence] for couloir in annee.couloirs]
        for annee in annees
    ] == [[["En seconde"]], [], [["Deux"], ["Chevauche"]]]
    assert [sum(c.duree for c in couloir) for couloir in annees[2].couloirs] == [44, 44]
    assert [semaine.numero for semaine in annees[2].semaines if semaine.pfmp] == [3, 4, 5, 6]
    page = reponse.content.decode()
    assert "4 semaines de PFMP prévues sur 22 visées" in page


def test_vide_elle_dit_quoi_faire(monde: Monde) -> None:
    assert "Aucune séquence pour l’instant." in connecte(monde.a.enseignant).get(url(monde)).content.decode()
    page = connecte(monde.a.administrateur).get(url(monde)).content.decode()
    assert "Poser une séquence" not in page
    assert "data-poser" not in page


def test_la_page_de_classe_y_mene(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    page = client.get(monde.a.classe.get_absolute_url()).content.decode()
    for adresse_menee in (url(monde), reverse("livret:couverture", args=[monde.a.classe.pk])):
        assert adresse_menee in page
    assert url(monde, "echelle") in client.get(url(monde)).content.decode()


@pytest.mark.long
def test_tout_tient_sur_un_a3(monde: Monde) -> None:
    for rang in range(45):
        lundi = JOUR("2023-09-04") + datetime.timedelta(days=364 * (rang % 3) + 14 * (rang % 9))
        posee(
            monde,
            intitule=f"Séquence d’un intitulé assez long pour passer à la ligne, numéro {rang}",
            debut=lundi.isoformat(),
            semaines=2 + rang % 5,
            detaillees=["C1.1", "C2.1", "C3.2"],
            evaluees=["C5.1"],
        )
    contenu = connecte(monde.a.enseignant).get(url(monde, "progression-pdf")).content
    (page,) = PdfReader(BytesIO(contenu)).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (1191, 842)
    texte = " ".join(page.extract_text().split())
    assert all(f"numéro {rang}" in texte for rang in range(45))


def test_la_fiche_dit_ce_qui_est_evalue_et_ou(monde: Monde) -> None:
    sequence = posee(monde, detaillees=["C1.1"], evaluees=["C2.1"], intitule="Étudier la gamme")
    sequence.situations.add(monde.a.situation)
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C2": {5: 1}})
    reponse = connecte(monde.a.enseignant).get(adresse(sequence))
    assert [
        (competence.code, evaluee, attendu and attendu.code, [(d.code, e) for d, e in details])
        for competence, evaluee, attendu, details in reponse.context["competences"]
    ] == [("C1", False, None, [("C1.1", False)]), ("C2", True, "1", [("C2.1", True)])]
    page = reponse.content.decode()
    assert monde.a.situation.get_absolute_url() in page
    assert "Attendu en fin de Tle S1" in page


def test_la_situation_mene_a_sa_sequence(monde: Monde) -> None:
    sequence = posee(monde, intitule="Étudier une gamme", nature="projet")
    sequence.situations.add(monde.a.situation)
    page = connecte(monde.a.enseignant).get(monde.a.situation.get_absolute_url()).content.decode()
    assert f'<dt>Projet</dt><dd><a href="{adresse(sequence)}">Étudier une gamme</a></dd>' in page


def test_une_situation_d_une_classe_qu_il_ne_suit_pas_ne_s_ouvre_pas(monde: Monde) -> None:
    seconde = factories.classe(monde.a.promotion, [monde.a.collegue], niveau="2de")
    fermee = factories.situation(seconde, monde.a.collegue, intitule="Chez les 2des")
    sequence = posee(monde)
    sequence.situations.add(fermee)
    page = connecte(monde.a.enseignant).get(adresse(sequence)).content.decode()
    assert "Chez les 2des" in page
    assert fermee.get_absolute_url() not in page


# --- Écrire -----------------------------------------------------------------------------------


def test_poser_une_sequence(monde: Monde) -> None:
    envoi = fiche(
        monde,
        classe=monde.a.classe.pk,
        taches=pks(monde, "taches", "A1-T1"),
        taches_evaluees=pks(monde, "taches", "A2-T1"),
        detaillees=pks(monde, "detaillees", "C1.1"),
        detaillees_evaluees=pks(monde, "detaillees", "C3.1"),
        situations=[monde.a.situation.pk],
    )
    reponse = connecte(monde.a.enseignant).post(url(monde, "sequence-create"), envoi)
    sequence = Sequence.objects.get()
    assert (reponse.status_code, reponse.url) == (302, sequence.get_absolute_url())
    assert (sequence.debut, sequence.fin, sequence.semaines) == (JOUR("2025-11-03"), JOUR("2025-11-23"), 3)
    assert (sequence.auteur, sequence.classe, sequence.semestre) == (monde.a.enseignant, monde.a.classe, 5)
    assert (codes(sequence.competences), codes(sequence.competences_evaluees)) == (["C1", "C3"], ["C3"])
    assert (codes(sequence.detaillees), codes(sequence.detaillees_evaluees)) == (["C1.1", "C3.1"], ["C3.1"])
    assert (codes(sequence.taches), codes(sequence.taches_evaluees)) == (["A1-T1", "A2-T1"], ["A2-T1"])
    assert list(sequence.situations.all()) == [monde.a.situation]


@pytest.mark.parametrize(
    ("champs", "champ", "attendue"),
    [
        ({"intitule": ""}, "intitule", "Ce champ est obligatoire."),
        (
            {"fin": "2025-10-20"},
            "fin",
            "La dernière semaine ne peut pas précéder la première.",
        ),
        (
            {"debut": "2026-09-07", "fin": "2026-09-20"},
            "__all__",
            "La semaine du 7 septembre 2026 est hors des trois années de la promotion\xa0: "
            "choisissez-la entre septembre 2023 et début juillet 2026.",
        ),
        (
            {"debut": "2025-06-23", "fin": "2025-09-15"},
            "__all__",
            "La dernière semaine dépasse le début de juillet\xa0: posez une séquence par année scolaire.",
        ),
        ({"debut": "hier"}, "debut", "Saisissez une date valide."),
    ],
)
def test_une_fiche_fautive_s_explique_et_garde_tout(
    monde: Monde, champs: dict[str, object], champ: str, attendue: str
) -> None:
    envoi = fiche(monde, detaillees=pks(monde, "detaillees", "C1.2"), **champs)
    reponse = connecte(monde.a.enseignant).post(url(monde, "sequence-create"), envoi)
    assert reponse.context["form"].errors[champ] == [attendue]
    assert "Trente pièces." in reponse.content.decode()
    assert reponse.context["form"].branches()[0].items[1].travaille is True
    assert Sequence.objects.count() == 0


def test_rien_d_ailleurs_ne_se_lie(monde: Monde) -> None:
    ailleurs = fiche(monde, classe=monde.b.classe.pk, situations=[monde.b.situation.pk])
    reponse = connecte(monde.a.enseignant).post(url(monde, "sequence-create"), ailleurs)
    assert set(reponse.context["form"].errors) == {"classe", "situations"}
    outillage = monde.referentiel.competences.get(code="C4").detaillees.get(code="C4.2").pk
    reponse = connecte(monde.a.enseignant).post(
        url(monde, "sequence-create"), fiche(monde, detaillees=[outillage])
    )
    assert set(reponse.context["form"].errors) == {"detaillees"}


def test_un_trou_ouvre_une_fiche_deja_remplie(monde: Monde) -> None:
    (detaillee,) = pks(monde, "detaillees", "C2.1")
    reponse = connecte(monde.a.enseignant).get(
        f"{url(monde, 'sequence-create')}?detaillee={detaillee}&classe={monde.a.classe.pk}"
    )
    form = reponse.context["form"]
    branche = form.branches()[1]
    assert (branche.tete.travaille, branche.items[0].travaille, branche.items[0].evalue) == (
        True,
        True,
        False,
    )
    assert form["classe"].value() == monde.a.classe.pk
    assert connecte(monde.a.enseignant).get(f"{url(monde, 'sequence-create')}?detaillee=x").status_code == 200


def test_modifier_puis_retirer_puis_remettre(monde: Monde) -> None:
    sequence = posee(monde, evaluees=["C1.1"])
    client = connecte(monde.a.enseignant)
    envoi = fiche(monde, detaillees=pks(monde, "detaillees", "C2.1"), vue=0)
    client.post(adresse(sequence, "sequence-update"), envoi)
    sequence.refresh_from_db()
    assert (sequence.intitule, codes(sequence.competences), sequence.pose) == (
        "Usiner une petite série",
        ["C2"],
        1,
    )
    client.post(adresse(sequence, "sequence-retrait"))
    page = client.get(url(monde))
    assert page.context["progression"].sequences == ()
    assert "Séquences retirées (1)" in page.content.decode()
    client.post(adresse(sequence, "sequence-retrait"), {"remettre": "1"})
    assert client.get(url(monde)).context["progression"].sequences == (sequence,)
    assert sequence.history.latest().history_user == monde.a.enseignant


def test_deux_enseignants_modifient_la_meme_fiche(monde: Monde) -> None:
    sequence = posee(monde, intitule="Vérin")
    client = connecte(monde.a.enseignant)
    client.post(adresse(sequence, "sequence-update"), fiche(monde, intitule="Vérin d’atelier", vue=0))
    reponse = client.post(adresse(sequence, "sequence-update"), fiche(monde, intitule="Bride", vue=0))
    page = reponse.content.decode()
    assert reponse.status_code == 409
    assert "Un collègue a changé cette séquence" in page
    assert 'value="Bride"' in page
    assert '<input type="hidden" name="vue" value="1">' in page
    sequence.refresh_from_db()
    assert sequence.intitule == "Vérin d’atelier"


# --- Déplacer ---------------------------------------------------------------------------------


def test_deplacer_par_bouton(monde: Monde) -> None:
    sequence = posee(monde, debut="2025-11-03", semaines=3)
    client = connecte(monde.a.enseignant)
    gestes = client.get(adresse(sequence)).context["gestes"]
    assert gestes == [
        ("Une semaine plus tôt", "2025-10-27", "2025-11-16"),
        ("Une semaine plus tard", "2025-11-10", "2025-11-30"),
        ("Allonger d’une semaine", "2025-11-03", "2025-11-30"),
        ("Raccourcir d’une semaine", "2025-11-03", "2025-11-16"),
    ]
    poser(client, sequence, *gestes[1][1:], vue=0)
    sequence.refresh_from_db()
    assert (sequence.debut, sequence.fin, sequence.pose) == (JOUR("2025-11-10"), JOUR("2025-11-30"), 1)
    assert sequence.history.latest().history_user == monde.a.enseignant


def test_deplacer_depuis_la_page_rend_le_calendrier(monde: Monde) -> None:
    sequence = posee(monde, intitule="Vérin", debut="2025-11-03", semaines=2)
    client = connecte(monde.a.enseignant)
    reponse = poser(client, sequence, "2025-11-10", "2025-11-16", 0, HX_Request="true")
    assert reponse.status_code == 200
    assert reponse.context["dit"] == (
        "«\xa0Vérin\xa0», du 10 novembre 2025 au 16 novembre 2025, 1 semaine\xa0: enregistré."
    )
    assert 'data-vue="1"' in reponse.content.decode()
    assert "<html" not in reponse.content.decode()


@pytest.mark.parametrize(
    ("debut", "fin", "vue", "statut", "dit"),
    [
        ("2026-06-29", "2026-07-12", 0, 422, "La dernière semaine dépasse le début de juillet"),
        ("2023-08-14", "2023-09-03", 0, 422, "est hors des trois années de la promotion"),
        ("2025-11-10", "2025-11-09", 0, 422, "La dernière semaine ne peut pas précéder la première."),
        ("demain", "2025-11-09", 0, 422, "Ce déplacement ne se lit pas"),
        ("2025-11-10", "2025-11-30", 4, 409, "a été changée entre-temps"),
    ],
)
def test_un_deplacement_impossible_est_dit_et_rien_ne_bouge(
    monde: Monde, debut: str, fin: str, vue: int, statut: int, dit: str
) -> None:
    sequence = posee(monde, debut="2025-11-03", semaines=3)
    reponse = poser(connecte(monde.a.enseignant), sequence, debut, fin, vue, HX_Request="true")
    assert reponse.status_code == statut
    assert dit in reponse.context["dit"]
    sequence.refresh_from_db()
    assert (sequence.debut, sequence.fin, sequence.pose) == (JOUR("2025-11-03"), JOUR("2025-11-23"), 0)


# --- PFMP prévues -----------------------------------------------------------------------------


def test_prevoir_une_pfmp(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    client.post(url(monde, "pfmp-prevue-create"), {"debut": "2026-01-14", "fin": "2026-02-06"})
    pfmp = PfmpPrevue.objects.get()
    assert (pfmp.debut, pfmp.fin, pfmp.semaines) == (JOUR("2026-01-12"), JOUR("2026-02-08"), 4)
    reponse = client.post(url(monde, "pfmp-prevue-create"), {"debut": "2026-02-02", "fin": "2026-02-15"})
    assert reponse.status_code == 422
    attendue = "Ces semaines sont déjà prises par une autre PFMP prévue."
    assert reponse.context["pfmp_form"].errors["__all__"] == [attendue]
    client.post(reverse("livret:pfmp-prevue-delete", args=[pfmp.pk]))
    assert PfmpPrevue.objects.count() == 0


# --- Requêtes ---------------------------------------------------------------------------------


# --- Les semaines sans cours -----------------------------------------------------------------------


def ajouter(monde: Monde, debut: str, fin: str, libelle: str = "Vacances de l’essai"):
    champs = {"sans-cours-libelle": libelle, "sans-cours-debut": debut, "sans-cours-fin": fin}
    return connecte(monde.a.enseignant).post(url(monde, "sans-cours-create"), champs)


def test_droits_des_semaines_sans_cours(monde: Monde) -> None:
    assert statuts(monde, url(monde, "sans-cours-create"), "post") == {**EQUIPE_SEULE, "enseignant": 422}
    args = [monde.a.promotion.pk, factories.sans_cours(monde.a.etablissement).pk]
    retirer = reverse("livret:sans-cours-delete", args=args)
    assert statuts(monde, retirer, "post") == {**EQUIPE_SEULE, "enseignant": 302}
    ailleurs = factories.sans_cours(monde.b.etablissement)
    melange = reverse("livret:sans-cours-delete", args=[monde.a.promotion.pk, ailleurs.pk])
    assert connecte(monde.a.enseignant).post(melange).status_code == 404
    assert list(SansCours.objects.all()) == [ailleurs]


def test_des_semaines_sans_cours_se_voient_a_l_ecran_et_sur_l_a3(monde: Monde) -> None:
    factories.sans_cours(monde.b.etablissement, "2025-11-03", 1, INTRUS)
    assert ajouter(monde, "2025-12-20", "2026-01-02").status_code == 302
    periode = SansCours.objects.get(etablissement=monde.a.etablissement)
    assert (periode.debut, periode.fin) == (JOUR("2025-12-15"), JOUR("2026-01-04"))
    client = connecte(monde.a.enseignant)
    reponse = client.get(url(monde))
    annees = reponse.context["progression"].annees
    assert [semaine.numero for semaine in annees[2].semaines if semaine.sans_cours] == [51, 52, 1]
    assert not any(semaine.sans_cours for annee in annees[:2] for semaine in annee.semaines)
    texte = reponse.content.decode().replace("\xa0", " ")
    assert "Semaine du 15 décembre 2025, sans cours : Vacances de l’essai" in texte
    assert INTRUS not in texte
    (page,) = PdfReader(BytesIO(client.get(url(monde, "progression-pdf")).content)).pages
    lu = " ".join(page.extract_text().split())
    assert "semaine sans cours (Vacances de l’essai, du 15 décembre au 4 janvier 2026)" in lu
    assert "ne sont pas portées" not in lu
    client.post(reverse("livret:sans-cours-delete", args=[monde.a.promotion.pk, periode.pk]))
    assert "sans cours :" not in client.get(url(monde)).content.decode().replace("\xa0", " ")
    (page,) = PdfReader(BytesIO(client.get(url(monde, "progression-pdf")).content)).pages
    assert "Les vacances ne sont pas portées." in " ".join(page.extract_text().split())


@pytest.mark.parametrize(
    ("debut", "fin", "faute"),
    [
        ("2026-01-02", "2026-01-09", "Ces semaines croisent celles-ci, déjà sans cours"),
        ("2026-03-09", "2026-03-02", "La dernière semaine ne peut pas précéder la première."),
        ("2031-03-02", "2031-03-09", "est hors des trois années de la promotion"),
        ("2026-06-29", "2026-08-30", "dépasse le début de juillet"),
        ("", "2026-03-09", "Ce champ est obligatoire."),
    ],
)
def test_des_semaines_impossibles_s_expliquent(monde: Monde, debut: str, fin: str, faute: str) -> None:
    factories.sans_cours(monde.a.etablissement)
    reponse = ajouter(monde, debut, fin)
    assert (reponse.status_code, faute in reponse.content.decode()) == (422, True)
    assert SansCours.objects.count() == 1


def test_une_sequence_posee_toute_en_vacances_se_signale(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    factories.sans_cours(monde.a.etablissement, "2025-12-22", 1)
    factories.sans_cours(monde.a.etablissement, "2025-12-29", 1, "Fermeture")
    sequence = posee(monde, debut="2025-12-22", semaines=3)
    assert list(client.get(url(monde)).context["progression"].sans_aucun_cours) == []
    alerte = "Attention, toutes ses semaines sont sans cours."
    assert alerte not in client.get(adresse(sequence)).content.decode()
    dit = poser(client, sequence, "2025-12-22", "2026-01-04", 0, HX_Request="true")
    assert (dit.status_code, alerte in dit.content.decode()) == (200, True)
    assert list(client.get(url(monde)).context["progression"].sans_aucun_cours) == [sequence]
    assert alerte in client.get(adresse(sequence)).content.decode()


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    posee(monde, evaluees=["C1.1"])
    factories.pfmp_prevue(monde.a.promotion)
    client.get(url(monde))
    assert requetes(lambda: client.get(url(monde))) == 14
    for _ in range(2):
        posee(monde, evaluees=["C1.1", "C2.1"], classe_id=monde.a.classe.pk)
        factories.eleve(monde.a.classe)
    assert requetes(lambda: client.get(url(monde))) == 14
