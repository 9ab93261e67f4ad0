"""Une date de naissance telle que les fichiers l'écrivent, lue si elle ne peut en dire qu'une."""

import datetime
import re
import unicodedata
from dataclasses import dataclass

from livret.administration.lecture.cellules import Cellule, est_un_bouche_trou
from livret.personnes.identifiants import plie
from trpm.dates import date_dite

AGES = range(12, 71)
MOIS = (
    ("janvier", "janv", "jan", "january"), ("fevrier", "fevr", "fev", "feb", "february"),
    ("mars", "mar", "march"), ("avril", "avr", "apr", "april"), ("mai", "may"), ("juin", "jun", "june"),
    ("juillet", "juil", "jul", "july"), ("aout", "aou", "aug", "august"),
    ("septembre", "sept", "sep", "september"), ("octobre", "oct", "october"),
    ("novembre", "nov", "november"), ("decembre", "dec", "december"),
)  # fmt: skip
RANG_DU_MOIS = {nom: rang for rang, noms in enumerate(MOIS, start=1) for nom in noms}
HEURE = re.compile(
    r"^(.*?\d)[T ]\s?(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s?(?:Z|[+-]\d{2}:?\d{2}|UTC|GMT)?$"
)
ORIGINE_TABLEUR = datetime.date(1899, 12, 30)


@dataclass(frozen=True)
class DateLue:
    jour: datetime.date | None = None
    remarque: str = ""


def date_lue(brute: Cellule, annee: int, mois_d_abord: bool = False) -> DateLue:
    """La date, ou rien et pourquoi. `annee` : celle de la rentrée, pour les âges et les siècles."""
    if isinstance(brute, datetime.datetime):
        return _vraisemblable(brute.date(), brute.time(), annee, f"{brute:%d/%m/%Y %H:%M:%S}")
    if isinstance(brute, datetime.date):
        return _vraisemblable(brute, datetime.time(), annee, date_dite(brute))
    if not brute:
        return DateLue()
    if est_un_bouche_trou(brute):
        return DateLue(None, f"date de naissance «\xa0{brute[:30]}\xa0»\xa0: laissée vide.")
    texte, heure = _sans_heure(_chiffres_ordinaires(brute))
    possibles = {jour for jour in _lectures(texte, annee, mois_d_abord) if _age(jour, annee)}
    if heure is None or len(possibles) != 1:
        return DateLue(None, _illisible(brute))
    lue = _vraisemblable(possibles.pop(), heure, annee, brute)
    if re.fullmatch(r"\d{5}", texte) and lue.jour:
        return DateLue(
            lue.jour, f"naissance «\xa0{brute}\xa0»\xa0: lue {date_dite(lue.jour)}, en jours de tableur."
        )
    return lue


def mois_d_abord(brutes: list[Cellule], annee: int) -> bool | None:
    """La colonne est-elle écrite mois/jour ? Vrai, faux, ou `None` quand elle mêle les deux."""
    couples = [
        (int(trouve[1]), int(trouve[2]))
        for brute in brutes
        if isinstance(brute, str)
        and (trouve := re.match(r"(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?\d{2,4}\b", brute))
    ]
    jour_en_tete = any(premier > 12 for premier, _ in couples)
    mois_en_tete = any(second > 12 for _, second in couples)
    return None if jour_en_tete and mois_en_tete else mois_en_tete


def ambigue(brute: Cellule) -> bool:
    """Dans une colonne qui mêle jour/mois et mois/jour, cette date pourrait être l'une ou l'autre."""
    trouve = re.match(r"(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]", brute if isinstance(brute, str) else "")
    return trouve is not None and max(map(int, trouve.groups())) <= 12 and trouve[1] != trouve[2]


def _illisible(brute: object) -> str:
    dite = str(brute)[:30]
    return f"date de naissance «\xa0{dite}\xa0» illisible, laissée vide\xa0; écrivez par exemple 14/03/2008."


def _age(jour: datetime.date, annee: int) -> bool:
    return annee - jour.year in AGES


