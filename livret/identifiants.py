"""Identifiants officiels : UAI, INE (module pur). Sources : DOMAINE.md section 8, Q41, Q42."""

import re

LETTRES_UAI = "ABCDEFGHJKLMNPRSTUVWXYZ"
MOTIF_UAI = re.compile(r"\d{7}[A-Z]")
MOTIFS_INE = {
    "RNIE": re.compile(r"[0-9]{9}[A-HJK]{2}"),
    "BEA": re.compile(r"\d{10}[A-HJ-NPR-Z]"),
    "base 36": re.compile(r"[0-9A-Z]{10}\d"),
    "apprentissage (SIFA)": re.compile(r"\d{4}A\d{5}[A-HJ-NPR-Z]"),
    "provisoire": re.compile(r"\d{4}D\d{5}[A-HJ-NPR-Z]"),
}


def lettre_uai(numero: str) -> str:
    """Lettre de contrôle d'un UAI, calculée sur ses sept chiffres (`0400740` donne `M`)."""
    return LETTRES_UAI[int(numero) % 23]


def faute_uai(uai: str) -> str:
    """Phrase disant ce qui ne va pas dans un UAI, ou chaîne vide s'il est juste."""
    if not MOTIF_UAI.fullmatch(uai):
        return f"« {uai} » n’est pas un UAI : il faut sept chiffres puis une lettre, par exemple 0400740M."
    attendue = lettre_uai(uai[:7])
    if uai[7] != attendue:
        return f"La lettre de contrôle de l’UAI « {uai} » est fausse : {uai[:7]} attend {attendue}."
    return ""


def ine_normalise(brut: str) -> str:
    """INE en majuscules, sans espaces."""
    return re.sub(r"\s+", "", brut).upper()


def ine_reconnu(ine: str) -> bool:
    """Vrai si l'INE suit l'un des cinq motifs connus. Aucune clé n'est vérifiée (Q41)."""
    return any(motif.fullmatch(ine) for motif in MOTIFS_INE.values())
