"""L'échelle et la progression des deux promotions de la démonstration (tout est inventé).

L'échelle est celle d'une équipe imaginaire : aucun texte officiel ne fixe d'attendu par semestre.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from certification.demo.ecole import Ecole
from certification.demo.inscription import heure, inscrire
from certification.demo.saisies import SCENES, Catalogue
from certification.demo.scenes import RECUL
from livret.models import (
    Attente,
    EchelleAttendue,
    PfmpPrevue,
    Sequence,
    Situation,
)

# Niveau attendu à la fin de 2de S1, 2de S2, 1re S1, 1re S2, Tle S1, Tle S2 ; « . » : pas d'attente propre.
ECHELLES = {
    "RSP": {
        "C1": "01.1.2",
        "C2": "0.1.2.",
        "C3": "01..2.",
        "C4": "0.1.2.",
        "C5": ".01.2.",
        "C6": "011223",
        "C7": "011223",
        "C8": "..1.2.",
        "C9": "..1.2.",
        "C10": ".01.2.",
        "C11": "..01.2",
        "C12": "01.2..",
    },
    "RMO": {
        "C1": "01.1.2",
        "C2": "0.1.2.",
        "C3": "01..2.",
        "C4": "0.1.2.",
        "C5": ".01.2.",
        "C6": "0.1.2.",
        "C7": "01.2..",
        "C8": "..1.2.",
        "C9": ".01223",
        "C10": ".01.2.",
        "C11": "..1.23",
        "C12": "01.2..",
    },
}
# Ce que l'équipe a corrigé en fin de 1re : version 2.
CORRECTIONS = {"RSP": {"C9": "..1..2", "C10": ".01223"}, "RMO": {"C8": "..12.."}}

# Vingt-deux semaines : (niveau, première et dernière semaine ISO).
PFMP = (("2de", 22, 27), ("1re", 20, 27), ("Tle", 41, 42), ("Tle", 45, 46), ("Tle", 3, 6))


@dataclass(frozen=True)
class Fiche:
    """Une séquence telle qu'on l'écrit. Elle évalue ce que visent ses situations (`scenes`) et travaille
    `aussi` d'autres détaillées, `taches_aussi` d'autres tâches."""

    niveau: str
    semaines: tuple[int, int]
    intitule: str
    scenes: str = ""
    aussi: str = ""
    taches_aussi: str = ""
    projet: bool = False
    auteur: str = "y.kaddour"
    description: str = ""


VH32 = Fiche(
    "Tle",
    (50, 12),
    "Projet VH-32 : trente corps de vérin, du cahier des charges à la série suivie",
    "rsp-e2-vh32 rsp-e31-vh32 rsp-e32-vh32",
    aussi="C5.5 C5.6",
    taches_aussi="A1-T6",
    projet=True,
    auteur="prof",
    description=(
        "Commande : un fabricant de matériel de levage demande trente corps de vérin VH-32 en EN AW-2017A, "
        "alésage Ø 32 H8, livrés en une fois. Comment produire une petite série conforme du premier coup, "
        "puis prouver qu’elle l’est restée ?\n\n"
        "Semaines 50 et 51, étude : lire le cahier des charges et le modèle numérique, repérer les surfaces "
        "fonctionnelles, choisir la mise en position, écrire la chronologie des phases 10 à 40.\n"
        "Semaines 1 et 2, préparation : outils et conditions de coupe, programme de la phase 20 en F.A.O. et "
        "simulation, gamme de contrôle de l’alésage. Évaluation E2 en semaine 2.\n"
        "Semaines 3 à 6, PFMP : chacun observe une fabrication en série et relève comment l’entreprise la "
        "surveille.\n"
        "Semaines 7 à 10, réalisation : montage modulaire, préréglage, origines, première pièce et "
        "corrections, par équipes de trois. Évaluation E31 en semaine 11, série lancée au planning.\n"
        "Semaine 12, suivi : prélèvements, carte de contrôle, correction d’usure, compte rendu. "
        "Évaluation E32.\n\n"
        "Production attendue : trente pièces, leur dossier de réalisation, la carte de contrôle de "
        "l’alésage et un compte rendu oral de cinq minutes par élève.\n\n"
        "Moyens : centre d’usinage trois axes, montage modulaire, banc de préréglage, logiciel de F.A.O. et "
        "simulateur, alésomètre et bague étalon, plan de surveillance.\n\n"
        "Aide et approfondissement : contrats de phase à compléter pour les élèves qui en ont besoin ; "
        "étude d’une phase 20 à deux pièces par montage pour les plus rapides."
    ),
)
PM08 = Fiche(
    "Tle",
    (8, 13),
    "Projet PM-08 : remettre en état un poinçon-matrice",
    "rmo-e31-pm08 rmo-e32-pm08 rmo-e2-pm08",
    aussi="C9.1 C9.2 C9.4 C12.3",
    taches_aussi="A2-T7",
    projet=True,
    auteur="prof",
    description=(
        "Incident : sur la presse de l’atelier, l’outil PM-08 laisse une bavure et le poinçon a flambé ; la "
        "matrice est ébréchée. L’outil doit reprendre la production dans six semaines. Que répare-t-on, que "
        "remplace-t-on, et comment éviter que cela recommence ?\n\n"
        "Semaine 8, expertise : lire la fiche d’incident et la fiche de vie, déposer et démonter l’outil, "
        "mesurer l’usure, localiser les défauts, formuler un diagnostic.\n"
        "Semaines 9 et 10, préparation : longueur guidée du poinçon, chronologie de la remise en état, "
        "programme d’électroérosion à fil simulé, planning de l’atelier d’outillage.\n"
        "Semaine 11, réalisation du poinçon de rechange : électroérosion puis rectification, retouche de "
        "l’arête, contrôle du profil. Évaluation E31.\n"
        "Semaine 12, remise en état de la matrice : rectification, recalage, remontage, essai à la presse, "
        "conformité de l’outillage assemblé. Évaluation E32.\n"
        "Semaine 13, dossier : modification du modèle, mise à jour du dossier de remise en état. "
        "Évaluation E2.\n\n"
        "Production attendue : l’outil remonté et essayé, le poinçon de rechange contrôlé, le dossier de "
        "remise en état et la fiche de vie à jour.\n\n"
        "Moyens : électroérosion à fil, rectifieuse plane, projecteur de profil, loupe binoculaire, presse "
        "mécanique avec ses protecteurs, procédure de consignation.\n\n"
        "Sécurité : aucune intervention sur la presse sans consignation ; le premier coup d’essai se fait "
        "en présence d’un enseignant."
    ),
)
PROGRESSIONS = {
    "RSP": (
        Fiche("2de", (37, 42), "Découvrir l’atelier : la cale étagée", "rsp-cale", auteur="b.roussel"),
        Fiche("2de", (45, 50), "Lire un plan : la bride de serrage", "rsp-bride-plan", "C4.2"),
        Fiche("2de", (6, 14), "Tourner un axe épaulé", "rsp-axe-epaule", "C6.3", auteur="m.lebrun"),
        Fiche("2de", (19, 21), "Préparer la première PFMP", "", "C2.1 C2.4 C3.1 C3.2 C12.3", "A3-T1 A3-T4"),
        Fiche(
            "1re",
            (36, 42),
            "Préparer en F.A.O. : le corps de vérin",
            "rsp-vh-fao",
            "C5.5",
            auteur="j.prigent",
        ),
        Fiche("1re", (45, 50), "Conduire un tour à commande numérique", "rsp-came-cn", auteur="m.lebrun"),
        Fiche("1re", (2, 6), "Contrôler et suivre sur machine à mesurer", "rsp-bride-mmt", auteur="f.diarra"),
        Fiche(
            "1re",
            (9, 14),
            "Vérin d’atelier : organiser une petite série",
            "rsp-verin-montage",
            projet=True,
            auteur="m.lebrun",
        ),
        Fiche("Tle", (36, 40), "Poulie crantée : réduire un temps de cycle", "rsp-poulie", auteur="prof"),
        Fiche(
            "Tle",
            (47, 49),
            "Maintenir son moyen de production",
            "rsp-maintenance-tour",
            "C11.5",
            auteur="f.diarra",
        ),
        VH32,
        Fiche(
            "Tle",
            (13, 16),
            "Axe de came AC-14 : modifier, fabriquer, monter",
            "rsp-e2-ac14 rsp-e31-ac14",
            projet=True,
            auteur="m.lebrun",
        ),
        Fiche("Tle", (19, 22), "Reprendre un poste et rendre compte", "rsp-e32-maintenance", auteur="prof"),
    ),
    "RMO": (
        Fiche("2de", (37, 42), "Découvrir l’atelier : la cale de réglage", "rmo-cale", auteur="b.roussel"),
        Fiche("2de", (45, 50), "Lire un plan : un outil de découpe simple", "rmo-outil-plan", "C4.2"),
        Fiche("2de", (6, 14), "Ajuster : colonnes et bagues", "rmo-colonnes", "C6.3", auteur="t.masson"),
        Fiche("2de", (19, 21), "Préparer la première PFMP", "", "C2.1 C2.4 C3.1 C3.2 C12.3", "A3-T1 A3-T4"),
        Fiche(
            "1re",
            (36, 42),
            "Poinçon profilé : gamme et électroérosion",
            "rmo-poincon-fao",
            "C5.5",
            auteur="j.prigent",
        ),
        Fiche(
            "1re",
            (45, 6),
            "La matrice : ébaucher, régler le jeu, contrôler",
            "rmo-matrice rmo-matrice-controle",
            auteur="t.masson",
        ),
        Fiche(
            "1re",
            (9, 14),
            "Bloc à colonnes : planifier et assembler",
            "rmo-bloc-colonnes",
            projet=True,
            auteur="t.masson",
        ),
        Fiche("Tle", (36, 40), "Étudier un outil à suivre", "rmo-bande", auteur="prof"),
        Fiche(
            "Tle",
            (47, 2),
            "Entretenir un outil en production, préparer un outil neuf",
            "rmo-affutage rmo-e2-equerre",
            auteur="o.castel",
        ),
        PM08,
        Fiche(
            "Tle", (14, 16), "Outil de pliage OP-21 : monter et essayer", "rmo-e31-op21", auteur="t.masson"
        ),
        Fiche("Tle", (19, 22), "Réviser un outil : l’OS-05", "rmo-e32-os05 rmo-revision", auteur="prof"),
    ),
}


def creer_progressions(ecole: Ecole) -> None:
    for option in ECHELLES:
        catalogue = Catalogue(ecole, option)
        _echelles(ecole, option, catalogue)
        _pfmp(ecole, option)
        _sequences(ecole, option, catalogue)


def _echelles(ecole: Ecole, option: str, catalogue: Catalogue) -> None:
    attendus = ECHELLES[option]
    versions = (
        (1, "Échelle de départ", attendus, datetime.date(ecole.session - 3, 9, 8)),
        (2, "Bilan de fin de 1re", attendus | CORRECTIONS[option], datetime.date(ecole.session - 1, 6, 26)),
    )
    for numero, nom, table, jour in versions:
        version = EchelleAttendue.objects.create(
            promotion=ecole.promotions[option],
            numero=numero,
            nom=nom,
            auteur=ecole.comptes["y.kaddour"],
            enregistree_le=heure(jour),
        )
        Attente.objects.bulk_create(
            Attente(
                echelle=version,
                competence=catalogue.competences[code],
                semestre=semestre,
                niveau=catalogue.niveaux[int(valeur)],
            )
            for code, valeurs in table.items()
            for semestre, valeur in enumerate(valeurs, start=1)
            if valeur != "."
        )


def _semaine(ecole: Ecole, niveau: str, semaine: int, jour: int) -> datetime.date:
    rentree = ecole.session - RECUL[niveau]
    return datetime.date.fromisocalendar(rentree if semaine > 30 else rentree + 1, semaine, jour)


def _pfmp(ecole: Ecole, option: str) -> None:
    periodes = [
        PfmpPrevue(
            promotion=ecole.promotions[option],
            debut=_semaine(ecole, niveau, premiere, 1),
            fin=_semaine(ecole, niveau, derniere, 7),
        )
        for niveau, premiere, derniere in PFMP
    ]
    inscrire(PfmpPrevue, periodes, ecole.ouverture, ecole.comptes["y.kaddour"])


def _sequences(ecole: Ecole, option: str, catalogue: Catalogue) -> None:
    scenes = {scene.cle: scene for scene in SCENES[option]}
    situations = {
        situation.intitule: situation
        for situation in Situation.objects.filter(classe__promotion=ecole.promotions[option])
    }
    for fiche in PROGRESSIONS[option]:
        evaluent = [scenes[cle] for cle in fiche.scenes.split()]
        vise, taches = (" ".join(getattr(s, nom) for s in evaluent) for nom in ("vise", "taches"))
        sequence = _sequence(ecole, option, fiche)
        for nom, codes, cibles in (
            ("taches", f"{taches} {fiche.taches_aussi}", catalogue.taches),
            ("taches_evaluees", taches, catalogue.taches),
            ("detaillees", f"{vise} {fiche.aussi}", catalogue.detaillees),
            ("detaillees_evaluees", vise, catalogue.detaillees),
            ("competences", _parents(f"{vise} {fiche.aussi}"), catalogue.competences),
            ("competences_evaluees", _parents(vise), catalogue.competences),
        ):
            _lier(sequence, nom, [cibles[code] for code in dict.fromkeys(codes.split())])
        _lier(sequence, "situations", [situations[scene.intitule] for scene in evaluent])


def _sequence(ecole: Ecole, option: str, fiche: Fiche) -> Sequence:
    sequence = Sequence(
        promotion=ecole.promotions[option],
        classe=ecole.classes[option, fiche.niveau] if fiche.description else None,
        intitule=fiche.intitule,
        nature=Sequence.Nature.PROJET if fiche.projet else Sequence.Nature.SEQUENCE,
        debut=_semaine(ecole, fiche.niveau, fiche.semaines[0], 1),
        fin=_semaine(ecole, fiche.niveau, fiche.semaines[1], 7),
        description=fiche.description,
        auteur=ecole.comptes[fiche.auteur],
    )
    inscrire(Sequence, [sequence], heure(_semaine(ecole, fiche.niveau, 37, 3)), sequence.auteur)
    return sequence


def _parents(codes: str) -> str:
    return " ".join(code.split(".")[0] for code in codes.split())


def _lier(sequence: Sequence, nom: str, cibles: list[Any]) -> None:
    """Remplit la relation sans écrire une trace par ligne."""
    lien = getattr(Sequence, nom)
    origine, cible = lien.field.m2m_field_name(), lien.field.m2m_reverse_field_name()
    lien.through.objects.bulk_create(
        lien.through(**{f"{origine}_id": sequence.pk, f"{cible}_id": une.pk}) for une in cibles
    )
