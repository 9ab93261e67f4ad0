"""La grille, le tableau de bord et le livret dans Chromium : clavier, doigt, conflit, accessibilité."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from livret.models import Eleve, Situation
from tests import factories
from tests.ecran import accessible
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)

TABLETTE = {"width": 820, "height": 1180}


def adresse(scene: Situation) -> str:
    return reverse("livret:grille", args=[scene.pk])


def nouvelle(monde: Monde, eleves: int = 4) -> tuple[Situation, list[Eleve]]:
    """Une situation vierge, dans une classe à elle."""
    classe = factories.classe(monde.a.promotion, [monde.a.enseignant, monde.a.collegue], nom="Tle clavier")
    inscrits = [factories.eleve(classe, f"ELEVE{rang}") for rang in range(eleves)]
    scene = factories.situation(
        classe, monde.a.enseignant, competences=["C1"], detaillees=["C1.1", "C1.2"], intitule="Au clavier"
    )
    return scene, inscrits


def case(code: str, eleve: Eleve) -> str:
    referentiel = eleve.promotion.referentiel
    if "." not in code:
        return f"c{referentiel.competences.get(code=code).pk}-{eleve.pk}"
    detaillee = next(
        une
        for competence in referentiel.competences.all()
        for une in competence.detaillees.all()
        if une.code == code
    )
    return f"d{detaillee.pk}-{eleve.pk}"


def valeurs(page: Page, eleves: list[Eleve]) -> list[list[str]]:
    codes = ("C1.1", "C1.2", "C1")
    return [[page.locator(f"#{case(code, eleve)}").input_value() for code in codes] for eleve in eleves]


def tout_est_enregistre(page: Page) -> None:
    expect(page.locator("td.attente")).to_have_count(0)
    # Un envoi reçu deux fois le dit aussi : la seconde réponse n’a plus rien à écrire.
    expect(page.locator("#etat-de-saisie")).to_contain_text(re.compile("enregistrées? à|déjà enregistré"))


def test_une_classe_au_clavier(monde: Monde, page: Page, connecter: Callable, capturer: Callable) -> None:
    scene, eleves = nouvelle(monde)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    page.locator(f"#{case('C1.1', eleves[0])}").focus()
    # Une touche par case : on descend la colonne, puis la suivante.
    page.keyboard.type("3n12")
    page.keyboard.type("2a03")
    tout_est_enregistre(page)
    attendu = [["3", "2", ""], ["NE", "ABS", ""], ["1", "0", ""], ["2", "3", ""]]
    assert valeurs(page, eleves) == attendu
    page.reload()
    assert valeurs(page, eleves) == attendu
    # Suggestions : 2,5 donne 2 ; rien pour NE et ABS. Espace accepte, une autre touche décide.
    page.locator(f"#{case('C1', eleves[0])}").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("1")
    tout_est_enregistre(page)
    capturer(page, "grille")
    page.reload()
    assert [ligne[2] for ligne in valeurs(page, eleves)] == ["2", "", "1", ""]


def test_une_touche_par_case_et_aucune_souris(monde: Monde, page: Page, connecter: Callable) -> None:
    """Depuis l'ouverture de la page : une touche par case, et au plus cinq de plus."""
    scene, eleves = nouvelle(monde, 6)
    connecter(page, monde.a.enseignant)
    page.add_init_script("window.touches = 0; addEventListener('keydown', () => window.touches++, true)")
    page.goto(adresse(scene))
    page.keyboard.press("Enter")
    page.keyboard.type("321032" + "na3210")
    tout_est_enregistre(page)
    assert [ligne[:2] for ligne in valeurs(page, eleves)] == [
        ["3", "NE"],
        ["2", "ABS"],
        ["1", "3"],
        ["0", "2"],
        ["3", "1"],
        ["2", "0"],
    ]
    cases = scene.observations.count()
    assert (cases, page.evaluate("window.touches") - cases) == (12, 1)


def test_accepter_toutes_les_suggestions(monde: Monde, page: Page, connecter: Callable) -> None:
    scene, eleves = nouvelle(monde, 3)
    for eleve, valeur in zip(eleves, (3, 1), strict=False):
        factories.observation(scene, eleve, "C1.1", valeur)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    expect(page.locator(".suggestion")).to_have_count(2)
    page.get_by_role("button", name="Accepter toutes les suggestions").click()
    tout_est_enregistre(page)
    expect(page.locator(".suggestion")).to_have_count(0)
    expect(page.get_by_role("button", name="Accepter toutes les suggestions")).to_be_hidden()
    assert [ligne[2] for ligne in valeurs(page, eleves)] == ["3", "1", ""]
    page.get_by_role("button", name="Annuler").click()
    tout_est_enregistre(page)
    expect(page.locator(".suggestion")).to_have_count(2)
    assert scene.evaluations.count() == 0


