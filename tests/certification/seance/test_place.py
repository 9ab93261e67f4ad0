"""Un candidat, une épreuve, une session : un seul dossier vivant (Q49)."""

import pytest
from django.db import IntegrityError, connection, transaction

from certification.models import Commission, Dossier
from certification.seance.place import clore
from tests import factories
from tests.certification.scene import (
    adresse,
    decider,
    figer,
    lu,
    statuts,
)
from tests.certification.seance.test_candidats import eleves
from tests.certification.seance.test_commission_form import PREPARER
from tests.litanie import connecte, messages
from tests.simultane import ensemble
from trpm.permissions import Role

DEPLACER = {**PREPARER, "ailleurs": 404}


def executer(instruction: str) -> None:
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute(instruction)


@pytest.fixture
def autre(monde) -> Commission:
    """Une seconde commission de la même épreuve et de la même session."""
    return factories.commission(monde.a.promotion, "EP1", [monde.a.membre])


def lien(autre, dossier) -> str:
    return adresse("deplacement", autre.pk, dossier.pk)


def test_qui_deplace_supprime_et_clot(monde, autre, camille):
    assert statuts(monde, lien(autre, camille)) == DEPLACER
    assert statuts(monde, adresse("commission-delete", autre.pk)) == DEPLACER
    assert statuts(monde, adresse("commission-cloture", autre.pk)) == DEPLACER


@pytest.mark.parametrize(
    "instruction",
    [
        "INSERT INTO certification_dossier (commission_id, eleve_id, epreuve_id, session, situation, bonus,"
        " observations, motif_ecart, motif_cloture, modifie_le)"
        " SELECT {autre}, eleve_id, epreuve_id, session, situation, bonus, observations, motif_ecart,"
        " motif_cloture, modifie_le FROM certification_dossier"
        " WHERE id = {dossier}",
        "UPDATE certification_dossier SET session = 2031 WHERE id = {dossier}",
        "UPDATE certification_dossier SET epreuve_id = {ep2} WHERE id = {dossier}",
        "UPDATE certification_commission SET epreuve_id = {ep2} WHERE id = {commission}",
        "UPDATE certification_commission SET session = 2031 WHERE id = {commission}",
        "UPDATE certification_dossier SET commission_id = {close} WHERE id = {dossier}",
        "UPDATE certification_dossier SET observations = 'x' WHERE id = {clos}",
        "DELETE FROM certification_dossier WHERE id = {clos}",
    ],
    ids=lambda texte: texte[:60],
)
def test_la_base_le_tient_d_elle_meme(monde, autre, camille, instruction):
    close = factories.commission(monde.a.promotion, "EP1")
    clos = factories.dossier(close, factories.eleve(monde.a.classe, "ALPHA-A3"))
    clore(close, "Essai.", monde.a.president)
    ep2 = monde.referentiel.epreuves.get(code="EP2").pk
    cles = {"ep2": ep2, "close": close.pk, "clos": clos.pk, "commission": monde.a.commission.pk}
    with pytest.raises(IntegrityError):
        executer(instruction.format(autre=autre.pk, dossier=camille.pk, **cles))


def test_un_candidat_deja_ailleurs_se_montre_avec_ou_et_ne_s_inscrit_pas(monde, administrateur, autre):
    url = adresse("commission-candidats", autre.pk)
    page = administrateur.get(url)
    vus = [un for groupe in page.context["groupes"].values() for un in groupe]
    assert [un.ailleurs.commission for un in vus] == [monde.a.commission] * 2
    assert f'déjà devant <a href="{monde.a.commission.get_absolute_url()}">' in page.content.decode()
    refus = administrateur.post(url, {"eleves": [monde.a.eleves[0].pk]})
    assert (refus.status_code, refus.context["form"].errors["eleves"]) == (
        422,
        [f"ALPHA-A1 Camille est déjà devant «\xa0{monde.a.commission}\xa0». Déplacez-le depuis cette page."],
    )
    nouveau = factories.eleve(monde.a.classe, "ALPHA-A3")
    administrateur.post(url, {"promotion": monde.a.promotion.pk})
    assert eleves(autre) == {nouveau.pk}


