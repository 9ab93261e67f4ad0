"""Ce que les enseignants joignent à une fiche : des images, une note, des remarques."""

from __future__ import annotations

import datetime
from hashlib import sha256
from typing import Any

from django.core.files.base import ContentFile

from certification.demo.dessins import DESSINS, png
from certification.demo.ecole import Ecole
from certification.demo.inscription import heure, inscrire
from livret.models import (
    Observation,
    Phrase,
    Remarque,
    Trace,
)
from trpm.impression.images import image_propre


def creer_traces(ecole: Ecole) -> None:
    ecrites = ecole.donnees.traces
    auteur = ecole.comptes[ecrites.phrases.auteur]
    Phrase.objects.bulk_create(
        Phrase(auteur=auteur, texte=texte, rang=i) for i, texte in enumerate(ecrites.phrases.textes)
    )
    for trace in ecrites.traces:
        sur = _preuve(ecole, trace.eleve)
        fichier: dict[str, Any] = {}
        if trace.image:
            fichier = photo(trace.image, trace.fichier) | {"detaillee": sur.detaillee, "au_dossier": True}
        _tracer(sur, texte=trace.texte, **fichier)
    for remarque in ecrites.remarques:
        _remarquer(_preuve(ecole, remarque.eleve), remarque.texte)


def photo(dessin: str, nom: str) -> dict[str, Any]:
    """Les champs d'une trace qui portent ce dessin, sous ce nom de fichier."""
    propre = image_propre(png(DESSINS[dessin]()), nom)
    return {
        "fichier": ContentFile(propre.contenu, "photo"),
        "miniature": ContentFile(propre.miniature, "miniature"),
        "nom": nom,
        "type_mime": propre.type_mime,
        "taille": len(propre.contenu),
        "empreinte": sha256(propre.contenu).hexdigest(),
        "largeur": propre.largeur,
        "hauteur": propre.hauteur,
    }


def _preuve(ecole: Ecole, eleve: str) -> Observation:
    """Le premier niveau constaté pour cet élève dans la situation des traces."""
    situation = ecole.situations[ecole.donnees.traces.situation]
    vues = Observation.objects.filter(eleve=ecole.eleve(eleve), niveau__isnull=False, situation=situation)
    return vues.select_related("situation__auteur", "detaillee").order_by("pk")[0]


def _tracer(sur: Observation, **champs: object) -> None:
    auteur, le = sur.situation.auteur, _le(sur)
    commun = {"eleve": sur.eleve, "situation": sur.situation, "auteur": auteur}
    trace = Trace(**commun, origine=Trace.Origine.ENSEIGNANT, **champs)
    inscrire(Trace, [trace], le, auteur)
    Trace.objects.filter(pk=trace.pk).update(creee_le=le)


def _remarquer(sur: Observation, texte: str) -> None:
    commun = {"eleve": sur.eleve, "situation": sur.situation, "auteur": sur.situation.auteur}
    remarque = Remarque(**commun, detaillee=sur.detaillee, texte=texte)
    inscrire(Remarque, [remarque], _le(sur), sur.situation.auteur)


def _le(sur: Observation) -> datetime.datetime:
    return heure(sur.situation.fin, 16)
