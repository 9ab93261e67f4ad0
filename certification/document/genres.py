"""Les documents d’un dossier, et les lots qui en réunissent : une table. Module pur."""

from __future__ import annotations

from dataclasses import dataclass

STYLES = ("css/niveaux.css", "css/documents.css")


@dataclass(frozen=True)
class GenreDeDocument:
    """`piece` : son mot dans un nom de fichier ; `lots` : les codes des lots dont il est."""

    code: str
    un: str
    plusieurs: str
    piece: str
    gabarit: str
    lots: tuple[str, ...] = ()
    styles: tuple[str, ...] = STYLES

    def nom(self, candidat: object, epreuve: str) -> str:
        """Nom du fichier, sans son extension : le candidat d’abord, pour que le tri d’un dossier le garde."""
        return f"{candidat} {epreuve} {self.piece}"


@dataclass(frozen=True)
class GenreDeLot:
    """`signe` : une archive, de ce qui est figé seulement."""

    code: str
    nom: str
    proces_verbal: bool = False
    signe: bool = False

    @property
    def documents(self) -> tuple[GenreDeDocument, ...]:
        return tuple(genre for genre in DOCUMENTS.values() if self.code in genre.lots)


DOCUMENTS = {
    genre.code: genre
    for genre in (
        GenreDeDocument(
            "grilles",
            "Grille d’évaluation",
            "Grilles d’évaluation",
            "grille",
            "documents/grille.html",
            ("grilles", "complet", "archive"),
        ),
        GenreDeDocument(
            "dossiers",
            "Dossier",
            "Dossiers",
            "dossier",
            "documents/dossier.html",
            ("dossiers", "complet", "archive"),
        ),
        GenreDeDocument(
            "bilans", "Fiche bilan", "Fiches bilan", "fiche bilan", "documents/fiche_bilan.html", ("bilans",)
        ),
        GenreDeDocument(
            "syntheses",
            "Synthèse",
            "Synthèses des compétences démontrées",
            "synthèse",
            "documents/synthese.html",
        ),
        GenreDeDocument(
            "origine",
            "Origine de la note",
            "Origines des notes",
            "origine de la note",
            "documents/origine.html",
            styles=(*STYLES, "css/origine-imprime.css"),
        ),
    )
}
LOTS = {
    lot.code: lot
    for lot in (
        GenreDeLot("grilles", "Grilles d’évaluation"),
        GenreDeLot("dossiers", "Dossiers"),
        GenreDeLot("bilans", "Fiches bilan"),
        GenreDeLot("complet", "Grilles et dossiers", proces_verbal=True),
        GenreDeLot("archive", "Archive signée", proces_verbal=True, signe=True),
    )
}
