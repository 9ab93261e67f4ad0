"""La lecture des fichiers d'élèves, sans base de données."""

import csv as module_csv
import datetime
import io
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from livret.administration.lecture import fichier
from livret.administration.lecture.dates_lues import date_lue
from livret.administration.lecture.entetes import SYNONYMES, cle
from livret.administration.lecture.lignes import sans_doublons
from livret.administration.lecture.resultat import (
    Attendu,
    FichierIllisible,
    Lecture,
    LigneEleve,
    RemarqueImport,
)
from livret.administration.lecture.table import LIGNES_MAX, OCTETS_DEPLIES_MAX, OCTETS_MAX
from tests.livret.administration.fichiers import bombe, csv, xlsx

ATTENDU = Attendu("2TRPM", 2025)
JOUR = datetime.date(2008, 3, 14)
LINA = LigneEleve(2, "Morel", "Lina", JOUR, "123456789AB", "1TRPM")


def lire(contenu: bytes) -> Lecture:
    """Ce que l'aperçu montrerait d'abord."""
    lu = fichier.lire(contenu, ATTENDU)
    return lu.reunie(lu.probables(ATTENDU.classe))


# --- Les colonnes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("champ", "intitule"),
    [
        ("nom", "Nom"),
        ("nom", "NOM DE FAMILLE"),
        ("nom", "Nom de l’élève"),
        ("prenom", "Prénom"),
        ("prenom", "Prénom 1"),
        ("prenom", "PRENOM"),
        ("naissance", "Né(e) le"),
        ("naissance", "Date de naissance"),
        ("naissance", "Date naiss."),
        ("ine", "INE"),
        ("ine", "N° INE"),
        ("ine", "Nº INE"),
        ("ine", "INE_RNIE"),
        ("ine", "Identifiant national"),
        ("division", "Division"),
        ("division", "Classe"),
        ("division", "Code structure"),
        ("division", "CODE_STRUCTURE"),
        ("option", "Option"),
        ("statut", "Statut"),
        ("statut", "Statut du candidat"),
        ("numero_candidat", "N° candidat"),
        ("numero_candidat", "Numéro de candidat"),
    ],
)
def test_synonymes(champ: str, intitule: str) -> None:
    colonnes = {"nom": "Nom", "prenom": "Prénom", champ: intitule}
    lecture = lire(csv(list(colonnes.values()), ["x"] * len(colonnes)))
    assert lecture.colonnes == colonnes


def test_les_synonymes_sont_deja_replies_et_ne_servent_qu_une_fois() -> None:
    tous = [intitule for intitules in SYNONYMES.values() for intitule in intitules]
    assert [cle(intitule) for intitule in tous] == tous
    assert len(set(tous)) == len(tous)


@pytest.mark.parametrize(
    "entete",
    [
        ["Nom", "Prénom", "Né(e) le", "INE", "Classe"],
        ["Classe", "INE", "Né(e) le", "Prénom", "Nom"],
        ["Sexe", "Prénom", "Classe", "Régime", "Nom", "INE", "Né(e) le", "Adresse"],
    ],
)
def test_ordre_libre(entete: list[str]) -> None:
    valeurs = {
        "Nom": "Morel",
        "Prénom": "Lina",
        "Né(e) le": "14/03/2008",
        "INE": "123456789ab",
        "Classe": "1TRPM",
    }
    lecture = lire(csv(entete, [valeurs.get(intitule, "?") for intitule in entete]))
    assert lecture.lignes == [LINA]
    assert lecture.ignorees == [intitule for intitule in entete if intitule not in valeurs]


def test_le_nom_de_famille_l_emporte_sur_le_nom_d_usage() -> None:
    lecture = lire(csv(["Nom d’usage", "Nom de famille", "Prénom 1"], ["Usage", "Famille", "Zoé"]))
    assert lecture.lignes[0].nom == "Famille"
    assert lecture.ignorees == ["Nom d’usage"]


def test_lignes_de_titre_et_lignes_vides() -> None:
    contenu = csv(["Liste des élèves"], [""], ["Nom", "Prénom"], ["", ""], ["Morel", "Lina"], [";;"])
    assert lire(contenu).lignes == [LigneEleve(5, "Morel", "Lina")]


