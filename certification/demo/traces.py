"""Ce que les enseignants joignent à une fiche : deux images dessinées ici même, une note, des remarques."""

from __future__ import annotations

import datetime
from hashlib import sha256
from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from certification.demo import personnes
from certification.demo.ecole import Ecole
from certification.demo.inscription import heure, inscrire
from livret.models import (
    Eleve,
    Observation,
    Phrase,
    Remarque,
    Trace,
)
from trpm.images import image_propre

PHRASES = (
    "Travail soigné, conforme au dossier.",
    "Reprendre la lecture du plan avant d’usiner.",
    "Autonomie en progrès : continuer à justifier ses choix.",
    "Contrôles faits au bon moment, résultats bien reportés.",
)
PREMIER = "ABADIE"
AXE = ((60, 120), (190, 190), (150, 150), (230, 100))  # longueur et diamètre de chaque portée, en pixels


def creer_traces(ecole: Ecole) -> None:
    prof = ecole.comptes["prof"]
    Phrase.objects.bulk_create(Phrase(auteur=prof, texte=texte, rang=i) for i, texte in enumerate(PHRASES))
    eleves = {candidat.nom: eleve for candidat, eleve in ecole.eleves["RSP"]}
    premier, avec_compte = eleves[PREMIER], eleves[personnes.ELEVE_AVEC_COMPTE]
    _photo(_axe(), "Axe de came d’origine\xa0: portées repérées avant l’étude", _preuve(premier))
    _photo(_axe(cotes=True), "Axe de came\xa0: cotes relevées avant modification", _preuve(avec_compte))
    _tracer(_preuve(avec_compte), texte="A présenté sa modification au groupe et répondu aux questions.")
    for eleve in (premier, avec_compte):
        _remarquer(_preuve(eleve), "Repris seul après un premier relevé incomplet.")


def _preuve(eleve: Eleve) -> Observation:
    """Le premier niveau constaté dans l’étude de l’axe de came."""
    vues = Observation.objects.filter(
        eleve=eleve,
        niveau__isnull=False,
        situation__intitule__contains="axe de came AC-14, étude",
    )
    return vues.select_related("situation__auteur", "detaillee").order_by("pk")[0]


def _photo(image: Image.Image, texte: str, sur: Observation) -> None:
    sortie = BytesIO()
    image.save(sortie, "PNG")
    propre = image_propre(sortie.getvalue(), "photo.png")
    _tracer(
        sur,
        detaillee=sur.detaillee,
        texte=texte,
        fichier=ContentFile(propre.contenu, "photo"),
        miniature=ContentFile(propre.miniature, "miniature"),
        nom=propre.nommee("axe-de-came.png"),
        type_mime=propre.type_mime,
        taille=len(propre.contenu),
        empreinte=sha256(propre.contenu).hexdigest(),
        largeur=propre.largeur,
        hauteur=propre.hauteur,
        au_dossier=True,
    )


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


def _axe(taille: tuple[int, int] = (800, 600), *, cotes: bool = False) -> Image.Image:
    """Un axe étagé, éclairé d'en haut, posé sur le marbre ; avec ses cotes s'il le faut."""
    image = Image.new("RGB", taille, "#c9d1d6")
    dessin = ImageDraw.Draw(image)
    dessin.rectangle((0, 430, *taille), fill="#7d868c")
    gauche, milieu = 85, 320
    for longueur, diametre in AXE:
        for y in range(diametre):
            eclat = 235 - abs(y - diametre // 3) * 330 // diametre
            ligne = milieu - diametre // 2 + y
            dessin.line((gauche, ligne, gauche + longueur, ligne), fill=(eclat, eclat, min(255, eclat + 8)))
        if cotes:
            _coter(dessin, gauche + longueur // 2, milieu, diametre)
        gauche += longueur
    return image


def _coter(dessin: ImageDraw.ImageDraw, x: int, milieu: int, diametre: int) -> None:
    haut, bas = milieu - diametre // 2 - 25, milieu + diametre // 2 + 25
    dessin.line((x, haut, x, bas), fill="#b3261e", width=2)
    for y in (milieu - diametre // 2, milieu + diametre // 2):
        dessin.line((x - 8, y, x + 8, y), fill="#b3261e", width=3)
    dessin.text(
        (x, haut - 28), f"Ø {diametre / 5:.2f}".replace(".", ","), fill="#b3261e", font_size=22, anchor="ma"
    )
