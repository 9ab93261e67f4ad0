"""Les bilans d'une classe ou d'un élève, sur le papier."""

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.template.loader import render_to_string

from livret.bilan.lus import BilanLu
from livret.personnes.entete import Entete
from trpm.impression import lots
from trpm.impression.documents import nom_de_fichier

STYLES_DU_BILAN = ["css/niveaux.css", "css/documents.css", "css/bilan-imprime.css"]


def bilans_pdf(
    lus: Sequence[BilanLu], titre: str, *, processus: int | None = None, recto_verso: bool = False
) -> bytes:
    """Un fichier pour ces bilans, dans l'ordre ; `processus` : autant que de cœurs par défaut."""
    return lots.en_un(_tires(lus, processus), titre, recto_verso=recto_verso)


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
    qui = f"{lu.contenu.sujet}{lu.bilan.eleve.precision}"
    return f"Bilan du semestre {lu.contenu.semestre}, {qui}{version}"


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
