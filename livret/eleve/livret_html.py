"""Ce qui se répète dans un livret en HTML, écrit d'un trait, comme le tableau d'une classe : un gabarit par
preuve et par semestre coûtait le tiers de la page.

Tout texte venu d'une personne ou du référentiel est échappé. Un niveau se dessine par la même fonction que
partout ailleurs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString, mark_safe

from livret.eleve.avant import DejaMontre
from livret.eleve.portrait import RangeePortrait
from livret.eleve.suivi import LigneSuivi
from livret.niveaux import Preuve
from livret.progression.dessin import niveau_dessine
from livret.synthese.ligne import Demonstration
from livret.synthese.livrets import Positionnement
from referentiel.echelle import Degre
from trpm.dates import date_dite
from trpm.templatetags.adresses import adresse

_sur = lru_cache(maxsize=4096)(escape)


def preuve(une: Preuve) -> SafeString:
    """L'acte qui établit un niveau : la situation, son jour, le lieu et qui a évalué."""
    return mark_safe(_acte(une, _sur(une.situation)))


def _acte(une: Preuve, situation: str) -> str:
    return f"{situation}, {date_dite(une.date)}, {_sur(une.lieu)}, {_sur(une.evaluateur)}\n"


def demonstrations(toutes: Iterable[Demonstration], liees: bool, fermees: Collection[int]) -> SafeString:
    """Une ligne par démonstration ; `liees` : avec l'adresse de sa situation, sauf les `fermees`."""
    return mark_safe("".join([_demonstration(une, liees, fermees) for une in toutes]))


def _demonstration(une: Demonstration, liees: bool, fermees: Collection[int]) -> str:
    situation = _sur(une.preuve.situation)
    if liees and une.preuve.situation_id not in fermees:
        situation = f'<a href="{adresse("livret:situation", une.preuve.situation_id)}">{situation}</a>'
    retenue = ' <span class="etat">retenue</span>' if une.preuve.retenue else ""
    return (
        f"<li>{niveau_dessine(une.degre)} {_autre_echelle(une)}{_acte(une.preuve, situation)}{retenue}</li>"
    )


def _autre_echelle(une: Demonstration) -> str:
    if not une.echelle:
        return ""
    lu = f"se lit {_sur(une.lit.code)}" if une.lit else "non compté"
    return f"<small>{_sur(une.echelle)}, {lu}</small> "


def etapes(une: LigneSuivi, attendue: bool) -> SafeString:
    """Le tableau d'une compétence, semestre par semestre ; `attendue` : l'équipe a dit ce qu'elle attend."""
    semestres = "".join([f'<th scope="col">{_sur(etape.semestre)}</th>' for etape in une.etapes])
    attendus = _niveaux("Attendu", [etape.attendu for etape in une.etapes]) if attendue else ""
    return mark_safe(
        '\n<table class="table dense etapes">\n'
        f'  <caption class="visually-hidden">{_sur(une.ligne.code)} à la fin de chaque semestre</caption>\n'
        '  <thead><tr><th scope="col"><span class="visually-hidden">Quoi</span></th>'
        f"{semestres}</tr></thead>\n"
        f"  <tbody>\n    {_niveaux('Démontré', [etape.atteint for etape in une.etapes])}\n"
        f"    {attendus}\n  </tbody>\n</table>\n"
    )


def _niveaux(nom: str, degres: Iterable[Degre | None]) -> str:
    return f'<tr><th scope="row">{nom}</th>{_cases(degres)}</tr>'


def _cases(degres: Iterable[Degre | None]) -> str:
    return "".join([f"<td>{niveau_dessine(degre)}</td>" for degre in degres])


def rangees(toutes: Iterable[RangeePortrait], imprime: bool) -> SafeString:
    """Ce que dit chaque voix de chaque compétence ; à l'écran, son intitulé en infobulle."""
    return mark_safe(
        "".join(
            [
                f'<tr><th scope="row"{"" if imprime else _infobulle(une.intitule)}>{_sur(une.code)}</th>'
                f"{_cases(une.degres)}</tr>"
                for une in toutes
            ]
        )
    )


def positionnements(tous: Iterable[Positionnement]) -> SafeString:
    """Le niveau, ou la mention, de chaque compétence d'une situation."""
    return mark_safe(
        "".join(
            [
                f"<li{_infobulle(un.intitule)}><strong>{_sur(un.competence)}</strong>&nbsp;"
                f"{niveau_dessine(un.degre) if un.degre else _mention(un.mention)} </li>"
                for un in tous
            ]
        )
    )


def _mention(mention: str) -> str:
    return f'<span class="niveau niveau-aucun">{_sur(mention)}</span>'


def _infobulle(texte: str) -> str:
    return f' title="{_sur(texte)}"'


def deja(montrees: Iterable[DejaMontre]) -> SafeString:
    """Ce qu'une compétence d'ici a d'un diplôme d'avant."""
    dites = [
        f"<small>déjà montré en {_sur(une.diplome)}, {_sur(une.code)}&nbsp;: "
        f"{niveau_dessine(une.degre)}, pour mémoire</small>"
        for une in montrees
    ]
    return mark_safe("".join(dites) + "\n")
