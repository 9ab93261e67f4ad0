"""Accueillir un élève venu d'une autre installation : vérifier, garder, montrer, puis reprendre."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.files.base import ContentFile
from django.db import DataError, IntegrityError, InternalError, transaction

from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.transfert.apercu import Annonce, ApercuDAccueil, apercu_de
from livret.transfert.depart import DONNEES, FORMAT, VERSION
from livret.transfert.models import TransfertRecu
from livret.transfert.reprise import ChoixDAccueil, RepriseDEleve
from trpm.base.archive import alterations, lire, piege
from trpm.base.modification import exiger_l_apercu

OCTETS_MAX = 200 * 1024 * 1024
PAS_UN_TRANSFERT = "Cette archive n’est pas celle d’un élève à transférer."
DEJA = "Cette archive a déjà été reçue."
MAL_FAITE = (
    "Cette archive est bien signée, mais ne se lit pas ({})\xa0: demandez-en une autre à l’établissement "
    "d’origine."
)
# Une base occupée ou coupée n'en est pas : l'archive n'y est pour rien.
MAL_DITE = (
    *(LookupError, TypeError, ValueError, AttributeError),
    *(ObjectDoesNotExist, DataError, IntegrityError, InternalError),
)


def relue(octets: bytes, cle: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Ce que dit une archive intacte, signée par la clé annoncée ; `ValidationError` sinon."""
    if faute := piege(octets, OCTETS_MAX):
        raise ValidationError(faute)
    if constats := alterations(octets, cle):
        raise ValidationError([constat.replace(" : ", "\xa0: ") for constat in constats])
    fichiers = lire(octets)
    try:
        dit = json.loads(fichiers[DONNEES])
    except (KeyError, ValueError):
        raise ValidationError(PAS_UN_TRANSFERT) from None
    if (dit.get("format"), dit.get("version")) != (FORMAT, VERSION):
        raise ValidationError(PAS_UN_TRANSFERT)
    return dit, fichiers


def deposer(
    octets: bytes, cle: str, lieu: Etablissement, par: Utilisateur, le: datetime.datetime
) -> TransfertRecu:
    """L'archive, vérifiée et gardée ; rien d'autre n'est écrit. Déposée deux fois, elle est là une fois."""
    dit, _ = relue(octets, cle)
    with lisible():
        origine = "{nom} ({uai})".format(**dit["origine"])
    abrege = sha256(octets).hexdigest()
    deja = TransfertRecu.objects.filter(etablissement=lieu, empreinte=abrege).first()
    if deja and deja.eleve_id:
        raise ValidationError(DEJA)
    return deja or TransfertRecu.objects.create(
        etablissement=lieu,
        origine=origine,
        empreinte=abrege,
        signataire=cle,
        archive=ContentFile(octets, "archive"),
        par=par,
        le=le,
    )


def accueillir(
    recu: TransfertRecu, choix: ChoixDAccueil, par: Utilisateur, le: datetime.datetime, attendu: str
) -> TransfertRecu:
    """Tout, ou rien ; la même archive ne s'accueille qu'une fois dans un établissement.

    `attendu` : l'empreinte de l'aperçu relu ; `ApercuPerime` si l'accueil n'est plus celui-là.
    """
    with lisible(), transaction.atomic():
        lieu = Etablissement.objects.select_for_update().get(pk=recu.etablissement_id)
        a_jour = TransfertRecu.objects.deposes().filter(pk=recu.pk).first()
        if a_jour is None:
            raise ValidationError(DEJA)
        exiger_l_apercu(attendu, apercu_d_accueil(a_jour, choix, par, le).empreinte)
        dit, fichiers = _ouverte(a_jour)
        arrive = RepriseDEleve(dit, fichiers, lieu, choix, par, le).accueillir()
        documents = sum(nom.endswith(".pdf") for nom in fichiers)
        a_jour.compte_rendu = [*arrive.rendu, f"{documents} PDF, à lire dans l’archive gardée"]
        a_jour.lignes = {nom: dit.get(nom, []) for nom in ("bilans", "pfmp")}
        a_jour.eleve, a_jour.par, a_jour.le = arrive.eleve, par, le
        a_jour.save()
        return a_jour


def apercu_d_accueil(
    recu: TransfertRecu, choix: ChoixDAccueil, par: Utilisateur, le: datetime.datetime
) -> ApercuDAccueil:
    """L'accueil tel qu'il se ferait, lu puis défait : aucune ligne ni aucun fichier n'en reste."""
    dit, fichiers = _ouverte(recu)
    with lisible(), transaction.atomic():
        arrive = RepriseDEleve(dit, fichiers, recu.etablissement, choix, par, le, a_blanc=True).accueillir()
        lu = apercu_de(arrive, dit)
        transaction.set_rollback(True)
    return lu


def annonce(recu: TransfertRecu) -> Annonce:
    with lisible():
        return Annonce.de(_ouverte(recu)[0])


def _ouverte(recu: TransfertRecu) -> tuple[dict[str, Any], dict[str, bytes]]:
    with recu.archive.open() as fichier:
        return relue(fichier.read(), recu.signataire)


@contextmanager
def lisible() -> Iterator[None]:
    """Une archive signée, mais mal faite : une phrase, et rien d'écrit."""
    try:
        yield
    except MAL_DITE as faute:
        raise ValidationError(MAL_FAITE.format(faute)) from faute
