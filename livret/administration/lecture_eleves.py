"""Lecture d'un fichier d'élèves, CSV ou xlsx : des octets aux lignes, sans base de données.

Chaque logiciel imposant son fichier (DOMAINE.md section 8), on accepte les colonnes dans
n'importe quel ordre et sous leurs noms courants, les séparateurs et les encodages usuels (Q44).
Un fichier illisible lève `FichierIllisible` ; une ligne fautive est écartée et dite.
"""

import codecs
import csv
import datetime
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook

from livret.personnes.identifiants import ine_normalise, plie

OCTETS_MAX = 2 * 1024 * 1024
LIGNES_MAX = 1000
COLONNES_MAX = 100
LIGNES_AVANT_ENTETE = 15
RANGS_MAX = 20_000
OCTETS_DEPLIES_MAX = 30 * 1024 * 1024
LONGUEURS = {"nom": 100, "prenom": 100, "numero_candidat": 20, "division": 100, "option": 100, "statut": 200}
LONGUEUR_INE = 11
ANNEES_DE_NAISSANCE = range(1920, 2100)

SIGNATURE_ZIP = b"PK\x03\x04"
SIGNATURE_XLS = b"\xd0\xcf\x11\xe0"

# Intitulés rencontrés dans SIECLE, Pronote, Gepi, SACoche et les ENT, repliés par `cle` ; quand un
# fichier en porte plusieurs pour la même donnée, le premier de la liste l'emporte.
SYNONYMES: dict[str, tuple[str, ...]] = {
    "nom": (
        "nomdefamille", "nom", "nomeleve", "nomdeleleve", "elevenom", "nomdenaissance", "nomdusage",
        "patronyme",
    ),
    "prenom": (
        "prenom", "prenom1", "prenom1er", "1erprenom", "premierprenom", "prenomeleve", "prenomdeleleve",
        "eleveprenom", "prenomusuel", "prenomdusage", "prenoms",
    ),
    "naissance": (
        "datedenaissance", "datenaissance", "naissance", "neele", "nele", "datedenaiss", "datenaiss",
        "datnaiss", "elevedatenaissance", "ddn",
    ),
    "ine": (
        "inernie", "ine", "nine", "noine", "numeroine", "numine", "codeine", "inebea", "identifiantine",
        "identifiantnational", "identifiantnationaleleve", "idnational", "numeronational", "nnational",
    ),
    "division": (
        "division", "classe", "codestructure", "codedivision", "libelledivision", "div", "classeeleve",
        "libelleclasse", "nomclasse", "nomdelaclasse", "classederattachement", "structure", "classes",
    ),
    "option": ("option", "codeoption", "optiontrpm", "optiondudiplome", "specialite", "optiondiplome"),
    "statut": ("statut", "statutducandidat", "statutcandidat", "statutdeleleve", "statuteleve"),
    "numero_candidat": (
        "numerodecandidat", "numerocandidat", "ncandidat", "nocandidat", "ndecandidat", "numcandidat",
        "matriculecandidat", "numerodinscription",
    ),
}  # fmt: skip


class FichierIllisible(Exception):
    """Le fichier entier est refusé ; le message est une phrase destinée à la personne."""


@dataclass(frozen=True)
class RemarqueImport:
    """Faute ou avertissement, à sa ligne du fichier."""

    numero: int
    message: str

    def __str__(self) -> str:
        return f"Ligne {self.numero} : {self.message}"


@dataclass(frozen=True)
class LigneEleve:
    numero: int
    nom: str
    prenom: str
    naissance: datetime.date | None = None
    ine: str = ""
    division: str = ""
    option: str = ""
    statut: str = ""
    numero_candidat: str = ""

    @property
    def nom_complet(self) -> str:
        return f"{self.nom} {self.prenom}"

    @property
    def identite(self) -> tuple[str, str]:
        return plie(self.nom), plie(self.prenom)


