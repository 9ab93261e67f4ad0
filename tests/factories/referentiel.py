"""Un petit diplôme à deux options, et le TRPM."""

from decimal import Decimal
from json import loads
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from referentiel.models import (
    Activite,
    Bloc,
    Coefficient,
    Competence,
    Detaillee,
    Echelle,
    Epreuve,
    Grille,
    IntituleActivite,
    Modalite,
    Niveau,
    Option,
    Poids,
    Referentiel,
    Statut,
    Tache,
    Voie,
)
from tests.moulage import mouler

SESSION = 2026


FICHIER_TRPM = Path(settings.BASE_DIR) / "fixtures" / "trpm.json"
FICHIER_A_CRITERES = Path(__file__).parents[1] / "referentiel" / "criteres.json"


OPTIONS = {"USI": "usinage", "OUT": "outillage"}


EPREUVES = {"EP1": "Préparer", "EP2": "Réaliser", "EP3": "Suivre"}


COMPETENCES = {
    "C1": ("EP1", "Lire un plan", {"USI": 3, "OUT": 2}),
    "C2": ("EP1", "Choisir un procédé", {"USI": 1, "OUT": 2}),
    "C3": ("EP2", "Régler une machine", {"USI": 2, "OUT": 1}),
    "C4": ("EP2", "Assembler un ensemble", {"USI": 2, "OUT": 3}),
    "C5": ("EP3", "Rendre compte", {"USI": 1, "OUT": 1}),
}


DETAILLEES = (
    ("C1", "C1.1", "Repérer les surfaces", None),
    ("C1", "C1.2", "Décoder les tolérances", None),
    ("C2", "C2.1", "Comparer deux procédés", None),
    ("C3", "C3.1", "Vérifier la pièce", "USI"),
    ("C3", "C3.1", "Vérifier l’outillage", "OUT"),
    ("C3", "C3.2", "Régler les jauges", None),
    ("C4", "C4.1", "Assembler", None),
    ("C4", "C4.2", "Corriger l’assemblage", "OUT"),
    ("C5", "C5.1", "Rédiger un compte rendu", None),
    ("C5", "C5.2", "Présenter un compte rendu", None),
)


TACHES = (
    ("A1", "A1-T1", "Étudier le dossier", None),
    ("A1", "A1-T2", "Préparer la gamme", None),
    ("A2", "A2-T1", "Produire une pièce", "USI"),
    ("A2", "A2-T1", "Produire un outillage", "OUT"),
    ("A3", "A3-T1", "Suivre la fabrication", None),
)


ACTIVITES = {
    "A1": ("Préparation", "EP1", ("C1", "C2")),
    "A2": ("Réalisation", "EP2", ("C3", "C4")),
    "A3": ("Suivi", "EP3", ("C5",)),
}


NIVEAUX = (
    ("0", "Non maîtrisé", "vide"),
    ("1", "Insuffisamment maîtrisé", "quart"),
    ("2", "Partiellement maîtrisé", "demi"),
    ("3", "Bien maîtrisé", "plein"),
)


def referentiel(code: str = "ESSAI", version: str = "1") -> Referentiel:
    """Petit diplôme inventé : 2 options, 3 épreuves, 5 compétences, 10 détaillées, niveaux 0 à 3.

    Poids d'USI : C1 3, C2 1 (EP1) ; C3 2, C4 2 (EP2) ; C5 1 (EP3). Poids d'OUT : C1 2, C2 2 ;
    C3 1, C4 3 ; C5 1. `C3.1` existe dans chaque option, `C4.2` en OUT seulement. Statuts :
    `scolaire` (voie R1, CCF) et `hors-contrat` (voie R2, ponctuel).
    """
    diplome = Referentiel.objects.create(
        code=code,
        version=version,
        intitule="Baccalauréat professionnel d’essai",
        semaines_pfmp=22,
        annees=["2de", "1re", "Tle"],
        commission=loads(FICHIER_TRPM.read_bytes())["commission"],
    )
    options = {
        option: Option.objects.create(referentiel=diplome, code=option, intitule=intitule, ordre=rang)
        for rang, (option, intitule) in enumerate(OPTIONS.items())
    }
    voies = {
        voie: Voie.objects.create(referentiel=diplome, code=voie, intitule=intitule, ordre=rang)
        for rang, (voie, intitule) in enumerate({"R1": "Voie scolaire", "R2": "Voie hors contrat"}.items())
    }
    Statut.objects.bulk_create(
        [
            Statut(
                referentiel=diplome,
                voie=voies["R1"],
                code="scolaire",
                intitule="Scolaire sous contrat",
                lsl=True,
            ),
            Statut(
                referentiel=diplome,
                voie=voies["R2"],
                code="hors-contrat",
                intitule="Scolaire hors contrat",
                ordre=1,
            ),
        ]
    )
    epreuves = _epreuves(diplome, options, voies)
    competences = _competences(diplome, options)
    _activites(diplome, options, epreuves, competences)
    _grille(diplome, options, epreuves, competences)
    return diplome


