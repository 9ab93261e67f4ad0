"""Préparer une commission, la modifier."""

import datetime

import pytest

from certification.models import Commission
from tests import factories
from tests.certification.scene import (
    COMMISSION,
    adresse,
    decider,
    figer,
    statuts,
)
from tests.monde import INTRUS

PREPARER = {**COMMISSION, "membre": 403, "membre d’une autre commission": 403}


def saisie(monde, **champs) -> dict[str, object]:
    vides = {
        f"membres-{rang}-{champ}": "" for rang in range(3) for champ in ("nom", "utilisateur", "qualite")
    }
    return {
        "etablissement": monde.a.etablissement.pk,
        "session": 2026,
        "epreuve": monde.referentiel.epreuves.get(code="EP2").pk,
        "grille": "",
        "intitule": "",
        "date": "2026-06-04",
        "lieu": "Salle 12",
        "membres-TOTAL_FORMS": 3,
        "membres-INITIAL_FORMS": 0,
        **vides,
        **champs,
    }


def test_qui_la_prepare(monde):
    assert statuts(monde, adresse("commission-create")) == {**PREPARER, "ailleurs": 200}
    assert statuts(monde, adresse("commission-update", monde.a.commission.pk)) == PREPARER


def test_creer_donne_la_grille_la_plus_recente_et_un_intitule(monde, administrateur):
    donnees = saisie(
        monde,
        **{
            "membres-0-utilisateur": monde.a.membre.pk,
            "membres-0-qualite": "construction",
            "membres-1-nom": "M. Tour",
            "membres-1-qualite": "professionnel",
            "membres-1-present": "non",
        },
    )
    reponse = administrateur.post(adresse("commission-create"), donnees)
    commission = Commission.objects.get(epreuve__code="EP2")

    assert reponse.url == adresse("commission-candidats", commission.pk)
    assert (commission.intitule, commission.grille) == (
        "Commission EP2, session 2026",
        monde.referentiel.grilles.get(),
    )
    assert list(commission.membres.values_list("nom", "qualite", "present", "utilisateur")) == [
        (monde.a.membre.nom_complet, "construction", None, monde.a.membre.pk),
        ("M. Tour", "professionnel", False, None),
    ]


@pytest.mark.parametrize(
    ("champs", "champ", "message"),
    [
        ({"session": "mille"}, "session", "Saisissez un nombre entier."),
        ({"date": ""}, "date", "Ce champ est obligatoire."),
        ({"session": "1900"}, "session", "Assurez-vous que cette valeur est supérieure ou égale à 2000."),
    ],
)
def test_une_saisie_fautive_garde_ce_qui_est_tape(monde, administrateur, champs, champ, message):
    reponse = administrateur.post(
        adresse("commission-create"), saisie(monde, **champs, **{"membres-0-nom": "M. Fraise"})
    )
    assert reponse.status_code == 422
    assert reponse.context["form"].errors[champ] == [message]
    page = reponse.content.decode()
    assert 'value="Salle 12"' in page
    assert 'value="M. Fraise"' in page
    assert Commission.objects.filter(epreuve__code="EP2").count() == 0


def test_un_membre_sans_nom_ni_compte_se_dit(monde, administrateur):
    donnees = saisie(monde, **{"membres-0-qualite": "enseignant"})
    reponse = administrateur.post(adresse("commission-create"), donnees)
    assert reponse.context["membres"].errors[0] == {"nom": ["Donnez un nom, ou choisissez un compte."]}


@pytest.mark.parametrize("champ", ["etablissement", "membres-0-utilisateur"])
def test_rien_d_un_autre_etablissement_ne_se_choisit(monde, administrateur, champ):
    intrus = {
        "etablissement": monde.b.etablissement.pk,
        "membres-0-utilisateur": monde.b.membre.pk,
    }
    donnees = saisie(monde, **{champ: intrus[champ], "membres-0-qualite": "enseignant", "membres-0-nom": "X"})
    reponse = administrateur.post(adresse("commission-create"), donnees)
    assert (reponse.status_code, Commission.objects.filter(epreuve__code="EP2").count()) == (422, 0)
    assert INTRUS not in reponse.content.decode()


