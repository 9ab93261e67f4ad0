"""Une réunion menée candidat par candidat : ses épreuves liées, ses membres repris, ses convoqués."""

import datetime

import pytest

from certification.commission.convoques import convoques
from certification.models import Commission, Membre
from livret.models import Utilisateur
from referentiel.models import Referentiel
from tests import factories
from tests.certification.scene import adresse, decider, figer
from tests.certification.seance.test_commission_form import saisie
from tests.litanie import requetes
from trpm.permissions import Role


@pytest.fixture
def seance(monde) -> dict[str, Commission]:
    """EP1 et EP2 des mêmes candidats, réunies."""
    autre = factories.commission(monde.a.promotion, "EP2", [monde.a.membre])
    for eleve in monde.a.eleves:
        factories.dossier(autre, eleve)
    factories.reunion(monde.a.commission, autre)
    return {"EP1": monde.a.commission, "EP2": autre}


def test_on_passe_d_une_epreuve_a_l_autre_puis_au_candidat_suivant(monde, president, seance, camille):
    decider(monde, camille)
    figer(monde, camille)
    suite, dossier = [], camille.pk
    while dossier:
        contexte = president.get(adresse("dossier", dossier)).context
        vu = contexte["seance"]
        suite.append((contexte["grille"].candidat.prenom, contexte["grille"].epreuve.code, vu.candidats.rang))
        dossier = contexte["voisins"].suivant
    assert suite == [
        ("Camille", "EP1", 1),
        ("Camille", "EP2", 1),
        ("Dominique", "EP1", 2),
        ("Dominique", "EP2", 2),
    ]
    assert (vu.candidats.combien, vu.figes, len(vu.etapes)) == (2, 1, 4)
    page = " ".join(president.get(camille.get_absolute_url()).content.decode().split())
    assert "Candidat 1 / 2" in page
    assert "1 dossier figé sur 4 dans" in page


def test_un_membre_d_une_seule_epreuve_ne_passe_que_par_elle(monde, seance, membre, camille, dominique):
    Membre.objects.filter(commission=seance["EP2"]).delete()
    contexte = membre.get(camille.get_absolute_url()).context
    assert (contexte["voisins"].suivant, contexte["seance"].siennes) == (dominique.pk, ())


def test_la_seance_coute_une_requete_quel_que_soit_le_nombre_de_candidats(monde, president, seance, camille):
    avant = requetes(lambda: president.get(camille.get_absolute_url()))
    for rang in range(3):
        eleve = factories.eleve(monde.a.classe, f"ALPHA-B{rang}")
        for commission in seance.values():
            factories.dossier(commission, eleve)
    assert requetes(lambda: president.get(camille.get_absolute_url())) == avant


def equipe(monde, nombre: int) -> list[Utilisateur]:
    comptes = [
        factories.utilisateur(Role.ENSEIGNANT, etablissement=monde.a.etablissement, nom=f"Équipe {rang}")
        for rang in range(nombre)
    ]
    monde.a.classe.equipe.set(comptes)
    return comptes


def champs(page) -> dict[str, object]:
    """Ce que le navigateur renverrait de cette page."""
    form, membres = page.context["form"], page.context["membres"]
    rendus = {un.html_name: un.value() for un in form if un.value()}
    for siege in membres.forms:
        rendus |= {un.html_name: un.value() or "" for un in siege}
    return {
        **rendus,
        "membres-TOTAL_FORMS": len(membres.forms),
        "membres-INITIAL_FORMS": len(membres.initial_forms),
    }


def test_sept_membres_de_l_equipe_en_un_enregistrement_sans_rien_perdre(monde, president):
    comptes = equipe(monde, 7)
    tapee = saisie(monde, heure="14:30", **{"membres-0-nom": "M. Tour", "membres-0-qualite": "professionnel"})
    url = adresse("commission-create")
    page = president.post(url, {**tapee, "reprendre": f"classe-{monde.a.classe.pk}"})
    assert page.status_code == 200
    assert Commission.objects.filter(epreuve__code="EP2").count() == 0
    assert 'value="Salle 12"' in page.content.decode()
    reponse = president.post(url, {**champs(page), "donner_acces": "on"})
    assert reponse.status_code == 302
    commission = Commission.objects.get(epreuve__code="EP2")
    assert (commission.heure, commission.membres.count()) == (datetime.time(14, 30), 8)
    sieges = set(commission.membres.values_list("utilisateur", "qualite"))
    assert sieges == {(None, "professionnel"), *((compte.pk, "enseignant") for compte in comptes)}


