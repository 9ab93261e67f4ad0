"""D'autres diplômes que le TRPM, dans les formes que publient d'autres arrêtés. Rien n'y est officiel.

Chacun dit ce que le TRPM ne montre pas : un cycle de deux ans, des niveaux de « -- » à « ++ », aucun poids,
aucune option, aucun statut, une compétence dans deux épreuves, un mode par épreuve sans bloc, un code libre.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.factories import FICHIER_TRPM
from tests.factories.referentiel import FICHIER_A_CRITERES

CATALOGUE = Path(__file__).parents[1] / "fixtures"
CINQ = (("--", 0), ("-", 1), ("+-", 2), ("+", 3), ("++", 4))
SYMBOLES = ("vide", "quart", "demi", "trois_quarts", "plein")
VOIES = {"V1": "Sous contrat", "V2": "Hors contrat"}


def diplome(
    code: str,
    epreuves: Mapping[str, Mapping[str, float | None]],
    niveaux: Iterable[tuple[str, int]] = (("1", 0), ("2", 1), ("3", 2), ("4", 3)),
    arrondi: str = "demi_superieur",
    options: Iterable[str] = ("SANS",),
    **suite: Any,
) -> dict[str, Any]:
    """Un référentiel : `epreuves` donne à chacune le poids de ses compétences."""
    codes = dict.fromkeys(competence for poids in epreuves.values() for competence in poids)
    return {
        "format": 1,
        "code": code,
        "version": "1",
        "intitule": f"Diplôme d’essai {code}",
        "options": [{"code": option, "intitule": f"option {option}"} for option in options],
        "epreuves": [{"code": epreuve, "intitule": f"Épreuve {epreuve}"} for epreuve in epreuves],
        "competences": [{"code": competence, "intitule": f"Tenir {competence}"} for competence in codes],
        "echelles": [
            {
                "code": "maitrise",
                "intitule": "Niveaux de maîtrise",
                "niveaux": [
                    {"code": tape, "valeur": valeur, "libelle": f"niveau {tape}", "symbole": symbole}
                    for (tape, valeur), symbole in zip(niveaux, SYMBOLES, strict=False)
                ],
            }
        ],
        "grilles": [
            {
                "version": "1",
                "intitule": "Grille d’essai",
                "echelle": "maitrise",
                "arrondi": arrondi,
                "poids": [
                    {"epreuve": epreuve, "competences": dict(poids)} for epreuve, poids in epreuves.items()
                ],
            }
        ],
        **suite,
    }


def avec_voies() -> dict[str, Any]:
    return {
        "voies": [{"code": code, "intitule": intitule} for code, intitule in VOIES.items()],
        "statuts": [
            {"code": "sco", "intitule": "Scolaire sous contrat", "voie": "V1"},
            {"code": "hc", "intitule": "Scolaire hors contrat", "voie": "V2"},
        ],
    }


def cap() -> dict[str, Any]:
    """Deux ans, cinq niveaux, aucun poids, au centième, ni voie ni statut."""
    egaux = dict.fromkeys(("CP01", "CP02", "CP03", "CP04", "CP05", "CP06", "CP07"))
    return diplome("CAP-ESSAI", {"EP1": egaux}, CINQ, "centieme", cycle=["1re année", "2e année"])


def sans_option() -> dict[str, Any]:
    """Un bac de 2012 : des poids à quatre décimales, CP02 dans deux épreuves, aucun mode."""
    return diplome(
        "BAC-2012",
        {"E2": {"CP01": 0.3333, "CP02": 0.6667}, "E31": {"CP02": 0.25, "CP11": 0.75}},
        cycle=["2de", "1re", "Tle"],
        **avec_voies(),
    )


def manege() -> dict[str, Any]:
    """Deux niveaux, deux options, des détails par option ; il ne dit ni cycle, ni statut, ni commission."""
    brut = diplome(
        "MANEGE", {"EP1": {"CP01": None, "CP02": None}}, (("N", 0), ("A", 1)), options=("BOIS", "AERO")
    )
    brut["competences"][1]["detaillees"] = [
        {"code": "CP02.a", "intitule": "Vérifier les sangles", "option": "BOIS"},
        {"code": "CP02.a", "intitule": "Vérifier les commandes", "option": "AERO"},
    ]
    return brut


def bts() -> dict[str, Any]:
    """Deux ans, un mode par épreuve sans bloc, un professeur d'anglais attendu, tout le cycle compte."""
    brut = diplome(
        "BTS-ESSAI",
        {"E31": {"C1": 3, '"': 1, "$x^$": 2}},
        cycle=["1re année", "2e année"],
        commission={
            "qualites": [
                {"code": "enseignant", "intitule": "enseignant du domaine professionnel"},
                {"code": "anglais", "intitule": "professeur d’anglais", "attendue": "professeur d’anglais"},
                {"code": "professionnel", "intitule": "représentant de la profession"},
            ],
            "situations": {"minimum": 1, "maximum": 1, "retenues": "cycle"},
            "tuteur": "maître d’apprentissage",
        },
        **avec_voies(),
    )
    brut["epreuves"][0]["modalites"] = [
        {"voie": "V1", "ccf": True, "forme": "CCF"},
        {"voie": "V2", "ccf": False, "forme": "ponctuel oral", "duree": "1 h"},
    ]
    return brut


