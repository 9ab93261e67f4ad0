"""Le tableau de bord d'une classe, en classeur."""

from livret.personnes.models.classe import Classe
from livret.synthese.ligne import LigneLivret
from livret.synthese.livrets import Tableau
from trpm.impression.documents import Feuille, Valeur, classeur


def tableau_xlsx(classe: Classe, tableau: Tableau) -> bytes:
    """Tableau de bord de la classe : le code du meilleur niveau, « NE » sans niveau, rien hors option."""
    lignes: list[list[Valeur]] = [
        ["Nom", "Prénom", "Option", *(f"{colonne.epreuve} {colonne.code}" for colonne in tableau.colonnes)]
    ]
    for livret, competences in tableau.rangees:
        niveaux = [None if ligne is None else _niveau(ligne) for ligne in competences]
        lignes.append([livret.eleve.nom, livret.eleve.prenom_precise, livret.eleve.option.code, *niveaux])
    legende: list[list[Valeur]] = [["Code", "Signification"]]
    legende += [[degre.code, degre.libelle] for echelle in tableau.echelles for degre in echelle.degres]
    legende += [["", phrase] for phrase in tableau.correspondances]
    legende += [["NE", "non évalué"]]
    legende += [[colonne.code, colonne.intitule] for colonne in tableau.colonnes]
    return classeur(
        [
            Feuille(classe.nom, lignes, largeurs=[22, 18, 8, *[8] * len(tableau.colonnes)]),
            Feuille("Légende", legende, largeurs=[8, 90]),
        ]
    )


def _niveau(ligne: LigneLivret) -> str:
    """Le code du niveau ; celui d'une échelle que la grille ne lit pas se dit, et ne compte pas."""
    if ligne.degre or not ligne.ecartees:
        return ligne.degre.code if ligne.degre else "NE"
    return f"{ligne.ecartees[0].preuve.origine}, non compté"
