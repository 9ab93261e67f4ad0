"""Les fichiers d'élèves tels que le monde les fait : un genre de faute par cas, et sa valeur juste."""

import datetime
import io
import re
import time
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from livret.administration.lecture import fichier
from livret.administration.lecture.noms import coupes
from livret.administration.lecture.resultat import Attendu, FichierIllisible, FichierLu, Lecture
from tests.livret.administration.fichiers import csv, xlsx

ATTENDU = Attendu("2TRPM", 2026)
JOUR = datetime.date(2010, 3, 14)


def lu(contenu: bytes) -> FichierLu:
    return fichier.lire(contenu, ATTENDU)


def lire(contenu: bytes) -> Lecture:
    return lu(contenu).reunie(lu(contenu).probables(ATTENDU.classe))


def noms(contenu: bytes) -> list[str]:
    return [ligne.nom_complet for ligne in lire(contenu).lignes]


def remarques(contenu: bytes) -> list[str]:
    return [str(remarque) for remarque in lire(contenu).avertissements]


# --- Jeux de caractères -----------------------------------------------------------------------

PERSONNES = ["LEFÈVRE Chloé", "BÉNARD Zoé", "MUÑOZ François"]


@pytest.mark.parametrize(
    "codec",
    ["utf-8", "utf-8-sig", "cp1252", "iso8859_15", "mac_roman", "cp850", "utf-16", "utf-16-le", "utf-16-be"],
)
@pytest.mark.parametrize("entete", [["NOM", "PRENOM"], ["Nom", "Prénom"]])
def test_jeux_de_caracteres(codec: str, entete: list[str]) -> None:
    contenu = csv(entete, *(personne.split() for personne in PERSONNES), encodage=codec)
    assert noms(contenu) == PERSONNES


def test_le_jeu_de_caracteres_se_dit() -> None:
    contenu = csv(["NOM", "PRENOM"], ["BENARD", "Chloé"], encodage="cp850")
    assert lu(contenu).format == "texte DOS 850, colonnes séparées par\xa0: point-virgule"
    assert remarques(contenu) == [
        "Ligne 1\xa0: le jeu de caractères est incertain\xa0: on lit «\xa0Chloé\xa0», ce pourrait "
        "être «\xa0Chlo‚\xa0»."
    ]


def test_lettres_ecrites_deux_fois_en_utf8() -> None:
    contenu = csv(["NOM", "PRENOM"], ["LEZARDRIEUX", "Ma\u00c3\u00ablann"])
    assert noms(contenu) == ["LEZARDRIEUX Maëlann"]
    assert "elles sont réparées" in remarques(contenu)[0]


def test_signes_douteux_dans_un_nom() -> None:
    douteux = ["Ma\ufffdlann", "Zo?", "Ren¿e", "LEFéVRE", "Zo√©"]
    contenu = csv(["Nom", "Prénom"], *(["BENARD", prenom] for prenom in douteux))
    assert len(remarques(contenu)) == len(douteux)
    bons = ["O’Neil", "L'HELGOUARC'H", "Jean-Éloi", "ʼt Hooft", "محمد", "Đặng", "D. Jr", "(DE)"]
    assert remarques(csv(["Nom", "Prénom"], *(["BENARD", prenom] for prenom in bons))) == []


def test_lettres_composees_a_la_lecture() -> None:
    contenu = csv(["Nom", "Pre\u0301nom"], ["LE\u0301ZARD", "Mae\u0308lann"])
    assert noms(contenu) == ["LÉZARD Maëlann"]


# --- Colonnes ---------------------------------------------------------------------------------


def test_habillages_de_tableur() -> None:
    """Écrits par SIECLE, par Excel, ou par nos propres tables."""
    contenu = (
        b'NOM;PRENOM;NE(E) LE;DIV.;DIV. PREC.\r\n="GUERZIDER";="Tangi";="14/03/2010";="2TRPM";="3A;B"\r\n'
        b'"=""KERVOELEN""";\'Oanez;\'14/03/2010;"=""2TRPM""";x\r\n'
    )
    assert [(un.nom_complet, un.naissance, un.division) for un in lire(contenu).lignes] == [
        ("GUERZIDER Tangi", JOUR, "2TRPM"),
        ("KERVOELEN Oanez", JOUR, "2TRPM"),
    ]


