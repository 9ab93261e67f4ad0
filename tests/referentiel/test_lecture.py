"""Chaque faute d'un fichier : sa place, sa ligne, sa phrase ; et rien d'autre."""

import copy
import cProfile
import json
import pstats
import unicodedata
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.fautes import FORMES, PHRASES, FichierInvalide
from referentiel.fichier.json_situe import Situe, pointeur
from referentiel.fichier.lecture import (
    TAILLE_MAX,
    lire,
    lire_octets,
    lire_texte,
    schema,
)
from tests.diplomes import diplome

DEMO = Path(__file__).with_name("demo.json")
BRUT = json.loads(DEMO.read_text(encoding="utf-8"))


def fautes(texte):
    with pytest.raises(FichierInvalide) as erreur:
        lire_octets(texte if isinstance(texte, bytes) else texte.encode())
    return [(faute.pointeur, faute.ligne, faute.message) for faute in erreur.value.fautes]


def avec(chemin, valeur):
    """Le texte du diplôme inventé, une valeur remplacée ; `...` retire la propriété."""
    brut = copy.deepcopy(BRUT)
    *parents, dernier = chemin
    ici = brut
    for pas in parents:
        ici = ici[pas]
    if valeur is ...:
        del ici[dernier]
    else:
        ici[dernier] = valeur
    return ecrire(brut)


def ligne_de(texte, extrait):
    return texte[: texte.index(extrait)].count("\n") + 1


def test_diplome_invente():
    document = lire(DEMO)
    assert document.options == {"BOIS": "chevaux de bois", "AERO": "avions à hélice"}
    assert document.poids("1", "EP2", "AERO") == {"CP01": Fraction(1), "CP02": Fraction(1)}
    assert document.poids("1", "EP1", "BOIS") == {"CP01": Fraction(1), "CP03": Fraction(1)}
    assert document.coefficient("EP1", "BOIS") is None
    assert document.coefficient("EP2", "BOIS") == Fraction(3, 2)
    assert document.grille_par_defaut.bonus_max == Fraction(3, 2)
    assert document.grille_par_defaut.niveau_max == 5


def test_poids_decimaux_exacts():
    poids = {"CP01": 0.1, "CP02": 0.2}
    document = lire_texte(avec(("grilles", 0, "poids", 1, "competences"), poids))
    assert document.poids("1", "EP2", "BOIS") == {"CP01": Fraction(1, 10), "CP02": Fraction(1, 5)}


DU_SCHEMA = [
    (("semaines_pfmp",), "dix", "/semaines_pfmp", 'Valeur reçue : "dix". Écrivez un nombre entier ou null.'),
    (("semaines_pfmp",), -1, "/semaines_pfmp", "Valeur reçue : -1. Écrivez un nombre d’au moins 0."),
    (("semaines_pfmp",), 999, "/semaines_pfmp", "Valeur reçue : 999. Écrivez un nombre d’au plus 200."),
    (("format",), 2, "/format", "Valeur reçue : 2. Écrivez 1."),
    (
        ("code",),
        "TR PM",
        "/code",
        'Valeur reçue : "TR PM". Écrivez des lettres sans accent, des chiffres et des tirets.',
    ),
    (
        ("competences", 1, "code"),
        "C 1",
        "/competences/1/code",
        'Valeur reçue : "C 1". Écrivez au moins un caractère, sans espace, signe égal ni barre oblique, '
        "et autre chose qu’un point.",
    ),
    (
        ("competences", 1, "code"),
        "..",
        "/competences/1/code",
        'Valeur reçue : "..". Écrivez au moins un caractère, sans espace, signe égal ni barre oblique, '
        "et autre chose qu’un point.",
    ),
    (
        ("competences", 1, "intitule"),
        "",
        "/competences/1/intitule",
        "Le texte est vide. Écrivez-le, ou retirez la propriété si elle est facultative.",
    ),
    (
        ("echelles", 0, "niveaux", 1, "code"),
        "BBBBBB",
        "/echelles/0/niveaux/1/code",
        'Valeur reçue : "BBBBBB", 6 caractères. Raccourcissez-la à 5 caractères au plus.',
    ),
    (
        ("grilles", 0, "arrondi"),
        "demi_superieure",
        "/grilles/0/arrondi",
        'Valeur reçue : "demi_superieure". Choisissez parmi « demi_superieur », « demi_proche », '
        "« centieme ». Vouliez-vous écrire « demi_superieur » ?",
    ),
    (("options",), [], "/options", "La liste a 0 élément. Donnez-en au moins 1."),
    (
        ("savoirs", 0, "competences"),
        ["CP01", "CP01"],
        "/savoirs/0/competences",
        'Répété : "CP01". Gardez chaque valeur une seule fois.',
    ),
    (
        ("grilles", 0, "poids", 1, "competences"),
        {"CP01": 0, "CP02": 1},
        "/grilles/0/poids/1/competences/CP01",
        "Valeur reçue : 0. Écrivez un nombre strictement supérieur à 0.",
    ),
    (
        ("grilles", 0, "poids", 1, "competences"),
        {},
        "/grilles/0/poids/1/competences",
        "L’objet est vide. Donnez au moins 1 entrée.",
    ),
    (
        ("competences", 2, "intitule"),
        ...,
        "/competences/2",
        "Il manque la propriété « intitule ». Ajoutez-la. Intitulé officiel, à la lettre.",
    ),
    (
        ("competences", 2, "intitulé"),
        "x",
        "/competences/2/intitulé",
        "La propriété « intitulé » n’existe pas ici. Retirez-la. Vouliez-vous écrire « intitule » ?",
    ),
]


