"""Une réunion de douze candidats et trois épreuves, menée au clavier, deux membres sur deux écrans."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from certification.dossier.resultats import dossiers_lus
from certification.models import Decision, Dossier, Reunion
from livret.models import Eleve, Evaluation, Situation, Utilisateur
from referentiel.models import Niveau
from tests import factories
from tests.monde import Monde
from trpm.base.instantane import ecrire

pytestmark = pytest.mark.django_db(transaction=True)

PROJECTION = {"width": 1920, "height": 1080}
TABLETTE = {"width": 820, "height": 1180}
CODES = ("C1", "C2", "C3", "C4", "C5")


@pytest.fixture
def reunion(monde: Monde) -> Reunion:
    """Trente-six dossiers complets, tous les niveaux à 2 ; du quatrième au onzième candidat, déjà décidés."""
    ecole = monde.a
    eleves = [*ecole.eleves, *(factories.eleve(ecole.classe, f"BRAVO-{rang:02d}") for rang in range(10))]
    autres = [factories.commission(ecole.promotion, code, [ecole.membre]) for code in ("EP2", "EP3")]
    reunie = factories.reunion(ecole.commission, *autres)
    Situation.objects.filter(classe=ecole.classe).update(retenue=False, retenue_motif="Autre.")
    projet = factories.situation(ecole.classe, ecole.enseignant, CODES, intitule="Projet de série")
    deux = factories.niveau(monde.referentiel, 2)
    Evaluation.objects.bulk_create(
        Evaluation(situation=projet, eleve=eleve, competence=competence, niveau=deux, auteur=ecole.enseignant)
        for eleve in eleves
        for competence in monde.referentiel.competences.all()
    )
    Dossier.objects.bulk_create(
        Dossier(commission=commission, eleve=eleve)
        for commission in reunie.commissions.all()
        for eleve in eleves
        if not (commission == ecole.commission and eleve in ecole.eleves)
    )
    _deja_decides(reunie, ecole.membre, deux, eleves[3:11])
    return reunie


def _deja_decides(reunie: Reunion, membre: Utilisateur, deux: Niveau, eleves: list[Eleve]) -> None:
    dossiers = Dossier.objects.filter(commission__reunion=reunie, eleve__in=eleves)
    codes = {une.code: une for une in deux.echelle.referentiel.competences.all()}
    Decision.objects.bulk_create(
        Decision(
            dossier=lu.dossier,
            competence=codes[ligne.code],
            niveau=deux,
            auteur=membre,
            vu=ecrire(ligne.vu(lu.grille.regle)),
        )
        for lu in dossiers_lus(dossiers)
        for ligne in lu.grille.lignes
    )
    for lu in dossiers_lus(dossiers):
        lu.dossier.proposer(lu.grille.calculee, "", lu.grille.vu_note())


def decider(page: Page) -> None:
    """Accepte les niveaux, propose la note calculée : A, G, Entrée."""
    with page.expect_navigation():
        page.keyboard.press("a")
    page.keyboard.press("g")
    page.keyboard.press("Enter")
    expect(page.locator("#etat")).to_have_text("décidé")


def au_voisin(page: Page, touche: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(touche)


@pytest.mark.long
def test_douze_candidats_trois_epreuves_deux_ecrans(
    monde: Monde, reunion: Reunion, ouvrir_page: Callable, connecter: Callable, capturer: Callable
) -> None:
    projetee, tablette = ouvrir_page(PROJECTION), ouvrir_page(TABLETTE, has_touch=True)
    connecter(projetee, monde.a.president)
    connecter(tablette, monde.a.membre)
    tablette.clock.install()
    dossiers = Dossier.objects.filter(commission__reunion=reunion)
    premier = dossiers.get(commission=monde.a.commission, eleve=monde.a.eleves[0])
    projetee.goto(reunion.get_absolute_url())
    projetee.get_by_role("link", name="ALPHA-A1 Camille", exact=True).click()
    tablette.goto(premier.get_absolute_url())

    # Le membre écrit un motif ; le président décide C1 ; chacun voit l'autre, rien de tapé ne se perd.
    tablette.locator("#C2-motif").focus()
    tablette.keyboard.type("Vu en entreprise.")
    projetee.keyboard.press("Enter")
    projetee.keyboard.press("2")
    expect(projetee.locator("#C1 .trace")).to_be_visible()
    tablette.clock.run_for(9_000)
    expect(tablette.locator("#C1 .trace")).to_contain_text(monde.a.president.nom_complet)
    expect(tablette.locator("#C2-motif")).to_have_value("Vu en entreprise.")
    tablette.keyboard.press("Escape")
    expect(tablette.locator("#C2-0")).to_be_focused()
    tablette.keyboard.press("3")
    expect(tablette.locator("#C2 .trace")).to_be_visible()
    expect(tablette.locator("#barre")).to_contain_text("15,0 / 20")
    expect(projetee.locator("#C2 .trace")).to_contain_text(monde.a.membre.nom_complet)
    expect(projetee.locator("#barre")).to_contain_text("15,0 / 20")
    capturer(projetee, "reunion-projetee")
    projetee.get_by_role("button", name="Proposer 15,0").click()
    expect(projetee.locator("#etat")).to_have_text("décidé")
    tablette.clock.run_for(9_000)
    expect(tablette.locator("#barre")).to_contain_text("Proposée 15,0 / 20")

    # Les trois premiers candidats, épreuve après épreuve, jusqu'à ceux qui sont déjà décidés ; puis le
    # dernier, à rebours.
    for _ in range(8):
        au_voisin(projetee, "s")
        decider(projetee)
    au_voisin(projetee, "s")
    expect(projetee.locator(".voisins")).to_contain_text("Candidat 4 / 12")
    expect(projetee.locator("#etat")).to_have_text("décidé")
    projetee.goto(dossiers.get(eleve__nom="BRAVO-09", epreuve__code="EP3").get_absolute_url())
    expect(projetee.locator(".voisins")).to_contain_text("Candidat 12 / 12")
    decider(projetee)
    for _ in range(2):
        au_voisin(projetee, "p")
        decider(projetee)
    assert (dossiers.count(), dossiers.filter(note_proposee__isnull=False).count()) == (36, 36)
    assert Decision.objects.filter(dossier__in=dossiers).count() == 12 * len(CODES)
    assert Decision.objects.get(dossier=premier, competence__code="C2").motif == "Vu en entreprise."
    projetee.goto(reunion.get_absolute_url())
    expect(projetee.locator(".avancement")).to_contain_text("0 dossier figé sur 36")
    expect(projetee.locator(".avancement")).to_contain_text("Tout est décidé : il reste à figer.")


@pytest.fixture
def projetable(monde: Monde) -> Dossier:
    """E32 du TRPM, cinq compétences : deux situations retenues et deux autres, aux intitulés de la vie."""
    trpm = factories.trpm()
    promotion = factories.promotion(monde.a.etablissement, trpm, "RSP", nom="TRPM RSP")
    classe = factories.classe(promotion, [monde.a.enseignant], nom="Tle TRPM")
    eleve = factories.eleve(classe, "AUBRY", "Mathéo")
    codes = ("C2", "C3", "C10", "C11", "C12")
    for intitule, nature in (
        ("E32 : suivi de la série VH-32 et carte de contrôle", "certificative"),
        ("E32 : reprise d’un poste arrêté et maintenance de premier niveau", "certificative"),
        ("Bride tournante : contrôle tridimensionnel et carte de contrôle", "formative"),
        ("Projet de série : bilan de poste avant l’été", "formative"),
    ):
        situation = factories.situation(
            classe, monde.a.enseignant, codes, intitule=intitule, nature=nature, description="Suivre."
        )
        for code in codes:
            factories.evaluation(situation, eleve, code, 2)
    commission = factories.commission(promotion, "E32", [monde.a.membre])
    return factories.dossier(commission, eleve)


VISIBLES = """() => {
  const bas = document.querySelector("#barre").getBoundingClientRect().top;
  const boites = [...document.querySelectorAll(".ligne")].map((ligne) => ligne.getBoundingClientRect());
  return boites.filter((boite) => boite.top >= 0 && boite.bottom <= bas).length;
}"""


def test_cinq_competences_tiennent_sur_la_page_projetee(
    monde: Monde, projetable: Dossier, ouvrir_page: Callable, connecter: Callable, capturer: Callable
) -> None:
    """Deux de plus qu'avant, à l'ouverture comme en défilant : elle en montrait deux, puis trois."""
    projetee = ouvrir_page(PROJECTION)
    connecter(projetee, monde.a.president)
    projetee.goto(projetable.get_absolute_url())
    expect(projetee.locator(".ligne")).to_have_count(5)
    assert projetee.evaluate(VISIBLES) >= 4
    projetee.locator(".lignes").evaluate("liste => liste.scrollIntoView()")
    assert projetee.evaluate(VISIBLES) == 5
    capturer(projetee, "projection-e32")


def test_la_note_et_les_voisins_restent_sous_les_yeux(
    monde: Monde, camille: Dossier, page: Page, connecter: Callable
) -> None:
    connecter(page, monde.a.president)
    page.goto(camille.get_absolute_url())
    barre = page.locator("#barre")
    for taille in (TABLETTE, {"width": 1440, "height": 900}, PROJECTION):
        page.set_viewport_size(taille)
        for bas in (0, 10_000):
            page.evaluate("y => scrollTo(0, y)", bas)
            expect(barre).to_be_in_viewport(ratio=1)
    expect(barre).to_contain_text("Calculée 15,0 / 20")
    page.get_by_role("button", name="Accepter les niveaux proposés").click()
    barre.get_by_role("button", name="Proposer 15,0").click()
    expect(barre).to_contain_text("Proposée 15,0 / 20")
    barre.get_by_role("link", name="Candidat suivant").click()
    expect(page.locator("h1")).to_contain_text("Dominique")
