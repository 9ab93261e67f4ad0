"""Calcule la note d'une épreuve depuis un fichier de référentiel, sans base de données."""

import json
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from certification.notation import (
    Bareme,
    Ligne,
    Note,
    Provisoire,
    explication,
    note_epreuve,
)
from referentiel.arrondi import Arrondi
from referentiel.echelle import codes_a_dire
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.lecture import Document, GrilleLue, lire

NON_EVALUE = "NE"
Valeur = TypeVar("Valeur")


class Command(BaseCommand):
    help = "Calcule la note d’une épreuve et l’explique : note fixtures/trpm.json RSP E31 C6=2 C7=2 C8=1 C9=3"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fichier", help="fichier JSON du référentiel")
        parser.add_argument("option", help="code de l’option, par exemple RSP")
        parser.add_argument("epreuve", help="code de l’épreuve, par exemple E31")
        parser.add_argument(
            "niveaux", nargs="*", metavar="C6=2", help="niveau de chaque compétence, ou critère"
        )
        parser.add_argument("--grille", help="version de grille (la plus récente par défaut)")
        parser.add_argument("--bonus", default="0", help="bonus en points, si la grille en admet un")
        parser.add_argument("--json", action="store_true", help="un seul objet JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        document = _document(options["fichier"])
        grille = _choix(document.grilles, options["grille"] or document.grille_par_defaut.version, "grille")
        _choix(document.options, options["option"], "option")
        _choix(document.epreuves, options["epreuve"], "épreuve")
        bareme = _bareme(document, grille, options["epreuve"], options["option"])
        try:
            note = note_epreuve(bareme, _niveaux(grille, options["niveaux"]), _bonus(options["bonus"]))
        except ValueError as erreur:
            raise CommandError(str(erreur)) from erreur
        if options["json"]:
            self.stdout.write(json.dumps(_objet(note), ensure_ascii=False))
            return
        self.stdout.write(f"{options['epreuve']} {document.epreuves[options['epreuve']]}")
        self.stdout.write(
            f"Option {options['option']}, {document.code} {document.version}, {grille.intitule}"
        )
        codes = codes_a_dire((niveau.code, niveau.valeur) for niveau in grille.niveaux)
        for ligne in explication(note, codes):
            self.stdout.write(ligne)


def _document(chemin: str) -> Document:
    try:
        return lire(chemin)
    except FileNotFoundError as erreur:
        raise CommandError(f"Le fichier {chemin} n’existe pas.") from erreur
    except OSError as erreur:
        raise CommandError(f"Le fichier {chemin} ne se lit pas.") from erreur
    except FichierInvalide as erreur:
        fautes = "\n".join(str(faute) for faute in erreur.fautes)
        raise CommandError(f"Le fichier {chemin} n’est pas un référentiel valide.\n{fautes}") from erreur


def _choix(possibles: dict[str, Valeur], code: str, nom: str) -> Valeur:
    if code not in possibles:
        raise CommandError(f"« {code} » n’est pas une {nom} de ce fichier. Choix : {', '.join(possibles)}.")
    return possibles[code]


def _bareme(document: Document, grille: GrilleLue, epreuve: str, option: str) -> Bareme:
    poids = document.poids(grille.version, epreuve, option)
    if not poids:
        notees = [code for code in document.epreuves if document.poids(grille.version, code, option)]
        raise CommandError(
            f"L’épreuve {epreuve} ne porte aucune compétence en option {option}. "
            f"Choix : {', '.join(notees) or 'aucune épreuve'}."
        )
    arrondi = Arrondi.du_code(grille.arrondi)
    criteres = document.criteres(grille.version, option)
    par_competence = tuple((code, tuple(criteres[code].items())) for code in poids if grille.criteres)
    return Bareme(epreuve, tuple(poids.items()), grille.niveau_max, arrondi, grille.bonus_max, par_competence)


def _niveaux(grille: GrilleLue, saisies: list[str]) -> dict[str, int | None]:
    valeurs: dict[str, int | None] = {niveau.code: niveau.valeur for niveau in grille.niveaux}
    niveaux: dict[str, int | None] = {}
    for saisie in saisies:
        evalue, egal, code = saisie.partition("=")
        if not egal or not evalue:
            raise CommandError(f"« {saisie} » ne se comprend pas : écrivez par exemple C6=2.")
        if evalue in niveaux:
            raise CommandError(f"{evalue} est donné deux fois. Gardez un seul niveau.")
        if code != NON_EVALUE and code not in valeurs:
            choix = ", ".join([*valeurs, NON_EVALUE])
            raise CommandError(f"« {code} » n’est pas un niveau pour {evalue}. Choix : {choix}.")
        niveaux[evalue] = valeurs.get(code)
    return niveaux


def _bonus(saisie: str) -> Fraction:
    try:
        return Fraction(Decimal(saisie.replace(",", ".")))
    except (InvalidOperation, ValueError, OverflowError) as erreur:
        raise CommandError(f"« {saisie} » n’est pas un nombre de points. Exemple : 0,5.") from erreur


def _objet(note: Note) -> dict[str, Any]:
    return {
        "epreuve": note.bareme.epreuve,
        "complete": note.complete,
        "brute": None if note.brute is None else str(note.brute),
        "calculee": None if note.calculee is None else str(note.calculee),
        "arrondi": note.bareme.arrondi.code,
        "manquantes": list(note.manquantes),
        "provisoires": {
            "sur_evaluees": _provisoire(note.sur_evaluees),
            "avec_zero": _provisoire(note.avec_zero),
        },
        "competences": [
            {
                "code": ligne.competence,
                "poids": str(ligne.poids),
                "part": str(ligne.part),
                "niveau": ligne.niveau,
            }
            | (_criteres(ligne) if ligne.criteres else {})
            for ligne in note.lignes
        ],
    }


def _criteres(ligne: Ligne) -> dict[str, Any]:
    return {
        "valeur": None if ligne.valeur is None else str(ligne.valeur),
        "criteres": [
            {"code": une.critere, "poids": str(une.poids), "part": str(une.part), "niveau": une.niveau}
            for une in ligne.criteres
        ],
    }


def _provisoire(provisoire: Provisoire | None) -> dict[str, str] | None:
    if provisoire is None:
        return None
    return {"brute": str(provisoire.brute), "calculee": str(provisoire.calculee)}
