"""Comparer deux versions d'un même document, élément par élément et champ par champ.

Un document se met à plat en fiches : une clé stable par élément (genre et codes), une valeur
par champ. Deux documents qui disent la même chose ont les mêmes fiches. Module pur.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Cle = tuple[str | None, ...]
"""Genre de l'élément, puis les codes qui l'identifient ; l'option vient toujours en dernier."""

Fiche = dict[str, Any]

GENRES = {
    "referentiel": "référentiel",
    "option": "option",
    "voie": "voie",
    "statut": "statut",
    "bloc": "bloc",
    "modalite": "modalité",
    "epreuve": "épreuve",
    "modalite_epreuve": "modalité de l’épreuve",
    "coefficient": "coefficient",
    "competence": "compétence",
    "detaillee": "compétence détaillée",
    "indicateur": "indicateur",
    "activite": "activité",
    "intitule_activite": "intitulé d’activité",
    "tache": "tâche",
    "repere": "repère",
    "savoir": "savoir",
    "echelle": "échelle",
    "niveau": "niveau de maîtrise",
    "grille": "grille",
    "poids": "poids",
    "critere": "critère",
    "correspondance": "correspondance",
}
"""Dans l'ordre où les lignes se créent : un élément vient après ceux qu'il cite."""


def nom(cle: Cle) -> str:
    """« compétence détaillée C7.3 (RMO) », pour un écran ou un terminal."""
    genre = str(cle[0])
    codes = cle[1:-1] if genre in AVEC_OPTION else cle[1:]
    if genre in SANS_PARENT:
        codes = codes[-1:]
    texte = " ".join([GENRES[genre], *(code for code in codes if code)])
    return f"{texte} ({cle[-1]})" if genre in AVEC_OPTION and cle[-1] else texte


SI_DONNES = {"cycle": "annees", "commission": "commission", "anterieurs": "anterieurs"}
"""Ce qu'un fichier peut taire sans rien changer, et le champ qui le porte."""
AVEC_OPTION = {"detaillee", "indicateur", "tache", "coefficient", "intitule_activite", "poids", "critere"}
SANS_PARENT = {"detaillee", "indicateur", "tache"}
"""Genres dont le code se lit seul, sans celui de l'élément qui les porte."""


def decimal(valeur: Decimal | int | float | None) -> Decimal | None:
    return None if valeur is None else Decimal(str(valeur)).normalize() + 0


def fiches(brut: Mapping[str, Any]) -> dict[Cle, Fiche]:
    """Le document à plat, dans l'ordre de création de ses éléments."""
    plat = dict(_fiches(brut))
    rangs = {genre: rang for rang, genre in enumerate(GENRES)}
    return dict(sorted(plat.items(), key=lambda entree: rangs[str(entree[0][0])]))


def _fiches(brut: Mapping[str, Any]) -> Iterator[tuple[Cle, Fiche]]:
    yield (
        ("referentiel",),
        {
            "intitule": brut["intitule"],
            "identite": brut.get("identite", {}),
            "semaines_pfmp": brut.get("semaines_pfmp"),
            "sources": brut.get("sources", []),
        }
        | {champ: brut[cle] for cle, champ in SI_DONNES.items() if cle in brut},
    )
    for partie in (_cadre, _epreuves, _competences, _activites, _reperes, _savoirs, _echelles):
        yield from partie(brut)
    for rang, grille in _rangs(brut, "grilles"):
        yield from _grille(grille, rang)


def _cadre(brut: Mapping[str, Any]) -> Iterator[tuple[Cle, Fiche]]:
    for rang, option in _rangs(brut, "options"):
        yield ("option", option["code"]), _fiche(option, rang, code_scolarite="")
    for rang, voie in _rangs(brut, "voies"):
        yield ("voie", voie["code"]), _fiche(voie, rang)
    for rang, statut in _rangs(brut, "statuts"):
        yield ("statut", statut["code"]), _fiche(statut, rang, voie=None, lsl=False)
    for rang, bloc in _rangs(brut, "blocs"):
        yield ("bloc", bloc["code"]), _fiche(bloc, rang, unite="", facultatif=False)
        for modalite in bloc.get("modalites", []):
            yield ("modalite", bloc["code"], modalite["voie"]), _modalite(modalite)


