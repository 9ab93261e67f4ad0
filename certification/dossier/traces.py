"""Les traces cochées « au dossier » : celles de l'équipe vont avec leur situation, celles que l'élève a
choisies dans son portfolio vont au dossier des épreuves des compétences qu'elles montrent, et à nul autre.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.db.models import prefetch_related_objects
from django.utils import timezone

from certification.dossier.grille.citations import PreuveAuDossier
from livret.models import Eleve, Trace
from referentiel.models import Competence


@dataclass(frozen=True)
class TracesCochees:
    """`equipe` : par (élève, situation) ; `portfolio` : par élève, ce qu'il a lui-même choisi."""

    equipe: dict[tuple[int, int], list[Trace]] = field(default_factory=lambda: defaultdict(list))
    portfolio: dict[int, list[Trace]] = field(default_factory=lambda: defaultdict(list))

    def du_portfolio(self, eleve: int, competences: Iterable[Competence]) -> tuple[PreuveAuDossier, ...]:
        """Ce qu'une épreuve reçoit du portfolio, d'après ses compétences, de la plus ancienne à la plus
        récente ; chaque pièce dit les seules compétences de l'épreuve qu'elle montre."""
        epreuve = list(competences)
        citees = []
        for trace in self.portfolio.get(eleve, ()):
            montrees = competences_montrees(trace)
            if codes := [une.code for une in epreuve if une.pk in montrees]:
                citees.append(replace(preuve_citee(trace), case=", ".join(codes), cadre=_cadre(trace)))
        return tuple(citees)


def traces_cochees(eleves: Iterable[Eleve]) -> TracesCochees:
    """Une requête, et trois de plus dès qu'un portfolio a une pièce au dossier, quel qu'en soit le nombre."""
    cochees = TracesCochees()
    for trace in (
        Trace.objects.gardees()
        .filter(eleve__in=eleves, au_dossier=True)
        .select_related("auteur", "competence", "detaillee", "situation", "pfmp__periode")
    ):
        if trace.origine == Trace.Origine.ELEVE:
            cochees.portfolio[trace.eleve_id].append(trace)
        else:
            cochees.equipe[trace.eleve_id, trace.situation_id or 0].append(trace)
    pieces = [trace for siennes in cochees.portfolio.values() for trace in siennes]
    prefetch_related_objects(pieces, "competences", "situation__competences", "pfmp__competences")
    return cochees


def competences_montrees(trace: Trace) -> set[int]:
    """La compétence de sa case, sinon celles que l'élève a dites, sinon celles que vise sa situation ou
    sa PFMP."""
    if trace.detaillee:
        return {trace.detaillee.competence_id}
    if trace.competence_id:
        return {trace.competence_id}
    if dites := {une.pk for une in trace.competences.all()}:
        return dites
    cadres = [cadre for cadre in (trace.situation, trace.pfmp) if cadre]
    return {une.pk for cadre in cadres for une in cadre.competences.all()}


def _cadre(trace: Trace) -> str:
    situation = trace.situation.intitule if trace.situation else ""
    return situation or (str(trace.pfmp.periode) if trace.pfmp else "")


def preuve_citee(trace: Trace) -> PreuveAuDossier:
    return PreuveAuDossier(
        trace=trace.pk,
        case=trace.case,
        texte=trace.texte,
        nom=trace.nom,
        image=trace.est_image,
        taille=trace.taille,
        empreinte=trace.empreinte,
        auteur=trace.auteur.nom_complet,
        date=timezone.localdate(trace.creee_le),
    )
