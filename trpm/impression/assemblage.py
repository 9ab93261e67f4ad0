"""Réunir des PDF en un seul, qui garde leurs balises, leur ordre et un plan pour s’y retrouver."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from django.utils.html import escape

from trpm.base.a_la_demande import ALaDemande
from trpm.impression import balises

if TYPE_CHECKING:
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

pypdf, objets = ALaDemande("pypdf"), ALaDemande("pypdf.generic")

XMP_UA = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{titre}</rdf:li></rdf:Alt></dc:title>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def pdf_reunis(
    documents: Iterable[bytes],
    *,
    titre: str = "",
    signets: Sequence[Sequence[str]] = (),
    recto_verso: bool = False,
) -> bytes:
    """Un seul fichier, dans l’ordre reçu, par exemple les dossiers d’une classe : balisé comme eux.

    `signets` : par document, son chemin dans le plan du fichier, par exemple le candidat puis la pièce ; à
    défaut, son titre. `recto_verso` : une page blanche complète un document impair qu’un autre suit.
    pypdf recopie les pages, pas l’arbre des balises : celui de chaque document est recopié ici sous une
    racine commune, et les numéros qui relient une page à ses balises sont décalés d’autant.
    """
    ensemble = pypdf.PdfWriter()
    plan: dict[tuple[str, ...], Any] = {}
    numeros, branches = objets.ArrayObject(), objets.ArrayObject()
    racine = ensemble._add_object(
        objets.DictionaryObject({objets.NameObject("/Type"): objets.NameObject("/StructTreeRoot")})
    )
    tout = ensemble._add_object(_balise("/Document", racine))
    for rang, contenu in enumerate(documents):
        if recto_verso and len(ensemble.pages) % 2:
            ensemble.add_blank_page()
        lecteur = pypdf.PdfReader(BytesIO(contenu))
        premiere = len(ensemble.pages)
        ensemble.append(lecteur, import_outline=False)
        for branche in _balises_recopiees(ensemble, lecteur, premiere, numeros):
            branche.get_object()[objets.NameObject("/P")] = tout
            branches.append(branche)
        _signet(ensemble, plan, signets[rang] if signets else _titre(lecteur), premiere)
    if branches:
        cast("DictionaryObject", tout.get_object())[objets.NameObject("/K")] = branches
        _baliser(ensemble, racine, tout, numeros)
        _annoncer(ensemble, titre)
    ensemble.add_metadata({"/Title": titre, "/Producer": "WeasyPrint, pypdf"})
    sortie = _Sortie()
    ensemble.write(sortie)
    return sortie.getvalue()


class _Sortie(BytesIO):
    """pypdf y écrit un flux, puis sa fin : un retour chariot les sépare s’il le faut (`balises`)."""

    dernier = b""

    def write(self, octets: Any) -> int:
        if octets == balises.FIN_DE_FLUX and self.dernier == b"\r":
            super().write(b"\r")
        self.dernier = bytes(octets[-1:]) or self.dernier
        return super().write(octets)


def _balises_recopiees(
    ensemble: PdfWriter, lecteur: PdfReader, premiere: int, numeros: ArrayObject
) -> Iterable[Any]:
    """Les balises d’un document, recopiées ; `numeros` reçoit celles de chacune de ses pages."""
    arbre = lecteur.root_object.get("/StructTreeRoot")
    if arbre is None:
        return ()
    decalage = 1 + max((int(numero) for numero in numeros[::2]), default=-1)
    copie: Any = arbre.get_object().clone(ensemble)
    for source, page in zip(lecteur.pages, ensemble.pages[premiere:], strict=True):
        _decaler(source, page, "/StructParents", decalage)
        for origine, annotation in zip(source.get("/Annots", ()), page.get("/Annots", ()), strict=True):
            _decaler(origine.get_object(), annotation.get_object(), "/StructParent", decalage)
    parents = copie["/ParentTree"].get_object()["/Nums"]
    for numero, elements in zip(parents[::2], parents[1::2], strict=True):
        numeros += [objets.NumberObject(int(numero) + decalage), elements]
    return _liste(copie["/K"])


def _titre(lecteur: PdfReader) -> tuple[str, ...]:
    titre = lecteur.metadata.title if lecteur.metadata else None
    return (titre,) if titre else ()


def _signet(ensemble: PdfWriter, plan: dict[tuple[str, ...], Any], chemin: Sequence[str], page: int) -> None:
    """Chaque étape du chemin devient une ligne du plan, ouverte une seule fois."""
    for profondeur in range(1, len(chemin) + 1):
        cle = tuple(chemin[:profondeur])
        if cle not in plan or profondeur == len(chemin):
            plan[cle] = ensemble.add_outline_item(title=cle[-1], page_number=page, parent=plan.get(cle[:-1]))


def _annoncer(ensemble: PdfWriter, titre: str) -> None:
    ensemble.xmp_metadata = XMP_UA.format(titre=escape(titre)).encode()
    donnees = cast("DictionaryObject", ensemble.root_object["/Metadata"])
    donnees[objets.NameObject("/Type")], donnees[objets.NameObject("/Subtype")] = (
        objets.NameObject("/Metadata"),
        objets.NameObject("/XML"),
    )


def _balise(role: str, parent: IndirectObject) -> DictionaryObject:
    return objets.DictionaryObject(
        {
            objets.NameObject("/Type"): objets.NameObject("/StructElem"),
            objets.NameObject("/S"): objets.NameObject(role),
            objets.NameObject("/P"): parent,
        }
    )


def _liste(valeur: Any) -> Iterable[Any]:
    objet = valeur.get_object()
    return objet if isinstance(objet, objets.ArrayObject) else [valeur]


def _decaler(source: Any, copie: Any, cle: str, decalage: int) -> None:
    if cle in source:
        copie[objets.NameObject(cle)] = objets.NumberObject(int(source[cle]) + decalage)


def _baliser(ensemble: PdfWriter, racine: IndirectObject, tout: IndirectObject, numeros: ArrayObject) -> None:
    """Le catalogue d’un PDF balisé, en français, qui s’ouvre sur son titre."""
    arbre = cast("DictionaryObject", racine.get_object())
    arbre[objets.NameObject("/K")] = objets.ArrayObject([tout])
    arbre[objets.NameObject("/ParentTree")] = ensemble._add_object(
        objets.DictionaryObject({objets.NameObject("/Nums"): numeros})
    )
    suivant = 1 + max((int(numero) for numero in numeros[::2]), default=-1)
    arbre[objets.NameObject("/ParentTreeNextKey")] = objets.NumberObject(suivant)
    catalogue = ensemble.root_object
    catalogue[objets.NameObject("/StructTreeRoot")] = racine
    catalogue[objets.NameObject("/MarkInfo")] = objets.DictionaryObject(
        {objets.NameObject("/Marked"): objets.BooleanObject(True)}
    )
    catalogue[objets.NameObject("/Lang")] = objets.TextStringObject("fr")
    catalogue[objets.NameObject("/ViewerPreferences")] = objets.DictionaryObject(
        {objets.NameObject("/DisplayDocTitle"): objets.BooleanObject(True)}
    )
