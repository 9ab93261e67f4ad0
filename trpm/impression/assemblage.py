"""Réunir des PDF en un seul, qui garde leurs balises, leur ordre et un plan pour s’y retrouver."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.utils.html import escape

from trpm.base.a_la_demande import ALaDemande

if TYPE_CHECKING:
    from pikepdf import Name, OutlineItem, Pdf

pikepdf = ALaDemande("pikepdf")

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
    """
    ensemble = Assemblage()
    plan: dict[tuple[str, ...], OutlineItem] = {}
    for rang, contenu in enumerate(documents):
        if recto_verso and ensemble.nombre % 2:
            ensemble.page_blanche()
        premiere = ensemble.nombre
        source = ensemble.ajouter(contenu)
        _signet(ensemble.signets, plan, signets[rang] if signets else _titre(source), premiere)
    return ensemble.octets(titre)


def pdf_cousu(morceaux: Iterable[tuple[bytes, Sequence[int]]], numeros: Any, *, titre: str) -> bytes:
    """Un document mis en page par morceaux, redevenu un seul : un plan, un pied numéroté de bout en bout.

    Chaque morceau vient avec la profondeur de ses titres, dans l’ordre ; `numeros` rend, pour tant de
    pages, un PDF qui ne porte que leurs numéros.
    """
    ensemble = Assemblage()
    ouverts: list[OutlineItem] = []
    for contenu, profondeurs in morceaux:
        premiere = ensemble.nombre
        source = ensemble.ajouter(contenu, a_plat=True)
        with source.open_outline() as plan:
            titres = [(un.title, _page(source, un)) for un in _a_la_suite(plan.root)]
        for (intitule, page), profondeur in zip(titres, profondeurs, strict=True):
            del ouverts[profondeur - 1 :]
            signet = pikepdf.OutlineItem(intitule, premiere + page)
            (ouverts[-1].children if ouverts else ensemble.signets).append(signet)
            ouverts.append(signet)
    ensemble.numeroter(numeros(ensemble.nombre))
    return ensemble.octets(titre)


