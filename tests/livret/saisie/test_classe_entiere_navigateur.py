"""Une classe de vingt-quatre élèves et quatre compétences : combien de touches, et rien de perdu."""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from livret.models import Eleve, Evaluation, Situation
from tests import factories
from tests.ecran import accessible
from tests.livret.saisie.test_grille_navigateur import TABLETTE, adresse, case, nouvelle, tout_est_enregistre
from tests.monde import Monde

pytestmark = pytest.mark.django_db(transaction=True)

COMPETENCES = ["C1", "C2", "C3", "C4"]


def classe_entiere(monde: Monde) -> tuple[Situation, list[Eleve]]:
    classe = factories.classe(monde.a.promotion, [monde.a.enseignant], nom="Tle entière")
    eleves = [factories.eleve(classe, f"ELEVE{rang:02d}") for rang in range(24)]
    return factories.situation(classe, monde.a.enseignant, competences=COMPETENCES), eleves


def niveaux(scene: Situation, eleves: list[Eleve]) -> str:
    """Ce que porte la classe, compétence après compétence, de haut en bas."""
    lus = {
        (code, eleve): niveau
        for code, eleve, niveau in scene.evaluations.values_list("competence__code", "eleve", "niveau__code")
    }
    return "".join(lus.get((code, eleve.pk), "-") for code in COMPETENCES for eleve in eleves)


def test_au_clavier_une_touche_par_case(monde: Monde, page: Page, connecter: Callable) -> None:
    scene, eleves = classe_entiere(monde)
    connecter(page, monde.a.enseignant)
    page.add_init_script("window.touches = 0; addEventListener('keydown', () => window.touches++, true)")
    page.goto(adresse(scene))
    page.keyboard.press("Enter")
    page.keyboard.type("3210" * 24)
    tout_est_enregistre(page)
    assert niveaux(scene, eleves) == "3210" * 24
    assert page.evaluate("window.touches") <= 96 + 5
    expect(page.locator("#notes")).to_contain_text("24/24 notés")


@pytest.mark.long
def test_au_doigt_une_touche_par_case_et_le_pave_ne_bouge_pas(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable
) -> None:
    """Chaque doigt se pose où la touche était à l’ouverture : un pavé qui bouge en perdrait."""
    scene, eleves = classe_entiere(monde)
    tablette = ouvrir_page(TABLETTE, has_touch=True, is_mobile=True)
    connecter(tablette, monde.a.enseignant)
    tablette.goto(adresse(scene))
    tablette.locator(f"#{case('C1', eleves[0])}").tap()
    touches = tablette.locator(".clavier button[data-symbole]")
    cadres = [touche.bounding_box() for touche in touches.all()]
    places = [(cadre["x"] + cadre["width"] / 2, cadre["y"] + cadre["height"] / 2) for cadre in cadres]
    for rang in range(96):
        tablette.touchscreen.tap(*places[3 - rang % 4])
        if rang % 12 == 0:
            assert [touche.bounding_box() for touche in touches.all()] == cadres
    tout_est_enregistre(tablette)
    assert niveaux(scene, eleves) == "3210" * 24
    assert [touche.bounding_box() for touche in touches.all()] == cadres


