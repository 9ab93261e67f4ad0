"""Reprendre des membres d'un geste : ceux d'une commission passée, ou l'équipe d'une classe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from certification.commission.models import Commission, Membre
from certification.seance.forms.membres import MembreFormSet, MembresFormSet, qualites_offertes
from livret.models import Classe, Utilisateur
from livret.personnes.alphabet import alphabetique
from referentiel.models import Epreuve
from referentiel.reglement.commission import PRESIDENT, PROFESSIONNEL
from trpm.permissions import Action
from trpm.textes import entier

PASSEES = 3
CLASSES = 6
CHAMPS = ("utilisateur", "nom", "qualite", "present")


@dataclass(frozen=True)
class SourceDeMembres:
    """`cle` : ce que le bouton envoie."""

    cle: str
    libelle: str


def sources(user: Utilisateur, commission: Commission) -> tuple[SourceDeMembres, ...]:
    """Les dernières commissions qui ont des membres, puis les classes récentes qui ont une équipe."""
    lieux = user.etablissements(Action.PREPARER_COMMISSION)
    passees = (
        Commission.objects.filter(etablissement__in=lieux, membres__isnull=False)
        .exclude(pk=commission.pk)
        .order_by("-date", "-pk")
        .distinct()
    )
    classes = Classe.objects.filter(etablissement__in=lieux, equipe__isnull=False).select_related("annee")
    return (
        *(SourceDeMembres(f"commission-{une.pk}", str(une)) for une in passees[:PASSEES]),
        *(
            SourceDeMembres(f"classe-{une.pk}", f"équipe de {une.nom}, {une.annee}")
            for une in classes.order_by("-annee__debut", "nom").distinct()[:CLASSES]
        ),
    )


def formulaire_repris(
    user: Utilisateur, commission: Commission, saisie: QueryDict, cle: str
) -> MembresFormSet:
    """Les membres déjà tapés, gardés, et ceux de la source qui n'y sont pas encore."""
    prefixe = MembreFormSet.get_default_prefix()
    rangs = range(_entier(saisie.get(f"{prefixe}-TOTAL_FORMS", "")))
    tapes = [{champ: saisie.get(f"{prefixe}-{rang}-{champ}", "") for champ in CHAMPS} for rang in rangs]
    anciens = _entier(saisie.get(f"{prefixe}-INITIAL_FORMS", ""))
    nouveaux = [tape for tape in tapes[anciens:] if tape["utilisateur"] or tape["nom"]]
    presents = {tape["utilisateur"] or tape["nom"] for tape in (*tapes[:anciens], *nouveaux)}
    repris = [
        membre
        for membre in _de_la_source(user, cle, _enseignant(user, commission, saisie))
        if str(membre["utilisateur"] or membre["nom"]) not in presents
    ]
    initial: list[dict[str, Any]] = [*nouveaux, *repris]
    membres: Any = MembreFormSet(instance=commission, user=user, initial=initial)
    membres.extra = len(initial) + 1
    for form, tape in zip(membres.initial_forms, tapes, strict=False):
        form.initial |= tape
    return membres


def _enseignant(user: Utilisateur, commission: Commission, saisie: QueryDict) -> str:
    """À quel titre siège une équipe : le premier que donne le diplôme, profession et centre à part."""
    epreuve = Epreuve.objects.filter(pk=entier(saisie.get("epreuve", "")) or commission.epreuve_id)
    choisie = epreuve.select_related("referentiel").first()
    if choisie:
        qualites = list(choisie.referentiel.regles.qualites)
    else:
        qualites = qualites_offertes(commission, user.etablissements(Action.PREPARER_COMMISSION))
    siennes = [une.code for une in qualites if une.code not in (PROFESSIONNEL, PRESIDENT)]
    return siennes[0] if siennes else ""


def _de_la_source(user: Utilisateur, cle: str, qualite: str) -> Iterable[dict[str, Any]]:
    genre, _, numero = cle.partition("-")
    lieux = user.etablissements(Action.PREPARER_COMMISSION)
    if genre == "commission":
        siens = Membre.objects.filter(commission=_entier(numero), commission__etablissement__in=lieux).values(
            "utilisateur", "nom", "qualite"
        )
        return [dict(un) for un in siens]
    if genre != "classe":
        return []
    comptes = Utilisateur.objects.filter(
        is_active=True, classes__pk=_entier(numero), classes__etablissement__in=lieux
    )
    return [
        {"utilisateur": compte.pk, "nom": compte.nom_complet, "qualite": qualite}
        for compte in comptes.order_by(*alphabetique(champs=("last_name", "first_name")))
    ]


def _entier(texte: str) -> int:
    return entier(texte) or 0
