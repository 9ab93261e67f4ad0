"""Plusieurs épreuves ensemble : les commissions d'une réunion, leurs membres, leurs candidats."""

from certification.models import Commission, Reunion
from livret.models import Appartenance
from tests import factories
from tests.certification.scene import (
    COMMISSION,
    adresse,
    decider,
    statuts,
)
from tests.certification.seance.test_candidats import eleves
from tests.certification.seance.test_commission_form import modification, saisie
from tests.litanie import connecte
from trpm.permissions import Role


def simple(texte: str) -> str:
    return " ".join(texte.split())


def creer(monde, client, **champs):
    autres = [monde.referentiel.epreuves.get(code="EP3").pk]
    return client.post(
        adresse("commission-create"),
        saisie(
            monde,
            **{
                "autres": autres,
                "membres-0-utilisateur": monde.a.membre.pk,
                "membres-0-qualite": "construction",
                "membres-1-nom": "M. Tour",
                "membres-1-qualite": "professionnel",
                "membres-1-present": "non",
                **champs,
            },
        ),
    )


def sieges(commission) -> list[tuple]:
    return list(commission.membres.values_list("nom", "qualite", "present"))


def test_qui_la_voit(monde):
    reunion = factories.reunion(monde.a.commission)
    assert statuts(monde, adresse("reunion", reunion.pk)) == COMMISSION


def test_une_reunion_cree_une_commission_par_epreuve_avec_les_memes_membres(monde, president):
    assert creer(monde, president).status_code == 302
    reunion = Reunion.objects.get()
    commissions = list(reunion.commissions.order_by("epreuve__ordre"))
    assert [(c.epreuve.code, c.intitule, c.lieu) for c in commissions] == [
        ("EP2", "Commission EP2, session 2026", "Salle 12"),
        ("EP3", "Commission EP3, session 2026", "Salle 12"),
    ]
    attendus = [(monde.a.membre.nom_complet, "construction", None), ("M. Tour", "professionnel", False)]
    assert [sieges(commission) for commission in commissions] == [attendus, attendus]
    assert reunion.intitule == "Réunion EP2, EP3, session 2026"


def test_une_epreuve_de_trop_se_dit_et_rien_n_est_cree(monde, president):
    reponse = creer(monde, president, autres=[monde.referentiel.epreuves.get(code="EP2").pk])
    assert reponse.status_code == 422
    assert reponse.context["form"].errors["autres"] == ["EP2 est déjà l’épreuve de la commission."]
    assert (Reunion.objects.count(), Commission.objects.filter(epreuve__code="EP2").count()) == (0, 0)


def test_les_memes_candidats_pour_toute_la_reunion(monde, president):
    creer(monde, president)
    reunion = Reunion.objects.get()
    choisis = [eleve.pk for eleve in monde.a.eleves]
    premiere = reunion.commissions.get(epreuve__code="EP2")
    reponse = president.post(
        adresse("commission-candidats", premiere.pk), {"eleves": choisis, "ensemble": "on"}
    )
    assert reponse.url == adresse("reunion", reunion.pk)
    assert [eleves(commission) for commission in reunion.commissions.all()] == [set(choisis)] * 2
    president.post(adresse("commission-candidats", premiere.pk), {"eleves": choisis[:1]})
    assert sorted(len(eleves(commission)) for commission in reunion.commissions.all()) == [1, 2]


def test_un_candidat_deja_decide_ailleurs_n_en_sort_pas(monde, president, camille):
    autre = factories.commission(monde.a.promotion, "EP2")
    factories.reunion(autre, monde.a.commission)
    decider(monde, camille)
    reponse = president.post(
        adresse("commission-candidats", autre.pk), {"eleves": [monde.a.eleves[1].pk], "ensemble": "on"}
    )
    assert reponse.status_code == 422
    assert "ALPHA-A1 Camille porte déjà des décisions" in reponse.context["form"].errors["eleves"][0]
    assert (eleves(autre), len(eleves(monde.a.commission))) == (set(), 2)


def test_la_presence_se_reporte_a_toute_la_reunion_si_on_le_demande(monde, president):
    autre = factories.commission(monde.a.promotion, "EP2")
    factories.membre(autre, None, nom="Parti")
    factories.reunion(monde.a.commission, autre)
    url = adresse("commission-update", monde.a.commission.pk)
    president.post(url, modification(monde))
    assert sieges(autre) == [("Parti", "enseignant", None)]
    president.post(url, modification(monde, ensemble="on"))
    autre.refresh_from_db()
    assert (sieges(autre), autre.lieu) == ([(monde.a.membre.nom_complet, "enseignant", True)], "Atelier")


def test_sa_page_montre_ses_epreuves_et_elles_seules(monde, president):
    hors = factories.commission(monde.a.promotion, "EP3")
    autre = factories.commission(monde.a.promotion, "EP2")
    for commission in (hors, autre):
        factories.dossier(commission, monde.a.eleves[0])
    reunion = factories.reunion(monde.a.commission, autre)
    tableau = president.get(adresse("reunion", reunion.pk)).context["cockpit"]
    assert [colonne.code for colonne in tableau.colonnes] == ["EP1", "EP2"]


def test_un_membre_d_une_seule_epreuve_n_y_voit_qu_elle(monde, membre):
    autre = factories.commission(monde.a.promotion, "EP2")
    factories.dossier(autre, monde.a.eleves[0])
    reunion = factories.reunion(monde.a.commission, autre)
    reponse = membre.get(adresse("reunion", reunion.pk))
    assert [colonne.code for colonne in reponse.context["cockpit"].colonnes] == ["EP1"]
    assert autre.intitule not in reponse.content.decode()


def test_inscrire_un_compte_sans_acces_demande_un_geste(monde, president):
    champs = {"membres-0-utilisateur": monde.a.enseignant.pk}
    refus = creer(monde, president, **champs)
    (erreur,) = refus.context["membres"].forms[0].errors["utilisateur"]
    assert (refus.status_code, "n’a pas encore accès aux commissions" in erreur) == (422, True)
    assert not Appartenance.objects.filter(utilisateur=monde.a.enseignant, role=Role.MEMBRE).exists()

    suite = creer(monde, president, **champs, donner_acces="on")
    page = simple(president.get(suite.url).content.decode())
    assert f"donné à : {monde.a.enseignant.nom_complet}." in page
    client = connecte(monde.a.enseignant)
    vues = client.get(adresse("commissions")).context["commissions"]
    assert {commission.epreuve.code for commission in vues} == {"EP2", "EP3"}
    assert client.get(adresse("commission", monde.a.commission.pk)).status_code == 404


def test_l_acces_ne_s_accorde_qu_a_qui_en_manque(monde, president):
    creer(monde, president, donner_acces="on")
    roles = Appartenance.objects.filter(utilisateur=monde.a.membre).values_list("role", flat=True)
    assert list(roles) == [Role.MEMBRE.value]
