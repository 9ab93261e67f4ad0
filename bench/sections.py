"""Les dix parties du relevé : chacune lance ses mesures et imprime son tableau."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.bases import adresse_sqlite, copie_sqlite
from bench.processus import Lanceur
from bench.tableau import (
    fois,
    nombre,
    significatif,
    tableau,
)


def pages(lanceurs: Mapping[str, Lanceur]) -> None:
    titre("1. Pages, et leur rapport à la vue connectée la plus simple, prise dans le même tour")
    for serveur, lanceur in lanceurs.items():
        lignes = lanceur.mesurer("pages")["lignes"]
        imprimer(
            (serveur, "req/s", "ms", "rapport", "en processeur", "requêtes SQL"),
            (
                (
                    ligne["page"],
                    significatif(1 / ligne["secondes"]),
                    significatif(1000 * ligne["secondes"]),
                    fois(ligne["rapport"]),
                    fois(ligne["processeur"]),
                    nombre(ligne["requetes"]),
                )
                for ligne in lignes
            ),
        )


def saisies(lanceurs: Mapping[str, Lanceur]) -> None:
    titre("2. Saisir une classe entière, et le rapport à la vue connectée la plus simple")
    for serveur, lanceur in lanceurs.items():
        imprimer(
            (serveur, "ms", "rapport", "requêtes SQL", "ko", "ko compressés"),
            (
                (
                    ligne["quoi"],
                    significatif(1000 * ligne["secondes"]),
                    fois(ligne["rapport"]),
                    nombre(ligne["requetes"]),
                    *(significatif(octets / 1000) for octets in ligne["poids"] or ()),
                    *(() if ligne["poids"] else ("—", "—")),
                )
                for ligne in lanceur.mesurer("saisies")["lignes"]
            ),
        )


def touches(lanceur: Lanceur) -> None:
    resultat = replace(lanceur, reglages="bench.reglages_servis").mesurer("touches")
    if "absent" in resultat:
        print(f"\n  Touches : {resultat['absent']}")
        return
    cases, eleves = resultat["cases"], resultat["eleves"]
    print(f"\n  Touches pour noter {cases} cases ({eleves} élèves) au clavier : {resultat['touches']}")


def meilleurs(lanceurs: Mapping[str, Lanceur]) -> None:
    titre("3. Meilleurs niveaux d’une classe parmi beaucoup d’évaluations, sans table de cumul")
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
        imprimer(
            (f"{serveur}, la classe", "seule", "parmi elles", "rapport"),
            (
                (une["page"], fois(une["seule"]), fois(une["parmi"]), fois(une["parmi"] / une["seule"]))
                for une in resultat["pages"]
            ),
        )


@dataclass(frozen=True)
class Lot:
    """Une façon de produire les grilles, les dossiers ou les bilans d’une classe."""

    libelle: str
    mesure: str
    genre: str
    options: Mapping[str, Any] = field(default_factory=dict)


EN_SERIE = {
    "grilles": "grilles PDF, 1 processus",
    "dossiers": "dossiers PDF, 1 processus",
    "bilans": "bilans PDF, 1 processus",
    "ouvriers": "dossiers × 3 épreuves en fond, 1 ouvrier",
}
LOTS = (
    Lot(EN_SERIE["grilles"], "tirages", "grilles", {"genre": "grilles", "processus": 1}),
    Lot("grilles PDF, 2 processus", "tirages", "grilles", {"genre": "grilles", "processus": 2}),
    Lot(EN_SERIE["dossiers"], "tirages", "dossiers", {"genre": "dossiers", "processus": 1}),
    Lot("dossiers PDF, 2 processus", "tirages", "dossiers", {"genre": "dossiers", "processus": 2}),
    Lot(EN_SERIE["ouvriers"], "ouvriers", "ouvriers", {"ouvriers": 1}),
    Lot("dossiers × 3 épreuves en fond, 2 ouvriers", "ouvriers", "ouvriers", {"ouvriers": 2}),
    Lot("grilles xlsx → PDF, un appel de LibreOffice", "libreoffice", "grilles"),
    Lot(EN_SERIE["bilans"], "tirages", "bilans", {"genre": "bilans", "processus": 1}),
    Lot("bilans PDF, 2 processus", "tirages", "bilans", {"genre": "bilans", "processus": 2}),
    Lot("bilans xlsx → PDF, un appel de LibreOffice", "libreoffice", "bilans", {"genre": "bilans"}),
)


def documents(lanceur: Lanceur) -> None:
    titre("4. Lot d’une classe : un processus neuf par mesure, mémoire de toute sa descendance")
    effectif = lanceur.taille.eleves
    resultats = meilleurs_tours(lanceur)
    lignes, remarques = [], []
    for lot in LOTS:
        quoi, resultat = f"{effectif} {lot.libelle}", resultats[lot.libelle]
        if "absent" in resultat:
            remarques.append(f"{quoi} : {resultat['absent']}")
            continue
        if "fabrication" in resultat:
            fabrication = significatif(resultat["fabrication"])
            remarques.append(f"Dont fabrication des {lot.genre} en xlsx : {fabrication} s")
        feuilles = _feuilles(resultat) if "pages" in resultat else ""
        lignes.append((quoi + feuilles, *_lot(resultat, resultats[EN_SERIE[lot.genre]])))
    imprimer(
        ("", "secondes", "rapport", "s de processeur", "rapport", "mémoire (Mo)", "rapport"),
        lignes,
    )
    for remarque in remarques:
        print(f"  {remarque}")


def _feuilles(resultat: Mapping[str, Any]) -> str:
    par_seconde = significatif(resultat["pages"] / resultat["secondes"])
    return f" ({nombre(resultat['pages'])} pages, {par_seconde} par seconde)"


def meilleurs_tours(lanceur: Lanceur) -> dict[str, dict[str, Any]]:
    """Le tour le plus rapide de chaque lot ; les lots alternent, chacun dans un processus neuf."""
    tours: dict[str, list[dict[str, Any]]] = {lot.libelle: [] for lot in LOTS}
    for _ in range(lanceur.taille.tours_de_documents):
        for lot in LOTS:
            tours[lot.libelle].append(lanceur.mesurer_avec_memoire(lot.mesure, **lot.options))
    return {
        libelle: min(resultats, key=lambda resultat: resultat.get("secondes", 0))
        for libelle, resultats in tours.items()
    }


def _lot(resultat: Mapping[str, Any], serie: Mapping[str, Any]) -> Iterator[str]:
    def compare(mesure: str) -> str:
        return fois(resultat[mesure] / serie[mesure]) if "secondes" in serie else "—"

    yield significatif(resultat["secondes"])
    yield compare("secondes")
    yield significatif(resultat["processeur"])
    yield compare("processeur")
    yield nombre(resultat["memoire"])
    yield compare("memoire")


OCCUPEE = 0.1

REGLAGES = {
    "réglages du projet": ("bench.reglages", "WAL"),
    "options par défaut de Django": ("bench.reglages_par_defaut", "DELETE"),
}


def ecrivains(lanceur: Lanceur, modele: Path) -> None:
    taille = lanceur.taille
    titre(
        f"5. Écritures simultanées sur SQLite : {taille.ecrivains} processus, "
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


def charge(lanceurs: Mapping[str, Lanceur]) -> None:
    taille = next(iter(lanceurs.values())).taille
    titre(
        f"6. Charge : {taille.enseignants} enseignants enregistrent des cases pendant "
        f"{nombre(taille.secondes_de_charge)} s, servis par gunicorn"
    )
    resultats = {serveur: lanceur.mesurer("charge") for serveur, lanceur in lanceurs.items()}
    imprimer(
        ("", "saisies", "saisies/s", "p95 (ms)", "perdues", "doublées", "« database is locked »"),
        (
            (
                serveur,
                nombre(resultat["faites"]),
                significatif(resultat["par_seconde"]),
                significatif(1000 * resultat["p95"]),
                nombre(resultat["perdues"]),
                nombre(resultat["doublees"]),
                nombre(resultat["verrouillees"]),
            )
            for serveur, resultat in resultats.items()
        ),
    )
    for resultat in resultats.values():
        for autre in resultat["autres"]:
            print(f"  Autre erreur : {autre}")


def lecteurs(lanceurs: Mapping[str, Lanceur]) -> None:
    taille = next(iter(lanceurs.values())).taille
    titre(
        f"7. Lecture : {taille.lecteurs} lecteurs redemandent la page de classe pendant "
        f"{nombre(taille.secondes_de_lecture)} s, servis par gunicorn"
    )
    for serveur, lanceur in lanceurs.items():
        imprimer(
            (serveur, "req/s", "médiane (ms)", "p99 (ms)", "autres réponses", "mémoire (Mo)"),
            (
                (
                    ligne["quoi"],
                    significatif(ligne["par_seconde"]),
                    significatif(1000 * ligne["mediane"]),
                    significatif(1000 * ligne["p99"]),
                    nombre(ligne["autres"]),
                    nombre(ligne["memoire"]),
                )
                for ligne in lanceur.mesurer("lecteurs")["lignes"]
            ),
        )


def etendue(lanceur: Lanceur) -> None:
    """Ce que coûte une page par compétence, à douze et à beaucoup ; trois fois plus au plus."""
    nombreuses = lanceur.taille.competences
    titre(f"8. Un référentiel de {nombreuses} compétences, en secondes de processeur")
    lignes = []
    for mesure in lanceur.mesurer("etendue")["lignes"]:
        petit, grand = mesure["petit"], mesure["grand"]
        if grand is None:
            lignes.append((mesure["page"], significatif(petit), "refusée, trop longue", "—"))
        else:
            par_competence = (grand / nombreuses) / (petit / mesure["competences"])
            lignes.append((mesure["page"], significatif(petit), significatif(grand), fois(par_competence)))
    imprimer(("", "12", nombre(nombreuses), "coût par compétence"), lignes)


def ecole(lanceurs: Mapping[str, Lanceur]) -> None:
    titre("9. Un établissement entier, et le rapport à la vue connectée la plus simple")
    for serveur, lanceur in lanceurs.items():
        resultat = lanceur.mesurer("ecole_pages")
        imprimer(
            (
                f"{serveur}, {nombre(resultat['saisies'])} saisies",
                *("première visite (ms de processeur)", "ms", "rapport", "en processeur", "requêtes SQL"),
            ),
            (
                (
                    ligne["page"],
                    "—" if ligne["premiere"] is None else significatif(1000 * ligne["premiere"]),
                    significatif(1000 * ligne["secondes"]),
                    fois(ligne["rapport"]),
                    fois(ligne["processeur"]),
                    nombre(ligne["requetes"]),
                )
                for ligne in resultat["lignes"]
            ),
        )
        if resultat["memoire"]:
            print(f"  Mémoire du processus, au plus haut : {nombre(resultat['memoire'])} Mo")


def depart(resultats: Iterable[Mapping[str, Any]]) -> None:
    titre("10. Un départ, en secondes de processeur")
    lignes = [
        (
            resultat["serveur"],
            significatif(resultat["batir"]),
            significatif(resultat["charger"]),
            nombre(resultat["memoire"]) if resultat["memoire"] else "—",
        )
        for resultat in resultats
    ]
    imprimer(("", "migrate, base vide", "charger l’application", "mémoire (Mo)"), lignes)


def conclure(occupation: float) -> None:
    """`occupation` : la part de la machine que prenait autre chose que le banc."""
    part = f"{nombre(100 * occupation)}\xa0%"
    if occupation > OCCUPEE:
        print(
            f"\nMachine occupée (autre chose en prenait {part}) : ces durées ne concluent rien ; seuls les "
            "rapports en processeur se lisent."
        )
    else:
        print(f"\nMachine tranquille (autre chose en prenait {part}).")


def titre(texte: str) -> None:
    print(f"\n{texte}\n{'─' * len(texte)}", flush=True)


def imprimer(titres: tuple[str, ...], lignes: Iterable[tuple[str, ...]]) -> None:
    print(f"\n{tableau(titres, lignes)}", flush=True)
