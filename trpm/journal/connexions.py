"""Entrer, sortir, être refusé : ce que Django annonce, noté au journal."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import (
    user_logged_in,
    user_logged_out,
    user_login_failed,
)

from trpm.journal.ecriture import CONNEXION, DECONNEXION, REFUSEE, ecrire
from trpm.journal.models import ActeNote


def brancher() -> None:
    user_logged_in.connect(_entree, dispatch_uid="journal-entree")
    user_logged_out.connect(_sortie, dispatch_uid="journal-sortie")
    user_login_failed.connect(_refus, dispatch_uid="journal-refus")


def _noter(adresse: str, auteur: int | None, compte: int) -> None:
    nature = ActeNote.Nature.CONNEXION
    ecrire(nature, adresse, auteur, par_heure=False, objet="livret.Utilisateur", cle=compte)


def _entree(user: Any, **autres: object) -> None:
    _noter(CONNEXION, user.pk, user.pk)


def _sortie(user: Any, **autres: object) -> None:
    if user is not None:
        _noter(DECONNEXION, user.pk, user.pk)


def _refus(credentials: dict[str, Any], **autres: object) -> None:
    """Un identifiant qui n'est à personne ne se note pas : ce peut être un mot de passe tapé trop tôt."""
    comptes = get_user_model().objects.filter(username=credentials.get("username") or "")
    for cle in comptes.values_list("pk", flat=True):
        _noter(REFUSEE, None, cle)
