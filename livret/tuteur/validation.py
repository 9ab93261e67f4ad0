"""Ce que devient une fiche validée : une situation en entreprise comme une autre (Q9)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from livret.annee import semestre_du_cycle
from livret.evaluation.models import Evaluation, Fiche, Mention, Observation
from livret.niveaux import suggestion
from livret.personnes.models.compte import Utilisateur
from livret.pfmp.models.pfmp import Pfmp
from livret.situation.models.situation import Situation
from livret.tuteur.models.fiche import AvisTuteur, FicheChangee, FicheTuteur
from referentiel.echelles import niveaux_de_la_grille
from trpm.dates import date_dite


def valider(
    fiche: FicheTuteur,
    par: Utilisateur,
    nature: str,
    *,
    publier: bool,
    revision: int,
    le: datetime.datetime,
    inventaire: Mapping[str, str] = MappingProxyType({}),
) -> Situation:
    """En fait une situation en entreprise, une seule fois ; ce qu'on valide est ce qu'on a relu.

    `inventaire` : les moyens mis à la disposition de l'élève, rubrique par rubrique.
    `ValidationError` si la fiche n'est pas à valider, `FicheChangee` si elle a changé depuis.
    """
    with transaction.atomic():
        tenue = fiche.verrouillee()
        _exiger_a_valider(tenue, revision)
        situation = _situation(tenue, par, nature, inventaire)
        _reprendre_les_avis(tenue, situation, par, le)
        if publier:
            situation.passer(Situation.Etat.PUBLIEE, le)
        tenue.etat, tenue.situation = FicheTuteur.Etat.VALIDEE, situation
        tenue.validee_par, tenue.validee_le = par, le
        tenue.save()
        return situation


def _exiger_a_valider(fiche: FicheTuteur, revision: int) -> None:
    if fiche.etat == FicheTuteur.Etat.VALIDEE and fiche.validee_par and fiche.validee_le:
        raise ValidationError(
            f"Cette fiche est déjà validée, par {fiche.validee_par.nom_complet} "
            f"le {date_dite(timezone.localtime(fiche.validee_le))} : elle ne change plus."
        )
    if fiche.etat != FicheTuteur.Etat.ENVOYEE:
        raise ValidationError("Cette fiche n’est pas encore signée et envoyée : rien à valider.")
    if fiche.pfmp.etat == Pfmp.Etat.ANNULEE:
        raise ValidationError("Cette PFMP est annulée : sa fiche ne se valide pas.")
    if fiche.revision != revision:
        raise FicheChangee("La fiche a changé depuis que vous l’avez ouverte : relisez-la.")


def _situation(fiche: FicheTuteur, par: Utilisateur, nature: str, inventaire: Mapping[str, str]) -> Situation:
    pfmp, tuteur = fiche.pfmp, fiche.tuteur
    bornes = fiche.dates()
    if bornes is None or fiche.signee_le is None:
        raise ValidationError(f"{tuteur} n’a plus de séjour dans cette PFMP : rétablissez-le d’abord.")
    debut, dernier = bornes
    fin = min(max(fiche.signee_le, debut), dernier)
    classe = pfmp.periode.classe
    situation = Situation(
        classe=classe,
        eleve=pfmp.eleve,
        intitule=f"{pfmp.periode}, {tuteur.entreprise.nom}"[:200],
        nature=nature,
        lieu=Situation.Lieu.ENTREPRISE,
        debut=debut,
        fin=fin,
        semestre=semestre_du_cycle(classe.cycle, classe.niveau, fin, classe.etablissement.second_semestre),
        description=fiche.activites,
        entreprise=tuteur.entreprise.nom,
        tuteur=fiche.evaluateur,
        etat=Situation.Etat.OUVERTE,
        auteur=par,
        **inventaire,
    )
    situation.full_clean()
    situation.save()
    return situation


def _reprendre_les_avis(
    fiche: FicheTuteur, situation: Situation, par: Utilisateur, le: datetime.datetime
) -> None:
    """Ce que la fiche dit de l'élève, écrit dans la situation : compétences, tâches, niveaux, mots."""
    eleve = fiche.pfmp.eleve
    avis = list(fiche.avis.select_related("critere"))
    situation.competences.set({un.competence_id for un in avis})
    situation.taches.set(fiche.taches.all())
    commun = {"situation": situation, "eleve": eleve, "auteur": par, "modifie_le": le}
    observations = [
        Observation(**commun, detaillee_id=un.critere_id, **_dit(un.niveau_id))
        for un in avis
        if un.critere_id
    ]
    evaluations = [
        Evaluation(**commun, competence_id=competence, **_dit(niveau))
        for competence, niveau in _par_competence(fiche, avis).items()
    ]
    bulk_create_with_history(observations, Observation, default_user=par, default_date=le)
    bulk_create_with_history(evaluations, Evaluation, default_user=par, default_date=le)
    if fiche.points_forts:
        commentaire = f"{fiche.evaluateur}, {fiche.tuteur.entreprise.nom} : {fiche.points_forts}"
        Fiche.objects.create(situation=situation, eleve=eleve, commentaire=commentaire, auteur=par)


def _dit(niveau: int | None) -> dict[str, Any]:
    """« Pas vu » n'est pas un niveau."""
    return {"niveau_id": niveau, "mention": "" if niveau else Mention.NON_EVALUE}


def _par_competence(fiche: FicheTuteur, avis: Iterable[AvisTuteur]) -> dict[int, int | None]:
    """Le niveau de chaque compétence : celui que la fiche dit, ou celui qui se lit d'après ses critères."""
    echelle = [niveau.pk for niveau in niveaux_de_la_grille(fiche.pfmp.periode.classe.promotion.grille_id)]
    dits: dict[int, int | None] = {}
    criteres: dict[int, list[AvisTuteur]] = defaultdict(list)
    for un in avis:
        if un.critere_id:
            criteres[un.competence_id].append(un)
        else:
            dits[un.competence_id] = un.niveau_id
    for competence, siens in criteres.items():
        rangs = {str(un.critere_id): echelle.index(un.niveau_id) for un in siens if un.niveau_id in echelle}
        rang = suggestion(rangs, {str(un.critere_id): un.critere.facteur for un in siens if un.critere})
        dits[competence] = None if rang is None else echelle[rang]
    return dits