def test_une_cellule_sur_plusieurs_lignes_ne_decale_pas_les_numeros() -> None:
    contenu = 'Nom;Prénom;Adresse\nMorel;Lina;"1, rue Haute\n40100 Dax"\nRoux;Zoé;\n'.encode()
    assert [(ligne.numero, ligne.nom) for ligne in lire(contenu).lignes] == [(2, "Morel"), (4, "Roux")]


# --- Encodages et formats ---------------------------------------------------------------------

ENTETE = ["Nom", "Prénom", "Date de naissance", "INE", "Division"]
HELENE = ["Çelik", "Hélène", "14/03/2008", "123456789AB", "1TRPM"]
LUE = LigneEleve(2, "Çelik", "Hélène", JOUR, "123456789AB", "1TRPM")


@pytest.mark.parametrize("separateur", [";", ",", "\t"])
@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separateurs_et_encodages(separateur: str, encodage: str) -> None:
    lecture = lire(csv(ENTETE, HELENE, separateur=separateur, encodage=encodage))
    assert (lecture.lignes, lecture.fautes) == ([LUE], [])


@pytest.mark.parametrize("jour", [JOUR, datetime.datetime(2008, 3, 14), "14/03/2008", "2008-03-14"])
def test_xlsx(jour: object) -> None:
    lecture = lire(xlsx(ENTETE, ["Çelik", "Hélène", jour, "123456789AB", "1TRPM"]))
    assert (lecture.lignes, lecture.fautes) == ([LUE], [])


def test_xlsx_la_liste_n_est_pas_sur_la_premiere_feuille() -> None:
    assert lire(xlsx(ENTETE, HELENE, avant=["Lisez-moi"])).lignes == [LUE]


def test_xlsx_nombres_et_formules() -> None:
    """Un nombre se lit sans décimale ; une formule se lit par sa valeur, jamais par son texte."""
    lecture = lire(xlsx(["Nom", "Prénom", "INE", "Classe"], ["=1+1", "Lina", 12345678901.0, 2]))
    assert lecture.lignes == []
    assert [faute.message for faute in lecture.fautes] == [
        "nom donné par une formule dont le classeur ne porte pas la valeur\xa0: ouvrez-le dans un tableur, "
        "enregistrez-le, recommencez."
    ]
    lecture = lire(xlsx(["Nom", "Prénom", "INE", "Classe"], ["Morel", "Lina", 12345678901.0, 2]))
    assert lecture.lignes == [LigneEleve(2, "Morel", "Lina", ine="12345678901", division="2")]


def test_xlsx_lignes_vides_au_milieu() -> None:
    lecture = lire(xlsx(["Nom", "Prénom"], [], ["Morel", "Lina"], [None, "Zoé"]))
    assert lecture.lignes == [LigneEleve(3, "Morel", "Lina")]
    assert lecture.fautes == [RemarqueImport(4, "nom manquant.")]


def test_caracteres_invisibles() -> None:
    lecture = lire(xlsx(["Nom", "Prénom"], ["Le\u200b\u00a0 Goff", "Lina\nMarie"]))
    assert lecture.lignes == [LigneEleve(2, "Le Goff", "Lina Marie")]


LISIBLES: list[tuple[str | datetime.date, datetime.date | None]] = [
    ("", None),
    *((f"14{signe}03{signe}2008", JOUR) for signe in "/-. "),
    ("14/3/2008", JOUR),
    ("14 / 03 / 2008", JOUR),
    ("14/03/08", JOUR),
    ("14/03/60", datetime.date(1960, 3, 14)),
    ("2008-03-14", JOUR),
    ("2008-03-14T00:00:00", JOUR),
    ("2008-03-14T00:00:00+01:00", JOUR),
    ("2008-03-13T23:00:00.000Z", JOUR),
    ("2008-07-13T22:00:00+00:00", datetime.date(2008, 7, 14)),
    ("2008-03-13T20:00:00Z", JOUR),
    ("2008-03-14T04:00:00Z", JOUR),
    ("14/03/2008 00:00", JOUR),
    ("14 mars 2008", JOUR),
    ("vendredi 14 mars 2008", JOUR),
    ("1er août 2008", datetime.date(2008, 8, 1)),
    ("14-MARS-08", JOUR),
    ("14 févr. 2008", datetime.date(2008, 2, 14)),
    ("20080314", JOUR),
    ("14032008", JOUR),
    ("39521", JOUR),
    ("١٤/٠٣/٢٠٠٨", JOUR),
    (JOUR, JOUR),
    (datetime.datetime(2008, 3, 13, 23), JOUR),
    (datetime.datetime(2008, 3, 13, 23, 59, 39), JOUR),
    (datetime.datetime(2008, 3, 14, 1), JOUR),
]
ILLISIBLES: list[str | datetime.date] = [
    "31/02/2008", "03/14/2008", "hier", "14/03/1808", "14/03/2024", "14/03", "2008", "12345678",
    "14/03/2008 14:30", datetime.datetime(2008, 3, 14, 14, 30), datetime.date(2025, 3, 14), "NC",
    "#REF!", "0",
]  # fmt: skip


