"""Identifiants officiels et noms. Module pur. Sources : DOMAINE.md section 8, Q41 à Q43."""

import re
import secrets
import unicodedata

from trpm.base.a_la_demande import ALaDemande

siret = ALaDemande("stdnum.fr.siret")

LETTRES_UAI = "ABCDEFGHJKLMNPRSTUVWXYZ"
MOTIF_UAI = re.compile(r"[0-9]{7}[A-Z]")
MOTIFS_INE = {
    "RNIE": re.compile(r"[0-9]{9}[A-HJK]{2}"),
    "BEA": re.compile(r"[0-9]{10}[A-HJ-NPR-Z]"),
    "base 36": re.compile(r"[0-9A-Z]{10}[0-9]"),
    "apprentissage (SIFA)": re.compile(r"[0-9]{4}A[0-9]{5}[A-HJ-NPR-Z]"),
    "provisoire": re.compile(r"[0-9]{4}D[0-9]{5}[A-HJ-NPR-Z]"),
}
LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"} | dict.fromkeys("ʼʻʽʹˈʾʿ′", "'")
)
PARTICULES = {"de", "du", "des", "d", "le", "la", "les", "l", "da", "do", "dos", "van", "von", "der", "den"}


# Lettres d'autres écritures qui ont le dessin des nôtres, et traits d'union de toutes longueurs.
SOSIES = str.maketrans("АВЕКМНОРСТХУІЈЅԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧ‐‑‒–—―−", "ABEKMHOPCTXYIJSQWABEZHIKMNOPTYX-------")
CHIFFRES = str.maketrans("OQILSB", "001158")


def sans_leurre(brut: str) -> str:
    """Un code collé, en majuscules : chiffres et lettres ordinaires, rien d'invisible."""
    simple = unicodedata.normalize("NFKC", brut).upper().translate(SOSIES)
    signes = (str(unicodedata.decimal(un)) if un.isdecimal() else un for un in simple)
    return "".join(un for un in signes if unicodedata.category(un)[0] != "C")


def telephone_normalise(brut: str) -> str:
    """Un numéro collé : ses chiffres et ses espaces, sans signe invisible ni tiret d'imprimeur."""
    return " ".join(sans_leurre(brut.removeprefix("tel:")).split())


def lettre_uai(numero: str) -> str:
    """Lettre de contrôle d'un UAI, calculée sur ses sept chiffres (`0400740` donne `M`)."""
    return LETTRES_UAI[int(numero) % 23]


def nom_d_ailleurs(nom: str, uai: str) -> str:
    """Le nom, ici, d'une classe d'un autre établissement."""
    return f"{nom[:28]} ({uai})"


def uai_normalise(brut: str) -> str:
    """UAI en majuscules, sans espaces ; une lettre prise pour un chiffre y redevient ce chiffre."""
    uai = re.sub(r"[\s.-]+", "", sans_leurre(brut))
    return uai[:7].translate(CHIFFRES) + uai[7:] if len(uai) == 8 else uai


def faute_uai(uai: str) -> str:
    """Phrase disant ce qui ne va pas dans un UAI, ou chaîne vide s'il est juste."""
    if not MOTIF_UAI.fullmatch(uai):
        return f"« {uai} » n’est pas un UAI : il faut sept chiffres puis une lettre, par exemple 0400740M."
    attendue = lettre_uai(uai[:7])
    if uai[7] != attendue:
        return f"La lettre de contrôle de l’UAI « {uai} » est fausse : {uai[:7]} attend {attendue}."
    return ""


def ine_normalise(brut: str) -> str:
    """INE en majuscules, sans espaces ni tirets."""
    return re.sub(r"[\s.-]+", "", sans_leurre(brut))


def ine_reconnu(ine: str) -> bool:
    """Vrai si l'INE suit l'un des cinq motifs connus. Aucune clé n'est vérifiée (Q41)."""
    return any(motif.fullmatch(ine) for motif in MOTIFS_INE.values())


def siret_normalise(brut: str) -> str:
    """SIRET sans espaces, points ni tirets ; une lettre prise pour un chiffre y redevient ce chiffre."""
    siret_lu = re.sub(r"[\s.-]+", "", sans_leurre(brut))
    chiffres = siret_lu.translate(CHIFFRES)
    return chiffres if re.fullmatch(r"[0-9]{14}", chiffres) else siret_lu