def espaces(texte):
    return texte.replace("\u00a0", " ")


@pytest.mark.parametrize(("chemin", "valeur", "place", "message"), DU_SCHEMA)
def test_faute_de_schema(chemin, valeur, place, message):
    texte = avec(chemin, valeur)
    trouvees = [(p, espaces(m)) for p, _, m in fautes(texte)]
    assert (place, message) in trouvees
    assert {p for p, _ in trouvees if p.startswith(place)} == {place}


def mots_cles(noeud):
    """Mots-clés de validation employés par le schéma, et motifs."""
    if isinstance(noeud, dict):
        for cle, valeur in noeud.items():
            if cle in ("properties", "$defs"):
                for sous_schema in valeur.values():
                    yield from mots_cles(sous_schema)
            elif cle not in ("description", "title", "$schema", "$ref"):
                yield cle, valeur
                yield from mots_cles(valeur)


def test_chaque_mot_cle_du_schema_a_sa_phrase():
    employes = {cle for cle, _ in mots_cles(schema())}
    assert employes - set(PHRASES) == {"required", "additionalProperties", "items", "properties"} & employes
    assert {valeur for cle, valeur in mots_cles(schema()) if cle == "pattern"} == set(FORMES)


def test_chaque_propriete_du_schema_est_decrite():
    def proprietes(noeud):
        if isinstance(noeud, dict):
            yield from noeud.get("properties", {}).items()
            for valeur in noeud.values():
                yield from proprietes(valeur)

    assert [nom for nom, contenu in proprietes(schema()) if not contenu.get("description")] == []