def test_intitules_habilles_approchants_ou_sur_deux_lignes() -> None:
    fregata = csv(
        ["Identifiant unique*", "Premier prénom*", "Deuxième prénom", "Nom de famille*",
         "Date de naissance (jj/mm/aaaa)*",
         "Code commune naissance**", "Division*"],
        ["110000003AA", "Tangi", "Louis", "GUERZIDER", "14/03/2010", "29019", "2TRPM"],
    )  # fmt: skip
    deux = csv(
        ["Liste des élèves", "", "", "", "Saisie le 12/09/2026"],
        ["Élève", "", "Naissance", "Scolarité", ""],
        ["Nom", "Prénom", "Date", "Classe", "INE"],
        ["GUERZIDER", "Tangi", "14/03/2010", "2TRPM", "110000003AA"],
    )
    fautes = csv(
        [
            "Nom de l'éleve :",
            "Prénon",
            "Date de naisance",
            "N° INE élève",
            "Classe 2026-2027",
            "Lieu de naissance",
        ],
        ["GUERZIDER", "Tangi", "14/03/2010", "110000003AA", "2TRPM", "Brest"],
    )
    for contenu in (fregata, deux, fautes):
        [ligne] = lire(contenu).lignes
        assert (ligne.nom_complet, ligne.naissance, ligne.ine, ligne.division) == (
            "GUERZIDER Tangi", JOUR, "110000003AA", "2TRPM",
        )  # fmt: skip


def test_deux_colonnes_pour_une_donnee() -> None:
    homonymes = csv(
        ["Responsable", "Nom", "Prénom", "Nom", "Prénom", "Classe"],
        ["MERE", "MERE", "Annaig", "GUERZIDER", "Tangi", "2TRPM"],
    )
    assert noms(homonymes) == ["GUERZIDER Tangi"]
    assert "«\xa0Nom\xa0» (4ᵉ colonne) est lue, pas «\xa0Nom\xa0» (2ᵉ colonne)." in remarques(homonymes)[0]
    devant = csv(
        ["Nom", "Prénom", "Classe", "Nom du responsable", "Prénom du responsable"],
        ["GUERZIDER", "Tangi", "2TRPM", "MERE", "Annaig"],
    )
    assert (noms(devant), remarques(devant)) == (["GUERZIDER Tangi"], [])
    structure = csv(
        ["Nom", "Prénom", "Structure", "Classes"], ["GUERZIDER", "Tangi", "LP des Grèves", "2TRPM"]
    )
    assert [ligne.division for ligne in lire(structure).lignes] == ["2TRPM"]
    assert "«\xa0Structure\xa0»" in remarques(structure)[0]


def test_une_colonne_au_dela_de_la_centieme_se_lit() -> None:
    entete = ["Nom", "Prénom", *(f"Colonne {rang}" for rang in range(150)), "Né(e) le"]
    valeurs = ["GUERZIDER", "Tangi", *[""] * 150, "14/03/2010"]
    assert [lire(faire(entete, valeurs)).lignes[0].naissance for faire in (csv, xlsx)] == [JOUR, JOUR]


@pytest.mark.parametrize("separateur", list(";\t,|~^"))
def test_separateurs(separateur: str) -> None:
    assert noms(csv(["Nom", "Prénom", "INE"], ["LE GUEN", "Yann", ""], separateur=separateur)) == [
        "LE GUEN Yann"
    ]


