"""Choisir les candidats d'une commission."""

from certification.models import Dossier
from livret.models import Scolarite
from tests import factories
from tests.certification.scene import adresse, statuts
from tests.certification.seance.test_commission_form import PREPARER
from tests.litanie import requetes


def eleves(commission) -> set[int]:
    return set(Dossier.objects.filter(commission=commission).values_list("eleve", flat=True))


def test_qui_les_choisit(monde):
    assert statuts(monde, adresse("commission-candidats", monde.a.commission.pk)) == PREPARER


def test_seuls_les_eleves_de_la_session_se_proposent(monde, administrateur):
    trop_tard = factories.classe(factories.promotion(monde.a.etablissement, monde.referentiel, session=2027))
    factories.eleve(trop_tard, "ALPHA-TARD")
    outillage = factories.classe(factories.promotion(monde.a.etablissement, monde.referentiel, "OUT"))
    voisin = factories.eleve(outillage, "ALPHA-OUT")
    groupes = administrateur.get(adresse("commission-candidats", monde.a.commission.pk)).context["groupes"]
    proposes = {un.eleve.pk: un.coche for groupe in groupes.values() for un in groupe}
    assert proposes == {monde.a.eleves[0].pk: True, monde.a.eleves[1].pk: True, voisin.pk: False}


def test_la_classe_dite_est_celle_d_a_present(monde, administrateur):
    """Passé d'une classe à l'autre dans l'année, et revenu dans celle où il fut inscrit d'abord."""
    (premier, _), ancienne = monde.a.eleves, monde.a.classe
    autre = factories.classe(monde.a.promotion, nom="Tle AUTRE")
    passage = Scolarite.objects.create(eleve=premier, classe=autre)
    page = adresse("commission-candidats", monde.a.commission.pk)

    def dite() -> str:
        groupes = administrateur.get(page).context["groupes"]
        return next(un.classe for siens in groupes.values() for un in siens if un.eleve == premier)

    Scolarite.objects.filter(eleve=premier, classe=ancienne).update(sortie="2026-01-15")
    assert dite() == "Tle AUTRE"
    Scolarite.objects.filter(eleve=premier, classe=ancienne).update(sortie=None)
    Scolarite.objects.filter(pk=passage.pk).update(sortie="2026-03-15")
    assert dite() == ancienne.nom


def test_choisir_ajoute_et_retire(monde, administrateur):
    troisieme = factories.eleve(monde.a.classe, "ALPHA-A3")
    choix = [monde.a.eleves[0].pk, troisieme.pk]
    reponse = administrateur.post(adresse("commission-candidats", monde.a.commission.pk), {"eleves": choix})
    assert (reponse.status_code, eleves(monde.a.commission)) == (302, set(choix))


def test_toute_une_promotion_d_un_geste(monde, administrateur):
    commission = factories.commission(monde.a.promotion, "EP2")
    administrateur.post(adresse("commission-candidats", commission.pk), {"promotion": monde.a.promotion.pk})
    assert eleves(commission) == {eleve.pk for eleve in monde.a.eleves}


def test_un_eleve_ou_une_promotion_d_ailleurs_ne_se_choisit_pas(monde, administrateur):
    commission = factories.commission(monde.a.promotion, "EP2")
    url = adresse("commission-candidats", commission.pk)
    assert administrateur.post(url, {"eleves": [monde.b.eleves[0].pk]}).status_code == 422
    administrateur.post(url, {"promotion": monde.b.promotion.pk})
    assert eleves(commission) == set()


def test_un_dossier_entame_reste_devant_la_commission(monde, administrateur, camille):
    factories.decision(camille, "C1", monde.a.membre, 2)
    reponse = administrateur.post(
        adresse("commission-candidats", monde.a.commission.pk), {"eleves": [monde.a.eleves[1].pk]}
    )
    assert reponse.status_code == 422
    assert reponse.context["form"].errors["eleves"] == [
        "Le dossier de ALPHA-A1 Camille porte déjà des décisions : il reste devant la commission. "
        "Indiquez plutôt la situation du candidat dans son dossier."
    ]
    assert eleves(monde.a.commission) == {eleve.pk for eleve in monde.a.eleves}


def test_requetes(monde, administrateur):
    url = adresse("commission-candidats", monde.a.commission.pk)
    assert requetes(lambda: administrateur.get(url)) == 10
    for rang in range(3):
        factories.eleve(monde.a.classe, f"ALPHA-A{rang + 3}")
    assert requetes(lambda: administrateur.get(url)) == 10
