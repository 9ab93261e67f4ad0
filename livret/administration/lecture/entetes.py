"""Quelle colonne dit quoi : intitulés connus, habillés, approchants ; et que faire quand deux répondent."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import product

from livret.administration.lecture.cellules import Cellule
from livret.administration.lecture.resultat import EnteteLue
from livret.administration.lecture.table import LIGNES_AVANT_ENTETE, Table
from livret.personnes.identifiants import plie

# Intitulés rencontrés dans SIECLE, Pronote, Fregata, Gepi, SACoche et les ENT, repliés par `cle` ; quand un
# fichier en porte plusieurs pour la même donnée, le premier de la liste l'emporte.
SYNONYMES: dict[str, tuple[str, ...]] = {
    "nom": (
        "nomdefamille", "nom", "nomeleve", "nomdeleleve", "elevenom", "nomdenaissance", "nomdusage",
        "patronyme",
    ),
    "prenom": (
        "prenom", "prenom1", "prenom1er", "1erprenom", "premierprenom", "prenomeleve", "prenomdeleleve",
        "eleveprenom", "prenomusuel", "prenomdusage", "prenoms",
    ),
    "complet": (
        "eleve", "eleves", "nomprenom", "nometprenom", "nomsprenoms", "nomsetprenoms", "nomprenoms",
        "nometprenoms", "prenomnom", "prenometnom", "nomcomplet", "identite", "nomprenomeleve",
        "nomprenomdeleleve", "nometprenomdeleleve", "nomdeseleves",
    ),
    "naissance": (
        "datedenaissance", "datenaissance", "naissance", "neele", "nele", "datedenaiss", "datenaiss",
        "datnaiss", "elevedatenaissance", "ddn",
    ),
    "ine": (
        "inernie", "ine", "nine", "noine", "numeroine", "numine", "codeine", "inebea", "identifiantine",
        "identifiantnational", "identifiantnationaleleve", "idnational", "numeronational", "nnational",
        "identifiantunique", "rnie",
    ),
    "division": (
        "division", "classe", "codestructure", "codedivision", "libelledivision", "div", "classeeleve",
        "libelleclasse", "nomclasse", "nomdelaclasse", "classederattachement", "classes", "divisions",
        "structure",
    ),
    "option": ("option", "codeoption", "optiontrpm", "optiondudiplome", "specialite", "optiondiplome"),
    "statut": ("statut", "statutducandidat", "statutcandidat", "statutdeleleve", "statuteleve"),
    "numero_candidat": (
        "numerodecandidat", "numerocandidat", "ncandidat", "nocandidat", "ndecandidat", "numcandidat",
        "matriculecandidat", "numerodinscription",
    ),
    "sortie": (
        "datedesortie", "datesortie", "sortie", "sortiele", "sortile", "datededepart", "datedepart",
        "findescolarite", "datedefindescolarite", "dateradiation", "datederadiation",
    ),
}  # fmt: skip
CHAMPS_DITS = {
    "nom": "le nom", "prenom": "le prénom", "complet": "le nom et le prénom", "naissance": "la naissance",
    "ine": "l’INE", "division": "la classe", "option": "l’option", "statut": "le statut",
    "numero_candidat": "le numéro de candidat", "sortie": "la date de sortie",
}  # fmt: skip
# Un intitulé inconnu répond à un champ s'il a l'un de ces mots, et aucun des autres.
APPROCHANTS = {
    "complet": (r"\bnoms?\b.*\bprenoms?\b|\bprenoms?\b.*\bnoms?\b", r"$^"),
    "prenom": (r"\bprenoms?\b", r"\bnoms?\b|\b[2-9]e?\b|deuxieme|troisieme|second|autres?\b"),
    "nom": (r"\bnom\b|patronym", r"prenom|usage|fichier|commune|ville|classe|division|court"),
    "naissance": (
        r"\bnaiss|\bne e? ?le\b|\bnee? le\b|\bddn\b", r"lieu|commune|ville|pays|dep|insee|code|\bnom\b",
    ),
    "ine": (r"\bine\b|\brnie\b|identifiant national|\bid national", r"$^"),
    "division": (
        r"\b(classes?|divisions?|div)\b|code structure",
        r"prec|anterieure?|ancienne|annee|type|prof|nombre|origine|suivante|niveau|delegue|mail|souhait|rang",
    ),
    "sortie": (r"\bsorti|\bdepart\b|radiation", r"motif|autoris|regime|classe|etab|carte|heure|scolaire"),
    "numero_candidat": (r"\bn.{0,6}candidat", r"$^"),
}  # fmt: skip
AUTRUI = re.compile(
    r"\b(responsables?|resp|pere|mere|parents?|tuteurs?|tutrice|legal|legaux|representants?|contact|urgence"
    r"|entreprise|employeur|prof\w*|enseignants?|etablissement|maitre)\b"
)


INTITULE_MAX = 60
Designees = Mapping[str, Mapping[str, int]]
"""Par empreinte d'une ligne d'en-tête, le rang de chaque donnée, tel qu'une personne l'a désigné."""
GENERIQUES = {"date", "n", "no", "numero", "num", "code", "libelle", "nom", "le", "jour"}


@dataclass
class LigneEntete:
    """La ligne d'en-tête et le rang de chaque champ."""

    rang: int = 0
    colonnes: dict[str, int] = field(default_factory=dict)
    choisie: bool = False
    rivales: dict[str, list[int]] = field(default_factory=dict)
    """Par champ, les autres colonnes qui pourraient le dire."""

    @property
    def nomme(self) -> bool:
        return {"nom", "prenom"} <= set(self.colonnes) or "complet" in self.colonnes

    @property
    def score(self) -> tuple[bool, int]:
        return self.nomme, len(self.colonnes)


