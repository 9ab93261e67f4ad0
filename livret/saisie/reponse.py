"""Ce que l'on répond aux gestes faits dans une grille : une phrase, des avis, des cases à redessiner."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.template.loader import render_to_string

from livret.personnes.requete import Requete
from livret.saisie import table_html
from livret.saisie.enregistrement import CompteRendu
from livret.saisie.forms.grille import Courrier
from livret.saisie.grille import CaseSaisie, GrilleDeSaisie, grille_de
from livret.saisie.jugement import Conflit, Refus
from livret.saisie.operation import Operation
from livret.situation.colonnes import COMPETENCE
from livret.situation.models.demande import Demande
from trpm.dates import heure_dite
from trpm.textes import pluriel

CASE_INCONNUE = "Cette case n’existe pas."
Resultat = Operation.Resultat


def reponse(request: Requete, courrier: Courrier, rendu: CompteRendu) -> dict[str, Any]:
    """Une réponse par opération, et les cases touchées telles qu'il faut les montrer."""
    objet, modifiable = grille_de(rendu.feuille), rendu.feuille.situation.saisissable
    return {
        "etat": phrase(rendu) + _demandes_repondues(rendu),
        "resultats": _resultats(request, objet, courrier, rendu),
        "cases": {
            touchee.cle: table_html.case(touchee, objet.situation.pk, modifiable=modifiable)
            for touchee in _touchees(objet, courrier)
        },
    }


def _demandes_repondues(rendu: CompteRendu) -> str:
    """Un niveau posé dans une situation déjà publiée répond à la demande de l'élève : on le dit."""
    situation = rendu.feuille.situation
    poses = {
        (geste.case.eleve, geste.case.item)
        for geste in rendu.enregistres
        if geste.case.genre == COMPETENCE and not geste.vu
    }
    if not poses or not situation.publiee:
        return ""
    faites = Demande.objects.repondues_par(situation)
    noms = [str(une.eleve) for une in faites if (une.eleve_id, une.competence_id) in poses]
    return f" Demande évaluée\xa0: {', '.join(noms)}." if noms else ""


def sorts(
    objet: GrilleDeSaisie, courrier: Courrier, rendu: CompteRendu
) -> Iterator[tuple[dict[str, Any], Refus | Conflit | None]]:
    """Ce qu'il est advenu de chaque opération, dans l'ordre, et pourquoi elle n'est pas écrite."""
    refuses: dict[int, Refus | Conflit] = {id(un.geste): un for un in rendu.refus}
    refuses |= {id(un.geste): un for un in rendu.conflits}
    for lu in courrier.envois:
        case = objet.cases.get(lu.geste.case.hote) if lu.geste else None
        valeur = case.texte_a(lu.geste.case) if lu.geste and case else ""
        commun = {"id": str(lu.envoi.uuid), "case": lu.adresse, "valeur": valeur}
        sort = refuses.get(id(lu.geste)) if lu.geste else None
        if lu.geste is None:
            yield commun | {"resultat": Resultat.REFUS, "motif": CASE_INCONNUE}, None
        elif isinstance(sort, Refus):
            yield commun | {"resultat": Resultat.REFUS, "motif": sort.motif}, sort
        else:
            yield commun | {"resultat": Resultat.CONFLIT if sort else Resultat.ENREGISTRE}, sort


def _resultats(
    request: Requete, objet: GrilleDeSaisie, courrier: Courrier, rendu: CompteRendu
) -> list[dict[str, Any]]:
    """Les mêmes, avec l'avis que la page montre."""
    resultats = []
    for commun, sort in sorts(objet, courrier, rendu):
        if isinstance(sort, Refus):
            commun["avis"] = _avis(request, compte_rendu_de(objet, refus=[sort]))
        elif isinstance(sort, Conflit):
            commun |= {
                "actuel": sort.actuel,
                "auteur": sort.auteur,
                "le": sort.le and sort.le.isoformat(),
                "avis": _avis(request, compte_rendu_de(objet, conflits=[sort])),
            }
        resultats.append(commun)
    return resultats


def _touchees(objet: GrilleDeSaisie, courrier: Courrier) -> list[CaseSaisie]:
    """Les cases changées, et celle de la compétence de chaque détail : sa suggestion suit."""
    touchees: dict[str, CaseSaisie] = {}
    for geste in courrier.gestes:
        case = objet.cases.get(geste.case.hote)
        for une in (case, objet.competence_de(case) if case else None):
            if une:
                touchees[une.cle] = une
    return list(touchees.values())


def _avis(request: Requete, contexte: dict[str, Any]) -> str:
    return render_to_string("livret/saisie/_avis.html", contexte | {"user": request.user, "au_choix": True})


def compte_rendu(grille: GrilleDeSaisie, rendu: CompteRendu) -> dict[str, Any]:
    contexte = compte_rendu_de(grille, refus=rendu.refus, conflits=rendu.conflits)
    return contexte | {"etat_de_saisie": phrase(rendu)}


def compte_rendu_de(
    grille: GrilleDeSaisie, refus: Iterable[Refus] = (), conflits: Iterable[Conflit] = ()
) -> dict[str, Any]:
    return {
        "refus": [(grille.nom(un.geste.case), un) for un in refus],
        "conflits": [(grille.nom(un.geste.case), un) for un in conflits],
    }


def phrase(rendu: CompteRendu) -> str:
    """« 3 cases enregistrées à 10 h 42 », ou ce qu'il en est sinon."""
    nombre = len(rendu.enregistres)
    if not nombre:
        return "Tout était déjà enregistré." if rendu.complet else "Rien n’a été enregistré."
    accord = pluriel(nombre)
    heure = heure_dite(rendu.le)
    return f"{nombre} case{accord} enregistrée{accord} à {heure}."
