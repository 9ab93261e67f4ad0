"""Les quatre parties du relevé : chacune lance ses mesures et imprime son tableau."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.bases import adresse_sqlite, copie_sqlite
from bench.processus import Lanceur
from bench.tableau import fois, nombre, significatif, tableau

GENRES = {"grilles": "grilles PDF", "dossiers": "dossiers PDF"}


def pages(lanceurs: Mapping[str, Lanceur]) -> None:
    titre("1. Pages, et leur rapport à la vue connectée la plus simple, prise dans le même tour")
    for serveur, lanceur in lanceurs.items():
        lignes = lanceur.mesurer("pages")["lignes"]
        imprimer(
            (serveur, "req/s", "ms", "rapport", "requêtes SQL"),
            (
                (
                    ligne["page"],
                    significatif(1 / ligne["secondes"]),
                    significatif(1000 * ligne["secondes"]),
                    fois(ligne["rapport"]),
                    nombre(ligne["requetes"]),
                )
                for ligne in lignes
            ),
        )


def meilleurs(lanceurs: Mapping[str, Lanceur]) -> None:
    titre("2. Meilleurs niveaux d’une classe parmi beaucoup d’évaluations, sans table de cumul")
    for serveur, lanceur in lanceurs.items():
        resultat = lanceur.mesurer("meilleurs")
        imprimer(
            (f"{serveur}, {nombre(resultat['total'])} évaluations", "ms", "rapport"),
            (
                (ligne["quoi"], significatif(1000 * ligne["secondes"]), fois(ligne["rapport"]))
                for ligne in resultat["lignes"]
            ),
        )
        print(f"  EXPLAIN : {resultat['index'] or 'aucun index, la table est lue en entier'}")


def documents(lanceur: Lanceur) -> None:
    titre("3. Lot d’une classe : un processus neuf par mesure, mémoire de toute sa descendance")
    effectif = lanceur.taille.eleves
    lignes, remarques = [], []
    secondes_en_serie: dict[str, float] = {}
    for genre, libelle in GENRES.items():
        for processus in (1, 2):
            quoi = f"{effectif} {libelle}, {processus} processus"
            resultat = lanceur.mesurer_avec_memoire("tirages", genre=genre, processus=processus)
            if "absent" in resultat:
                remarques.append(f"{quoi} : {resultat['absent']}")
                continue
            serie = secondes_en_serie.setdefault(genre, resultat["secondes"])
            lignes.append(_document(f"{quoi} ({resultat['pages']} pages)", resultat, effectif, serie))
    quoi = f"{effectif} grilles xlsx → PDF, un appel de LibreOffice"
    resultat = lanceur.mesurer_avec_memoire("libreoffice")
    if "absent" in resultat:
        remarques.append(f"{quoi} : {resultat['absent']}")
    else:
        lignes.append(_document(quoi, resultat, effectif, secondes_en_serie.get("grilles")))
        remarques.append(f"Dont fabrication des {effectif} xlsx : {significatif(resultat['fabrication'])} s")
    imprimer(("", "secondes", "ms par document", "mémoire (Mo)", "rapport à 1 processus"), lignes)
    for remarque in remarques:
        print(f"  {remarque}")


def _document(quoi: str, resultat: Mapping[str, Any], effectif: int, serie: float | None) -> tuple[str, ...]:
    secondes = resultat["secondes"]
    return (
        quoi,
        significatif(secondes),
        nombre(1000 * secondes / effectif),
        nombre(resultat["memoire"]),
        fois(secondes / serie) if serie else "—",
    )


REGLAGES = {
    "réglages du projet": ("bench.reglages", "WAL"),
    "options par défaut de Django": ("bench.reglages_par_defaut", "DELETE"),
}


def ecrivains(lanceur: Lanceur, modele: Path) -> None:
    taille = lanceur.taille
    titre(
        f"4. Écritures simultanées sur SQLite : {taille.ecrivains} processus, "
        f"{taille.cases_par_ecrivain} cases chacun"
    )
    resultats = {}
    for nom, (reglages, journal) in REGLAGES.items():
        copie = copie_sqlite(modele, modele.with_name(f"ecrivains-{journal}.sqlite3"), journal)
        resultats[nom] = replace(lanceur, adresse=adresse_sqlite(copie), reglages=reglages).mesurer(
            "ecrivains"
        )
    etalon = resultats["réglages du projet"]["par_seconde"]
    imprimer(
        ("", "cases/s", "rapport", "enregistrées", "« database is locked »", "autres erreurs", "perdues"),
        (
            (
                nom,
                significatif(resultat["par_seconde"]),
                fois(resultat["par_seconde"] / etalon),
                f"{nombre(resultat['enregistrees'])} sur {nombre(resultat['demandees'])}",
                nombre(resultat["verrouillees"]),
                nombre(len(resultat["autres"])),
                nombre(resultat["perdues"]),
            )
            for nom, resultat in resultats.items()
        ),
    )
    for resultat in resultats.values():
        for autre in resultat["autres"]:
            print(f"  Autre erreur : {autre}")


def titre(texte: str) -> None:
    print(f"\n{texte}\n{'─' * len(texte)}", flush=True)


def imprimer(titres: tuple[str, ...], lignes: Iterable[tuple[str, ...]]) -> None:
    print(f"\n{tableau(titres, lignes)}", flush=True)
