"""Une mesure, seule dans son processus : `python -m bench.mesure pages '{…}'`.

Ce module n’importe rien du projet avant d’être lancé : les processus que WeasyPrint se partage le
relisent, et leur mémoire doit rester celle qu’ils auraient en service.
"""

import json
import sys
from importlib import import_module

import django

from bench.tailles import Taille


def main(nom: str, options: str) -> None:
    django.setup()
    donnees = json.loads(options)
    taille = Taille(**donnees.pop("taille"))
    resultat = import_module(f"bench.{nom}").mesurer(taille, **donnees)
    print(json.dumps(resultat))


if __name__ == "__main__":
    main(*sys.argv[1:])