def test_deplacer_emporte_les_decisions_et_laisse_une_trace(monde, president, autre, camille):
    decider(monde, camille, note="15")
    avant = lu(camille).grille
    reponse = president.post(lien(autre, camille), follow=True)
    assert messages(reponse) == [f"ALPHA-A1 Camille est maintenant devant «\xa0{autre}\xa0»."]
    apres = lu(camille)
    assert (apres.dossier.commission, apres.grille.note_proposee) == (autre, avant.note_proposee)
    assert [une.niveau_arrete for une in apres.grille.lignes] == [2, 3]
    actes = [acte.quoi for acte in president.get(adresse("origine", camille.pk)).context["origine"].actes]
    assert f"Candidat déplacé de «\xa0{monde.a.commission}\xa0» à «\xa0{autre}\xa0»" in actes


def test_l_acte_se_lit_encore_quand_la_commission_de_depart_est_effacee(monde, president, autre, camille):
    president.post(lien(autre, camille))
    president.post(adresse("commission-delete", monde.a.commission.pk))
    assert not Commission.objects.filter(pk=monde.a.commission.pk).exists()
    assert "Candidat déplacé" in president.get(adresse("origine", camille.pk)).content.decode()


def test_un_dossier_fige_ne_se_deplace_pas(monde, president, autre, camille, dominique):
    decider(monde, camille)
    figer(monde, camille)
    page = president.get(adresse("commission-candidats", autre.pk)).content.decode()
    assert (lien(autre, camille) in page, lien(autre, dominique) in page) == (False, True)
    reponse = president.post(lien(autre, camille))
    assert (reponse.status_code, lu(camille).dossier.commission) == (409, monde.a.commission)
    assert "Ce dossier est figé" in reponse.content.decode()


def test_des_niveaux_arretes_ne_changent_pas_de_grille(monde, president, autre, camille):
    ancienne = autre.grille
    autre.grille = type(ancienne).objects.create(
        referentiel=monde.referentiel, version="2", intitule="Autre", echelle=ancienne.echelle
    )
    autre.save()
    decider(monde, camille)
    assert president.post(lien(autre, camille)).status_code == 409


def test_un_candidat_ne_passe_pas_d_une_epreuve_a_une_autre(monde, president, camille):
    ailleurs = factories.commission(monde.a.promotion, "EP2")
    assert president.post(lien(ailleurs, camille)).status_code == 404


def test_une_commission_sans_acte_s_efface(monde, president, autre):
    reunion = factories.reunion(autre)
    nouveau = factories.eleve(monde.a.classe, "ALPHA-A3")
    factories.dossier(autre, nouveau)
    assert president.get(adresse("commission-delete", autre.pk)).status_code == 200
    assert president.post(adresse("commission-delete", autre.pk)).status_code == 302
    assert not Commission.objects.filter(pk=autre.pk).exists()
    assert not type(reunion).objects.filter(pk=reunion.pk).exists()
    assert not Dossier.objects.filter(eleve=nouveau).exists()


def test_une_commission_qui_a_servi_se_clot_et_libere_ses_candidats(monde, president, autre, camille):
    decider(monde, camille)
    refus = president.post(adresse("commission-delete", monde.a.commission.pk))
    assert (refus.status_code, "a déjà servi" in refus.content.decode()) == (409, True)
    url = adresse("commission-cloture", monde.a.commission.pk)
    assert president.post(url, {"motif": " "}).status_code == 422
    page = president.post(url, {"motif": "Ouverte par erreur."}, follow=True).content.decode()
    assert "Ouverte par erreur." in page
    assert camille.get_absolute_url() in page
    vu = president.get(camille.get_absolute_url()).content.decode()
    assert "Commission close\xa0: Ouverte par erreur." in vu
    assert 'name="niveau"' not in vu
    president.post(adresse("commission-candidats", autre.pk), {"eleves": [camille.eleve_id]})
    assert eleves(autre) == {camille.eleve_id}
    for nom in ("commission-candidats", "commission-update", "commission-cloture"):
        assert president.get(adresse(nom, monde.a.commission.pk)).status_code == 404
    assert president.get(adresse("proces-verbal", monde.a.commission.pk)).status_code == 404
    cyclades = adresse("cyclades", monde.a.etablissement.pk, monde.a.commission.session)
    assert "ALPHA-A2" not in president.get(cyclades).content.decode()