DE_SENS = [
    (
        ("competences", 0, "detaillees", 1, "option"),
        "BOI",
        "/competences/0/detaillees/1/option",
        "« BOI » ne désigne aucune option du fichier. Codes déclarés : « BOIS », « AERO ». "
        "Vouliez-vous écrire « BOIS » ?",
    ),
    (
        ("grilles", 0, "poids", 0, "epreuve"),
        "EP9",
        "/grilles/0/poids/0/epreuve",
        "« EP9 » ne désigne aucune épreuve du fichier. Codes déclarés : « EP1 », « EP2 ». "
        "Vouliez-vous écrire « EP2 » ?",
    ),
    (
        ("grilles", 0, "echelle"),
        "quatre",
        "/grilles/0/echelle",
        "« quatre » ne désigne aucune échelle du fichier. Codes déclarés : « trois ».",
    ),
    (
        ("epreuves", 0, "parent"),
        "EP1",
        "/epreuves/0/parent",
        "L’épreuve « EP1 » est sa propre épreuve parente, ou dépend de plus de 5 épreuves emboîtées. "
        "Corrigez « parent ».",
    ),
    (
        ("epreuves", 0, "bloc"),
        "BC1",
        "/epreuves/0/bloc",
        "« BC1 » ne désigne aucun bloc du fichier. Aucun n’est déclaré.",
    ),
    (
        ("statuts",),
        [{"code": "s", "intitule": "s", "voie": "R1"}],
        "/statuts/0/voie",
        "« R1 » ne désigne aucune voie du fichier. Aucun n’est déclaré.",
    ),
    (
        ("echelles", 0, "niveaux", 2, "valeur"),
        2,
        "/echelles/0/niveaux/2/valeur",
        "La valeur 2 ne dépasse pas la précédente (2). Donnez des valeurs strictement croissantes, "
        "du plus bas niveau au plus haut.",
    ),
    (
        ("grilles", 0, "poids", 1, "competences"),
        {"CP01": 3, "CP02": None},
        "/grilles/0/poids/1/competences/CP02",
        "La compétence « CP02 » n’a pas de poids dans l’épreuve EP2 pour l’option BOIS, alors que d’autres "
        "en ont un. Donnez un poids ou null à toutes.",
    ),
    (
        ("grilles", 0, "poids", 1, "competences", "CP9"),
        None,
        "/grilles/0/poids/1/competences/CP9",
        "« CP9 » ne désigne aucune compétence du fichier. Codes déclarés : « CP01 », « CP02 », « CP03 ».",
    ),
    (
        ("grilles", 0, "poids", 1, "competences"),
        {"CP01": 0.12345, "CP02": 1},
        "/grilles/0/poids/1/competences/CP01",
        "Valeur reçue : 0.12345. Arrondissez-la à 4 décimales au plus.",
    ),
    (
        ("competences", 0, "detaillees", 1, "indicateurs", 0),
        {"intitule": "La sangle tient"},
        "/competences/0/detaillees/1/indicateurs/0",
        "Cet indicateur n’a pas de poids alors que d’autres du même élément en ont un. "
        "Donnez un poids à tous, ou à aucun.",
    ),
    (
        ("competences", 0, "detaillees", 0, "option"),
        "BOIS",
        "/competences/0/detaillees/0/detaillees/0",
        "Cet élément dépend de « CP01.a », limité à l’option BOIS. Donnez-lui la même option.",
    ),
    (
        ("competences", 1, "intitule"),
        "Encaisser\nvite",
        "/competences/1/intitule",
        "Ce texte contient un retour à la ligne ou un caractère de commande. Écrivez-le sur une ligne.",
    ),
    (
        ("competences", 1, "intitule"),
        " Encaisser",
        "/competences/1/intitule",
        "Ce texte commence ou finit par un espace. Retirez cet espace.",
    ),
    (
        ("savoirs", 0, "niveau"),
        3,
        "/savoirs/0/niveau",
        "Le degré 3 n’est pas dans les repères. Degrés déclarés : aucun.",
    ),
]


@pytest.mark.parametrize(("chemin", "valeur", "place", "message"), DE_SENS)
def test_faute_de_sens(chemin, valeur, place, message):
    trouvees = [(p, espaces(m)) for p, _, m in fautes(avec(chemin, valeur))]
    assert (place, message) in trouvees


def test_ligne_de_la_faute():
    texte = avec(("echelles", 0, "niveaux", 2, "valeur"), 2)
    (faute,) = fautes(texte)
    assert faute[1] == ligne_de(texte, '{"code": "C", "valeur": 2')


def test_meme_code_sans_option():
    """Q45 : deux éléments de même code et sans option, refusés avec la ligne de chacun."""
    texte = DEMO.read_text(encoding="utf-8")
    texte = texte.replace(', "option": "AERO"}\n      ]', "}\n      ]").replace(
        '          "option": "BOIS",\n', "", 1
    )
    (faute,) = fautes(texte)
    premiere = ligne_de(texte, '"code": "CP01.b"') - 1
    seconde = ligne_de(texte, '"code": "CP01.b", "intitule": "Vérifier les commandes"')
    assert faute[:2] == ("/competences/0/detaillees/2/code", seconde)
    assert espaces(faute[2]) == (
        f"La compétence détaillée « CP01.b » existe déjà ligne {premiere} sans option. Si les deux relèvent "
        f"d’options différentes, indiquez l’option de chacun ; sinon, changez ce code."
    )


def test_meme_code_commun_et_limite():
    texte = DEMO.read_text(encoding="utf-8").replace('          "option": "BOIS",\n', "", 1)
    trouvees = {p: espaces(m) for p, _, m in fautes(texte)}
    assert (
        "vaut à la fois pour toutes les options et pour une seule"
        in trouvees["/competences/0/detaillees/2/code"]
    )


