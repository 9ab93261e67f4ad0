"""Un établissement à sa vraie taille : mille élèves de trois promotions, chacun évalué pendant trois ans.

Comme `bench/lycee.py`, tout se déduit du rang des choses. Les saisies, plus d’un million, s’écrivent par
`INSERT … SELECT`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.core.management import call_command
from django.db import connection

from bench.lycee import (
    ACTIVITES,
    AUTRES_EPREUVES,
    COMPETENCES_PAR_SITUATION,
    ENSEIGNANT,
    EPREUVE,
    INVENTAIRE,
    OPTION,
    analyser,
    compte,
    detaillees_de,
    inscrire,
    niveaux_de,
    reunir_commission,
)
from bench.tailles import Taille
from certification.models import Dossier
from livret.declencheurs import SUIVIS
from livret.models import Classe, Eleve, Promotion, Scolarite, Situation, Utilisateur
from referentiel.models import Detaillee
from tests import factories
from trpm.base import declencheurs

SAISIES = """
INSERT INTO {table} (situation_id, eleve_id, {colonne}, niveau_id, mention, auteur_id, modifie_le)
SELECT situation.id, scolarite.eleve_id, visee.id, niveau.id, '', situation.auteur_id, situation.creee_le
FROM livret_situation situation
JOIN livret_scolarite scolarite ON scolarite.classe_id = situation.classe_id
JOIN (SELECT DISTINCT lien.situation_id, {cle} AS id FROM livret_situation_detaillees lien
      JOIN referentiel_detaillee detaillee ON detaillee.id = lien.detaillee_id) visee
    ON visee.situation_id = situation.id
JOIN referentiel_niveau niveau ON niveau.echelle_id = %s
    AND niveau.valeur = (7 * scolarite.eleve_id + 3 * situation.id + 5 * visee.id) %% 4
"""
FICHES = """
INSERT INTO livret_fiche (situation_id, eleve_id, commentaire, auteur_id, modifie_le)
SELECT situation.id, scolarite.eleve_id, 'Travail soigné, contrôle à rendre plus régulier.',
    situation.auteur_id, situation.creee_le
FROM livret_situation situation
JOIN livret_scolarite scolarite ON scolarite.classe_id = situation.classe_id
"""


def mesurer(taille: Taille) -> dict[str, Any]:
    """Prépare une base neuve ; dit le nom et la version de son serveur."""
    call_command("migrate", verbosity=0)
    peupler(taille)
    analyser()
    version = ".".join(map(str, connection.get_database_version()))
    return {"serveur": f"{connection.display_name} {version}"}


def peupler(taille: Taille) -> None:
    """Trois promotions ; la dernière année passe devant ses commissions, une par classe et par épreuve.

    D'un trait, sans les révisions : un million de lignes en une transaction les avanceraient une à une."""
    with declencheurs.leves(connection, SUIVIS):
        diplome = factories.trpm()
        lycee = factories.etablissement("Lycée du banc")
        enseignant = compte(ENSEIGNANT, lycee)
        enseignant.appartenances.create(etablissement=lycee, role="president")
        promotions = [
            factories.promotion(lycee, diplome, OPTION, factories.SESSION + annee)
            for annee in range(len(diplome.cycle.annees))
        ]
        sections = [
            _section(promotion, enseignant, taille) for promotion in promotions for _ in range(taille.classes)
        ]
        saisir(sections[0][-1])
        for *_, terminale in sections[: taille.classes]:
            _reunir(terminale, enseignant)


def _section(promotion: Promotion, auteur: Utilisateur, taille: Taille) -> list[Classe]:
    """Les mêmes élèves, une classe par année du diplôme ; ses situations se répartissent entre elles."""
    classes = [factories.classe(promotion, [auteur], niveau) for niveau in promotion.referentiel.cycle.annees]
    *passees, derniere = classes
    eleves = inscrire(derniere, taille.eleves)
    Scolarite.objects.bulk_create(
        [Scolarite(eleve=eleve, classe=passee) for passee in passees for eleve in eleves]
    )
    for passee, rangs in zip(classes, _parts(taille.situations_du_cycle, len(classes)), strict=True):
        _situer(passee, auteur, rangs)
    return classes


def _parts(nombre: int, parts: int) -> list[range]:
    bornes = [nombre * rang // parts for rang in range(parts + 1)]
    return [range(debut, fin) for debut, fin in zip(bornes, bornes[1:], strict=False)]


def _situer(classe: Classe, auteur: Utilisateur, rangs: range) -> None:
    """Quatre compétences en entier, une situation sur deux certificative, une tous les dix jours."""
    details = detaillees_de(classe)
    competences = sorted({une.competence_id for une in details})
    debut = datetime.date(classe.annee.debut + 1, 1, 12)
    situations = Situation.objects.bulk_create(
        [
            Situation(
                classe=classe,
                auteur=auteur,
                intitule=f"Situation {rang + 1} de {classe.nom}",
                nature=Situation.Nature.CERTIFICATIVE if rang % 2 == 0 else Situation.Nature.FORMATIVE,
                debut=debut + datetime.timedelta(days=10 * place),
                fin=debut + datetime.timedelta(days=10 * place + 4),
                semestre=1,
                etat=Situation.Etat.PUBLIEE,
                description=ACTIVITES,
                **INVENTAIRE,
            )
            for place, rang in enumerate(rangs)
        ]
    )
    Situation.detaillees.through.objects.bulk_create(
        [
            Situation.detaillees.through(situation=situation, detaillee=detaillee)
            for rang, situation in zip(rangs, situations, strict=True)
            for detaillee in _visees(details, competences, rang)
        ]
    )


def _visees(details: list[Detaillee], competences: list[int], rang: int) -> Iterator[Detaillee]:
    debut = COMPETENCES_PAR_SITUATION * rang
    fenetre = {competences[(debut + n) % len(competences)] for n in range(COMPETENCES_PAR_SITUATION)}
    return (une for une in details if une.competence_id in fenetre)


def saisir(classe: Classe) -> None:
    """Un niveau dans chaque case, et un commentaire par élève et par situation."""
    echelle = niveaux_de(classe)[0].echelle_id
    with connection.cursor() as curseur:
        for table, colonne, cle in (
            ("livret_observation", "detaillee_id", "detaillee.id"),
            ("livret_evaluation", "competence_id", "detaillee.competence_id"),
        ):
            curseur.execute(SAISIES.format(table=table, colonne=colonne, cle=cle), [echelle])
        curseur.execute(FICHES)


def _reunir(terminale: Classe, auteur: Utilisateur) -> None:
    """Une épreuve décidée, les autres encore devant la commission."""
    eleves = list(Eleve.objects.filter(scolarites__classe=terminale))
    reunir_commission(terminale, eleves, auteur, EPREUVE)
    for epreuve in AUTRES_EPREUVES:
        commission = factories.commission(terminale.promotion, epreuve, [auteur])
        Dossier.objects.bulk_create([Dossier(commission=commission, eleve=eleve) for eleve in eleves])