def test_dates() -> None:
    """Une date se lit quand elle ne peut en dire qu'une ; sinon l'élève reste, sans elle, et on le dit."""
    assert [(brute, date_lue(brute, 2025).jour) for brute, _ in LISIBLES] == LISIBLES
    for brute in ILLISIBLES:
        lue = date_lue(brute, 2025)
        assert (lue.jour, bool(lue.remarque)) == (None, True), brute


def test_dates_decalees_ou_en_jours_se_disent() -> None:
    assert [
        date_lue(brute, 2025).remarque for brute in ("2008-03-13T23:00:00.000Z", "39521", "14/03/08")
    ] == [
        "naissance «\xa02008-03-13T23:00:00.000Z\xa0»\xa0: un minuit décalé, lu 14 mars 2008.",
        "naissance «\xa039521\xa0»\xa0: lue 14 mars 2008, en jours de tableur.",
        "",
    ]


def test_colonne_de_dates_americaines() -> None:
    """Un seul « 03/14 » dit l'ordre de toute la colonne ; si elle mêle les deux, on ne devine pas."""
    entete = ["Nom", "Prénom", "Né(e) le"]
    lues = lire(csv(entete, ["A", "Lina", "03/14/2008"], ["B", "Zoé", "02/01/2008"])).lignes
    assert [ligne.naissance for ligne in lues] == [JOUR, datetime.date(2008, 2, 1)]
    melees = lire(
        csv(entete, ["A", "Lina", "03/14/2008"], ["B", "Zoé", "02/01/2008"], ["C", "Léa", "14/03/2008"])
    )
    assert [ligne.naissance for ligne in melees.lignes] == [None, None, JOUR]
    assert [remarque.numero for remarque in melees.avertissements] == [2, 3]


# --- Fautes et réserves -----------------------------------------------------------------------


def test_les_lignes_fautives_sont_dites_une_a_une() -> None:
    lecture = lire(
        csv(
            ["Nom", "Prénom", "Né le", "N° candidat"],
            ["Morel", "", "14/03/2008", ""],
            ["", "Zoé", "32/01/2008", ""],
            ["Roux", "Anne", "14/03/2008", "12" * 11],
            ["Bon", "Élève", "14/03/2008", "12"],
        )
    )
    assert [str(faute) for faute in lecture.fautes] == [
        "Ligne 2 : prénom manquant.",
        "Ligne 3 : nom manquant.",
    ]
    assert [ligne.nom_complet for ligne in lecture.lignes] == ["Roux Anne", "Bon Élève"]
    assert [str(remarque) for remarque in lecture.avertissements] == [
        "Ligne 4\xa0: «\xa01212121212121212121212…\xa0»\xa0: le numéro de candidat dépasse 20 caractères, "
        "laissé vide."
    ]
    assert lecture.ecartees == [("morel", ""), ("", "zoe")]


def test_un_ine_trop_long_n_est_jamais_une_faute() -> None:
    lecture = lire(csv(["Nom", "Prénom", "INE"], ["Morel", "Lina", "1234 5678 9012"]))
    assert (lecture.fautes, lecture.lignes) == ([], [LigneEleve(2, "Morel", "Lina")])
    assert lecture.avertissements == [
        RemarqueImport(2, "l’INE « 123456789012 » a plus de 11 caractères, il n’est pas repris.")
    ]