def faute_siret(saisi: str) -> str:
    """Phrase disant ce qui ne va pas dans un SIRET, ou chaîne vide s'il est juste.

    Le SIREN qu'il contient a sa propre clé. Les établissements de La Poste, son siège mis à part, font
    exception à la clé de Luhn : la somme de leurs quatorze chiffres est un multiple de 5.
    """
    if not re.fullmatch(r"[0-9]{14}", saisi):
        return f"« {saisi} » n’est pas un SIRET : il faut quatorze chiffres."
    if siret.is_valid(saisi):
        return ""
    return f"La clé du SIRET « {saisi} » est fausse : vérifiez chaque chiffre."


def plie(texte: str) -> str:
    """Texte sans accents, ni casse, ni ponctuation : « Jean-Éloï » et « JEAN ELOI » se valent."""
    sans_accents = unicodedata.normalize("NFKD", texte.casefold().translate(LIGATURES))
    lettres = "".join(signe for signe in sans_accents if not unicodedata.combining(signe))
    return " ".join(re.findall(r"[^\W_]+", lettres))


def lettres(nom: str, prenom: str) -> frozenset[str]:
    """Les lettres d'une personne, avec et sans particules, sans ordre : qui en partage est peut-être elle.

    « LE GUEN Yann-Vari » et « LEGUEN Yannvari », « DE KERGUELEN » et « KERGUELEN (DE) », un nom et un prénom
    échangés s'y valent.
    """
    mots = plie(f"{nom} {prenom}").split()
    sans = [mot for mot in mots if mot not in PARTICULES]
    return frozenset("".join(sorted("".join(choix))) for choix in (mots, sans) if choix)


def a_un_signe(un: str, autre: str) -> bool:
    """Les mêmes lettres dans l'ordre, à une près : ôtée, ajoutée, changée, ou deux voisines échangées."""
    court, long = sorted(("".join(plie(texte).split()) for texte in (un, autre)), key=len)
    if len(long) - len(court) > 1:
        return False
    tete = next((rang for rang, (a, b) in enumerate(zip(court, long, strict=False)) if a != b), len(court))
    if len(court) < len(long):
        return court[tete:] == long[tete + 1 :]
    echangees = court[tete : tete + 2][::-1] + court[tete + 2 :]
    return long[tete:] == echangees or long[tete + 1 :] == court[tete + 1 :]


def prenoms_compatibles(un: str, autre: str) -> bool:
    """« Camille » et « Camille Marie » ; « Yann-Vari » et « Yannvari »."""
    mots, autres = plie(un).split(), plie(autre).split()
    commun = min(len(mots), len(autres))
    return "".join(mots) == "".join(autres) or bool(commun) and mots[:commun] == autres[:commun]


def base_identifiant(prenom: str, nom: str) -> str:
    """Début d'un identifiant de connexion : « Jean-Éloï Du Pré » donne `jeaneloi.dupre`."""
    parts = [re.sub(r"[^a-z0-9]", "", plie(partie)) for partie in (prenom, nom)]
    return ".".join(filter(None, parts))[:60] or "compte"


def identifiant_libre(base: str, pris: set[str]) -> str:
    """Premier identifiant libre : `base`, puis `base2`, `base3`… ; l'ajoute à ceux qui sont pris."""
    identifiant, rang = base, 1
    while identifiant in pris:
        rang += 1
        identifiant = f"{base}{rang}"
    pris.add(identifiant)
    return identifiant


# Sans les signes que l'on confond à la lecture d'un papier : 0 o, 1 l i.
SIGNES_LISIBLES = "abcdefghjkmnpqrstuvwxyz23456789"


def mot_de_passe_lisible() -> str:
    """Mot de passe tiré au hasard, en trois groupes faciles à recopier (59 bits)."""
    return "-".join("".join(secrets.choice(SIGNES_LISIBLES) for _ in range(4)) for _ in range(3))


def initiales(prenom: str, nom: str) -> str:
    """« C. M. » : ce que l'on dit d'un élève à un service qui n'a pas à le connaître."""
    return " ".join(f"{mot.strip()[:1].upper()}." for mot in (prenom, nom) if mot.strip())