def test_suppr_echap_et_fleches(monde: Monde, page: Page, connecter: Callable) -> None:
    scene, eleves = nouvelle(monde, 2)
    factories.observation(scene, eleves[0], "C1.1", 2)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    premiere = page.locator(f"#{case('C1.1', eleves[0])}")
    premiere.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"#{case('C1.2', eleves[0])}")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator(f"#{case('C1.1', eleves[1])}")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Delete")
    tout_est_enregistre(page)
    expect(premiere).to_be_focused()
    assert not scene.observations.exists()
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    expect(premiere).to_have_value("")


def test_un_niveau_hors_de_l_echelle_se_voit_et_s_explique(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    page.locator(f"#{case('C1.1', eleves[0])}").fill("7")
    page.keyboard.press("Tab")
    expect(page.locator("#avis")).to_contain_text("« 7 » n’est pas un niveau")
    expect(page.locator(f"#{case('C1.1', eleves[0])}")).to_have_value("7")
    assert not scene.observations.exists()


@pytest.mark.ecritures
def test_deux_enseignants_sur_la_meme_case(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    un, deux = ouvrir_page(), ouvrir_page()
    connecter(un, monde.a.enseignant)
    connecter(deux, monde.a.collegue)
    cle = case("C1.1", eleves[0])
    for page in (un, deux):
        page.goto(adresse(scene))
    un.locator(f"#{cle}").focus()
    un.keyboard.type("3")
    tout_est_enregistre(un)
    deux.locator(f"#{cle}").focus()
    deux.keyboard.type("1")
    expect(deux.locator("#avis")).to_contain_text(f"{monde.a.enseignant.nom_complet} y a écrit « 3 » à")
    expect(deux.locator(f"#{cle}")).to_have_value("3")
    assert str(scene.observations.get()) == "3"
    accessible(deux)
    deux.get_by_role("button", name="Remplacer par « 1 »").click()
    tout_est_enregistre(deux)
    expect(deux.locator("#avis li")).to_have_count(0)
    assert str(scene.observations.get()) == "1"


def test_corriger_deux_fois_de_suite_sa_propre_case_n_est_pas_un_conflit(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    for touche in "3102":
        page.locator(f"#{case('C1.1', eleves[0])}").focus()
        page.keyboard.type(touche)
    tout_est_enregistre(page)
    expect(page.locator(f"#{case('C1.1', eleves[0])}")).to_have_value("2")
    expect(page.locator("#avis li")).to_have_count(0)
    assert str(scene.observations.get()) == "2"


CIBLES = "main :is(a.btn, button, summary, .membre, td.case input:not([type=hidden]), textarea):visible"


def trop_petites(page: Page) -> list[str]:
    """Ce que l'on touche dans la grille et qui fait moins de 44 px de côté."""
    petites = []
    for cible in page.locator(CIBLES).all():
        cadre = cible.bounding_box()
        if cadre and min(cadre["width"], cadre["height"]) < 44:
            petites.append(f"{cible.evaluate('un => un.outerHTML')[:80]} {cadre}")
    return petites


def test_au_doigt_sur_une_tablette(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable, capturer: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    factories.observation(scene, eleves[0], "C1.2", 2)
    tablette = ouvrir_page(TABLETTE, has_touch=True, is_mobile=True)
    connecter(tablette, monde.a.enseignant)
    tablette.goto(adresse(scene))
    tablette.locator(f"#{case('C1.1', eleves[0])}").tap()
    assert tablette.locator(f"#{case('C1.1', eleves[0])}").evaluate("un => un.inputMode") == "none"
    clavier = tablette.get_by_role("toolbar", name="Niveaux à poser")
    for texte in ("2", "ABS"):
        clavier.locator(f"button[data-texte='{texte}']").tap()
    tablette.locator(f"#{case('C1.1', eleves[0])}").tap()
    assert trop_petites(tablette) == []
    tout_est_enregistre(tablette)
    capturer(tablette, "grille-tablette")
    tablette.reload()
    assert [ligne[0] for ligne in valeurs(tablette, eleves)] == ["2", "ABS"]


def test_glisser_du_doigt_passe_a_l_eleve_suivant(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 3)
    telephone = ouvrir_page({"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    connecter(telephone, monde.a.enseignant)
    telephone.goto(adresse(scene))
    doigt = telephone.context.new_cdp_session(telephone)
    hauteur = telephone.locator("tr.montree").bounding_box()["y"] + 20

    def glisser(depuis: int, jusque: int) -> None:
        for geste, x in (
            ("touchStart", depuis),
            ("touchMove", (depuis + jusque) // 2),
            ("touchMove", jusque),
        ):
            doigt.send("Input.dispatchTouchEvent", {"type": geste, "touchPoints": [{"x": x, "y": hauteur}]})
        doigt.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    for depuis, jusque, rang in ((330, 60, 2), (330, 60, 3), (330, 60, 3), (60, 330, 2), (200, 180, 2)):
        glisser(depuis, jusque)
        expect(telephone.locator(".eleve-seul p")).to_have_text(f"ELEVE{rang - 1} Alix ({rang} sur 3)")
    assert trop_petites(telephone) == []
    assert scene.observations.count() == 0
    assert valeurs(telephone, eleves) == [["", "", ""]] * 3


def test_sans_javascript_un_bouton_suffit(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    page = ouvrir_page(java_script_enabled=False)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    page.locator(f"#{case('C1.1', eleves[0])}").fill("3")
    page.locator(f"#{case('C1.2', eleves[1])}").fill("n")
    page.get_by_role("button", name="Enregistrer la grille").click()
    expect(page.locator("#messages")).to_contain_text("2 cases enregistrées à")
    page.get_by_role("button", name="Accepter la suggestion 3").click()
    assert valeurs(page, eleves) == [["3", "", "3"], ["", "NE", ""]]


@pytest.mark.long
def test_qu_un_script_manque_et_le_meme_bouton_suffit(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable
) -> None:
    """Chaque fichier de la saisie tour à tour perdu en chemin : l’envoi du formulaire n’est pas retenu."""
    scene, eleves = nouvelle(monde, 1)
    page = ouvrir_page(service_workers="block")
    connecter(page, monde.a.enseignant)
    dossier = Path(settings.BASE_DIR) / "static/js/grille"
    scripts = ["file.js", *(f"grille/{un.name}" for un in sorted(dossier.glob("*.js")))]
    for rang, script in enumerate(scripts):
        motif = f"**/js/{script}*"
        page.route(motif, lambda route: route.abort())
        page.goto(adresse(scene))
        niveau = str(rang % 4)
        page.locator(f"#{case('C1.1', eleves[0])}").fill(niveau)
        page.get_by_role("button", name="Enregistrer la grille").click()
        expect(page.locator("#messages"), script).to_contain_text("1 case enregistrée à")
        assert valeurs(page, eleves) == [[niveau, "", ""]], script
        page.unroute(motif)


@pytest.mark.parametrize("appareil", ["page", "telephone"])
def test_une_piece_refusee_se_dit_sans_faute(
    monde: Monde, appareil: str, request: pytest.FixtureRequest, connecter: Callable, capturer: Callable
) -> None:
    page: Page = request.getfixturevalue(appareil)
    connecter(page, monde.a.enseignant)
    scene = monde.a.situation
    page.goto(scene.get_absolute_url())
    page.get_by_label("Fichier", exact=False).first.set_input_files(
        {"name": "notes.exe", "mimeType": "application/octet-stream", "buffer": b"MZ essai"}
    )
    page.get_by_role("button", name="Joindre").click()
    expect(page.locator(".invalid-feedback:visible, .message-error:visible").first).to_be_visible()
    capturer(page, f"piece-refusee-{appareil}")
    accessible(page)


def test_les_taches_suggerent_pendant_qu_on_les_coche(monde: Monde, page: Page, connecter: Callable) -> None:
    connecter(page, monde.a.enseignant)
    page.goto(reverse("livret:situation-create", args=[monde.a.classe.pk]))
    page.get_by_label("Intitulé").fill("À garder")
    page.get_by_label("A2-T1").check()
    expect(page.get_by_text("suggérée par A2")).to_have_count(2)
    page.get_by_role("button", name="Cocher ces compétences et leurs détails").click()
    expect(page.get_by_label("Positionner C3")).to_be_checked()
    expect(page.get_by_label("Intitulé")).to_have_value("À garder")
