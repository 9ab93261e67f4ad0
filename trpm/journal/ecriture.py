"""Noter un acte, au même endroit pour toutes les vues : `requires` le demande après chaque réponse.

Une écriture, quel que soit l'acte : l'élève, la classe et l'établissement s'y lisent par sous-requête. Elle
est faite avant que la réponse parte : ce qui n'a pu être noté n'a pas été montré. Un changement est noté dans
sa transaction. Ce qui a changé, valeur par valeur, est dans l'historique des modèles.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from trpm.conservation.regles import regles
from trpm.journal.models import ActeNote
from trpm.journal.objets import ObjetVise, est_un_fichier, lecture_notee, vise
from trpm.permissions import Role

Nature = ActeNote.Nature
CONNEXION, DECONNEXION, REFUSEE = "connexion", "deconnexion", "connexion-refusee"
# Ce qui ne change rien à personne : l'ordre de ses phrases, ce que l'on a lu.
SANS_SUITE = frozenset({"livret:phrases", "livret:phrase", "livret:archive-relire"})


def noter(request: HttpRequest, reponse: HttpResponseBase) -> HttpResponseBase:
    """Cette réponse, notée s'il le faut ; une fois, même d'une vue qui en appelle une autre."""
    lieu = request.resolver_match
    if lieu is None or reponse.status_code >= 400 or hasattr(request, "deja_note"):
        return reponse
    cible = vise(lieu.route, lieu.kwargs)
    if nature := _nature(request, reponse, lieu.route, lieu.view_name, cible.objet):
        request.deja_note = True  # type: ignore[attr-defined]
        roles = request.user.roles  # type: ignore[union-attr]
        if nature == Nature.CHANGE or roles - {Role.ELEVE}:
            champs = _champs(cible.objet, cible.cle)
            if cible.etablissement or not champs.get("etablissement_id"):
                champs["etablissement_id"] = cible.etablissement or _seul_lieu(request.user)
            groupe = nature != Nature.CHANGE or _par_script(request)
            ecrire(nature, lieu.view_name, request.user.pk, roles, par_heure=groupe, **champs)
    return reponse


def ecrire(
    nature: str, adresse: str, auteur: Any, roles: Iterable[Role] = (), *, par_heure: bool, **champs: Any
) -> None:
    maintenant = timezone.now()
    duree = regles().durees["journal"]
    acte = ActeNote(
        nature=nature,
        adresse=adresse,
        le=maintenant,
        tranche=_tranche(maintenant, par_heure=par_heure),
        auteur_id=auteur,
        qualite=", ".join(sorted(roles)),
        garde_jusqu_au=duree.terme(timezone.localtime(maintenant).date()),
        **champs,
    )
    ActeNote.objects.bulk_create([acte], ignore_conflicts=True)


def _nature(
    request: HttpRequest, reponse: HttpResponseBase, route: str, adresse: str, objet: ObjetVise | None
) -> str:
    emporte = reponse.headers.get("Content-Disposition", "").startswith("attachment")
    if request.method == "POST":
        if emporte and reponse.status_code == 200:
            return Nature.EMPORTE
        faite = reponse.status_code in (302, 303) or hasattr(reponse, "suite") or _par_script(request)
        return Nature.CHANGE if faite and adresse not in SANS_SUITE else ""
    if request.method != "GET" or reponse.status_code != 200 or not lecture_notee(route, adresse, objet):
        return ""
    return Nature.EMPORTE if emporte or est_un_fichier(route, adresse) else Nature.VU


def _par_script(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers or request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"


def _tranche(maintenant: datetime.datetime, *, par_heure: bool) -> int:
    """L'heure, ou l'instant à la microseconde : deux changements ne se confondent pas."""
    secondes = maintenant.timestamp()
    return int(secondes // 3600) if par_heure else int(secondes * 1_000_000)


def _seul_lieu(user: Any) -> int | None:
    lieux = frozenset().union(*user.etablissements_par_role.values())
    return next(iter(lieux)) if len(lieux) == 1 else None


def _champs(objet: ObjetVise | None, cle: int) -> dict[str, Any]:
    if objet is None:
        return {}
    chemins = {"eleve": objet.eleve, "classe": objet.classe, "etablissement": objet.etablissement}
    lus = {
        f"{nom}_id": cle if chemin == "pk" else RawSQL(_sql(objet.modele, chemin), (cle,))  # noqa: S611 (aucune saisie)
        for nom, chemin in chemins.items()
        if chemin
    }
    return {"objet": objet.modele, "cle": cle, **lus}


@cache
def _sql(modele: str, chemin: str) -> str:
    """La sous-requête qui mène d'une ligne, par sa clé, au bout du chemin."""
    lignes = apps.get_model(modele)._base_manager.filter(pk=0).order_by().values(chemin)
    return lignes.query.sql_with_params()[0]
