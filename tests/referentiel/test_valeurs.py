"""Ce que le référentiel officiel, abîmé d’une valeur, fait dire : nombres, jours, signes, codes de niveau."""

import json
import sys
import unicodedata

import pytest

from certification.dossier.grille.ligne import NON_DEMONTREE
from livret.evaluation.models import Mention
from referentiel.fichier import controle
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.fautes import FichierInvalide
from referentiel.fichier.lecture import lire_texte
from tests import factories
from tests.referentiel.test_lecture import (
    BRUT,
    DEMO,
    avec,
    espaces,
    fautes,
    ligne_de,
)

TRPM = factories.FICHIER_TRPM.read_text(encoding="utf-8")


def trpm(ancien, nouveau):
    """Le fichier officiel, une écriture remplacée, et la ligne où elle est."""
    assert ancien in TRPM
    return TRPM.replace(ancien, nouveau, 1), ligne_de(TRPM, ancien)


@pytest.mark.parametrize(
    "nombre",
    ["NaN", "Infinity", "-Infinity", "9e999999999999", "9e9999999999999999999", "1e-400", "9" * 5000],
)
def test_un_nombre_impropre_donne_sa_ligne(nombre):
    texte, ligne = trpm('"C1": 9', f'"C1": {nombre}')
    ((place, ou, message),) = fautes(texte)
    assert (place, ou) == ("/grilles/0/poids/0/competences/C1", ligne)
    lu = nombre if len(nombre) <= 30 else nombre[:30] + "…"
    assert message == f"{lu} n’est pas un nombre dont on puisse se servir. Écrivez-le en chiffres."


def test_une_virgule_decimale_donne_sa_ligne():
    texte, ligne = trpm('"C1": 9', '"C1": 9,5')
    ((_, ou, message),) = fautes(texte)
    assert ou == ligne
    assert message.endswith("un nombre décimal s’écrit avec un point, 9.5.")

    texte, ligne = trpm('"C1": 9', '"C1": "9,5"')
    ((place, ou, message),) = fautes(texte)
    assert (place, ou) == ("/grilles/0/poids/0/competences/C1", ligne)
    assert espaces(message) == (
        'Valeur reçue : "9,5". Écrivez un nombre ou null, sans guillemets et avec un point : 9.5.'
    )


@pytest.mark.parametrize("jour", ["2021-02-30", "2021-02-29", "2021-13-08", "2021-00-10", "0000-01-01"])
@pytest.mark.parametrize("champ", ["publication", "rncp/debut_parcours", "rncp/echeance"])
def test_un_jour_qui_n_existe_pas_donne_sa_ligne(champ, jour):
    ecrit = json.loads(TRPM)["identite"]
    for pas in champ.split("/"):
        ecrit = ecrit[pas]
    nom = champ.split("/")[-1]
    texte, _ = trpm(f'"{nom}": "{ecrit}"', f'"{nom}": "{jour}"')
    ((place, ou, message),) = fautes(texte)
    assert (place, ou) == (f"/identite/{champ}", ligne_de(texte, jour))
    assert espaces(message) == f'Valeur reçue : "{jour}". Ce jour n’est pas au calendrier. Corrigez-le.'


def test_un_jour_bissextile_existe():
    publie = json.loads(TRPM)["identite"]["publication"]
    assert lire_texte(trpm(f'"{publie}"', '"2020-02-29"')[0]).brut["identite"]["publication"] == "2020-02-29"


LIGNES = ["\n", "\x85", "\u2028", "\u2029", "\x0b", "\x7f", "\x9f"]
INVISIBLES = [
    "\u200b",
    "\u200d",
    "\u00ad",
    "\ufeff",
    "\u202e",
    "\u2066",
    "\u3164",
    "\ufe0f",
    "\ue000",
    "\uffff",
]


@pytest.mark.parametrize("signe", LIGNES + INVISIBLES, ids=ascii)
@pytest.mark.parametrize("brut", [False, True])
def test_un_signe_que_rien_ne_montre_est_refuse_partout(signe, brut):
    ecrit = signe if brut and signe > "\x1f" else json.dumps(signe)[1:-1]
    intitule = json.loads(TRPM)["competences"][0]["intitule"]
    for ancien, place in (
        (f'"intitule": "{intitule}"', "/competences/0/intitule"),
        ('"code": "RSP"', "/options/0/code"),
    ):
        texte, ligne = trpm(ancien, f"{ancien[:-2]}{ecrit}{ancien[-2:]}")
        phrases = [message for ou, numero, message in fautes(texte) if (ou, numero) == (place, ligne)]
        attendu = (
            "contient un retour à la ligne ou un caractère de commande"
            if signe in LIGNES
            else f"contient un signe que rien ne montre (U+{ord(signe):04X})"
        )
        assert any(message.startswith(f"Ce texte {attendu}") for message in phrases), phrases


