"""La table de saisie en HTML, écrite d'un trait : un gabarit par case coûtait les trois quarts de la page.

Tout texte venu d'une personne ou du référentiel est échappé. Le disque d'un niveau est une image de fond
de la case (`niveaux.css`), choisie par le symbole de ce niveau. Le nom d'un champ dit ce que la case
montrait (`d12-45=2`), à confronter à la base quand la grille est envoyée sans JavaScript.
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone

from livret.personnes.photo import portrait
from livret.saisie.case import lu_en_heure_universelle
from livret.saisie.grille import CaseSaisie, GrilleDeSaisie, LigneDeSaisie
from livret.situation.colonnes import COMPETENCE, ColonneVisee, CompetenceVisee
from trpm.adresses import adresse
from trpm.dates import date_dite
from trpm.textes import pluriel

A_LA_MINUTE = len("2026-03-12 10:42")

# Codes, libellés, auteurs, jours : les mêmes d'une case à l'autre.
_sur = lru_cache(maxsize=4096)(escape)


@lru_cache(maxsize=4096)
def _quand(minute: str, fuseau: tzinfo) -> str:
    """Ce qui s'enregistre ensemble se date de même : la minute suffit à l'écrire."""
    le = lu_en_heure_universelle(minute).astimezone(fuseau)
    return f"{date_dite(le.date())} à\xa0{le.hour}\xa0h\xa0{le.minute:02d}"


def entetes(visees: Sequence[CompetenceVisee]) -> SafeString:
    """Les compétences, puis leurs colonnes."""
    groupes = "".join([_groupe(groupe) for groupe in visees])
    colonnes = "".join([_colonne(colonne) for groupe in visees for colonne in groupe.colonnes])
    return mark_safe(
        f'<tr><th scope="col" rowspan="2" class="coin">Élève</th>{groupes}'
        '<th scope="col" rowspan="2" id="commentaire" class="commentaire">Commentaire</th></tr>\n'
        f"<tr>{colonnes}</tr>"
    )


def rangees(grille: GrilleDeSaisie, *, modifiable: bool, photos: Mapping[int, str]) -> SafeString:
    """Une rangée par élève."""
    fuseau, situation = get_current_timezone(), grille.situation.pk
    return mark_safe(
        "".join(
            [
                rangee(ligne, situation, modifiable, fuseau, photos.get(ligne.eleve.pk, ""))
                for ligne in grille.lignes
            ]
        )
    )


def case(case: CaseSaisie, situation: int, *, modifiable: bool) -> SafeString:
    fuseau = get_current_timezone()
    if case.colonne:
        return mark_safe(_case(case, modifiable, fuseau))
    return mark_safe(_commentaire(case, situation, modifiable, fuseau))


def signe(case: CaseSaisie, situation: int) -> SafeString:
    """Ce que la case porte en plus de son niveau, ou le lien vers la fiche pour un commentaire."""
    if case.colonne is None:
        return mark_safe(_fiche(case, situation))
    return mark_safe(_signe(case) if case.remarque or case.preuves else "")


def _groupe(groupe: CompetenceVisee) -> str:
    competence, intitule = groupe.competence, escape(groupe.competence.intitule)
    return (
        f'<th scope="colgroup" colspan="{len(groupe.colonnes)}" class="groupe" title="{intitule}">'
        f'<span class="groupe-intitule">{escape(competence.code)} {intitule}</span></th>'
    )


def _colonne(colonne: ColonneVisee) -> str:
    intitule = escape(colonne.intitule)
    precision = "niveau" if colonne.officielle else escape(colonne.option)
    return (
        f'<th scope="col" id="{colonne.cle}" class="code{" officielle" if colonne.officielle else ""}" '
        f'title="{intitule}">{escape(colonne.code)}{f" <small>{precision}</small>" if precision else ""}'
        f'<span class="visually-hidden"> {intitule}</span></th>'
    )


def rangee(ligne: LigneDeSaisie, situation: int, modifiable: bool, fuseau: tzinfo, photo: str) -> str:
    eleve, pk = ligne.eleve, ligne.eleve.pk
    page = adresse("livret:eleve", pk)
    cases = "".join([_case(une, modifiable, fuseau) for une in ligne.cases])
    return (
        f'<tr><th scope="row">{portrait(photo)}<a id="e{pk}" href="{page}">{escape(str(eleve))}</a></th>'
        f"{cases}{_commentaire(ligne.commentaire, situation, modifiable, fuseau)}</tr>\n"
    )


def _case(case: CaseSaisie, modifiable: bool, fuseau: tzinfo) -> str:
    adresse, colonne, presente, concernee, degre, suggestion, refus, remarque, preuves = case
    cle = f"{colonne.cle}-{adresse.eleve}"  # type: ignore[union-attr]
    classes = "case officielle" if colonne.genre == COMPETENCE else "case"  # type: ignore[union-attr]
    if degre:
        classes += f" niveau-{_sur(degre.symbole)}"
    titre = _titre(case, fuseau) if presente else ""
    marque = _signe(case) if remarque or preuves else ""
    decrit = f' aria-describedby="m-{cle}"' if marque else ""
    if not concernee:
        hors = '<span class="visually-hidden">hors option</span>'
        return f'<td class="{classes} hachuree"{titre}>{hors}{_sur(case.texte)}{marque}</td>'
    if not modifiable:
        return f'<td class="{classes}"{titre}>{_lecture(case)}{marque}</td>'
    if colonne.deduite:  # type: ignore[union-attr]
        noms = f'id="{cle}" aria-labelledby="e{adresse.eleve} {colonne.cle}"{decrit}'  # type: ignore[union-attr]
        return f'<td class="{classes} deduite"{titre}><output {noms}>{_lecture(case)}</output>{marque}</td>'
    nom, valeur, bouton = cle, "", ""
    if presente:
        vu = _sur(presente.texte)
        nom, valeur = f"{cle}={vu}", f' value="{vu}"'
    if refus:
        classes += " fautive"
        valeur = f' value="{escape(case.affiche)}" data-vu="{_sur(case.texte)}" aria-invalid="true"'
    if suggestion:
        classes += " suggeree"
        bouton = _suggestion(cle, _sur(suggestion.code), _sur(suggestion.libelle))
    return (
        f'<td class="{classes}"{titre}><input id="{cle}" name="{nom}"{valeur} '
        f'aria-labelledby="e{adresse.eleve} {colonne.cle}"{decrit}>{bouton}{marque}</td>'  # type: ignore[union-attr]
    )


def _signe(case: CaseSaisie) -> str:
    """Ce que la case porte en plus de son niveau : une remarque, des preuves."""
    mot = preuve = ""
    if case.remarque:
        texte = escape(case.remarque)
        lu = f'<span class="visually-hidden">Remarque\xa0: {texte}</span>'
        mot = f'<span class="signe-mot" title="{texte}">{lu}</span>'
    if case.preuves:
        combien = _preuves(case.preuves)
        lu = f'<span class="visually-hidden">{combien}</span>'
        preuve = f'<span class="signe-preuve" title="{combien}">{lu}</span>'
    return (
        f'<span class="signe" id="m-{case.cle}" data-remarque="{escape(case.remarque)}">{mot}{preuve}</span>'
    )


def _preuves(combien: int) -> str:
    return f"{combien} preuve{pluriel(combien)}"


def _titre(case: CaseSaisie, fuseau: tzinfo) -> str:
    """Ce que porte la case, par qui et quand."""
    _, _, auteur, instant, _ = case.presente  # type: ignore[misc]
    sens = case.degre.libelle if case.degre else case.mention
    quand = _quand(instant[:A_LA_MINUTE], fuseau)
    return f' title="{_sur(sens)}{" · " if sens else ""}{_sur(auteur)}, {quand}"'


def _lecture(case: CaseSaisie) -> str:
    if case.degre:
        return f'{_sur(case.degre.code)}<span class="visually-hidden"> {_sur(case.degre.libelle)}</span>'
    if case.presente:
        return f'<abbr title="{_sur(case.mention)}">{_sur(case.texte)}</abbr>'
    return '<span aria-hidden="true">–</span><span class="visually-hidden">non évalué</span>'


def _suggestion(cle: str, code: str, libelle: str) -> str:
    geste = "Accepter la suggestion"
    return (
        f'<input type="hidden" name="suggere-{cle}" value="{code}">'
        f'<button class="suggestion" name="accepter" value="{cle}" title="{geste}\xa0: {libelle}" '
        f'aria-label="{geste} {code}, {libelle}">{code}\xa0?</button>'
    )


def _fiche(case: CaseSaisie, situation: int) -> str:
    """Le lien vers la fiche de l'élève, et combien de preuves elle porte."""
    lien = adresse("livret:trace-create", situation, case.adresse.eleve)
    combien = ""
    if case.preuves:
        mot = f"preuve{pluriel(case.preuves)}"
        combien = f' ({case.preuves})<span class="visually-hidden"> {mot}</span>'
    suite = '<span class="visually-hidden"> de l’élève</span>'
    return f'<a class="signe" href="{lien}">Fiche{combien}{suite}</a>'


def _commentaire(case: CaseSaisie, situation: int, modifiable: bool, fuseau: tzinfo) -> str:
    titre = _titre(case, fuseau) if case.presente else ""
    fiche = _fiche(case, situation)
    if not modifiable:
        return f'<td class="commentaire"{titre}>{escape(case.texte)}{fiche}</td>'
    cle, porte = case.cle, escape(case.texte)
    classes, attributs = "commentaire", ""
    if case.refus:
        classes, attributs = "commentaire fautive", f' data-vu="{porte}"'
    vu = f'<input type="hidden" name="vu-{cle}" value="{porte}">' if porte else ""
    return (
        f'<td class="{classes}"{titre}><textarea id="{cle}" name="{cle}" rows="1"{attributs} '
        f'aria-labelledby="e{case.adresse.eleve} commentaire">\n{escape(case.affiche)}</textarea>{vu}'
        f"{fiche}</td>"
    )