def test_une_commission_en_double_se_dit(monde, administrateur):
    administrateur.post(adresse("commission-create"), saisie(monde))
    reponse = administrateur.post(adresse("commission-create"), saisie(monde))
    assert reponse.context["form"].non_field_errors() == [
        "Cette commission existe déjà pour cette session et cette épreuve."
    ]


def modification(monde, **champs) -> dict[str, object]:
    commission = monde.a.commission
    membre = commission.membres.get()
    return {
        "etablissement": commission.etablissement_id,
        "session": commission.session,
        "epreuve": commission.epreuve_id,
        "grille": commission.grille_id,
        "intitule": commission.intitule,
        "date": commission.date.isoformat(),
        "lieu": "Atelier",
        "membres-TOTAL_FORMS": 1,
        "membres-INITIAL_FORMS": 1,
        "membres-0-id": membre.pk,
        "membres-0-commission": commission.pk,
        "membres-0-utilisateur": membre.utilisateur_id,
        "membres-0-nom": membre.nom,
        "membres-0-qualite": "enseignant",
        "membres-0-present": "oui",
        **champs,
    }


def test_modifier_ne_touche_pas_un_dossier_fige(monde, president, camille):
    decider(monde, camille)
    avant = figer(monde, camille).contenu
    reponse = president.post(adresse("commission-update", monde.a.commission.pk), modification(monde))
    monde.a.commission.refresh_from_db()
    assert (reponse.status_code, monde.a.commission.lieu) == (302, "Atelier")
    assert monde.a.commission.membres.get().present is True
    assert camille.versions.get().contenu == avant


@pytest.mark.parametrize(
    ("champ", "nom"),
    [("epreuve", "l’épreuve"), ("session", "la session"), ("grille", "la version de grille")],
)
def test_ce_qui_s_applique_aux_candidats_ne_change_plus(monde, president, camille, champ, nom):
    factories.decision(camille, "C1", monde.a.membre, 2)
    ancienne = monde.a.commission.grille
    autre = type(ancienne).objects.create(
        referentiel=monde.referentiel, version="2", intitule="Autre", echelle=ancienne.echelle
    )
    factories.promotion(monde.a.etablissement, monde.referentiel, session=2027, grille=autre)
    autres = {
        "epreuve": monde.referentiel.epreuves.get(code="EP2").pk,
        "session": 2027,
        "grille": autre.pk,
    }
    url = adresse("commission-update", monde.a.commission.pk)
    reponse = president.post(url, modification(monde, **{champ: autres[champ]}))
    assert reponse.context["form"].errors == {
        champ: [f"Des candidats sont déjà devant cette commission : {nom} ne change plus."]
    }


def test_la_date_s_affiche_dans_le_champ(monde, president):
    page = president.get(adresse("commission-update", monde.a.commission.pk)).content.decode()
    assert f'value="{datetime.date(2026, 6, 3).isoformat()}"' in page


def test_un_membre_qui_a_perdu_son_role_garde_son_siege(monde, president):
    siege = factories.membre(monde.a.commission, monde.a.enseignant)
    page = president.get(adresse("commission-update", monde.a.commission.pk))
    champ = next(f for f in page.context["membres"] if f.instance == siege)["utilisateur"]
    assert champ.value() == monde.a.enseignant.pk
    assert f'<option value="{monde.a.enseignant.pk}" selected>' in str(champ)


def test_les_comptes_proposes_sont_l_equipe_et_disent_qui_n_a_pas_acces(monde, president):
    for page in (adresse("commission-create"), adresse("commission-update", monde.a.commission.pk)):
        champ = president.get(page).context["membres"].forms[-1].fields["utilisateur"]
        assert {texte for _, texte in champ.choices} == {
            "sans compte",
            monde.a.membre.nom_complet,
            monde.a.president.nom_complet,
            f"{monde.a.enseignant.nom_complet} (accès à donner)",
            f"{monde.a.collegue.nom_complet} (accès à donner)",
        }
