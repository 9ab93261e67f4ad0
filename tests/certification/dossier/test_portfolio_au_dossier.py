"""Ce que l’élève coche « au dossier » va aux épreuves des compétences que cela montre, et à nulle autre."""

from hashlib import sha256

import pytest
from django.urls import reverse

from certification.document import tirage
from certification.dossier.figement import figer
from certification.dossier.grille.epreuve import GrilleEpreuve
from certification.models import Dossier, TraceCitee
from livret.models import Situation, Trace
from tests import factories
from tests.certification.scene import adresse, decider, lu
from tests.litanie import connecte, requetes
from tests.livret.pfmp.scene import scene
from tests.monde import Monde

PDF = b"%PDF-1.7 gamme"
EPREUVES = ("EP1", "EP2", "EP3")


@pytest.fixture
def dossiers(monde: Monde) -> dict[str, Dossier]:
    """Camille devant les trois épreuves : EP1 (C1, C2), EP2 (C3, C4), EP3 (C5)."""
    autres = {code: factories.commission(monde.a.promotion, code, [monde.a.membre]) for code in EPREUVES[1:]}
    return {"EP1": monde.a.dossiers[0]} | {
        code: factories.dossier(commission, monde.a.eleves[0]) for code, commission in autres.items()
    }


def deposer(monde: Monde, *competences: str, **champs: object) -> Trace:
    trace = factories.trace_d_eleve(monde.a.eleves[0], monde.a.compte_eleve, **{"au_dossier": True, **champs})
    trace.competences.set(monde.referentiel.competences.filter(code__in=competences))
    return trace


def une_pfmp(monde: Monde) -> dict[str, object]:
    """Sa PFMP, dont l’annexe vise C3 et C5."""
    pfmp = scene(monde.a).camille
    pfmp.competences.set(monde.referentiel.competences.filter(code__in=["C3", "C5"]))
    return {"pfmp": pfmp}


def une_situation(monde: Monde, nature: str = "certificative") -> dict[str, object]:
    """Une situation qui vise C2 et C4, de deux épreuves."""
    return {
        "situation": factories.situation(
            monde.a.classe, monde.a.enseignant, competences=["C2", "C4"], nature=nature
        )
    }


def recus(dossiers: dict[str, Dossier], trace: Trace) -> dict[str, str]:
    """Par épreuve qui reçoit la pièce, les compétences qu’elle y montre."""
    return {
        code: preuve.case
        for code, dossier in dossiers.items()
        for preuve in lu(dossier).grille.preuves
        if preuve.trace == trace.pk
    }


CAS = [
    ("une compétence", ["C5"], None, {"EP3": "C5"}),
    ("deux compétences de deux épreuves", ["C1", "C2", "C4"], None, {"EP1": "C1, C2", "EP2": "C4"}),
    ("une PFMP", [], une_pfmp, {"EP2": "C3", "EP3": "C5"}),
    ("une PFMP, une compétence dite", ["C1"], une_pfmp, {"EP1": "C1"}),
    ("une situation", [], une_situation, {"EP1": "C2", "EP2": "C4"}),
    ("une situation, une compétence dite", ["C4"], une_situation, {"EP2": "C4"}),
    ("rien", [], None, {}),
]


@pytest.mark.parametrize(
    ("competences", "cadre", "attendu"), [cas[1:] for cas in CAS], ids=[cas[0] for cas in CAS]
)
def test_la_piece_va_aux_epreuves_de_ce_qu_elle_montre(
    monde: Monde, dossiers: dict[str, Dossier], competences, cadre, attendu
) -> None:
    assert recus(dossiers, deposer(monde, *competences, **(cadre(monde) if cadre else {}))) == attendu


def test_une_situation_non_retenue_ne_retient_pas_la_piece(
    monde: Monde, dossiers: dict[str, Dossier]
) -> None:
    trace = deposer(monde, **une_situation(monde, "formative"))
    assert recus(dossiers, trace) == {"EP1": "C2", "EP2": "C4"}