def trous() -> dict[str, Any]:
    """Des valeurs qui ne se suivent pas, et des détails sur deux niveaux."""
    brut = diplome("TROUS", {"E1": {"C1": 1, "C2": 2}}, (("I", 0), ("F", 5), ("S", 10), ("TB", 20)))
    feuilles = [{"code": f"C1.1.{rang}", "intitule": f"Détail {rang}"} for rang in (1, 2)]
    brut["competences"][0]["detaillees"] = [{"code": "C1.1", "intitule": "Détail", "detaillees": feuilles}]
    return brut


def livre(nom: str) -> dict[str, Any]:
    """Un diplôme du catalogue, tel qu'il est livré."""
    lu: dict[str, Any] = json.loads((CATALOGUE / f"{nom}.json").read_bytes())
    return lu


def trpm() -> dict[str, Any]:
    lu: dict[str, Any] = json.loads(FICHIER_TRPM.read_bytes())
    return lu


def a_criteres() -> dict[str, Any]:
    """Deux versions de grille ; la seconde positionne des critères, dont un déclaré non évalué."""
    lu: dict[str, Any] = json.loads(FICHIER_A_CRITERES.read_bytes())
    return lu


@dataclass(frozen=True)
class Parcours:
    """Un diplôme mené de l'import à l'archive : qui, où, et les niveaux donnés, par compétence ou critère.

    `grille` : la version à mettre en service, si le fichier en a plusieurs.
    """

    diplome: dict[str, Any]
    option: str
    annee: str
    epreuve: str
    niveaux: dict[str, str]
    mode: str = ""
    grille: str = ""

    @property
    def criteres(self) -> dict[str, dict[str, str]]:
        """Par compétence de l'épreuve, le poids de chaque critère de l'option ; vide sans critère."""
        brut = self.diplome["grilles"][-1].get("criteres", [])
        return {
            groupe["competence"]: {
                un["code"]: str(un.get("poids", 1))
                for un in groupe["criteres"]
                if un.get("option") in (None, self.option)
            }
            for groupe in brut
            if groupe["competence"] in self.bareme[0]
        }

    @property
    def competences(self) -> list[str]:
        """Celles qui reçoivent un niveau, ou dont un critère en reçoit un."""
        siennes = self.criteres
        return [code for code, k in siennes.items() if set(k) & set(self.niveaux)] or list(self.niveaux)

    def case(self, code: str) -> str:
        """La compétence d'un niveau donné."""
        return next((c for c, siens in self.criteres.items() if code in siens), code)

    @property
    def bareme(self) -> tuple[dict[str, str], int, str]:
        """Poids, niveau maximal et arrondi, lus dans le fichier et non dans la base."""
        grille = self.diplome["grilles"][-1]
        echelle = next(e for e in self.diplome["echelles"] if e["code"] == grille["echelle"])
        poids = next(
            p["competences"]
            for p in grille["poids"]
            if p["epreuve"] == self.epreuve and p.get("option") in (None, self.option)
        )
        return (
            {code: str(1 if valeur is None else valeur) for code, valeur in poids.items()},
            max(niveau["valeur"] for niveau in echelle["niveaux"]),
            grille["arrondi"],
        )

    def valeur(self, code: str) -> int:
        niveaux = (niveau for echelle in self.diplome["echelles"] for niveau in echelle["niveaux"])
        return next(niveau["valeur"] for niveau in niveaux if niveau["code"] == code)


PARCOURS = {
    "TRPM": lambda: Parcours(trpm(), "RMO", "Tle", "E2", {"C1": "3", "C4": "1", "C5": "2"}),
    "CAP": lambda: Parcours(
        cap(),
        "SANS",
        "2e année",
        "EP1",
        dict(
            zip((f"CP0{rang}" for rang in range(1, 8)), ("--", "-", "+-", "+", "++", "++", "+"), strict=True)
        ),
        "ccf",
    ),
    "sans option": lambda: Parcours(sans_option(), "SANS", "Tle", "E31", {"CP02": "3", "CP11": "4"}, "ccf"),
    "manège": lambda: Parcours(manege(), "BOIS", "3e année", "EP1", {"CP01": "A", "CP02": "N"}, "ccf"),
    "critères": lambda: Parcours(
        a_criteres(),
        "OA",
        "3e année",
        "E1",
        {"K1": "4", "K2": "3", "K3": "2", "K4": "4"},
        grille="2",
    ),
    "trous": lambda: Parcours(trous(), "SANS", "3e année", "E1", {"C1": "F", "C2": "TB"}, "ccf"),
    "PLP": lambda: Parcours(
        livre("plp"), "PLP", "3e année", "E31", {"CP01": "2", "CP04": "3", "CP05": "1", "CP06": "2"}
    ),
    "CIP": lambda: Parcours(
        livre("cip"), "CIP", "3e année", "EP1", {f"CP0{rang}": str(rang % 4) for rang in range(1, 6)}
    ),
    "BTS": lambda: Parcours(bts(), "SANS", "2e année", "E31", {"C1": "4", '"': "2", "$x^$": "1"}),
}
