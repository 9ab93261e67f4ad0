"""Ce que PDF/UA et PDF/A exigent et que WeasyPrint laisse à faire, juste avant l’écriture. Module pur."""

from __future__ import annotations

from typing import Any

import pydyf

PDF_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF>"""


SANS_DESSIN = b"<034f>"


FIN_DE_FLUX = b"\nendstream"


def finir(pdf: pydyf.PDF, *, archive: bool) -> None:
    """`archive` : WeasyPrint n'annonce que PDF/A ; le fichier est aussi un PDF/UA, et le dit."""
    ecrire = pdf.write_line
    pdf.write_line = lambda ligne, sortie: ecrire(flux_delimite(ligne), sortie)
    objets = {objet.reference: objet for objet in pdf.objects}
    elements = [objet for objet in pdf.objects if _est_element(objet)]
    racine = objets[pdf.catalog["StructTreeRoot"]]
    pages = objets[racine["ParentTree"]]["Nums"][1::2]
    for element in elements:
        if element["S"] == "/L":
            _aplatir(element, objets)
        elif element["S"] == "/Figure" and not element.get("Alt"):
            _taire(element, objets, pages)
    for objet in pdf.objects:
        if isinstance(objet, pydyf.Stream) and b"begincmap" in objet.stream:
            objet.stream = [_lisible(ligne) for ligne in objet.stream]
    donnees = objets[pdf.catalog["Metadata"]]
    donnees.compress = False
    if not archive:
        return
    donnees.stream = [b"".join(donnees.stream).replace(b"</rdf:RDF>", PDF_UA)]
    pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog.get("AF", ())))
    for objet in pdf.objects:
        if isinstance(objet, pydyf.Stream) and objet.extra.get("Subtype") == "/Image":
            objet.extra["Interpolate"] = "false"


def flux_delimite(objet: bytes) -> bytes:
    """Cet objet écrit, dont le flux se mesure sans hésiter.

    Un flux compressé finit par sa somme de contrôle, donc une fois sur 256 par un retour chariot : avec le
    saut de ligne qui le suit, il se lit alors comme une seule fin de ligne, et le flux paraît d'un octet
    plus court que sa longueur annoncée. Une fin de ligne entière, des deux signes, les sépare.
    """
    flux, fin, suite = objet.rpartition(FIN_DE_FLUX)
    return flux + b"\r" + fin + suite if flux.endswith(b"\r") and suite in (b"", b"\nendobj") else objet


def _lisible(ligne: Any) -> Any:
    """Une lettre arabe se dessine en plusieurs tracés : à ceux qui ne portent pas la lettre, il faut un
    caractère, celui qui joint sans se voir."""
    return ligne.removesuffix(b"<>") + SANS_DESSIN if ligne.endswith(b"<>") else ligne


def _est_element(objet: Any) -> bool:
    return isinstance(objet, pydyf.Dictionary) and objet.get("Type") == "/StructElem"


def _aplatir(liste: Any, objets: dict[bytes, Any]) -> None:
    """Une liste n'a pour enfants que ses éléments : le `<div>` qui groupe `<dt>` et `<dd>` s'efface."""
    enfants = pydyf.Array()
    for reference in liste["K"]:
        groupe = objets[reference]
        if groupe["S"] != "/Div":
            enfants.append(reference)
            continue
        for petit in groupe["K"]:
            objets[petit]["P"] = liste.reference
            enfants.append(petit)
    liste["K"] = enfants


def _taire(dessin: Any, objets: dict[bytes, Any], pages: list[Any]) -> None:
    """Un dessin sans texte de remplacement redouble un mot écrit à côté : il devient un artéfact."""
    page = objets[dessin["Pg"]]
    trace = objets[page["Contents"]].stream
    objets[dessin["P"]]["K"].remove(dessin.reference)
    for numero in dessin["K"]:
        pages[page["StructParents"]][numero] = b"null"
        rang = trace.index({"MCID": numero})
        trace[rang - 1 : rang + 2] = ["/Artifact", b"BMC"]