def test_nom_et_prenom_dans_une_colonne() -> None:
    contenu = csv(["Élèves", "Né(e) le"], ["LE GOFFIC Maëlann", "14/03/2010"], ["DE LA RUELLE Yvonnick", ""])
    assert [(un.nom, un.prenom) for un in lire(contenu).lignes] == [
        ("LE GOFFIC", "Maëlann"),
        ("DE LA RUELLE", "Yvonnick"),
    ]
    assert coupes("NGUYEN VAN Thi-Lan") == (("NGUYEN VAN", "Thi-Lan"),)
    assert coupes("Maëlann LE GOFFIC") == (("LE GOFFIC", "Maëlann"),)
    assert coupes("de KERGUELEN Jos") == (("de KERGUELEN", "Jos"),)
    assert coupes("Goffic, Maëlann") == (("Goffic", "Maëlann"),)
    assert coupes("MOREL LINA") == (("MOREL", "LINA"), ("LINA", "MOREL"))
    assert coupes("Morel") == ()


# --- Lignes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fin", [b"", b'SUITE;Nin;2TRPM;b"\n'])
def test_un_guillemet_orphelin_n_avale_personne(fin: bytes) -> None:
    contenu = (
        b'Nom;Prenom;Classe;Remarque\nA;Tangi;2TRPM;ok\nB;Oanez;2TRPM;"a voir\nC;Ewen;2TRPM;\nD;Gaid;2TRPM;\n'
        + fin
    )
    lecture = lire(contenu)
    assert [ligne.nom for ligne in lecture.lignes][:4] == ["A", "B", "C", "D"]
    assert len(lecture.lignes) == 4 + bool(fin)
    assert (
        str(lecture.avertissements[0])
        == "Ligne 3\xa0: guillemet sans fin\xa0: la ligne est lue seule, relisez-la."
    )


def test_bouche_trous_et_erreurs_de_tableur() -> None:
    faux = ["NC", "NC", "0", "0", "-", "-", "#N/A", "#REF!", "XXXXXXXXXXX", "1,1E+10", "néant"]
    contenu = csv(["Nom", "Prénom", "INE"], *([f"N{rang}", "Léa", ine] for rang, ine in enumerate(faux)))
    assert [ligne.ine for ligne in lire(contenu).lignes] == [""] * len(faux)
    assert len(remarques(contenu)) == len(faux)
    erreurs = csv(["Nom", "Prénom"], ["#N/A", "#REF!"], ["-", "Léa"], ["GUERZIDER", "Tangi"])
    assert noms(erreurs) == ["GUERZIDER Tangi"]
    assert [str(faute) for faute in lire(erreurs).fautes] == [
        "Ligne 2\xa0: nom manquant, la case porte l’erreur de tableur «\xa0#N/A\xa0».",
        "Ligne 2\xa0: prénom manquant, la case porte l’erreur de tableur «\xa0#REF!\xa0».",
        "Ligne 3\xa0: nom manquant, la case porte «\xa0-\xa0».",
    ]


def test_une_cle_ne_fait_jamais_une_personne_de_deux_noms() -> None:
    contenu = csv(["Nom", "Prénom", "INE"], ["A", "Léa", "110000003AA"], ["B", "Zoé", "110000003AA"])
    assert [(ligne.nom, ligne.ine) for ligne in lire(contenu).lignes] == [("A", ""), ("B", "")]
    assert all("est porté par 2 noms du fichier" in remarque for remarque in remarques(contenu))


def test_ce_qui_entoure_la_liste() -> None:
    contenu = csv(
        ["Nom", "Prénom", "Classe"], ["PAGE", "Larry", "2TRPM"], ["", "", ""], ["Nom", "Prénom", "Classe"],
        ["TOTAL", "Lina", "2TRPM"], ["Total : 2 élèves", "", ""], ["Effectif", "2", ""],
        ["Édité le 12/09/2026", "", ""],
    )  # fmt: skip
    lecture = lire(contenu)
    assert [ligne.nom for ligne in lecture.lignes] == ["PAGE", "TOTAL"]
    assert lecture.fautes == []
    assert [un.partition(",")[0] for un in lecture.avant] == ["ligne 6", "ligne 7", "ligne 8"]


# --- Classeurs --------------------------------------------------------------------------------


