"""Lire un fichier de référentiel : tout ou rien, avec la liste complète des fautes.

Module pur, sans Django ni base de données : la commande `note` s'en sert telle quelle.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from referentiel.fichier.controle import Controle
from referentiel.fichier.fautes import (
    Faute,
    FichierInvalide,
    formats,
    phrases,
)
from referentiel.fichier.json_situe import (
    JSONDecodeError,
    NombreImpropre,
    Situe,
    pointeur,
)
from referentiel.fichier.valeurs import repetitions, valeurs_impropres
from trpm.base.a_la_demande import ALaDemande

if TYPE_CHECKING:
    from jsonschema import ValidationError

jsonschema = ALaDemande("jsonschema")

SCHEMA = Path(__file__).parents[1] / "referentiel.schema.json"
TAILLE_MAX = 2 * 1024 * 1024


@dataclass(frozen=True)
class NiveauLu:
    code: str
    valeur: int
    libelle: str


@dataclass(frozen=True)
class GrilleLue:
    """Réglages d'une version de grille, tels que le fichier les donne."""

    version: str
    intitule: str
    niveaux: tuple[NiveauLu, ...]
    arrondi: str
    bonus_max: Fraction
    seuil_couverture: int
    mention_ponderation: str
    criteres: bool = False

    @property
    def niveau_max(self) -> int:
        return self.niveaux[-1].valeur


class Document:
    """Un référentiel valide, lu dans un fichier. Les codes servent de clés partout."""

    def __init__(self, brut: dict[str, Any]) -> None:
        self.brut = brut

    @property
    def code(self) -> str:
        return str(self.brut["code"])

    @property
    def version(self) -> str:
        return str(self.brut["version"])

    def __str__(self) -> str:
        return f"{self.code} {self.version}"

    @property
    def intitule(self) -> str:
        return str(self.brut["intitule"])

    @cached_property
    def options(self) -> dict[str, str]:
        return self._intitules("options")

    @cached_property
    def epreuves(self) -> dict[str, str]:
        return self._intitules("epreuves")

    @cached_property
    def competences(self) -> dict[str, str]:
        return self._intitules("competences")

    @cached_property
    def grilles(self) -> dict[str, GrilleLue]:
        echelles = {echelle["code"]: echelle["niveaux"] for echelle in self.brut["echelles"]}
        return {
            brute["version"]: GrilleLue(
                version=brute["version"],
                intitule=brute["intitule"],
                niveaux=tuple(
                    NiveauLu(niveau["code"], niveau["valeur"], niveau["libelle"])
                    for niveau in echelles[brute["echelle"]]
                ),
                arrondi=brute["arrondi"],
                bonus_max=Fraction(brute.get("bonus_max", 0)),
                seuil_couverture=brute.get("seuil_couverture", 50),
                mention_ponderation=brute.get("mention_ponderation", ""),
                criteres=brute.get("positionne") == "criteres",
            )
            for brute in self.brut["grilles"]
        }

    @property
    def grille_par_defaut(self) -> GrilleLue:
        """La plus récente, donc la dernière du fichier."""
        return list(self.grilles.values())[-1]

    def coefficient(self, epreuve: str, option: str) -> Fraction | None:
        brute = next(brute for brute in self.brut["epreuves"] if brute["code"] == epreuve)
        valeur = brute.get("coefficients", {}).get(option)
        return None if valeur is None else Fraction(valeur)

    def poids(self, grille: str, epreuve: str, option: str) -> dict[str, Fraction]:
        """Poids par compétence, dans l'ordre du référentiel ; égaux si la grille n'en donne pas.

        Vide quand l'épreuve n'évalue aucune compétence dans cette option.
        """
        brute = self._grille(grille)
        retenus: dict[str, Decimal | int | None] = {}
        for repartition in brute["poids"]:
            if repartition["epreuve"] == epreuve and repartition.get("option") in (None, option):
                retenus |= repartition["competences"]
        return {
            code: Fraction(1) if (valeur := retenus[code]) is None else Fraction(valeur)
            for code in self.competences
            if code in retenus
        }

    def criteres(self, grille: str, option: str) -> dict[str, dict[str, Fraction]]:
        """Poids des critères de chaque compétence dans cette option, 0 pour un critère déclaré non évalué ;
        égaux si la grille n'en donne pas, rien si elle ne positionne pas de critères."""
        return {
            porteur["competence"]: {
                critere["code"]: Fraction(critere.get("poids", 1))
                for critere in porteur["criteres"]
                if critere.get("option") in (None, option)
            }
            for porteur in self._grille(grille).get("criteres", [])
        }

    def _grille(self, version: str) -> dict[str, Any]:
        brute: dict[str, Any] = next(une for une in self.brut["grilles"] if une["version"] == version)
        return brute

    def _intitules(self, groupe: str) -> dict[str, str]:
        return {element["code"]: element["intitule"] for element in self.brut.get(groupe, [])}


@cache
def schema() -> Mapping[str, Any]:
    brut = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(brut)
    return brut


def ordonner(valeur: Any, noeud: Mapping[str, Any]) -> Any:
    """Range les propriétés dans l'ordre du schéma : une base n'a pas à s'en souvenir."""
    if "$ref" in noeud:
        noeud = schema()["$defs"][noeud["$ref"].rpartition("/")[2]]
    if isinstance(valeur, dict):
        proprietes = noeud.get("properties", {})
        noms = [nom for nom in proprietes if nom in valeur] + [nom for nom in valeur if nom not in proprietes]
        return {nom: ordonner(valeur[nom], proprietes.get(nom, {})) for nom in noms}
    if isinstance(valeur, list):
        return [ordonner(element, noeud.get("items", {})) for element in valeur]
    return valeur


