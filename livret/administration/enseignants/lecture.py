"""D'un fichier à des enseignants : colonnes reconnues, lignes lues, ce qui manque dit à sa ligne."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from livret.administration.enseignants.sts import STS
from livret.administration.lecture.cellules import FORMULE, Cellule, est_un_bouche_trou
from livret.administration.lecture.entetes import (
    Designees,
    cle,
    designee,
    entete_a_designer,
    entete_lue,
)
from livret.administration.lecture.fichier import montrees, tables_du_fichier
from livret.administration.lecture.lignes import PIED, faute_de_nom
from livret.administration.lecture.noms import coupes
from livret.administration.lecture.resultat import (
    EnteteLue,
    FichierIllisible,
    LigneNommee,
    RemarqueImport,
    SansColonnes,
)
from livret.administration.lecture.table import LIGNES_AVANT_ENTETE, LIGNES_MAX, OCTETS_MAX, Table
from livret.personnes.identifiants import plie
from trpm.permissions import Role

# Repliés par `cle` ; quand deux colonnes répondent, le premier de la liste l'emporte.
INTITULES: dict[str, tuple[str, ...]] = {
    "nom": (
        "nomdusage", "nomusage", "nom", "nomdefamille", "nomenseignant", "nomdelenseignant",
        "nomprofesseur", "nomduprofesseur", "patronyme", "nompatronymique", "nomdenaissance",
    ),
    "prenom": (
        "prenom", "prenomusuel", "prenomdusage", "prenoms", "prenomenseignant", "prenomdelenseignant",
        "prenomprofesseur", "prenomduprofesseur",
    ),
    "complet": (
        "nomprenom", "nometprenom", "nomprenoms", "nometprenoms", "prenomnom", "prenometnom", "nomcomplet",
        "identite", "enseignant", "enseignants", "professeur", "professeurs", "personne", "personnel",
        "nomprenomenseignant", "nomprenomprofesseur", "nomprenomdelenseignant", "nomprenomduprofesseur",
    ),
    "courriel": (
        "courrielprofessionnel", "courrielacademique", "emailprofessionnel", "mailprofessionnel",
        "emailacademique", "mailacademique", "courriel", "email", "mail", "mel", "adressemail",
        "adresseemail", "adressemel", "adressedecourriel", "adressecourriel", "adresseelectronique",
    ),
    "role": ("role", "roles", "profil", "fonction", "fonctions"),
    "classes": (
        "classes", "classe", "divisions", "division", "equipes", "equipe", "classesenseignees",
        "nomdesclasses", "service",
    ),
}  # fmt: skip
DITS = {
    "complet": "nom et prénom", "nom": "nom", "prenom": "prénom", "courriel": "courriel", "role": "rôle",
    "classes": "classes",
}  # fmt: skip
ROLES = (
    (r"^admin(istrat(eur|rice))?s?$", Role.ADMINISTRATEUR),
    (r"^president", Role.PRESIDENT),
    (r"^membre", Role.MEMBRE),
    (r"^ens\b|^enseign|^prof|^plp\b|^certifie|^agrege|^formateur|^formatrice", Role.ENSEIGNANT),
)
AUTRE_ROLE = (
    "«\xa0{}\xa0» n’est pas un rôle d’ici\xa0: écrivez enseignant, administrateur, membre de commission ou "
    "président, ou ouvrez ce compte à la main."
)
COURRIEL_MAX = 254


@dataclass(frozen=True)
class LigneEnseignant(LigneNommee):
    numero: int
    nom: str
    prenom: str
    courriel: str = ""
    roles: tuple[str, ...] = (Role.ENSEIGNANT.value,)
    classes: str = ""
    """Les divisions, comme le fichier les écrit."""
    feuille: str = ""

    @property
    def nom_complet(self) -> str:
        return f"{self.prenom} {self.nom}"


@dataclass
class LectureEnseignants:
    """Ce qu'on a compris du fichier entier, toutes ses feuilles réunies."""

    format: str = ""
    sts: bool = False
    """Tout l'établissement y est : seuls ceux de nos classes sont proposés d'office."""
    lignes: list[LigneEnseignant] = field(default_factory=list)
    fautes: list[RemarqueImport] = field(default_factory=list)
    avertissements: list[RemarqueImport] = field(default_factory=list)
    colonnes: dict[str, str] = field(default_factory=dict)
    ignorees: list[str] = field(default_factory=list)
    entetes: list[EnteteLue] = field(default_factory=list)
    """Une par feuille ; aucune pour STS."""


