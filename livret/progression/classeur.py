"""L'échelle de compétences d'une promotion, en classeur."""

from livret.progression.echelle import TableEchelle
from trpm.impression.documents import Feuille, Valeur, classeur


def echelle_xlsx(table: TableEchelle) -> bytes:
    """Échelle d'une promotion : une ligne par compétence, une colonne par semestre, le code du niveau."""
    lignes: list[list[Valeur]] = [["Épreuve", "Code", "Compétence", *table.semestres.values()]]
    for epreuve, _, rangs in table.groupes:
        lignes += [
            [
                epreuve,
                rang.code,
                rang.intitule,
                *(case.degre.code if case.degre else None for case in rang.cases),
            ]
            for rang in rangs
        ]
    legende: list[list[Valeur]] = [["Code", "Niveau attendu en fin de semestre"]]
    legende += [[degre.code, degre.libelle] for degre in table.echelle.degres]
    return classeur(
        [
            Feuille("Échelle de compétences", lignes, largeurs=[9, 8, 80, *[9] * len(table.semestres)]),
            Feuille("Légende", legende, largeurs=[8, 60]),
        ]
    )
