"""Deux personnes n'écrasent jamais la saisie l'une de l'autre. Module pur.

Chaque formulaire renvoie le jeton de ce que sa page montrait ; si l'enregistré a changé depuis,
l'écriture est refusée et la page dit par qui, quand, et ce qui est maintenant enregistré.
"""

from hashlib import sha256


def jeton(*valeurs: object) -> str:
    """Abrégé d'un état lu : deux états différents n'ont pas le même."""
    return sha256("\x1f".join(map(str, valeurs)).encode()).hexdigest()[:16]
