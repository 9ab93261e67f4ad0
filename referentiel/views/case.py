"""Les référentiels en lecture, au format CASE 1.1 : publics, sans session, comme la norme les veut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from referentiel.echange.case import CadreCase, Piece, est_uuid, statut
from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.models import Referentiel
from trpm.acces import public

LIMITE, LIMITE_MAX = 100, 500
Trouve = dict[str, Any] | None


@public
@require_safe
def documents(request: HttpRequest) -> HttpResponse:
    """Les référentiels, sans leur contenu ; `limit` et `offset` les parcourent."""
    debut, combien = _entier(request, "offset", 0), min(_entier(request, "limit", LIMITE), LIMITE_MAX)
    page = Referentiel.objects.order_by("code", "version", "pk")
    reponse = _reponse(
        {"CFDocuments": [_leger(request, un).document_seul() for un in page[debut : debut + combien]]}
    )
    reponse["X-Total-Count"] = str(page.count())
    return reponse


@public
@require_safe
def document(request: HttpRequest, identifiant: str) -> HttpResponse:
    return _un(request, identifiant, lambda cadre: cadre.document_seul(), par_document=True)


@public
@require_safe
def paquet(request: HttpRequest, identifiant: str) -> HttpResponse:
    return _un(request, identifiant, lambda cadre: cadre.paquet(), par_document=True)


@public
@require_safe
def element(request: HttpRequest, identifiant: str) -> HttpResponse:
    return _un(request, identifiant, lambda cadre: _element(cadre, identifiant))


@public
@require_safe
def association(request: HttpRequest, identifiant: str) -> HttpResponse:
    return _un(request, identifiant, lambda cadre: _association(cadre, identifiant))


@public
@require_safe
def associations(request: HttpRequest, identifiant: str) -> HttpResponse:
    return _un(request, identifiant, lambda cadre: _associations(cadre, identifiant))


@public
@require_safe
def type_d_element(request: HttpRequest, identifiant: str) -> HttpResponse:
    return _un(request, identifiant, lambda cadre: _type(cadre, identifiant))


def _un(
    request: HttpRequest,
    identifiant: str,
    chercher: Callable[[CadreCase], Trouve],
    par_document: bool = False,
) -> HttpResponse:
    if not est_uuid(identifiant):
        return _reponse(statut("invalid_uuid", f"{identifiant[:80]} n’est pas un UUID."), 404)
    for cadre in _cadres(request, identifiant.lower() if par_document else ""):
        if trouve := chercher(cadre):
            return _reponse(trouve)
    return _reponse(statut("unknownobject", f"Rien ici ne porte l’identifiant {identifiant}."), 404)


def _cadres(request: HttpRequest, document_voulu: str) -> Iterator[CadreCase]:
    for referentiel in Referentiel.objects.order_by("code", "version", "pk"):
        if document_voulu in ("", _leger(request, referentiel).identifiant):
            yield _cadre(referentiel.pk, _date(referentiel), referentiel.empreinte, _racine(request))


def _leger(request: HttpRequest, referentiel: Referentiel) -> CadreCase:
    """Le cadre sans ses compétences : ce qu'une liste montre."""
    entete = {
        nom: getattr(referentiel, nom) for nom in ("code", "version", "intitule", "identite", "sources")
    }
    return CadreCase(entete | {"competences": []}, _date(referentiel), _racine(request))


@lru_cache(maxsize=16)
def _cadre(pk: int, change_le: str, empreinte: str, racine: str) -> CadreCase:
    """Gardé tant que le référentiel ne change pas."""
    return CadreCase(ContenuReferentiel(Referentiel.objects.get(pk=pk)).document(), change_le, racine)


def _piece(cadre: CadreCase, identifiant: str) -> Piece | None:
    return next((une for une in cadre.pieces.values() if cadre.id_de(une.cle) == identifiant.lower()), None)


def _element(cadre: CadreCase, identifiant: str) -> Trouve:
    piece = _piece(cadre, identifiant)
    return cadre.element_seul(piece) if piece else None


def _associations(cadre: CadreCase, identifiant: str) -> Trouve:
    piece = _piece(cadre, identifiant)
    if piece is None:
        return None
    siennes = [
        une
        for _, une in cadre.associations()
        if identifiant.lower()
        in (une["originNodeURI"]["identifier"], une["destinationNodeURI"]["identifier"])
    ]
    return {"CFItem": cadre.element_seul(piece), "CFAssociations": siennes}


def _association(cadre: CadreCase, identifiant: str) -> Trouve:
    lien = cadre.document_seul()["CFPackageURI"] | {"uri": cadre.document_seul()["uri"]}
    for _, une in cadre.associations():
        if une["identifier"] == identifiant.lower():
            return une | {"CFDocumentURI": lien}
    return None


def _type(cadre: CadreCase, identifiant: str) -> Trouve:
    genres = dict.fromkeys(piece.type for piece in cadre.pieces.values())
    siens = [une for une in map(cadre.type_de, genres) if une["identifier"] == identifiant.lower()]
    return {"CFItemTypes": siens} if siens else None


def _date(referentiel: Referentiel) -> str:
    return referentiel.importe_le.strftime("%Y-%m-%dT%H:%M:%SZ")


def _racine(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _entier(request: HttpRequest, nom: str, defaut: int) -> int:
    texte = request.GET.get(nom, "")
    return min(int(texte), 10_000) if texte.isascii() and texte.isdecimal() and len(texte) < 9 else defaut


def _reponse(contenu: dict[str, Any], statut_http: int = 200) -> HttpResponse:
    reponse = JsonResponse(contenu, status=statut_http, json_dumps_params={"ensure_ascii": False})
    reponse["Access-Control-Allow-Origin"] = "*"
    return reponse