def cle(intitule: object) -> str:
    return plie(str(intitule)).replace(" ", "")


def empreinte(cellules: Sequence[Cellule]) -> str:
    """La même pour deux fichiers aux mêmes intitulés, dans le même ordre ; elle n'en garde aucun."""
    intitules = "\n".join(cle(str(un)[:INTITULE_MAX]) for un in cellules).rstrip("\n")
    return hashlib.sha256(intitules.encode()).hexdigest()


def designee(table: Sequence[Sequence[Cellule]], designees: Designees) -> tuple[int, dict[str, int]] | None:
    """Le rang de la ligne d'en-tête dont une personne a désigné les colonnes, et ces colonnes."""
    for rang, cellules in enumerate(table[:LIGNES_AVANT_ENTETE]):
        choisies = designees.get(empreinte(cellules)) if designees else None
        if choisies:
            retenues = {champ: ou for champ, ou in choisies.items() if ou < len(cellules)}
            if {"nom", "prenom"} <= retenues.keys():
                retenues.pop("complet", None)
            return rang, retenues
    return None


def entete_lue(
    cellules: Sequence[Cellule], colonnes: Mapping[str, int], choisie: bool, feuille: str
) -> EnteteLue:
    intitules = tuple(str(un)[:INTITULE_MAX] for un in cellules)
    return EnteteLue(empreinte(cellules), intitules, dict(colonnes), choisie, feuille)


def entete_a_designer(table: Table) -> EnteteLue:
    """La ligne que l'on croit être l'en-tête, quand rien n'y est reconnu : la première de deux mots."""
    tete = [cellules for _, cellules in table.rangs[:LIGNES_AVANT_ENTETE]]
    lue = entete(tete)
    rang = lue.rang
    if not lue.colonnes:
        rang = next((un for un, cellules in enumerate(tete) if sum(map(_un_mot, cellules)) > 1), 0)
    return entete_lue(tete[rang], lue.colonnes, False, table.nom)


def _un_mot(cellule: Cellule) -> bool:
    return isinstance(cellule, str) and any(signe.isalpha() for signe in cellule)


def entete(table: Sequence[Sequence[Cellule]], designees: Designees | None = None) -> LigneEntete:
    """Celle dont une personne a désigné les colonnes ; sinon celle des premières lignes qui nomme le plus de
    champs, que la ligne du dessus précise."""
    if choisie := designee(table, designees or {}):
        return LigneEntete(*choisie, choisie=True)
    meilleure = LigneEntete()
    for rang, cellules in enumerate(table[:LIGNES_AVANT_ENTETE]):
        dessus = table[rang - 1] if rang else []
        essai = _colonnes(cellules, dessus)
        essai.rang = rang
        if essai.score > meilleure.score:
            meilleure = essai
    return meilleure


def _colonnes(cellules: Sequence[Cellule], dessus: Sequence[Cellule]) -> LigneEntete:
    resultat = LigneEntete()
    groupes = _etendus(dessus, len(cellules))
    candidats: dict[str, list[tuple[int, int]]] = {}
    for rang, cellule in enumerate(cellules):
        trouve = isinstance(cellule, str) and cellule and _champ(cellule, groupes[rang])
        if trouve:
            champ, priorite = trouve
            candidats.setdefault(champ, []).append((priorite, rang))
    premiers = {champ: _meilleurs(lus) for champ, lus in candidats.items()}
    resultat.colonnes = _proches(premiers)
    if {"nom", "prenom"} <= set(resultat.colonnes):
        resultat.colonnes.pop("complet", None)
    resultat.rivales = {
        champ: [autre for _, autre in candidats[champ] if autre != rang]
        for champ, rang in resultat.colonnes.items()
        if len(candidats[champ]) > 1
    }
    return resultat