def test_un_dossier_clos_refuse_toute_ecriture(monde, president, membre, camille):
    jeton = lu(camille).grille.ligne("C1").jeton
    clore(monde.a.commission, "Essai.", monde.a.president)
    envois = {
        "decision": (camille.pk, "C1"),
        "acceptation": (camille.pk,),
        "proposition": (camille.pk,),
        "observations": (camille.pk,),
        "situation-candidat": (camille.pk,),
    }
    donnees = {"niveau": "2", "lu": jeton, "note": "12", "observations": "x", "situation": "dispense"}
    for nom, arguments in envois.items():
        assert membre.post(adresse(nom, *arguments), donnees).status_code == 409, nom
    assert president.post(adresse("figer", camille.pk)).status_code == 409
    assert president.post(adresse("rouvrir", camille.pk), {"motif": "x"}).status_code == 409
    assert (camille.decisions.count(), lu(camille).etat) == (0, "clos")


def test_un_dossier_fige_empeche_de_clore(monde, president, camille):
    decider(monde, camille)
    figer(monde, camille)
    reponse = president.post(adresse("commission-cloture", monde.a.commission.pk), {"motif": "x"})
    assert reponse.status_code == 422
    assert "Rouvrez d’abord les dossiers figés de cette commission\xa0: ALPHA-A1 Camille." in (
        reponse.content.decode()
    )


def test_une_commission_close_laisse_son_nom(monde, president):
    clore(monde.a.commission, "Essai.", monde.a.president)
    reprise = factories.commission(monde.a.promotion, "EP1", intitule=monde.a.commission.intitule)
    assert reprise.pk != monde.a.commission.pk


@pytest.mark.django_db(transaction=True)
def test_deux_commissions_qui_inscrivent_le_meme_candidat_n_en_gardent_qu_un_dossier(monde):
    nouveaux = [factories.eleve(monde.a.classe, f"ALPHA-B{rang}") for rang in range(3)]
    commissions = [factories.commission(monde.a.promotion, "EP1") for _ in range(4)]
    compte = factories.utilisateur(Role.PRESIDENT, etablissement=monde.a.etablissement, nom="Second")
    clients = [connecte(compte) for _ in commissions]
    donnees = {"eleves": [eleve.pk for eleve in nouveaux]}

    def inscrire(client, commission):
        return lambda: client.post(adresse("commission-candidats", commission.pk), donnees).status_code

    rendus = ensemble(*[inscrire(*paire) for paire in zip(clients, commissions, strict=True)])
    assert sorted(rendus) == [302, 422, 422, 422]
    assert Dossier.objects.filter(eleve__in=nouveaux).count() == 3


@pytest.mark.django_db(transaction=True)
def test_deplacer_et_figer_au_meme_instant_ne_laisse_qu_une_verite(monde, camille):
    autre = factories.commission(monde.a.promotion, "EP1")
    decider(monde, camille)
    clients = [connecte(monde.a.president) for _ in range(2)]
    rendus = ensemble(
        lambda: clients[0].post(lien(autre, camille)).status_code,
        lambda: clients[1].post(adresse("figer", camille.pk), {"sans_presences": "on"}).status_code,
    )
    apres = lu(camille)
    assert rendus in ([302, 302], [409, 302])
    attendue = autre if rendus[0] == 302 else monde.a.commission
    assert (apres.fige, apres.dossier.commission) == (True, attendue)