def test_au_telephone_la_premiere_case_se_voit_sans_defiler(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable
) -> None:
    """Grille entière d'une situation à postes, la plus chargée : la case est au-dessus du pavé."""
    scene, eleves = classe_entiere(monde)
    for nom in ("Centre d’usinage", "Poste de contrôle"):
        factories.poste(scene, nom)
    telephone = ouvrir_page({"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    connecter(telephone, monde.a.enseignant)
    telephone.goto(adresse(scene))
    premiere = telephone.locator(f"#{case('C1', eleves[0])}").bounding_box()
    pave = telephone.locator(".clavier")
    bas = pave.bounding_box()["y"] if pave.is_visible() else 844
    assert telephone.evaluate("scrollY") == 0
    assert premiere["y"] + premiere["height"] <= bas
    assert telephone.locator(".grille-cadre").bounding_box()["width"] == 358, "toute la largeur"


def test_deux_touches_rapprochees_sur_un_telephone_comptent_toutes_deux(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable
) -> None:
    scene, eleves = classe_entiere(monde)
    telephone = ouvrir_page({"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    connecter(telephone, monde.a.enseignant)
    telephone.goto(f"{adresse(scene)}#e{eleves[2].pk}")
    expect(telephone.locator(f"#{case('C1', eleves[2])}")).to_be_focused()
    expect(telephone.get_by_text("(3 sur 24)")).to_be_visible()
    cadre = telephone.locator(".clavier button[data-texte='2']").bounding_box()
    for _ in range(6):
        telephone.touchscreen.tap(cadre["x"] + 20, cadre["y"] + 20)
    tout_est_enregistre(telephone)
    # Quatre cases chez l’élève choisi, puis l’élève suivant.
    portes = list(scene.evaluations.order_by("pk").values_list("eleve", "competence__code"))
    assert sorted(portes) == sorted(
        [(eleves[2].pk, code) for code in COMPETENCES] + [(eleves[3].pk, code) for code in ("C1", "C2")]
    )
    accessible(telephone)


def test_la_rangee_du_haut_d_un_clavier_azerty_tape_les_niveaux(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 4)
    connecter(page, monde.a.enseignant)
    page.goto(f"{adresse(scene)}#saisir")
    clavier = page.context.new_cdp_session(page)
    for signe, touche in (("&", "Digit1"), ("é", "Digit2"), ('"', "Digit3"), ("à", "Digit0")):
        for genre in ("keyDown", "keyUp"):
            clavier.send(
                "Input.dispatchKeyEvent", {"type": genre, "key": signe, "code": touche, "text": signe}
            )
    tout_est_enregistre(page)
    lus = scene.observations.order_by("eleve").values_list("niveau__code", flat=True)
    assert list(lus) == ["1", "2", "3", "0"]


def coller(page: Page, cle: str, texte: str) -> None:
    page.locator(f"#{cle}").focus()
    page.evaluate(
        """texte => {
          const donnees = new DataTransfer();
          donnees.setData("text/plain", texte);
          const options = { clipboardData: donnees, bubbles: true, cancelable: true };
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        texte,
    )


COLLES = [
    ("3\r\n2\r\n\r\nabs\r\n", ["3", "2", "-", "ABS"]),
    ("3,0\n\u00a02 \n1.00\n0", ["3", "2", "1", "0"]),
    ('"1"\n"ne"', ["1", "NE", "-", "-"]),
]


@pytest.mark.parametrize(("texte", "attendu"), COLLES)
def test_coller_une_colonne_de_niveaux(
    monde: Monde, page: Page, connecter: Callable, texte: str, attendu: list[str]
) -> None:
    scene, eleves = nouvelle(monde, 4)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    coller(page, case("C1.1", eleves[0]), texte)
    tout_est_enregistre(page)
    lus = {une.eleve_id: str(une) for une in scene.observations.all()}
    assert [lus.get(eleve.pk, "-") for eleve in eleves] == attendu
    page.keyboard.press("Control+z")
    tout_est_enregistre(page)
    assert scene.observations.count() == 0
    page.keyboard.press("Control+y")
    tout_est_enregistre(page)
    assert scene.observations.count() == 4 - attendu.count("-")


REFUSES = [
    ("C1.1\n3\n2", "« C1.1 » (ligne 1) n’est pas un niveau de l’échelle."),
    ("3\n2\n1\n0\n3", "5 lignes à coller, mais 4 élèves à partir de celui-ci."),
    ("3\t2\t1\t0", "Plus de colonnes à coller que la grille n’en compte."),
    ("12 mars\n3", "« 12 mars » (ligne 1) n’est pas un niveau de l’échelle."),
]


@pytest.mark.parametrize(("texte", "motif"), REFUSES)
def test_un_collage_douteux_ne_colle_rien_et_dit_pourquoi(
    monde: Monde, page: Page, connecter: Callable, texte: str, motif: str
) -> None:
    scene, eleves = nouvelle(monde, 4)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    coller(page, case("C1.1", eleves[0]), texte)
    expect(page.locator("#etat-de-saisie")).to_have_text(f"Rien n’est collé. {motif}")
    assert scene.observations.count() == 0
    expect(page.locator("td.attente")).to_have_count(0)


def test_une_erreur_corrigee_disparait(monde: Monde, page: Page, connecter: Callable) -> None:
    """Remise à ce qu’elle portait, vidée ou bien tapée : la case ne se plaint plus, ni ici ni après."""
    scene, eleves = nouvelle(monde, 3)
    connecter(page, monde.a.enseignant)
    page.goto(adresse(scene))
    cles = [case("C1.1", eleve) for eleve in eleves]
    for cle in cles:
        page.locator(f"#{cle}").fill("7")
    page.keyboard.press("Tab")
    expect(page.locator("#avis li")).to_have_count(3)
    page.locator(f"#{cles[0]}").focus()
    page.keyboard.press("Delete")
    page.locator(f"#{cles[1]}").focus()
    page.keyboard.press("Escape")
    page.locator(f"#{cles[2]}").focus()
    page.keyboard.type("2")
    tout_est_enregistre(page)
    expect(page.locator("#avis li")).to_have_count(0)
    expect(page.locator("td.fautive, [aria-invalid]")).to_have_count(0)
    page.reload()
    expect(page.locator("#avis li")).to_have_count(0)
    assert [page.locator(f"#{cle}").input_value() for cle in cles] == ["", "", "2"]


def test_h_ouvre_l_historique_de_la_case(monde: Monde, page: Page, connecter: Callable) -> None:
    scene, eleves = nouvelle(monde, 2)
    connecter(page, monde.a.enseignant)
    page.goto(f"{adresse(scene)}#saisir")
    for touche in ("1", "3"):
        page.locator(f"#{case('C1.1', eleves[0])}").focus()
        page.keyboard.type(touche)
        tout_est_enregistre(page)
    page.locator(f"#{case('C1.1', eleves[0])}").focus()
    page.keyboard.press("h")
    lignes = page.locator("#historique li")
    expect(lignes.first).to_be_visible()
    nom = re.escape(monde.a.enseignant.nom_complet)
    expect(lignes).to_have_text([re.compile(f"{nom}.*«.1.» → «.3.»"), re.compile(f"{nom}.*vide → «.1.»")])
    accessible(page)


def test_publier_et_clore_depuis_la_grille(monde: Monde, page: Page, connecter: Callable) -> None:
    """Publier une grille vide demande confirmation ; notée, elle se publie, puis se clôt, sans en sortir."""
    scene, eleves = nouvelle(monde, 2)
    connecter(page, monde.a.enseignant)
    page.goto(f"{adresse(scene)}#saisir")
    expect(page.get_by_role("button", name="Enregistrer la grille")).to_be_hidden()
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_role("heading")).to_have_text("Publier une situation vide\xa0?")
    page.get_by_role("link", name="Saisir les niveaux d’abord").click()
    expect(page.locator(f"#{case('C1.1', eleves[0])}")).to_be_focused()
    page.keyboard.type("3")
    page.get_by_role("button", name="Publier").click()
    expect(page.locator("#messages")).to_contain_text("La situation est publiée.")
    page.get_by_role("button", name="Clore").click()
    expect(page.locator("#messages")).to_contain_text("ses niveaux ne changent plus")
    scene.refresh_from_db()
    assert (scene.etat, scene.observations.count()) == ("close", 1)


def test_la_session_finie_ramene_ici_et_rien_n_est_perdu(
    monde: Monde, page: Page, connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    monde.a.enseignant.set_password("reprise-12345")
    monde.a.enseignant.save()
    connecter(page, monde.a.enseignant)
    page.goto(f"{adresse(scene)}#saisir")
    page.context.clear_cookies()
    page.keyboard.type("3")
    expect(page.locator("#etat-de-saisie")).to_contain_text("Votre session a pris fin")
    page.get_by_role("link", name="Se reconnecter").click()
    page.get_by_label("Nom d’utilisateur").fill(monde.a.enseignant.username)
    page.get_by_label("Mot de passe").fill("reprise-12345")
    with page.expect_response("**/operations/"):
        page.get_by_role("button", name="Se connecter").click()
    expect(page).to_have_url(re.compile(re.escape(adresse(scene))))
    expect(page.locator(f"#{case('C1.1', eleves[0])}")).to_have_value("3")
    expect(page.locator("td.attente")).to_have_count(0)
    assert scene.observations.count() == 1


def test_sur_telephone_mot_photo_et_dispense_sont_sous_le_pouce(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable
) -> None:
    scene, eleves = nouvelle(monde, 2)
    telephone = ouvrir_page({"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    connecter(telephone, monde.a.enseignant)
    telephone.goto(f"{adresse(scene)}#saisir")
    pave = telephone.get_by_role("toolbar", name="Niveaux")
    pave.get_by_role("button", name="DISP").tap()
    tout_est_enregistre(telephone)
    assert str(scene.observations.get()) == "DISP"
    for bouton in pave.get_by_role("button").all():
        cadre = bouton.bounding_box()
        assert min(cadre["width"], cadre["height"]) >= 44
        assert cadre["x"] + cadre["width"] <= 390
    pave.get_by_role("button", name="Photo").tap()
    expect(telephone.locator("#preuves input[name=photo]")).to_be_visible()


def test_a_la_volee_sur_un_telephone_en_quatre_touches(
    monde: Monde, ouvrir_page: Callable[..., Page], connecter: Callable
) -> None:
    eleve = monde.a.eleves[1]
    telephone = ouvrir_page({"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    connecter(telephone, monde.a.enseignant)
    telephone.goto(eleve.get_absolute_url())
    avant = Evaluation.objects.count()
    telephone.get_by_role("link", name="Évaluer à la volée").tap()
    telephone.get_by_label("Positionner C2").tap()
    telephone.get_by_role("button", name="Ouvrir la grille").tap()
    expect(telephone.locator(f"#{case('C2', eleve)}")).to_be_focused()
    telephone.get_by_role("toolbar", name="Niveaux").locator("button[data-texte='3']").tap()
    tout_est_enregistre(telephone)
    pose = Evaluation.objects.latest("pk")
    assert (Evaluation.objects.count() - avant, pose.eleve, pose.competence.code) == (1, eleve, "C2")
    assert reverse("livret:grille", args=[pose.situation_id]) in telephone.url


def test_de_creer_au_premier_niveau_en_cinq_gestes(monde: Monde, page: Page, connecter: Callable) -> None:
    """Créer, l’intitulé, une compétence sur sa ligne, ouvrir et noter, le niveau."""
    connecter(page, monde.a.enseignant)
    page.goto(monde.a.classe.get_absolute_url())
    gestes = 0

    def geste(acte: Callable[..., object], *valeurs: str) -> None:
        nonlocal gestes
        acte(*valeurs)
        gestes += 1

    geste(page.get_by_role("link", name="Créer une situation").first.click)
    geste(page.get_by_label("Intitulé").fill, "Bride de serrage")
    geste(page.get_by_label("Positionner C2").check)
    expect(page.locator("#prevue tbody tr")).to_have_count(len(monde.a.eleves))
    accessible(page)
    geste(page.get_by_role("button", name="Ouvrir et noter").click)
    expect(page.locator(f"#{case('C2', monde.a.eleves[0])}")).to_be_focused()
    geste(page.keyboard.type, "3")
    tout_est_enregistre(page)
    scene = Situation.objects.latest("pk")
    assert (scene.intitule, str(scene.evaluations.get())) == ("Bride de serrage", "3")
    assert gestes == 5


def test_les_taches_cochees_montrent_leur_grille(monde: Monde, page: Page, connecter: Callable) -> None:
    connecter(page, monde.a.enseignant)
    page.goto(reverse("livret:situation-create", args=[monde.a.classe.pk]))
    page.get_by_label("Intitulé").fill("Réaliser")
    page.get_by_label("A2-T1").check()
    expect(page.locator("#prevue thead .officielle")).to_have_count(2)
    page.get_by_role("button", name="Ouvrir et noter").click()
    expect(page.locator("td.case.officielle:focus-within")).to_be_visible()