def test_meme_code_deux_fois_dans_une_option():
    texte = avec(("competences", 0, "detaillees", 2, "option"), "BOIS")
    ((place, _, message),) = fautes(texte)
    assert place == "/competences/0/detaillees/2/code"
    assert "pour l’option BOIS. Changez ce code ou cette option." in message


def test_competence_pesee_deux_fois():
    poids = [
        *BRUT["grilles"][0]["poids"],
        {"epreuve": "EP2", "option": "AERO", "competences": {"CP02": None}},
    ]
    ((place, _, message),) = fautes(avec(("grilles", 0, "poids"), poids))
    assert place == "/grilles/0/poids/2/competences/CP02"
    assert "pèse déjà dans l’épreuve EP2" in message


def test_epreuve_a_coefficient_sans_competence():
    poids = [{"epreuve": "EP2", "option": "BOIS", "competences": {"CP02": None}}]
    ((place, _, message),) = fautes(avec(("grilles", 0, "poids"), poids))
    assert place == "/grilles/0/poids"
    assert message.startswith("L’épreuve EP2 a un coefficient pour l’option AERO mais aucune compétence.")


def test_code_deux_fois():
    ((place, _, message),) = fautes(avec(("competences", 2, "code"), "CP02"))[:1]
    assert place == "/competences/2/code"
    assert "existe déjà ligne" in message


def test_cle_repetee():
    texte = DEMO.read_text(encoding="utf-8").replace(
        '"semaines_pfmp": null,', '"semaines_pfmp": null,\n  "code": "X",'
    )
    assert [(p, ligne, espaces(m)) for p, ligne, m in fautes(texte)] == [
        ("/code", 8, "La propriété « code » est donnée deux fois. Gardez-en une seule.")
    ]


def test_demi_caractere_unicode():
    texte = avec(("competences", 1, "intitule"), "x").replace('"intitule": "x"', r'"intitule": "a\ud800"')
    ((place, _, message),) = fautes(texte)
    assert place == "/competences/1/intitule"
    assert message.startswith("Ce texte contient un demi-caractère Unicode")


def test_toutes_les_fautes_en_une_fois():
    brut = copy.deepcopy(BRUT)
    brut["semaines_pfmp"] = "dix"
    brut["echelles"][0]["niveaux"][1]["valeur"] = 9
    brut["grilles"][0]["poids"][0]["epreuve"] = "EP9"
    del brut["competences"][2]["intitule"]
    assert [p for p, _, _ in fautes(ecrire(brut))] == [
        "/semaines_pfmp",
        "/competences/2",
        "/echelles/0/niveaux/2/valeur",
        "/grilles/0/poids/0/epreuve",
    ]


FICHIERS = [
    (b"", None, "Le fichier est vide. Choisissez un fichier JSON de référentiel."),
    (b" \n\t", None, "Le fichier est vide. Choisissez un fichier JSON de référentiel."),
    ("{}".encode("utf-16"), None, "Le fichier est en UTF-16. Enregistrez-le en UTF-8."),
    (b'{"a":\n"\xe9"}', 2, "L’octet 0xe9 n’est pas de l’UTF-8. Enregistrez le fichier en UTF-8."),
    (b"x" * (TAILLE_MAX + 1), None, "Le fichier dépasse 2 Mo. Un référentiel en fait cent fois moins."),
    (
        b"[" * 50_000,
        None,
        "Le fichier emboîte trop de listes ou d’objets. Aucun référentiel n’est aussi profond.",
    ),
    (
        b'{"a": 1\n"b": 2}',
        2,
        'Ce n’est pas du JSON valide, colonne 1, à « "b": 2} » : une virgule est attendue avant.',
    ),
    (
        b'{"a": 1,\n"b": 2,5}',
        2,
        "Ce n’est pas du JSON valide, colonne 8, à « 5} » : un nombre décimal s’écrit avec un point, 2.5.",
    ),
    (b"[]", 1, "Valeur reçue : []. Écrivez un objet { … }."),
]


@pytest.mark.parametrize(("octets", "ligne", "message"), FICHIERS, ids=range(len(FICHIERS)))
def test_fichier_illisible(octets, ligne, message):
    assert [(p, numero, espaces(m)) for p, numero, m in fautes(octets)] == [("", ligne, message)]


