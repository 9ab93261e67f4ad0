"""Ce dont le formulaire d'une situation part : le jour même, une source, un choix déjà fait."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import QueryDict

from livret.annee import cours, ramene
from livret.personnes.models.classe import Classe
from livret.situation.forms.situation import SituationForm, semestre_du_jour
from livret.situation.models.modele import ModeleSituation
from livret.situation.models.situation import Situation
from trpm.base.modification import CHAMP
from trpm.textes import entiers


def situation_initiale(classe: Classe, jour: datetime.date) -> dict[str, Any]:
    """Ce que le formulaire propose d'emblée : le jour même, ramené dans l'année scolaire de la classe."""
    jour = ramene(jour, *cours(classe.annee.debut))
    return {"debut": jour, "fin": jour, "semestre": semestre_du_jour(classe, jour)}


def reprise(source: Situation | ModeleSituation, classe: Classe, jour: datetime.date) -> SituationForm:
    """Le formulaire de création rempli d'après une source : ni ses dates, ni ses niveaux, ni son tuteur.

    Ce que la classe ne peut pas viser, faute d'élève dans cette option, n'est pas repris : `omis` le dit.
    Ce qu'un seul élève a fait devient une situation de toute la classe : `eleve_omis` le dit.
    """
    initial = situation_initiale(classe, jour) | {nom: getattr(source, nom) for nom in ModeleSituation.REPRIS}
    groupe = source.groupe if isinstance(source, Situation) else None
    seul = source.eleve if isinstance(source, Situation) else None
    if groupe and (pareil := classe.groupes.actifs().filter(nom=groupe.nom).first()):
        initial["groupe"] = pareil.pk
    form = SituationForm(classe=classe, initial=initial)
    if groupe and "groupe" not in initial:
        form.groupe_omis = groupe.nom
    form.eleve_omis = str(seul or "")
    for nom in ModeleSituation.REPRIS_MULTIPLES:
        elements = list(getattr(source, nom).all())
        possibles = set(
            form._choix(nom).filter(pk__in=[element.pk for element in elements]).values_list("pk", flat=True)
        )
        form.initial[nom] = [element.pk for element in elements if element.pk in possibles]
        form.omis += [element.code for element in elements if element.pk not in possibles]
    return form


def proposition(saisie: QueryDict, classe: Classe, instance: Situation | None) -> SituationForm:
    """Le formulaire tel qu'il est rempli, non vérifié ; `proposer` y coche ce que mobilisent les tâches :
    leurs compétences, et tout leur détail dans les options de la classe."""
    initial: dict[str, Any] = {nom: saisie.get(nom, "") for nom in SituationForm.Meta.fields}
    initial |= {nom: saisie.getlist(nom) for nom in ModeleSituation.REPRIS_MULTIPLES}
    form = SituationForm(classe=classe, instance=instance, initial=initial)
    form.etat_repris = saisie.get(CHAMP, "")
    if "proposer" in saisie:
        suggerees = list(form.suggestions())
        details = form._choix("detaillees").filter(competence__in=suggerees).values_list("pk", flat=True)
        form.initial["competences"] = [*initial["competences"], *suggerees]
        form.initial["detaillees"] = [*initial["detaillees"], *details]
        form.precoche = True
    return form


def d_une_sequence(sequence: Any, classe: Classe, jour: datetime.date) -> SituationForm:
    """Rempli d'après une séquence de la progression : ce qu'elle évalue, sinon ce qu'elle travaille."""
    initial: dict[str, Any] = situation_initiale(classe, jour) | {"intitule": sequence.intitule}
    vises = {
        nom: [getattr(sequence, f"{nom}{suite}").all() for suite in ("_evaluees", "")]
        for nom in ("taches", "competences", "detaillees")
    }
    rang = 0 if any(evalues for evalues, _ in vises.values()) else 1
    return SituationForm(
        classe=classe, initial=initial | {nom: [un.pk for un in vises[nom][rang]] for nom in vises}
    )


def d_un_trou(detaillees: list[str], classe: Classe, jour: datetime.date) -> SituationForm:
    """Rempli des détails que la couverture de la classe montre jamais vus (`?detaillee=12`)."""
    form = SituationForm(classe=classe, initial=situation_initiale(classe, jour))
    possibles = form._choix("detaillees").filter(pk__in=entiers(detaillees))
    form.initial["detaillees"] = [un.pk for un in possibles]
    return form
