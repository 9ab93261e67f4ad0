"""De quoi parle une adresse : le modèle que nomme sa clé, et le chemin de lui à un élève, à une classe,
à un établissement. Module pur.

`personne` : le lire, c'est lire une personne ; `groupe` : en prendre un fichier, c'est emporter celles de
plusieurs. Une adresse dont le mot n'est pas ici se note sans objet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PAIRES = re.compile(r"(?:(?P<mot>[\w-]+)/)?<int:(?P<nom>\w+)>")
_FICHIER = re.compile(r"\.(?:pdf|xlsx|zip|csv|json)$")
# Un fichier sans suffixe ; des morceaux de page que chaque lecture redemande.
FICHIERS = {"certification:lot-fichier", "api-v1:eleves"}
MORCEAUX = {"livret:trace-miniature", "certification:fil"}


@dataclass(frozen=True)
class ObjetVise:
    modele: str
    eleve: str = ""
    classe: str = ""
    etablissement: str = ""
    personne: bool = False
    groupe: bool = False


def _de_l_eleve(modele: str, eleve: str, classe: str = "") -> ObjetVise:
    lieu = "etablissement" if eleve == "pk" else f"{eleve}__etablissement"
    return ObjetVise(modele, eleve, classe, lieu, personne=True)


_DE_SITUATION = ("situation__eleve", "situation__classe", "situation__classe__etablissement")
ETABLISSEMENT = ObjetVise("livret.Etablissement", etablissement="pk", groupe=True)
OBJETS = {
    "administration": ETABLISSEMENT,
    "avancement": ETABLISSEMENT,
    "inspection": ETABLISSEMENT,
    "eleves": _de_l_eleve("livret.Eleve", "pk"),
    "famille": _de_l_eleve("livret.Eleve", "pk"),
    "transferts": ObjetVise("livret.TransfertRecu", "eleve", "", "etablissement", personne=True),
    "bilans": _de_l_eleve("livret.Bilan", "eleve", "classe"),
    "preuves": _de_l_eleve("livret.Trace", "eleve", "situation__classe"),
    "portfolio": _de_l_eleve("livret.Trace", "eleve", "situation__classe"),
    "demandes": _de_l_eleve("livret.Demande", "eleve", "classe"),
    "scolarites": _de_l_eleve("livret.Scolarite", "eleve", "classe"),
    "pfmp": _de_l_eleve("livret.Pfmp", "eleve", "periode__classe"),
    "sejours": _de_l_eleve("livret.Sejour", "pfmp__eleve"),
    "absences": _de_l_eleve("livret.Absence", "pfmp__eleve"),
    "visites": _de_l_eleve("livret.Visite", "pfmp__eleve"),
    "dossiers": _de_l_eleve("certification.Dossier", "eleve"),
    "comptes": ObjetVise("livret.Utilisateur", personne=True),
    "tuteurs": ObjetVise("livret.Tuteur", etablissement="entreprise__etablissement", personne=True),
    "classes": ObjetVise("livret.Classe", classe="pk", etablissement="etablissement", groupe=True),
    "periodes": ObjetVise(
        "livret.Periode", classe="classe", etablissement="classe__etablissement", groupe=True
    ),
    "commissions": ObjetVise("certification.Commission", etablissement="etablissement", groupe=True),
    "reunions": ObjetVise("certification.Reunion", etablissement="etablissement", groupe=True),
    "lots": ObjetVise("certification.Lot", etablissement="commission__etablissement", groupe=True),
    "situations": ObjetVise("livret.Situation", "eleve", "classe", "classe__etablissement"),
    "groupes": ObjetVise("livret.Groupe", classe="classe", etablissement="classe__etablissement"),
    "pieces": ObjetVise("livret.PieceJointe", *_DE_SITUATION),
    "postes": ObjetVise("livret.Poste", *_DE_SITUATION),
    "promotions": ObjetVise("livret.Promotion", etablissement="etablissement"),
    "sequences": ObjetVise("livret.Sequence", classe="classe", etablissement="promotion__etablissement"),
    "pfmp-prevues": ObjetVise("livret.PfmpPrevue", etablissement="promotion__etablissement"),
    "entreprises": ObjetVise("livret.Entreprise", etablissement="etablissement"),
    "modeles": ObjetVise("livret.ModeleSituation", etablissement="etablissement"),
    "acces-du-jury": ObjetVise("certification.AccesJury", etablissement="commission__etablissement"),
}
# Une clé nommée l'emporte sur le mot qui la précède : « /situations/3/eleves/12/ » parle de l'élève.
NOMMEES = {
    "eleve": OBJETS["eleves"],
    "pfmp": OBJETS["pfmp"],
    "dossier": OBJETS["dossiers"],
}


@dataclass(frozen=True)
class Vise:
    """L'objet d'une adresse, sa clé, et l'établissement si l'adresse le dit."""

    objet: ObjetVise | None
    cle: int
    etablissement: int | None = None


def vise(route: str, valeurs: Mapping[str, object]) -> Vise:
    lieu = valeurs.get("etablissement")
    etablissement = lieu if isinstance(lieu, int) else None
    for nom, objet in NOMMEES.items():
        if isinstance(cle := valeurs.get(nom), int):
            return Vise(objet, cle, etablissement)
    paires = {lue["nom"]: lue["mot"] for lue in _PAIRES.finditer(route)}
    for nom in ("pk", "etablissement"):
        designe, cle = OBJETS.get(paires.get(nom) or ""), valeurs.get(nom)
        if designe and isinstance(cle, int):
            return Vise(designe, cle, etablissement)
    return Vise(None, 0, etablissement)


def est_un_fichier(route: str, adresse: str) -> bool:
    return adresse in FICHIERS or _FICHIER.search(route) is not None


def lecture_notee(route: str, adresse: str, objet: ObjetVise | None) -> bool:
    """Lire une personne se note ; lire un groupe, quand on en emporte un fichier."""
    if objet is None or adresse in MORCEAUX:
        return False
    return objet.personne or objet.groupe and est_un_fichier(route, adresse)