@dataclass
class Lecture:
    """Ce qu'on a compris du fichier."""

    lignes: list[LigneEleve] = field(default_factory=list)
    fautes: list[RemarqueImport] = field(default_factory=list)
    avertissements: list[RemarqueImport] = field(default_factory=list)
    colonnes: dict[str, str] = field(default_factory=dict)
    ignorees: list[str] = field(default_factory=list)
    ecartees: list[tuple[str, str]] = field(default_factory=list)
    """Identités (nom, prénom) lues sur des lignes fautives : ces élèves ne sont pas absents du fichier."""


def lire(contenu: bytes) -> Lecture:
    """Lit un fichier CSV ou xlsx ; sa nature se reconnaît à son contenu, pas à son nom."""
    if len(contenu) > OCTETS_MAX:
        raise FichierIllisible("Le fichier dépasse 2 Mo : n’exportez que les élèves de l’établissement.")
    if not contenu.strip():
        raise FichierIllisible("Le fichier est vide.")
    if contenu.startswith(SIGNATURE_XLS):
        raise FichierIllisible(
            "Ce fichier est à l’ancien format Excel (.xls) : enregistrez-le en .xlsx ou en CSV."
        )
    if contenu.startswith(SIGNATURE_ZIP):
        return _assembler(_tables_xlsx(contenu))
    return _assembler(_tables_csv(_texte(contenu)))


# --- Des octets aux tables --------------------------------------------------------------------

Cellules = Sequence[str | datetime.date]
Table = Sequence[tuple[int, Cellules]]


def _texte(contenu: bytes) -> str:
    """UTF-8 avec ou sans BOM, UTF-16 annoncé par son BOM, sinon Windows-1252."""
    if contenu.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodages = ["utf-16"]
    else:
        encodages = ["utf-8-sig", "cp1252"]
    for encodage in encodages:
        try:
            texte = contenu.decode(encodage)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]", texte):
            return texte
    raise FichierIllisible("Ce fichier n’est ni un CSV ni un classeur xlsx : exportez à nouveau la liste.")


def _tables_csv(texte: str) -> Iterator[Table]:
    for separateur in ";\t,":
        yield list(_lignes_csv(texte, separateur))


def _lignes_csv(texte: str, separateur: str) -> Iterator[tuple[int, Cellules]]:
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur)
    numero = 1
    try:
        for cellules in lecteur:
            yield numero, [_propre(cellule) for cellule in cellules[:COLONNES_MAX]]
            numero = lecteur.line_num + 1
    except csv.Error:
        raise FichierIllisible(f"Le fichier CSV est illisible à partir de la ligne {numero}.") from None


def _tables_xlsx(contenu: bytes) -> Iterator[Table]:
    illisible = FichierIllisible(
        "Ce classeur est abîmé ou n’est pas un xlsx : enregistrez-le à nouveau en .xlsx."
    )
    try:
        with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
            deplie = sum(entree.file_size for entree in archive.infolist())
    except Exception:  # une archive abîmée lève à peu près n'importe quoi
        raise illisible from None
    if deplie > OCTETS_DEPLIES_MAX:
        raise FichierIllisible("Ce classeur contient trop de données : n’y gardez que la liste des élèves.")
    try:
        classeur = load_workbook(io.BytesIO(contenu), read_only=True, data_only=True, keep_links=False)
        tables = [_lignes_xlsx(feuille) for feuille in classeur.worksheets[:10]]
        classeur.close()
    except Exception:  # openpyxl aussi, devant un classeur mal formé
        raise illisible from None
    yield from tables


def _lignes_xlsx(feuille: Any) -> Table:
    rangees = feuille.iter_rows(max_row=RANGS_MAX, max_col=COLONNES_MAX, values_only=True)
    return [
        (numero, [_cellule_xlsx(valeur) for valeur in rangee])
        for numero, rangee in enumerate(rangees, start=1)
        if any(valeur is not None for valeur in rangee)
    ]