def eleve(
    numero: int, ine: str = "", naissance: datetime.date | None = JOUR, nom: str = "Morel"
) -> LigneEleve:
    return LigneEleve(numero, nom, "Lina", naissance, ine)


@pytest.mark.parametrize(
    ("lignes", "gardees"),
    [
        ([eleve(2), eleve(3)], [2]),
        ([eleve(2), eleve(3, nom="MOREL")], [2]),
        ([eleve(2, "A"), eleve(3, "A", nom="Autre")], [2, 3]),
        ([eleve(2, "A"), eleve(3)], [2]),
        ([eleve(2, "A"), eleve(3, "B")], [2, 3]),
        ([eleve(2), eleve(3, naissance=datetime.date(2008, 3, 15))], [2, 3]),
        ([eleve(2), eleve(3, naissance=None)], [2, 3]),
    ],
)
def test_doublons(lignes: list[LigneEleve], gardees: list[int]) -> None:
    restantes, doublons = sans_doublons(lignes)
    assert [ligne.numero for ligne in restantes] == gardees
    assert [doublon.numero for doublon in doublons] == [
        ligne.numero for ligne in lignes if ligne.numero not in gardees
    ]
    assert all("est déjà à la ligne 2 (doublon)." in doublon.message for doublon in doublons)


# --- Mauvais fichiers -------------------------------------------------------------------------

ABIME = "Ce classeur est abîmé ou n’en est pas un\xa0: enregistrez-le à nouveau en .xlsx."
NI_L_UN_NI_L_AUTRE = "Ce fichier n’est ni un CSV ni un classeur\xa0: exportez à nouveau la liste."


@pytest.mark.parametrize(
    ("contenu", "phrase"),
    [
        (b"", "Le fichier est vide."),
        (b"\r\n  \n", "Le fichier est vide."),
        (bytes(range(256)), NI_L_UN_NI_L_AUTRE),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00",
            "Ce fichier est une image ou une vidéo\xa0: envoyez la liste elle-même.",
        ),
        (
            b"%PDF-1.7\n\x00\x81",
            "Ce fichier est un PDF\xa0: demandez à votre logiciel un export CSV ou xlsx de la même liste.",
        ),
        (
            b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><th>Nom</th></table></html>',
            "Ce fichier est une page web (HTML) sous un nom de classeur\xa0: ouvrez-la dans un tableur, puis "
            "enregistrez-la en .xlsx ou en CSV.",
        ),
        (
            b'<?xml version="1.0"?><NOTES><NOTE/></NOTES>',
            "Ce fichier XML n’est pas un export d’élèves de SIECLE (ElevesSansAdresses.xml)\xa0: exportez la "
            "liste à nouveau.",
        ),
        (b"PK\x03\x04n'importe quoi", ABIME),
        (xlsx(["Nom", "Prénom"])[:-200], ABIME),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ABIME),
        (b"a" * (OCTETS_MAX + 1), "Le fichier dépasse 8 Mo : n’exportez que les élèves de l’établissement."),
        (
            csv(["Nom", "Né le"], ["Morel", "14/03/2008"]),
            "Il manque la colonne « Prénom ». Colonnes trouvées : « Nom », « Né le ».",
        ),
        (
            csv(["Identité n° 1", "Groupe"], ["Morel Lina", "1"]),
            "Il manque les colonnes « Nom » et « Prénom ». "
            "Colonnes trouvées\xa0: «\xa0Identité n° 1\xa0», «\xa0Groupe\xa0».",
        ),
        (
            csv(["Nom", "Prénom"], *(["Morel", f"Lina {rang}"] for rang in range(LIGNES_MAX + 1))),
            "Le fichier compte plus de 3\xa0000 lignes\xa0: exportez une ou quelques divisions à la fois.",
        ),
        (
            b'Nom;Pr\xe9nom\nMorel;"' + b"x" * 140_000,
            "Le fichier CSV est illisible à partir de la ligne 2.",
        ),
    ],
)  # fmt: skip
def test_une_phrase_par_mauvais_fichier(contenu: bytes, phrase: str) -> None:
    with pytest.raises(FichierIllisible) as refus:
        lire(contenu)
    assert str(refus.value) == phrase


