"""Des fichiers de personnes qui n’en sont pas, chacun sous son nom ; et d’autres, démesurés."""

import io
import zipfile

from tests.livret.administration.fichiers import bombe, csv, deux_feuilles, xlsx

XML = b'<?xml version="1.0" encoding="UTF-8"?>'
ENTITES = b"".join(b'<!ENTITY %c "%s">' % (98 + rang, (b"&%c;" % (97 + rang)) * 10) for rang in range(9))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UN = (["Nom", "Prénom"], ["Morel", "Lina"])


def zippe(*parties: tuple[str, bytes]) -> bytes:
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, contenu in parties:
            archive.writestr(nom, contenu)
    return sortie.getvalue()


def siecle(corps: bytes) -> bytes:
    return XML + b"<BEE_ELEVES>" + corps + b"</BEE_ELEVES>"


def feuille_d_un_million() -> bytes:
    rangs = b"".join(
        b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>M</t></is></c></row>' % (rang, rang)
        for rang in range(1, 1_000_001)
    )
    feuille = b"<worksheet><sheetData>" + rangs + b"</sheetData></worksheet>"
    return zippe(("[Content_Types].xml", b""), ("xl/workbook.xml", b""), ("xl/sheet1.xml", feuille))


PETITS: dict[str, bytes] = {
    "vide": b"",
    "blancs": b" \r\n\t\r\n",
    "marque seule": b"\xef\xbb\xbf",
    "zéros": b"\0" * 500,
    "octets quelconques": bytes(range(256)),
    "pdf": b"%PDF-1.7\n1 0 obj",
    "png": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "jpeg": b"\xff\xd8\xff\xe0" + bytes(40),
    "gif": b"GIF89a" + bytes(40),
    "webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "vidéo": b"\0\0\0\x18ftypmp42" + bytes(40),
    "rtf": b"{\\rtf1 Nom;Prenom}",
    "page archivée": b"MIME-Version: 1.0\r\nContent-Type: multipart/related",
    "html": b"<!DOCTYPE html><html><table><tr><td>Nom</td></tr></table>",
    "table html": b"<table><tr><td>Nom</td><td>Prenom</td></tr></table>",
    "gzip": b"\x1f\x8b\x08\0" + bytes(30),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(30),
    "rar": b"Rar!\x1a\x07\0" + bytes(30),
    "sqlite": b"SQLite format 3\0" + bytes(80),
    "word zippé": zippe(("[Content_Types].xml", b"<a/>"), ("word/document.xml", b"<a/>")),
    "word ancien": OLE + bytes(500) + "WordDocument".encode("utf-16-le"),
    "xls abîmé": OLE + bytes(2000),
    "zip sans liste": zippe(("photo.txt", b"bonjour")),
    "zip de deux xml": zippe(("a.xml", siecle(b"")), ("b.xml", siecle(b""))),
    "zip vide": zippe(),
    "zip coupé": xlsx(*UN)[:200],
    "zip de trop d'entrées": zippe(*((f"{rang}.xml", b"") for rang in range(2_500))),
    "xlsx abîmé": zippe(("[Content_Types].xml", b"<a/>"), ("xl/workbook.xml", b"<a")),
    "document d'une autre suite": zippe(("[Content_Types].xml", b"<a/>"), ("ppt/presentation.xml", b"<a/>")),
    "classeur XML 2003": XML + b'<?mso-application progid="Excel.Sheet"?><Workbook/>',
    "xml d'autre chose": XML + b"<STS_EDT/>",
    "xml coupé": siecle(b"<ELEVES><ELEVE>")[:60],
    "xml mal fermé": siecle(b"<ELEVE></ELEVES>"),
    "xml d'un jeu inconnu": b'<?xml version="1.0" encoding="martien"?><BEE_ELEVES/>',
    "xml à entités": XML
    + b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + ENTITES
    + b"]><BEE_ELEVES>&j;</BEE_ELEVES>",
    "xml à fichier": XML
    + b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><BEE_ELEVES>&a;</BEE_ELEVES>',
    "xml sans élève": siecle(b""),
    "csv sans prénom": csv(["Nom", "Classe"], ["Morel", "2TRPM"]),
    "csv sans nom": csv(["Prénom", "Classe"], ["Lina", "2TRPM"]),
    "csv sans intitulés": csv(["Morel", "Lina"], ["Petit", "Sacha"]),
    "csv des notes": csv(["Matière", "Moyenne"], ["Atelier", "12,5"]),
    "classeur sans liste": xlsx(["Matière", "Moyenne"], ["Atelier", "12,5"]),
    "classeur vide": xlsx(),
    "deux feuilles sans liste": deux_feuilles(Un=[["a", "b"]], Deux=[["c", "d"]]),
    "une phrase": "Bonjour, voici la liste demandée.".encode(),
}
GROS: dict[str, bytes] = {
    "csv d'un million de lignes": b"Nom;Prenom\n" + b"A;B\n" * 1_000_000,
    "csv trop lourd": b"Nom;Prenom\n" + b"MOREL;Lina\n" * 1_000_000,
    "csv d'une seule ligne": b"Nom;Prenom\n" + b"A;" * 3_500_000,
    "texte de seize bits": ("Nom;Prenom\n" + "A;B\n" * 900_000).encode("utf-16-le"),
    "xml d'un million d'élèves": zippe(("E.xml", siecle(b"<ELEVE/>" * 4_000_000))),
    "xml d'un million de divisions": zippe(("E.xml", siecle(b"<STRUCTURES_ELEVE/>" * 1_800_000))),
    "xml d'autres balises": zippe(("E.xml", siecle(b"<a/>" * 9_000_000))),
    "xml profond": XML + b"<a>" * 2_000_000,
    "xml d'un million d'attributs": XML
    + b"<BEE_ELEVES "
    + b" ".join(b'a%d="1"' % rang for rang in range(500_000))
    + b"/>",
    "zip qui enfle": zippe(("ElevesSansAdresses.xml", b"\0" * 300_000_000)),
    "classeur qui enfle": bombe(300_000_000),
    "classeur d'un million de lignes": feuille_d_un_million(),
}
