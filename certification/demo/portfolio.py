"""Ce que l'élève de démonstration a mis lui-même dans son livret."""

from __future__ import annotations

import datetime

from certification.demo.donnees.suivi import PieceDuPortfolio
from certification.demo.ecole import Catalogue, Ecole
from certification.demo.inscription import heure, inscrire
from certification.demo.traces import photo
from livret.models import (
    AutoEvaluation,
    Classe,
    Demande,
    Eleve,
    Situation,
    Trace,
)


def remplir_le_livret(ecole: Ecole) -> None:
    eleve = ecole.eleve(ecole.donnees.portfolio.eleve)
    option = next(option for option, promotion in ecole.promotions.items() if promotion == eleve.promotion)
    catalogue = ecole.catalogue(option)
    _autoevaluer(ecole, eleve, catalogue)
    _demander(ecole, ecole.classes[option, "Tle"], eleve, catalogue)
    for piece in ecole.donnees.portfolio.traces:
        _deposer(ecole, eleve, catalogue, piece)


def _autoevaluer(ecole: Ecole, eleve: Eleve, catalogue: Catalogue) -> None:
    portfolio = ecole.donnees.portfolio
    for point in portfolio.points:
        _poser(eleve, catalogue, point.niveaux, point.le.date(ecole.session))
    situation = (
        Situation.objects.visibles()
        .filter(
            evaluations__eleve=eleve,
            evaluations__competence__code=portfolio.en_situation.competence,
            nature="certificative",
        )
        .order_by("fin")
        .first()
    )
    if situation:
        visees = {competence.code for competence in situation.competences_visees()}
        siens = {code: valeur for code, valeur in portfolio.en_situation.niveaux.items() if code in visees}
        _poser(eleve, catalogue, siens, situation.fin, situation)


def _poser(
    eleve: Eleve,
    catalogue: Catalogue,
    niveaux: dict[str, int],
    jour: datetime.date,
    situation: Situation | None = None,
) -> None:
    """Écrit le soir même ce que l'élève pense de son niveau, dans une situation ou en général."""
    points = [
        AutoEvaluation(
            eleve=eleve,
            competence=catalogue.competences[code],
            niveau=catalogue.niveaux[valeur],
            situation=situation,
            date=jour,
        )
        for code, valeur in niveaux.items()
    ]
    inscrire(AutoEvaluation, points, heure(jour, 19 if situation else 18), eleve.utilisateur)


def _demander(ecole: Ecole, classe: Classe, eleve: Eleve, catalogue: Catalogue) -> None:
    prof = ecole.comptes["prof"]
    for ecrite in ecole.donnees.portfolio.demandes:
        jour = ecrite.le.date(ecole.session)
        demande = Demande(
            eleve=eleve,
            classe=classe,
            competence=catalogue.competences[ecrite.competence],
            reponse=ecrite.reponse,
            traitee_le=heure(jour, 20) if ecrite.reponse else None,
            traitee_par=prof if ecrite.reponse else None,
        )
        inscrire(Demande, [demande], heure(jour, 12), eleve.utilisateur)
        Demande.objects.filter(pk=demande.pk).update(creee_le=heure(jour, 12))


def _deposer(ecole: Ecole, eleve: Eleve, catalogue: Catalogue, piece: PieceDuPortfolio) -> None:
    trace = Trace(
        eleve=eleve,
        auteur=eleve.utilisateur,
        origine=Trace.Origine.ELEVE,
        texte=piece.texte,
        au_dossier=piece.au_dossier,
        **(photo(piece.image, piece.fichier) if piece.image else {}),
    )
    trace.save()
    trace.competences.set([catalogue.competences[code] for code in piece.competences])
    Trace.objects.filter(pk=trace.pk).update(creee_le=heure(piece.le.date(ecole.session)))