def lire_enseignants(contenu: bytes, designees: Designees | None = None) -> LectureEnseignants:
    if len(contenu) > OCTETS_MAX:
        raise FichierIllisible("Le fichier dépasse 8 Mo\xa0: n’exportez que la liste des enseignants.")
    tables, nature, doute = tables_du_fichier(contenu, STS)
    visibles = montrees(tables)
    lecture = LectureEnseignants(nature, STS.logiciel in nature)
    if doute:
        lecture.avertissements.append(RemarqueImport(1, doute))
    plusieurs = len(visibles) > 1
    feuilles = [_Feuille(table, plusieurs, designees or {}) for table in visibles if table.rangs]
    lues = [une for une in feuilles if une.nommee]
    if not lues:
        raise _sans_nom(visibles)
    for lue in lues:
        lue.verser(lecture)
    return lecture


def _sans_nom(tables: Sequence[Table]) -> SansColonnes:
    trouvees = next((_intitules(table.rangs[0][1]) for table in tables if table.rangs), [])
    dites = ", ".join(f"«\xa0{un[:40]}\xa0»" for un in trouvees if un) or "aucune"
    return SansColonnes(
        f"Il manque les colonnes «\xa0Nom\xa0» et «\xa0Prénom\xa0». Colonnes trouvées\xa0: {dites}.",
        [entete_a_designer(table) for table in tables if table.rangs],
    )


def _intitules(cellules: Sequence[Cellule]) -> list[str]:
    return [str(un) for un in cellules][:30]


def _colonnes(cellules: Sequence[Cellule]) -> dict[str, int]:
    """Le rang de chaque donnée que cette ligne d'en-tête nomme."""
    replis = [cle(re.sub(r"\([^)]*\)|\*", " ", str(un)[:60])) for un in cellules]
    trouves: dict[str, int] = {}
    for champ, noms in INTITULES.items():
        rangs = [(noms.index(un), rang) for rang, un in enumerate(replis) if un in noms]
        if rangs:
            trouves[champ] = min(rangs)[1]
    if {"nom", "prenom"} <= trouves.keys():
        trouves.pop("complet", None)
    elif "complet" not in trouves and "nom" in trouves:
        trouves["complet"] = trouves.pop("nom")
    return trouves


