"""Le tableau de bord d'une classe, en classeur."""

from livret.personnes.models.classe import Classe
from livret.synthese.ligne import CaseTableau
from livret.synthese.tableau import Tableau
from trpm.impression.documents import Feuille, Valeur, classeur, table_csv


def tableau_xlsx(classe: Classe, tableau: Tableau) -> bytes:
    """Tableau de bord de la classe : le code du meilleur niveau, « NE » sans niveau, rien hors option."""
    legende: list[list[Valeur]] = [["Code", "Signification"]]
    legende += [[degre.code, degre.libelle] for echelle in tableau.echelles for degre in echelle.degres]
    legende += [["", phrase] for phrase in tableau.correspondances]
    legende += [["NE", "non évalué"]]
    legende += [[colonne.code, colonne.intitule] for colonne in tableau.colonnes]
    return classeur(
        [
            Feuille(classe.nom, lignes_du(tableau), largeurs=[22, 18, 8, *[8] * len(tableau.colonnes)]),
            Feuille("Légende", legende, largeurs=[8, 90]),
        ]
    )


def lignes_du(tableau: Tableau) -> list[list[Valeur]]:
    lignes: list[list[Valeur]] = [
        ["Nom", "Prénom", "Option", *(f"{colonne.epreuve} {colonne.code}" for colonne in tableau.colonnes)]
    ]
    for livret, competences in tableau.rangees:
        niveaux = [None if ligne is None else _niveau(ligne) for ligne in competences]
        lignes.append([livret.eleve.nom, livret.eleve.prenom_precise, livret.eleve.option.code, *niveaux])
    return lignes


def tableau_csv(classe: Classe, tableau: Tableau) -> bytes:
    """Le même en texte séparé, une ligne d'en-tête et une par élève, que reconnaissent par le nom, le prénom,
    la naissance et la classe les logiciels de vie scolaire (DOMAINE.md, section 8)."""
    entete, *rangees = lignes_du(tableau)
    identite: list[Valeur] = ["Nom", "Prénom", "Date de naissance", "Classe"]
    lignes = [[*identite, *entete[2:]]]
    for (livret, _), (_, _, *suite) in zip(tableau.rangees, rangees, strict=True):
        eleve = livret.eleve
        lignes.append([eleve.nom, eleve.prenom, eleve.naissance, classe.nom, *suite])
    return table_csv(lignes)


def _niveau(case: CaseTableau) -> str:
    """Le code du niveau ; celui d'une échelle que la grille ne lit pas se dit, et ne compte pas."""
    if case.degre or not case.ecarte:
        return case.degre.code if case.degre else "NE"
    return f"{case.origine}, non compté"