@pytest.mark.parametrize(("case", "epreuve"), [("C5", "EP3"), ("C5.1", "EP3"), ("C2.1", "EP1")])
def test_la_case_que_vise_une_piece_decide_seule(
    monde: Monde, dossiers: dict[str, Dossier], case: str, epreuve: str
) -> None:
    """La situation de la preuve vise C2 et C4 : la case l’emporte."""
    diplome, code = monde.referentiel, case.split(".")[0]
    visee = diplome.competences.get(code=code)
    vise = {"detaillee": visee.detaillees.get(code=case)} if "." in case else {"competence": visee}
    trace = deposer(monde, **une_situation(monde), **vise)
    assert recus(dossiers, trace) == {epreuve: code}


def test_ce_qui_n_est_pas_coche_ou_d_un_autre_n_arrive_pas(
    monde: Monde, dossiers: dict[str, Dossier]
) -> None:
    deposer(monde, "C1", au_dossier=False)
    de_dominique = deposer(monde, "C1")
    Trace.objects.filter(pk=de_dominique.pk).update(eleve=monde.a.eleves[1])
    deposer(monde, "C1").retirer(monde.a.compte_eleve, Trace.objects.first().creee_le)
    assert lu(dossiers["EP1"]).grille.preuves == ()


def test_figee_avec_son_empreinte_et_citee(monde: Monde, camille: Dossier) -> None:
    trace = deposer(monde, "C1", texte="Ma gamme", empreinte=sha256(PDF).hexdigest(), fichier="gamme")
    decider(monde, camille)
    version = figer(camille, monde.a.president)
    assert list(TraceCitee.objects.values_list("version", "trace")) == [(version.pk, trace.pk)]
    [preuve] = GrilleEpreuve.depuis_json(version.contenu).portfolio
    assert (preuve.trace, preuve.case, preuve.empreinte) == (trace.pk, "C1", sha256(PDF).hexdigest())
    Trace.objects.filter(pk=trace.pk).update(texte="Récrite", au_dossier=False)
    assert lu(camille).grille.portfolio == (preuve,)
    trace.retirer(monde.a.compte_eleve, version.figee_le)
    for qui in (monde.a.compte_eleve, monde.a.administrateur):
        page = connecte(qui).post(reverse("livret:portfolio-effacer", args=[trace.pk]), follow=True)
        assert "est citée par un document figé" in page.content.decode()
    assert Trace.objects.get(pk=trace.pk).fichier.name == "gamme"


def test_la_commission_la_voit_et_le_dossier_l_imprime(monde: Monde, camille: Dossier, membre) -> None:
    Situation.objects.update(etat="publiee")
    trace = deposer(monde, "C1", texte="Ma gamme d’usinage", **une_situation(monde))
    page = membre.get(camille.get_absolute_url()).content.decode()
    assert "Portfolio du candidat" in page
    assert "Ma gamme d’usinage" in page
    assert membre.get(adresse("preuve", camille.pk, trace.pk)).status_code == 404, "elle n’a pas de fichier"
    html = tirage.html(lu(camille), "dossiers")
    assert html.index("Pièce 4.") < html.index("Annexe. Portfolio du candidat") < html.index("Ma gamme")


def test_requetes(monde: Monde, camille: Dossier) -> None:
    """Trois de plus pour un portfolio, qu’il ait deux pièces ou quatre."""
    assert requetes(lambda: lu(camille)) == 20
    pfmp, situation = une_pfmp(monde), une_situation(monde)
    deposer(monde, "C1", **pfmp)
    deposer(monde, **situation)
    assert requetes(lambda: lu(camille)) == 23
    deposer(monde, "C1", **situation)
    deposer(monde, "C2", **pfmp)
    assert requetes(lambda: lu(camille)) == 23
