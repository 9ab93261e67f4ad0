"""Les façons dont les logiciels écrivent le nom d'une classe. Module pur."""

import re

from livret.personnes.identifiants import plie

NIVEAUX = {
    r"2 ?n?de?s?|secondes?": "2",
    r"1 ?(?:e?re?s?)|premieres?": "1",
    r"t ?(?:e?le?s?|erm)|terminales?": "t",
}
GROUPE = re.compile(r"(?:gr?|grp|gpe?|groupes?)\s?[0-9a-z]{1,2}$")


def designe(division: str, classe: str) -> bool:
    """« 2 TRPM », « 2nde TRPM », « <2TRPM> GR.1 » ou « 2TRPM, 2TRPM-G1 » désignent la classe 2TRPM."""
    voulue = _serree(classe)
    return bool(voulue) and any(
        voulue in {_serree(partie), _serree(GROUPE.sub("", plie(partie)))}
        for partie in [division, *re.split(r"[,;/|<>()\[\]+]", division)]
    )


def _serree(nom: str) -> str:
    simple = plie(nom)
    for motif, niveau in NIVEAUX.items():
        simple = re.sub(rf"^(?:{motif})(?=[ ]|$)", niveau, simple)
    return simple.replace(" ", "")
