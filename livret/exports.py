"""Ce qui sort du livret : le tableau de bord vers un tableur, les bilans sur le papier."""

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.template.loader import render_to_string

from livret.bilan import Tableau
from livret.bilans_lus import BilanLu
from livret.echelle import TableEchelle
from livret.models import Classe, Entete
from trpm import lots
from trpm.assemblage import pdf_reunis
from trpm.documents import Feuille, Valeur, classeur, nom_de_fichier

STYLES_DU_BILAN = ["css/niveaux.css", "css/documents.css", "css/bilan-imprime.css"]


def tableau_xlsx(classe: Classe, tableau: Tableau) -> bytes:
    """Tableau de bord de la classe : le code du meilleur niveau, « NE » sans niveau, rien hors option."""
    lignes: list[list[Valeur]] = [
        ["Nom", "Prénom", "Option", *(f"{colonne.epreuve} {colonne.code}" for colonne in tableau.colonnes)]
    ]
    for livret, competences in tableau.rangees:
        niveaux = [
            None if ligne is None else ligne.degre.code if ligne.degre else "NE" for ligne in competences
        ]
        lignes.append([livret.eleve.nom, livret.eleve.prenom, livret.eleve.option.code, *niveaux])
    legende: list[list[Valeur]] = [["Code", "Signification"]]
    legende += [[degre.code, degre.libelle] for degre in tableau.echelle.degres]
    legende += [["NE", "non évalué"]]
    legende += [[colonne.code, colonne.intitule] for colonne in tableau.colonnes]
    return classeur(
        [
            Feuille(classe.nom, lignes, largeurs=[22, 18, 8, *[8] * len(tableau.colonnes)]),
            Feuille("Légende", legende, largeurs=[8, 90]),
        ]
    )


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


def bilans_pdf(
    lus: Sequence[BilanLu], titre: str, *, processus: int | None = None, recto_verso: bool = False
) -> bytes:
    """Un fichier pour ces bilans, dans l'ordre ; `processus` : autant que de cœurs par défaut."""
    tires = _tires(lus, processus)
    return tires[0] if len(tires) == 1 else pdf_reunis(tires, titre=titre, recto_verso=recto_verso)


def bilans_zip(lus: Sequence[BilanLu]) -> bytes:
    """Un fichier par bilan."""
    sortie = BytesIO()
    with ZipFile(sortie, "w", ZIP_DEFLATED) as archive:
        for nom, contenu in bilans_nommes(lus):
            archive.writestr(f"{nom}.pdf", contenu)
    return sortie.getvalue()


def bilans_nommes(lus: Sequence[BilanLu]) -> list[tuple[str, bytes]]:
    """Chaque bilan en PDF, sous un nom tiré de l'élève ; deux homonymes n'ont pas le même."""
    nommes, pris = [], Counter[str]()
    for lu, contenu in zip(lus, _tires(lus), strict=True):
        nom = nom_de_fichier(nom_du_bilan(lu))
        pris[nom.casefold()] += 1
        rang = pris[nom.casefold()]
        nommes.append((f"{nom} ({rang})" if rang > 1 else nom, contenu))
    return nommes


def nom_du_bilan(lu: BilanLu) -> str:
    version = f", version {lu.bilan.numero}" if lu.bilan.numero > 1 else ""
    return f"Bilan du semestre {lu.contenu.semestre}, {lu.contenu.sujet}{version}"


def _tires(lus: Sequence[BilanLu], processus: int | None = None) -> list[bytes]:
    logos = Entete.objects.logos({lu.bilan.eleve.etablissement_id for lu in lus})
    pages = [
        render_to_string(
            "documents/bilan.html",
            {"bilan": lu.bilan, "contenu": lu.contenu, "logo": logos.get(lu.bilan.eleve.etablissement_id)},
        )
        for lu in lus
    ]
    return lots.pdfs(pages, STYLES_DU_BILAN, processus=processus)