def _epreuves(diplome: Referentiel, options: dict[str, Option], voies: dict[str, Voie]) -> dict[str, Epreuve]:
    epreuves = {}
    for rang, (code, intitule) in enumerate(EPREUVES.items()):
        bloc = Bloc.objects.create(
            referentiel=diplome, code=f"BC0{rang + 1}", intitule=intitule, unite=f"U{rang + 1}", ordre=rang
        )
        epreuves[code] = Epreuve.objects.create(
            referentiel=diplome, code=code, intitule=intitule, bloc=bloc, unite=bloc.unite, ordre=rang
        )
        Modalite.objects.bulk_create(
            [
                Modalite(bloc=bloc, voie=voies["R1"], ccf=True, forme="CCF"),
                Modalite(bloc=bloc, voie=voies["R2"], ccf=False, forme="ponctuel pratique", duree="4 h"),
            ]
        )
    Coefficient.objects.bulk_create(
        [
            Coefficient(epreuve=epreuve, option=option, valeur=Decimal(2 + epreuve.ordre + option.ordre))
            for epreuve in epreuves.values()
            for option in options.values()
        ]
    )
    return epreuves


def _competences(diplome: Referentiel, options: dict[str, Option]) -> dict[str, Competence]:
    competences = {
        code: Competence.objects.create(
            referentiel=diplome,
            code=code,
            intitule=intitule,
            nature=Competence.Nature.TRANSVERSALE if code == "C5" else Competence.Nature.SPECIFIQUE,
            ordre=rang,
        )
        for rang, (code, (_, intitule, _)) in enumerate(COMPETENCES.items())
    }
    Detaillee.objects.bulk_create(
        [
            Detaillee(
                competence=competences[competence],
                code=code,
                intitule=intitule,
                option=options.get(option or ""),
                ordre=rang,
            )
            for rang, (competence, code, intitule, option) in enumerate(DETAILLEES)
        ]
    )
    return competences


def _activites(
    diplome: Referentiel,
    options: dict[str, Option],
    epreuves: dict[str, Epreuve],
    competences: dict[str, Competence],
) -> None:
    activites = {}
    for rang, (code, (intitule, epreuve, mobilisees)) in enumerate(ACTIVITES.items()):
        activites[code] = Activite.objects.create(
            referentiel=diplome, code=code, intitule=intitule, bloc=epreuves[epreuve].bloc, ordre=rang
        )
        activites[code].competences.set([competences[competence] for competence in mobilisees])
    IntituleActivite.objects.create(
        activite=activites["A2"], option=options["OUT"], intitule="Réalisation d’un outillage"
    )
    Tache.objects.bulk_create(
        [
            Tache(
                activite=activites[activite],
                code=code,
                intitule=intitule,
                option=options.get(option or ""),
                ordre=rang,
            )
            for rang, (activite, code, intitule, option) in enumerate(TACHES)
        ]
    )


def _grille(
    diplome: Referentiel,
    options: dict[str, Option],
    epreuves: dict[str, Epreuve],
    competences: dict[str, Competence],
) -> None:
    echelle = Echelle.objects.create(referentiel=diplome, code="quatre", intitule="Quatre niveaux")
    Niveau.objects.bulk_create(
        [
            Niveau(echelle=echelle, code=code, valeur=valeur, libelle=libelle, symbole=symbole)
            for valeur, (code, libelle, symbole) in enumerate(NIVEAUX)
        ]
    )
    grille = Grille.objects.create(
        referentiel=diplome,
        version="1",
        intitule="Grille d’essai",
        echelle=echelle,
        mention_ponderation="pondération d’essai",
    )
    Poids.objects.bulk_create(
        [
            Poids(
                grille=grille,
                epreuve=epreuves[epreuve],
                competence=competences[code],
                option=options[option],
                valeur=valeur,
            )
            for code, (epreuve, _, poids) in COMPETENCES.items()
            for option, valeur in poids.items()
        ]
    )


def trpm() -> Referentiel:
    """Le référentiel officiel, par l'importeur, comme en service."""
    return mouler("trpm", lambda: _importe(FICHIER_TRPM, "TRPM"))


def a_criteres() -> Referentiel:
    """Un diplôme inventé dont la dernière grille positionne des critères."""
    return mouler("criteres", lambda: _importe(FICHIER_A_CRITERES, "CRITERES"))


def _importe(fichier: Path, code: str) -> Referentiel:
    call_command("importer_referentiel", str(fichier), verbosity=0)
    return Referentiel.objects.get(code=code)


def niveau(referentiel: Referentiel, valeur: int) -> Niveau:
    return Niveau.objects.get(echelle__referentiel=referentiel, valeur=valeur)