@pytest.mark.parametrize("nombre", ["1e999999999", "9" * 5000, "-0.00000000000000000001", "1e-999999999"])
def test_nombre_demesure(nombre):
    assert fautes(avec(("semaines_pfmp",), 0).replace('"semaines_pfmp": 0', f'"semaines_pfmp": {nombre}'))


def test_marque_d_ordre_acceptee():
    assert lire_octets(b"\xef\xbb\xbf" + DEMO.read_bytes()).code == "DEMO"


def test_fichier_absent(tmp_path):
    with pytest.raises(OSError, match="absent.json"):
        lire(tmp_path / "absent.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda enfants: st.lists(enfants, max_size=3) | st.dictionaries(st.text(max_size=3), enfants, max_size=3),
    max_leaves=12,
)


def nfc(valeur):
    return json.loads(unicodedata.normalize("NFC", json.dumps(valeur, ensure_ascii=False)))


@given(JSON, st.integers(0, 3), st.sampled_from(["\t", " ", "\n", ""]))
def test_positions(valeur, retrait, blanc):
    """À la position donnée pour un chemin, le texte commence bien par la valeur de ce chemin."""
    texte = blanc + json.dumps(valeur, indent=retrait or None, ensure_ascii=bool(retrait))
    situe = Situe(texte)

    def verifier(ici, chemin):
        position = situe.position(chemin)
        assert nfc(json.JSONDecoder().raw_decode(texte, position)[0]) == ici
        assert situe.ligne(chemin) == texte.count("\n", 0, position) + 1
        entrees = ici.items() if isinstance(ici, dict) else enumerate(ici) if isinstance(ici, list) else ()
        for pas, contenu in entrees:
            verifier(contenu, (*chemin, pas))

    verifier(valeur, ())


def test_pointeur_echappe():
    assert pointeur(("a/b", 0, "c~d")) == "/a~1b/0/c~0d"
    assert pointeur(()) == ""


def chemins(valeur, chemin=()):
    yield chemin
    entrees = (
        valeur.items() if isinstance(valeur, dict) else enumerate(valeur) if isinstance(valeur, list) else ()
    )
    for pas, contenu in entrees:
        yield from chemins(contenu, (*chemin, pas))


@settings(max_examples=300)
@given(st.sampled_from([chemin for chemin in chemins(BRUT) if chemin]), JSON)
def test_un_fichier_abime_ne_casse_jamais_la_lecture(chemin, valeur):
    """Soit le document est valide et se récrit à l'identique, soit il a des fautes situées."""
    texte = avec(chemin, valeur)
    try:
        relu, trouvees = ecrire(lire_texte(texte).brut), ()
    except FichierInvalide as erreur:
        relu, trouvees = unicodedata.normalize("NFC", texte), erreur.fautes
    assert relu == unicodedata.normalize("NFC", texte)
    assert [faute for faute in trouvees if not faute.message or not faute.ligne] == []


def test_l_exemple_de_la_documentation_est_valide():
    guide = (Path(__file__).parents[2] / "docs" / "format-referentiel.md").read_text(encoding="utf-8")
    exemple = guide.split("```json\n")[1].split("```")[0]
    assert lire_texte(exemple).poids("1", "EP1", "AERO") == {"CP01": Fraction(1), "CP02": Fraction(1)}


def _etendu(epreuves: int, options: int) -> str:
    """Un coefficient par épreuve et par option."""
    codes = [f"O{rang}" for rang in range(options)]
    brut = diplome("ETENDU", {f"E{rang}": {f"C{rang}": 1} for rang in range(epreuves)}, options=codes)
    for epreuve in brut["epreuves"]:
        epreuve["coefficients"] = dict.fromkeys(codes, 1)
    return json.dumps(brut)


def _appels(texte: str) -> int:
    """Fonctions appelées pour lire et contrôler : le travail fait, sans l’horloge."""
    profil = cProfile.Profile()
    profil.runcall(lire_texte, texte)
    return sum(appels for _, appels, *_ in pstats.Stats(profil).stats.values())  # type: ignore[attr-defined]


def test_le_controle_est_lineaire():
    """Quatre fois plus d’épreuves et quatre fois plus d’options : seize fois le travail, pas davantage."""
    lire_texte(_etendu(2, 2))
    assert _appels(_etendu(80, 40)) < 16 * _appels(_etendu(20, 10))