class _Feuille:
    """La lecture d'une table, ligne après ligne."""

    def __init__(self, table: Table, plusieurs: bool, designees: Designees) -> None:
        self.table, self.feuille = table, table.nom if plusieurs else ""
        tete = [cellules for _, cellules in table.rangs[:LIGNES_AVANT_ENTETE]]
        choisie = designee(tete, designees)
        self.choisie = choisie is not None
        self.rang, self.colonnes = choisie or self._reconnue(tete)
        self.nommee = _nomme(self.colonnes)

    def _reconnue(self, tete: Sequence[Sequence[Cellule]]) -> tuple[int, dict[str, int]]:
        essais = [(_colonnes(cellules), -rang) for rang, cellules in enumerate(tete)]
        colonnes, oppose = max(essais, key=lambda un: (_nomme(un[0]), len(un[0]), un[1]))
        return -oppose, colonnes

    def verser(self, lecture: LectureEnseignants) -> None:
        self.lecture = lecture
        cellules_entete = self.table.rangs[self.rang][1]
        intitules = [str(un) for un in cellules_entete]
        if not self.table.balises:
            lue = entete_lue(cellules_entete, self.colonnes, self.choisie, self.table.nom)
            lecture.entetes.append(lue)
        for champ, rang in self.colonnes.items():
            lecture.colonnes.setdefault(champ, intitules[rang])
        lues = set(self.colonnes.values())
        lecture.ignorees += [un for rang, un in enumerate(intitules) if un and rang not in lues]
        for numero, message in self.table.remarques:
            self._remarquer(numero, message)
        rangs = [(numero, un) for numero, un in self.table.rangs[self.rang + 1 :] if any(un)]
        if len(rangs) + len(lecture.lignes) > LIGNES_MAX:
            raise FichierIllisible("Le fichier compte plus de 3\xa0000 lignes\xa0: n’envoyez que la liste.")
        for numero, cellules in rangs:
            self._ligne(numero, cellules)

    def _texte(self, cellules: Sequence[Cellule], champ: str) -> str:
        rang = self.colonnes.get(champ, len(cellules))
        return str(cellules[rang]) if rang < len(cellules) else ""

    def _remarquer(self, numero: int, message: str) -> None:
        self.lecture.avertissements.append(RemarqueImport(numero, message, self.feuille))

    def _refuser(self, numero: int, message: str) -> None:
        self.lecture.fautes.append(RemarqueImport(numero, message, self.feuille))

    def _ligne(self, numero: int, cellules: Sequence[Cellule]) -> None:
        pleines = [str(un) for un in cellules if un]
        if len(pleines) == 1 and PIED.search(plie(pleines[0])):
            return
        nom, prenom, faute = self._identite(cellules)
        roles, autre = _roles(self._texte(cellules, "role"))
        if faute or autre:
            qui = "" if faute else f"{prenom} {nom}, "
            self._refuser(numero, faute or f"{qui}{AUTRE_ROLE.format(autre[:40])}")
            return
        self.lecture.lignes.append(
            LigneEnseignant(
                numero,
                nom,
                prenom,
                self._courriel(numero, self._texte(cellules, "courriel")),
                roles,
                self._classes(numero, self._texte(cellules, "classes")),
                self.feuille,
            )
        )

    def _identite(self, cellules: Sequence[Cellule]) -> tuple[str, str, str]:
        """Nom, prénom, et la phrase du refus."""
        if "complet" not in self.colonnes:
            nom, prenom = (self._texte(cellules, champ) for champ in ("nom", "prenom"))
            return nom, prenom, faute_de_nom(nom, "nom") or faute_de_nom(prenom, "prénom")
        complet = re.sub(r"^(M\.?|Mme|Mlle|Mr|Mrs)\s+", "", self._texte(cellules, "complet"))
        if faute := faute_de_nom(complet, "nom"):
            return "", "", faute
        possibles = coupes(complet)
        if len(possibles) == 1:
            return *possibles[0], ""
        doute = (
            f"on ne sait où finit le nom de «\xa0{complet[:40]}\xa0»\xa0: écrivez-le en capitales, ou mettez "
            "nom et prénom dans deux colonnes."
        )
        return "", "", doute if possibles else "prénom manquant."

    def _courriel(self, numero: int, brut: str) -> str:
        courriel = brut.removeprefix("mailto:").strip()
        if not courriel or est_un_bouche_trou(courriel):
            return ""
        try:
            validate_email(courriel)
        except ValidationError:
            self._remarquer(numero, f"«\xa0{courriel[:60]}\xa0» n’est pas une adresse\xa0: laissée vide.")
            return ""
        if len(courriel) > COURRIEL_MAX:
            self._remarquer(numero, "adresse de plus de 254 caractères, laissée vide.")
            return ""
        return courriel

    def _classes(self, numero: int, brut: str) -> str:
        if brut == FORMULE or len(brut) > 2000:
            self._remarquer(numero, "classes illisibles, laissées de côté.")
            return ""
        return "" if est_un_bouche_trou(brut) else brut


def _nomme(colonnes: dict[str, int]) -> bool:
    return {"nom", "prenom"} <= colonnes.keys() or "complet" in colonnes


def _roles(brut: str) -> tuple[tuple[str, ...], str]:
    """Les rôles écrits, enseignant à défaut ; et le mot qui n'en est pas un."""
    if not brut or est_un_bouche_trou(brut):
        return (Role.ENSEIGNANT.value,), ""
    trouves: list[str] = []
    for mot in filter(None, (un.strip() for un in re.split(r"[,;/|+]", brut))):
        role = next((role for motif, role in ROLES if re.search(motif, plie(mot))), None)
        if role is None:
            return (), mot
        trouves.append(role.value)
    return tuple(sorted(set(trouves))) or (Role.ENSEIGNANT.value,), ""