def _vraisemblable(jour: datetime.date, heure: datetime.time, annee: int, brute: str) -> DateLue:
    decalage = _minuit_decale(heure)
    if decalage is None:
        return DateLue(
            None, f"«\xa0{brute}\xa0» porte une heure qui ne dit pas quel jour\xa0: naissance laissée vide."
        )
    try:
        jour += datetime.timedelta(decalage)
    except OverflowError:
        return DateLue(None, _illisible(brute))
    if not _age(jour, annee):
        return DateLue(None, f"date de naissance peu vraisemblable, {date_dite(jour)}, laissée vide.")
    if decalage:
        return DateLue(jour, f"naissance «\xa0{brute}\xa0»\xa0: un minuit décalé, lu {date_dite(jour)}.")
    return DateLue(jour)


def _minuit_decale(heure: datetime.time) -> int | None:
    """Jours à ajouter quand l'heure est un minuit écrit dans un autre fuseau, à la minute près ; sinon rien.

    Minuit à Paris s'écrit 22:00 ou 23:00 la veille en temps universel ; à La Réunion, 20:00 ; à la
    Martinique, 04:00 le jour même.
    """
    secondes = heure.hour * 3600 + heure.minute * 60 + heure.second
    heures, reste = divmod(secondes + 60, 3600)
    if reste > 120:
        return None
    return 0 if heures <= 4 else 1 if heures >= 20 else None


def _sans_heure(texte: str) -> tuple[str, datetime.time | None]:
    """La date, et l'heure qui la suit ; `None` quand cette heure n'existe pas."""
    trouvee = HEURE.match(texte)
    if not trouvee:
        return texte, datetime.time()
    try:
        return trouvee[1], datetime.time(int(trouvee[2]), int(trouvee[3]), int(trouvee[4] or 0))
    except ValueError:
        return trouvee[1], None


def _chiffres_ordinaires(texte: str) -> str:
    return "".join(
        str(unicodedata.decimal(signe)) if signe.isdecimal() else signe
        for signe in unicodedata.normalize("NFKC", texte)
    ).strip()


def _lectures(texte: str, annee: int, mois_d_abord: bool) -> set[datetime.date]:
    """Toutes les dates que ce texte peut dire."""
    triplets: list[tuple[int, int, int]] = []
    if trouve := re.fullmatch(r"(\d{1,2})\s?[/.\- ]\s?(\d{1,2})\s?[/.\- ]\s?(\d{4}|\d{2})", texte):
        un, deux, an = map(int, trouve.groups())
        jour, mois = (deux, un) if mois_d_abord else (un, deux)
        ans = [an] if len(trouve[3]) == 4 else [an + 1900, an + 2000]
        triplets += [(un_an, mois, jour) for un_an in ans]
    elif trouve := re.fullmatch(r"(\d{4})\s?[/.\-]\s?(\d{1,2})\s?[/.\-]\s?(\d{1,2})", texte):
        triplets.append((int(trouve[1]), int(trouve[2]), int(trouve[3])))
    elif re.fullmatch(r"\d{8}", texte):
        triplets.append((int(texte[:4]), int(texte[4:6]), int(texte[6:])))
        triplets.append((int(texte[4:]), int(texte[2:4]), int(texte[:2])))
    elif re.fullmatch(r"\d{5}", texte):
        jour_un = ORIGINE_TABLEUR + datetime.timedelta(int(texte))
        triplets.append((jour_un.year, jour_un.month, jour_un.day))
    elif trouve := re.fullmatch(r"(?:[a-z]+ )?(\d{1,2}) ?(?:er)? ?([a-z]+) ?(\d{4}|\d{2})", plie(texte)):
        ans = [int(trouve[3])] if len(trouve[3]) == 4 else [int(trouve[3]) + 1900, int(trouve[3]) + 2000]
        triplets += [(an, RANG_DU_MOIS.get(trouve[2], 0), int(trouve[1])) for an in ans]
    return {jour_lu for un in triplets if (jour_lu := _date(*un))}


def _date(annee: int, mois: int, jour: int) -> datetime.date | None:
    try:
        return datetime.date(annee, mois, jour)
    except ValueError:
        return None