def test_trois_mille_lignes_passent() -> None:
    contenu = csv(["Nom", "Prénom"], *(["Morel", f"Lina {rang}"] for rang in range(LIGNES_MAX)))
    assert len(lire(contenu).lignes) == LIGNES_MAX


def test_bombe_de_decompression() -> None:
    contenu = bombe(OCTETS_DEPLIES_MAX + 1)
    assert len(contenu) < OCTETS_MAX
    with pytest.raises(FichierIllisible, match="Ce fichier contient trop de données"):
        lire(contenu)


def test_une_cellule_perdue_au_bout_de_la_feuille() -> None:
    """Une feuille qui s'étend jusqu'à la ligne 1 048 576 ne se parcourt pas en entier."""
    sortie = io.BytesIO(xlsx(["Nom", "Prénom"], ["Morel", "Lina"]))
    classeur = load_workbook(sortie)
    classeur.active["CV1048576"] = "égarée"
    classeur.save(sortie := io.BytesIO())
    debut = time.process_time()
    assert lire(sortie.getvalue()).lignes == [LigneEleve(2, "Morel", "Lina")]
    assert time.process_time() - debut < 2


# --- Propriétés -------------------------------------------------------------------------------


def verdict(contenu: bytes) -> str:
    """La phrase du refus, ou un accord ; toute autre exception est un plantage."""
    try:
        lire(contenu)
    except FichierIllisible as refus:
        return str(refus)
    return "Lu."


@given(st.binary(max_size=400))
@example(b"\xff\xfe")
@example(b"PK\x03\x04")
@example(b'"')
def test_aucun_octet_ne_fait_planter(contenu: bytes) -> None:
    assert verdict(contenu).endswith(".")


@given(st.binary(max_size=200))
def test_aucune_ligne_ne_fait_planter(octets: bytes) -> None:
    assert verdict("Nom;Prénom;Né(e) le;INE;Option\n".encode("cp1252") + octets).endswith(".")


BON = xlsx(ENTETE, HELENE)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, len(BON) - 1), st.integers(0, 255))
def test_aucun_classeur_abime_ne_fait_planter(rang: int, octet: int) -> None:
    assert verdict(BON[:rang] + bytes([octet]) + BON[rang + 1 :]).endswith(".")


NOM = st.from_regex(r"[A-Za-zÀÉœ][a-zéèç]{1,8}([ '-][A-ZÉ][a-zç]{1,8}){0,2}", fullmatch=True)
MOT = st.from_regex(r"[1-9A-Z][a-zé;,\t\"' -]{0,8}[a-z]", fullmatch=True).map(
    lambda texte: " ".join(texte.split())
)
FICHES = st.lists(
    st.builds(
        dict,
        nom=NOM,
        prenom=NOM,
        naissance=st.none() | st.dates(datetime.date(1960, 1, 1), datetime.date(2012, 1, 1)),
        ine=st.from_regex(r"[0-9]{9}[A-HJK]{2}", fullmatch=True) | st.just(""),
        division=MOT,
    ),
    max_size=8,
    unique_by=lambda fiche: fiche["ine"] or fiche["nom"],
)


@settings(max_examples=40, deadline=None)
@given(
    FICHES,
    st.sampled_from(";,\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    st.sampled_from(["%d/%m/%Y", "%Y-%m-%d"]),
)
def test_ce_que_l_on_ecrit_se_relit(
    fiches: list[dict[str, object]], separateur: str, encodage: str, forme: str
) -> None:
    sortie = io.StringIO()
    table = module_csv.writer(sortie, delimiter=separateur)
    table.writerow(["Division", "INE", "Nom", "Prénom", "Né(e) le"])
    for fiche in fiches:
        jour = fiche["naissance"]
        naissance = jour.strftime(forme) if isinstance(jour, datetime.date) else ""
        table.writerow([fiche["division"], fiche["ine"], fiche["nom"], fiche["prenom"], naissance])
    lecture = lire(sortie.getvalue().encode(encodage))
    assert lecture.fautes == []
    assert lecture.lignes == [LigneEleve(numero, **fiche) for numero, fiche in enumerate(fiches, start=2)]