def _epreuves(brut: Mapping[str, Any]) -> Iterator[tuple[Cle, Fiche]]:
    for rang, epreuve in _parents_avant_enfants(brut):
        yield ("epreuve", epreuve["code"]), _fiche(epreuve, rang, parent=None, bloc=None, unite="")
        for option, valeur in epreuve.get("coefficients", {}).items():
            yield ("coefficient", epreuve["code"], option), {"valeur": decimal(valeur)}
        for modalite in epreuve.get("modalites", []):
            yield ("modalite_epreuve", epreuve["code"], modalite["voie"]), _modalite(modalite)


def _modalite(modalite: Mapping[str, Any]) -> Fiche:
    return {"ccf": modalite["ccf"], "forme": modalite["forme"], "duree": modalite.get("duree", "")}


def _competences(brut: Mapping[str, Any]) -> Iterator[tuple[Cle, Fiche]]:
    for rang, competence in _rangs(brut, "competences"):
        yield ("competence", competence["code"]), _fiche(competence, rang, nature="", libelle="")
        yield from _indicateurs(competence, (competence["code"], None, None))
        yield from _detaillees(competence["code"], competence, None)


def _activites(brut: Mapping[str, Any]) -> Iterator[tuple[Cle, Fiche]]:
    for rang, activite in _rangs(brut, "activites"):
        fiche = _fiche(activite, rang, bloc=None)
        yield ("activite", activite["code"]), fiche | {"competences": sorted(activite.get("competences", []))}
        for option, intitule in activite.get("intitules", {}).items():
            yield ("intitule_activite", activite["code"], option), {"intitule": intitule}
        for place, tache in _rangs(activite, "taches"):
            yield (
                ("tache", activite["code"], tache["code"], tache.get("option")),
                _fiche(tache, place, autonomie=None),
            )


def _reperes(brut: Mapping[str, Any]) -> Iterator[tuple[Cle, Fiche]]:
    for genre, reperes in brut.get("reperes", {}).items():
        for repere in reperes:
            fiche = {"intitule": repere["intitule"], "vise": repere.get("vise", True)}
            yield ("repere", genre, str(repere["valeur"])), fiche


def _savoirs(brut: Mapping[str, Any]) -> Iterator[tuple[Cle, Fiche]]:
    for rang, savoir in _rangs(brut, "savoirs"):
        fiche = _fiche(savoir, rang, niveau=None)
        yield ("savoir", savoir["code"]), fiche | {"competences": sorted(savoir.get("competences", []))}


def _echelles(brut: Mapping[str, Any]) -> Iterator[tuple[Cle, Fiche]]:
    for rang, echelle in _rangs(brut, "echelles"):
        yield ("echelle", echelle["code"]), _fiche(echelle, rang)
        for niveau in echelle["niveaux"]:
            fiche = {nom: niveau[nom] for nom in ("valeur", "libelle", "symbole")}
            yield ("niveau", echelle["code"], niveau["code"]), fiche


