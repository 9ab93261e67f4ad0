"""Le contenu d'une cellule, débarrassé de ce que les logiciels mettent autour. Module pur."""

import datetime
import re
import unicodedata

Cellule = str | datetime.date | datetime.datetime

FORMULE = "\ue000formule"
"""Une formule dont le classeur ne porte pas la valeur ; signe d'usage privé, donc jamais tapé."""
ERREURS = re.compile(
    r"#\s?(?:n/?[ad]|ref|valeur|value|nom|name|div/0|nul|null|num|nombre|spill|propagation|calc|calcul)[!?]?"
    r"|err\s?:\s?\d{3}",
    re.IGNORECASE,
)
BOUCHE_TROUS = {
    "", "0", "x", "nc", "na", "nr", "nd", "sans", "sansine", "neant", "aucun", "aucune", "inconnu",
    "inconnue",
    "vide",
    "null", "none", "nan", "nul", "nonconnu", "nonconnue", "noncommunique", "nonrenseigne", "nonrenseignee",
    "absent", "encours", "attente", "enattente", "avenir", "acompleter", "todo", "tbd", "unknown",
}  # fmt: skip
APOSTROPHES = str.maketrans(dict.fromkeys("'’‘ʼʻʽʹˈ′´`"))


def propre_cellule(texte: str) -> str:
    """Texte composé, d'une seule ligne, sans signe invisible ni habillage de tableur (`="…"`, `'…`)."""
    vu = "".join(_visible(signe) for signe in unicodedata.normalize("NFC", texte))
    return _deshabille(" ".join(vu.split()))


def _visible(signe: str) -> str:
    categorie = unicodedata.category(signe)
    if categorie[0] == "Z" or signe in "\t\n\r\v\f":
        return " "
    return "" if categorie in {"Cc", "Cf", "Cs"} else signe


def _deshabille(texte: str) -> str:
    if habillee := re.fullmatch(r"""'?=\s*"(.*)"|'?=\s*T\("(.*)"\)""", texte, re.DOTALL):
        return next(filter(None, habillee.groups()), "").replace('""', '"').strip()
    if re.match(r"['’](?![a-z]{1,2} )", texte):  # « ’t Hooft » est un nom
        return texte.strip("'’").strip()
    return texte


def est_une_erreur(texte: str) -> bool:
    return bool(ERREURS.fullmatch(texte))


def est_un_bouche_trou(texte: str) -> bool:
    """« NC », « 0 », « - », « #N/A », « XXXXXXXXX » : quelqu'un a rempli la case, sans rien en dire."""
    if est_une_erreur(texte) or texte == FORMULE:
        return True
    simple = re.sub(r"[\W_]", "", unicodedata.normalize("NFKD", texte.casefold()))
    return simple in BOUCHE_TROUS or (len(simple) > 2 and len(set(simple)) == 1)


def signes_douteux(nom: str) -> str:
    """Les signes d'un nom qu'aucun nom ne porte : un mauvais jeu de caractères les y a mis."""
    douteux = [signe for signe in nom if not _d_un_nom(signe)]
    douteux += [
        nom[rang] for rang in range(1, len(nom)) if not nom[rang].isascii() and _casse_contraire(nom, rang)
    ]
    return "".join(dict.fromkeys(douteux))


def _d_un_nom(signe: str) -> bool:
    return (
        unicodedata.category(signe)[0] in "LM"
        or signe.isdecimal()
        or signe in " -‐‑–.,()"
        or ord(signe) in APOSTROPHES
    ) and signe != "ª"


def _casse_contraire(nom: str, rang: int) -> bool:
    """Une lettre accentuée dont la casse contredit ses voisines : « LEFéVRE », « ChloŽ »."""
    signe, avant, apres = nom[rang], nom[rang - 1], nom[rang + 1 : rang + 2]
    if not (signe.isalpha() and avant.isalpha()):
        return False
    if signe.isupper():
        return avant.islower()
    return signe.islower() and avant.isupper() and apres.isupper()