class Assemblage:
    """Le fichier que l’on compose. qpdf copie les pages ; l’arbre des balises de chaque document l’est ici,
    sous une racine commune, et les numéros qui relient une page à ses balises sont décalés d’autant."""

    def __init__(self) -> None:
        self._pdf = pikepdf.Pdf.new()
        self._racine = self._pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot))
        self._tout = self._balise("/Document", self._racine)
        self._branches: list[Any] = []
        self._numeros: list[Any] = []
        self._suivant = 0
        self.signets: list[OutlineItem] = []

    @property
    def nombre(self) -> int:
        return len(self._pdf.pages)

    def ajouter(self, contenu: bytes, *, a_plat: bool = False) -> Pdf:
        """Rend le document, à ne pas retenir : réunir ne coûte la mémoire que de ce que l’on compose.

        `a_plat` : ce n’est qu’un morceau, ses balises sont celles du document entier.
        """
        source = pikepdf.open(BytesIO(contenu))
        premiere = self.nombre
        self._pdf.pages.extend(source.pages)
        if pikepdf.Name.StructTreeRoot in source.Root:
            branches = self._balises(source, premiere)
            if a_plat:
                branches = list(chain.from_iterable(_liste(une.K) for une in branches))
            for branche in branches:
                branche.P = self._tout
            self._branches += branches
        return source

    def page_blanche(self) -> None:
        *_, largeur, hauteur = (float(cote) for cote in self._pdf.pages[-1].mediabox.as_list())
        self._pdf.add_blank_page(page_size=(largeur, hauteur))

    def numeroter(self, numeros: bytes) -> None:
        """Pose sur chaque page la page de même rang, comme un artéfact : un lecteur d’écran ne la dit pas."""
        source = pikepdf.open(BytesIO(numeros))
        for page, numero in zip(self._pdf.pages, source.pages, strict=True):
            forme = self._pdf.copy_foreign(numero.as_form_xobject())
            nom = page.add_resource(forme, pikepdf.Name.XObject)
            page.contents_add(b"q\n", prepend=True)
            pose = (
                b"\nQ\n/Artifact <</Type /Pagination /Subtype /Footer>> BDC\n%s Do\nEMC" % str(nom).encode()
            )
            page.contents_add(pose)

    def octets(self, titre: str) -> bytes:
        if self._branches:
            self._baliser(titre)
        with self._pdf.open_outline() as plan:
            plan.root.extend(self.signets)
        self._pdf.docinfo["/Title"] = titre
        self._pdf.docinfo["/Producer"] = "WeasyPrint, qpdf"
        sortie = BytesIO()
        self._pdf.save(
            sortie,
            min_version="1.7",
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
        return sortie.getvalue()

    def _balises(self, source: Pdf, premiere: int) -> list[Any]:
        """Les balises d’un document, recopiées, et celles de chacune de ses pages."""
        decalage = self._suivant
        copie = self._pdf.copy_foreign(source.Root.StructTreeRoot)
        for page in self._pdf.pages[premiere:]:
            _decaler(page.obj, pikepdf.Name.StructParents, decalage)
            for annotation in page.obj.get("/Annots", ()):
                _decaler(annotation, pikepdf.Name.StructParent, decalage)
        parents = list(copie.ParentTree.Nums)
        for numero, elements in zip(parents[::2], parents[1::2], strict=True):
            self._numeros += [int(numero) + decalage, elements]
            self._suivant = max(self._suivant, int(numero) + decalage + 1)
        return _liste(copie.K)

    def _balise(self, role: str, parent: Any) -> Any:
        return self._pdf.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name(role), P=parent)
        )

    def _baliser(self, titre: str) -> None:
        """Le catalogue d’un PDF balisé, en français, qui s’ouvre sur son titre."""
        self._tout.K = pikepdf.Array(self._branches)
        self._racine.K = pikepdf.Array([self._tout])
        self._racine.ParentTree = self._pdf.make_indirect(
            pikepdf.Dictionary(Nums=pikepdf.Array(self._numeros))
        )
        self._racine.ParentTreeNextKey = self._suivant
        catalogue = self._pdf.Root
        catalogue.StructTreeRoot = self._racine
        catalogue.MarkInfo = pikepdf.Dictionary(Marked=True)
        catalogue.Lang = pikepdf.String("fr")
        catalogue.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        donnees = XMP_UA.format(titre=escape(titre)).encode()
        catalogue.Metadata = self._pdf.make_stream(
            donnees, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
        )


def _titre(source: Pdf) -> tuple[str, ...]:
    titre = str(source.docinfo.get("/Title", ""))
    return (titre,) if titre else ()


def _signet(
    racine: list[OutlineItem], plan: dict[tuple[str, ...], OutlineItem], chemin: Sequence[str], page: int
) -> None:
    """Chaque étape du chemin devient une ligne du plan, ouverte une seule fois."""
    for profondeur in range(1, len(chemin) + 1):
        cle = tuple(chemin[:profondeur])
        if cle not in plan or profondeur == len(chemin):
            plan[cle] = pikepdf.OutlineItem(cle[-1], page)
            (plan[cle[:-1]].children if cle[:-1] else racine).append(plan[cle])


def _a_la_suite(signets: Iterable[OutlineItem]) -> Iterable[OutlineItem]:
    for signet in signets:
        yield signet
        yield from _a_la_suite(signet.children)


def _page(source: Pdf, signet: OutlineItem) -> int:
    """Son rang dans son morceau."""
    destination: Any = signet.destination
    return source.pages.index(pikepdf.Page(destination[0]))


def _liste(valeur: Any) -> list[Any]:
    return list(valeur) if isinstance(valeur, pikepdf.Array) else [valeur]


def _decaler(objet: Any, cle: Name, decalage: int) -> None:
    if cle in objet:
        objet[cle] = int(objet[cle]) + decalage
