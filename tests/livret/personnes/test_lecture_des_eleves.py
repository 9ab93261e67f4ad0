"""Qui lit quels élèves et quels bilans : les requêtes gardées disent la règle de `for_user`, pour chacun."""

import pytest

from livret.bilan.models import cles_de_lecture as cles_des_bilans
from livret.eleve import pages
from livret.eleve.views.eleve import _bilans
from livret.models import Bilan, Eleve, Utilisateur
from livret.personnes.classes import suit
from livret.personnes.models.eleve import cles_de_lecture
from tests import factories
from tests.monde import Ecole, Monde
from trpm.permissions import Action, Role

LUS = {
    "administrateur": [0, 1],
    "enseignant": [0, 1],
    "eleve": [0],
    "membre": [0, 1],
    "president": [0, 1],
    "inspecteur": [],
    "collegue": [],
}
EQUIPE = {**LUS, "eleve": [], "membre": [], "president": []}


def comptes(ecole: Ecole) -> dict[str, Utilisateur]:
    """Un compte par rôle, relu : ses rôles ne sont pas gardés d'une fois sur l'autre."""
    tous = {**{str(role): un for role, un in ecole.comptes.items()}, "collegue": ecole.collegue}
    return {nom: Utilisateur.objects.get(pk=un.pk) for nom, un in tous.items()}


def trouves(user: Utilisateur, action: Action) -> list[set[Eleve]]:
    """Ceux que rend chaque forme : le « queryset », puis les requêtes gardées, un élève à la fois."""
    cles, portee = cles_de_lecture(user, action), user.portee(action)
    tous = list(Eleve.objects.all())
    return [
        set(Eleve.objects.for_user(user, action)),
        {un for un in tous if pages._lu(un.pk, *cles)},
        {un for un in tous if suit(user, un.pk, action)},
        {un for un in tous if pages._du_compte(un.utilisateur_id or 0, *cles)}
        | {un for un in Eleve.objects.for_user(user, action) if not un.utilisateur_id},
        set(Eleve.objects.lus_aussi_jadis(user, action)),
        {un for un in tous if pages._lu_jadis(un.pk, portee)},
    ]


@pytest.mark.parametrize(("action", "attendus"), [(Action.VOIR_LIVRET, LUS), (Action.VOIR_CLASSE, EQUIPE)])
def test_chacun_trouve_ses_eleves_et_nul_autre(
    monde: Monde, action: Action, attendus: dict[str, list[int]]
) -> None:
    for _ in range(2):
        for ecole in (monde.a, monde.b):
            for nom, user in comptes(ecole).items():
                siens = {ecole.eleves[rang] for rang in attendus[nom]}
                assert trouves(user, action) == [siens] * 6, nom


def test_qui_tient_tous_les_roles_dans_deux_etablissements(monde: Monde) -> None:
    """L'enseignant de A siège à B ; l'administrateur de B enseigne et préside à A."""
    monde.a.enseignant.appartenances.create(etablissement=monde.b.etablissement, role=Role.PRESIDENT)
    chef = monde.b.administrateur
    for role in (Role.ENSEIGNANT, Role.PRESIDENT):
        chef.appartenances.create(etablissement=monde.a.etablissement, role=role)
    for une in (monde.a.enseignant, chef):
        user = Utilisateur.objects.get(pk=une.pk)
        assert trouves(user, Action.VOIR_LIVRET) == [{*monde.a.eleves, *monde.b.eleves}] * 6
    assert trouves(Utilisateur.objects.get(pk=monde.a.enseignant.pk), Action.VOIR_CLASSE) == (
        [set(monde.a.eleves)] * 6
    )
    assert trouves(Utilisateur.objects.get(pk=chef.pk), Action.VOIR_CLASSE) == [set(monde.b.eleves)] * 6


def test_chacun_lit_ses_bilans_et_nul_autre(monde: Monde) -> None:
    for ecole in (monde.a, monde.b):
        factories.bilan(ecole.eleves[0], ecole.enseignant, "valide")
        factories.bilan(ecole.eleves[1], ecole.enseignant)
    nombres = {**dict.fromkeys(LUS, 0), "administrateur": 2, "enseignant": 2}
    nombres |= dict.fromkeys(("eleve", "membre", "president"), 1)
    for _ in range(2):
        for ecole in (monde.a, monde.b):
            for nom, user in comptes(ecole).items():
                lus = Bilan.objects.for_user(user, Action.VOIR_BILAN)
                cles = cles_des_bilans(user, Action.VOIR_BILAN)
                gardes = [bilan for eleve in Eleve.objects.all() for bilan in _bilans(eleve.pk, *cles)]
                assert set(gardes) == set(lus.courants())
                assert len(gardes) == nombres[nom], nom
                assert {bilan.eleve for bilan in gardes} <= set(ecole.eleves)
