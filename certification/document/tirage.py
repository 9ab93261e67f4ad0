"""Tirer les documents d'un candidat, un seul ou toute la commission, tels que `genres` les décrit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256

from django.template.loader import render_to_string

from certification.document.genres import DOCUMENTS
from certification.document.origine import origine
from certification.document.sceau import SANS_SCEAU, Sceau, sceau
from certification.dossier.grille.epreuve import GrilleEpreuve
from certification.dossier.models import VersionFigee
from certification.dossier.resultats import DossierLu
from livret.models import Entete, Trace
from trpm.impression import documents, lots
from trpm.impression.images import a_imprimer, adresse_en_ligne

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
        "origine": origine(lu) if genre == "origine" else None,
    }
    return render_to_string(DOCUMENTS[genre].gabarit, contexte)


def sceau_de(lu: DossierLu, site: str = "") -> Sceau:
    if lu.version is None:
        return SANS_SCEAU
    return sceau(lu.version.verification, lu.version.empreinte, site)


def nom_de_version(lu: DossierLu, genre: str) -> str:
    """« DURAND Léa E2 grille, version 1.pdf »"""
    version = f", version {lu.version.numero}" if lu.version else ""
    return f"{DOCUMENTS[genre].nom(lu.grille.candidat, lu.grille.epreuve.code)}{version}.pdf"


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
    tires = lots.pdfs(pages(lus, genre, site), DOCUMENTS[genre].styles, processus=processus)
    return lots.en_un(tires, DOCUMENTS[genre].plusieurs)


def archive(lu: DossierLu, genre: str, *, site: str = "") -> bytes:
    """Le document d'un dossier figé en PDF/A-3, avec l'instantané en pièce attachée, à l'octet près."""
    if lu.version is None:
        raise ValueError("Seul un dossier figé a une variante d’archive.")
    (page,) = pages([lu], genre, site)
    feuilles = [documents.feuille_de_style(chemin) for chemin in DOCUMENTS[genre].styles]
    return documents.pdf_depuis_textes(page, feuilles, archive=True, jointes=[jointe(lu.version, INSTANTANE)])


def nom_des_donnees(version: VersionFigee, grille: GrilleEpreuve) -> str:
    """Deux homonymes gardent chacun leur fichier : le numéro du dossier les distingue."""
    qui = documents.nom_de_fichier(f"{grille.candidat} {grille.epreuve.code} dossier {version.dossier_id}")
    return f"{qui} version {version.numero}.json"


def jointe(version: VersionFigee, nom: str) -> documents.Jointe:
    """L'instantané d'une version, tel qu'un PDF d'archive le porte."""
    return documents.Jointe(
        nom,
        version.contenu.encode(),
        f"Données de la version {version.numero}, SHA-256 {version.empreinte}",
        version.figee_le,
    )
