"""Ce que PDF/UA et PDF/A exigent et que WeasyPrint laisse à faire, juste avant l’écriture. Module pur."""

from __future__ import annotations

import re
from typing import Any

import pydyf

from trpm.impression import signes

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
ESPACE = b"<0020>"
_SIGNE = re.compile(b"<(?:%s)>$" % b"|".join(b"%04x" % code for code in signes.CODES.values()))


FIN_DE_FLUX = b"\nendstream"
NUES = {"Type", "S", "K", "Pg", "P"}
PORTEURS = {"/P", "/TD", "/TH", "/LBody", "/Lbl", "/Span", *(f"/H{rang}" for rang in range(1, 7))}
"""Les balises qui peuvent porter du texte sans en prendre une autre : un paragraphe, une case, un titre…"""


def finir(pdf: pydyf.PDF, *, archive: bool, prefixe: str = "") -> None:
    """`archive` : WeasyPrint n'annonce que PDF/A ; le fichier est aussi un PDF/UA, et le dit. `prefixe` :
    ce qui distingue les en-têtes de ses tableaux de ceux d'un document auquel on le réunira."""
    ecrire = pdf.write_line
    pdf.write_line = lambda ligne, sortie: ecrire(flux_delimite(ligne), sortie)
    objets = {objet.reference: objet for objet in pdf.objects}
    racine = objets[pdf.catalog["StructTreeRoot"]]
    pages = objets[racine["ParentTree"]]["Nums"][1::2]
    muets: dict[bytes, set[int]] = {}
    elements = [objet for objet in pdf.objects if _est_element(objet)]
    for element in elements:
        if "ID" in element:
            element["ID"].string = f"{prefixe}{element['ID'].string}"
        if element["S"] == "/L":
            _aplatir(element, objets)
        elif element["S"] == "/Figure" and not element.get("Alt"):
            objets[element["P"]]["K"].remove(element.reference)
            muets.setdefault(element["Pg"], set()).update(element["K"])
    for page, numeros in muets.items():
        _taire(objets[page], numeros, objets, pages)
    rendues = [element for element in elements if _efface(element, objets)]
    rendues += [element for element in reversed(elements) if _fondue(element, objets, pages)]
    for element in rendues:
        pdf.objects[element.number] = _place_libre()
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
    caractère, celui qui joint sans se voir. Un signe (`signes`) redouble un mot : on le lit blanc."""
    if _SIGNE.search(ligne):
        return ligne[: ligne.rindex(b"<")] + ESPACE
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


def _place_libre() -> Any:
    """Un numéro que rien n'occupe plus. Sa génération le tient hors des objets compressés, où pydyf lui
    compterait une place : chaque objet suivant serait annoncé au rang d'un autre."""
    place = pydyf.Object()
    place.free, place.generation = "f", 1
    return place


def _efface(element: Any, objets: dict[bytes, Any]) -> bool:
    """Ce que WeasyPrint balise faute d'équivalent (`NonStruct`) s'efface devant ce qu'il contient."""
    if element["S"] != "/NonStruct" or any(isinstance(un, int) for un in element["K"]):
        return False
    if not _remplace(element, objets[element["P"]]):
        return False
    for reference in element["K"]:
        objets[reference]["P"] = element["P"]
    return True


def _fondue(element: Any, objets: dict[bytes, Any], pages: list[Any]) -> bool:
    """Un bout de texte balisé pour lui-même n'apprend rien : ce qui le contient le porte."""
    parent, traces = objets[element["P"]], element["K"]
    if element["S"] != "/Span" or not all(isinstance(un, int) for un in traces):
        return False
    if parent["S"] not in PORTEURS or parent["Pg"] != element["Pg"] or not _remplace(element, parent):
        return False
    for numero in traces:
        pages[objets[element["Pg"]]["StructParents"]][numero] = element["P"]
    return True


def _remplace(element: Any, parent: Any) -> bool:
    """Par ce qu'il contient, s'il n'en dit rien de plus et si l'on y mène : un dossier y perd la moitié de
    ses objets, et sa réunion à d'autres, de sa mémoire."""
    if element.keys() != NUES or element.reference not in parent["K"]:
        return False
    rang = parent["K"].index(element.reference)
    parent["K"][rang : rang + 1] = element["K"]
    return True


def _taire(page: Any, numeros: set[int], objets: dict[bytes, Any], pages: list[Any]) -> None:
    """Un dessin sans texte de remplacement redouble un mot écrit à côté : il devient un artéfact."""
    trace = objets[page["Contents"]].stream
    for rang, morceau in enumerate(trace):
        if isinstance(morceau, dict) and morceau.get("MCID") in numeros:
            pages[page["StructParents"]][morceau["MCID"]] = b"null"
            trace[rang - 1 : rang + 2] = ["/Artifact", b"BMC", b""]