def test_un_texte_decompose_se_lit_recompose():
    for decompose in (unicodedata.normalize("NFD", TRPM), ecrire(json.loads(TRPM)).replace("é", r"e\u0301")):
        assert decompose != TRPM
        assert ecrire(lire_texte(decompose).brut) == TRPM


def niveaux(*codes):
    echelle = {"code": "trois", "intitule": "Trois", "niveaux": []}
    for rang, code in enumerate(codes):
        echelle["niveaux"].append({"code": code, "valeur": rang, "libelle": code, "symbole": "vide"})
    return avec(("echelles", 0), echelle)


def test_ce_qui_s_ecrit_a_la_place_d_un_niveau_est_reserve():
    ailleurs = {NON_DEMONTREE, *(mention.value for mention in Mention)}
    assert set(controle.RESERVES) == {code.casefold() for code in ailleurs}


@pytest.mark.parametrize("code", ["ND", "nd", "Ne", "NE", "ABS", "abs", "DISP", "Disp", "ＮＤ"])
def test_un_code_de_niveau_reserve_est_refuse(code):
    ((place, _, message),) = fautes(niveaux("A", code, "B"))
    assert place == "/echelles/0/niveaux/1/code"
    assert espaces(message).startswith(f"« {code} » est réservé : ")


@pytest.mark.parametrize(("code", "autre"), [("a", "A"), ("Éc", "éC"), ("ß", "SS"), ("1", "１")])
def test_deux_codes_de_niveau_que_seule_la_casse_distingue_sont_refuses(code, autre):
    ((place, _, message),) = fautes(niveaux(code, "B", autre))
    assert place == "/echelles/0/niveaux/2/code"
    assert f"« {autre} » ne se distingue pas, quand on le tape, de « {code} »" in espaces(message)


def test_un_signe_invisible_ne_distingue_pas_deux_codes():
    messages = [espaces(m) for p, _, m in fautes(niveaux("A", "A\u200b")) if p.endswith("/1/code")]
    assert any("ne se distingue pas" in message for message in messages)


@pytest.mark.parametrize(
    "codes", [("NA", "ECA", "A"), ("--", "-", "+", "++"), ("N", "D", "E"), ("0", "1", "2")]
)
def test_les_autres_codes_de_niveau_se_lisent(codes):
    assert [niveau.code for niveau in lire_texte(niveaux(*codes)).grille_par_defaut.niveaux] == list(codes)


# --- Le contrôle reste proportionné au fichier ------------------------------------------------------


def grand(epreuves, options, changements):
    codes = [f"O{rang}" for rang in range(options)]
    poids = [{"epreuve": f"E{rang}", "competences": {"CP01": 1, "CP02": 2}} for rang in range(epreuves)]
    return json.dumps(
        BRUT
        | {
            "options": [{"code": code, "intitule": "o"} for code in codes],
            "epreuves": [
                {"code": f"E{rang}", "intitule": "e", "coefficients": dict.fromkeys(codes, 1)}
                for rang in range(epreuves)
            ],
            "competences": [{"code": f"CP0{rang}", "intitule": "c"} for rang in (1, 2, 3)],
            "activites": [],
            "grilles": [BRUT["grilles"][0] | {"poids": poids}],
        }
        | changements
    )


def lignes_executees(texte):
    """Lignes de Python jouées dans `referentiel` et jsonschema pour lire ce texte."""
    compte = 0

    def suivre(cadre, evenement, _):
        nonlocal compte
        compte += evenement == "line"
        return suivre

    avant = sys.gettrace()
    sys.settrace(suivre)
    try:
        lire_texte(texte)
    except FichierInvalide:
        pass
    finally:
        sys.settrace(avant)
    return compte


@pytest.mark.parametrize(
    "changements",
    [
        {},
        {"competences": [{"code": "CP01", "intitule": "c"}]},
        {"options": [{"code": f"X{rang}", "intitule": "o"} for rang in range(50)]},
    ],
    ids=["valide", "compétence inconnue", "options inconnues"],
)
def test_un_coefficient_de_plus_ne_coute_pas_davantage_dans_un_grand_fichier(changements):
    lire_texte(DEMO.read_text(encoding="utf-8"))
    petit, moyen, grand_ = (
        lignes_executees(grand(*taille, changements)) for taille in ((20, 10), (40, 20), (80, 40))
    )
    assert (grand_ - moyen) / (80 * 40 - 40 * 20) <= (moyen - petit) / (40 * 20 - 20 * 10)
