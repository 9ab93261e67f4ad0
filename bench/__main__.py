"""`make bench` : mesure tout en une fois et l’imprime ; la méthode est dans `bench/README.md`."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import django

from bench import sections
from bench.bases import (
    Indisponible,
    adresse_sqlite,
    copie_sqlite,
    postgresql,
)
from bench.processus import Lanceur, MesureImpossible, occupee_par_d_autres
from bench.tailles import RAPIDE, Taille


def main() -> None:
    taille, sqlite_seul = demande()
    with tempfile.TemporaryDirectory(prefix="trpm-banc-") as nom:
        dossier = Path(nom)
        modele = dossier / "modele.sqlite3"
        lanceur = Lanceur(adresse_sqlite(modele), taille, str(dossier))
        presenter(taille)
        occupation = occupee_par_d_autres(taille.secondes_d_ecoute)
        serveur = lanceur.mesurer("lycee")["serveur"]
        copie = copie_sqlite(modele, dossier / "pages.sqlite3", "WAL")
        with bases(serveur, replace(lanceur, adresse=adresse_sqlite(copie)), seul=sqlite_seul) as lanceurs:
            sections.pages(lanceurs)
            sections.saisies(lanceurs)
            sections.touches(replace(lanceur, adresse=adresse_sqlite(copie)))
            sections.meilleurs(lanceurs)
            sections.documents(lanceur)
            sections.ecrivains(lanceur, modele)
            sections.charge(lanceurs)
            sections.lecteurs(lanceurs)
        sections.etendue(replace(lanceur, adresse=adresse_sqlite(dossier / "etendue.sqlite3")))
        ecole = replace(lanceur, adresse=adresse_sqlite(dossier / "ecole.sqlite3"))
        serveur = ecole.mesurer("ecole")["serveur"]
        with bases(serveur, ecole, seul=sqlite_seul, matiere="ecole") as lanceurs:
            sections.ecole(lanceurs)
        sections.depart(
            departs(replace(lanceur, adresse=adresse_sqlite(dossier / "vide.sqlite3")), sqlite_seul)
        )
        sections.conclure(max(occupation, occupee_par_d_autres(taille.secondes_d_ecoute)))


def departs(lanceur: Lanceur, seul: bool) -> Iterator[dict[str, Any]]:
    """Une base vide, puis un processus neuf, sur chaque serveur qui répond."""
    yield depart(lanceur)
    if not seul:
        with suppress(Indisponible), postgresql() as adresse:
            yield depart(replace(lanceur, adresse=adresse))


def depart(lanceur: Lanceur) -> dict[str, Any]:
    return lanceur.mesurer("depart", batir=True) | lanceur.mesurer("depart", batir=False)


def demande() -> tuple[Taille, bool]:
    """Combien mesurer, et si c’est sur SQLite seul."""
    analyseur = argparse.ArgumentParser(prog="python -m bench", description="Banc d’essai du livret.")
    analyseur.add_argument(
        "--rapide", action="store_true", help="vérifie en quelques secondes que tout se mesure"
    )
    analyseur.add_argument("--sqlite", action="store_true", help="laisse PostgreSQL de côté")
    analyseur.add_argument(
        "--lignes", type=int, help=f"évaluations en base dans la partie 3 ({Taille.lignes:_} par défaut)"
    )
    options = analyseur.parse_args()
    taille = RAPIDE if options.rapide else Taille()
    taille = replace(taille, lignes=options.lignes) if options.lignes else taille
    return taille, options.sqlite


def presenter(taille: Taille) -> None:
    print(
        f"Banc d’essai : Python {platform.python_version()}, Django {django.__version__}, "
        f"{os.cpu_count()} cœurs ; classe de {taille.eleves} élèves, {taille.situations} situations."
    )
    if taille.eleves == RAPIDE.eleves:
        print("Passage rapide : il vérifie que le banc fonctionne, ses chiffres ne mesurent rien.")


@contextmanager
def bases(
    serveur_sqlite: str, sqlite: Lanceur, *, seul: bool = False, matiere: str = "lycee"
) -> Iterator[dict[str, Lanceur]]:
    """Une base prête par serveur, qui porte la matière demandée ; celui qui manque est dit en une ligne."""
    with ExitStack() as pile:
        lanceurs = {serveur_sqlite: sqlite}
        if seul:
            yield lanceurs
            return
        try:
            lanceur = replace(sqlite, adresse=pile.enter_context(postgresql()))
            lanceurs[lanceur.mesurer(matiere)["serveur"]] = lanceur
        except Indisponible as manque:
            print(f"PostgreSQL : {manque} ; seul SQLite est mesuré.")
        yield lanceurs


if __name__ == "__main__":
    try:
        main()
    except MesureImpossible as echec:
        sys.exit(str(echec))