def rivalites(lue: LigneEntete, cellules: Sequence[Cellule]) -> list[str]:
    """Ce que l'on dit des champs à qui deux colonnes répondaient."""
    return [
        f"plusieurs colonnes peuvent dire {CHAMPS_DITS[champ]}\xa0: "
        f"{_dite(cellules, lue.colonnes[champ])} est lue, "
        f"pas {' ni '.join(_dite(cellules, autre) for autre in autres)}."
        for champ, autres in lue.rivales.items()
    ]


def _dite(cellules: Sequence[Cellule], rang: int) -> str:
    return f"«\xa0{cellules[rang]}\xa0» ({rang + 1}ᵉ colonne)"


def _etendus(dessus: Sequence[Cellule], largeur: int) -> list[str]:
    """Les intitulés de groupe de la ligne du dessus, chacun étendu aux cases vides qui le suivent."""
    if sum(bool(cellule) for cellule in dessus) < 2:
        return [""] * largeur
    groupes, courant = [], ""
    for rang in range(largeur):
        texte = str(dessus[rang]) if rang < len(dessus) else ""
        courant = texte or courant
        groupes.append(courant)
    return groupes


def _meilleurs(lus: list[tuple[int, int]]) -> list[int]:
    priorite = min(lus)[0]
    return [rang for une, rang in lus if une == priorite]


def _proches(candidats: dict[str, list[int]]) -> dict[str, int]:
    """Entre deux colonnes de même intitulé, celle qui est près des autres données de l'élève."""
    choisies = {champ: rangs[0] for champ, rangs in candidats.items() if len(rangs) == 1}
    if {"nom", "prenom"} <= set(candidats) and not {"nom", "prenom"} <= set(choisies):
        ancres = [rang for champ, rang in choisies.items() if champ not in ("nom", "prenom")]
        noms, prenoms = candidats["nom"], candidats["prenom"]
        paires = zip(noms, prenoms, strict=True) if len(noms) == len(prenoms) else product(noms, prenoms)
        choisies["nom"], choisies["prenom"] = min(
            paires,
            key=lambda paire: (
                abs(paire[0] - paire[1]),
                sum(abs(paire[0] - ancre) for ancre in ancres),
                paire,
            ),
        )
    for champ, rangs in candidats.items():
        if champ not in choisies:
            pres = [rang for nom, rang in choisies.items() if nom in ("nom", "prenom", "complet")]
            choisies[champ] = min(rangs, key=lambda rang: (sum(abs(rang - un) for un in pres), rang))
    return {champ: choisies[champ] for champ in candidats}


@lru_cache(maxsize=2000)
def _champ(intitule: str, groupe: str) -> tuple[str, int] | None:
    """Le champ que dit un intitulé, et sa priorité : la plus petite est la plus sûre."""
    if len(intitule) > INTITULE_MAX or len(groupe) > INTITULE_MAX:
        return None
    if AUTRUI.search(plie(intitule)) or AUTRUI.search(plie(groupe)):
        return None
    sans_precisions = re.sub(r"\([^)]*\)|\[[^\]]*\]|\*", " ", intitule)
    for essai, base in ((intitule, 0), (sans_precisions, 0), (f"{groupe} {intitule}", 100)):
        if trouve := _exacts().get(cle(essai)):
            return trouve[0], trouve[1] + base
    precise = f"{groupe} {intitule}" if cle(intitule) in GENERIQUES else intitule
    for essai, base in ((intitule, 200), (precise, 300)):
        for champ, (motif, refus) in APPROCHANTS.items():
            mots = plie(essai)
            if re.search(motif, mots) and not re.search(refus, mots):
                return champ, base
    return _presque(cle(sans_precisions))


def _presque(lu: str) -> tuple[str, int] | None:
    """« Prénon », « Date de naisance » : à une faute de frappe près."""
    if len(lu) < 5 or re.search(r"\d", lu):
        return None
    voisins = difflib.get_close_matches(lu, [un for un in _exacts() if len(un) > 4], n=1, cutoff=0.83)
    return (_exacts()[voisins[0]][0], 400) if voisins else None


@cache
def _exacts() -> dict[str, tuple[str, int]]:
    return {
        intitule: (champ, rang)
        for champ, intitules in SYNONYMES.items()
        for rang, intitule in enumerate(intitules)
    }
