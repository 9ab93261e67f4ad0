"""Tirer les documents d'un candidat, un seul ou toute la commission : grille, dossier, bilan, synthèse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256

from django.template.loader import render_to_string

from certification.document.sceau import SANS_SCEAU, Sceau, sceau
from certification.dossier.resultats import DossierLu
from livret.models import Entete, Trace
from trpm import documents, lots
from trpm.assemblage import pdf_reunis
from trpm.images import a_imprimer, adresse_en_ligne

GENRES = {
    "grilles": "Grilles d’évaluation",
    "dossiers": "Dossiers",
    "bilans": "Fiches bilan",
    "syntheses": "Synthèses des compétences démontrées",
}
UN_SEUL = {
    "grilles": "Grille d’évaluation",
    "dossiers": "Dossier",
    "bilans": "Fiche bilan",
    "syntheses": "Synthèse",
}
GABARITS = {
    "grilles": "documents/grille.html",
    "dossiers": "documents/dossier.html",
    "bilans": "documents/fiche_bilan.html",
    "syntheses": "documents/synthese.html",
}
STYLES = ["css/niveaux.css", "css/documents.css"]
INSTANTANE = "instantane.json"


def html(
    lu: DossierLu, genre: str, images: Mapping[int, str] | None = None, *, logo: str = "", site: str = ""
) -> str:
    """`site` : adresse publique, pour le QR code d'un document figé ; à défaut, celle des réglages."""
    contexte = {
        "lu": lu,
        "grille": lu.grille,
        "version": lu.version,
        "images": images or {},
        "logo": logo,
        "sceau": sceau_de(lu, site),
    }
    return render_to_string(GABARITS[genre], contexte)


def sceau_de(lu: DossierLu, site: str = "") -> Sceau:
    if lu.version is None:
        return SANS_SCEAU
    return sceau(lu.version.verification, lu.version.empreinte, site)


def nom_de_version(lu: DossierLu, genre: str) -> str:
    """« Grille d’évaluation E2 DURAND Léa, version 1.pdf »"""
    version = f", version {lu.version.numero}" if lu.version else ""
    return f"{UN_SEUL[genre]} {lu.grille.epreuve.code} {lu.grille.candidat}{version}.pdf"


def logos(uais: set[str]) -> dict[str, str]:
    """Par UAI, le logo écrit en adresse `data:`. Une requête."""
    entetes = Entete.objects.filter(etablissement__uai__in=uais).select_related("etablissement")
    return {entete.etablissement.uai: entete.adresse for entete in entetes}


def images_citees(lus: Sequence[DossierLu]) -> dict[int, str]:
    """Par preuve, son image écrite en adresse `data:`. Une requête ; un fichier qui n'est plus celui que
    l'instantané cite (son empreinte le dit) n'est pas imprimé à sa place."""
    citees = {preuve.trace: preuve for lu in lus for preuve in lu.grille.preuves if preuve.image}
    images = {}
    for pk, trace in Trace.objects.in_bulk(citees).items():
        with suppress(OSError), trace.fichier.open() as fichier:
            contenu = fichier.read()
            if sha256(contenu).hexdigest() == citees[pk].empreinte:
                images[pk] = adresse_en_ligne(a_imprimer(contenu), "image/jpeg")
    return images


def pages(lus: Sequence[DossierLu], genre: str, site: str = "") -> list[str]:
    """Une page HTML par dossier, dans l'ordre."""
    images = images_citees(lus) if genre == "dossiers" else {}
    par_uai = logos({lu.grille.etablissement.uai for lu in lus})
    return [
        html(lu, genre, images, logo=par_uai.get(lu.grille.etablissement.uai, ""), site=site) for lu in lus
    ]


def pdf(lus: Sequence[DossierLu], genre: str, *, processus: int | None = None, site: str = "") -> bytes:
    """Un fichier pour ces dossiers, dans l'ordre ; `processus` : autant que de cœurs par défaut."""
    tires = lots.pdfs(pages(lus, genre, site), STYLES, processus=processus)
    return tires[0] if len(tires) == 1 else pdf_reunis(tires, titre=GENRES[genre])


def archive(lu: DossierLu, genre: str, *, site: str = "") -> bytes:
    """Le document d'un dossier figé en PDF/A-3, avec l'instantané en pièce attachée, à l'octet près."""
    if lu.version is None:
        raise ValueError("Seul un dossier figé a une variante d’archive.")
    jointe = documents.Jointe(
        INSTANTANE,
        lu.version.contenu.encode(),
        f"Données de la version {lu.version.numero}, SHA-256 {lu.version.empreinte}",
        lu.version.figee_le,
    )
    (page,) = pages([lu], genre, site)
    feuilles = [documents.feuille_de_style(chemin) for chemin in STYLES]
    return documents.pdf_depuis_textes(page, feuilles, archive=True, jointes=[jointe])