def _parents_avant_enfants(brut: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    """Les épreuves et leur rang dans le fichier, chacune après celle dont elle dépend."""
    parents = {epreuve["code"]: epreuve.get("parent") for epreuve in brut.get("epreuves", [])}

    def profondeur(code: str | None) -> int:
        return 0 if code is None else 1 + profondeur(parents[code])

    return sorted(_rangs(brut, "epreuves"), key=lambda entree: profondeur(entree[1]["code"]))


def _grille(grille: Mapping[str, Any], rang: int) -> Iterator[tuple[Cle, Fiche]]:
    yield (
        ("grille", grille["version"]),
        {
            "intitule": grille["intitule"],
            "echelle": grille["echelle"],
            "positionne": grille.get("positionne", "competences"),
            "arrondi": grille["arrondi"],
            "bonus_max": decimal(grille.get("bonus_max", 0)),
            "seuil_couverture": grille.get("seuil_couverture", 50),
            "mention_ponderation": grille.get("mention_ponderation", ""),
            "source": grille.get("source", ""),
            "ordre": rang,
        },
    )
    for repartition in grille["poids"]:
        for competence, valeur in repartition["competences"].items():
            cle = ("poids", grille["version"], repartition["epreuve"], competence, repartition.get("option"))
            yield cle, {"valeur": decimal(valeur)}
    for porteur in grille.get("criteres", []):
        for rang, critere in _rangs(porteur, "criteres"):
            cle = (
                "critere",
                grille["version"],
                porteur["competence"],
                critere["code"],
                critere.get("option"),
            )
            yield cle, _fiche(critere, rang) | {"poids": decimal(critere.get("poids"))}
    for autre in grille.get("correspondances", []):
        for code, vers in autre["niveaux"].items():
            lu = ("correspondance", grille["version"], autre["echelle"], code)
            yield lu, {"vers": ("niveau", grille["echelle"], vers)}


def _detaillees(
    competence: str, porteur: Mapping[str, Any], parent: Cle | None
) -> Iterator[tuple[Cle, Fiche]]:
    for rang, detaillee in _rangs(porteur, "detaillees"):
        cle = ("detaillee", competence, detaillee["code"], detaillee.get("option"))
        poids = decimal(detaillee.get("poids"))
        yield cle, _fiche(detaillee, rang, libelle="") | {"parent": parent, "poids": poids}
        yield from _indicateurs(detaillee, (competence, *cle[2:]))
        yield from _detaillees(competence, detaillee, cle)


def _indicateurs(porteur: Mapping[str, Any], parent: Cle) -> Iterator[tuple[Cle, Fiche]]:
    """Un indicateur sans code est identifié par son intitulé."""
    for rang, indicateur in _rangs(porteur, "indicateurs"):
        code = indicateur.get("code", "")
        cle = ("indicateur", *parent, code or indicateur["intitule"], indicateur.get("option"))
        fiche = {"code": code, "intitule": indicateur["intitule"], "ordre": rang}
        yield cle, fiche | {"poids": decimal(indicateur.get("poids"))}


def _rangs(porteur: Mapping[str, Any], groupe: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    return enumerate(porteur.get(groupe, []), start=1)


def _fiche(element: Mapping[str, Any], rang: int, **champs: Any) -> Fiche:
    propres = {nom: element.get(nom, defaut) for nom, defaut in champs.items()}
    return {"intitule": element["intitule"], "ordre": rang} | propres


@dataclass(frozen=True)
class Modification:
    """Un champ d'un élément qui change de valeur."""

    cle: Cle
    champ: str
    avant: Any
    apres: Any


@dataclass(frozen=True)
class Differences:
    """Ce qui sépare deux documents ; les fiches d'arrivée sont gardées pour être écrites."""

    ajouts: dict[Cle, Fiche] = field(default_factory=dict)
    modifications: tuple[Modification, ...] = ()
    retraits: dict[Cle, Fiche] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.ajouts or self.modifications or self.retraits)


def comparer(avant: Mapping[Cle, Fiche], apres: Mapping[Cle, Fiche]) -> Differences:
    return Differences(
        ajouts={cle: fiche for cle, fiche in apres.items() if cle not in avant},
        modifications=tuple(
            Modification(cle, champ, avant[cle].get(champ), valeur)
            for cle, fiche in apres.items()
            if cle in avant
            for champ, valeur in fiche.items()
            if avant[cle].get(champ) != valeur
        ),
        retraits={cle: fiche for cle, fiche in avant.items() if cle not in apres},
    )


TEXTES = ("intitule", "libelle")


def emprunts(differences: Differences, avant: Mapping[Cle, Fiche]) -> dict[tuple[Cle, str], Cle]:
    """Les textes qui passent d'un élément à son voisin : sous le même code, on lirait un autre sens.

    Deux éléments de même code, d'options différentes, peuvent dire la même chose.
    """
    porteurs: dict[tuple[Any, ...], list[Cle]] = {}
    for cle, fiche in avant.items():
        for champ in TEXTES:
            if texte := _serre(fiche.get(champ)):
                porteurs.setdefault((_famille(cle), champ, texte), []).append(cle)
    pris: dict[tuple[Cle, str], Cle] = {}
    for autre in differences.modifications:
        texte = _serre(autre.apres) if autre.champ in TEXTES else ""
        anciens = porteurs.get((_famille(autre.cle), autre.champ, texte), []) if texte else []
        if voisins := [cle for cle in anciens if _code(cle) != _code(autre.cle)]:
            pris[autre.cle, autre.champ] = voisins[0]
    return pris


def _famille(cle: Cle) -> Cle:
    """Les éléments parmi lesquels un code désigne celui-ci."""
    return cle[:2] if cle[0] in ("niveau", "detaillee", "tache") else cle[:1]


def _code(cle: Cle) -> Cle:
    return cle[:-1] if cle[0] in AVEC_OPTION else cle


def _serre(texte: Any) -> str:
    return " ".join(texte.split()).casefold() if isinstance(texte, str) else ""