def classeur(**feuilles: list[list[object]]) -> Workbook:
    livre = Workbook()
    del livre["Sheet"]
    for nom, lignes in feuilles.items():
        page = livre.create_sheet(nom)
        for ligne in lignes:
            page.append(ligne)
    return livre


def octets(livre: Workbook) -> bytes:
    sortie = io.BytesIO()
    livre.save(sortie)
    return sortie.getvalue()


RICHE: list[list[object]] = [["Nom", "Prénom", "Né(e) le", "INE"], ["PARTI", "Yuna", JOUR, "110000009AA"]]
PAUVRE: list[list[object]] = [["Nom", "Prénom"], ["GUERZIDER", "Tangi"]]


@pytest.mark.parametrize("etat", ["hidden", "veryHidden"])
def test_une_feuille_masquee_n_est_pas_lue(etat: str) -> None:
    livre = classeur(Liste=PAUVRE, Base=RICHE)
    livre["Base"].sheet_state = etat
    contenu = octets(livre)
    assert (noms(contenu), lu(contenu).laissees) == (["GUERZIDER Tangi"], ["Base, masquée"])
    livre["Base"].sheet_state, livre["Liste"].sheet_state = "visible", etat
    assert noms(octets(livre)) == ["PARTI Yuna"]


def test_plusieurs_feuilles() -> None:
    """Celle qui porte le nom de la classe ; sinon aucune, tant que personne n'a choisi."""
    nommee = octets(classeur(**{"1TRPM": RICHE, "2nde TRPM": PAUVRE}))
    assert (lu(nommee).probables("2TRPM"), noms(nommee)) == ({"2nde TRPM"}, ["GUERZIDER Tangi"])
    assert lu(octets(classeur(**{"2TRPM 2026": PAUVRE, "Anciens": RICHE}))).probables("2TRPM") == {
        "2TRPM 2026"
    }
    libre = lu(octets(classeur(A=RICHE, B=PAUVRE)))
    assert (libre.probables("2TRPM"), libre.reunie([]).lignes) == (set(), [])
    reunie = libre.reunie(["A", "B"])
    assert [(ligne.cle, ligne.nom) for ligne in reunie.lignes] == [("A-2", "PARTI"), ("B-2", "GUERZIDER")]


def test_une_case_fusionnee_vaut_pour_ses_lignes() -> None:
    livre = classeur(
        Liste=[["Classe", "Nom", "Prénom"], ["2TRPM", "A", "Léa"], ["", "B", "Zoé"], ["", "C", "Nin"]]
    )
    livre["Liste"].merge_cells("A2:A3")
    assert [ligne.division for ligne in lire(octets(livre)).lignes] == ["2TRPM", "2TRPM", ""]


def test_dates_d_un_autre_fuseau() -> None:
    jours = [datetime.datetime(2010, 3, 13, 23), datetime.datetime(2010, 3, 13, 23, 59, 39), JOUR]
    contenu = xlsx(
        ["Nom", "Prénom", "Né(e) le"], *([f"N{rang}", "Léa", jour] for rang, jour in enumerate(jours))
    )
    assert [ligne.naissance for ligne in lire(contenu).lignes] == [JOUR, JOUR, JOUR]
    assert len(remarques(contenu)) == 2


def remplacer(contenu: bytes, partie: str, motif: str, par: str) -> bytes:
    """Le même classeur, une de ses parties récrite."""
    sortie = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(contenu)) as avant, zipfile.ZipFile(sortie, "w") as apres:
        for nom in avant.namelist():
            texte = avant.read(nom)
            apres.writestr(
                nom, re.sub(motif.encode(), par.encode(), texte) if nom.startswith(partie) else texte
            )
    return sortie.getvalue()