def _cellule_xlsx(valeur: object) -> str | datetime.date:
    if isinstance(valeur, datetime.datetime):
        return valeur.date()
    if isinstance(valeur, datetime.date):
        return valeur
    if isinstance(valeur, float) and valeur.is_integer():
        valeur = int(valeur)
    return _propre("" if valeur is None else str(valeur))


def _propre(texte: str) -> str:
    """Espaces réduits ; ni retour à la ligne, ni caractère de commande ou invisible."""
    visible = "".join(" " if unicodedata.category(signe)[0] in "CZ" else signe for signe in texte)
    return " ".join(visible.split())


# --- Des tables aux lignes --------------------------------------------------------------------


def cle(intitule: object) -> str:
    return plie(str(intitule)).replace(" ", "")


def _colonnes(cellules: Cellules) -> dict[str, int]:
    """Rang de chaque champ reconnu dans une ligne d'en-tête."""
    cles = [cle(cellule) for cellule in cellules]
    return {
        champ: cles.index(connus[0])
        for champ, intitules in SYNONYMES.items()
        if (connus := [intitule for intitule in intitules if intitule in cles])
    }


def _entete(table: Table) -> tuple[int, dict[str, int]]:
    """Rang de la ligne d'en-tête et ses colonnes : celle qui nomme le plus de champs connus."""
    rang, colonnes = 0, dict[str, int]()
    for essai, (_, cellules) in enumerate(table[:LIGNES_AVANT_ENTETE]):
        trouvees = _colonnes(cellules)
        if len(trouvees) > len(colonnes):
            rang, colonnes = essai, trouvees
    return rang, colonnes


def _assembler(tables: Iterable[Table]) -> Lecture:
    """Retient la table (séparateur ou feuille) dont l'en-tête nomme le plus de champs."""
    choix = [(table, *_entete(table)) for table in tables if table]
    if not choix:
        raise FichierIllisible("Le fichier ne contient aucune ligne.")
    table, rang, colonnes = max(choix, key=lambda essai: (len(essai[2]), len(essai[0][0][1])))
    if manquantes := [nom for champ, nom in (("nom", "Nom"), ("prenom", "Prénom")) if champ not in colonnes]:
        raise FichierIllisible(_sans_colonne(manquantes, table[rang][1]))
    return _lire_lignes(table[rang][1], table[rang + 1 :], colonnes)


def _sans_colonne(manquantes: list[str], cellules: Cellules) -> str:
    quoi = " et ".join(f"« {nom} »" for nom in manquantes)
    trouvees = [f"« {str(cellule)[:40]} »" for cellule in cellules if str(cellule)][:30]
    return (
        f"Il manque {'les colonnes' if len(manquantes) > 1 else 'la colonne'} {quoi}. "
        f"Colonnes trouvées : {', '.join(trouvees) or 'aucune'}."
    )


def _lire_lignes(entete: Cellules, table: Table, colonnes: dict[str, int]) -> Lecture:
    pleines = [(numero, cellules) for numero, cellules in table if any(cellules)]
    if len(pleines) > LIGNES_MAX:
        raise FichierIllisible(
            "Le fichier compte plus de 1 000 lignes : exportez une ou quelques divisions à la fois."
        )
    lecture = Lecture(
        colonnes={champ: str(entete[rang]) for champ, rang in colonnes.items()},
        ignorees=[
            str(intitule)
            for rang, intitule in enumerate(entete)
            if str(intitule) and rang not in colonnes.values()
        ],
    )
    for numero, cellules in pleines:
        valeurs = {champ: cellules[rang] if rang < len(cellules) else "" for champ, rang in colonnes.items()}
        if any(valeurs.values()):
            _lire_ligne(lecture, numero, valeurs)
    return lecture


