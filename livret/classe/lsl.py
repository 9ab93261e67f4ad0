"""La table que l'on recopie dans LSL Pro : un degré par élève et par compétence (Q39, Q40)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from livret.synthese.livrets import Livret
from trpm.documents import Feuille, Valeur, classeur

LSL = ("nom", "prénom", "INE", "compétence", "degré")
NON_EVALUEE = "NE"


def degres_par_defaut(livrets: Iterable[Livret]) -> dict[int | None, str]:
    """Degré de chaque niveau : sa valeur plus un ; sans niveau, « NE »."""
    valeurs = {degre.valeur for livret in livrets for degre in livret.echelle.degres}
    return {None: NON_EVALUEE, **{valeur: str(valeur + 1) for valeur in valeurs}}


def table_lsl(livrets: Iterable[Livret], degres: Mapping[int | None, str]) -> list[list[Valeur]]:
    """Une ligne par élève et par compétence ; une compétence sans niveau est dite non évaluée."""
    lignes: list[list[Valeur]] = [[*LSL]]
    for livret in livrets:
        vues = {ligne.code: ligne for ligne in reversed(livret.lignes)}
        for code in dict.fromkeys(ligne.code for ligne in livret.lignes):
            ligne, eleve = vues[code], livret.eleve
            degre = degres[ligne.valeur]
            lignes.append([eleve.nom, eleve.prenom, eleve.ine, f"{code} {ligne.intitule}", degre])
    return lignes


def lsl_xlsx(lignes: list[list[Valeur]]) -> bytes:
    return classeur([Feuille("Aide à la saisie LSL Pro", lignes, largeurs=[24, 20, 14, 60, 8])])