def lire(chemin: str | Path) -> Document:
    """Le document d'un fichier ; `FichierInvalide` porte ses fautes, `OSError` s'il est illisible."""
    with Path(chemin).open("rb") as fichier:
        return lire_octets(fichier.read(TAILLE_MAX + 1))


def lire_octets(octets: bytes) -> Document:
    return lire_texte(texte_de(octets))


def texte_de(octets: bytes) -> str:
    """Le texte d'un fichier ; `FichierInvalide` s'il est trop gros ou dans un autre codage que l'UTF-8."""
    if len(octets) > TAILLE_MAX:
        raise FichierInvalide([_globale("Le fichier dépasse 2 Mo. Un référentiel en fait cent fois moins.")])
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FichierInvalide([_globale("Le fichier est en UTF-16. Enregistrez-le en UTF-8.")])
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as erreur:
        ligne = octets.count(b"\n", 0, erreur.start) + 1
        message = (
            f"L’octet 0x{octets[erreur.start]:02x} n’est pas de l’UTF-8. Enregistrez le fichier en UTF-8."
        )
        raise FichierInvalide([Faute("", ligne, message)]) from None


def lire_texte(texte: str) -> Document:
    situe = _situer(texte)
    fautes = [
        Faute(
            pointeur((*chemin, cle)),
            situe.ligne_a(position),
            f"La propriété « {cle} » est donnée deux fois. Gardez-en une seule.",
        )
        for chemin, cle, position in repetitions(situe.valeur)
    ]
    situees = [
        phrase
        for erreur in _validateur().iter_errors(situe.valeur)
        if not isinstance(erreur.instance, NombreImpropre)
        for phrase in phrases(erreur)
    ]
    situees += valeurs_impropres(situe.valeur)
    situees += Controle(situe).verifier()
    fautes += [Faute(pointeur(chemin), situe.ligne(chemin), message) for chemin, message in situees]
    if fautes:
        raise FichierInvalide(sorted(fautes, key=lambda faute: (faute.ligne or 0, faute.pointeur)))
    return Document(situe.valeur)


def _table(validateur: Any, regle: Any, table: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """`additionalProperties`, où une table de nombres ne fait juger chaque valeur qu'une fois."""
    if "properties" in schema or not isinstance(table, dict):
        ordinaire = jsonschema.Draft202012Validator.VALIDATORS["additionalProperties"]
        yield from ordinaire(validateur, regle, table, schema)
        return
    bonnes: set[tuple[type, Any]] = set()
    for cle, valeur in table.items():
        simple = isinstance(valeur, int | Decimal | None)
        if simple and (type(valeur), valeur) in bonnes:
            continue
        fautes = list(validateur.descend(valeur, regle, path=cle))
        if simple and not fautes:
            bonnes.add((type(valeur), valeur))
        yield from fautes


@cache
def _validateur() -> Any:
    return jsonschema.validators.extend(jsonschema.Draft202012Validator, {"additionalProperties": _table})(
        schema(), format_checker=formats()
    )


def _globale(message: str, ligne: int | None = None) -> Faute:
    return Faute("", ligne, message)


def _situer(texte: str) -> Situe:
    if not texte.strip():
        raise FichierInvalide([_globale("Le fichier est vide. Choisissez un fichier JSON de référentiel.")])
    try:
        return Situe(texte)
    except JSONDecodeError as erreur:
        autour = texte[erreur.pos : erreur.pos + 20].split("\n")[0] or "fin du fichier"
        message = (
            f"Ce n’est pas du JSON valide, colonne {erreur.colno}, à « {autour} » : "
            f"{_virgule(texte, erreur.pos) or SYNTAXE.get(erreur.msg, 'syntaxe inattendue')}."
        )
        raise FichierInvalide([_globale(message, erreur.lineno)]) from None
    except RecursionError:
        message = "Le fichier emboîte trop de listes ou d’objets. Aucun référentiel n’est aussi profond."
    raise FichierInvalide([_globale(message)])


def _virgule(texte: str, position: int) -> str:
    """Le conseil pour un nombre écrit à la française, si c'est sur sa virgule que la lecture bute."""
    avant = re.search(r"-?[0-9]+, ?$", texte[max(0, position - 40) : position])
    apres = re.match(r"[0-9]+", texte[position : position + 40])
    if not (avant and apres):
        return ""
    return f"un nombre décimal s’écrit avec un point, {avant[0].rstrip(', ')}.{apres[0]}"


SYNTAXE = {
    "Expecting value": "une valeur est attendue",
    "Expecting ',' delimiter": "une virgule est attendue avant",
    "Expecting ':' delimiter": "deux-points sont attendus après le nom de la propriété",
    "Expecting property name enclosed in double quotes": "un nom de propriété entre guillemets est attendu",
    "Unterminated string starting at": "le texte ouvert ici n’est jamais refermé par un guillemet",
    "Invalid control character at": "un texte ne peut pas contenir de retour à la ligne ni de tabulation",
    "Extra data": "le document est déjà terminé ; retirez ce qui suit",
    "Illegal trailing comma before end of object": "retirez la virgule qui précède l’accolade fermante",
    "Illegal trailing comma before end of array": "retirez la virgule qui précède le crochet fermant",
    "Invalid \\escape": "séquence d’échappement inconnue",
    "Invalid \\escape: ": "séquence d’échappement inconnue",
    "Invalid \\uXXXX escape": "quatre chiffres hexadécimaux sont attendus après \\u",
}
