"""Préparer les bilans d'une classe, les faire passer d'un état à l'autre, les corriger.

Toujours sous verrou et dans une transaction : deux collègues ne valident pas deux fois.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from livret.bilan.contenu import changements, objectifs_proposes
from livret.bilan.lus import RELATIONS, bilan_lu, instantanes
from livret.bilan.models import Bilan
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve

E = Bilan.Etat
PAR_PAQUET = 100


@dataclass(frozen=True)
class Preparation:
    """Ce qu'a fait la préparation d'une classe."""

    crees: int
    deplaces: int
    laisses: tuple[Bilan, ...]


@transaction.atomic
def preparer_classe(classe: Classe, semestre: int, date: datetime.date, auteur: Utilisateur) -> Preparation:
    """Un bilan prérempli par élève présent ; un brouillon déjà là passe à cette date."""
    Classe.objects.select_for_update(of=("self",), no_key=True).get(pk=classe.pk)
    presents = Eleve.objects.presents(classe)
    deja = Bilan.objects.filter(eleve__in=presents, semestre=semestre).courants().select_related("eleve")
    en_place = [bilan for bilan in deja if not bilan.valide or bilan.date == date]
    deplaces = [bilan for bilan in en_place if _deplacable(bilan, classe) and bilan.date != date]
    occupes = {bilan.eleve_id for bilan in en_place}
    sans_bilan = presents.exclude(pk__in=occupes).select_related(
        "etablissement", "option", "promotion__referentiel", "statut"
    )
    crees = [
        Bilan(eleve=eleve, classe=classe, semestre=semestre, date=date, auteur=auteur) for eleve in sans_bilan
    ]
    for bilan, fige in zip(crees, instantanes(crees), strict=True):
        bilan.objectifs = objectifs_proposes(fige)
    for bilan in deplaces:
        bilan.date = date
    bulk_create_with_history(crees, Bilan, PAR_PAQUET, default_user=auteur)
    bulk_update_with_history(deplaces, Bilan, ["date"], PAR_PAQUET, default_user=auteur)
    laisses = tuple(bilan for bilan in en_place if not _deplacable(bilan, classe))
    return Preparation(len(crees), len(deplaces), laisses)


def _deplacable(bilan: Bilan, classe: Classe) -> bool:
    """Un premier brouillon de cette classe change encore de date."""
    return bilan.etat == E.BROUILLON and bilan.numero == 1 and bilan.classe_id == classe.pk


def passer(bilan: Bilan, etat: str, par: Utilisateur, le: datetime.datetime) -> None:
    """Change l'état d'un bilan verrouillé : préparé prend les niveaux, validé fige tout."""
    if etat == E.BROUILLON:
        contenu = ""
    elif bilan.etat == E.BROUILLON:
        contenu = instantanes([bilan])[0].vers_json()
    elif etat == E.VALIDE:
        contenu = bilan_lu(bilan).contenu.vers_json()
    else:
        contenu = bilan.contenu
    bilan.passer(etat, contenu, par, le)


@transaction.atomic
def preparer_les_brouillons(
    bilans: list[Bilan], par: Utilisateur, le: datetime.datetime
) -> tuple[list[Bilan], list[Bilan]]:
    """Passe à « préparé » ceux dont l'appréciation est écrite ; rend ceux-là, puis ceux qui attendent."""
    verrouilles = list(
        Bilan.objects.verrouilles()
        .filter(pk__in=[bilan.pk for bilan in bilans], etat=E.BROUILLON)
        .select_related(*RELATIONS)
    )
    prets = [bilan for bilan in verrouilles if not bilan.manques(E.PREPARE)]
    for bilan, fige in zip(prets, instantanes(prets), strict=True):
        bilan.etat = E.PREPARE
        bilan.niveaux_pris_le = bilan.modifie_le = le
        bilan.sceller(fige.vers_json())
    champs = ["etat", "contenu", "empreinte", "niveaux_pris_le", "modifie_le"]
    bulk_update_with_history(prets, Bilan, champs, PAR_PAQUET, default_user=par)
    return prets, [bilan for bilan in verrouilles if bilan not in prets]


def reprendre(bilan: Bilan, le: datetime.datetime) -> tuple[str, ...]:
    """Prend de nouveau les niveaux d'un bilan verrouillé, et dit ce qui a changé."""
    avant, apres = bilan_lu(bilan).contenu, instantanes([bilan])[0]
    bilan.reprendre(apres.vers_json(), le)
    return changements(avant, apres)


@transaction.atomic
def corriger(bilan: Bilan, motif: str, auteur: Utilisateur) -> Bilan:
    if not motif.strip():
        raise ValidationError("Dites en quelques mots pourquoi ce bilan se corrige.")
    return Bilan.objects.verrouilles().select_related("eleve").get(pk=bilan.pk).corriger(motif, auteur)