@pytest.mark.parametrize(
    "abimer",
    [
        lambda brut: remplacer(brut, "xl/styles.xml", r"<fill>.*?</fill>", "<fill/>"),
        lambda brut: remplacer(
            brut, "xl/", "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"
        ),
    ],
)  # fmt: skip
def test_des_classeurs_que_d_autres_ouvrent(abimer: Callable[[bytes], bytes]) -> None:
    contenu = abimer(xlsx(["Nom", "Prénom", "Né(e) le"], ["GUERZIDER", "Tangi", JOUR]))
    assert [(ligne.nom, ligne.naissance) for ligne in lire(contenu).lignes] == [("GUERZIDER", JOUR)]


def test_ods() -> None:
    def case(texte: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{texte}</text:p></table:table-cell>'

    cases = "".join(
        f"<table:table-row>{case(nom)}{case(prenom)}</table:table-row>"
        for nom, prenom in (("Nom", "Prénom"), ("GUERZIDER", "Tangi"))
    )
    espaces = "".join(
        f' xmlns:{nom}="urn:oasis:names:tc:opendocument:xmlns:{nom}:1.0"'
        for nom in ("office", "table", "text")
    )
    table = f'<table:table table:name="Liste">{cases}</table:table>'
    corps = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content{espaces}>{corps}</office:document-content>',
        )
    assert (lu(sortie.getvalue()).format, noms(sortie.getvalue())) == ("classeur ods", ["GUERZIDER Tangi"])


# --- SIECLE, et ce qui voudrait épuiser la machine --------------------------------------------

SIECLE = (
    '<?xml version="1.0" encoding="ISO-8859-15"?><BEE_ELEVES VERSION="2.1"><DONNEES><ELEVES>'
    '<ELEVE ELEVE_ID="7"><ID_NATIONAL>110000001AA</ID_NATIONAL><NOM_DE_FAMILLE>LEBŒUF</NOM_DE_FAMILLE>'
    "<PRENOM>Céline</PRENOM><DATE_NAISS>14/03/2010</DATE_NAISS><DATE_SORTIE>17/10/2026</DATE_SORTIE></ELEVE>"
    "</ELEVES>"
    '<STRUCTURES><STRUCTURES_ELEVE ELEVE_ID="7"><STRUCTURE>'
    "<CODE_STRUCTURE>2TRPM</CODE_STRUCTURE><TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE><STRUCTURE><CODE_STRUCTURE>ANGLAIS1</CODE_STRUCTURE><TYPE_STRUCTURE>G"
    "</TYPE_STRUCTURE></STRUCTURE></STRUCTURES_ELEVE></STRUCTURES></DONNEES></BEE_ELEVES>"
).encode("iso8859_15")


def zippe(contenu: bytes, nom: str = "ElevesSansAdresses.xml") -> bytes:
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(nom, contenu)
    return sortie.getvalue()


@pytest.mark.parametrize("contenu", [SIECLE, zippe(SIECLE)])
def test_siecle(contenu: bytes) -> None:
    [ligne] = lire(contenu).lignes
    assert (ligne.nom_complet, ligne.naissance, ligne.ine, ligne.division, ligne.sortie) == (
        "LEBŒUF Céline", JOUR, "110000001AA", "2TRPM", datetime.date(2026, 10, 17),
    )  # fmt: skip


MILLIARD = b"<!DOCTYPE b [" + b"".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "rire" * 10}">'.encode() for n in range(10)
)
BOMBES = {
    "entités": b'<?xml version="1.0"?>' + MILLIARD + b"]><BEE_ELEVES>&e9;</BEE_ELEVES>",
    "fichier local": b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY f SYSTEM "file:///etc/passwd">]><BEE_ELEVES>&f;</BEE_ELEVES>',
    "zip": zippe(b"\0" * 60_000_000),
    "million de lignes": b"Nom;Prenom\n" + b"A;B\n" * 1_000_000,
    "une seule ligne": b"Nom;Pr\xe9nom\n" + b"x" * 3_000_000,
}


@pytest.mark.parametrize("genre", BOMBES)
def test_bombes(genre: str) -> None:
    debut = time.process_time()
    with pytest.raises(FichierIllisible):
        lu(BOMBES[genre])
    assert time.process_time() - debut < 1