def test_l_equipe_siege_au_titre_que_donne_le_diplome(monde, president):
    """Un référentiel peut ne connaître aucun « enseignant » : c'est le premier de ses titres qui vaut."""
    (compte,) = equipe(monde, 1)
    titres = [
        ("president", "chef de centre"),
        ("formateur", "formateur"),
        ("anglais", "professeur d’anglais"),
    ]
    regles = {"qualites": [{"code": code, "intitule": intitule} for code, intitule in titres]}
    Referentiel.objects.filter(pk=monde.a.promotion.referentiel_id).update(commission=regles)
    cle = {"reprendre": f"classe-{monde.a.classe.pk}"}
    for envoi in (saisie(monde), {**saisie(monde), "epreuve": ""}):
        page = president.post(adresse("commission-create"), envoi | cle)
        sieges = {siege["utilisateur"].value(): siege["qualite"].value() for siege in page.context["membres"]}
        assert sieges[compte.pk] == "formateur"


def test_les_membres_de_la_derniere_commission_se_reprennent_une_fois(monde, president):
    url = adresse("commission-create")
    cle = f"commission-{monde.a.commission.pk}"
    assert cle in [source.cle for source in president.get(url).context["sources"]]
    page = president.post(url, {**saisie(monde), "reprendre": cle})
    encore = president.post(url, {**champs(page), "reprendre": cle})
    for vue in (page, encore):
        noms = [siege["nom"].value() for siege in vue.context["membres"].forms if siege["nom"].value()]
        assert noms == [monde.a.membre.nom_complet]


@pytest.mark.parametrize("cle", ["classe-{classe}", "commission-{commission}", "classe-x", "autre-1", ""])
def test_rien_ne_se_reprend_d_un_autre_etablissement(monde, president, cle):
    monde.b.classe.equipe.set([monde.b.enseignant])
    envoi = cle.format(classe=monde.b.classe.pk, commission=monde.b.commission.pk)
    page = president.post(adresse("commission-create"), {**saisie(monde), "reprendre": envoi or "-"})
    assert [siege for siege in page.context["membres"].forms if siege["utilisateur"].value()] == []
    assert "INTRUS" not in page.content.decode()


def test_modifier_reprend_sans_perdre_les_presences_tapees(monde, president):
    equipe(monde, 2)
    url = adresse("commission-update", monde.a.commission.pk)
    tapee = champs(president.get(url)) | {"membres-0-present": "oui"}
    page = president.post(url, {**tapee, "reprendre": f"classe-{monde.a.classe.pk}"})
    president.post(url, {**champs(page), "donner_acces": "on"})
    presences = monde.a.commission.membres.values_list("nom", "present")
    assert (monde.a.membre.nom_complet, True) in presences
    assert len(presences) == 3


def test_chacun_est_convoque_une_fois_et_le_president_ne_l_est_pas(monde, seance):
    for commission in seance.values():
        factories.membre(commission, monde.a.president, "president")
        factories.membre(commission, None, "professionnel", nom="M. Tour")
    factories.membre(seance["EP2"], monde.a.enseignant)
    seance["EP2"].reunion.commissions.update(heure=datetime.time(9, 0), lieu="Salle 3")
    lues = Commission.objects.filter(reunion=seance["EP2"].reunion).select_related("epreuve")
    rendus = convoques(lues.prefetch_related("membres"))
    assert [(un.nom, len(un.epreuves), un.heure, un.lieu) for un in rendus] == [
        (monde.a.membre.nom_complet, 2, datetime.time(9, 0), "Salle 3"),
        ("M. Tour", 2, datetime.time(9, 0), "Salle 3"),
        (monde.a.enseignant.nom_complet, 1, datetime.time(9, 0), "Salle 3"),
    ]


def test_la_reunion_porte_l_heure_de_ses_commissions(monde, president):
    donnees = saisie(monde, heure="08:15", autres=[monde.referentiel.epreuves.get(code="EP3").pk])
    president.post(adresse("commission-create"), donnees)
    reunion = Commission.objects.get(epreuve__code="EP2").reunion
    heures = {reunion.heure, *reunion.commissions.values_list("heure", flat=True)}
    assert heures == {datetime.time(8, 15)}
    assert "8\xa0h\xa015" in president.get(adresse("reunion", reunion.pk)).content.decode()
