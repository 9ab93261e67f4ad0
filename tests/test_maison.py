"""La maison se tient : des dossiers et des fichiers que l'on embrasse du regard, un nom pour une chose."""

import ast
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

RACINE = Path(settings.BASE_DIR)
APPLICATIONS = ("certification", "livret", "referentiel", "trpm")
MODULES, LIGNES, FONCTION, VUE = 15, 400, 40, 25
# Un nom que Django impose à chaque commande, et ceux d'une notion qui a deux visages : la ligne en base, et
# l'objet figé que l'on montre et compare.
HOMONYMES = {"Command", "Echelle"}
ESPACE_ORDINAIRE = re.compile(r"[^\W\d_»)] [:;?!](?=[\s<»)]|$)")


def sources(dossier: str = "", suffixe: str = ".py") -> list[Path]:
    return [
        chemin
        for application in ([dossier] if dossier else APPLICATIONS)
        for chemin in sorted((RACINE / application).rglob(f"*{suffixe}"))
        if "migrations" not in chemin.parts
    ]


@cache
def arbre(chemin: Path) -> ast.Module:
    return ast.parse(chemin.read_text(encoding="utf-8"))


def dit(chemin: Path) -> str:
    return chemin.relative_to(RACINE).as_posix()


def module(chemin: Path) -> str:
    return dit(chemin).removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def classes(corps: list[ast.stmt]) -> Iterator[ast.ClassDef]:
    return (noeud for noeud in corps if isinstance(noeud, ast.ClassDef))


def fonctions(chemin: Path) -> Iterator[ast.FunctionDef]:
    return (noeud for noeud in ast.walk(arbre(chemin)) if isinstance(noeud, ast.FunctionDef))


def est_une_vue(chemin: Path) -> bool:
    return "views" in chemin.parts or chemin.stem == "views"


def longueur(fonction: ast.FunctionDef) -> int:
    return (fonction.end_lineno or 0) - fonction.lineno + 1


def test_quinze_modules_par_dossier() -> None:
    comptes = Counter(chemin.parent for chemin in sources() if chemin.name != "__init__.py")
    assert {dit(dossier): nombre for dossier, nombre in comptes.items() if nombre > MODULES} == {}


def test_quatre_cents_lignes_par_fichier() -> None:
    longs = {dit(un): len(un.read_text(encoding="utf-8").splitlines()) for un in sources()}
    assert {nom: lignes for nom, lignes in longs.items() if lignes > LIGNES} == {}


def test_quarante_lignes_par_fonction_et_vingt_cinq_par_vue() -> None:
    longues = {
        f"{dit(chemin)}:{fonction.name}": longueur(fonction)
        for chemin in sources()
        for fonction in fonctions(chemin)
        if longueur(fonction) > (VUE if est_une_vue(chemin) else FONCTION)
    }
    assert longues == {}


def test_une_classe_un_nom() -> None:
    lieux = defaultdict(list)
    for chemin in sources():
        for classe in classes(arbre(chemin).body):
            lieux[classe.name].append(dit(chemin))
    doubles = {nom: ou for nom, ou in lieux.items() if len(ou) > 1}
    assert {nom: ou for nom, ou in doubles.items() if nom not in HOMONYMES} == {}
    assert len(HOMONYMES) <= 5
    assert set(doubles) >= HOMONYMES, "Cette exception ne sert plus : retirez-la."


def test_aucune_classe_parmi_les_vues() -> None:
    assert [
        f"{dit(chemin)}:{classe.name}"
        for chemin in sources()
        if est_une_vue(chemin)
        for classe in classes(arbre(chemin).body)
    ] == []


def test_aucune_vue_n_en_importe_une_autre() -> None:
    vues = {module(chemin) for chemin in sources() if est_une_vue(chemin)}
    assert [
        f"{dit(chemin)} importe {noeud.module}"
        for chemin in sources()
        if est_une_vue(chemin)
        for noeud in ast.walk(arbre(chemin))
        if isinstance(noeud, ast.ImportFrom) and noeud.module in vues
    ] == []


def test_pur_se_dit_et_se_tient() -> None:
    """« Module pur » se lit en tête d'un module si, et seulement si, le contrat d'import le tient."""
    reglages = tomllib.loads((RACINE / "pyproject.toml").read_text(encoding="utf-8"))
    contrat = next(
        un
        for un in reglages["tool"]["importlinter"]["contracts"]
        if un.get("forbidden_modules") == ["django"]
    )
    disent = {module(un) for un in sources() if "Module pur" in (ast.get_docstring(arbre(un)) or "")}
    assert disent == set(contrat["source_modules"])


def test_le_livret_n_adresse_rien_a_la_certification() -> None:
    """Les imports le disent déjà ; ici, les noms d'adresses et de gabarits."""
    lus = [*sources("livret"), *sources("templates/livret", ".html")]
    assert [
        dit(chemin) for chemin in lus if re.search(r"certification[:/]\w", chemin.read_text(encoding="utf-8"))
    ] == []


def textes(chemin: Path) -> Iterator[str]:
    """Ce qu'un gabarit écrit hors de ses balises, ou les chaînes d'un module, docstrings exceptées."""
    if chemin.suffix != ".py":
        corps = chemin.read_text(encoding="utf-8")
        yield from re.split(r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>", corps, flags=re.DOTALL)
        return
    noeuds = ast.walk(arbre(chemin))
    # Une docstring, ou une note sous une affectation, est une chaîne à elle seule.
    docstrings = {id(noeud.value) for noeud in ast.walk(arbre(chemin)) if isinstance(noeud, ast.Expr)}
    yield from (
        noeud.value
        for noeud in noeuds
        if isinstance(noeud, ast.Constant) and isinstance(noeud.value, str) and id(noeud) not in docstrings
    )


@pytest.mark.parametrize("suffixe", [".html", ".py"])
def test_espace_insecable_avant_la_ponctuation_double(suffixe: str) -> None:
    lus = sources("templates", ".html") if suffixe == ".html" else sources()
    assert [
        f"{dit(chemin)} : « {trouve.group()} »"
        for chemin in lus
        for texte in textes(chemin)
        for trouve in ESPACE_ORDINAIRE.finditer(texte)
    ] == []


def test_un_navigateur_ne_juge_une_page_que_par_ecran() -> None:
    """Lui seul attend qu'elle soit arrivée ; la visite de toutes les pages sert axe avec chacune."""
    lus = {un.name: un.read_text(encoding="utf-8") for un in (RACINE / "tests").rglob("*.py")}
    assert {nom for nom, lu in lus.items() if "import Axe\n" in lu} == {"ecran.py", "pages_servies.py"}