def _lire_ligne(lecture: Lecture, numero: int, valeurs: dict[str, str | datetime.date]) -> None:
    brute = valeurs.pop("naissance", "")
    textes = {champ: _en_texte(valeur) for champ, valeur in valeurs.items()}
    fautes = [
        f"{nom} manquant." for champ, nom in (("nom", "nom"), ("prenom", "prénom")) if not textes[champ]
    ]
    fautes += [
        f"« {textes[champ][:30]}… » dépasse {longueur} caractères."
        for champ, longueur in LONGUEURS.items()
        if len(textes.get(champ, "")) > longueur
    ]
    naissance = None
    try:
        naissance = date_lue(brute)
    except ValueError as faute:
        fautes.append(str(faute))
    textes["ine"], reserve = _ine(textes.get("ine", ""))
    if fautes:
        lecture.fautes += [RemarqueImport(numero, faute) for faute in fautes]
        lecture.ecartees.append((plie(textes["nom"]), plie(textes["prenom"])))
        return
    if reserve:
        lecture.avertissements.append(RemarqueImport(numero, reserve))
    lecture.lignes.append(LigneEleve(numero=numero, naissance=naissance, **textes))


def _en_texte(valeur: str | datetime.date) -> str:
    return f"{valeur:%d/%m/%Y}" if isinstance(valeur, datetime.date) else valeur


def _ine(brut: str) -> tuple[str, str]:
    """INE normalisé et la réserve qu'il appelle : jamais une faute (Q41)."""
    ine = ine_normalise(brut)
    if len(ine) > LONGUEUR_INE:
        return "", f"l’INE « {ine[:30]} » a plus de 11 caractères, il n’est pas repris."
    return ine, ""


def date_lue(brute: str | datetime.date) -> datetime.date | None:
    """Date au format français ou ISO ; `ValueError` porte la phrase à afficher."""
    if isinstance(brute, datetime.date):
        jour: datetime.date | None = brute
    elif not brute:
        return None
    else:
        jour = _date_ecrite(brute)
    if jour is None or jour.year not in ANNEES_DE_NAISSANCE:
        raise ValueError(
            f"date de naissance « {_en_texte(brute)[:30]} » illisible ; écrivez par exemple 14/03/2008."
        )
    return jour


def _date_ecrite(texte: str) -> datetime.date | None:
    heure = r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
    francaise = re.fullmatch(rf"([0-9]{{1,2}})[/.-]([0-9]{{1,2}})[/.-]([0-9]{{4}}){heure}", texte)
    iso = re.fullmatch(rf"([0-9]{{4}})-([0-9]{{1,2}})-([0-9]{{1,2}}){heure}", texte)
    if francaise:
        jour, mois, annee = map(int, francaise.groups())
    elif iso:
        annee, mois, jour = map(int, iso.groups())
    else:
        return None
    try:
        return datetime.date(annee, mois, jour)
    except ValueError:
        return None


def sans_doublons(lignes: Iterable[LigneEleve]) -> tuple[list[LigneEleve], list[RemarqueImport]]:
    """Garde la première de deux lignes du même élève : même INE, ou même identité sans INE contraire."""
    par_ine: dict[str, LigneEleve] = {}
    par_identite: dict[tuple[object, ...], LigneEleve] = {}
    gardees, doublons = [], []
    for ligne in lignes:
        identite = (*ligne.identite, ligne.naissance)
        autre = par_ine.get(ligne.ine) if ligne.ine else None
        homonyme = par_identite.get(identite)
        if autre is None and homonyme and not (homonyme.ine and ligne.ine):
            autre = homonyme
        if autre is not None:
            message = f"{ligne.nom_complet} est déjà à la ligne {autre.numero} (doublon)."
            doublons.append(RemarqueImport(ligne.numero, message))
            continue
        gardees.append(ligne)
        par_identite.setdefault(identite, ligne)
        if ligne.ine:
            par_ine[ligne.ine] = ligne
    return gardees, doublons
